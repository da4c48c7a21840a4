package conda

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"

	"ingot.dev/modules/ordered"
)

// The few forms of MessagePack that shards have (specification of MessagePack,
// "Formats"), each in its shortest encoding, so that the same value has the same
// bytes.

func appendMap(dst []byte, n int) []byte { return appendHead(dst, n, 0x80, 16, 0xde, 0xdf) }

func appendArray(dst []byte, n int) []byte { return appendHead(dst, n, 0x90, 16, 0xdc, 0xdd) }

// appendHead writes how many items follow: within the first byte where there are
// few, else in two or four bytes.
func appendHead(dst []byte, n int, fix byte, few int, two, four byte) []byte {
	switch {
	case n < few:
		return append(dst, fix|byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, two), uint16(n))
	}
	return binary.BigEndian.AppendUint32(append(dst, four), uint32(n))
}

func appendText(dst []byte, s string) []byte {
	if n := len(s); n >= 32 && n <= math.MaxUint8 {
		dst = append(dst, 0xd9, byte(n))
	} else {
		dst = appendHead(dst, n, 0xa0, 32, 0xda, 0xdb)
	}
	return append(dst, s...)
}

// appendBytes writes at most 255 bytes.
func appendBytes(dst, b []byte) []byte { return append(append(dst, 0xc4, byte(len(b))), b...) }

func appendUint(dst []byte, n uint64) []byte {
	switch {
	case n < 0x80:
		return append(dst, byte(n))
	case n <= math.MaxUint8:
		return append(dst, 0xcc, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(dst, 0xcd), uint16(n))
	case n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(dst, 0xce), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(dst, 0xcf), n)
}

func appendNumber(dst []byte, text string) []byte {
	if n, err := strconv.ParseUint(text, 10, 64); err == nil {
		return appendUint(dst, n)
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return binary.BigEndian.AppendUint64(append(dst, 0xd3), uint64(n))
	}
	n, _ := strconv.ParseFloat(text, 64) // JSON was read with numbers that it holds
	return binary.BigEndian.AppendUint64(append(dst, 0xcb), math.Float64bits(n))
}

// appendValue writes a JSON value.
func appendValue(dst []byte, v ordered.Value) []byte {
	switch v.Kind {
	case ordered.Bool:
		if v.Text == "true" {
			return append(dst, 0xc3)
		}
		return append(dst, 0xc2)
	case ordered.Number:
		return appendNumber(dst, v.Text)
	case ordered.String:
		return appendText(dst, v.Text)
	case ordered.Array:
		dst = appendArray(dst, len(v.Items))
		for _, item := range v.Items {
			dst = appendValue(dst, item)
		}
		return dst
	case ordered.Map:
		dst = appendMap(dst, len(v.Members))
		for _, m := range v.Members {
			dst = appendValue(appendText(dst, m.Key), m.Value)
		}
		return dst
	}
	return append(dst, 0xc0)
}

// appendPacked writes a record with its digests as bytes (CEP 16).
func appendPacked(dst []byte, record ordered.Value) []byte {
	dst = appendMap(dst, len(record.Members))
	for _, m := range record.Members {
		dst = appendText(dst, m.Key)
		switch m.Key {
		case "sha256", "md5", "legacy_bz2_md5":
			if digest, err := hex.DecodeString(m.Value.Text); err == nil && m.Value.Kind == ordered.String {
				dst = appendBytes(dst, digest)
				continue
			}
		}
		dst = appendValue(dst, m.Value)
	}
	return dst
}

// cutMap gives what follows the head of a map.
func cutMap(b []byte) []byte {
	switch b[0] {
	case 0xde:
		return b[3:]
	case 0xdf:
		return b[5:]
	}
	return b[1:]
}

// cutText takes a text of less than 256 bytes off b.
func cutText(b []byte) (text, rest []byte) {
	n := int(b[0] & 0x1f)
	if b[0] == 0xd9 {
		n, b = int(b[1]), b[1:]
	}
	return b[1 : 1+n], b[1+n:]
}
