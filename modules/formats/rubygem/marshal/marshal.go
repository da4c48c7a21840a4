// Package marshal writes the binary form of Ruby's Marshal, version 4.8, as far
// as indexes of gems need it ("Marshal Format", Ruby's documentation). It reads
// none: whatever is in that form can make a reader build any object.
package marshal

import (
	"bufio"
	"io"
	"time"
)

// The kinds of values.
const (
	kindNil         = '0'
	kindTrue        = 'T'
	kindFalse       = 'F'
	kindInt         = 'i'
	kindSymbol      = ':'
	kindSymbolAgain = ';'
	kindString      = '"'
	kindArray       = '['
	kindHash        = '{'
	kindObject      = 'o'
	kindUserMarshal = 'U'
	kindUserDefined = 'u'
	kindVariables   = 'I'
)

// Writer writes one value, which its methods spell out from the outside in: an
// Array of two is followed by two values. Strings and objects that come twice
// are written twice, which readers take as well. The first failure of the
// writer below is kept, and given by Flush.
type Writer struct {
	out     *bufio.Writer
	symbols map[string]int // places of those that were written
}

// NewWriter begins a value.
func NewWriter(w io.Writer) *Writer {
	m := &Writer{out: bufio.NewWriter(w), symbols: map[string]int{}}
	m.raw("\x04\x08")
	return m
}

// Flush ends the value.
func (m *Writer) Flush() error { return m.out.Flush() }

// Writes to a bufio.Writer fail for good, and Flush tells.
func (m *Writer) byte(b byte)  { _ = m.out.WriteByte(b) }
func (m *Writer) raw(s string) { _, _ = m.out.WriteString(s) }

// long writes a number of at most 31 bits: short ones in one byte, others as
// the count of bytes and these, the lowest first.
func (m *Writer) long(n int) {
	switch {
	case n == 0:
		m.byte(0)
	case 0 < n && n < 123:
		m.byte(byte(n + 5))
	case -124 < n && n < 0:
		m.byte(byte(n - 5))
	default:
		var digits [4]byte
		count := 0
		for rest := n; rest != 0 && rest != -1; rest >>= 8 {
			digits[count] = byte(rest)
			count++
		}
		if n < 0 {
			m.byte(byte(-count))
		} else {
			m.byte(byte(count))
		}
		m.raw(string(digits[:count]))
	}
}

func (m *Writer) bytes(s string) {
	m.long(len(s))
	m.raw(s)
}

// Nil writes nil.
func (m *Writer) Nil() { m.byte(kindNil) }

// Bool writes true or false.
func (m *Writer) Bool(b bool) {
	if b {
		m.byte(kindTrue)
	} else {
		m.byte(kindFalse)
	}
}

// Int writes an integer of at most 31 bits.
func (m *Writer) Int(n int) {
	m.byte(kindInt)
	m.long(n)
}

// Symbol writes a symbol.
func (m *Writer) Symbol(s string) {
	if at, again := m.symbols[s]; again {
		m.byte(kindSymbolAgain)
		m.long(at)
		return
	}
	m.symbols[s] = len(m.symbols)
	m.byte(kindSymbol)
	m.bytes(s)
}

// String writes a string in UTF-8.
func (m *Writer) String(s string) { m.encoded(s, true) }

// encoded writes a string with its encoding, which is UTF-8 or US-ASCII.
func (m *Writer) encoded(s string, utf8 bool) {
	m.byte(kindVariables)
	m.byte(kindString)
	m.bytes(s)
	m.long(1)
	m.Symbol("E")
	m.Bool(utf8)
}

// Array begins an array of n values.
func (m *Writer) Array(n int) {
	m.byte(kindArray)
	m.long(n)
}

// Strings writes an array of strings.
func (m *Writer) Strings(list []string) {
	m.Array(len(list))
	for _, s := range list {
		m.String(s)
	}
}

// Hash begins a hash of n pairs of a key and a value.
func (m *Writer) Hash(n int) {
	m.byte(kindHash)
	m.long(n)
}

// Object begins an object of a class with n variables: symbols with their @, and
// values, in turn.
func (m *Writer) Object(class string, n int) {
	m.byte(kindObject)
	m.Symbol(class)
	m.long(n)
}

// UserMarshal begins an object of a class with the method marshal_load; the
// value that it is given follows.
func (m *Writer) UserMarshal(class string) {
	m.byte(kindUserMarshal)
	m.Symbol(class)
}

// UserDefined writes an object of a class with the method _load, which is given
// data.
func (m *Writer) UserDefined(class string, data []byte) {
	m.byte(kindUserDefined)
	m.Symbol(class)
	m.bytes(string(data))
}

// Time writes a time of day of UTC, to the second.
func (m *Writer) Time(t time.Time) {
	t = t.UTC()
	year, month, day := t.Date()
	const form, utc = 1 << 31, 1 << 30
	high := uint32(form|utc) | uint32(year-1900)<<14 | uint32(month-1)<<10 | uint32(day)<<5 | uint32(t.Hour())
	low := uint32(t.Minute())<<26 | uint32(t.Second())<<20
	var raw [8]byte
	for i := range 4 {
		raw[i], raw[4+i] = byte(high>>(8*i)), byte(low>>(8*i))
	}
	m.byte(kindVariables)
	m.UserDefined("Time", raw[:])
	m.long(1)
	m.Symbol("zone")
	m.encoded("UTC", false)
}
