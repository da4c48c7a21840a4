package nuget

import (
	"strings"

	"ingot.dev/modules/ascii"
	"ingot.dev/modules/fault"
)

// maxID bounds the id of a package, as clients do.
const maxID = 100

// CanonicalName gives the form under which a package's id is unique: that in
// lower case. fault.Invalid for what is no id: words of letters, digits and
// underscores between single dots and hyphens. Clients would take letters of
// any script; addresses of those have too many spellings.
func CanonicalName(id string) (string, error) {
	word := false // whether the last character was of a word
	for _, r := range id {
		switch {
		case ascii.IsAlphanumeric(r) || r == '_':
			word = true
		case (r == '.' || r == '-') && word:
			word = false
		default:
			return "", wrongID(id)
		}
	}
	if !word || len(id) > maxID {
		return "", wrongID(id)
	}
	return strings.ToLower(id), nil
}

func wrongID(id string) error {
	return fault.New(fault.Invalid, "%.120q is no package id: it has letters, digits and underscores, with single dots or hyphens between, and at most %d characters", id, maxID)
}

// CanonicalVersion gives the form under which a version is unique.
func CanonicalVersion(version string) (string, error) {
	v, err := ParseVersion(version)
	if err != nil {
		return "", err
	}
	return v.Canonical(), nil
}

// fileName is that of a version's package; its form in lower case is that of
// addresses.
func fileName(id string, v Version, extension string) string {
	return id + "." + v.String() + extension
}
