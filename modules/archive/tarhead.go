package archive

import (
	"bytes"
	"math"
	"slices"
	"strconv"
	"strings"

	"ingot.dev/modules/ascii"
)

// The types of header (POSIX pax, "ustar Interchange Format"; GNU tar's manual,
// "Basic Tar Format"). Those of the second group are no entries: they say more
// of the one that follows, or of all.
const (
	tagOldFile   = 0 // or a directory, by the slash of its name
	tagFile      = '0'
	tagHardLink  = '1'
	tagSymlink   = '2'
	tagDirectory = '5'

	tagPax      = 'x'
	tagGlobal   = 'g'
	tagLongName = 'L'
	tagLongLink = 'K'
)

const (
	blockLen = 512

	// maxSaid bounds the text of one header of the second group. Besides two
	// paths it may hold extended attributes.
	maxSaid = 256 << 10

	// maxOctal is the largest size that the header has digits for.
	maxOctal = 1<<33 - 1
)

type block [blockLen]byte

// tarHead is a header by itself.
type tarHead struct {
	tag        byte
	name, link string
	mode, size int64
}

// parse reads a header. why tells what is wrong with it, in words that follow
// "the header".
func (b *block) parse() (h tarHead, why string) {
	sum, ok := number(b[148:156])
	if unsigned, signed := b.sums(); !ok || sum != unsigned && sum != signed {
		return h, "is damaged"
	}
	posix := string(b[257:265]) == "ustar\x0000"
	h = tarHead{tag: b[156], name: text(b[:100]), link: text(b[157:257])}
	var sized bool
	if h.mode, ok = number(b[100:108]); !ok {
		return h, "has a mode that is no number"
	}
	if h.size, sized = number(b[124:136]); !sized {
		return h, "has a size that is no number"
	}
	// Here newer forms keep the begin of a long name, older ones times and
	// whatever. Readers differ in whom they ask which form it is.
	switch prefix := b[345:500]; {
	case posix && string(b[508:]) == "tar\x00":
		return h, "is of the form of star; write the pax or ustar form"
	case posix && prefix[0] != 0:
		h.name = text(prefix) + "/" + h.name
	case !posix && len(bytes.Trim(prefix, "\x00")) > 0, prefix[0] == 0 && prefix[130] != 0:
		return h, "has a prefix that only some readers join to its name; write the pax or ustar form"
	}
	return h, ""
}

// sums gives the checksum, and the one of old programs that took bytes as
// signed.
func (b *block) sums() (unsigned, signed int64) {
	for i, c := range b {
		if 148 <= i && i < 156 { // the checksum itself
			c = ' '
		}
		unsigned += int64(c)
		signed += int64(int8(c))
	}
	return unsigned, signed
}

// text is what stands before the first NUL.
func text(field []byte) string {
	before, _, _ := bytes.Cut(field, []byte{0})
	return string(before)
}

// number reads octal digits, or GNU tar's binary form of large numbers. An
// empty field is zero.
func number(field []byte) (n int64, ok bool) {
	if field[0] == 0x80 {
		for _, c := range field[1:] {
			if n > math.MaxInt64>>8 {
				return 0, false
			}
			n = n<<8 | int64(c)
		}
		return n, true
	}
	digits := strings.TrimLeft(strings.TrimRight(string(field), " \x00"), " ")
	if digits == "" {
		return 0, true
	}
	n, err := strconv.ParseInt(digits, 8, 64)
	return n, err == nil && ascii.IsDigit(digits[0])
}

// said is what headers of the second group say of the entry behind them.
type said struct {
	pax  map[string]string
	long map[byte]string // by tag
}

func (s *said) empty() bool { return s.pax == nil && s.long == nil }

// take adds the text of a header. why tells what is wrong with it, in words
// that follow "the header".
func (s *said) take(tag byte, raw []byte) (why string) {
	switch tag {
	case tagLongName, tagLongLink:
		// Where both forms speak, readers differ in whom they believe.
		if _, twice := s.long[tag]; twice || s.pax != nil {
			return "contradicts the one before it"
		}
		value := string(bytes.TrimRight(raw, "\x00"))
		if value == "" {
			return "has an empty name"
		}
		if s.long == nil {
			s.long = make(map[byte]string)
		}
		s.long[tag] = value
	default:
		if !s.empty() {
			return "contradicts the one before it"
		}
		records, why := paxRecords(raw)
		if why != "" {
			return why
		}
		if tag == tagPax {
			s.pax = records
			return ""
		}
		// Few readers keep these records for the entries that follow.
		for _, key := range []string{"path", "linkpath", "size"} {
			if _, ok := records[key]; ok {
				return "gives all entries one " + key
			}
		}
	}
	return ""
}

// paxKeys are the keys of POSIX. All others have a vendor's name and a dot
// before them; some readers take any key for a field of the header.
var paxKeys = []string{
	"atime", "charset", "comment", "ctime", "gid", "gname", "hdrcharset",
	"linkpath", "mtime", "path", "size", "uid", "uname",
}

// paxSparse are the keys by which others than GNU tar say that a file has
// holes.
var paxSparse = []string{"SCHILY.filetype", "SCHILY.realsize", "SUN.holesdata"}

// paxRecords reads the records of a pax header: lines of their own length, a
// space, a key, "=" and a value.
func paxRecords(raw []byte) (records map[string]string, why string) {
	records = make(map[string]string)
	for len(raw) > 0 {
		digits, _, ok := bytes.Cut(raw[:min(len(raw), 8)], []byte(" "))
		length, err := strconv.Atoi(string(digits))
		if !ok || err != nil || !ascii.IsDigit(digits[0]) || length <= len(digits)+1 || length > len(raw) || raw[length-1] != '\n' {
			return nil, "has damaged pax records"
		}
		record := string(raw[len(digits)+1 : length-1])
		raw = raw[length:]
		key, value, ok := strings.Cut(record, "=")
		if !ok || key == "" {
			return nil, "has damaged pax records"
		}
		if _, twice := records[key]; twice {
			return nil, "has two pax records of one kind"
		}
		if strings.HasPrefix(key, "GNU.sparse.") || slices.Contains(paxSparse, key) {
			return nil, "is of a sparse file; write files whole"
		}
		if !strings.Contains(key, ".") && !slices.Contains(paxKeys, key) {
			return nil, "has a pax record that pax does not know"
		}
		records[key] = value
	}
	return records, ""
}

// apply gives what the header says together with what was said before it.
func (s *said) apply(h tarHead) (_ tarHead, why string) {
	for _, long := range []struct {
		tag   byte
		key   string
		field *string
	}{{tagLongName, "path", &h.name}, {tagLongLink, "linkpath", &h.link}} {
		if value, ok := s.long[long.tag]; ok {
			*long.field = value
		}
		if value, ok := s.pax[long.key]; ok {
			if value == "" { // takes back what the header says, or not
				return h, "has an empty " + long.key
			}
			*long.field = value
		}
	}
	if value, ok := s.pax["size"]; ok {
		size, err := strconv.ParseInt(value, 10, 64)
		// A reader that knows no pax has to find the next header at the same
		// place, unless the size is out of its reach anyway.
		if err != nil || !ascii.IsDigit(value[0]) || size != h.size && (size <= maxOctal || h.size != 0) {
			return h, "has two sizes"
		}
		h.size = size
	}
	return h, ""
}
