package cargo

import (
	"regexp"
	"strings"

	"github.com/Masterminds/semver/v3"

	"ingot.dev/modules/fault"
)

const (
	maxName    = 64  // characters, as crates.io has it
	maxVersion = 200 // bytes
)

var (
	nameForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

	// deviceForm is what Windows takes for a device and not for a file, so that
	// nobody could unpack the crate there.
	deviceForm = regexp.MustCompile(`^(nul|con|aux|prn|com[0-9]|lpt[0-9])$`)
)

// CanonicalName gives the form under which the name of a crate is unique:
// without letter case, and with _ for -, because both are _ in Rust.
func CanonicalName(name string) (string, error) {
	low := strings.ToLower(name)
	switch {
	case len(name) > maxName || !nameForm.MatchString(name):
		return "", fault.New(fault.Invalid, "%.100q is no name of a crate: letters, digits, - and _ only, a letter first, at most %d", name, maxName)
	case deviceForm.MatchString(low):
		return "", fault.New(fault.Invalid, "no crate can be called %q: on Windows that is a device", name)
	}
	return strings.ReplaceAll(low, "-", "_"), nil
}

// CanonicalVersion gives a version without its build metadata, by which no two
// versions of a crate differ ("Index Format").
func CanonicalVersion(version string) (string, error) {
	v, err := semver.StrictNewVersion(version)
	if err != nil || len(version) > maxVersion {
		return "", fault.New(fault.Invalid, "%.250q is no version: write three numbers, as in 1.2.3 or 1.2.3-beta.1 (semver.org)", version)
	}
	bare, _ := v.SetMetadata("") // the empty one is always right
	return bare.String(), nil
}

// folder gives the folder of a crate's entry in the index ("Index Files").
func folder(name string) string {
	switch n := len(name); n {
	case 0, 1, 2, 3:
		return []string{"", "1", "2", "3/" + name[:min(n, 1)]}[n]
	default:
		return name[:2] + "/" + name[2:4]
	}
}

// fileName is the name of a version's package.
func fileName(name, version string) string { return name + "-" + version + ".crate" }
