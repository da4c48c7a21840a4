package cran

import (
	"strings"

	"ingot.dev/modules/ascii"
	"ingot.dev/modules/fault"
)

const maxName = 100 // bytes; a file's name holds it and a version

// CanonicalName gives the form of a package's name that is unique. R tells
// letters of different case apart, and file systems and CRAN's policy do not.
// A name has letters, digits and dots, begins with a letter, does not end with
// a dot, and has two characters or more ("Writing R Extensions", section "The
// DESCRIPTION file"). fault.Invalid for what is none.
func CanonicalName(name string) (string, error) {
	if !isName(name) {
		return "", fault.New(fault.Invalid, "the package name %.110q is not allowed: 2 to %d ASCII letters, digits and dots, beginning with a letter and not ending with a dot", name, maxName).At("package")
	}
	return strings.ToLower(name), nil
}

func isName(s string) bool {
	if len(s) < 2 || len(s) > maxName || !ascii.IsLetter(s[0]) || s[len(s)-1] == '.' {
		return false
	}
	for i := range len(s) {
		if !ascii.IsAlphanumeric(s[i]) && s[i] != '.' {
			return false
		}
	}
	return true
}

// fileName gives the name under which R looks for a package.
func fileName(name, version string, k kind) string { return name + "_" + version + extensions[k] }

// splitFileName reads a name that fileName gave. Neither names nor versions
// have the character between them.
func splitFileName(file string) (name, version string, k kind, ok bool) {
	for k, extension := range extensions {
		if stem, found := strings.CutSuffix(file, extension); found {
			name, version, ok = strings.Cut(stem, "_")
			return name, version, kind(k), ok && isName(name) && isVersion(version)
		}
	}
	return "", "", 0, false
}
