package git

import (
	"strings"

	"ingot.dev/modules/ascii"
)

// Pattern is one pattern as .gitignore and .gitattributes have them
// (gitignore(5), "PATTERN FORMAT"). It compares bytes, as git does, and its
// cost is bounded by the product of the two lengths.
type Pattern struct {
	name    bool   // no slash in it: compared with the last element of a path
	dirOnly bool   // ended in a slash
	never   bool   // malformed: matches nothing
	literal string // what comes before the first special character
	rest    []glob // what follows it, cut at slashes; empty where nothing does
}

// glob matches one element of a path, or any number of them.
type glob struct {
	deep   bool // "**"
	tokens []token
}

// token matches one byte that is in set, or any number of bytes.
type token struct {
	star bool
	set  [4]uint64
}

// ParsePattern reads a pattern. negated tells that it began with "!", which
// means different things to different files and is left to the caller.
func ParsePattern(s string) (p Pattern, negated bool) {
	s, negated = strings.CutPrefix(s, "!")
	s, p.dirOnly = strings.CutSuffix(s, "/")
	p.name = !strings.Contains(s, "/")
	s = strings.TrimPrefix(s, "/")
	special := strings.IndexAny(s, `*?[\`)
	if special < 0 {
		p.literal = s
		return p, negated
	}
	// git takes the literal start off before it looks for "**", so that a run
	// of asterisks right behind it counts as one at the start of a path.
	p.literal, s = s[:special], s[special:]
	p.rest, p.never = parseGlobs(s)
	if p.name && !p.never {
		p.rest[0].deep = false // nothing deeper than a name
	}
	return p, negated
}

// Match tells whether the pattern matches a path exactly. The path is relative
// to the folder of the file that holds the pattern, with slashes and without
// one at its end; dir tells that it is a directory.
func (p Pattern) Match(path string, dir bool) bool {
	if p.never || p.dirOnly && !dir {
		return false
	}
	if p.name {
		path = path[strings.LastIndexByte(path, '/')+1:]
	}
	path, ok := strings.CutPrefix(path, p.literal)
	if !ok || len(p.rest) == 0 {
		return ok && path == ""
	}
	return matchGlobs(p.rest, strings.Split(path, "/"))
}

// Covers tells whether the pattern matches the file at path or a directory
// that the file is in.
func (p Pattern) Covers(path string) bool {
	for i := range len(path) {
		if path[i] == '/' && p.Match(path[:i], true) {
			return true
		}
	}
	return p.Match(path, false)
}

// parseGlobs compiles a pattern from its first special character on.
func parseGlobs(s string) (globs []glob, malformed bool) {
	var tokens []token
	stars := 0 // how many asterisks the element consists of, while nothing else came
	flush := func() {
		globs = append(globs, glob{deep: stars > 1 && len(tokens) == 1, tokens: tokens})
		tokens, stars = nil, 0
	}
	for i := 0; i < len(s); i++ {
		var t token
		switch c := s[i]; c {
		case '/':
			flush()
			continue
		case '*':
			stars++
			if len(tokens) > 0 && tokens[len(tokens)-1].star {
				continue
			}
			t.star = true
		case '?':
			t.set = allButSlash
		case '[':
			set, end, ok := parseClass(s, i)
			if !ok {
				return nil, true
			}
			t.set, i = set, end
		case '\\':
			if i++; i == len(s) {
				return nil, true
			}
			if s[i] == '/' {
				flush()
				continue
			}
			t.set = only(s[i])
		default:
			t.set = only(c)
		}
		tokens = append(tokens, t)
	}
	flush()
	return globs, false
}

// matchGlobs compares all elements. After a mismatch it goes back to the last
// "**" only, which takes one element more: giving an earlier one more can
// never help.
func matchGlobs(globs []glob, path []string) bool {
	g, back, from := 0, -1, 0
	for i := 0; ; {
		switch {
		case g < len(globs) && globs[g].deep:
			if g == len(globs)-1 {
				return i < len(path)
			}
			g++
			back, from = g, i
			continue
		case g < len(globs) && i < len(path) && matchTokens(globs[g].tokens, path[i]):
			g, i = g+1, i+1
			continue
		case g == len(globs) && i == len(path):
			return true
		case back < 0 || from >= len(path):
			return false
		}
		from++
		g, i = back, from
	}
}

// matchTokens compares one element, going back as matchGlobs does.
func matchTokens(tokens []token, s string) bool {
	t, back, from := 0, -1, 0
	for i := 0; ; {
		switch {
		case t < len(tokens) && tokens[t].star:
			t++
			back, from = t, i
			continue
		case t < len(tokens) && i < len(s) && tokens[t].has(s[i]):
			t, i = t+1, i+1
			continue
		case t == len(tokens) && i == len(s):
			return true
		case back < 0 || from >= len(s):
			return false
		}
		from++
		t, i = back, from
	}
}

func (t token) has(c byte) bool { return t.set[c>>6]&(1<<(c&63)) != 0 }

func only(c byte) (set [4]uint64) {
	set[c>>6] = 1 << (c & 63)
	return set
}

var allButSlash = [4]uint64{^uint64(1 << ('/' & 63)), ^uint64(0), ^uint64(0), ^uint64(0)}

// classes are the names that may stand in [:name:], for ASCII.
var classes = map[string]func(c byte) bool{
	"alnum":  ascii.IsAlphanumeric[byte],
	"alpha":  ascii.IsLetter[byte],
	"blank":  func(c byte) bool { return c == ' ' || c == '\t' },
	"cntrl":  func(c byte) bool { return c < 0x20 || c == 0x7f },
	"digit":  ascii.IsDigit[byte],
	"graph":  func(c byte) bool { return 0x20 < c && c < 0x7f },
	"lower":  func(c byte) bool { return 'a' <= c && c <= 'z' },
	"print":  func(c byte) bool { return 0x20 <= c && c < 0x7f },
	"punct":  func(c byte) bool { return 0x20 < c && c < 0x7f && !ascii.IsAlphanumeric(c) },
	"space":  func(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' },
	"upper":  func(c byte) bool { return 'A' <= c && c <= 'Z' },
	"xdigit": func(c byte) bool { return ascii.IsDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' },
}

// parseClass reads the bracket expression that begins at s[i] and gives the
// index of its closing bracket.
func parseClass(s string, i int) (set [4]uint64, end int, ok bool) {
	add := func(low, high byte) {
		for c := int(low); c <= int(high); c++ {
			set[c>>6] |= 1 << (c & 63)
		}
	}
	i++
	negated := i < len(s) && (s[i] == '!' || s[i] == '^')
	if negated {
		i++
	}
	previous := byte(0) // what a range may begin with; 0: nothing
	for first := true; ; first = false {
		if i >= len(s) {
			return set, 0, false
		}
		c := s[i]
		switch {
		case c == ']' && !first:
			if negated {
				for j := range set {
					set[j] = ^set[j]
				}
			}
			for j := range set {
				set[j] &= allButSlash[j]
			}
			return set, i, true
		case c == '-' && previous != 0 && i+1 < len(s) && s[i+1] != ']':
			i++
			if s[i] == '\\' {
				if i++; i == len(s) {
					return set, 0, false
				}
			}
			add(previous, s[i])
			previous = 0
		case c == '[' && i+1 < len(s) && s[i+1] == ':':
			n := strings.IndexByte(s[i+2:], ']')
			if n < 0 {
				return set, 0, false
			}
			name, named := strings.CutSuffix(s[i+2:i+2+n], ":")
			if !named { // an ordinary bracket
				add(c, c)
				previous = c
				break
			}
			class, known := classes[name]
			if !known {
				return set, 0, false
			}
			for b := range 256 {
				if class(byte(b)) {
					add(byte(b), byte(b))
				}
			}
			i += 2 + n
			previous = 0
		default:
			if c == '\\' {
				if i++; i == len(s) {
					return set, 0, false
				}
				c = s[i]
			}
			add(c, c)
			previous = c
		}
		i++
	}
}
