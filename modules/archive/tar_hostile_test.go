package archive

import (
	"archive/tar"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/fault"
)

// end is what has to follow the last entry.
var end = string(make([]byte, 2*blockLen))

// at is a change of a header.
type at struct {
	offset int
	text   string
}

// entryOf writes one header of the ustar form, changed, with its content.
func entryOf(tag byte, name, content string, changes ...at) string {
	var b block
	copy(b[:100], name)
	copy(b[100:], "0000644\x00")
	copy(b[124:], fmt.Sprintf("%011o\x00", len(content)))
	b[156] = tag
	copy(b[257:], "ustar\x0000")
	for _, c := range changes {
		copy(b[c.offset:], c.text)
	}
	sum, _ := b.sums()
	if b[148] == 0 {
		copy(b[148:], fmt.Sprintf("%06o\x00 ", sum))
	}
	return string(b[:]) + content + end[:-len(content)&(blockLen-1)]
}

func fileOf(name string) string { return entryOf('0', name, "content") }

func linkOf(tag byte, name, target string) string {
	return entryOf(tag, name, "", at{157, target})
}

// paxOf writes a header of pax records, given as key and value in turn.
func paxOf(tag byte, pairs ...string) string {
	var records string
	for i := 0; i < len(pairs); i += 2 {
		record := " " + pairs[i] + "=" + pairs[i+1] + "\n"
		length := len(record) + 1
		for len(fmt.Sprint(length))+len(record) != length {
			length++
		}
		records += fmt.Sprint(length) + record
	}
	return entryOf(tag, "PaxHeaders/x", records)
}

// TestTarOdd has what is unusual, and understood alike by everyone.
func TestTarOdd(t *testing.T) {
	t.Parallel()
	a, gnu := fileOf("a"), at{257, "ustar  \x00"}
	for name, raw := range map[string]string{
		"no end":                 a,
		"half an end":            a + end[:blockLen],
		"record of zeros":        a + strings.Repeat(end, 20),
		"most zeros":             a + end + strings.Repeat("\x00", maxTrailer-blockLen),
		"nothing":                end,
		"oldest form":            entryOf(0, "a", "x", at{257, "\x00\x00\x00\x00\x00\x00\x00\x00"}) + end,
		"oldest directory":       entryOf(0, "a/", "") + end,
		"GNU":                    entryOf('0', "a", "x", gnu) + end,
		"binary size":            entryOf('0', "a", "x", gnu, at{124, "\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"}) + end,
		"spaces":                 entryOf('0', "a", "x", at{124, "          1 "}) + end,
		"no size":                entryOf('5', "a", "", at{124, strings.Repeat("\x00", 12)}) + end,
		"long name":              entryOf('L', "././@LongLink", "a/b\x00") + a + end,
		"both long":              entryOf('L', "l", "a/b\x00") + entryOf('K', "l", "c\x00") + linkOf('2', "a", "d") + end,
		"prefix":                 entryOf('0', "a", "x", at{345, "b"}) + end,
		"times of node in it":    entryOf('0', "a", "x", at{476, "15000000000\x0015000000000\x00"}) + end,
		"signed checksum":        entryOf('0', "\xc3\xbc", "x", at{148, signedSum("\xc3\xbc")}) + end,
		"pax":                    paxOf('x', "path", "b", "size", "7", "mtime", "1.5", "SCHILY.xattr.user.a", "b") + a + end,
		"global comment":         paxOf('g', "comment", "0123456789") + a + end,
		"same directory":         entryOf('5', "d/", "") + entryOf('5', "d", "") + entryOf('5', "./d/", "") + end,
		"root":                   entryOf('5', "./", "") + fileOf("./a") + entryOf('5', ".", "") + end,
		"directory behind":       fileOf("a/b") + entryOf('5', "a/", "") + end,
		"no directory":           fileOf("a/b/c") + end,
		"other case":             fileOf("a") + fileOf("A") + end,
		"link that climbs":       linkOf('2', "a/b/c", "../../d") + end,
		"link to the root":       linkOf('2', "a/b", "..") + end,
		"link to what is absent": linkOf('2', "a", "b") + end,
		"hard link":              fileOf("./a") + linkOf('1', "b", "./a") + linkOf('1', "c", "b") + end,
	} {
		got, err := readTar([]byte(raw))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if same, err := stdlib([]byte(raw)); err != nil || !cmp.Equal(same, got) {
			t.Errorf("%s: %q, but the standard library reads %q %v", name, got, same, err)
		}
	}
}

func signedSum(name string) string {
	b := block([]byte(entryOf('0', name, "x")[:blockLen]))
	_, signed := b.sums()
	return fmt.Sprintf("%06o\x00 ", signed)
}

// TestTarHostile has what readers of tar archives disagree on
// (CVE-2025-62518 and its kin), and other files that are no package.
func TestTarHostile(t *testing.T) {
	t.Parallel()
	a, b := fileOf("a"), fileOf("b")
	for name, tc := range map[string]struct{ raw, says string }{
		"empty file":              {"", "cut off"},
		"no tar":                  {strings.Repeat("no tar at all ", 100), "damaged"},
		"half a header":           {a[:100], "cut off"},
		"half a content":          {a[:515], `cut off behind "a"`},
		"no padding":              {a[:519], `cut off behind "a"`},
		"half a second header":    {a + b[:100], `cut off behind "a"`},
		"half an end":             {a + end[:100], `cut off behind "a"`},
		"checksum":                {a + entryOf('0', "b", "", at{148, "0000001\x00"}) + end, `behind "a" is damaged`},
		"bytes behind":            {a + end + "x", "follows its end"},
		"another behind":          {a + end + b + end, "follows its end"},
		"lone zeros":              {a + end[:blockLen] + b + end, "follows its end"},
		"absolute":                {fileOf("/a"), `"/a" is absolute`},
		"absolute directory":      {entryOf('5', "/", ""), "is empty"},
		"parent":                  {fileOf("../a"), `"../a" holds the element ".."`},
		"parent inside":           {fileOf("a/../../b"), `"a/../../b" holds`},
		"parent at the end":       {entryOf('5', "a/..", ""), `holds the element ".."`},
		"parent behind a dot":     {fileOf("./../a"), `holds the element ".."`},
		"dot":                     {fileOf("a/./b"), `holds the element "."`},
		"two dots":                {fileOf("././a"), `holds the element "."`},
		"absolute behind a dot":   {fileOf(".//a"), "is absolute"},
		"prefix and absolute":     {entryOf('0', "/a", "", at{345, "b"}), "empty element"},
		"backslash":               {fileOf(`a\b`), "holds a backslash"},
		"drive":                   {fileOf("C:a"), "drive letter"},
		"control":                 {fileOf("a\x1b[2J"), "control character"},
		"NUL":                     {paxOf('x', "path", "a\x00b") + a, "control character"},
		"not UTF-8":               {fileOf("a\xff"), "not UTF-8"},
		"empty name":              {fileOf(""), "is empty"},
		"empty element":           {fileOf("a//b"), "empty element"},
		"two slashes":             {entryOf('5', "a//", ""), "empty element"},
		"root as a file":          {fileOf("./"), "name of a directory"},
		"root as a link":          {linkOf('2', ".", "a"), "name of a directory"},
		"file with a slash":       {fileOf("a/"), "name of a directory"},
		"link with a slash":       {linkOf('2', "a/", "b"), "name of a directory"},
		"file twice":              {a + b + a + end, `"a" twice`},
		"dot and none":            {a + fileOf("./a") + end, `"a" twice`},
		"file and directory":      {a + entryOf('5', "a/", ""), `"a" twice`},
		"directory and file":      {entryOf('5', "a/", "") + a, `"a" twice`},
		"file and link":           {a + linkOf('2', "a", "b"), `"a" twice`},
		"directory and link":      {entryOf('5', "a/", "") + linkOf('2', "a", "b"), `"a" twice`},
		"hard link to itself":     {linkOf('1', "a", "a"), "no file before it"},
		"hard link twice":         {a + b + linkOf('1', "b", "a"), `"b" twice`},
		"below a file":            {a + fileOf("a/b"), `"a/b" lies below "a"`},
		"below a link":            {linkOf('2', "a", "b") + fileOf("a/b"), `"a/b" lies below "a"`},
		"link above":              {fileOf("a/b/c") + linkOf('2', "a", "d"), `"a/b/c" lies below "a"`},
		"link out":                {linkOf('2', "a", "../b"), `link "a" leads out`},
		"link far out":            {linkOf('2', "a/b", "../../b"), `link "a/b" leads out`},
		"absolute link":           {linkOf('2', "a", "/etc/passwd"), `link "a" leads out`},
		"link down and up":        {linkOf('2', "a", "b/../../c"), `link "a" has a target that`},
		"link with a backslash":   {linkOf('2', "a", `..\b`), "backslash"},
		"empty link":              {linkOf('2', "a", ""), "empty target"},
		"hard link out":           {linkOf('1', "a", "../b"), `link "a" leads to "../b"`},
		"absolute hard link":      {linkOf('1', "a", "/etc/passwd"), `leads to "/etc/passwd"`},
		"hard link to later":      {linkOf('1', "b", "a") + a, "no file before it"},
		"hard link to a link":     {linkOf('2', "l", "a") + linkOf('1', "b", "l"), "no file before it"},
		"hard link to a folder":   {entryOf('5', "d/", "") + linkOf('1', "b", "d"), "no file before it"},
		"device":                  {entryOf('3', "a", ""), `"a" is a device`},
		"disk":                    {entryOf('4', "a", ""), `"a" is a device`},
		"pipe":                    {entryOf('6', "a", ""), `"a" is a device`},
		"contiguous":              {entryOf('7', "a", ""), `"a" is a device`},
		"sparse":                  {entryOf('S', "a", ""), `"a" is a device`},
		"volume":                  {entryOf('V', "a", ""), `"a" is a device`},
		"part of a file":          {entryOf('M', "a", ""), `"a" is a device`},
		"pax of Solaris":          {entryOf('X', "a", ""), `"a" is a device`},
		"directory with content":  {entryOf('5', "a", "x"), `"a" is a directory with content`},
		"link with content":       {entryOf('2', "a", "x", at{157, "b"}), `"a" is a symbolic link with content`},
		"hard link with content":  {a + entryOf('1', "b", "x", at{157, "a"}), `"b" is a hard link with content`},
		"size no number":          {entryOf('0', "a", "", at{124, "000000000x0"}), "size that is no number"},
		"size in two parts":       {entryOf('0', "a", "", at{124, "1\x002"}), "size that is no number"},
		"size behind a NUL":       {entryOf('0', "a", "", at{124, "\x00001"}), "size that is no number"},
		"size with a sign":        {entryOf('0', "a", "", at{124, "-0000000001"}), "size that is no number"},
		"size with a plus":        {entryOf('0', "a", "", at{124, "+0000000001"}), "size that is no number"},
		"negative size":           {entryOf('0', "a", "", at{124, strings.Repeat("\xff", 12)}), "size that is no number"},
		"huge size":               {entryOf('0', "a", "", at{124, "\x80" + strings.Repeat("\xff", 11)}), "size that is no number"},
		"mode no number":          {entryOf('0', "a", "", at{100, "rw-r--r"}), "mode that is no number"},
		"star":                    {entryOf('0', "a", "", at{508, "tar\x00"}), "form of star"},
		"prefix of old forms":     {entryOf('0', "a", "", at{257, "ustar  \x00"}, at{345, "b"}), "prefix"},
		"prefix of other version": {entryOf('0', "a", "", at{257, "ustar\x0011"}, at{345, "b"}), "prefix"},
		"prefix of node only":     {entryOf('0', "a", "", at{475, "b"}), "prefix"},
		"sparse by pax":           {paxOf('x', "GNU.sparse.major", "1", "GNU.sparse.minor", "0") + a, "sparse"},
		"sparse by others":        {paxOf('x', "SCHILY.realsize", "9") + a, "sparse"},
		"size by pax":             {paxOf('x', "size", "512") + a, `"a" has two sizes`},
		"none by pax":             {paxOf('x', "size", "0") + a, `"a" has two sizes`},
		"size of nothing":         {paxOf('x', "size", "512") + entryOf('0', "a", "") + b, `"a" has two sizes`},
		"size by pax no number":   {paxOf('x', "size", "+7") + a, `"a" has two sizes`},
		"empty size by pax":       {paxOf('x', "size", "") + a, `"a" has two sizes`},
		"empty path by pax":       {paxOf('x', "path", "") + a, `"a" has an empty path`},
		"path by pax":             {paxOf('x', "path", "../b") + a, `"../b" holds`},
		"link by pax":             {paxOf('x', "linkpath", "/b") + linkOf('2', "a", "c"), "leads out"},
		"two paths by pax":        {paxOf('x', "path", "a", "path", "b") + a, "two pax records"},
		"type by pax":             {paxOf('x', "type", "2") + a, "pax does not know"},
		"two of pax":              {paxOf('x', "path", "b") + paxOf('x', "mtime", "1") + a, "contradicts"},
		"pax and GNU":             {paxOf('x', "path", "b") + entryOf('L', "l", "c\x00") + a, "contradicts"},
		"GNU and pax":             {entryOf('L', "l", "c\x00") + paxOf('x', "path", "b") + a, "contradicts"},
		"two of GNU":              {entryOf('L', "l", "c\x00") + entryOf('L', "l", "d\x00") + a, "contradicts"},
		"global in between":       {paxOf('x', "path", "b") + paxOf('g', "comment", "c") + a, "contradicts"},
		"global path":             {paxOf('g', "path", "b") + a, "all entries one path"},
		"global size":             {paxOf('g', "size", "7") + a, "all entries one size"},
		"empty long name":         {entryOf('L', "l", "\x00") + a, "empty name"},
		"long name of two":        {entryOf('L', "l", "c\x00d\x00") + a, "control character"},
		"pax for nothing":         {a + paxOf('x', "path", "b") + end, `behind "a" belongs to no entry`},
		"name for nothing":        {entryOf('L', "l", "c\x00") + end, "belongs to no entry"},
		"pax cut off":             {a + paxOf('x', "path", "b")[:515], `cut off behind "a"`},
		"record of no length":     {entryOf('x', "p", "path=b\n") + a, "damaged pax"},
		"record too long":         {entryOf('x', "p", "99 path=b\n") + a, "damaged pax"},
		"record too short":        {entryOf('x', "p", "5 path=b\n") + a, "damaged pax"},
		"large size by pax":       {paxOf('x', "size", fmt.Sprint(int64(maxOctal+1))) + a, `"a" has two sizes`},
		"record of length zero":   {entryOf('x', "p", "0 path=b\n") + a, "damaged pax"},
		"record of nothing":       {entryOf('x', "p", "2 path=b\n") + a, "damaged pax"},
		"record with a sign":      {entryOf('x', "p", "+11 path=b\n") + a, "damaged pax"},
		"record without a value":  {entryOf('x', "p", "7 path\n") + a, "damaged pax"},
		"record without a key":    {entryOf('x', "p", "6 =bb\n") + a, "damaged pax"},
		"record and more":         {entryOf('x', "p", "10 path=b\n\x00") + a, "damaged pax"},
	} {
		if _, err := readTar([]byte(tc.raw)); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTarGzHostile has sound archives in gzip data that is not.
func TestTarGzHostile(t *testing.T) {
	t.Parallel()
	raw := tarOf(t, tar.Header{Name: "a"}, tar.Header{Name: "b"})
	good := gzipOf(t, raw)
	n := len(good)
	for name, packed := range map[string][]byte{
		"empty file":       nil,
		"not compressed":   raw,
		"header cut off":   good[:5],
		"cut off":          good[:n/2],
		"no checksum":      good[:n-8],
		"half a checksum":  good[:n-1],
		"checksum":         patch(good, n-8, good[n-8]^1),
		"length":           patch(good, n-4, good[n-4]^1),
		"damaged":          patch(good, 10, 0xff),
		"zero behind":      append(bytes.Clone(good), 0),
		"garbage behind":   append(bytes.Clone(good), "garbage"...),
		"a second member":  concat(good, gzipOf(t, raw)),
		"an empty member":  concat(good, gzipOf(t, nil)),
		"in two members":   concat(gzipOf(t, raw[:blockLen]), gzipOf(t, raw[blockLen:])),
		"compressed twice": gzipOf(t, good),
	} {
		if _, err := listing(ReadTarGz, bytes.NewReader(packed), DefaultLimits()); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTarLimits(t *testing.T) {
	t.Parallel()
	raw := entryOf('5', "a/", "") + paxOf('g', "comment", "x") + fileOf("a/b/c") + entryOf('0', "zeros", string(make([]byte, 1<<20))) + end
	packed := gzipOf(t, []byte(raw))
	fits := Limits{Files: 4, Size: 7 + 13 + 1<<20, File: 1 << 20, Ratio: 2000, Small: 1 << 10, Name: 5, Depth: 2}
	read := func(l Limits) error {
		_, err := listing(ReadTarGz, bytes.NewReader(packed), l)
		return err
	}
	if err := read(fits); err != nil {
		t.Fatal(err)
	}
	for name, shrink := range map[string]func(*Limits){
		"files": func(l *Limits) { l.Files-- },
		"size":  func(l *Limits) { l.Size-- },
		"file":  func(l *Limits) { l.File-- },
		"one":   func(l *Limits) { l.File, l.Size = 0, 1<<20-1 },
		"ratio": func(l *Limits) { l.Ratio = 100 },
		"name":  func(l *Limits) { l.Name-- },
		"depth": func(l *Limits) { l.Depth-- },
	} {
		l := fits
		shrink(&l)
		if err := read(l); !fault.Is(err, fault.TooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
	l := fits
	l.Ratio, l.Small = 100, 2<<20
	if err := read(l); err != nil {
		t.Errorf("small ones may be packed at any ratio: %v", err)
	}
	l.Files, l.Size = 2, 100
	for name, raw := range map[string]string{
		"global headers": strings.Repeat(paxOf('g', "comment", "x"), 3),
		"long headers":   paxOf('g', "comment", strings.Repeat("x", 90)),
	} {
		if _, err := listing(ReadTar, strings.NewReader(raw), l); !fault.Is(err, fault.TooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, raw := range map[string]string{
		"zeros behind":    fileOf("a") + strings.Repeat("\x00", maxTrailer+2*blockLen),
		"pax":             paxOf('x', "comment", strings.Repeat("x", maxSaid)) + fileOf("a"),
		"long name":       entryOf('L', "l", strings.Repeat("x", 2000)) + fileOf("a"),
		"target":          entryOf('K', "l", strings.Repeat("x", maxTarget+1)) + linkOf('2', "a", "b"),
		"hard target":     entryOf('K', "l", strings.Repeat("x", 2000)) + linkOf('1', "a", "b"),
		"size by pax":     paxOf('x', "size", fmt.Sprint(int64(maxOctal+1))) + entryOf('0', "a", ""),
		"size without it": entryOf('0', "a", "", at{124, "77777777777"}),
		"largest size":    fileOf("b") + entryOf('0', "a", "", at{124, "\x80\x00\x00\x00\x7f" + strings.Repeat("\xff", 7)}),
	} {
		if _, err := readTar([]byte(raw)); !fault.Is(err, fault.TooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
