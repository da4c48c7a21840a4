package git

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/format/objfile"

	"ingot.dev/modules/fault"
)

// Bounds on the objects that are decoded in memory. Blobs have their own.
const (
	maxText = 1 << 20  // a commit or an annotated tag
	maxTree = 32 << 20 // one directory: about 500,000 entries
)

// errMissing says that no object has that name.
var errMissing = errors.New("git: no such object")

// store finds objects, loose and packed, by the names they have.
//
// It is used in place of go-git's own storage, which follows a chain of deltas
// by recursion and so lets a pushed pack of a few megabytes take gigabytes of
// memory, which serves one goroutine at a time, and which does not see packs
// that appear after the first read. Alternates are not followed: a repository
// of ours has none.
type store struct {
	dir string // the repository's folder "objects"

	mu    sync.Mutex
	packs []*pack // only ever appended to
	known map[string]bool
}

func newStore(repository string) *store {
	return &store{dir: filepath.Join(repository, "objects")}
}

func (s *store) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, p := range s.packs {
		errs = append(errs, p.close())
	}
	s.packs, s.known = nil, nil
	return errors.Join(errs...)
}

// open lists the packs. With rescan it looks for new ones first.
func (s *store) open(rescan bool) ([]*pack, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known != nil && !rescan {
		return s.packs, nil
	}
	if s.known == nil {
		s.known = make(map[string]bool)
	}
	entries, err := os.ReadDir(filepath.Join(s.dir, "pack"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range entries {
		name, isIndex := strings.CutSuffix(e.Name(), ".idx")
		if !isIndex || s.known[name] {
			continue
		}
		p, err := openPack(filepath.Join(s.dir, "pack", name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // repacked away between the listing and now
		}
		if err != nil {
			return nil, err
		}
		s.packs = append(s.packs, p)
		s.known[name] = true
	}
	return s.packs, nil
}

// stored is an object that was found: its type, its size in bytes and where it is.
type stored struct {
	hash plumbing.Hash
	kind plumbing.ObjectType
	size int64

	pack  *pack   // nil: loose
	chain []int64 // offsets in the pack, from the object to the base of its deltas
}

// stat finds the object h. errMissing where there is none.
func (s *store) stat(h plumbing.Hash) (stored, error) {
	for _, rescan := range []bool{false, true} {
		packs, err := s.open(rescan)
		if err != nil {
			return stored{}, err
		}
		for _, p := range packs {
			if at, ok, err := p.find(h); err != nil {
				return stored{}, err
			} else if ok {
				return p.stat(h, at)
			}
		}
		o, err := s.statLoose(h)
		if !errors.Is(err, fs.ErrNotExist) {
			return o, err
		}
		// git writes a pack before it removes what it packed, so an object
		// that is in neither place may have moved into a pack meanwhile.
	}
	return stored{}, fmt.Errorf("%w: %s", errMissing, h)
}

func (s *store) statLoose(h plumbing.Hash) (stored, error) {
	r, err := s.openLoose(h)
	if err != nil {
		return stored{}, err
	}
	defer r.Close()
	return stored{hash: h, kind: r.kind, size: r.size}, nil
}

// reader streams the content of o. Memory use does not depend on its size
// unless it is stored as a delta, and is bounded then.
func (s *store) reader(o stored) (io.ReadCloser, error) {
	if o.pack == nil {
		r, err := s.openLoose(o.hash)
		if err == nil {
			return r, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if o, err = s.stat(o.hash); err != nil { // packed meanwhile
			return nil, err
		}
		if o.pack == nil {
			return s.openLoose(o.hash)
		}
	}
	if len(o.chain) == 1 {
		return o.pack.stream(o.chain[0])
	}
	content, err := o.pack.read(o.chain)
	if err != nil {
		return nil, err
	}
	return io.NopCloser(bytes.NewReader(content)), nil
}

// read gives the content of o. fault.TooLarge where it has more than limit
// bytes; called what in the message. The result must not be changed.
func (s *store) read(o stored, limit int64, what string) ([]byte, error) {
	if o.size > limit {
		return nil, fault.New(fault.TooLarge, "%s has %d bytes, more than the %d that are read", what, o.size, limit)
	}
	if len(o.chain) > 1 {
		return o.pack.read(o.chain)
	}
	r, err := s.reader(o)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	content := make([]byte, o.size)
	if _, err := io.ReadFull(r, content); err != nil {
		return nil, fmt.Errorf("git: object %s: %w", o.hash, err)
	}
	return content, nil
}

// encoded finds the object h and gives it in go-git's terms, to be decoded.
func (s *store) encoded(h plumbing.Hash, kind plumbing.ObjectType, limit int64) (plumbing.EncodedObject, error) {
	o, err := s.stat(h)
	if err != nil {
		return nil, err
	}
	if o.kind != kind {
		return nil, fmt.Errorf("git: object %s is a %s, not a %s", h, o.kind, kind)
	}
	content, err := s.read(o, limit, fmt.Sprintf("the %s %s", kind, h))
	if err != nil {
		return nil, err
	}
	return decodable{o, content}, nil
}

// decodable is an object in memory under the name it was found by; go-git's
// own would hash the content again.
type decodable struct {
	stored
	content []byte
}

func (d decodable) Hash() plumbing.Hash         { return d.hash }
func (d decodable) Type() plumbing.ObjectType   { return d.kind }
func (d decodable) SetType(plumbing.ObjectType) {}
func (d decodable) Size() int64                 { return d.size }
func (d decodable) SetSize(int64)               {}
func (d decodable) Reader() (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(d.content)), nil
}

func (d decodable) Writer() (io.WriteCloser, error) {
	return nil, errors.New("git: the object is read-only")
}

// looseReader reads an object that has a file of its own.
type looseReader struct {
	io.Reader
	kind plumbing.ObjectType
	size int64
	done func() error
}

func (r *looseReader) Close() error { return r.done() }

func (s *store) openLoose(h plumbing.Hash) (*looseReader, error) {
	name := h.String()
	f, err := os.Open(filepath.Join(s.dir, name[:2], name[2:]))
	if err != nil {
		return nil, err
	}
	r, err := objfile.NewReader(f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("git: object %s: %w", h, err)
	}
	done := func() error { return errors.Join(r.Close(), f.Close()) }
	kind, size, err := r.Header()
	if err == nil && size < 0 {
		err = objfile.ErrNegativeSize
	}
	if err != nil {
		done()
		return nil, fmt.Errorf("git: object %s: %w", h, err)
	}
	return &looseReader{Reader: io.LimitReader(r, size), kind: kind, size: size, done: done}, nil
}
