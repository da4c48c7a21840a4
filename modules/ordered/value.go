package ordered

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// Kind is what a JSON value is.
type Kind uint8

// The six kinds of JSON value.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Map
)

var kinds = [...]string{"null", "true or false", "a number", "a string", "a list", "an object"}

// String gives the kind as a noun for messages: "a number", "a list".
func (k Kind) String() string { return kinds[k] }

// Value is one value of a parsed text.
type Value struct {
	Kind    Kind
	Offset  int      // of its first byte in the text
	Text    string   // String: decoded; Number and Bool: as written
	Items   []Value  // Array
	Members []Member // Map, in the order of the text
}

// Member is a key of an object and its value.
type Member struct {
	Key    string // decoded
	Offset int    // of the key's opening quote
	Value  Value
}

// Lookup gives the value of a key of an object; false where v has no such key
// or is no object.
func (v Value) Lookup(key string) (Value, bool) {
	for _, m := range v.Members {
		if m.Key == key {
			return m.Value, true
		}
	}
	return Value{}, false
}

// AppendJSON appends v's canonical text: no white space, keys in their order,
// strings with the fewest escapes that RFC 8259 allows, numbers as written.
// Two texts that differ only in layout and escapes give the same bytes.
func (v Value) AppendJSON(dst []byte) []byte {
	switch v.Kind {
	case Null:
		return append(dst, "null"...)
	case String:
		return appendString(dst, v.Text)
	case Array:
		dst = append(dst, '[')
		for i, item := range v.Items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = item.AppendJSON(dst)
		}
		return append(dst, ']')
	case Map:
		dst = append(dst, '{')
		for i, m := range v.Members {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendString(dst, m.Key), ':')
			dst = m.Value.AppendJSON(dst)
		}
		return append(dst, '}')
	default:
		return append(dst, v.Text...)
	}
}

const hexDigits = "0123456789abcdef"

func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(append(dst, s[from:]...), '"')
}

// Position is a place in a text as editors count it.
type Position struct {
	Line   int // from 1
	Column int // from 1, in characters
}

// String writes "line 3, column 14".
func (p Position) String() string { return fmt.Sprintf("line %d, column %d", p.Line, p.Column) }

// Place tells where the byte at offset stands in text. An offset past the end
// is the end.
func Place(text []byte, offset int) Position {
	before := text[:min(offset, len(text))]
	line := bytes.LastIndexByte(before, '\n') + 1
	return Position{
		Line:   bytes.Count(before, []byte{'\n'}) + 1,
		Column: utf8.RuneCount(before[line:]) + 1,
	}
}
