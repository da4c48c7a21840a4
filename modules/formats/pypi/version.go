package pypi

import (
	"cmp"
	"strings"

	"ingot.dev/modules/ascii"
	"ingot.dev/modules/fault"
)

const maxVersion = 128 // bytes

// Version is a version as "Version specifiers" defines it (PEP 440). Numbers
// have any length, so they are kept as digits without leading zeros.
type Version struct {
	epoch    string
	release  []string
	pre      string // a, b or rc; empty without
	preN     string
	post     string // number; empty without
	dev      string // number; empty without
	local    []string
	trailing int // zeros at the end of release that do not count
}

// preWords are the words of pre-releases, each before those it begins with.
var preWords = []struct{ word, means string }{
	{"alpha", "a"},
	{"a", "a"},
	{"beta", "b"},
	{"b", "b"},
	{"preview", "rc"},
	{"pre", "rc"},
	{"c", "rc"},
	{"rc", "rc"},
}

var postWords = []string{"post", "rev", "r"}

// ParseVersion reads a version in any of the spellings that the specification
// allows. fault.Invalid for what is none.
func ParseVersion(text string) (Version, error) {
	bad := func() (Version, error) {
		return Version{}, fault.New(fault.Invalid, "%.140q is no version of PEP 440: write one like 1.0, 1.0rc1, 1.0.post1 or 1.0.dev1", text).At("version")
	}
	if len(text) > maxVersion {
		return bad()
	}
	s := scanner(strings.Map(func(r rune) rune {
		if r < 0x80 {
			return rune(lower(byte(r)))
		}
		return r
	}, strings.Trim(text, " \t\n\r\f\v")))
	var v Version
	s.word("v")
	number, ok := s.number()
	if !ok {
		return bad()
	}
	v.epoch = "0"
	if s.word("!") {
		v.epoch = number
		if number, ok = s.number(); !ok {
			return bad()
		}
	}
	v.release = append(v.release, number)
	for len(s) > 1 && s[0] == '.' && ascii.IsDigit(s[1]) {
		s = s[1:]
		number, _ = s.number()
		v.release = append(v.release, number)
	}
	for v.trailing < len(v.release)-1 && v.release[len(v.release)-1-v.trailing] == "0" {
		v.trailing++
	}
	for _, p := range preWords {
		if n, ok := s.labelled(p.word); ok {
			v.pre, v.preN = p.means, n
			break
		}
	}
	if len(s) > 1 && s[0] == '-' && ascii.IsDigit(s[1]) {
		s = s[1:]
		v.post, _ = s.number()
	} else {
		for _, word := range postWords {
			if n, ok := s.labelled(word); ok {
				v.post = n
				break
			}
		}
	}
	if n, ok := s.labelled("dev"); ok {
		v.dev = n
	}
	if s.word("+") && !s.local(&v) || len(s) > 0 {
		return bad()
	}
	return v, nil
}

// scanner is what is left of a text.
type scanner string

// word takes a literal.
func (s *scanner) word(w string) bool {
	rest, ok := strings.CutPrefix(string(*s), w)
	*s = scanner(rest)
	return ok
}

// number takes digits.
func (s *scanner) number() (string, bool) {
	n := 0
	for n < len(*s) && ascii.IsDigit((*s)[n]) {
		n++
	}
	digits := string((*s)[:n])
	*s = (*s)[n:]
	return trimZeros(digits), n > 0
}

func trimZeros(digits string) string {
	if t := strings.TrimLeft(digits, "0"); t != "" {
		return t
	}
	return "0"
}

// labelled takes a word with an optional separator before and behind it and a
// number, which is zero where it is missing.
func (s *scanner) labelled(word string) (string, bool) {
	rest := *s
	rest.separator()
	if !rest.word(word) {
		return "", false
	}
	rest.separator()
	n, _ := rest.number()
	*s = rest
	return n, true
}

func (s *scanner) separator() {
	if len(*s) > 0 && separator((*s)[0]) {
		*s = (*s)[1:]
	}
}

// local takes all the rest as a local version.
func (s *scanner) local(v *Version) bool {
	for part := range strings.FieldsFuncSeq(string(*s), func(r rune) bool { return r < 0x80 && separator(byte(r)) }) {
		digits := true
		for i := range len(part) {
			if !ascii.IsAlphanumeric(part[i]) {
				return false
			}
			digits = digits && ascii.IsDigit(part[i])
		}
		if digits {
			part = trimZeros(part)
		}
		v.local = append(v.local, part)
	}
	// Each separator has a segment on both of its sides.
	n := strings.Count(string(*s), "-") + strings.Count(string(*s), "_") + strings.Count(string(*s), ".")
	*s = ""
	return len(v.local) == n+1
}

// String gives the normal form: 1.0rc1 for v1.0-RC.01.
func (v Version) String() string { return v.text(v.release) }

// Canonical gives the form under which a version is unique: the normal form
// without zeros at the end of the release, 1 for 1.0.0.
func (v Version) Canonical() string { return v.text(v.significant()) }

func (v Version) significant() []string { return v.release[:len(v.release)-v.trailing] }

func (v Version) text(release []string) string {
	var b strings.Builder
	if v.epoch != "0" {
		b.WriteString(v.epoch + "!")
	}
	b.WriteString(strings.Join(release, "."))
	if v.pre != "" {
		b.WriteString(v.pre + v.preN)
	}
	if v.post != "" {
		b.WriteString(".post" + v.post)
	}
	if v.dev != "" {
		b.WriteString(".dev" + v.dev)
	}
	if len(v.local) > 0 {
		b.WriteString("+" + strings.Join(v.local, "."))
	}
	return b.String()
}

// Prerelease tells whether installers pass the version over unless it is asked
// for.
func (v Version) Prerelease() bool { return v.pre != "" || v.dev != "" }

// Compare orders two versions.
func (v Version) Compare(w Version) int {
	return cmp.Or(
		compareNumbers(v.epoch, w.epoch),
		compareLists(v.significant(), w.significant(), compareNumbers),
		v.comparePre(w),
		compareAbsent(v.post, w.post, -1),
		compareAbsent(v.dev, w.dev, 1),
		compareLists(v.local, w.local, compareLocal),
	)
}

// comparePre orders by the pre-release: a bare .dev comes before all of them,
// a release behind.
func (v Version) comparePre(w Version) int {
	rank := func(v Version) int {
		switch {
		case v.pre != "":
			return 0
		case v.post == "" && v.dev != "":
			return -1
		default:
			return 1
		}
	}
	if c := cmp.Compare(rank(v), rank(w)); c != 0 || v.pre == "" {
		return c
	}
	return cmp.Or(cmp.Compare(v.pre, w.pre), compareNumbers(v.preN, w.preN))
}

func compareNumbers(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }

// compareAbsent orders numbers of which one may be missing; absent says whether
// that comes before (-1) or behind (1) all others.
func compareAbsent(a, b string, absent int) int {
	switch {
	case a == b:
		return 0
	case a == "":
		return absent
	case b == "":
		return -absent
	default:
		return compareNumbers(a, b)
	}
}

// compareLocal orders segments: words come before numbers.
func compareLocal(a, b string) int {
	switch x, y := digitsOnly(a), digitsOnly(b); {
	case x && y:
		return compareNumbers(a, b)
	case x:
		return 1
	case y:
		return -1
	default:
		return cmp.Compare(a, b)
	}
}

func digitsOnly(s string) bool { return strings.Trim(s, "0123456789") == "" }

func compareLists(a, b []string, compare func(a, b string) int) int {
	for i := range min(len(a), len(b)) {
		if c := compare(a[i], b[i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

// compareCanonical orders two canonical versions; what is none comes first.
func compareCanonical(a, b string) int {
	v, errV := ParseVersion(a)
	w, errW := ParseVersion(b)
	switch {
	case errV != nil && errW != nil:
		return cmp.Compare(a, b)
	case errV != nil:
		return -1
	case errW != nil:
		return 1
	default:
		return v.Compare(w)
	}
}

// operators of a version specifier, each before those it begins with.
var operators = []string{"===", "==", "~=", "!=", "<=", ">=", "<", ">"}

// maxSpecifiers bounds a Requires-Python, in bytes: indexes repeat it for each
// file.
const maxSpecifiers = 1000

// checkSpecifiers refuses what is no list of version specifiers: pip passes
// over the file of a Requires-Python that it cannot read.
func checkSpecifiers(list string) error {
	if len(list) > maxSpecifiers {
		return fault.New(fault.Invalid, "Requires-Python has %d bytes, more than %d", len(list), maxSpecifiers).At("requires_python")
	}
	for clause := range strings.SplitSeq(list, ",") {
		clause = strings.TrimSpace(clause)
		if clause == "" {
			continue
		}
		operator := ""
		for _, o := range operators {
			if strings.HasPrefix(clause, o) {
				operator = o
				break
			}
		}
		if !fits(operator, strings.TrimSpace(clause[len(operator):])) {
			return fault.New(fault.Invalid, "%.140q in Requires-Python is no version specifier; write one like >=3.9", clause).At("requires_python")
		}
	}
	return nil
}

// fits tells whether a version may stand behind an operator.
func fits(operator, version string) bool {
	switch operator {
	case "":
		return false
	case "===":
		return version != "" && !strings.ContainsAny(version, " \t,;")
	case "==", "!=":
		version, wild := strings.CutSuffix(version, ".*")
		v, err := ParseVersion(version)
		return err == nil && (!wild || v.dev == "" && len(v.local) == 0)
	}
	v, err := ParseVersion(version)
	return err == nil && len(v.local) == 0 && (operator != "~=" || len(v.release) > 1)
}
