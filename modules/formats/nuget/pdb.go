package nuget

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"io"
	"slices"

	"ingot.dev/modules/fault"
)

// Parts of a portable PDB, which is a metadata root (ECMA-335, II.24.2.1) with
// a stream #Pdb, at whose start its id is ("Portable PDB v1.0").
const (
	rootMagic   = "BSJB"
	rootLen     = 16 // to the version text
	maxStreams  = 32
	maxRootText = 256 // bytes of the version text
	maxStream   = 32  // bytes of a stream's name with its zeros
	pdbStream   = "#Pdb"
	guidLen     = 16

	// portable is what debuggers ask for in the place of an age, of which a
	// portable PDB has none ("SSQP key conventions").
	portable = "ffffffff"
)

var le = binary.LittleEndian

// ParsePDB gives the signature by which debuggers ask for a portable PDB: its
// GUID in 32 hex digits and eight times f, in lower case. fault.Invalid for
// what is none.
func ParsePDB(r io.ReaderAt, size int64) (string, error) {
	wrong := func(why string) (string, error) {
		return "", fault.New(fault.Invalid, "it is no portable PDB: %s; build with DebugType portable", why)
	}
	// The headers of at most maxStreams streams.
	head := make([]byte, min(size, rootLen+maxRootText+4+maxStreams*(8+maxStream)))
	if n, err := r.ReadAt(head, 0); n < len(head) {
		return "", err
	}
	if len(head) < rootLen || string(head[:4]) != rootMagic {
		return wrong("it begins otherwise")
	}
	text := le.Uint32(head[12:])
	if text > maxRootText || uint64(rootLen)+uint64(text)+4 > uint64(len(head)) {
		return wrong("its header is cut off")
	}
	head = head[rootLen+text:]
	streams := int(le.Uint16(head[2:]))
	head = head[4:]
	if streams > maxStreams {
		return wrong("it has too many streams")
	}
	for range streams {
		if len(head) < 8 {
			return wrong("its header is cut off")
		}
		offset, length := int64(le.Uint32(head)), int64(le.Uint32(head[4:]))
		name := head[8:]
		end := bytes.IndexByte(name[:min(len(name), maxStream)], 0)
		if end < 0 {
			return wrong("a stream has no proper name")
		}
		if string(name[:end]) == pdbStream {
			if length < guidLen || offset > size-guidLen {
				return wrong("its stream #Pdb is cut off")
			}
			guid := make([]byte, guidLen)
			if n, err := r.ReadAt(guid, offset); n < len(guid) {
				return "", err
			}
			return guidText(guid) + portable, nil
		}
		next := (end/4 + 1) * 4 // names fill words of four bytes
		if next > len(name) {
			return wrong("its header is cut off")
		}
		head = name[next:]
	}
	return wrong("it has no stream #Pdb")
}

// guidText writes a GUID as .NET does: its first three numbers are stored with
// the low byte first.
func guidText(b []byte) string {
	b = slices.Clone(b)
	slices.Reverse(b[0:4])
	slices.Reverse(b[4:6])
	slices.Reverse(b[6:8])
	return hex.EncodeToString(b)
}
