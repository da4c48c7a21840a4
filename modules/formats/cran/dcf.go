package cran

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"

	"ingot.dev/modules/fault"
)

// Bounds of a DESCRIPTION file.
const (
	maxDescription = 256 << 10
	maxFields      = 500
	maxTag         = 100
)

// parseDCF reads a file of one record in the form of Debian's control files as
// R reads it (help page of read.dcf), and gives its fields in UTF-8, each on
// one line, white space being one blank. A field that is there twice, of which
// R takes the last, and a second record, which R passes over, are refused.
// Every error is fault.Invalid or fault.TooLarge.
func parseDCF(text []byte) (map[string]string, error) {
	if len(text) > maxDescription {
		return nil, fault.New(fault.TooLarge, "the DESCRIPTION has %d bytes, more than %d", len(text), maxDescription)
	}
	fields := map[string][]byte{} // grown in place: a value may have very many lines
	last, ended := "", false
	for line := range bytes.Lines(text) {
		line = bytes.TrimRight(line, "\r\n")
		blank := len(bytes.TrimSpace(line)) == 0
		switch {
		case blank:
			ended = last != ""
		case ended:
			return nil, fault.New(fault.Invalid, "the DESCRIPTION has a blank line before %.60q, and what follows is another record: remove the line", line)
		case line[0] == ' ' || line[0] == '\t':
			if last == "" {
				return nil, fault.New(fault.Invalid, "the DESCRIPTION begins with the blank of a line that continues another one")
			}
			fields[last] = append(append(fields[last], '\n'), line...)
		default:
			tag, value, ok := strings.Cut(string(line), ":")
			if tag = strings.TrimRight(tag, " \t"); !ok || !isTag(tag) {
				return nil, fault.New(fault.Invalid, "the line %.60q of the DESCRIPTION is not \"Field: value\"; a line that continues a value begins with a blank", line)
			}
			if _, twice := fields[tag]; twice {
				return nil, fault.New(fault.Invalid, "the DESCRIPTION has the field %s twice", tag)
			}
			if len(fields) == maxFields {
				return nil, fault.New(fault.TooLarge, "the DESCRIPTION has more than %d fields", maxFields)
			}
			fields[tag], last = []byte(value), tag
		}
	}
	return decode(fields)
}

func isTag(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return s != "" && len(s) <= maxTag
}

// decode puts the values into UTF-8, by the field that says what they are in,
// and each on one line. Of several that are wrong it names the same every time.
func decode(fields map[string][]byte) (map[string]string, error) {
	charset, err := encodingOf(strings.TrimSpace(string(fields["Encoding"])))
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(fields))
	for _, tag := range slices.Sorted(maps.Keys(fields)) {
		value := string(fields[tag])
		if charset != nil {
			if value, err = charset.NewDecoder().String(value); err != nil {
				return nil, fault.Wrap(fault.Invalid, err, "the field %s of the DESCRIPTION is not in the encoding %s", tag, fields["Encoding"])
			}
		}
		if !utf8.ValidString(value) {
			return nil, fault.New(fault.Invalid, "the field %s of the DESCRIPTION is not in UTF-8: say what it is in, as in \"Encoding: latin1\"", tag)
		}
		value = strings.Join(strings.Fields(value), " ")
		if strings.ContainsFunc(value, unicode.IsControl) {
			return nil, fault.New(fault.Invalid, "the field %s of the DESCRIPTION has a control character", tag)
		}
		out[tag] = value
	}
	return out, nil
}

// encodingOf gives the encoding of a name that R knows everywhere ("Writing R
// Extensions", section "Encoding issues"), nil for UTF-8.
func encodingOf(name string) (encoding.Encoding, error) {
	switch strings.ToLower(name) {
	case "", "utf-8", "utf8", "ascii", "us-ascii":
		return nil, nil
	case "latin1", "latin-1", "iso-8859-1", "iso8859-1", "iso_8859-1":
		return charmap.Windows1252, nil // which adds to latin1, as Windows does
	case "latin2", "latin-2", "iso-8859-2", "iso8859-2", "iso_8859-2":
		return charmap.ISO8859_2, nil
	case "latin-9", "latin9", "iso-8859-15", "iso8859-15", "iso_8859-15":
		return charmap.ISO8859_15, nil
	}
	return nil, fault.New(fault.Invalid, "the encoding %.40q of the DESCRIPTION is not known here: use UTF-8, latin1, latin2 or latin-9", name)
}
