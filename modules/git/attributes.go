package git

import (
	"strings"

	"ingot.dev/modules/ascii"
	"ingot.dev/modules/fault"
)

const (
	attributesFile = ".gitattributes"

	maxAttributes = 1 << 20  // bytes of one .gitattributes
	maxPatterns   = 64 << 10 // bytes of patterns in force in one directory
	maxLine       = 2048     // longer lines are passed over, as git does
)

// rules are what the .gitattributes of one directory says of export-ignore,
// on top of what the directories above say (gitattributes(5)). Macros are not
// known; the three that git defines do not touch the attribute.
type rules struct {
	above  *rules
	folder string // path of the directory with a slash at its end; empty for the root
	lines  []rule
	size   int // bytes of patterns here and above
}

type rule struct {
	pattern Pattern
	ignore  bool
}

// below gives the rules for the directory folder from its .gitattributes.
func (r *rules) below(folder string, content []byte) (*rules, error) {
	out := &rules{above: r, folder: folder}
	if r != nil {
		out.size = r.size
	}
	for line := range strings.Lines(string(content)) {
		pattern, ignore, ok := parseAttributes(line)
		if !ok {
			continue
		}
		p, negated := ParsePattern(pattern)
		if negated {
			continue // git passes over these
		}
		out.lines = append(out.lines, rule{p, ignore})
		if out.size += len(pattern); out.size > maxPatterns {
			return nil, fault.New(fault.Unprocessable, "%s%s: more than %d bytes of patterns with export-ignore", folder, attributesFile, maxPatterns)
		}
	}
	if len(out.lines) == 0 {
		return r, nil
	}
	return out, nil
}

// ignore tells whether an export leaves the path out: the last line that
// matches decides, in the deepest directory that has one.
func (r *rules) ignore(path string, dir bool) bool {
	for ; r != nil; r = r.above {
		relative := path[len(r.folder):]
		for i := len(r.lines) - 1; i >= 0; i-- {
			if r.lines[i].pattern.Match(relative, dir) {
				return r.lines[i].ignore
			}
		}
	}
	return false
}

// blank is what git takes for space between the words of a line.
const blank = " \t\r\n"

// parseAttributes takes the pattern and the state of export-ignore from a
// line. Not ok where the line is none of a pattern, or does not name the
// attribute, or breaks the rules, for which git drops it as a whole.
func parseAttributes(line string) (pattern string, ignore, ok bool) {
	if len(strings.TrimRight(line, "\n")) >= maxLine {
		return "", false, false
	}
	line = strings.Trim(line, blank)
	if line == "" || line[0] == '#' || strings.HasPrefix(line, "[attr]") {
		return "", false, false
	}
	pattern, states, quoted := unquote(line)
	if !quoted {
		end := strings.IndexAny(line, blank)
		if end < 0 {
			return "", false, false
		}
		pattern, states = line[:end], line[end:]
	}
	for _, state := range strings.Fields(states) {
		name := strings.TrimLeft(state[:1], "-!") + state[1:]
		name, _, valued := strings.Cut(name, "=")
		if !validAttribute(name) {
			return "", false, false
		}
		if name == "export-ignore" { // the last mention counts
			ignore, ok = name == state && !valued, true
		}
	}
	return pattern, ignore, ok
}

// validAttribute tells whether git takes name for an attribute's.
func validAttribute(name string) bool {
	for i := range len(name) {
		if c := name[i]; !ascii.IsAlphanumeric(c) && strings.IndexByte("-._", c) < 0 {
			return false
		}
	}
	return name != "" && name[0] != '-' && !strings.HasPrefix(name, "builtin_")
}

// unquote reads a pattern in double quotes, as in C, and gives what follows.
func unquote(s string) (pattern, rest string, ok bool) {
	if s[0] != '"' {
		return "", "", false
	}
	var out strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return out.String(), s[i+1:], true
		case s[i] != '\\':
			out.WriteByte(s[i])
			continue
		}
		if i++; i == len(s) {
			return "", "", false
		}
		if at := strings.IndexByte(`abfnrtv"\`, s[i]); at >= 0 {
			out.WriteByte("\a\b\f\n\r\t\v\"\\"[at])
			continue
		}
		if i+2 >= len(s) || s[i] > '3' || !isOctal(s[i]) || !isOctal(s[i+1]) || !isOctal(s[i+2]) {
			return "", "", false
		}
		out.WriteByte((s[i]-'0')<<6 | (s[i+1]-'0')<<3 | (s[i+2] - '0'))
		i += 2
	}
	return "", "", false
}

func isOctal(c byte) bool { return '0' <= c && c <= '7' }
