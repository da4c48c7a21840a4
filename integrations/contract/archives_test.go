package contract

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io/fs"
	"math/rand/v2"
	"strings"
)

// entry is a file of an archive.
type entry struct{ name, text string }

// zipped makes a zip file, the same bytes every time.
func zipped(entries ...entry) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		add(w, &zip.FileHeader{Name: e.name, Method: zip.Deflate}, e.text)
	}
	must(w.Close())
	return b.Bytes()
}

func add(w *zip.Writer, h *zip.FileHeader, text string) {
	f, err := w.CreateHeader(h)
	must(err)
	_, err = f.Write([]byte(text))
	must(err)
}

func must(err error) {
	if err != nil {
		panic(err) // writing to memory
	}
}

// noise gives n bytes that nothing compresses.
func noise(n int) string {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{}).Read(b)
	return string(b)
}

// archives gives zip files that no format may take, each with a manifest that
// would be right: what readers in the wild take for different packages, what
// leads out of the folder it is unpacked to, and what is small only while it
// is packed.
func archives(name, text string) map[string][]byte {
	right := zipped(entry{name, text})
	with := func(entries ...entry) []byte { return zipped(append([]entry{{name, text}}, entries...)...) }
	return map[string][]byte{
		"nothing":               {},
		"a page":                []byte("<!doctype html><script>alert(1)</script>"),
		"noise":                 []byte(noise(4096)),
		"half a zip":            right[:len(right)/2],
		"a zip without its end": right[:len(right)-4],
		"bytes behind it":       append(bytes.Clone(right), "GARBAGE"...),
		"bytes before it":       append([]byte("GARBAGE"), right...),
		"two zips":              append(bytes.Clone(right), right...),
		"no manifest":           zipped(entry{"readme.txt", "nothing here"}),
		"the manifest twice":    with(entry{name, strings.ReplaceAll(text, "money", "other")}),
		"a file below a file":   with(entry{name + "/x", ""}),
		"a climb":               with(entry{"../../evil.php", "<?php"}),
		"an absolute name":      with(entry{"/etc/cron.d/evil", "* * * * *"}),
		"a drive":               with(entry{`C:\evil.php`, "<?php"}),
		"a backslash":           with(entry{`..\evil.php`, "<?php"}),
		"a name with NUL":       with(entry{"a\x00.php", "<?php"}),
		"a long name":           with(entry{strings.Repeat("a", 5000), ""}),
		"a deep name":           with(entry{strings.Repeat("a/", 400) + "b", ""}),
		"a link that leads out": special(name, text, fs.ModeSymlink|0o777, "../../../etc/passwd"),
		"a link to the root":    special(name, text, fs.ModeSymlink|0o777, "/etc/passwd"),
		"a device":              special(name, text, fs.ModeDevice|0o600, ""),
		"a pipe":                special(name, text, fs.ModeNamedPipe|0o600, ""),
		"a bomb":                with(entry{"zeros", strings.Repeat("\x00", 40<<20)}),
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
	must(w.Close())
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
