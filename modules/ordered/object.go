package ordered

import (
	"encoding/json"
	"math"
	"slices"
)

// Object is a JSON object that keeps the order of its keys and leaves its
// values as text. Keys are unique; values are valid JSON.
type Object []Field

// Field is one key of an Object.
type Field struct {
	Key string // decoded
	Raw json.RawMessage
}

// Quote gives s as a JSON string. Unlike encoding/json it leaves <, > and &
// as they are. s must be UTF-8.
func Quote(s string) json.RawMessage { return appendString(nil, s) }

// ParseObject reads the top level of an object. The values are slices of
// text, not copies. It is for texts whose size the caller has bounded; nesting
// is bounded at 512, where PHP stops too. Keys that stand twice in objects
// below the top level pass. The error is a *SyntaxError.
func ParseObject(text []byte) (Object, error) {
	const depth = 512
	p := parser{text: text, lim: Limits{Bytes: math.MaxInt, Depth: depth, Values: math.MaxInt}}
	if err := p.checkEncoding(); err != nil {
		return nil, err
	}
	if p.peek() != '{' {
		return nil, p.fail(p.pos, "expected an object, found "+p.found())
	}
	o := Object{}
	seen := make(map[string]int, 32)
	err := p.elements('}', "object", "brace", func() error {
		key, at, err := p.key(true)
		if err != nil {
			return err
		}
		if first, twice := seen[key]; twice {
			return p.twice(key, first, at)
		}
		seen[key] = at
		v, err := p.value(depth-1, false)
		if err != nil {
			return err
		}
		o = append(o, Field{Key: key, Raw: json.RawMessage(text[v.Offset:p.pos:p.pos])})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return o, p.end()
}

// Lookup gives the text of a key's value.
func (o Object) Lookup(key string) (json.RawMessage, bool) {
	if i := o.index(key); i >= 0 {
		return o[i].Raw, true
	}
	return nil, false
}

// Set gives key the value raw, in the key's place where it has one, else at
// the end.
func (o *Object) Set(key string, raw json.RawMessage) {
	if i := o.index(key); i >= 0 {
		(*o)[i].Raw = raw
		return
	}
	*o = append(*o, Field{Key: key, Raw: raw})
}

// Delete takes keys out.
func (o *Object) Delete(keys ...string) {
	*o = slices.DeleteFunc(*o, func(f Field) bool { return slices.Contains(keys, f.Key) })
}

func (o Object) index(key string) int {
	return slices.IndexFunc(o, func(f Field) bool { return f.Key == key })
}

// AppendJSON appends the object's text. The values are copied as they are;
// this, not json.Marshal, which reads and escapes them anew, is the way to
// write large documents.
func (o Object) AppendJSON(dst []byte) []byte {
	dst = append(dst, '{')
	for i, f := range o {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, f.Key), ':')
		dst = append(dst, f.Raw...)
	}
	return append(dst, '}')
}

// MarshalJSON implements json.Marshaler.
func (o Object) MarshalJSON() ([]byte, error) { return o.AppendJSON(nil), nil }

// UnmarshalJSON implements json.Unmarshaler with a copy of the text.
func (o *Object) UnmarshalJSON(text []byte) error {
	parsed, err := ParseObject(slices.Clone(text))
	if err != nil {
		return err
	}
	*o = parsed
	return nil
}
