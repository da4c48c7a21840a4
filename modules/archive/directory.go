package archive

import (
	"bytes"
	"encoding/binary"
	"io"

	"ingot.dev/modules/fault"
)

// The records of a zip file (PKWARE's APPNOTE.TXT, 4.3), by their signatures
// and the lengths of their fixed parts.
const (
	localSign     = "PK\x03\x04"
	describeSign  = "PK\x07\x08"
	entrySign     = "PK\x01\x02"
	endSign       = "PK\x05\x06"
	end64Sign     = "PK\x06\x06"
	locator64Sign = "PK\x06\x07"

	localLen     = 30
	entryLen     = 46
	endLen       = 22
	end64Len     = 56
	locator64Len = 20

	maxComment   = 1<<16 - 1
	maxDirectory = 64 << 20

	none16 = 1<<16 - 1 // the value is in the zip64 record
	none32 = 1<<32 - 1

	methodStore   = 0
	methodDeflate = 8

	emptyDeflate = 2 // bytes that deflate makes of nothing

	flagEncrypted = 1<<0 | 1<<6 | 1<<13
	flagDescribed = 1 << 3 // sizes and checksum follow the data
	flagPatch     = 1 << 5
	flagSpeed     = 1<<1 | 1<<2 // how hard deflate tried; no reader looks at it

	extraZip64 = 0x0001
	extraName  = 0x7075 // Info-ZIP's name in UTF-8
)

var le = binary.LittleEndian

// readDirectory reads all entries and finds where their data is. They are in
// the order of the directory.
func readDirectory(r io.ReaderAt, size int64, limits Limits) ([]entry, error) {
	at, length, count, err := findDirectory(r, size)
	if err != nil {
		return nil, err
	}
	if count > uint64(limits.Files) {
		return nil, fault.New(fault.TooLarge, "the zip file has %d entries, more than %d", count, limits.Files)
	}
	if length > maxDirectory {
		return nil, fault.New(fault.TooLarge, "the directory of the zip file has more than %d bytes", maxDirectory)
	}
	raw := make([]byte, length)
	if err := readAt(r, raw, at); err != nil {
		return nil, err
	}
	entries := make([]entry, 0, min(count, uint64(length)/entryLen))
	for range count {
		var e entry
		if e, raw, err = parseEntry(raw); err != nil {
			return nil, err
		}
		if len(e.name) > limits.Name+len("/") {
			return nil, zipForm.longName(e.name, limits)
		}
		entries = append(entries, e)
	}
	if len(raw) > 0 {
		return nil, invalid("its directory has more entries than it says")
	}
	return entries, checkLocals(r, entries, at)
}

// findDirectory reads the end of the archive. Between the directory and the
// end of the file there may be nothing but the records of the end and one
// comment of exactly the length that is written there.
func findDirectory(r io.ReaderAt, size int64) (at, length int64, count uint64, err error) {
	tail := make([]byte, min(size, endLen+maxComment))
	if err := readAt(r, tail, size-int64(len(tail))); err != nil {
		return 0, 0, 0, err
	}
	// Readers look for the last signature, or for one whose comment reaches to
	// the end. There has to be one place that answers to both.
	found := bytes.LastIndex(tail, []byte(endSign))
	if found < 0 || !endsAt(tail, found) {
		return 0, 0, 0, invalid("it is no zip file, it is cut off, or something follows its end")
	}
	for i := range found {
		if endsAt(tail, i) {
			return 0, 0, 0, invalid("its comment holds another end of a zip file")
		}
	}
	end := tail[found:]
	limit := size - int64(len(end)) // where the directory has to end
	disks := uint32(le.Uint16(end[4:])) | uint32(le.Uint16(end[6:]))
	here, all := uint64(le.Uint16(end[8:])), uint64(le.Uint16(end[10:]))
	bytes32, offset32 := uint64(le.Uint32(end[12:])), uint64(le.Uint32(end[16:]))
	count, bytes64, offset64 := all, bytes32, offset32

	locator := make([]byte, locator64Len)
	if limit >= locator64Len {
		if err := readAt(r, locator, limit-locator64Len); err != nil {
			return 0, 0, 0, err
		}
	}
	switch {
	case string(locator[:4]) == locator64Sign:
		limit -= locator64Len
		start := le.Uint64(locator[8:])
		if start > uint64(limit) || limit-int64(start) < end64Len || limit-int64(start) > endLen+maxComment {
			return 0, 0, 0, invalid("its zip64 end is not where it should be")
		}
		record := make([]byte, limit-int64(start))
		if err := readAt(r, record, int64(start)); err != nil {
			return 0, 0, 0, err
		}
		if string(record[:4]) != end64Sign || le.Uint64(record[4:]) != uint64(len(record)-12) {
			return 0, 0, 0, invalid("its zip64 end is not where it should be")
		}
		disks |= le.Uint32(locator[4:]) | (max(le.Uint32(locator[16:]), 1) - 1) | le.Uint32(record[16:]) | le.Uint32(record[20:])
		count, bytes64, offset64 = le.Uint64(record[32:]), le.Uint64(record[40:]), le.Uint64(record[48:])
		if le.Uint64(record[24:]) != count ||
			all != none16 && all != count || here != none16 && here != count ||
			bytes32 != none32 && bytes32 != bytes64 || offset32 != none32 && offset32 != offset64 {
			return 0, 0, 0, invalid("its two ends contradict each other")
		}
		limit = int64(start)
	case here != all:
		disks = 1
	case all == none16 || bytes32 == none32 || offset32 == none32:
		return 0, 0, 0, invalid("its zip64 end is missing")
	}
	if disks != 0 {
		return 0, 0, 0, invalid("it is one part of several")
	}
	if offset64 > uint64(limit) || bytes64 != uint64(limit)-offset64 {
		return 0, 0, 0, invalid("there are bytes that belong to nothing before or behind its directory")
	}
	return int64(offset64), int64(bytes64), count, nil
}

// endsAt tells whether tail has, at i, an end record with a comment that
// reaches exactly to the end of the file.
func endsAt(tail []byte, i int) bool {
	return bytes.HasPrefix(tail[i:], []byte(endSign)) && len(tail)-i >= endLen &&
		int(le.Uint16(tail[i+20:])) == len(tail)-i-endLen
}

// readAt fills p. The archive cannot end before: all offsets were compared
// with its size, so whatever fails here is the storage.
func readAt(r io.ReaderAt, p []byte, at int64) error {
	n, err := r.ReadAt(p, at)
	if n == len(p) {
		return nil
	}
	return err
}
