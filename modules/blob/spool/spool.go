// Package spool receives bodies whose length and content nobody knows yet:
// it streams them to memory or to a temporary file and takes the four digests
// on the way.
package spool

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/blob/internal/scratch"
)

// DefaultMemory is the number of bytes up to which a body is better held in
// memory than in a file: nearly all manifests and most small packages.
const DefaultMemory int64 = 256 << 10

// Spool stages bodies. It is safe for concurrent use. The memory it needs per
// body under way is bounded, however large the body is: one buffer of the size
// given to New, and a ring of blocks of 128 KiB together.
type Spool struct {
	dir    string
	heads  sync.Pool // *[]byte, one byte longer than the largest body held in memory
	blocks sync.Pool // *block
}

// New makes a spool with its files in the folder dir, which is made where it
// is absent. Bodies of up to memory bytes stay in memory. Files that a dead
// process has left in dir are removed; those of living processes are not, so
// that several may share the folder. Where dir is on the file system of the
// local store, a large body is never copied.
func New(dir string, memory int64) (*Spool, error) {
	if memory < 0 || memory > 1<<30 {
		return nil, fmt.Errorf("spool: %d bytes per body in memory is not between 0 and 1 GiB", memory)
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	if err := scratch.Sweep(dir); err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	return &Spool{
		dir:    dir,
		heads:  sync.Pool{New: func() any { b := make([]byte, memory+1); return &b }},
		blocks: sync.Pool{New: func() any { return new(block) }},
	}, nil
}

// Stage reads r to its end. The result is the caller's, who discards it.
//
// More than limit bytes are fault.TooLarge; no limit is 0 or less. A body that
// ends before it should (io.ErrUnexpectedEOF) is fault.Invalid. Every other
// error of r, and ctx's, is given back as it is. A read that hangs is not
// interrupted by ctx: whoever owns the connection sets its deadlines.
func (s *Spool) Stage(ctx context.Context, r io.Reader, limit int64) (blob.Staged, error) {
	return s.stage(ctx, r, limit, everyDigest)
}

// StageQuickly is Stage, but a body that does not fit into memory gets the
// SHA256 alone, which is several times as fast as all four.
func (s *Spool) StageQuickly(ctx context.Context, r io.Reader, limit int64) (blob.Staged, error) {
	return s.stage(ctx, r, limit, identity)
}

func (s *Spool) stage(ctx context.Context, r io.Reader, limit int64, which digestSet) (blob.Staged, error) {
	body := &intake{ctx: ctx, r: r, limit: limit}
	head := s.heads.Get().(*[]byte)
	defer s.heads.Put(head)

	n, err := io.ReadFull(body, *head)
	switch err {
	case nil:
		return s.stageFile(io.MultiReader(bytes.NewReader(*head), body), which)
	case io.EOF, io.ErrUnexpectedEOF: // ReadFull's own words for a short body
		return blob.FromBytes(bytes.Clone((*head)[:n])), nil
	default:
		return nil, err
	}
}
