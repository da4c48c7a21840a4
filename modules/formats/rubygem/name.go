package rubygem

import (
	"regexp"
	"strings"

	"ingot.dev/modules/ascii"
	"ingot.dev/modules/fault"
)

const (
	maxName     = 100 // characters, as at RubyGems.org nearly all have less
	maxVersion  = 100
	maxPlatform = 64
	maxFullName = maxName + 1 + maxVersion + 1 + maxPlatform
)

// device are the names that are no files on Windows, whatever extension they
// have.
var device = regexp.MustCompile(`(?i)^(nul|con|aux|prn|com[0-9]|lpt[0-9])(\.|$)`)

// CanonicalName gives the form under which a name is unique: letter case does
// not tell two gems apart, for it does not on every disk they are installed to.
func CanonicalName(name string) (string, error) {
	letter := false
	for i := range len(name) {
		c := name[i]
		letter = letter || ascii.IsLetter(c)
		if !ascii.IsAlphanumeric(c) && (i == 0 || !strings.ContainsRune("._-", rune(c))) {
			return "", badName(name)
		}
	}
	if !letter || len(name) > maxName {
		return "", badName(name)
	}
	if device.MatchString(name) {
		return "", fault.New(fault.Invalid, "%.120q is a device on Windows, where no gem can be installed under this name: choose another", name)
	}
	return strings.ToLower(name), nil
}

// Incident 19 (CVE-2019-8324): a name had several lines, and they were run.
func badName(name string) error {
	return fault.New(fault.Invalid, "%.120q is no name of a gem: it has letters, digits, dots, dashes and underscores, begins with a letter or digit, has at least one letter and at most %d characters", name, maxName)
}

// extension is that of the file of a gem.
const extension = ".gem"

// fullName is what the file of a version is called before its extension.
func fullName(name, version string) string { return name + "-" + version }

// place is one way to read a full name.
type place struct{ name, version string }

// places gives every gem that a full name may stand for. There can be several:
// a-1-java-2 is version 2 of a-1-java, and version 1 of a for java-2.
func places(full string) []place {
	if len(full) > maxFullName {
		return nil
	}
	var list []place
	for i := range len(full) {
		if full[i] != '-' {
			continue
		}
		p := place{full[:i], full[i+1:]}
		_, badName := CanonicalName(p.name)
		_, badVersion := CanonicalVersion(p.version)
		if badName == nil && badVersion == nil {
			list = append(list, p)
		}
	}
	return list
}
