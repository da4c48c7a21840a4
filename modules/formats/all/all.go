// Package all is the one list of formats.
package all

import (
	"ingot.dev/modules/format"
	"ingot.dev/modules/formats/cargo"
	"ingot.dev/modules/formats/composer"
	"ingot.dev/modules/formats/conda"
	"ingot.dev/modules/formats/container"
	"ingot.dev/modules/formats/cran"
	"ingot.dev/modules/formats/generic"
	"ingot.dev/modules/formats/helm"
	"ingot.dev/modules/formats/maven"
	"ingot.dev/modules/formats/npm"
	"ingot.dev/modules/formats/nuget"
	"ingot.dev/modules/formats/opm"
	"ingot.dev/modules/formats/pypi"
	"ingot.dev/modules/formats/rubygem"
)

// All gives every format, in the order in which pages list them.
func All() []format.Format {
	return []format.Format{
		composer.New(),
		npm.New(),
		pypi.New(),
		maven.New(),
		nuget.New(),
		cargo.New(),
		rubygem.New(),
		conda.New(),
		cran.New(),
		helm.New(),
		opm.New(),
		container.New(),
		generic.New(),
	}
}
