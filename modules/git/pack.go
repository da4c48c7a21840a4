package git

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"sync"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"

	"ingot.dev/modules/fault"
)

const (
	// maxChain is the longest chain of deltas that git itself makes
	// (pack.depth is capped to it). A longer one was made to hurt.
	maxChain = 4095

	// maxDelta bounds an object that is stored as a delta, and every object it
	// is built from, for those are put together in memory. A bigger blob that
	// is stored whole can be streamed.
	maxDelta = 64 << 20

	// cachedBases bounds the memory that keeps the bases of deltas.
	cachedBases = 16 << 20
)

// pack is one pack file with its index, in the formats of gitformat-pack(5).
// The index is searched where it lies, so that opening a pack costs the same
// for ten objects and for ten million.
type pack struct {
	index  *os.File
	data   *os.File
	fanout [256]uint32

	scanners sync.Pool
	bases    *cache.BufferLRU // content by offset
}

// The layout of an index of version 2: header, fan-out table, the sorted
// names, checksums, offsets of 31 bits, offsets of 64 bits.
const (
	indexNames = 8 + 256*4
	nameLen    = len(plumbing.Hash{})
)

// openPack opens path.idx and path.pack.
func openPack(path string) (*pack, error) {
	index, err := os.Open(path + ".idx")
	if err != nil {
		return nil, err
	}
	head := make([]byte, indexNames)
	if _, err := index.ReadAt(head, 0); err != nil || !bytes.HasPrefix(head, []byte("\xfftOc\x00\x00\x00\x02")) {
		index.Close()
		return nil, fmt.Errorf("git: %s.idx is no pack index of version 2", path)
	}
	data, err := os.Open(path + ".pack")
	if err != nil {
		index.Close()
		return nil, err
	}
	p := &pack{index: index, data: data, bases: cache.NewBufferLRU(cachedBases)}
	for i := range p.fanout {
		p.fanout[i] = binary.BigEndian.Uint32(head[8+4*i:])
	}
	p.scanners.New = func() any {
		return packfile.NewScanner(io.NewSectionReader(data, 0, math.MaxInt64))
	}
	return p, nil
}

func (p *pack) close() error { return errors.Join(p.index.Close(), p.data.Close()) }

// find gives the offset of the object h in the pack.
func (p *pack) find(h plumbing.Hash) (at int64, ok bool, err error) {
	low, high := uint32(0), p.fanout[h[0]]
	if h[0] > 0 {
		low = p.fanout[h[0]-1]
	}
	var name plumbing.Hash
	for low < high {
		mid := low + (high-low)/2
		if _, err := p.index.ReadAt(name[:], indexNames+int64(mid)*int64(nameLen)); err != nil {
			return 0, false, err
		}
		switch c := bytes.Compare(h[:], name[:]); {
		case c < 0:
			high = mid
		case c > 0:
			low = mid + 1
		default:
			at, err = p.offset(mid)
			return at, err == nil, err
		}
	}
	return 0, false, nil
}

// offset gives the place of the n-th object of the index.
func (p *pack) offset(n uint32) (int64, error) {
	count := int64(p.fanout[255])
	short := indexNames + count*int64(nameLen+4)
	var raw [8]byte
	if _, err := p.index.ReadAt(raw[:4], short+4*int64(n)); err != nil {
		return 0, err
	}
	at := binary.BigEndian.Uint32(raw[:4])
	if at&(1<<31) == 0 {
		return int64(at), nil
	}
	if _, err := p.index.ReadAt(raw[:], short+4*count+8*int64(at&^(1<<31))); err != nil {
		return 0, err
	}
	return int64(binary.BigEndian.Uint64(raw[:]) & math.MaxInt64), nil
}

// scanner lends a reader of the pack to one goroutine.
func (p *pack) scanner() *packfile.Scanner { return p.scanners.Get().(*packfile.Scanner) }

// stat reads the type and size of the object h at an offset, and the chain of
// deltas that it is made of.
func (p *pack) stat(h plumbing.Hash, at int64) (stored, error) {
	s := p.scanner()
	defer p.scanners.Put(s)
	o := stored{hash: h, pack: p}
	for {
		head, err := s.SeekObjectHeader(at)
		if err != nil {
			return stored{}, fmt.Errorf("git: object %s: %w", h, err)
		}
		o.chain = append(o.chain, at)
		if len(o.chain) > maxChain {
			return stored{}, fault.New(fault.Unprocessable, "the object %s is stored as more than %d deltas: repack the repository", h, maxChain)
		}
		if head.Type != plumbing.OFSDeltaObject && head.Type != plumbing.REFDeltaObject {
			if o.kind = head.Type; !o.kind.Valid() {
				return stored{}, fmt.Errorf("git: object %s: unknown type in its pack", h)
			}
			if len(o.chain) == 1 {
				o.size = head.Length
			}
			return o, nil
		}
		if len(o.chain) == 1 {
			if o.size, err = deltaTarget(s); err != nil {
				return stored{}, fmt.Errorf("git: object %s: %w", h, err)
			}
		}
		at = head.OffsetReference
		if head.Type == plumbing.REFDeltaObject {
			var ok bool
			if at, ok, err = p.find(head.Reference); err != nil {
				return stored{}, err
			} else if !ok {
				return stored{}, fmt.Errorf("git: object %s: its base %s is not in its pack", h, head.Reference)
			}
		}
	}
}

// deltaTarget reads the size of what a delta makes, from the delta's start.
func deltaTarget(s *packfile.Scanner) (int64, error) {
	r, err := s.ReadObject()
	if err != nil {
		return 0, err
	}
	defer r.Close()
	head := make([]byte, 2*binary.MaxVarintLen64)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return 0, err
	}
	return targetSize(head[:n])
}

// targetSize takes the second of the two sizes that a delta begins with.
func targetSize(delta []byte) (int64, error) {
	_, n := binary.Uvarint(delta)
	if n <= 0 {
		return 0, packfile.ErrInvalidDelta
	}
	size, n := binary.Uvarint(delta[n:])
	if n <= 0 || size > math.MaxInt64 {
		return 0, packfile.ErrInvalidDelta
	}
	return int64(size), nil
}

// stream reads an object that is stored whole.
func (p *pack) stream(at int64) (io.ReadCloser, error) {
	s := p.scanner()
	if _, err := s.SeekObjectHeader(at); err != nil {
		return nil, err
	}
	r, err := s.ReadObject()
	if err != nil {
		return nil, err
	}
	return &packReader{ReadCloser: r, release: func() { p.scanners.Put(s) }}, nil
}

type packReader struct {
	io.ReadCloser
	release func()
}

func (r *packReader) Close() error {
	if r.release == nil {
		return nil
	}
	err := r.ReadCloser.Close()
	r.release()
	r.release = nil
	return err
}

// read puts the object at chain[0] together, from the base up. The result is
// shared and must not be changed.
func (p *pack) read(chain []int64) ([]byte, error) {
	s := p.scanner()
	defer p.scanners.Put(s)
	var content []byte
	next := len(chain) - 1
	for i, at := range chain {
		if cached, ok := p.bases.Get(at); ok {
			content, next = cached, i-1
			break
		}
	}
	for ; next >= 0; next-- {
		piece, err := inflate(s, chain[next])
		if err != nil {
			return nil, err
		}
		if next == len(chain)-1 {
			content = piece
		} else {
			if size, err := targetSize(piece); err != nil {
				return nil, err
			} else if size > maxDelta {
				return nil, tooLargeDelta(size)
			}
			if content, err = packfile.PatchDelta(content, piece); err != nil {
				return nil, err
			}
		}
		if len(chain) > 1 {
			p.bases.Put(chain[next], content)
		}
	}
	return content, nil
}

// inflate reads what is stored at one offset.
func inflate(s *packfile.Scanner, at int64) ([]byte, error) {
	head, err := s.SeekObjectHeader(at)
	if err != nil {
		return nil, err
	}
	if head.Length > maxDelta {
		return nil, tooLargeDelta(head.Length)
	}
	r, err := s.ReadObject()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	// Room for one more byte lets the reader see the end without growing.
	buf := bytes.NewBuffer(make([]byte, 0, min(head.Length, 1<<20)+bytes.MinRead))
	if _, err := buf.ReadFrom(r); err != nil {
		return nil, err
	}
	if int64(buf.Len()) != head.Length {
		return nil, fmt.Errorf("git: an object in a pack has %d bytes instead of %d", buf.Len(), head.Length)
	}
	return buf.Bytes(), nil
}

func tooLargeDelta(size int64) error {
	return fault.New(fault.TooLarge, "an object of %d bytes is stored as a delta; those are read up to %d bytes", size, maxDelta)
}
