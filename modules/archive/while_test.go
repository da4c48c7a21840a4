package archive

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
)

// leaving calls leave as soon as something of the middle is read.
type leaving struct {
	*bytes.Reader
	leave func()
}

func (l leaving) ReadAt(p []byte, at int64) (int, error) {
	if l.Size()/3 < at && at < l.Size()/3*2 {
		l.leave()
	}
	return l.Reader.ReadAt(p, at)
}

// TestWhile: reading ends within an entry when nobody waits for it, and with the
// context's own error.
func TestWhile(t *testing.T) {
	t.Parallel()
	noise := make([]byte, 1<<20)
	_, _ = rand.NewChaCha8([32]byte{}).Read(noise)
	tarred := oneFile(t, string(noise))
	var zipped bytes.Buffer
	w := zip.NewWriter(&zipped)
	f, err := w.Create("a")
	if err == nil {
		_, err = f.Write(noise)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	pass := func(TarEntry) error { return nil }
	verify := func(ctx context.Context, r io.ReaderAt) error {
		z, err := OpenZip(r, int64(zipped.Len()), DefaultLimits())
		if err != nil {
			return err
		}
		return z.Verify(ctx)
	}
	for what, test := range map[string]struct {
		packed []byte
		read   func(context.Context, io.ReaderAt) error
	}{
		"tar": {tarred, func(ctx context.Context, r io.ReaderAt) error {
			return ReadTar(io.NewSectionReader(While(ctx, r), 0, 2<<20), DefaultLimits(), pass)
		}},
		"tar.gz": {gzipOf(t, tarred), func(ctx context.Context, r io.ReaderAt) error {
			return ReadTarGz(io.NewSectionReader(While(ctx, r), 0, 2<<20), DefaultLimits(), pass)
		}},
		"tar.zst": {zstdOf(t, tarred), func(ctx context.Context, r io.ReaderAt) error {
			return ReadTarZst(io.NewSectionReader(While(ctx, r), 0, 2<<20), DefaultLimits(), pass)
		}},
		"zip, verified": {zipped.Bytes(), verify},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		if err := test.read(ctx, bytes.NewReader(test.packed)); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if err := test.read(ctx, leaving{bytes.NewReader(test.packed), cancel}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s, left within its entry: %v", what, err)
		}
	}
}

func TestSameFile(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"info/index.json", "info/index.json", true},
		{"info/index.json", "Info/INDEX.json", true},
		{"info/index.json", "info./index.json. .", true},
		{"info/index.json", "info/index.json/x", false},
		{"info/index.json", "index.json", false},
		{"info/index.json", "info /index_json", false},
		{"Cargo.toml", "CARGO.TOML..", true},
		{"Cargo.toml", ".Cargo.toml", false},
	} {
		if SameFile(c.a, c.b) != c.same || SameFile(c.b, c.a) != c.same {
			t.Errorf("%q and %q: want %t", c.a, c.b, c.same)
		}
	}
}
