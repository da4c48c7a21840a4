package spool_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"ingot.dev/modules/blob/spool"
)

// body gives size bytes in the pieces that a connection gives.
func body(size int64, piece []byte) io.Reader {
	read := int64(0)
	return readerFunc(func(p []byte) (int, error) {
		if read == size {
			return 0, io.EOF
		}
		n := copy(p, piece[:min(int64(len(piece)), size-read)])
		read += int64(n)
		return n, nil
	})
}

// BenchmarkStage measures a body received against the least that any store
// must do for it: one digest, one write, one sync. Stage does not sync, so the
// sync is added to it; large bodies must reach half the reference.
func BenchmarkStage(b *testing.B) {
	piece := bytes.Repeat([]byte("0123456789abcdef"), 2<<10)
	for _, size := range []int64{10 << 10, 1 << 20, 256 << 20} {
		if size > 1<<20 && testing.Short() {
			continue
		}
		b.Run(fmt.Sprintf("%dKiB/stage", size>>10), func(b *testing.B) {
			s := open(b, b.TempDir(), spool.DefaultMemory)
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				staged, err := s.Stage(b.Context(), body(size, piece), 0)
				if err != nil {
					b.Fatal(err)
				}
				if onDisk, ok := staged.(interface{ Path() string }); ok {
					syncFile(b, onDisk.Path())
				}
				staged.Discard()
			}
		})
		b.Run(fmt.Sprintf("%dKiB/reference", size>>10), func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "reference")
			buffer := make([]byte, 256<<10)
			b.SetBytes(size)
			for b.Loop() {
				f, err := os.Create(path)
				if err != nil {
					b.Fatal(err)
				}
				both := struct{ io.Writer }{io.MultiWriter(sha256.New(), f)}
				if _, err := io.CopyBuffer(both, body(size, piece), buffer); err != nil {
					b.Fatal(err)
				}
				if err := f.Sync(); err != nil {
					b.Fatal(err)
				}
				f.Close()
				os.Remove(path)
			}
		})
	}
}

func syncFile(b *testing.B, path string) {
	b.Helper()
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		b.Fatal(err)
	}
}
