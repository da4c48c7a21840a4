package archive

import (
	"archive/tar"
	"bytes"
	"compress/bzip2"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/zstd"

	"ingot.dev/modules/fault"
)

// oneFile is a tar archive of one file.
func oneFile(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Name: "info/index.json", Mode: 0o644, Size: int64(len(text)), Typeflag: tar.TypeReg}); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstdOf(t testing.TB, plain []byte, options ...zstd.EOption) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b, options...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// bzip2Of gives a file of testdata that bzip2 made of plain, for nothing in Go
// packs by it.
func bzip2Of(t testing.TB, name string, plain []byte) []byte {
	t.Helper()
	packed, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(bzip2.NewReader(bytes.NewReader(packed))); err != nil || !bytes.Equal(got, plain) {
		t.Fatalf("%s holds something else, %v", name, err)
	}
	return packed
}

func TestPackedTars(t *testing.T) {
	t.Parallel()
	plain := oneFile(t, strings.Repeat("content ", 1000))
	bomb := oneFile(t, strings.Repeat("\x00", 8<<20))
	for _, c := range []struct {
		name   string
		read   func(io.Reader, Limits, func(TarEntry) error) error
		packed []byte
		bomb   []byte
	}{
		{"gzip", ReadTarGz, gzipOf(t, plain), gzipOf(t, bomb)},
		{"bzip2", ReadTarBz2, bzip2Of(t, "one.tar.bz2", plain), bzip2Of(t, "zeros.tar.bz2", bomb)},
		{"zstd", ReadTarZst, zstdOf(t, plain), zstdOf(t, bomb)},
	} {
		t.Run(c.name, func(t *testing.T) {
			limits := Limits{Files: 10, Size: 1 << 30, Ratio: 100, Small: 1 << 20, Name: 100, Depth: 10}
			try := func(packed []byte) (string, error) {
				var got string
				err := c.read(bytes.NewReader(packed), limits, func(e TarEntry) error {
					text, err := e.ReadAll(1 << 20)
					got += e.Name + ":" + string(text)
					return err
				})
				return got, err
			}
			want := "info/index.json:" + strings.Repeat("content ", 1000)
			if got, err := try(c.packed); err != nil || got != want {
				t.Errorf("%d bytes, %v", len(got), err)
			}
			half := len(c.packed) / 2
			for what, bad := range map[string][]byte{
				"nothing":         {},
				"other bytes":     []byte("no archive at all, and long enough to be one"),
				"half":            c.packed[:half],
				"damaged":         append(append(bytes.Clone(c.packed[:half]), c.packed[half]^0xff, c.packed[half+1]^0xff), c.packed[half+2:]...),
				"bytes behind it": append(bytes.Clone(c.packed), "GARBAGE"...),
			} {
				if _, err := try(bad); !fault.Is(err, fault.Invalid) {
					t.Errorf("%s: %v", what, err)
				}
			}
			if _, err := try(c.bomb); !fault.Is(err, fault.TooLarge) {
				t.Errorf("a bomb: %v", err)
			}
			broken := errors.New("the disk is gone")
			if err := c.read(iotest.ErrReader(broken), limits, func(TarEntry) error { return nil }); !errors.Is(err, broken) {
				t.Errorf("storage: %v", err)
			}
		})
	}
}

func TestZstdWindow(t *testing.T) {
	t.Parallel()
	// A frame that asks for 256 MiB of window, of which nothing follows.
	frame := []byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 18 << 3, 0x01, 0x00, 0x00}
	err := ReadTarZst(bytes.NewReader(frame), DefaultLimits(), func(TarEntry) error { return nil })
	if !fault.Is(err, fault.TooLarge) {
		t.Error(err)
	}
}

func TestGunzip(t *testing.T) {
	t.Parallel()
	packed := gzipOf(t, []byte("--- !ruby/object:Gem::Specification\n"))
	if got, err := Gunzip(bytes.NewReader(packed), 36); err != nil || len(got) != 36 {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := Gunzip(bytes.NewReader(packed), 35); !fault.Is(err, fault.TooLarge) {
		t.Errorf("more than the limit: %v", err)
	}
	for what, bad := range map[string][]byte{
		"nothing": {}, "text": []byte("--- text"), "half": packed[:20], "two": append(bytes.Clone(packed), packed...),
	} {
		if _, err := Gunzip(bytes.NewReader(bad), 100); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
