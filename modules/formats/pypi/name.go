package pypi

import (
	"strings"

	"ingot.dev/modules/ascii"
	"ingot.dev/modules/fault"
)

const maxName = 200 // bytes; a file's name holds it, a version and tags

// CanonicalName gives the form of a project's name that is unique: lower case,
// with one dash for every run of dashes, dots and underscores ("Names and
// normalization"). A name has letters, digits and these, and neither begins
// nor ends with one of them. fault.Invalid for what is none.
func CanonicalName(name string) (string, error) {
	if name == "" || len(name) > maxName || !ascii.IsAlphanumeric(name[0]) || !ascii.IsAlphanumeric(name[len(name)-1]) {
		return "", badName(name)
	}
	var b strings.Builder
	b.Grow(len(name))
	for i := range len(name) {
		c := name[i]
		switch {
		case ascii.IsAlphanumeric(c):
			b.WriteByte(lower(c))
		case !separator(c):
			return "", badName(name)
		case !separator(name[i-1]):
			b.WriteByte('-')
		}
	}
	return b.String(), nil
}

func badName(name string) error {
	return fault.New(fault.Invalid, "the project name %.220q is not allowed: up to %d letters, digits and . _ -, with a letter or digit at both ends", name, maxName).At("name")
}

func separator(c byte) bool { return c == '-' || c == '_' || c == '.' }

// lower is of ASCII: the specifications' patterns know no other letters, and
// Unicode has some whose lower case is one of ASCII's.
func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
