package maven

import (
	"cmp"
	"strings"

	"ingot.dev/modules/ascii"
)

// token is a part of a version. A version is compared token by token, as if
// tokens of the class release followed it without end.
type token struct {
	class class
	text  string // of an unknown qualifier; the digits of a number, without leading zeros
}

// class orders tokens at the same place of two versions.
type class uint8

const (
	alpha class = iota
	beta
	milestone
	candidate
	inProgress
	release
	servicePack
	unknown    // by their text
	subNumber  // behind a hyphen, or where letters turn to digits
	fullNumber // behind a dot, or first
)

// qualifiers are the words that Maven knows, in lower case.
var qualifiers = map[string]class{
	"alpha": alpha, "beta": beta, "milestone": milestone, "rc": candidate, "cr": candidate, "snapshot": inProgress,
	"ga": release, "final": release, "release": release, "sp": servicePack,
}

// short are the letters that stand for words directly before a digit.
var short = map[string]class{"a": alpha, "b": beta, "m": milestone}

// Compare orders two versions as Maven does (POM Reference, "Version Order
// Specification"). Versions that are equal to Maven, such as 1.0 and 1.0.0,
// have files of their own and are told apart by their text.
func Compare(a, b string) int { return cmp.Or(order(a, b), strings.Compare(a, b)) }

// order is Maven's own.
func order(a, b string) int {
	var left, right [16]token
	x, y := tokens(left[:0], a), tokens(right[:0], b)
	for i := range max(len(x), len(y)) {
		if order := at(x, i).compare(at(y, i)); order != 0 {
			return order
		}
	}
	return 0
}

// Prerelease tells whether a version comes before a release by its qualifier.
func Prerelease(version string) bool {
	var space [16]token
	for _, t := range tokens(space[:0], version) {
		if t.class < release {
			return true
		}
	}
	return IsSnapshot(version)
}

func at(tokens []token, i int) token {
	if i < len(tokens) {
		return tokens[i]
	}
	return token{class: release}
}

func (t token) compare(o token) int {
	if order := cmp.Compare(t.class, o.class); order != 0 || t.class < unknown {
		return order
	}
	if t.class >= subNumber {
		return cmp.Or(cmp.Compare(len(t.text), len(o.text)), strings.Compare(t.text, o.text))
	}
	return strings.Compare(t.text, o.text)
}

// tokens appends the tokens of a version to out. It is split at dots, hyphens,
// and between letters and digits, which counts as a hyphen; an empty part is a
// zero. Zeros that end a row of numbers mean nothing and are left out.
func tokens(out []token, version string) []token {
	s := strings.ToLower(version)
	hyphen := false // before the part that begins at i
	for i := 0; i < len(s); {
		end := i
		for end < len(s) && s[end] != '.' && s[end] != '-' && ascii.IsDigit(s[end]) == ascii.IsDigit(s[i]) {
			end++
		}
		part := s[i:end]
		var t token
		switch {
		case part == "" || ascii.IsDigit(part[0]):
			t = token{fullNumber, strings.TrimLeft(part, "0")}
			if hyphen {
				t.class = subNumber
			}
		default:
			t = qualifier(part, end < len(s) && ascii.IsDigit(s[end]))
		}
		if hyphen || t.class < subNumber {
			out = trim(out)
		}
		out = append(out, t)
		hyphen = true
		if i = end; i < len(s) && (s[i] == '.' || s[i] == '-') {
			hyphen = s[i] == '-'
			i++
		}
	}
	return trim(out)
}

func qualifier(word string, beforeDigit bool) token {
	if c, ok := short[word]; ok && beforeDigit {
		return token{class: c}
	}
	if c, ok := qualifiers[word]; ok {
		return token{class: c}
	}
	return token{unknown, word}
}

func trim(tokens []token) []token {
	for len(tokens) > 0 {
		if last := tokens[len(tokens)-1]; last.class < subNumber || last.text != "" {
			break
		}
		tokens = tokens[:len(tokens)-1]
	}
	return tokens
}
