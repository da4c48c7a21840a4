// Package xmldoc reads XML documents that strangers wrote: within bounds, and
// without what only serves attacks.
package xmldoc

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"

	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"

	"ingot.dev/modules/fault"
)

// The bounds of an XML document.
const (
	maxDepth    = 64
	maxElements = 200_000
)

// Decode reads an XML document whose root has the given local name into v, as
// package encoding/xml does. Any encoding that browsers know is read, as Java
// and .NET do; entities are those of HTML, and there are no others. Faults:
// Invalid for what is no such document or has a DOCTYPE, TooLarge beyond the
// bounds. How many bytes a document may have is for the caller to say.
func Decode(body []byte, root string, v any) error {
	var in io.Reader = bytes.NewReader(bytes.TrimPrefix(body, []byte("\ufeff")))
	wide := bytes.HasPrefix(body, []byte{0xfe, 0xff}) || bytes.HasPrefix(body, []byte{0xff, 0xfe})
	if wide {
		in = unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM).NewDecoder().Reader(in)
	}
	b := &bounded{d: xml.NewDecoder(in)}
	b.d.Entity = xml.HTMLEntity
	b.d.CharsetReader = func(name string, in io.Reader) (io.Reader, error) {
		if wide {
			return in, nil // it was decoded by its first bytes
		}
		e, err := htmlindex.Get(name)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "the %s is encoded as %q, which is not known: use UTF-8", root, name)
		}
		return e.NewDecoder().Reader(in), nil
	}
	d := xml.NewTokenDecoder(b)
	start, err := first(d)
	if err == nil && start.Name.Local != root {
		return fault.New(fault.Invalid, "the root of the XML document is <%s>, not <%s>", start.Name.Local, root)
	}
	if err == nil {
		err = d.DecodeElement(v, &start)
	}
	if err == nil {
		if _, err = first(d); err == nil {
			return fault.New(fault.Invalid, "something follows </%s>", root)
		}
	}
	if errors.Is(err, io.EOF) && start.Name.Local != "" {
		return nil
	}
	if f, ok := errors.AsType[*fault.Fault](err); ok {
		return f
	}
	line, _ := b.d.InputPos()
	return fault.Wrap(fault.Invalid, err, "the %s is broken in line %d: %s", root, line, reason(err))
}

func reason(err error) string {
	if syntax, ok := errors.AsType[*xml.SyntaxError](err); ok {
		return syntax.Msg
	}
	return "it is no XML document"
}

// first gives the next element.
func first(d *xml.Decoder) (xml.StartElement, error) {
	for {
		t, err := d.Token()
		if err != nil {
			return xml.StartElement{}, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			return t, nil
		case xml.CharData:
			if len(bytes.TrimSpace(t)) > 0 {
				return xml.StartElement{}, fault.New(fault.Invalid, "it is no XML document: there is text outside of the root")
			}
		}
	}
}

// bounded reads the tokens of a document within the bounds.
type bounded struct {
	d               *xml.Decoder
	depth, elements int
}

// Token implements xml.TokenReader.
func (b *bounded) Token() (xml.Token, error) {
	t, err := b.d.Token()
	switch t.(type) {
	case xml.StartElement:
		b.depth++
		b.elements++
		if b.depth > maxDepth || b.elements > maxElements {
			return nil, fault.New(fault.TooLarge, "the XML document has more than %d elements, or some more than %d deep", maxElements, maxDepth)
		}
	case xml.EndElement:
		b.depth--
	case xml.Directive:
		return nil, fault.New(fault.Invalid, "the XML document has a DOCTYPE: leave it out")
	}
	return t, err
}
