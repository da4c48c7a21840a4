package fs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/blob/internal/scratch"
)

// Put implements blob.Store. It costs what durability costs and no more: the
// write, the sync of the file, the rename, the sync of the folder. A staged
// body that has a file on this file system (a Path method) is not even
// written: its file gets a second name, and may not be changed afterwards.
func (s *Store) Put(ctx context.Context, k blob.Key, staged blob.Staged) error {
	if err := admit(ctx, k); err != nil {
		return err
	}
	if sha := staged.Digests().SHA256; sha != k.SHA256 {
		return fmt.Errorf("blob/fs: the bytes of %s were to be stored as %s", sha, k.SHA256)
	}
	// An object that is there was synced before it got its name, but whoever
	// put it may not have come to sync the folder yet. One of another length is
	// no object of ours and is replaced.
	info, err := os.Stat(s.path(k))
	if err == nil && info.Size() == staged.Size() {
		return s.settle(k)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("blob/fs: %w", err)
	}

	f, err := s.receive(ctx, staged)
	if err != nil {
		return err
	}
	defer f.Close()
	defer os.Remove(f.Name()) // in vain after the rename
	s.step("put:written")
	if err := f.Sync(); err != nil {
		return fmt.Errorf("blob/fs: %w", err)
	}
	s.step("put:synced")
	err = os.Rename(f.Name(), s.path(k))
	if errors.Is(err, os.ErrNotExist) {
		if err = s.makeObjectFolder(k); err == nil {
			err = os.Rename(f.Name(), s.path(k))
		}
	}
	if err != nil {
		return fmt.Errorf("blob/fs: %w", err)
	}
	s.step("put:renamed")
	return s.settle(k)
}

// settle makes the name of k durable. Where it fails the object stays, as
// another Put may have found it there and succeeded.
func (s *Store) settle(k blob.Key) error {
	if err := s.syncObjectFolder(k); err != nil {
		return fmt.Errorf("blob/fs: %w", err)
	}
	s.step("put:done")
	return nil
}

// receive gives a file in incoming that holds exactly the staged bytes, not
// yet synced.
func (s *Store) receive(ctx context.Context, staged blob.Staged) (*os.File, error) {
	f, err := s.adopt(staged)
	if err != nil {
		f, err = s.copy(ctx, staged)
	}
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.Size() != staged.Size() {
		err = fmt.Errorf("the staged file has %d bytes instead of %d", info.Size(), staged.Size())
	}
	if err != nil {
		os.Remove(f.Name())
		f.Close()
		return nil, fmt.Errorf("blob/fs: %w", err)
	}
	return f, nil
}

// adopt gives the staged body's own file a name in incoming. It fails wherever
// that is impossible: no file, another file system, one without links, or a
// file that is gone.
func (s *Store) adopt(staged blob.Staged) (*os.File, error) {
	onDisk, ok := staged.(interface{ Path() string })
	if !ok {
		return nil, errors.ErrUnsupported
	}
	path := filepath.Join(s.incoming, scratch.Name())
	if err := os.Link(onDisk.Path(), path); err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		os.Remove(path)
	}
	return f, err
}

// copy writes the staged bytes to a new file in incoming. It reads one byte
// further than the body is said to be long, so that the lie shows.
func (s *Store) copy(ctx context.Context, staged blob.Staged) (*os.File, error) {
	f, err := scratch.Create(s.incoming)
	if err != nil {
		return nil, fmt.Errorf("blob/fs: %w", err)
	}
	buffer := s.buffers.Get().(*[]byte)
	defer s.buffers.Put(buffer)

	body := &whileAlive{ctx: ctx, r: io.NewSectionReader(staged, 0, staged.Size()+1)}
	// The writer is hidden, for *os.File would leave our buffer unused.
	if _, err := io.CopyBuffer(struct{ io.Writer }{f}, body, *buffer); err != nil {
		os.Remove(f.Name())
		f.Close()
		return nil, fmt.Errorf("blob/fs: %w", err)
	}
	return f, nil
}

// whileAlive reads while the context lives.
type whileAlive struct {
	ctx context.Context
	r   io.Reader
}

func (p *whileAlive) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	return p.r.Read(b)
}
