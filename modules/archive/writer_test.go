package archive

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/klauspost/compress/flate"

	"ingot.dev/modules/fault"
)

var noon = time.Date(2024, 5, 6, 14, 30, 45, 999, time.FixedZone("", 2*60*60))

type file struct {
	path    string
	mode    fs.FileMode
	content string
}

// sample has small and large files, easy and hard to compress.
func sample() []file {
	random := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 40_000)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	files := []file{
		{"README.md", 0o644, "# Sample\n"},
		{"bin/run", 0o755, "#!/bin/sh\n"},
		{"empty", 0o600, ""},
		{"large", 0o644, strings.Repeat("a large file, streamed\n", 100_000)},
		{"link", fs.ModeSymlink | 0o777, "bin/run"},
		{"noise", 0o444, string(noise)},
	}
	for i := range 60 {
		files = append(files, file{fmt.Sprintf("src/%02d.php", i), 0o644, strings.Repeat(fmt.Sprintf("<?php echo %d;\n", i), 50*i)})
	}
	return append(files, file{"ümlaut/ß", 0o644, "x"})
}

func opener(content string, wrap func(io.Reader) io.Reader) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(wrap(strings.NewReader(content))), nil }
}

func plain(r io.Reader) io.Reader { return r }

func write(t testing.TB, files []file, wrap func(io.Reader) io.Reader) []byte {
	t.Helper()
	var out bytes.Buffer
	w := NewWriter(&out, noon)
	for _, f := range files {
		var err error
		if f.mode&fs.ModeSymlink != 0 {
			err = w.Symlink(f.path, f.content)
		} else {
			err = w.Add(f.path, f.mode, int64(len(f.content)), opener(f.content, wrap))
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

func TestWriter(t *testing.T) {
	t.Parallel()
	files := sample()
	raw := write(t, files, plain)
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	if len(z.File) != len(files) {
		t.Fatalf("%d files instead of %d", len(z.File), len(files))
	}
	for i, f := range z.File {
		want := files[i]
		mode := fs.FileMode(0o644)
		switch {
		case want.mode&fs.ModeSymlink != 0:
			mode = want.mode
		case want.mode&0o100 != 0:
			mode = 0o755
		}
		if f.Name != want.path || f.Mode() != mode {
			t.Errorf("got %s %v, want %s %v", f.Name, f.Mode(), want.path, mode)
		}
		if !f.Modified.Equal(noon.Truncate(time.Second)) {
			t.Errorf("%s: modified %v", f.Name, f.Modified)
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil || string(content) != want.content {
			t.Errorf("%s: %v, or another content", f.Name, err)
		}
		if stored := f.Method == zip.Store; stored != (want.path == "noise" || len(want.content) < 11) {
			t.Errorf("%s: stored %v", f.Name, stored)
		}
	}
}

// TestWriterUnpacked lets Info-ZIP judge, links and modes included.
func TestWriterUnpacked(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("unzip"); err != nil {
		t.Skip("no unzip here")
	}
	dir := t.TempDir()
	files := sample()
	at := filepath.Join(dir, "x.zip")
	if err := os.WriteFile(at, write(t, files, plain), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("unzip", "-q", at, "-d", dir)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Fatalf("%v: %s", err, out)
	}
	for _, f := range files {
		path := filepath.Join(dir, f.path)
		info, err := os.Lstat(path)
		if err != nil {
			t.Error(err)
			continue
		}
		if f.mode&fs.ModeSymlink != 0 {
			if target, err := os.Readlink(path); target != f.content {
				t.Errorf("%s: %q %v", f.path, target, err)
			}
			continue
		}
		if content, err := os.ReadFile(path); string(content) != f.content {
			t.Errorf("%s: %v, or another content", f.path, err)
		}
		if info.Mode()&0o100 != f.mode&0o100 || !info.ModTime().Equal(noon.Truncate(time.Second)) {
			t.Errorf("%s: %v %v", f.path, info.Mode(), info.ModTime())
		}
	}
}

// TestWriterBytes holds the bytes: a failure means that tags that are built
// again with this version make other files than before. That is allowed, and
// is worth a line in the release notes.
func TestWriterBytes(t *testing.T) {
	t.Parallel()
	const want = "4073a1a7e9f3c4053ac1ca02a546c6f18132de88ca420037403802074f115f99"
	sum := sha256.Sum256(write(t, sample(), plain))
	if got := hex.EncodeToString(sum[:]); got != want {
		t.Errorf("sha256 %s, want %s", got, want)
	}
}

// TestWriterSame varies what must not matter: scheduling, the sizes of reads,
// and what the compressors compressed before.
func TestWriterSame(t *testing.T) {
	files := sample()
	want := write(t, files, plain)
	slow := func(r io.Reader) io.Reader {
		time.Sleep(time.Duration(rand.IntN(1000)) * time.Microsecond)
		return iotest.HalfReader(r)
	}
	for _, procs := range []int{1, 2, 5} {
		before := runtime.GOMAXPROCS(procs)
		for _, wrap := range []func(io.Reader) io.Reader{plain, slow, iotest.OneByteReader, iotest.DataErrReader} {
			if !bytes.Equal(write(t, files, wrap), want) {
				t.Errorf("other bytes with %d processors", procs)
			}
		}
		runtime.GOMAXPROCS(before)
	}

	w := NewWriter(io.Discard, noon)
	random := rand.New(rand.NewPCG(3, 4))
	for i := range 300 {
		content := []byte(strings.Repeat(fmt.Sprintf("%d ", i), random.IntN(60_000)))
		for range random.IntN(5000) + 1 {
			if len(content) > 0 {
				content[random.IntN(len(content))] = byte(random.Uint32())
			}
		}
		var used, fresh bytes.Buffer
		d, err := w.deflate(&used)
		if err != nil {
			t.Fatal(err)
		}
		d.Write(content)
		d.Close()
		f, err := flate.NewWriter(&fresh, level)
		if err != nil {
			t.Fatal(err)
		}
		f.Write(content)
		f.Close()
		if !bytes.Equal(used.Bytes(), fresh.Bytes()) {
			t.Fatalf("round %d: a used compressor gives other bytes than a fresh one", i)
		}
	}
}

func TestWriterTimes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ given, want time.Time }{
		{time.Time{}, time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)},
		{time.Unix(0, 0), time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)},
		{time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), time.Unix(math.MaxUint32, 0)},
		{time.Unix(1700000001, 5), time.Unix(1700000001, 0)},
	} {
		var out bytes.Buffer
		w := NewWriter(&out, tc.given)
		if err := errors.Join(w.Add("a", 0, 0, opener("", plain)), w.Close()); err != nil {
			t.Fatal(err)
		}
		z, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil {
			t.Fatal(err)
		}
		if got := z.File[0].Modified; !got.Equal(tc.want) {
			t.Errorf("%v: got %v, want %v", tc.given, got, tc.want)
		}
	}
}

func TestWriterNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/..", "a/../b", "./a", "a/.", `a\b`, "C:", "c:a", "a\x00b", "a\nb", "\x7f", "\u0085", "a\xff",
	} {
		w := NewWriter(io.Discard, noon)
		if err := w.Add(name, 0o644, 1, opener("x", plain)); !fault.Is(err, fault.Unprocessable) {
			t.Errorf("%q: %v", name, err)
		}
	}
	w := NewWriter(io.Discard, noon)
	for _, name := range []string{"...", "..a", "README", "a b", "a-b", "a/b", "ab", "ab:c", "readme", "é"} {
		if err := w.Add(name, 0o644, 1, opener("x", plain)); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	if err := w.Add("a/c", 0o644, 1, opener("x", plain)); err == nil {
		t.Error("out of order, no complaint")
	}
	if err := w.Add("é", 0o644, 1, opener("x", plain)); err == nil {
		t.Error("twice, no complaint")
	}
	if err := w.Add("é/below", 0o644, 1, opener("x", plain)); !fault.Is(err, fault.Unprocessable) {
		t.Errorf("below a file: %v", err)
	}
}

func TestWriterLinks(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		path, target string
		ok           bool
	}{
		{"l", "a", true},
		{"l", "a/b/c", true},
		{"l", "./a", true},
		{"l", ".", true},
		{"a/l", "..", true},
		{"a/l", "../", true},
		{"a/l", "../b", true},
		{"a/b/l", "../../c/", true},
		{"l", "..", false},
		{"l", "../a", false},
		{"a/l", "../../b", false},
		{"a/l", "./.././../b", false},
		{"l", "/etc/passwd", false},
		{"l", "/", false},
		{"l", "//x", false},
		{"a/l", "..//etc", false},
		{"a/b/l", "c/../../x", false}, // "c" may be a link itself
		{"l", "a/..", false},
		{"l", "", false},
		{"l", `..\a`, false},
		{"l", "C:/x", false},
		{"l", "a\x00", false},
	} {
		err := NewWriter(io.Discard, noon).Symlink(tc.path, tc.target)
		if (err == nil) != tc.ok || err != nil && !fault.Is(err, fault.Unprocessable) {
			t.Errorf("%s -> %q: %v", tc.path, tc.target, err)
		}
	}
}

func TestWriterFailures(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	big := strings.Repeat("x", whole+1)
	for name, open := range map[string]func() (io.ReadCloser, error){
		"open":  func() (io.ReadCloser, error) { return nil, broken },
		"read":  opener("", func(io.Reader) io.Reader { return iotest.ErrReader(broken) }),
		"short": opener("xx", plain),
		"long":  opener(big+"xx", plain),
	} {
		for _, size := range []int64{3, int64(len(big))} {
			w := NewWriter(io.Discard, noon)
			err := w.Add("a", 0o644, size, open)
			for i := 0; err == nil && i < 50; i++ {
				err = w.Add(fmt.Sprintf("b%02d", i), 0o644, 1, opener("x", plain))
			}
			if err == nil {
				t.Errorf("%s, %d: never told", name, size)
			}
			if w.Close() == nil {
				t.Errorf("%s, %d: closed as if whole", name, size)
			}
		}
	}
	w := NewWriter(failing{broken}, noon)
	w.Add("a", 0o644, int64(len(big)), opener(big, plain))
	if err := w.Close(); err == nil {
		t.Error("the writer below fails, no complaint")
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func BenchmarkWriter(b *testing.B) {
	content := strings.Repeat("public function name($argument): string { return $this->value; }\n", 160)
	b.SetBytes(int64(1000 * len(content)))
	for b.Loop() {
		w := NewWriter(io.Discard, noon)
		for i := range 1000 {
			if err := w.Add(fmt.Sprintf("%04d", i), 0o644, int64(len(content)), opener(content, plain)); err != nil {
				b.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
