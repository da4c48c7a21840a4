package nuget

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"ingot.dev/modules/ascii"
	"ingot.dev/modules/fault"
)

// maxVersion bounds a version, in bytes.
const maxVersion = 64

// Version is a version as NuGet reads it ("Package versioning"): one to four
// numbers, then the labels of SemVer 2.0.0, whatever their letter case.
type Version struct {
	numbers  [4]int32
	labels   []string // of a pre-release, without needless zeros
	metadata string   // of the build; no part of the identity
}

// ParseVersion reads a version; fault.Invalid for what is none.
func ParseVersion(text string) (Version, error) {
	var v Version
	wrong := func(why string) (Version, error) {
		return Version{}, fault.New(fault.Invalid, "%.80q is no version: %s; write one like 1.2.3 or 1.2.3-beta.1", text, why)
	}
	rest := strings.TrimSpace(text)
	if len(rest) > maxVersion {
		return wrong("it has more than 64 characters")
	}
	rest, metadata, built := strings.Cut(rest, "+")
	if built && !labelled(strings.Split(metadata, ".")) {
		return wrong("what follows the plus has to be letters, digits and hyphens between dots")
	}
	v.metadata = metadata
	rest, labels, pre := strings.Cut(rest, "-")
	if pre {
		v.labels = strings.Split(labels, ".")
		if !labelled(v.labels) {
			return wrong("what follows the hyphen has to be letters, digits and hyphens between dots")
		}
		for i, l := range v.labels {
			if n, ok := number(l); ok {
				v.labels[i] = strconv.Itoa(int(n))
			}
		}
	}
	parts := strings.Split(rest, ".")
	if len(parts) > len(v.numbers) {
		return wrong("it has more than four numbers")
	}
	for i, p := range parts {
		n, ok := number(p)
		if !ok {
			return wrong("it begins with one to four numbers between dots, each below 2147483648")
		}
		v.numbers[i] = n
	}
	return v, nil
}

func labelled(labels []string) bool {
	return !slices.ContainsFunc(labels, func(l string) bool {
		return l == "" || strings.ContainsFunc(l, func(r rune) bool { return r != '-' && !ascii.IsAlphanumeric(r) })
	})
}

// number reads digits that NuGet takes for a number.
func number(s string) (int32, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 32)
	return int32(n), err == nil
}

// String gives the normal form: three numbers, a fourth where it is not zero,
// and no build metadata.
func (v Version) String() string {
	var b strings.Builder
	for i, n := range v.numbers {
		if i == 3 && n == 0 {
			break
		}
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(strconv.Itoa(int(n)))
	}
	if v.Prerelease() {
		b.WriteByte('-')
		b.WriteString(strings.Join(v.labels, "."))
	}
	return b.String()
}

// Full gives the normal form with the build metadata.
func (v Version) Full() string {
	if v.metadata == "" {
		return v.String()
	}
	return v.String() + "+" + v.metadata
}

// Canonical gives the form under which a version is unique.
func (v Version) Canonical() string { return strings.ToLower(v.String()) }

// Prerelease tells whether it comes before its release.
func (v Version) Prerelease() bool { return len(v.labels) > 0 }

// SemVer2 tells whether clients before NuGet 4.3 cannot read it.
func (v Version) SemVer2() bool { return len(v.labels) > 1 || v.metadata != "" }

// Compare orders as cmp.Compare does: by numbers, then as SemVer 2.0.0 says
// (section 11), letter case aside.
func (v Version) Compare(w Version) int {
	if c := slices.Compare(v.numbers[:], w.numbers[:]); c != 0 {
		return c
	}
	switch {
	case !v.Prerelease() && !w.Prerelease():
		return 0
	case !v.Prerelease():
		return 1
	case !w.Prerelease():
		return -1
	}
	return slices.CompareFunc(v.labels, w.labels, compareLabels)
}

func compareLabels(a, b string) int {
	m, numeric := number(a)
	n, other := number(b)
	switch {
	case numeric && other:
		return cmp.Compare(m, n)
	case numeric:
		return -1
	case other:
		return 1
	}
	return cmp.Compare(strings.ToLower(a), strings.ToLower(b))
}

// compareCanonical orders two canonical versions.
func compareCanonical(a, b string) int {
	v, _ := ParseVersion(a) // both were parsed before
	w, _ := ParseVersion(b)
	return v.Compare(w)
}
