// Package rds writes values of R in the form that readRDS reads: the XDR form
// of R's serialisation, version 2 ("R Internals", section "Serialization
// Formats"), which every R since 2.3.0 knows. It is not compressed here;
// readRDS takes it as it is and by gzip.
package rds

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"
)

// Value is a value of R: one of the types of this package.
type Value interface {
	encode(e *encoder, attributes ...attribute)
}

// The vectors.
type (
	Strings  []string // character; UTF-8 without NUL
	Integers []int32  // integer
	Doubles  []float64
	Logicals []bool
)

// Classed is a vector of a class, such as times.
type Classed struct {
	Class  Strings
	Vector Value
}

// List is a list whose elements have names. At gives each of them once, in
// their order.
type List struct {
	Names Strings
	At    func(i int) Value
}

// Matrix is a character matrix with names of its rows and columns. At gives
// its cells, of which those that are not ok are NA, column by column.
type Matrix struct {
	Rows, Columns Strings
	At            func(row, column int) (text string, ok bool)
}

// Frame is a data frame. All columns have as many elements as there are rows.
type Frame struct {
	Rows    Strings // names
	Columns []Column
}

// Column is a column of a data frame.
type Column struct {
	Name   string
	Values Value
}

// Write writes a value. Its errors are those of w, and one for a string that R
// does not have.
func Write(w io.Writer, v Value) error {
	e := &encoder{out: bufio.NewWriter(w), symbols: map[string]int32{}}
	e.raw("X\n")
	// The form's version, that of the writing program, and the least one of a
	// program that reads it.
	e.ints(2, 0x020300, 0x020300)
	v.encode(e)
	if e.err == nil {
		e.err = e.out.Flush()
	}
	return e.err
}

// Types and flags of items.
const (
	symbol   = 1
	pairlist = 2
	char     = 9
	logical  = 10
	integer  = 13
	double   = 14
	text     = 16
	list     = 19
	null     = 254
	known    = 255 // a symbol that came before

	isObject      = 1 << 8
	hasAttributes = 1 << 9
	hasTag        = 1 << 10
	isUTF8        = 1 << (12 + 3)
	isASCII       = 1 << (12 + 6)
)

type attribute struct {
	name  string
	value Value
}

// encoder keeps the first failure; nothing is written after it.
type encoder struct {
	out     *bufio.Writer
	symbols map[string]int32 // to their numbers, which begin with 1
	err     error
}

func (e *encoder) raw(s string) {
	if e.err == nil {
		_, e.err = e.out.WriteString(s)
	}
}

func (e *encoder) ints(values ...int32) {
	var b [4]byte
	for _, v := range values {
		binary.BigEndian.PutUint32(b[:], uint32(v))
		if e.err == nil {
			_, e.err = e.out.Write(b[:])
		}
	}
}

// vector writes what stands before the elements of a vector.
func (e *encoder) vector(kind int32, length int, attributes []attribute) {
	if len(attributes) > 0 {
		kind |= hasAttributes
	}
	for _, a := range attributes {
		if a.name == "class" {
			kind |= isObject
		}
	}
	if length > math.MaxInt32 && e.err == nil {
		e.err = fmt.Errorf("rds: a vector of %d elements is too long", length)
	}
	e.ints(kind, int32(length))
}

// attributes writes what stands behind the elements.
func (e *encoder) attributes(attributes []attribute) {
	for _, a := range attributes {
		e.ints(pairlist | hasTag)
		e.symbol(a.name)
		a.value.encode(e)
	}
	if len(attributes) > 0 {
		e.ints(null)
	}
}

func (e *encoder) symbol(name string) {
	if n, ok := e.symbols[name]; ok {
		e.ints(known | n<<8)
		return
	}
	e.symbols[name] = int32(len(e.symbols) + 1)
	e.ints(symbol)
	e.text(name)
}

func (e *encoder) text(s string) {
	encoding := int32(isASCII)
	if strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
		encoding = isUTF8
	}
	if e.err == nil && (!utf8.ValidString(s) || strings.Contains(s, "\x00")) {
		e.err = fmt.Errorf("rds: %.100q is no string of R", s)
	}
	e.ints(char|encoding, int32(len(s)))
	e.raw(s)
}

func (e *encoder) missing() { e.ints(char, -1) }

func (s Strings) encode(e *encoder, attributes ...attribute) {
	e.vector(text, len(s), attributes)
	for _, v := range s {
		e.text(v)
	}
	e.attributes(attributes)
}

func (n Integers) encode(e *encoder, attributes ...attribute) {
	e.vector(integer, len(n), attributes)
	e.ints(n...)
	e.attributes(attributes)
}

func (d Doubles) encode(e *encoder, attributes ...attribute) {
	e.vector(double, len(d), attributes)
	for _, v := range d {
		bits := math.Float64bits(v)
		e.ints(int32(bits>>32), int32(bits))
	}
	e.attributes(attributes)
}

func (l Logicals) encode(e *encoder, attributes ...attribute) {
	e.vector(logical, len(l), attributes)
	for _, v := range l {
		if v {
			e.ints(1)
		} else {
			e.ints(0)
		}
	}
	e.attributes(attributes)
}

func (c Classed) encode(e *encoder, attributes ...attribute) {
	c.Vector.encode(e, append(attributes, attribute{"class", c.Class})...)
}

func (l List) encode(e *encoder, attributes ...attribute) {
	attributes = append([]attribute{{"names", l.Names}}, attributes...)
	e.vector(list, len(l.Names), attributes)
	for i := range l.Names {
		l.At(i).encode(e)
	}
	e.attributes(attributes)
}

func (m Matrix) encode(e *encoder, attributes ...attribute) {
	attributes = append([]attribute{
		{"dim", Integers{int32(len(m.Rows)), int32(len(m.Columns))}},
		{"dimnames", names{m.Rows, m.Columns}},
	}, attributes...)
	e.vector(text, len(m.Rows)*len(m.Columns), attributes)
	for column := range m.Columns {
		for row := range m.Rows {
			if s, ok := m.At(row, column); ok {
				e.text(s)
			} else {
				e.missing()
			}
		}
	}
	e.attributes(attributes)
}

// names are those of rows and columns. No names of no rows are NULL.
type names [2]Strings

func (n names) encode(e *encoder, attributes ...attribute) {
	e.vector(list, len(n), attributes)
	for _, s := range n {
		if len(s) == 0 {
			e.ints(null)
		} else {
			s.encode(e)
		}
	}
	e.attributes(attributes)
}

func (f Frame) encode(e *encoder, attributes ...attribute) {
	columns := make(Strings, len(f.Columns))
	for i, c := range f.Columns {
		columns[i] = c.Name
	}
	List{columns, func(i int) Value { return f.Columns[i].Values }}.encode(e, append(attributes,
		attribute{"class", Strings{"data.frame"}}, attribute{"row.names", f.Rows})...)
}
