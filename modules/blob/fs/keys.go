package fs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"ingot.dev/modules/blob"
)

// Keys implements blob.Store. Files whose name or place this store would not
// have chosen are passed over.
func (s *Store) Keys(ctx context.Context) iter.Seq2[blob.Key, error] {
	return func(yield func(blob.Key, error) bool) {
		if err := ctx.Err(); err != nil {
			yield(blob.Key{}, err)
			return
		}
		for i := range 256 {
			if !s.keysBelow(ctx, filepath.Join(s.objects, fmt.Sprintf("%02x", i)), yield) {
				return
			}
		}
	}
}

// keysBelow lists one folder in pieces, as it may hold millions of names. It
// tells whether the listing goes on.
func (s *Store) keysBelow(ctx context.Context, folder string, yield func(blob.Key, error) bool) bool {
	f, err := os.Open(folder)
	if errors.Is(err, os.ErrNotExist) {
		return true // not needed so far
	}
	if err != nil {
		yield(blob.Key{}, fmt.Errorf("blob/fs: %w", err))
		return false
	}
	defer f.Close()
	for {
		if err := ctx.Err(); err != nil {
			yield(blob.Key{}, err)
			return false
		}
		names, err := f.Readdirnames(1024)
		for _, n := range names {
			if k, ok := parse(n); ok && s.path(k) == filepath.Join(folder, n) && !yield(k, nil) {
				return false
			}
		}
		if err == io.EOF {
			return true
		}
		if err != nil {
			yield(blob.Key{}, fmt.Errorf("blob/fs: %w", err))
			return false
		}
	}
}

func parse(name string) (blob.Key, bool) {
	sha, row, _ := strings.Cut(name, "-")
	n, err := strconv.ParseInt(row, 10, 64)
	k := blob.Key{SHA256: sha, Row: n}
	return k, err == nil && k.Check() == nil
}
