// Package alltest is the one list of the samples of formats, for the suites
// that every format must pass.
package alltest

import (
	"ingot.dev/modules/format/formattest"
	"ingot.dev/modules/formats/cargo/cargotest"
	"ingot.dev/modules/formats/composer/composertest"
	"ingot.dev/modules/formats/conda/condatest"
	"ingot.dev/modules/formats/container/containertest"
	"ingot.dev/modules/formats/cran/crantest"
	"ingot.dev/modules/formats/generic/generictest"
	"ingot.dev/modules/formats/helm/helmtest"
	"ingot.dev/modules/formats/maven/maventest"
	"ingot.dev/modules/formats/npm/npmtest"
	"ingot.dev/modules/formats/nuget/nugettest"
	"ingot.dev/modules/formats/opm/opmtest"
	"ingot.dev/modules/formats/pypi/pypitest"
	"ingot.dev/modules/formats/rubygem/rubygemtest"
)

// Samples gives the sample of each format by its id.
func Samples() map[string]formattest.Sample {
	return map[string]formattest.Sample{
		"cargo":     cargotest.Sample(),
		"composer":  composertest.Sample(),
		"conda":     condatest.Sample(),
		"container": containertest.Sample(),
		"cran":      crantest.Sample(),
		"generic":   generictest.Sample(),
		"helm":      helmtest.Sample(),
		"maven":     maventest.Sample(),
		"npm":       npmtest.Sample(),
		"nuget":     nugettest.Sample(),
		"opm":       opmtest.Sample(),
		"pypi":      pypitest.Sample(),
		"rubygem":   rubygemtest.Sample(),
	}
}
