package cran

import (
	"cmp"
	"math"
	"strconv"
	"strings"

	"ingot.dev/modules/ascii"
	"ingot.dev/modules/fault"
)

const maxVersion = 64 // bytes

// CanonicalVersion gives the form under which a version is unique. R compares
// versions number by number, whatever stands between the numbers: 1.0-1, 1.0.1
// and 1.00.1 are one to it. Zeros at the end count for nothing where R chooses
// the newest (package_version), so 1.0 and 1.0.0 cannot both be there.
// fault.Invalid for what is no version.
func CanonicalVersion(version string) (string, error) {
	if !isVersion(version) {
		return "", fault.New(fault.Invalid, "the version %.70q is not allowed: two or more whole numbers with . or - between them, each up to %d, at most %d characters", version, math.MaxInt32, maxVersion).At("version")
	}
	parts := numbers(version)
	for len(parts) > 2 && parts[len(parts)-1] == "0" {
		parts = parts[:len(parts)-1]
	}
	return strings.Join(parts, "."), nil
}

// isVersion tells whether R takes s for the version of a package. Its numbers
// have to be integers of R: with a larger one in it, R fails to read the index
// of all packages.
func isVersion(s string) bool {
	if len(s) > maxVersion {
		return false
	}
	parts := strings.FieldsFunc(s, separator)
	for _, p := range parts {
		if n, err := strconv.ParseInt(p, 10, 32); err != nil || n < 0 || !ascii.IsDigit(p[0]) {
			return false
		}
	}
	return len(parts) > 1 && len(parts) == 1+strings.Count(s, ".")+strings.Count(s, "-")
}

func separator(r rune) bool { return r == '.' || r == '-' }

// numbers gives the numbers of a version without leading zeros.
func numbers(version string) []string {
	parts := strings.FieldsFunc(version, separator)
	for i, p := range parts {
		if parts[i] = strings.TrimLeft(p, "0"); parts[i] == "" {
			parts[i] = "0"
		}
	}
	return parts
}

// compare orders two versions as R does.
func compare(a, b string) int {
	x, y := numbers(a), numbers(b)
	for i := range min(len(x), len(y)) {
		if c := cmp.Or(cmp.Compare(len(x[i]), len(y[i])), cmp.Compare(x[i], y[i])); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(x), len(y))
}
