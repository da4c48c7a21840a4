package npm

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"

	"ingot.dev/modules/fault"
)

// Bounds of a JSON text that is outlined.
const (
	maxOutline = 10 << 20 // bytes that are kept
	maxSpans   = 100_000  // values that are noted
	maxNesting = 64       // objects and lists in each other
	maxPath    = 4        // keys of a path that see is asked about
)

// look is what an outline does about a value.
type look uint8

const (
	note look = 1 << iota // tell where it is
	skip                  // keep null in its place
)

// span is the place of a value that was noted.
type span struct {
	path       []string // the keys that lead to it
	start, end int64    // of its text, a string's quotes included
	escaped    bool     // a string with backslashes in it
}

// outline reads a JSON text of any size in constant memory. It gives the text
// without the values that see says to skip, and where those are that see says
// to note. see is asked about the values of objects, by the keys that lead to
// them, and not about what is in lists or in values that are skipped. What is
// skipped is checked for its nesting only; the rest is for a parser to check.
func outline(r io.ReaderAt, size int64, see func(path []string) look) (kept []byte, spans []span, err error) {
	o := &outliner{r: bufio.NewReaderSize(io.NewSectionReader(r, 0, size), 64<<10), see: see}
	if err := o.value(); err != nil {
		return nil, nil, err
	}
	if c, err := o.next(); err == nil {
		return nil, nil, o.expected("the end of the text", c)
	} else if err != io.EOF {
		return nil, nil, err
	}
	return o.kept, o.spans, nil
}

type outliner struct {
	r     *bufio.Reader
	at    int64 // of the next byte
	see   func([]string) look
	path  []string
	lists int  // around this place
	deep  int  // objects and lists around this place
	quiet bool // nothing is kept
	kept  []byte
	spans []span
}

func (o *outliner) expected(what string, found byte) error {
	return fault.New(fault.Invalid, "the body is no JSON: at byte %d there is %q instead of %s", o.at, found, what)
}

func (o *outliner) cut(err error) error {
	if err == io.EOF {
		return fault.New(fault.Invalid, "the body is no JSON: it ends at byte %d, within a value", o.at)
	}
	return err
}

// next gives the next byte that is no white space, and leaves it there.
func (o *outliner) next() (byte, error) {
	for {
		c, err := o.r.ReadByte()
		if err != nil {
			return 0, err
		}
		if c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			return c, o.r.UnreadByte()
		}
		o.at++
	}
}

// take reads the next byte that is no white space and keeps it.
func (o *outliner) take() (byte, error) {
	c, err := o.next()
	if err != nil {
		return 0, o.cut(err)
	}
	return c, o.pass(c)
}

// pass reads the byte that next gave and keeps it.
func (o *outliner) pass(c byte) error {
	if _, err := o.r.Discard(1); err != nil {
		return err
	}
	o.at++
	return o.keep(c)
}

func (o *outliner) keep(b ...byte) error {
	if o.quiet {
		return nil
	}
	if len(o.kept)+len(b) > maxOutline {
		return fault.New(fault.TooLarge, "the body has more than %d bytes beside its attachments, which is the limit", maxOutline)
	}
	o.kept = append(o.kept, b...)
	return nil
}

func (o *outliner) value() error {
	c, err := o.next()
	if err != nil {
		return o.cut(err)
	}
	var todo look
	if n := len(o.path); n > 0 && n <= maxPath && o.lists == 0 && !o.quiet {
		todo = o.see(o.path)
	}
	s := span{start: o.at}
	if todo&skip != 0 {
		if err := o.keep([]byte("null")...); err != nil {
			return err
		}
		o.quiet = true
		defer func() { o.quiet = false }()
	}
	switch c {
	case '{':
		err = o.nested('}', o.member)
	case '[':
		o.lists++
		err = o.nested(']', o.value)
		o.lists--
	case '"':
		s.escaped, err = o.text()
	default:
		err = o.scalar(c)
	}
	if err != nil || todo&note == 0 {
		return err
	}
	if len(o.spans) == maxSpans {
		return fault.New(fault.TooLarge, "the body has more than %d versions and attachments, which is the limit", maxSpans)
	}
	s.end, s.path = o.at, append([]string(nil), o.path...)
	o.spans = append(o.spans, s)
	return nil
}

// nested reads an object or a list, its first byte included.
func (o *outliner) nested(end byte, item func() error) error {
	if o.deep == maxNesting {
		return fault.New(fault.Invalid, "the body has objects and lists more than %d deep in each other", maxNesting)
	}
	o.deep++
	defer func() { o.deep-- }()
	if _, err := o.take(); err != nil {
		return err
	}
	if c, err := o.next(); err == nil && c == end {
		return o.pass(c)
	}
	for {
		if err := item(); err != nil {
			return err
		}
		switch c, err := o.take(); {
		case err != nil:
			return err
		case c == end:
			return nil
		case c != ',':
			return o.expected("a comma or "+string(end), c)
		}
	}
}

func (o *outliner) member() error {
	c, err := o.next()
	if err != nil {
		return o.cut(err)
	}
	if c != '"' {
		return o.expected("a key in double quotes", c)
	}
	from := len(o.kept)
	escaped, err := o.text()
	if err != nil {
		return err
	}
	key := ""
	if raw := o.kept[from:]; escaped && !o.quiet {
		if err := json.Unmarshal(raw, &key); err != nil {
			return fault.New(fault.Invalid, "the body is no JSON: the key before byte %d is malformed", o.at)
		}
	} else if !o.quiet {
		key = string(raw[1 : len(raw)-1])
	}
	if c, err := o.take(); err != nil || c != ':' {
		if err == nil {
			err = o.expected("a colon", c)
		}
		return err
	}
	o.path = append(o.path, key)
	err = o.value()
	o.path = o.path[:len(o.path)-1]
	return err
}

// text reads a string, its quotes included.
func (o *outliner) text() (escaped bool, err error) {
	if err := o.pass('"'); err != nil {
		return false, err
	}
	for {
		if _, err := o.r.Peek(1); err != nil {
			return escaped, o.cut(err)
		}
		buffered, _ := o.r.Peek(o.r.Buffered())
		n, ends := len(buffered), false
		if i := bytes.IndexByte(buffered, '"'); i >= 0 {
			n, ends = i+1, true
		}
		if i := bytes.IndexByte(buffered[:n], '\\'); i >= 0 {
			n, ends, escaped = i, false, true
			pair, err := o.r.Peek(i + 2)
			if err != nil && len(pair) < i+2 && i == 0 {
				return escaped, o.cut(err)
			}
			if len(pair) == i+2 {
				n, buffered = i+2, pair
			}
		}
		if err := o.keep(buffered[:n]...); err != nil {
			return escaped, err
		}
		o.at += int64(n)
		if _, err := o.r.Discard(n); err != nil || ends {
			return escaped, err
		}
	}
}

// scalar reads a number or one of JSON's three words.
func (o *outliner) scalar(c byte) error {
	if !scalarByte(c) {
		return o.expected("a value", c)
	}
	for scalarByte(c) {
		if err := o.pass(c); err != nil {
			return err
		}
		b, err := o.r.Peek(1)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		c = b[0]
	}
	return nil
}

func scalarByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '+' || c == '.'
}

// unslashed reads the text of a JSON string, in which the only escape is that
// of a slash, as encoders for web pages write it.
type unslashed struct{ r *bufio.Reader }

// Read implements io.Reader.
func (u unslashed) Read(p []byte) (int, error) {
	for i := range p {
		c, err := u.r.ReadByte()
		if err == nil && c == '\\' {
			if c, err = u.r.ReadByte(); err == nil && c != '/' {
				err = fault.New(fault.Invalid, "the data of the attachment has escapes in it, which base64 does not need")
			}
		}
		if err != nil {
			return i, err
		}
		p[i] = c
	}
	return len(p), nil
}
