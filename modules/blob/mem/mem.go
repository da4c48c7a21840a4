// Package mem is the blob store in memory, for tests and for previews in one
// process. Its objects do not outlive it.
package mem

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"sync"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
)

// Store is a blob.Store in memory.
type Store struct {
	mu      sync.RWMutex
	objects map[blob.Key][]byte // never changed once they are in
}

var _ blob.Store = (*Store)(nil)

// New makes an empty store.
func New() *Store { return &Store{objects: map[blob.Key][]byte{}} }

// Put implements blob.Store, but for the loss of power.
func (s *Store) Put(ctx context.Context, k blob.Key, staged blob.Staged) error {
	if err := admit(ctx, k); err != nil {
		return err
	}
	if sha := staged.Digests().SHA256; sha != k.SHA256 {
		return fmt.Errorf("blob/mem: the bytes of %s were to be stored as %s", sha, k.SHA256)
	}
	// One byte further than the body is said to be long, so that the lie shows.
	b, err := io.ReadAll(io.NewSectionReader(staged, 0, staged.Size()+1))
	if err != nil {
		return fmt.Errorf("blob/mem: %w", err)
	}
	if int64(len(b)) != staged.Size() {
		return fmt.Errorf("blob/mem: the staged body has not the %d bytes it is said to have", staged.Size())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.objects[k] = b
	return nil
}

// Open implements blob.Store.
func (s *Store) Open(ctx context.Context, k blob.Key) (blob.Reader, error) {
	b, err := s.object(ctx, k)
	if err != nil {
		return nil, err
	}
	return reader{bytes.NewReader(b)}, nil
}

type reader struct{ *bytes.Reader }

func (reader) Close() error { return nil }

// Stat implements blob.Store.
func (s *Store) Stat(ctx context.Context, k blob.Key) (int64, error) {
	b, err := s.object(ctx, k)
	return int64(len(b)), err
}

func (s *Store) object(ctx context.Context, k blob.Key) ([]byte, error) {
	if err := admit(ctx, k); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	b, ok := s.objects[k]
	if !ok {
		return nil, fault.New(fault.NotFound, "the stored file is absent")
	}
	return b, nil
}

// Delete implements blob.Store.
func (s *Store) Delete(ctx context.Context, k blob.Key) error {
	if err := admit(ctx, k); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.objects, k)
	return nil
}

// Keys implements blob.Store. It lists what is there when the listing begins.
func (s *Store) Keys(ctx context.Context) iter.Seq2[blob.Key, error] {
	return func(yield func(blob.Key, error) bool) {
		s.mu.RLock()
		keys := slices.Collect(maps.Keys(s.objects))
		s.mu.RUnlock()
		if err := ctx.Err(); err != nil {
			yield(blob.Key{}, err)
			return
		}
		for _, k := range keys {
			if !yield(k, nil) {
				return
			}
		}
	}
}

func admit(ctx context.Context, k blob.Key) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return k.Check()
}
