package nuget

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"ingot.dev/modules/fault"
)

// The bounds of a $filter.
const (
	maxFilter      = 4000 // bytes
	maxFilterDepth = 64
)

// filter is what a $filter of OData asks of a row ("OData Version 2.0: URI
// Conventions", section filter): as much of its language as clients of NuGet
// use. Values are string, bool, float64, time.Time, Version or nil.
type filter func(row) any

type filterParser struct {
	rest  string
	depth int
}

// parseFilter reads a $filter. f is nil where there is none. ids names the only
// packages that can pass; nil where it may be any. fault.Invalid for what is not understood.
func parseFilter(text string) (f func(row) bool, ids []string, err error) {
	if text = strings.TrimSpace(text); text == "" {
		return nil, nil, nil
	}
	if len(text) > maxFilter {
		return nil, nil, fault.New(fault.Invalid, "the $filter has more than %d bytes", maxFilter)
	}
	p := &filterParser{rest: text}
	whole, err := p.either()
	if err == nil && p.word() != "" {
		err = p.wrong()
	}
	if err != nil {
		return nil, nil, err
	}
	return func(r row) bool { return truth(whole.value(r)) }, whole.ids, nil
}

// term is a part of a filter.
type term struct {
	value filter
	ids   []string // the only packages that it lets pass; nil where it may be any
	field string   // of a property, or of one in lower case
	text  *string  // of a literal
}

func (p *filterParser) wrong() error {
	return fault.New(fault.Invalid, "the $filter is not understood at %.60q; there are and, or, not, eq, ne, lt, le, gt, ge, substringof, startswith, endswith, tolower, toupper and indexof", p.rest)
}

// word gives the next token without taking it: a parenthesis, a comma, a
// literal in quotes, or a word.
func (p *filterParser) word() string {
	p.rest = strings.TrimLeft(p.rest, " ")
	if p.rest == "" {
		return ""
	}
	switch c := p.rest[0]; c {
	case '(', ')', ',':
		return p.rest[:1]
	case '\'':
		for i := 1; i < len(p.rest); i++ {
			if p.rest[i] != '\'' {
				continue
			}
			if i+1 < len(p.rest) && p.rest[i+1] == '\'' {
				i++ // a quote within
				continue
			}
			return p.rest[:i+1]
		}
		return p.rest[:1] // it does not end
	}
	if end := strings.IndexAny(p.rest, " (),'"); end >= 0 {
		return p.rest[:end]
	}
	return p.rest
}

// take takes the next token if it is the given one, letter case aside.
func (p *filterParser) take(token string) bool {
	if w := p.word(); w == "" || !strings.EqualFold(w, token) {
		return false
	}
	p.rest = p.rest[len(token):]
	return true
}

func (p *filterParser) either() (term, error) {
	t, err := p.both()
	for err == nil && p.take("or") {
		var u term
		if u, err = p.both(); err == nil {
			a, b := t.value, u.value
			t = term{value: func(r row) any { return truth(a(r)) || truth(b(r)) }, ids: union(t.ids, u.ids)}
		}
	}
	return t, err
}

// union is of two sets of which nil is all.
func union(a, b []string) []string {
	if a == nil || b == nil {
		return nil
	}
	return append(a[:len(a):len(a)], b...)
}

func (p *filterParser) both() (term, error) {
	t, err := p.negated()
	for err == nil && p.take("and") {
		var u term
		if u, err = p.negated(); err == nil {
			a, b, ids := t.value, u.value, t.ids
			if ids == nil {
				ids = u.ids
			}
			t = term{value: func(r row) any { return truth(a(r)) && truth(b(r)) }, ids: ids}
		}
	}
	return t, err
}

func (p *filterParser) negated() (term, error) {
	if !p.take("not") {
		return p.comparison()
	}
	if p.depth++; p.depth > maxFilterDepth {
		return term{}, p.wrong()
	}
	defer func() { p.depth-- }()
	t, err := p.negated()
	a := t.value
	return term{value: func(r row) any { return !truth(a(r)) }}, err
}

// comparisons tell what has to be true of the order of two values.
var comparisons = map[string]func(int) bool{
	"eq": func(c int) bool { return c == 0 }, "ne": func(c int) bool { return c != 0 },
	"lt": func(c int) bool { return c < 0 }, "le": func(c int) bool { return c <= 0 },
	"gt": func(c int) bool { return c > 0 }, "ge": func(c int) bool { return c >= 0 },
}

func (p *filterParser) comparison() (term, error) {
	t, err := p.operand()
	if err != nil {
		return t, err
	}
	operator := strings.ToLower(p.word())
	holds, ok := comparisons[operator]
	if !ok {
		return t, nil
	}
	p.take(operator)
	u, err := p.operand()
	if err != nil {
		return t, err
	}
	a, b := t.value, u.value
	out := term{value: func(r row) any {
		c, comparable := compare(a(r), b(r))
		if !comparable {
			return operator == "ne"
		}
		return holds(c)
	}}
	for _, pair := range [][2]term{{t, u}, {u, t}} {
		if operator == "eq" && pair[0].field == "Id" && pair[1].text != nil {
			out.ids = []string{*pair[1].text}
		}
	}
	return out, nil
}

func (p *filterParser) operand() (term, error) {
	w := p.word()
	switch {
	case w == "" || w == ")" || w == "," || w == "'":
		return term{}, p.wrong()
	case w == "(":
		if p.depth++; p.depth > maxFilterDepth {
			return term{}, p.wrong()
		}
		defer func() { p.depth-- }()
		p.take(w)
		t, err := p.either()
		if err == nil && !p.take(")") {
			err = p.wrong()
		}
		return t, err
	case w[0] == '\'':
		text := strings.ReplaceAll(w[1:len(w)-1], "''", "'")
		p.rest = p.rest[len(w):]
		return term{value: constant(text), text: &text}, nil
	}
	if f, ok := fields[w]; ok {
		p.take(w)
		return term{value: f, field: w}, nil
	}
	if f, ok := functions[strings.ToLower(w)]; ok {
		return p.call(w, f)
	}
	t, ok := p.literal(w)
	if !ok {
		return term{}, p.wrong()
	}
	return t, nil
}

// literal reads what is neither a text nor a property.
func (p *filterParser) literal(w string) (term, bool) {
	p.rest = p.rest[len(w):]
	switch strings.ToLower(w) {
	case "true", "false":
		return term{value: constant(strings.EqualFold(w, "true"))}, true
	case "null":
		return term{value: constant(nil)}, true
	case "datetime", "datetimeoffset":
		text := p.word()
		if len(text) > 2 && text[0] == '\'' {
			p.rest = p.rest[len(text):]
			for _, form := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly} {
				if at, err := time.Parse(form, text[1:len(text)-1]); err == nil {
					return term{value: constant(at)}, true
				}
			}
		}
	}
	n, err := strconv.ParseFloat(strings.TrimRight(w, "LlMmFfDd"), 64)
	return term{value: constant(n)}, err == nil
}

func constant(v any) filter { return func(row) any { return v } }

// function is one that a filter may call, of so many texts.
type function struct {
	arguments int
	call      func(s []string) any
}

var functions = map[string]function{
	"substringof": {2, func(s []string) any { return strings.Contains(s[1], s[0]) }},
	"startswith":  {2, func(s []string) any { return strings.HasPrefix(s[0], s[1]) }},
	"endswith":    {2, func(s []string) any { return strings.HasSuffix(s[0], s[1]) }},
	"indexof":     {2, func(s []string) any { return float64(strings.Index(s[0], s[1])) }},
	"tolower":     {1, func(s []string) any { return strings.ToLower(s[0]) }},
	"toupper":     {1, func(s []string) any { return strings.ToUpper(s[0]) }},
	"trim":        {1, func(s []string) any { return strings.TrimSpace(s[0]) }},
}

func (p *filterParser) call(name string, f function) (term, error) {
	p.take(name)
	if p.depth++; p.depth > maxFilterDepth || !p.take("(") {
		return term{}, p.wrong()
	}
	defer func() { p.depth-- }()
	var arguments []filter
	var field string
	for i := range f.arguments {
		if i > 0 && !p.take(",") {
			return term{}, p.wrong()
		}
		t, err := p.either()
		if err != nil {
			return term{}, err
		}
		arguments, field = append(arguments, t.value), t.field
	}
	if !p.take(")") {
		return term{}, p.wrong()
	}
	out := term{value: func(r row) any {
		texts := make([]string, len(arguments))
		for i, a := range arguments {
			texts[i] = textOf(a(r))
		}
		return f.call(texts)
	}}
	if f.arguments == 1 {
		out.field = field // an id is the same in any letter case
	}
	return out, nil
}

func truth(v any) bool {
	b, ok := v.(bool)
	return ok && b
}

func textOf(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case Version:
		return v.String()
	}
	return ""
}

// compare orders two values. It is false where they cannot be compared.
func compare(a, b any) (int, bool) {
	if v, ok := b.(Version); ok {
		if _, too := a.(Version); !too {
			c, ok := compare(v, a)
			return -c, ok
		}
	}
	switch a := a.(type) {
	case nil:
		return 0, b == nil
	case Version:
		if text, ok := b.(string); ok {
			w, err := ParseVersion(text)
			return a.Compare(w), err == nil
		}
		w, ok := b.(Version)
		return a.Compare(w), ok
	case string:
		t, ok := b.(string)
		return cmp.Compare(a, t), ok
	case float64:
		n, ok := b.(float64)
		return cmp.Compare(a, n), ok
	case time.Time:
		t, ok := b.(time.Time)
		return a.Compare(t), ok
	case bool:
		t, ok := b.(bool)
		switch {
		case a == t:
			return 0, ok
		case t:
			return -1, ok
		}
		return 1, ok
	}
	return 0, false
}
