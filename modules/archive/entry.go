package archive

import (
	"bytes"
	"cmp"
	"hash/crc32"
	"io"
	"io/fs"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"ingot.dev/modules/fault"
)

// header is what the directory and the local header both say of an entry.
type header struct {
	flags, method uint16
	crc           uint32
	packed, size  uint64
	name          string
	extra         []byte
}

// entry is a line of the directory.
type entry struct {
	header
	attributes uint32
	local      uint64 // offset of the local header
	data       int64  // offset of the packed bytes
}

// parseEntry reads one line of the directory and gives what follows.
func parseEntry(raw []byte) (e entry, rest []byte, err error) {
	if len(raw) < entryLen || string(raw[:4]) != entrySign {
		return e, nil, invalid("its directory is damaged or has fewer entries than it says")
	}
	fixed := raw[:entryLen]
	name, extra, comment := int(le.Uint16(fixed[28:])), int(le.Uint16(fixed[30:])), int(le.Uint16(fixed[32:]))
	if raw = raw[entryLen:]; len(raw) < name+extra+comment {
		return e, nil, invalid("its directory is cut off")
	}
	e = entry{
		header: header{
			flags: le.Uint16(fixed[8:]), method: le.Uint16(fixed[10:]), crc: le.Uint32(fixed[16:]),
			packed: uint64(le.Uint32(fixed[20:])), size: uint64(le.Uint32(fixed[24:])),
			name: string(raw[:name]), extra: raw[name : name+extra],
		},
		attributes: le.Uint32(fixed[38:]),
		local:      uint64(le.Uint32(fixed[42:])),
	}
	disk := uint64(le.Uint16(fixed[34:]))
	if err := e.readExtra(&e.size, &e.packed, &e.local); err != nil {
		return e, nil, err
	}
	if disk != 0 {
		return e, nil, invalid("%q begins in another part of the archive", e.name)
	}
	return e, raw[name+extra+comment:], nil
}

// readExtra checks the extra fields and takes the values that are too large
// for the header from the zip64 field, in the order given.
func (h *header) readExtra(values ...*uint64) error {
	var large []byte
	var sized, named bool
	for extra := h.extra; len(extra) > 0; {
		if len(extra) < 4 {
			if len(bytes.Trim(extra, "\x00")) > 0 { // padding is fine
				return invalid("%q has damaged extra fields", h.name)
			}
			break
		}
		id, length := le.Uint16(extra), int(le.Uint16(extra[2:]))
		if extra = extra[4:]; length > len(extra) {
			return invalid("%q has damaged extra fields", h.name)
		}
		field := extra[:length]
		extra = extra[length:]
		twice := false
		switch id {
		case extraZip64:
			twice, sized, large = sized, true, field
		case extraName:
			if len(field) < 5 || field[0] != 1 || le.Uint32(field[1:]) != crc32.ChecksumIEEE([]byte(h.name)) || string(field[5:]) != h.name {
				return invalid("%q has another name in its extra fields", h.name)
			}
			twice, named = named, true
		}
		if twice {
			return invalid("%q has two extra fields of one kind", h.name)
		}
	}
	for _, v := range values {
		if *v != none32 {
			continue
		}
		if len(large) < 8 {
			return invalid("%q has no zip64 field with its sizes", h.name)
		}
		*v, large = le.Uint64(large), large[8:]
	}
	return nil
}

// checkLocals compares every entry with its local header. Together they have
// to fill the archive from its first byte to the directory.
func checkLocals(r io.ReaderAt, entries []entry, directory int64) error {
	order := make([]*entry, len(entries))
	for i := range entries {
		order[i] = &entries[i]
	}
	slices.SortStableFunc(order, func(a, b *entry) int { return cmp.Compare(a.local, b.local) })
	next := int64(0)
	for i, e := range order {
		if e.local != uint64(next) {
			if e.local < uint64(next) {
				return invalid("%q overlaps another entry", e.name)
			}
			return invalid("there are bytes that belong to nothing before %q", e.name)
		}
		end := uint64(directory)
		if i+1 < len(order) {
			end = order[i+1].local
		}
		if end > uint64(directory) {
			return invalid("%q lies outside of the archive", order[i+1].name)
		}
		if err := e.checkLocal(r, int64(end)); err != nil {
			return err
		}
		next = int64(end)
	}
	if next != directory {
		return invalid("there are bytes that belong to nothing before its directory")
	}
	return nil
}

// checkLocal compares an entry with its local header. end is where the next
// one begins.
func (e *entry) checkLocal(r io.ReaderAt, end int64) error {
	at := int64(e.local)
	fixed := make([]byte, localLen)
	if end-at < localLen {
		return invalid("%q overlaps another entry", e.name)
	}
	if err := readAt(r, fixed, at); err != nil {
		return err
	}
	if string(fixed[:4]) != localSign {
		return invalid("%q is not where the directory says", e.name)
	}
	name, extra := int64(le.Uint16(fixed[26:])), int64(le.Uint16(fixed[28:]))
	e.data = at + localLen + name + extra
	if e.data > end || e.packed > uint64(end-e.data) {
		return invalid("%q overlaps another entry", e.name)
	}
	text := make([]byte, name+extra)
	if err := readAt(r, text, at+localLen); err != nil {
		return err
	}
	local := header{
		flags: le.Uint16(fixed[6:]), method: le.Uint16(fixed[8:]), crc: le.Uint32(fixed[14:]),
		packed: uint64(le.Uint32(fixed[18:])), size: uint64(le.Uint32(fixed[22:])),
		name: string(text[:name]), extra: text[name:],
	}
	if local.name != e.name {
		return invalid("%q has another name in its own header", e.name)
	}
	if err := local.readExtra(&local.size, &local.packed); err != nil {
		return err
	}
	if local.flags&^flagSpeed != e.flags&^flagSpeed || local.method != e.method {
		return invalid("%q is packed in another way than the directory says", e.name)
	}
	described := e.flags&flagDescribed != 0
	agrees := func(here uint64, there uint64) bool { return here == there || described && here == 0 }
	if !agrees(uint64(local.crc), uint64(e.crc)) || !agrees(local.size, e.size) || !agrees(local.packed, e.packed) {
		return invalid("%q has another size or checksum than the directory says", e.name)
	}
	return e.checkDescriptor(r, e.data+int64(e.packed), end)
}

// checkDescriptor reads what follows the data: nothing, or sizes and checksum
// once more. Writers differ in the signature and in the width of the sizes,
// which the length tells apart.
func (e *entry) checkDescriptor(r io.ReaderAt, at, end int64) error {
	if e.flags&flagDescribed == 0 {
		if at != end {
			return invalid("there are bytes that belong to nothing behind %q", e.name)
		}
		return nil
	}
	length := end - at
	signed := length == 16 || length == 24
	if !signed && length != 12 && length != 20 {
		return invalid("there are bytes that belong to nothing behind %q", e.name)
	}
	raw := make([]byte, length)
	if err := readAt(r, raw, at); err != nil {
		return err
	}
	if signed {
		if string(raw[:4]) != describeSign {
			return invalid("there are bytes that belong to nothing behind %q", e.name)
		}
		raw = raw[4:]
	}
	crc, sizes := le.Uint32(raw), raw[4:]
	var packed, size uint64
	if len(sizes) == 8 {
		packed, size = uint64(le.Uint32(sizes)), uint64(le.Uint32(sizes[4:]))
	} else {
		packed, size = le.Uint64(sizes), le.Uint64(sizes[8:])
	}
	if crc != e.crc || packed != e.packed || size != e.size {
		return invalid("%q has another size or checksum behind its data than the directory says", e.name)
	}
	return nil
}

// The types of file in the upper half of the attributes, as in stat(2).
const (
	unixType = 0o170000
	unixFile = 0o100000
	unixDir  = 0o040000
	unixLink = 0o120000
)

// file checks the entry by itself and gives it in our terms; Mode tells
// directories.
func (e *entry) file(limits Limits) (File, error) {
	if limits.Charset != nil && e.flags&flagUTF8 == 0 && !utf8.ValidString(e.name) {
		name, err := limits.Charset.NewDecoder().String(e.name)
		if err != nil {
			return File{}, invalid("the name %q cannot be read", e.name)
		}
		e.name = name
	}
	path, slash := strings.CutSuffix(e.name, "/")
	if err := zipForm.checkName(path, limits); err != nil {
		return File{}, err
	}
	switch {
	case e.flags&flagEncrypted != 0:
		return File{}, invalid("%q is encrypted", path)
	case e.flags&flagPatch != 0 || e.method != methodStore && e.method != methodDeflate:
		return File{}, invalid("%q is compressed by method %d; use deflate", path, e.method)
	case e.size > uint64(limits.file()):
		return File{}, fault.New(fault.TooLarge, "%q unpacks to more than %d bytes", path, limits.file())
	case e.method == methodStore && e.size != e.packed, e.packed > math.MaxInt64:
		return File{}, invalid("%q has two sizes", path)
	}
	unix := e.attributes >> 16
	f := File{
		Name: e.name, Mode: fs.FileMode(unix & 0o777), Size: int64(e.size), Packed: int64(e.packed),
		crc: e.crc, deflated: e.method == methodDeflate, offset: e.data,
	}
	if unix == 0 {
		f.Mode = 0o644
	}
	switch kind := unix & unixType; {
	case slash && (kind == 0 || kind == unixDir):
		f.Mode |= fs.ModeDir
	case slash:
		return File{}, invalid("%q has the name of a directory and is none", path)
	case kind == 0 || kind == unixFile:
	case kind == unixLink:
		f.Mode |= fs.ModeSymlink
	case kind == unixDir:
		return File{}, invalid("%q is a directory without the slash of one", path)
	default:
		return File{}, invalid("%q is a device, a pipe or a socket", path)
	}
	if slash && (e.size != 0 || e.packed > emptyDeflate) {
		return File{}, invalid("%q is a directory with content", path)
	}
	return f, nil
}
