package rubygem

import (
	"cmp"
	"slices"
	"strings"

	"ingot.dev/modules/ascii"
	"ingot.dev/modules/fault"
)

// A version of this format is the number of a gem and the platform it is built
// for, as they stand in the name of its file: "1.0", "1.0-java". A number has no
// dash, so the first one parts them.

// ruby is the platform of gems for all platforms. It is left out of names.
const ruby = "ruby"

// join makes a version of a number and a platform.
func join(number, platform string) string {
	if platform == ruby {
		return number
	}
	return number + "-" + platform
}

// split gives the number and the platform of a version.
func split(version string) (number, platform string) {
	number, platform, found := strings.Cut(version, "-")
	if !found {
		return number, ruby
	}
	return number, platform
}

// checkNumber refuses what is no number ("Gem::Version"): parts of letters and
// digits between dots, the first of digits.
func checkNumber(number string) error {
	part, rest, more := strings.Cut(number, ".")
	ok := part != "" && strings.Trim(part, "0123456789") == "" && len(number) <= maxVersion
	for ok && more {
		part, rest, more = strings.Cut(rest, ".")
		ok = part != "" && !strings.ContainsFunc(part, func(r rune) bool { return !ascii.IsAlphanumeric(r) })
	}
	if !ok {
		return fault.New(fault.Invalid, "%.120q is no version of a gem: it is like 1.0 or 2.1.0.rc1, parts of letters and digits between dots, of which the first is digits", number)
	}
	return nil
}

// checkPlatform refuses what is no platform.
func checkPlatform(platform string) error {
	for i := range len(platform) {
		if c := platform[i]; !ascii.IsLetter(c) && (i == 0 || !ascii.IsDigit(c) && !strings.ContainsRune("._-", rune(c))) {
			platform = ""
			break
		}
	}
	if platform == "" || len(platform) > maxPlatform {
		return fault.New(fault.Invalid, "the platform of a gem is like java or x86_64-linux: letters, digits, dots, dashes and underscores, a letter first")
	}
	return nil
}

// CanonicalVersion gives the form under which a version is unique. To clients
// 1.0 and 1.0.0 are one number ("Gem::Version", canonical_segments).
func CanonicalVersion(version string) (string, error) {
	number, platform := split(version)
	if err := checkNumber(number); err != nil {
		return "", err
	}
	if err := checkPlatform(platform); err != nil {
		return "", err
	}
	return join(strings.Join(segments(number), "."), platform), nil
}

// prerelease tells whether a number is one: it has a letter.
func prerelease(number string) bool {
	return strings.ContainsFunc(number, func(r rune) bool { return r > '9' })
}

// segments splits a number into runs of digits, without leading zeros, and of
// letters. Zeros at the end and before the first letters are dropped.
func segments(number string) []string {
	var list []string
	for rest := number; rest != ""; {
		if rest[0] == '.' {
			rest = rest[1:]
			continue
		}
		end := 1
		for end < len(rest) && rest[end] != '.' && ascii.IsDigit(rest[end]) == ascii.IsDigit(rest[0]) {
			end++
		}
		s := rest[:end]
		if ascii.IsDigit(s[0]) {
			s = cmp.Or(strings.TrimLeft(s, "0"), "0")
		}
		list, rest = append(list, s), rest[end:]
	}
	first := slices.IndexFunc(list, func(s string) bool { return ascii.IsLetter(s[0]) })
	if first < 0 {
		first = len(list)
	}
	tail := trimZeros(list[first:])
	if list = append(trimZeros(list[:first]), tail...); len(list) == 0 || ascii.IsLetter(list[0][0]) {
		list = slices.Insert(list, 0, "0") // a canonical number is a number as well
	}
	return list
}

func trimZeros(list []string) []string {
	for len(list) > 0 && list[len(list)-1] == "0" {
		list = list[:len(list)-1]
	}
	return list
}

// compare orders two canonical versions ("Gem::Version", <=>). Of one number
// that for all platforms is the greatest.
func compare(a, b string) int {
	numberA, platformA := split(a)
	numberB, platformB := split(b)
	if c := compareNumbers(numberA, numberB); c != 0 {
		return c
	}
	if c := compareTruths(platformA == ruby, platformB == ruby); c != 0 {
		return c
	}
	return strings.Compare(platformA, platformB)
}

func compareTruths(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// compareNumbers orders two numbers: segment by segment, where a missing one is
// zero and letters come before any digits.
func compareNumbers(a, b string) int {
	s, t := segments(a), segments(b)
	for i := range max(len(s), len(t)) {
		if c := compareSegments(at(s, i), at(t, i)); c != 0 {
			return c
		}
	}
	return 0
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return "0"
}

func compareSegments(a, b string) int {
	if c := compareTruths(ascii.IsDigit(a[0]), ascii.IsDigit(b[0])); c != 0 {
		return c
	}
	if ascii.IsDigit(a[0]) && len(a) != len(b) { // they may be of any length
		return cmp.Compare(len(a), len(b))
	}
	return strings.Compare(a, b)
}
