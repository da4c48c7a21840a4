package git

import (
	"cmp"
	"slices"
	"strings"

	"ingot.dev/modules/ascii"
)

// Ranks of the parts of a tag's name. What stands where another name ends
// decides: 2.0-beta is older than 2.0, and 2.0.1 and 2.0-p1 are newer.
const (
	rankDev = iota
	rankAlpha
	rankBeta
	rankCandidate
	rankWord
	rankEnd
	rankPatch
	rankNumber
)

// part is a run of digits or of letters in a name.
type part struct {
	rank int
	text string // digits without leading zeros, or letters in lower case
}

// newestFirst sorts tag names by version, descending.
func newestFirst(names []string) {
	type keyed struct {
		name  string
		parts []part
	}
	keys := make([]keyed, len(names))
	for i, name := range names {
		keys[i] = keyed{name, parts(name)}
	}
	slices.SortFunc(keys, func(a, b keyed) int {
		return cmp.Or(slices.CompareFunc(b.parts, a.parts, comparePart), cmp.Compare(b.name, a.name))
	})
	for i, k := range keys {
		names[i] = k.name
	}
}

func comparePart(a, b part) int {
	if a.rank == rankNumber && b.rank == rankNumber {
		return cmp.Or(cmp.Compare(len(a.text), len(b.text)), cmp.Compare(a.text, b.text))
	}
	return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.text, b.text))
}

// parts cuts a name into runs of digits and letters; whatever is between them
// only separates.
func parts(name string) []part {
	s := strings.ToLower(name)
	if len(s) > 1 && s[0] == 'v' && ascii.IsDigit(s[1]) {
		s = s[1:]
	}
	out := make([]part, 0, 6)
	for s != "" {
		var kind func(byte) bool
		switch {
		case ascii.IsDigit(s[0]):
			kind = ascii.IsDigit
		case isLetter(s[0]):
			kind = isLetter
		default:
			s = s[1:]
			continue
		}
		n := 1
		for n < len(s) && kind(s[n]) {
			n++
		}
		if text := s[:n]; ascii.IsDigit(text[0]) {
			out = append(out, part{rankNumber, strings.TrimLeft(text, "0")})
		} else {
			out = append(out, part{rankOf(text), text})
		}
		s = s[n:]
	}
	return append(out, part{rank: rankEnd})
}

func rankOf(word string) int {
	switch word {
	case "dev":
		return rankDev
	case "a", "alpha":
		return rankAlpha
	case "b", "beta":
		return rankBeta
	case "c", "rc":
		return rankCandidate
	case "p", "pl", "patch", "post":
		return rankPatch
	}
	return rankWord
}

// isLetter takes every byte above ASCII for a part of a letter.
func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || c >= 0x80 }
