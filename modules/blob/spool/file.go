package spool

import (
	"fmt"
	"io"
	"os"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/blob/internal/scratch"
)

// flushEvery is the number of bytes after which a file is handed to the disk,
// so that the disk works while the body still comes in and the final sync of a
// large file has little left to do.
const flushEvery = 8 << 20

// file is a staged body in a file of its own.
type file struct {
	f       *os.File
	size    int64
	digests blob.Digests
}

func (s *Spool) stageFile(body io.Reader, which digestSet) (blob.Staged, error) {
	f, err := scratch.Create(s.dir)
	if err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	staged := &file{f: f}
	if staged.size, staged.digests, err = s.pour(f, body, which); err != nil {
		staged.Discard()
		return nil, err
	}
	return staged, nil
}

// pour copies body to f and takes its size and digests.
func (s *Spool) pour(f *os.File, body io.Reader, which digestSet) (size int64, digests blob.Digests, err error) {
	sums := newSums(&s.blocks, lanes(), which)
	defer func() { digests = sums.finish() }()

	flushed := int64(0)
	for {
		b := sums.take()
		n, readErr := io.ReadFull(body, b.bytes[:])
		b.filled = n
		sums.give(b)
		if _, err := f.Write(b.bytes[:n]); err != nil {
			return 0, digests, fmt.Errorf("spool: %w", err)
		}
		size += int64(n)
		if size-flushed >= flushEvery {
			startWriting(f, flushed, size-flushed)
			flushed = size
		}
		switch readErr {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF: // ReadFull's own words for the last block
			return size, digests, nil
		default:
			return 0, digests, readErr
		}
	}
}

func (s *file) ReadAt(p []byte, off int64) (int, error) { return s.f.ReadAt(p, off) }
func (s *file) Size() int64                             { return s.size }
func (s *file) Digests() blob.Digests                   { return s.digests }

// Path names the file, which nobody writes to any more: a store on the same
// file system may take it by a second link instead of a copy.
func (s *file) Path() string { return s.f.Name() }

// Discard removes the file before it closes it, because an open file is safe
// from a sweep. The name is random, so a second time finds nothing.
func (s *file) Discard() {
	os.Remove(s.f.Name())
	s.f.Close()
}
