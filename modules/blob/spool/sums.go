package spool

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"runtime"
	"sync"
	"sync/atomic"

	"ingot.dev/modules/blob"
)

// The ring is what one body may hold of memory, and how far the reading may
// run ahead of the slowest digest. It is short for the sake of the requests
// beside the upload: the digests run out of blocks every half a millisecond
// and leave their processors, and only then does the scheduler look at the
// network. While all processors are at work it would do so every 10 ms.
const (
	blockSize  = 32 << 10
	ringBlocks = 4
)

// block is a piece of a body on its way through the digests.
type block struct {
	bytes   [blockSize]byte
	filled  int
	pending atomic.Int32 // lanes that have not read it yet
}

// digestSet says which digests of a body are taken.
type digestSet bool

const (
	everyDigest digestSet = false
	identity    digestSet = true // SHA256 alone
)

// sums takes the digests of one stream in goroutines of its own: they
// are slower than a disk. The blocks go round in a ring: take, fill, give, and
// back once every lane has read them.
type sums struct {
	pool    *sync.Pool
	free    chan *block
	hashes  [4]hash.Hash // md5, sha1, sha256, sha512; nil where it is not taken
	lanes   []lane
	running sync.WaitGroup
}

// lane is a goroutine with some of the digests.
type lane struct {
	hashes []hash.Hash
	blocks chan *block
}

// lanes gives the number of goroutines that the digests of one body are spread
// over: one for each processor, as far as there are digests. On two of them
// the pairs take the same time each.
func lanes() int { return min(runtime.GOMAXPROCS(0), 4) }

// newSums starts the goroutines; finish must be called to end them.
func newSums(pool *sync.Pool, lanes int, which digestSet) *sums {
	s := &sums{pool: pool, free: make(chan *block, ringBlocks), hashes: [4]hash.Hash{2: sha256.New()}}
	if which == identity {
		lanes = 1
	} else {
		s.hashes = [...]hash.Hash{md5.New(), sha1.New(), s.hashes[2], sha512.New()}
	}
	s.lanes = make([]lane, lanes)
	for range ringBlocks {
		s.free <- pool.Get().(*block)
	}
	for i, h := range s.hashes {
		if h != nil {
			l := &s.lanes[i%lanes]
			l.hashes = append(l.hashes, h)
		}
	}
	for i := range s.lanes {
		s.lanes[i].blocks = make(chan *block, ringBlocks)
		s.running.Go(func() { s.run(s.lanes[i]) })
	}
	return s
}

func (s *sums) run(l lane) {
	for b := range l.blocks {
		for _, h := range l.hashes {
			h.Write(b.bytes[:b.filled])
		}
		if b.pending.Add(-1) == 0 {
			s.free <- b
		}
	}
}

// take gives a block to fill, and waits for one while all are in use.
func (s *sums) take() *block { return <-s.free }

// give hands a filled block to the digests. It may still be read, but not
// written, until take.
func (s *sums) give(b *block) {
	b.pending.Store(int32(len(s.lanes)))
	for _, l := range s.lanes {
		l.blocks <- b
	}
}

// finish waits for the digests of all that was given, frees the memory and
// ends the goroutines.
func (s *sums) finish() blob.Digests {
	for _, l := range s.lanes {
		close(l.blocks)
	}
	s.running.Wait()
	close(s.free)
	for b := range s.free {
		s.pool.Put(b)
	}
	digest := func(i int) string {
		if s.hashes[i] == nil {
			return ""
		}
		return hex.EncodeToString(s.hashes[i].Sum(nil))
	}
	return blob.Digests{MD5: digest(0), SHA1: digest(1), SHA256: digest(2), SHA512: digest(3)}
}
