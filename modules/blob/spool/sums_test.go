package spool

import (
	"bytes"
	"math/rand/v2"
	"sync"
	"testing"

	"ingot.dev/modules/blob"
)

// However many goroutines take the digests, they are the same.
func TestLanes(t *testing.T) {
	t.Parallel()
	content := make([]byte, 3*ringBlocks*blockSize/2+1)
	rand.NewChaCha8([32]byte{1}).Read(content)
	want := blob.FromBytes(content).Digests()
	pool := &sync.Pool{New: func() any { return new(block) }}
	for lanes := 1; lanes <= 4; lanes++ {
		s := newSums(pool, lanes, everyDigest)
		for body := bytes.NewReader(content); body.Len() > 0; {
			b := s.take()
			b.filled, _ = body.Read(b.bytes[:])
			s.give(b)
		}
		if got := s.finish(); got != want {
			t.Errorf("%d lanes: %+v, want %+v", lanes, got, want)
		}
	}
}
