package registry_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"ingot.dev/models/dbtest"
	"ingot.dev/modules/blob/fs"
	"ingot.dev/modules/blob/spool"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
	"ingot.dev/services/registry"
)

// BenchmarkAppend measures a body received in one part against the least that
// durability asks for: one digest, one write, one sync. Append must reach half
// of that.
func BenchmarkAppend(b *testing.B) {
	size := int64(512 << 20)
	if testing.Short() {
		size = 1 << 20
	}
	piece := bytes.Repeat([]byte("0123456789abcdef"), 2<<10)
	// body is another one each time, or its object would be there already.
	body := func(n int) io.Reader {
		head := fmt.Appendf(nil, "%032d", n)
		return io.MultiReader(bytes.NewReader(head), io.LimitReader(&again{piece: piece}, size-int64(len(head))))
	}
	b.Run("append", func(b *testing.B) {
		dir := b.TempDir()
		store, err := fs.New(filepath.Join(dir, "blobs"))
		if err != nil {
			b.Fatal(err)
		}
		staging, err := spool.New(filepath.Join(dir, "spool"), spool.DefaultMemory)
		if err != nil {
			b.Fatal(err)
		}
		s, err := registry.New(dbtest.New(b), store, staging, []format.Format{toy{}}, registry.Config{})
		if err != nil {
			b.Fatal(err)
		}
		reg := s.Bind(s.Kind("toy"), scope.Scope{Ref: scope.Ref{Kind: scope.Project, ID: 7}}, forge.Actor{ID: 3}, forge.PublishPackages, format.Transport)
		b.SetBytes(size)
		b.ReportAllocs()
		for n := 0; b.Loop(); n++ {
			u, err := reg.Begin(b.Context(), "lamp")
			if err != nil {
				b.Fatal(err)
			}
			if u, err = reg.Append(b.Context(), u, 0, body(n)); err != nil || u.Size != size {
				b.Fatal(u, err)
			}
		}
	})
	b.Run("reference", func(b *testing.B) {
		dir, buffer := b.TempDir(), make([]byte, 256<<10)
		b.SetBytes(size)
		for n := 0; b.Loop(); n++ {
			f, err := os.Create(filepath.Join(dir, fmt.Sprint(n)))
			if err != nil {
				b.Fatal(err)
			}
			both := struct{ io.Writer }{io.MultiWriter(sha256.New(), f)}
			if _, err := io.CopyBuffer(both, body(n), buffer); err != nil {
				b.Fatal(err)
			}
			if err := f.Sync(); err != nil {
				b.Fatal(err)
			}
			f.Close()
		}
	})
}

// again gives a piece for ever.
type again struct {
	piece []byte
	at    int
}

func (a *again) Read(p []byte) (int, error) {
	n := copy(p, a.piece[a.at:])
	a.at = (a.at + n) % len(a.piece)
	return n, nil
}
