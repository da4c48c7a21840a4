package format

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Table finds what belongs to a method and a path. A pattern is a path of
// segments; a segment is a literal, a parameter {x} with literal text around
// it ("{name}.json"), or, once in a pattern, {x...} for one or more segments.
// A pattern that ends in a slash takes the path with and without it. The
// first entry that fits wins, so the order of entries decides.
type Table[T any] struct{ entries []entry[T] }

type entry[T any] struct {
	method string
	parts  []part
	rest   int // index of the {x...} part, -1 without
	params int // how many parameters
	value  T
}

type part struct{ before, name, after string } // name empty: a literal in before

// Params holds what a path's parameters stand for, decoded once.
type Params []Param

// Param is one parameter of a path.
type Param struct{ Name, Value string }

// Value gives the parameter called name, or the empty string.
func (p Params) Value(name string) string {
	for _, v := range p {
		if v.Name == name {
			return v.Value
		}
	}
	return ""
}

// Add appends an entry. It panics on a malformed pattern, for patterns are
// part of the program.
func (t *Table[T]) Add(method, pattern string, value T) {
	e := entry[T]{method: method, rest: -1, value: value}
	if trimmed := strings.Trim(pattern, "/"); trimmed != "" {
		for i, s := range strings.Split(trimmed, "/") {
			p, rest := parsePart(pattern, s)
			if rest {
				if e.rest >= 0 {
					panic(fmt.Sprintf("pattern %q has two {...}", pattern))
				}
				e.rest = i
			}
			if p.name != "" {
				e.params++
			}
			e.parts = append(e.parts, p)
		}
	}
	t.entries = append(t.entries, e)
}

func parsePart(pattern, s string) (p part, rest bool) {
	before, after, found := strings.Cut(s, "{")
	if !found {
		return part{before: s}, false
	}
	name, tail, closed := strings.Cut(after, "}")
	if !closed || name == "" || strings.ContainsAny(tail, "{}") {
		panic(fmt.Sprintf("pattern %q is malformed at %q", pattern, s))
	}
	name, rest = strings.CutSuffix(name, "...")
	if rest && before+tail != "" {
		panic(fmt.Sprintf("pattern %q: {...} must be a whole segment", pattern))
	}
	return part{before, name, tail}, rest
}

// Segments splits an escaped path, without its leading slash, and decodes each
// segment once. It is false for a path that no address of ours has: an empty
// or dot segment, one that hides a separator or a control character behind
// escapes, or a broken escape. One slash at the end is dropped. One escaped
// slash is taken for a slash: that after an @ at the start of a segment, which
// is how npm's clients write the name @scope/name.
func Segments(escaped string) ([]string, bool) {
	escaped = strings.TrimSuffix(strings.TrimPrefix(escaped, "/"), "/")
	if escaped == "" {
		return nil, true
	}
	segments := make([]string, 0, strings.Count(escaped, "/")+1)
	for s := range strings.SplitSeq(escaped, "/") {
		if strings.IndexByte(s, '%') >= 0 {
			var err error
			if s, err = url.PathUnescape(s); err != nil {
				return nil, false
			}
		}
		if s != "" && s[0] == '@' {
			if scope, name, scoped := strings.Cut(s, "/"); scoped {
				if !proper(scope) {
					return nil, false
				}
				segments, s = append(segments, scope), name
			}
		}
		if !proper(s) {
			return nil, false
		}
		segments = append(segments, s)
	}
	return segments, true
}

func proper(segment string) bool {
	return segment != "" && segment != "." && segment != ".." && !strings.ContainsFunc(segment, separator)
}

func separator(r rune) bool { return r < ' ' || r == 0x7f || r == '/' || r == '\\' || r == '\uFFFD' }

// Match finds the first entry for method and segments. Where there is none,
// allow lists the methods that the path does have. Whoever only reads is not
// told of entries that take any path, as an upload by name does: there is nothing
// to read at it, which is all that a client wants to know that looks for a file.
func (t *Table[T]) Match(method string, segments []string) (value T, params Params, allow []string, ok bool) {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	for i := range t.entries {
		e := &t.entries[i]
		if e.method != method {
			continue
		}
		if params, ok := e.match(segments); ok {
			return e.value, params, nil, true
		}
	}
	for i := range t.entries {
		e := &t.entries[i]
		if method == http.MethodGet && e.anything() {
			continue
		}
		if _, fits := e.match(segments); fits && !slices.Contains(allow, e.method) {
			allow = append(allow, e.method)
			if e.method == http.MethodGet {
				allow = append(allow, http.MethodHead)
			}
		}
	}
	return value, nil, allow, false
}

func (e *entry[T]) match(segments []string) (Params, bool) {
	extra := len(segments) - len(e.parts)
	if extra < 0 || (e.rest < 0 && extra != 0) {
		return nil, false
	}
	for i, s := 0, 0; i < len(e.parts); i, s = i+1, s+1 { // literals first: they cost nothing
		if i == e.rest {
			s += extra
		} else if !e.parts[i].fits(segments[s]) {
			return nil, false
		}
	}
	if e.params == 0 {
		return nil, true
	}
	params := make(Params, 0, e.params)
	for i, s := 0, 0; i < len(e.parts); i, s = i+1, s+1 {
		p := &e.parts[i]
		switch {
		case i == e.rest:
			params = append(params, Param{p.name, strings.Join(segments[s:s+extra+1], "/")})
			s += extra
		case p.name != "":
			v := segments[s]
			params = append(params, Param{p.name, v[len(p.before) : len(v)-len(p.after)]})
		}
	}
	return params, true
}

// anything tells whether the pattern is of parameters alone.
func (e *entry[T]) anything() bool {
	return len(e.parts) > 0 && !slices.ContainsFunc(e.parts, func(p part) bool { return p.name == "" || p.before+p.after != "" })
}

func (p *part) fits(s string) bool {
	if p.name == "" {
		return s == p.before
	}
	return len(s) > len(p.before)+len(p.after) && strings.HasPrefix(s, p.before) && strings.HasSuffix(s, p.after)
}
