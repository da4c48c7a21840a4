// Package all is the one list of formats.
package all

import (
	"ingot.dev/modules/format"
	"ingot.dev/modules/formats/composer"
	"ingot.dev/modules/formats/generic"
)

// All gives every format, in the order in which pages list them.
func All() []format.Format {
	return []format.Format{
		composer.New(),
		generic.New(),
	}
}
