// Package version orders versions of formats that have no order of their own.
package version

import (
	"cmp"
	"strings"

	"github.com/Masterminds/semver/v3"

	"ingot.dev/modules/ascii"
)

// Compare orders two versions as cmp.Compare does. Two semantic versions order
// as SemVer 2.0.0 section 11 says, build metadata deciding last; other texts
// order by runs of digits and of other characters ("1.9" before "1.10"), and
// before any semantic version. Texts that differ never compare as equal.
func Compare(a, b string) int {
	va, errA := semver.NewVersion(a)
	vb, errB := semver.NewVersion(b)
	switch {
	case errA == nil && errB == nil:
		return cmp.Or(va.Compare(vb), natural(va.Metadata(), vb.Metadata()), natural(a, b), strings.Compare(a, b))
	case errA == nil:
		return 1
	case errB == nil:
		return -1
	}
	return cmp.Or(natural(a, b), strings.Compare(a, b))
}

// Prerelease tells whether v is a semantic version before a release.
func Prerelease(v string) bool {
	s, err := semver.NewVersion(v)
	return err == nil && s.Prerelease() != ""
}

func natural(a, b string) int {
	for a != "" && b != "" {
		ra, rb := run(a), run(b)
		pa, pb := a[:ra], b[:rb]
		if ascii.IsDigit(pa[0]) && ascii.IsDigit(pb[0]) {
			pa, pb = strings.TrimLeft(pa, "0"), strings.TrimLeft(pb, "0")
			if c := cmp.Or(cmp.Compare(len(pa), len(pb)), strings.Compare(pa, pb)); c != 0 {
				return c
			}
		} else if c := strings.Compare(pa, pb); c != 0 {
			return c
		}
		a, b = a[ra:], b[rb:]
	}
	return cmp.Compare(len(a), len(b))
}

// run gives the length of the run of digits or of others that s starts with.
func run(s string) int {
	n := 1
	for n < len(s) && ascii.IsDigit(s[n]) == ascii.IsDigit(s[0]) {
		n++
	}
	return n
}
