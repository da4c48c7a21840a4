package conda

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"ingot.dev/modules/ascii"
	"ingot.dev/modules/fault"
)

// versionForm is the grammar of versions (CEP 33): an epoch, components parted
// by dots or underscores, a local version. One underscore may end the main part,
// as openssl's versions need it.
var versionForm = regexp.MustCompile(`^(?:[0-9]+!)?[A-Za-z0-9]+(?:[._][A-Za-z0-9]+)*_?(?:\+[A-Za-z0-9]+(?:[._][A-Za-z0-9]+)*)?$`)

const (
	maxVersion = 64
	// maxDigits is how many digits follow each other at most: clients read them
	// into 64 bits.
	maxDigits = 18
)

var longNumber = regexp.MustCompile(`[0-9]{` + strconv.Itoa(maxDigits+1) + `}`)

// CanonicalVersion implements format.Naming. Letter case does not tell versions
// apart. Versions that conda holds equal though their text differs, as 1.0 and
// 1.0.0, are different ones here: each has builds of its own.
func (*Conda) CanonicalVersion(version string) (string, error) {
	switch {
	case len(version) > maxVersion:
		return "", fault.New(fault.Invalid, "the version has %d characters; at most %d are allowed", len(version), maxVersion)
	case !versionForm.MatchString(version):
		return "", fault.New(fault.Invalid, "the version %q is not allowed: numbers and letters parted by . or _, with N! in front or +local behind if needed", version)
	case longNumber.MatchString(version):
		return "", fault.New(fault.Invalid, "the version %q has a number of more than %d digits, which clients cannot read", version, maxDigits)
	}
	return strings.ToLower(version), nil
}

// Compare implements format.Ordering as CEP 33 has it. Versions that are equal to
// conda though their text differs are ordered by text, so that 0 means the same
// version.
func (*Conda) Compare(a, b string) int {
	return cmp.Or(parseVersion(a).compare(parseVersion(b)), strings.Compare(a, b))
}

// ordinal is a version in the form that is compared: components of runs of digits
// and of letters. The epoch is the first component of main.
type ordinal struct{ main, local [][]run }

// run is a run of digits or of letters.
type run struct {
	rank rank
	n    uint64
	text string
}

// rank orders runs of different kinds.
type rank uint8

const (
	dev rank = iota // before everything else
	word
	number
	post // behind everything else
)

// parseVersion reads a canonical version.
func parseVersion(v string) ordinal {
	main, local, _ := strings.Cut(v, "+")
	epoch, rest, ok := strings.Cut(main, "!")
	if !ok {
		epoch, rest = "0", main
	}
	o := ordinal{main: append([][]run{{numeral(epoch)}}, components(rest)...)}
	if local != "" {
		o.local = components(local)
	}
	return o
}

// components splits at dots and underscores, but for an underscore at the end,
// which belongs to the last component.
func components(s string) [][]run {
	body, tail := strings.CutSuffix(s, "_")
	parts := strings.FieldsFunc(body, func(r rune) bool { return r == '.' || r == '_' })
	if tail && len(parts) > 0 {
		parts[len(parts)-1] += "_"
	}
	out := make([][]run, len(parts))
	for i, part := range parts {
		out[i] = runs(part)
	}
	return out
}

// runs splits a component. One that begins with a letter has a zero before it, so
// that numbers meet numbers: 1.1.a1 is 1.1.0a1.
func runs(s string) []run {
	var out []run
	if s == "" || !ascii.IsDigit(s[0]) {
		out = append(out, run{rank: number})
	}
	for s != "" {
		end := 1
		for end < len(s) && ascii.IsDigit(s[end]) == ascii.IsDigit(s[0]) {
			end++
		}
		switch part := s[:end]; {
		case ascii.IsDigit(part[0]):
			out = append(out, numeral(part))
		case part == "dev":
			out = append(out, run{rank: dev})
		case part == "post":
			out = append(out, run{rank: post})
		default:
			out = append(out, run{rank: word, text: part})
		}
		s = s[end:]
	}
	return out
}

func numeral(s string) run {
	n, _ := strconv.ParseUint(s, 10, 64) // beyond 64 bits it is the largest
	return run{rank: number, n: n}
}

func (o ordinal) compare(other ordinal) int {
	return cmp.Or(compareComponents(o.main, other.main), compareComponents(o.local, other.local))
}

// compareComponents takes what is missing for zero.
func compareComponents(a, b [][]run) int {
	for i := range max(len(a), len(b)) {
		x, y := at(a, i), at(b, i)
		for j := range max(len(x), len(y)) {
			if c := runAt(x, j).compare(runAt(y, j)); c != 0 {
				return c
			}
		}
	}
	return 0
}

func at(components [][]run, i int) []run {
	if i < len(components) {
		return components[i]
	}
	return nil
}

func runAt(runs []run, i int) run {
	if i < len(runs) {
		return runs[i]
	}
	return run{rank: number}
}

func (r run) compare(other run) int {
	return cmp.Or(cmp.Compare(r.rank, other.rank), cmp.Compare(r.n, other.n), strings.Compare(r.text, other.text))
}

// startsWith tells whether a version begins with another one: 1.4.1p1 with 1.4 and
// with 1.4.1p, but not with 1.4.2.
func (o ordinal) startsWith(prefix ordinal) bool {
	have, want := o.main, prefix.main
	if prefix.local != nil {
		if compareComponents(have, want) != 0 {
			return false
		}
		have, want = o.local, prefix.local
	}
	last := len(want) - 1
	if compareComponents(have[:min(last, len(have))], want[:last]) != 0 {
		return false
	}
	x, y := at(have, last), want[last]
	end := len(y) - 1
	if compareComponents([][]run{x[:min(end, len(x))]}, [][]run{y[:end]}) != 0 {
		return false
	}
	if y[end].rank == word {
		got := runAt(x, end)
		return got.rank == word && strings.HasPrefix(got.text, y[end].text)
	}
	return runAt(x, end) == y[end]
}

// prerelease tells of versions before a release: those with one of the usual
// words, or an a or b with a number behind it. A letter at the end, as in 2024a or
// 1.1.1w, counts releases.
func prerelease(version string) bool {
	o := parseVersion(version)
	return slices.ContainsFunc(o.main, func(c []run) bool {
		for i, r := range c {
			switch {
			case r.rank == dev, r.rank == word && slices.Contains([]string{"alpha", "beta", "rc", "pre", "preview"}, r.text):
				return true
			case r.rank == word && (r.text == "a" || r.text == "b") && i+1 < len(c):
				return true
			}
		}
		return false
	})
}
