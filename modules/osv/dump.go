package osv

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode"

	"ingot.dev/modules/fault"
)

const (
	maxEntries = 4_000_000 // of a zip file
	slack      = 64 << 10  // what is read ahead of a record
)

// Each reads the records of a file: one record, an array of them, one after
// the other as in JSON Lines, or a zip file of such files, of which it takes
// those whose names end in .json or .jsonl. fn gets each record, or what is
// wrong with one, and where it stands; an error of fn ends it. The fault is
// Invalid or TooLarge where the file cannot be read to its end.
func Each(r io.ReaderAt, size int64, fn func(where string, rec Record, err error) error) error {
	head := make([]byte, 4)
	n, err := r.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if !bytes.Equal(head[:n], []byte("PK\x03\x04")) && !bytes.Equal(head[:n], []byte("PK\x05\x06")) {
		return stream(io.NewSectionReader(r, 0, size), "", fn)
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return fault.New(fault.Invalid, "the zip file cannot be read: %v", err)
	}
	if len(z.File) > maxEntries {
		return fault.New(fault.TooLarge, "the zip file has %d entries; at most %d are read", len(z.File), maxEntries)
	}
	// JSON packs to a tenth. What packs to less than a hundredth is no dump.
	budget := 1<<30 + 100*size
	for _, entry := range z.File {
		if !strings.HasSuffix(entry.Name, ".json") && !strings.HasSuffix(entry.Name, ".jsonl") {
			continue
		}
		if err := unpack(entry, &budget, fn); err != nil {
			return err
		}
	}
	return nil
}

// unpack reads one file of a zip file. What cannot be read is told to fn, as
// the others can.
func unpack(entry *zip.File, budget *int64, fn func(string, Record, error) error) error {
	name := clip(entry.Name)
	body, err := entry.Open()
	if err != nil {
		return fn(name, Record{}, fault.New(fault.Invalid, "it cannot be unpacked: %v", err))
	}
	defer body.Close()
	var own error // of fn
	err = stream(&metered{body, budget}, name, func(where string, rec Record, err error) error {
		own = fn(where, rec, err)
		return own
	})
	switch {
	case own != nil:
		return own
	case *budget < 0:
		return fault.New(fault.TooLarge, "the zip file unpacks to more than a hundred times its size")
	case err != nil:
		return fn(name, Record{}, err)
	}
	return nil
}

// stream reads records one after the other.
func stream(r io.Reader, file string, fn func(string, Record, error) error) error {
	in := &bounded{r: r, left: slack}
	b := bufio.NewReader(in)
	first, err := start(b)
	if err != nil || first != '{' && first != '[' {
		return fault.Wrap(fault.Invalid, err, "it is neither a zip file nor JSON")
	}
	d := json.NewDecoder(b)
	array := first == '['
	if array {
		if _, err := d.Token(); err != nil {
			return unreadable(d, err)
		}
	}
	for n := 1; ; n++ {
		in.left = MaxRecord + slack
		if array && !d.More() {
			break
		}
		var text json.RawMessage
		if err := d.Decode(&text); err != nil {
			if !array && errors.Is(err, io.EOF) {
				return nil
			}
			return unreadable(d, err)
		}
		rec, err := Parse(text)
		if err := fn(place(file, n), rec, err); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return unreadable(d, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fault.New(fault.Invalid, "something stands behind the end of the array, at byte %d", d.InputOffset())
	}
	return nil
}

// place says where a record stands: most files hold one.
func place(file string, n int) string {
	switch {
	case file == "":
		return "record " + strconv.Itoa(n)
	case n == 1:
		return file
	}
	return file + ", record " + strconv.Itoa(n)
}

// start skips white space and a byte order mark, and gives the byte behind.
func start(b *bufio.Reader) (rune, error) {
	for {
		c, _, err := b.ReadRune()
		switch {
		case err != nil:
			return 0, err
		case c != '\ufeff' && !unicode.IsSpace(c):
			return c, b.UnreadRune()
		}
	}
}

func unreadable(d *json.Decoder, err error) error {
	if fault.Is(err, fault.TooLarge) {
		return err
	}
	return fault.New(fault.Invalid, "the JSON cannot be read at byte %d: %v", d.InputOffset(), err)
}

// bounded reads no more than left, so that no text is taken for a record that
// is longer than one may be.
type bounded struct {
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fault.New(fault.TooLarge, "a record has at most %d bytes", MaxRecord)
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// metered takes what is read off a budget.
type metered struct {
	r      io.Reader
	budget *int64
}

func (m *metered) Read(p []byte) (int, error) {
	if *m.budget < 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := m.r.Read(p)
	*m.budget -= int64(n)
	return n, err
}
