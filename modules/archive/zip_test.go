package archive

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"

	"ingot.dev/modules/fault"
)

func open(raw []byte, limits Limits) (*Zip, error) {
	return OpenZip(bytes.NewReader(raw), int64(len(raw)), limits)
}

// contents reads a whole archive; modes of links are told by an arrow.
func contents(t testing.TB, raw []byte) map[string]string {
	t.Helper()
	z, err := open(raw, DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	if err := z.Verify(context.Background()); err != nil {
		t.Error(err)
	}
	out := make(map[string]string)
	for _, f := range z.Files() {
		r, err := z.Open(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Error(err)
		}
		r.Close()
		out[f.Name] = string(content)
		if f.Mode&fs.ModeSymlink != 0 {
			out[f.Name] = "-> " + string(content)
		}
	}
	return out
}

func TestZipOfWriter(t *testing.T) {
	t.Parallel()
	files := sample()
	want := make(map[string]string)
	for _, f := range files {
		if want[f.path] = f.content; f.mode&fs.ModeSymlink != 0 {
			want[f.path] = "-> " + f.content
		}
	}
	raw := write(t, files, plain)
	if diff := cmp.Diff(want, contents(t, raw)); diff != "" {
		t.Error(diff)
	}
	z, err := open(raw, DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	if got := z.Files()[1]; got.Name != "bin/run" || got.Mode != 0o755 || got.Size != 10 {
		t.Errorf("%+v", got)
	}
	if content, err := z.ReadFile("README.md", 9); string(content) != "# Sample\n" {
		t.Errorf("%q %v", content, err)
	}
	for name, kind := range map[string]fault.Kind{"absent": fault.NotFound, "bin": fault.NotFound, "bin/": fault.NotFound, "README.md": fault.TooLarge, "link": fault.Invalid} {
		if _, err := z.ReadFile(name, 8); !fault.Is(err, kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestZipOfOthers reads what real programs write, streamed and not.
func TestZipOfOthers(t *testing.T) {
	t.Parallel()
	const python = `
import sys, zipfile
class Stream:
    def __init__(self, f): self.f = f
    def write(self, b): return self.f.write(b)
    def flush(self): pass
streamed, at, *names = sys.argv[1:]
f = open(at, "wb")
z = zipfile.ZipFile(Stream(f) if streamed == "1" else f, "w", zipfile.ZIP_DEFLATED)
z.comment = b"a comment"
for n in names: z.write(n)
with z.open("forced", "w", force_zip64=True) as e: e.write(b"zip64")
z.writestr(zipfile.ZipInfo("stored"), "stored")
z.close()
`
	const php = `$z = new ZipArchive; $z->open($argv[1], ZipArchive::CREATE); $z->addEmptyDir("dir"); $z->setArchiveComment("hello");
foreach (array_slice($argv, 2) as $n) $z->addFile($n); $z->addFromString("stored", "stored"); $z->setCompressionName("stored", ZipArchive::CM_STORE); $z->close();`
	zeros := strings.Repeat("\x00", 100_000)
	basic := map[string]string{"dir/a.txt": "hello\n", "dir/zeros": zeros, "dir/empty": "", "dir/ü": "umlaut"}
	with := func(more ...string) map[string]string {
		out := make(map[string]string)
		for k, v := range basic {
			out[k] = v
		}
		for i := 0; i < len(more); i += 2 {
			out[more[i]] = more[i+1]
		}
		return out
	}
	names := []string{"dir/a.txt", "dir/zeros", "dir/empty", "dir/ü"}
	for name, tc := range map[string]struct {
		command []string
		want    map[string]string
		stdout  bool
	}{
		"Info-ZIP":          {[]string{"zip", "-qry", "OUT", "dir"}, with("dir/link", "-> a.txt"), false},
		"Info-ZIP stored":   {[]string{"zip", "-qr0", "OUT", "dir"}, with("dir/link", "hello\n"), false},
		"Info-ZIP streamed": {[]string{"zip", "-qr", "-", "dir"}, with("dir/link", "hello\n"), true},
		"Info-ZIP zip64":    {[]string{"zip", "-qr", "-fz", "OUT", "dir"}, with("dir/link", "hello\n"), false},
		"Python":            {append([]string{"python3", "-c", python, "0", "OUT"}, names...), with("forced", "zip64", "stored", "stored"), false},
		"Python streamed":   {append([]string{"python3", "-c", python, "1", "OUT"}, names...), with("forced", "zip64", "stored", "stored"), false},
		"PHP":               {append([]string{"php", "-r", php, "--", "OUT"}, names...), with("stored", "stored"), false},
		"Java":              {[]string{"jar", "-cfM", "OUT", "dir"}, with("dir/link", "hello\n"), false},
		"Java stored":       {[]string{"jar", "-c0fM", "OUT", "dir"}, with("dir/link", "hello\n"), false},
		"git":               {[]string{"sh", "-c", "git init -q . && git add dir && git -c user.name=a -c user.email=a commit -qm x && git archive --format=zip HEAD"}, with("dir/link", "-> a.txt"), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(tc.command[0]); err != nil {
				t.Skipf("no %s here", tc.command[0])
			}
			dir := t.TempDir()
			if err := os.Mkdir(filepath.Join(dir, "dir"), 0o755); err != nil {
				t.Fatal(err)
			}
			for path, content := range basic {
				if err := os.WriteFile(filepath.Join(dir, path), []byte(content), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Symlink("a.txt", filepath.Join(dir, "dir/link")); err != nil {
				t.Fatal(err)
			}
			at := filepath.Join(dir, "out.zip")
			args := slices.Clone(tc.command)
			if i := slices.Index(args, "OUT"); i >= 0 {
				args[i] = at
			}
			cmd := exec.Command(args[0], args[1:]...)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			if !tc.stdout {
				if out, err = os.ReadFile(at); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(tc.want, contents(t, out)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// zipOf writes a zip with the standard library, streamed or with sizes.
func zipOf(t testing.TB, streamed bool, names ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, name := range names {
		content := "content of " + name
		h := &zip.FileHeader{Name: name, Method: zip.Store}
		create := w.CreateHeader
		if strings.HasSuffix(name, "/") {
			content = ""
		} else if !streamed {
			create = w.CreateRaw
			h.CRC32 = crc32.ChecksumIEEE([]byte(content))
			h.UncompressedSize64, h.CompressedSize64 = uint64(len(content)), uint64(len(content))
		}
		e, err := create(h)
		if err == nil {
			_, err = io.WriteString(e, content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// edit gives a copy with bytes changed behind the n-th occurrence of a mark.
func edit(raw []byte, mark string, n, offset int, with ...byte) []byte {
	raw = bytes.Clone(raw)
	at := 0
	for range n + 1 {
		at += bytes.Index(raw[at:], []byte(mark)) + 1
	}
	copy(raw[at-1+offset:], with)
	return raw
}

func patch(raw []byte, at int, with ...byte) []byte {
	raw = bytes.Clone(raw)
	copy(raw[at:], with)
	return raw
}

func concat(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// TestZipConfusion has what readers of zip files disagree on
// (CVE-2025-54368 and its kin), and other files that are no package.
func TestZipConfusion(t *testing.T) {
	t.Parallel()
	good := zipOf(t, false, "a", "b")
	streamed := zipOf(t, true, "a", "b")
	for _, raw := range [][]byte{good, streamed, zipOf(t, false), zipOf(t, false, "d/", "d/a"), zipOf(t, false, "README", "readme")} {
		if _, err := open(raw, DefaultLimits()); err != nil {
			t.Fatalf("a good one is refused: %v", err)
		}
	}
	end := len(good) - endLen
	directory := int(binary.LittleEndian.Uint32(good[end+16:]))
	second := bytes.LastIndex(good, []byte(localSign))
	comment := func(raw []byte, says int, text string) []byte {
		return append(patch(raw, len(raw)-2, byte(says), byte(says>>8)), text...)
	}
	shift := func(raw []byte, by int) []byte { // the directory moved by so many bytes
		return patch(raw, len(raw)-endLen+16, byte(int(raw[len(raw)-endLen+16])+by))
	}
	if _, err := open(comment(good, 5, "hello"), DefaultLimits()); err != nil {
		t.Errorf("an honest comment: %v", err)
	}
	attributes := func(mode uint32) []byte {
		return edit(good, entrySign, 0, 38, binary.LittleEndian.AppendUint32(nil, mode<<16)...)
	}
	for name, raw := range map[string][]byte{
		"empty file":                   nil,
		"no zip":                       []byte(strings.Repeat("no zip at all ", 10)),
		"cut off":                      good[:len(good)-1],
		"bytes before":                 concat([]byte("#!/bin/sh\n"), good),
		"bytes behind":                 append(bytes.Clone(good), 0),
		"a zip behind":                 concat(good, good),
		"comment longer than it says":  comment(good, 3, "hello"),
		"comment shorter than it says": comment(good, 9, "hello"),
		"end in the comment":           comment(good, endLen, string(good[end:])),
		"end signature in the comment": comment(good, 6, "x"+endSign+"y"),
		"gap before the directory":     shift(concat(good[:directory], []byte{0}, good[directory:]), 1),
		"gap behind the directory":     concat(good[:end], []byte{0}, good[end:]),
		"gap between entries":          shift(edit(concat(good[:second], []byte{0}, good[second:]), entrySign, 1, 42, byte(second+1)), 1),
		"twice":                        zipOf(t, false, "a", "a"),
		"file and directory":           zipOf(t, false, "a", "a/"),
		"below a file":                 zipOf(t, false, "a", "a/b"),
		"local name":                   edit(good, localSign, 1, localLen, 'x'),
		"local name shorter":           edit(good, localSign, 1, 26, 0),
		"local method":                 edit(good, localSign, 0, 8, 8),
		"local flags":                  edit(good, localSign, 0, 6, 8),
		"local checksum":               edit(good, localSign, 0, 14, 1, 2, 3, 4),
		"local size":                   edit(good, localSign, 0, 22, 1),
		"local packed size":            edit(good, localSign, 0, 18, 1),
		"local signature":              edit(good, localSign, 1, 0, 'X'),
		"no checksum without the flag": edit(good, localSign, 0, 14, 0, 0, 0, 0),
		"descriptor checksum":          edit(streamed, describeSign, 0, 4, 1, 2, 3, 4),
		"descriptor size":              edit(streamed, describeSign, 0, 8, 1),
		"descriptor signature":         edit(streamed, describeSign, 0, 0, 'X'),
		"size":                         edit(good, entrySign, 0, 24, 1),
		"packed size":                  edit(good, entrySign, 0, 20, 1),
		"sizes past the end":           edit(edit(good, entrySign, 1, 20, 255, 255), entrySign, 1, 24, 255, 255),
		"offset":                       edit(good, entrySign, 1, 42, 1),
		"offset of another":            edit(good, entrySign, 1, 42, 0),
		"offset past the end":          edit(good, entrySign, 1, 42, 255, 255, 255, 0),
		"zip64 without its field":      edit(good, entrySign, 0, 24, 255, 255, 255, 255),
		"disk of an entry":             edit(good, entrySign, 0, 34, 1),
		"disk":                         patch(good, end+4, 1),
		"disk of the directory":        patch(good, end+6, 1),
		"entries on this disk":         patch(good, end+8, 1),
		"fewer entries":                patch(good, end+8, 1, 0, 1, 0),
		"more entries":                 patch(good, end+8, 3, 0, 3, 0),
		"directory size":               patch(good, end+12, 1),
		"directory offset":             patch(good, end+16, 1),
		"zip64 end missing":            patch(good, end+16, 255, 255, 255, 255),
		"encrypted":                    edit(edit(good, entrySign, 0, 8, 1), localSign, 0, 6, 1),
		"masked":                       edit(edit(good, entrySign, 0, 9, 0x20), localSign, 0, 7, 0x20),
		"bzip2":                        edit(edit(good, entrySign, 0, 10, 12), localSign, 0, 8, 12),
		"device":                       attributes(0o060644),
		"pipe":                         attributes(0o010644),
		"socket":                       attributes(0o140644),
		"directory without a slash":    attributes(0o040755),
		"link out of the tree":         attributes(0o120777), // see below: its target is "content of a"
		"absolute":                     zipOf(t, false, "/etc/passwd"),
		"parent":                       zipOf(t, false, "../a"),
		"parent inside":                zipOf(t, false, "a/../../b"),
		"backslash":                    zipOf(t, false, `..\a`),
		"drive":                        zipOf(t, false, "C:a"),
		"NUL":                          zipOf(t, false, "a\x00.txt"),
		"escape":                       zipOf(t, false, "a\x1b[2J"),
		"dot":                          zipOf(t, false, "./a"),
		"empty element":                zipOf(t, false, "a//b"),
		"empty name":                   zipOf(t, false, ""),
		"root":                         zipOf(t, false, "/"),
		"not UTF-8":                    zipOf(t, false, "a\xff"),
	} {
		z, err := open(raw, DefaultLimits())
		if name == "link out of the tree" { // and this one stays
			if err != nil || z.Files()[0].Mode&fs.ModeSymlink == 0 {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// raw64 is a zip of one stored file whose every number is in zip64 form.
func raw64(entryExtra, localExtra []byte) []byte {
	const content = "sixty-four"
	le := binary.LittleEndian
	sum := crc32.ChecksumIEEE([]byte(content))
	none := []byte{255, 255, 255, 255}
	var out []byte
	out = append(out, localSign+"\x2d\x00\x00\x00\x00\x00\x00\x00\x00\x00"...)
	out = append(le.AppendUint32(out, sum), none...)
	out = le.AppendUint16(append(out, none...), 1)
	out = append(append(append(le.AppendUint16(out, uint16(len(localExtra))), 'a'), localExtra...), content...)
	directory := len(out)
	out = append(out, entrySign+"\x2d\x03\x2d\x00\x00\x00\x00\x00\x00\x00\x00\x00"...)
	out = append(le.AppendUint32(out, sum), none...)
	out = le.AppendUint16(append(out, none...), 1)
	out = append(le.AppendUint16(out, uint16(len(entryExtra))), make([]byte, 10)...)
	out = append(append(append(out, none...), 'a'), entryExtra...)
	end := len(out)
	out = append(le.AppendUint64(append(out, end64Sign...), end64Len-12), 45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	for _, v := range []int{1, 1, end - directory, directory} {
		out = le.AppendUint64(out, uint64(v))
	}
	out = append(le.AppendUint64(append(out, locator64Sign+"\x00\x00\x00\x00"...), uint64(end)), 1, 0, 0, 0)
	out = append(out, endSign+"\x00\x00\x00\x00\xff\xff\xff\xff"...)
	return append(append(append(out, none...), none...), 0, 0)
}

func field(id uint16, values ...uint64) []byte {
	out := binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16(nil, id), uint16(8*len(values)))
	for _, v := range values {
		out = binary.LittleEndian.AppendUint64(out, v)
	}
	return out
}

func TestZip64(t *testing.T) {
	t.Parallel()
	inEntry, inLocal := field(extraZip64, 10, 10, 0), field(extraZip64, 10, 10)
	good := raw64(inEntry, inLocal)
	if got := contents(t, good); got["a"] != "sixty-four" {
		t.Errorf("%q", got)
	}
	if got := contents(t, raw64(concat(inEntry, field(0xcafe, 1), []byte{0}), inLocal)); len(got) != 1 {
		t.Errorf("other fields and padding: %q", got)
	}
	end := len(good) - endLen
	for name, raw := range map[string][]byte{
		"other local sizes":    raw64(inEntry, field(extraZip64, 10, 9)),
		"other sizes":          raw64(field(extraZip64, 9, 9, 0), inLocal),
		"two fields":           raw64(concat(inEntry, inEntry), inLocal),
		"too short a field":    raw64(field(extraZip64, 10, 10), inLocal),
		"no local field":       raw64(inEntry, nil),
		"field too long":       raw64(concat(inEntry, []byte{1, 0, 9, 0, 0}), inLocal),
		"tail of a field":      raw64(concat(inEntry, []byte{1}), inLocal),
		"huge sizes":           raw64(field(extraZip64, 1<<63, 1<<63, 0), field(extraZip64, 1<<63, 1<<63)),
		"huge offset":          raw64(field(extraZip64, 10, 10, 1<<63), inLocal),
		"two counts":           patch(good, end+8, 2, 0, 2, 0),
		"two offsets":          patch(good, end+16, 9, 0, 0, 0),
		"locator elsewhere":    patch(good, end-12, 9),
		"locator far away":     patch(good, end-12, 0, 0, 0, 0, 0, 0, 0, 128),
		"longer record":        patch(good, end-locator64Len-end64Len+4, 45),
		"record on disk 1":     patch(good, end-locator64Len-end64Len+16, 1),
		"many disks":           patch(good, end-4, 2),
		"counts of the record": patch(good, end-locator64Len-end64Len+24, 2),
		"name in a field":      raw64(concat(inEntry, named("a", "../evil")), inLocal),
		"name in local field":  raw64(inEntry, concat(inLocal, named("a", "../evil"))),
		"name of another":      raw64(concat(inEntry, named("b", "a")), inLocal),
	} {
		if _, err := open(raw, DefaultLimits()); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := contents(t, raw64(concat(inEntry, named("a", "a")), inLocal)); len(got) != 1 {
		t.Errorf("the same name in a field: %q", got)
	}
}

// named is Info-ZIP's field with a name in UTF-8 for a header's name.
func named(header, name string) []byte {
	payload := append(binary.LittleEndian.AppendUint32([]byte{1}, crc32.ChecksumIEEE([]byte(header))), name...)
	out := binary.LittleEndian.AppendUint16(nil, extraName)
	return append(binary.LittleEndian.AppendUint16(out, uint16(len(payload))), payload...)
}

// Names in the charset of an old system are read where it is known, and are
// held to the same rules.
func TestZipCharset(t *testing.T) {
	t.Parallel()
	known := DefaultLimits()
	known.Charset = charmap.CodePage866
	old := func(name string) string {
		b, err := charmap.CodePage866.NewEncoder().String(name)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	raw := zipOf(t, false, old("Классы/Счёт.os"), old("Классы/"), "plain", "Модули/Ёж.os")
	z, err := open(raw, known)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range z.Files() {
		names = append(names, f.Name)
	}
	if diff := cmp.Diff([]string{"Классы/Счёт.os", "plain", "Модули/Ёж.os"}, names); diff != "" {
		t.Error(diff)
	}
	if err := z.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := open(raw, DefaultLimits()); !fault.Is(err, fault.Invalid) {
		t.Errorf("without the charset: %v", err)
	}
	flagged := bytes.Clone(raw) // it says that it is UTF-8, and is not
	flagged[7] |= 0x08
	flagged[bytes.Index(raw, []byte(entrySign))+9] |= 0x08
	for what, raw := range map[string][]byte{
		"said to be UTF-8": flagged,
		"a climb":          zipOf(t, false, old("../Ёж")),
		"twice":            zipOf(t, false, old("Ёж"), "Ёж"),
	} {
		if _, err := open(raw, known); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestZipLinks(t *testing.T) {
	t.Parallel()
	for target, ok := range map[string]bool{"b": true, "../b": true, "../../b": false, "/etc": false, strings.Repeat("x", maxTarget+1): false} {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		h := &zip.FileHeader{Name: "d/link"}
		h.SetMode(fs.ModeSymlink | 0o777)
		e, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(e, target)
		w.Close()
		if _, err := open(out.Bytes(), DefaultLimits()); (err == nil) != ok {
			t.Errorf("%.20s: %v", target, err)
		}
	}
}

func TestZipLimits(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, name := range []string{"a/b/c", "zeros"} {
		e, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		e.Write(make([]byte, 1<<20))
	}
	w.Close()
	fits := Limits{Files: 2, Size: 2 << 20, Ratio: 1000, Small: 1 << 10, Name: 5, Depth: 2}
	if _, err := open(out.Bytes(), fits); err != nil {
		t.Fatal(err)
	}
	for name, shrink := range map[string]func(*Limits){
		"files": func(l *Limits) { l.Files-- },
		"size":  func(l *Limits) { l.Size-- },
		"one":   func(l *Limits) { l.Size = 1<<20 - 1 },
		"ratio": func(l *Limits) { l.Ratio = 100 },
		"name":  func(l *Limits) { l.Name-- },
		"depth": func(l *Limits) { l.Depth-- },
	} {
		l := fits
		shrink(&l)
		if _, err := open(out.Bytes(), l); !fault.Is(err, fault.TooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
	l := fits
	l.Ratio, l.Small = 100, 2<<20
	if _, err := open(out.Bytes(), l); err != nil {
		t.Errorf("small ones may be packed at any ratio: %v", err)
	}
}

// TestZipDamagedContent has sound headers around content that is not.
func TestZipDamagedContent(t *testing.T) {
	t.Parallel()
	pack := func(size uint64, sum uint32, data []byte) []byte {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		e, err := w.CreateRaw(&zip.FileHeader{Name: "a", Method: zip.Deflate, UncompressedSize64: size, CompressedSize64: uint64(len(data)), CRC32: sum})
		if err != nil {
			t.Fatal(err)
		}
		e.Write(data)
		w.Close()
		return out.Bytes()
	}
	stored := "\x01\x05\x00\xfa\xffhello" // a last block of deflate, stored
	sum := crc32.ChecksumIEEE([]byte("hello"))
	if got := contents(t, pack(5, sum, []byte(stored))); got["a"] != "hello" {
		t.Fatalf("%q", got)
	}
	for name, raw := range map[string][]byte{
		"checksum":             pack(5, sum+1, []byte(stored)),
		"shorter":              pack(6, sum, []byte(stored)),
		"longer":               pack(4, crc32.ChecksumIEEE([]byte("hell")), []byte(stored)),
		"nothing":              pack(0, 0, []byte(stored)),
		"bytes behind deflate": pack(5, sum, []byte(stored+"PK\x03\x04")),
		"cut off":              pack(5, sum, []byte(stored)[:8]),
		"no deflate":           pack(5, sum, []byte("\xff\xff\xff\xff")),
	} {
		z, err := open(raw, DefaultLimits())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if _, err := z.ReadFile("a", 100); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
		if err := z.Verify(context.Background()); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestZipStorageFails tells a failing disk from a damaged archive.
func TestZipStorageFails(t *testing.T) {
	t.Parallel()
	raw := zipOf(t, false, "a")
	storage := &failingAt{Reader: bytes.NewReader(raw)}
	z, err := OpenZip(storage, int64(len(raw)), DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	storage.err = io.ErrNoProgress
	if err := z.Verify(context.Background()); !errors.Is(err, io.ErrNoProgress) || fault.Is(err, fault.Invalid) {
		t.Errorf("%v", err)
	}
	if _, err := OpenZip(storage, int64(len(raw)), DefaultLimits()); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("%v", err)
	}
}

type failingAt struct {
	*bytes.Reader
	err error
}

func (f *failingAt) ReadAt(p []byte, at int64) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return f.Reader.ReadAt(p, at)
}

// FuzzZip takes any bytes. What is let through reads the same with the
// standard library.
func FuzzZip(f *testing.F) {
	f.Add(zipOf(f, false, "a", "d/", "d/b"))
	f.Add(zipOf(f, true, "a", "b"))
	f.Add(raw64(field(extraZip64, 10, 10, 0), field(extraZip64, 10, 10)))
	f.Add(write(f, []file{{"a", 0o644, strings.Repeat("a", 100)}, {"l", fs.ModeSymlink, "a"}, {"ü", 0o755, ""}}, plain))
	f.Fuzz(func(t *testing.T, raw []byte) {
		limits := Limits{Files: 20, Size: 1 << 20, Ratio: 1000, Small: 1 << 16, Name: 100, Depth: 10}
		z, err := open(raw, limits)
		if err != nil {
			if kind := fault.KindOf(err); kind != fault.Invalid && kind != fault.TooLarge {
				t.Errorf("%v", err)
			}
			return
		}
		ours := make(map[string]string)
		for _, file := range z.Files() {
			content, err := z.read(file, limits.Size)
			if err != nil {
				if !fault.Is(err, fault.Invalid) {
					t.Errorf("%v", err)
				}
				return
			}
			ours[file.Name] = string(content)
		}
		other, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			t.Fatalf("the standard library refuses it: %v", err)
		}
		theirs := make(map[string]string)
		for _, file := range other.File {
			if strings.HasSuffix(file.Name, "/") {
				continue
			}
			r, err := file.Open()
			if err != nil {
				t.Fatal(err)
			}
			content, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			theirs[file.Name] = string(content)
		}
		if diff := cmp.Diff(theirs, ours); diff != "" {
			t.Error(diff)
		}
	})
}
