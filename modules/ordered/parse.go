package ordered

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Limits bound what Parse takes. All must be positive.
type Limits struct {
	Bytes  int // of the text
	Depth  int // of objects and lists in each other
	Values int // in the whole text
}

// SyntaxError says where a text stops being JSON and what was expected there,
// in words for the person who wrote it.
type SyntaxError struct {
	Position
	Message string
}

// Error writes "line 3, column 14: expected a colon after the key".
func (e *SyntaxError) Error() string { return e.Position.String() + ": " + e.Message }

// Parse reads one JSON text. The error is a *SyntaxError. The result shares
// no memory with text.
func Parse(text []byte, lim Limits) (Value, error) {
	p := parser{text: text, lim: lim}
	if len(text) > lim.Bytes {
		return Value{}, p.fail(0, "the text is larger than "+strconv.Itoa(lim.Bytes)+" bytes")
	}
	if err := p.checkEncoding(); err != nil {
		return Value{}, err
	}
	v, err := p.value(lim.Depth, true)
	if err != nil {
		return Value{}, err
	}
	return v, p.end()
}

type parser struct {
	text   []byte
	pos    int
	values int
	lim    Limits
}

func (p *parser) fail(offset int, message string) error {
	return &SyntaxError{Position: Place(p.text, offset), Message: message}
}

func (p *parser) checkEncoding() error {
	switch {
	case bytes.HasPrefix(p.text, []byte("\xef\xbb\xbf")):
		return p.fail(0, "the text begins with a byte order mark; save it as UTF-8 without BOM")
	case bytes.HasPrefix(p.text, []byte("\xff\xfe")), bytes.HasPrefix(p.text, []byte("\xfe\xff")):
		return p.fail(0, "the text is UTF-16; save it as UTF-8")
	case utf8.Valid(p.text):
		return nil
	}
	at := 0
	for {
		r, size := utf8.DecodeRune(p.text[at:])
		if r == utf8.RuneError && size < 2 {
			return p.fail(at, "the text is not UTF-8")
		}
		at += size
	}
}

// peek skips white space and gives the next byte, 0 at the end of the text.
func (p *parser) peek() byte {
	for p.pos < len(p.text) {
		switch c := p.text[p.pos]; c {
		case ' ', '\t', '\r', '\n':
			p.pos++
		default:
			return c
		}
	}
	return 0
}

func (p *parser) end() error {
	if p.peek(); p.pos < len(p.text) {
		return p.fail(p.pos, "expected the end of the text, found "+p.found())
	}
	return nil
}

// found describes the next thing of the text for messages.
func (p *parser) found() string {
	switch c := p.peek(); {
	case p.pos >= len(p.text):
		return "the end of the text"
	case c == '"':
		return "a string"
	case c == '/' || c == '#':
		return "a comment, which JSON does not have"
	case c == '\'':
		return "a single quote; strings stand in double quotes"
	case c < ' ' || c == 0x7f:
		return "a control character"
	case word(p.text[p.pos:]) > 1:
		return string(p.text[p.pos : p.pos+min(word(p.text[p.pos:]), 24)])
	default:
		r, _ := utf8.DecodeRune(p.text[p.pos:])
		return strconv.QuoteRune(r)
	}
}

// word counts the letters, digits and signs that b begins with.
func word(b []byte) int {
	for i, c := range b {
		if c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("+-._", c) >= 0 {
			continue
		}
		return i
	}
	return len(b)
}

// value reads one value. With keep it builds the tree, else it only checks
// and passes over; depth is how many levels may still open.
func (p *parser) value(depth int, keep bool) (Value, error) {
	c := p.peek()
	start := p.pos
	if p.values++; p.values > p.lim.Values {
		return Value{}, p.fail(start, "the text holds more than "+strconv.Itoa(p.lim.Values)+" values")
	}
	if (c == '{' || c == '[') && depth == 0 {
		return Value{}, p.fail(start, "objects and lists stand more than "+strconv.Itoa(p.lim.Depth)+" deep in each other")
	}
	v := Value{Offset: start}
	var err error
	switch {
	case c == '{':
		v.Kind = Map
		v.Members, err = p.object(depth-1, keep)
	case c == '[':
		v.Kind = Array
		v.Items, err = p.list(depth-1, keep)
	case c == '"':
		v.Kind = String
		v.Text, err = p.quoted(keep)
	case c == '-' || c >= '0' && c <= '9':
		v.Kind = Number
		v.Text, err = p.number()
	default:
		switch name := string(p.text[start : start+word(p.text[start:])]); name {
		case "null":
			v.Kind = Null
			p.pos += len(name)
		case "true", "false":
			v.Kind, v.Text = Bool, name
			p.pos += len(name)
		default:
			err = p.fail(start, "expected a value, found "+p.found())
		}
	}
	return v, err
}

// object reads the members after an opening brace.
func (p *parser) object(depth int, keep bool) ([]Member, error) {
	var members []Member
	var seen map[string]int
	if keep {
		seen = make(map[string]int)
	}
	err := p.elements('}', "object", "brace", func() error {
		key, at, err := p.key(keep)
		if err != nil {
			return err
		}
		v, err := p.value(depth, keep)
		if err != nil || !keep {
			return err
		}
		if first, twice := seen[key]; twice {
			return p.twice(key, first, at)
		}
		seen[key] = at
		members = append(members, Member{Key: key, Offset: at, Value: v})
		return nil
	})
	return members, err
}

// maxRepeated is how many characters of a text a message repeats.
const maxRepeated = 110

// quoteStart quotes a text for a message.
func quoteStart(s string) string { return fmt.Sprintf("%.*q", maxRepeated, s) }

func (p *parser) twice(key string, first, second int) error {
	return p.fail(second, quoteStart(key)+" stands twice, first on line "+strconv.Itoa(Place(p.text, first).Line)+"; keep one of them")
}

// key reads a key and its colon, and tells where the key begins.
func (p *parser) key(keep bool) (string, int, error) {
	if p.peek() != '"' {
		return "", 0, p.fail(p.pos, "expected a key in double quotes, found "+p.found())
	}
	at := p.pos
	key, err := p.quoted(keep)
	if err != nil {
		return "", 0, err
	}
	if p.peek() != ':' {
		return "", 0, p.fail(p.pos, "expected a colon after the key, found "+p.found())
	}
	p.pos++
	return key, at, nil
}

// list reads the items after an opening bracket.
func (p *parser) list(depth int, keep bool) ([]Value, error) {
	var items []Value
	err := p.elements(']', "list", "bracket", func() error {
		v, err := p.value(depth, keep)
		if err == nil && keep {
			items = append(items, v)
		}
		return err
	})
	return items, err
}

// elements reads from an opening brace or bracket to its partner; each reads
// one element.
func (p *parser) elements(closing byte, thing, mark string, each func() error) error {
	open := p.pos
	p.pos++
	if p.peek() == closing {
		p.pos++
		return nil
	}
	for {
		if err := each(); err != nil {
			return err
		}
		after := p.pos // where a missing comma belongs
		switch p.peek() {
		case closing:
			p.pos++
			return nil
		case ',':
			comma := p.pos
			p.pos++
			if p.peek() == closing {
				return p.fail(comma, "no comma may stand after the last element; take it out")
			}
		default:
			if p.pos >= len(p.text) {
				return p.fail(p.pos, "the text ends, but the "+thing+" opened on line "+strconv.Itoa(Place(p.text, open).Line)+" is not closed")
			}
			return p.fail(after, "expected a comma or a closing "+mark+", found "+p.found())
		}
	}
}

// number reads a number as RFC 8259 section 6 has it.
func (p *parser) number() (string, error) {
	start := p.pos
	text := string(p.text[start : start+word(p.text[start:])])
	rest, ok := digits(strings.TrimPrefix(text, "-"))
	if whole := strings.TrimSuffix(strings.TrimPrefix(text, "-"), rest); len(whole) > 1 && whole[0] == '0' {
		return "", p.fail(start, quoteStart(text)+" is no number: it begins with a zero")
	}
	if ok && strings.HasPrefix(rest, ".") {
		rest, ok = digits(rest[1:])
	}
	if ok && rest != "" && rest[0]|0x20 == 'e' {
		rest = rest[1:]
		if rest != "" && (rest[0] == '+' || rest[0] == '-') {
			rest = rest[1:]
		}
		rest, ok = digits(rest)
	}
	if !ok || rest != "" {
		return "", p.fail(start, quoteStart(text)+" is no number; a string needs double quotes")
	}
	if _, err := strconv.ParseFloat(text, 64); err != nil {
		return "", p.fail(start, text[:min(len(text), maxRepeated)]+" is too large a number")
	}
	p.pos += len(text)
	return text, nil
}

// digits takes at least one digit off the front of s.
func digits(s string) (rest string, ok bool) {
	rest = strings.TrimLeft(s, "0123456789")
	return rest, len(rest) < len(s)
}

// quoted reads a string and decodes it; without keep it only checks.
func (p *parser) quoted(keep bool) (string, error) {
	open := p.pos
	p.pos++
	from := p.pos
	var out []byte // stays nil while the string holds no escape
	for p.pos < len(p.text) {
		switch c := p.text[p.pos]; {
		case c == '"':
			tail := p.text[from:p.pos]
			p.pos++
			switch {
			case !keep:
				return "", nil
			case out == nil:
				return string(tail), nil
			}
			return string(append(out, tail...)), nil
		case c == '\n' || c == '\r':
			return "", p.fail(open, "the string is not closed on its line")
		case c < ' ':
			return "", p.fail(p.pos, "a control character in a string is written as an escape, such as \\t")
		case c == '\\':
			before := p.text[from:p.pos]
			r, err := p.escape()
			if err != nil {
				return "", err
			}
			if keep {
				out = utf8.AppendRune(append(out, before...), r)
			}
			from = p.pos
		default:
			p.pos++
		}
	}
	return "", p.fail(open, "the string is not closed")
}

const (
	escapes = `"\/bfnrt`
	escaped = "\"\\/\b\f\n\r\t"
)

// escape reads from a backslash to the end of what it stands for.
func (p *parser) escape() (rune, error) {
	at := p.pos
	rest := p.text[at:]
	if len(rest) > 1 && rest[1] != 'u' {
		i := strings.IndexByte(escapes, rest[1])
		if i < 0 {
			return 0, p.fail(at, "a backslash in a string is written twice: \\\\")
		}
		p.pos += 2
		return rune(escaped[i]), nil
	}
	r := hex4(rest)
	if r < 0 {
		return 0, p.fail(at, "expected four hexadecimal digits after \\u")
	}
	if r == 0 {
		return 0, p.fail(at, "a NUL character cannot be kept")
	}
	p.pos += 6
	if utf16.IsSurrogate(r) {
		r = utf16.DecodeRune(r, hex4(p.text[p.pos:]))
		if r == utf8.RuneError {
			return 0, p.fail(at, "half of a surrogate pair stands alone")
		}
		p.pos += 6
	}
	return r, nil
}

// hex4 gives the number of the escape that b begins with, \u and four hex
// digits; -1 where it begins with none.
func hex4(b []byte) rune {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return -1
	}
	n, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	if err != nil || strings.IndexByte("+-_", b[2]) >= 0 {
		return -1
	}
	return rune(n)
}
