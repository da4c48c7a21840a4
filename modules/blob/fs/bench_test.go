package fs_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"ingot.dev/modules/blob"
)

// BenchmarkPut10KiB measures a small Put against the bare sequence that
// durability asks for, with one client and with four.
func BenchmarkPut10KiB(b *testing.B) {
	content := noise(10 << 10)
	for _, clients := range []int{1, 4} {
		b.Run(fmt.Sprintf("clients=%d/put", clients), func(b *testing.B) {
			s := open(b, b.TempDir())
			body := blob.FromBytes(content)
			run(b, clients, func(n int64) error {
				staged := renamed{body, fmt.Sprintf("%x", sha256.Sum256(fmt.Append(nil, n)))}
				return s.Put(b.Context(), keyOf(staged, n), staged)
			})
		})
		b.Run(fmt.Sprintf("clients=%d/reference", clients), func(b *testing.B) {
			dir := b.TempDir()
			run(b, clients, func(n int64) error { return bare(dir, content, n) })
		})
	}
}

// renamed stands for a body of another digest each, which costs no hashing.
type renamed struct {
	blob.Staged
	sha256 string
}

func (r renamed) Digests() blob.Digests { return blob.Digests{SHA256: r.sha256} }

// run calls f b.N times by that many clients at once.
func run(b *testing.B, clients int, f func(n int64) error) {
	b.SetBytes(10 << 10)
	b.ReportAllocs()
	b.ResetTimer()
	var calls atomic.Int64
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for n := calls.Add(1); n <= int64(b.N); n = calls.Add(1) {
				if err := f(n); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func bare(dir string, content []byte, n int64) error {
	f, err := os.Create(filepath.Join(dir, fmt.Sprint(n, ".tmp")))
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write(content); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), filepath.Join(dir, fmt.Sprint(n))); err != nil {
		return err
	}
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}
