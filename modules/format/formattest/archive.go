package formattest

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"io/fs"
	"math/rand/v2"
	"strings"
)

// Entry is a file of an archive.
type Entry struct{ Name, Text string }

// Zip makes a zip file, the same bytes every time.
func Zip(entries ...Entry) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		add(w, &zip.FileHeader{Name: e.Name, Method: zip.Deflate}, e.Text)
	}
	Must(w.Close())
	return b.Bytes()
}

func add(w *zip.Writer, h *zip.FileHeader, text string) {
	f, err := w.CreateHeader(h)
	Must(err)
	_, err = f.Write([]byte(text))
	Must(err)
}

// Must is for what cannot fail, as writing to memory.
func Must(err error) {
	if err != nil {
		panic(err)
	}
}

// Noise gives n bytes that nothing compresses.
func Noise(n int) string {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{}).Read(b)
	return string(b)
}

// HostileZips gives zip files that no format may take, each with a manifest that
// would be right: what readers in the wild take for different packages, what
// leads out of the folder it is unpacked to, and what is small only while it
// is packed.
func HostileZips(name, text string) map[string][]byte {
	right := Zip(Entry{name, text})
	with := func(entries ...Entry) []byte { return Zip(append([]Entry{{name, text}}, entries...)...) }
	return map[string][]byte{
		"nothing":               {},
		"a page":                []byte("<!doctype html><script>alert(1)</script>"),
		"noise":                 []byte(Noise(4096)),
		"half a zip":            right[:len(right)/2],
		"a zip without its end": right[:len(right)-4],
		"bytes behind it":       append(bytes.Clone(right), "GARBAGE"...),
		"bytes before it":       append([]byte("GARBAGE"), right...),
		"two zips":              append(bytes.Clone(right), right...),
		"no manifest":           Zip(Entry{"readme.txt", "nothing here"}),
		"the manifest twice":    with(Entry{name, strings.ReplaceAll(text, "money", "other")}),
		"a file below a file":   with(Entry{name + "/x", ""}),
		"a climb":               with(Entry{"../../evil.php", "<?php"}),
		"an absolute name":      with(Entry{"/etc/cron.d/evil", "* * * * *"}),
		"a drive":               with(Entry{`C:\evil.php`, "<?php"}),
		"a backslash":           with(Entry{`..\evil.php`, "<?php"}),
		"a name with NUL":       with(Entry{"a\x00.php", "<?php"}),
		"a long name":           with(Entry{strings.Repeat("a", 5000), ""}),
		"a deep name":           with(Entry{strings.Repeat("a/", 400) + "b", ""}),
		"a link that leads out": special(name, text, fs.ModeSymlink|0o777, "../../../etc/passwd"),
		"a link to the root":    special(name, text, fs.ModeSymlink|0o777, "/etc/passwd"),
		"a device":              special(name, text, fs.ModeDevice|0o600, ""),
		"a pipe":                special(name, text, fs.ModeNamedPipe|0o600, ""),
		"a bomb":                with(Entry{"zeros", strings.Repeat("\x00", 40<<20)}),
		"another local name":    renamed(right, name),
		"encrypted":             flagged(right),
		"a false count":         counted(right),
		"a false size":          sized(right),
	}
}

// special gives an archive with an entry that is no plain file.
func special(name, text string, mode fs.FileMode, content string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	add(w, &zip.FileHeader{Name: name}, text)
	h := &zip.FileHeader{Name: "special"}
	h.SetMode(mode)
	add(w, h, content)
	Must(w.Close())
	return b.Bytes()
}

// renamed changes the first name in its local header only.
func renamed(b []byte, name string) []byte {
	b = bytes.Clone(b)
	copy(b[30:], strings.Repeat("x", len(name)))
	return b
}

// flagged says that the first entry is encrypted.
func flagged(b []byte) []byte {
	b = bytes.Clone(b)
	b[6] |= 1
	b[bytes.LastIndex(b, []byte("PK\x01\x02"))+8] |= 1
	return b
}

// counted says that there are more entries than there are.
func counted(b []byte) []byte {
	b = bytes.Clone(b)
	end := bytes.LastIndex(b, []byte("PK\x05\x06"))
	binary.LittleEndian.PutUint16(b[end+8:], 60_000)
	binary.LittleEndian.PutUint16(b[end+10:], 60_000)
	return b
}

// sized says that the first entry is larger than it is.
func sized(b []byte) []byte {
	b = bytes.Clone(b)
	at := bytes.LastIndex(b, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(b[at+24:], 1<<31)
	return b
}

// LinkTo begins the text of an entry of a tar archive that is to be a symbolic
// link; the rest is its target.
const LinkTo = "link to "

// Tarball makes a gzipped tar archive, the same bytes every time.
func Tarball(entries ...Entry) []byte { return gzipped(Tar(entries...)) }

// Tar makes a tar archive, the same bytes every time.
func Tar(entries ...Entry) []byte {
	headers := make([]tar.Header, len(entries))
	for i, e := range entries {
		if target, ok := strings.CutPrefix(e.Text, LinkTo); ok {
			headers[i] = tar.Header{Name: e.Name, Mode: 0o777, Linkname: target, Typeflag: tar.TypeSymlink}
		} else {
			headers[i] = tar.Header{Name: e.Name, Mode: 0o644, Size: int64(len(e.Text)), Typeflag: tar.TypeReg}
		}
	}
	return tarOf(headers, entries)
}

func gzipped(plain []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(plain)
	Must(err)
	Must(w.Close())
	return b.Bytes()
}

func tarOf(headers []tar.Header, entries []Entry) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := range headers {
		Must(w.WriteHeader(&headers[i]))
		if headers[i].Typeflag == tar.TypeReg {
			_, err := w.Write([]byte(entries[i].Text))
			Must(err)
		}
	}
	Must(w.Close())
	return b.Bytes()
}

// HostileTarballs gives gzipped tar archives that no format may take, each with
// a manifest that would be right.
func HostileTarballs(name, text string) map[string][]byte {
	right := Tarball(Entry{name, text})
	top, _, _ := strings.Cut(name, "/")
	with := func(entries ...Entry) []byte { return Tarball(append([]Entry{{name, text}}, entries...)...) }
	special := func(h tar.Header) []byte {
		h.Mode = 0o644
		return gzipped(tarOf([]tar.Header{{Name: name, Mode: 0o644, Size: int64(len(text)), Typeflag: tar.TypeReg}, h}, []Entry{{name, text}, {}}))
	}
	return map[string][]byte{
		"nothing":               {},
		"a page":                []byte("<!doctype html><script>alert(1)</script>"),
		"noise":                 []byte(Noise(4096)),
		"half a tarball":        right[:len(right)/2],
		"bytes behind it":       append(bytes.Clone(right), "GARBAGE"...),
		"two tarballs":          append(bytes.Clone(right), right...),
		"no manifest":           Tarball(Entry{top + "/readme.txt", "nothing here"}),
		"the manifest twice":    with(Entry{name, strings.ReplaceAll(text, "money", "other")}),
		"two folders":           with(Entry{"other/x", ""}),
		"a file beside":         with(Entry{"x", ""}),
		"another case":          with(Entry{strings.ToUpper(name), ""}),
		"a climb":               with(Entry{top + "/../../evil.js", ""}),
		"an absolute name":      with(Entry{"/etc/cron.d/evil", ""}),
		"a backslash":           with(Entry{top + `/..\evil.js`, ""}),
		"a long name":           with(Entry{top + "/" + strings.Repeat("a", 5000), ""}),
		"a deep name":           with(Entry{top + "/" + strings.Repeat("a/", 400) + "b", ""}),
		"a bomb":                with(Entry{top + "/zeros", strings.Repeat("\x00", 40<<20)}),
		"a link that leads out": special(tar.Header{Name: top + "/x", Typeflag: tar.TypeSymlink, Linkname: "../../../etc/passwd"}),
		"a link to the root":    special(tar.Header{Name: top + "/x", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}),
		"a hard link outside":   special(tar.Header{Name: top + "/x", Typeflag: tar.TypeLink, Linkname: "/etc/passwd"}),
		"a device":              special(tar.Header{Name: top + "/x", Typeflag: tar.TypeBlock}),
		"a pipe":                special(tar.Header{Name: top + "/x", Typeflag: tar.TypeFifo}),
	}
}

// Quote gives a text as JSON has it.
func Quote(s string) string {
	b, err := json.Marshal(s)
	Must(err)
	return string(b)
}
