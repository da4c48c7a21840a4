package opm

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"ingot.dev/modules/fault"
	order "ingot.dev/modules/version"
)

const (
	suffix = ".ospx"

	maxName    = 100 // characters
	maxVersion = 64  // bytes
)

// CanonicalName gives the form under which a package is unique: composed, and
// without letter case. Names have letters of Latin and Cyrillic, digits and,
// between them, - _ and dots. fault.Invalid for others.
func CanonicalName(name string) (string, error) {
	composed := norm.NFC.String(name)
	count, last := 0, '.'
	for _, r := range composed {
		if count++; !isWord(r) && (r != '-' && r != '.' || count == 1) {
			return "", badName(name)
		}
		last = r
	}
	if !isWord(last) || count > maxName {
		return "", badName(name)
	}
	return strings.ToLower(composed), nil
}

func badName(name string) error {
	return fault.New(fault.Invalid, "the package name %.220q is not allowed: up to %d letters of Latin and Cyrillic, digits, _ and, between them, - and dots", name, maxName).At("name")
}

func isWord(r rune) bool {
	return r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || unicode.Is(unicode.Cyrillic, r) && unicode.IsLetter(r)
}

// versionForm is two to four numbers and, behind a dash, a pre-release as
// Semantic Versioning 2.0.0, section 9, has it, of any letter case.
var versionForm = regexp.MustCompile(`^[0-9]{1,9}(?:\.[0-9]{1,9}){1,3}(?:-` + identifier + `(?:\.` + identifier + `)*)?$`)

const identifier = `(?:0|[1-9][0-9]{0,17}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)`

// CanonicalVersion gives the form under which a version is unique: as it is
// written, without letter case. To the client 1.0 and 1.0.0 are two versions,
// and so they are here. fault.Invalid for what is no version.
func CanonicalVersion(version string) (string, error) {
	if !versionForm.MatchString(version) || len(version) > maxVersion {
		return "", fault.New(fault.Invalid, "%.80q is no version: write two to four numbers, as 1.0.0, or 1.0.0-rc.1", version).At("version")
	}
	return strings.ToLower(version), nil
}

func isPrerelease(version string) bool { return strings.Contains(version, "-") }

// Compare orders two canonical versions as cmp.Compare does: by their numbers,
// then a pre-release before its release, as Semantic Versioning does, and then,
// as the client does, 1.0 before 1.0.0.
func Compare(a, b string) int {
	na, pa, _ := strings.Cut(a, "-")
	nb, pb, _ := strings.Cut(b, "-")
	xs, ys := strings.Split(na, "."), strings.Split(nb, ".")
	for i := range max(len(xs), len(ys)) {
		if c := cmp.Compare(number(xs, i), number(ys, i)); c != 0 {
			return c
		}
	}
	switch {
	case pa == pb:
		return cmp.Or(cmp.Compare(len(xs), len(ys)), strings.Compare(a, b))
	case pa == "":
		return 1
	case pb == "":
		return -1
	}
	return order.Compare("0.0.0-"+pa, "0.0.0-"+pb)
}

// number gives the i-th number; what is not there is nought.
func number(parts []string, i int) uint64 {
	if i >= len(parts) {
		return 0
	}
	n, _ := strconv.ParseUint(parts[i], 10, 64) // it has nine digits at most
	return n
}

// fileName is that of a package, as opm build calls it.
func fileName(name, version string) string { return name + "-" + version + suffix }

// fold gives the form in which names of files are compared.
func fold(text string) string { return strings.ToLower(norm.NFC.String(text)) }
