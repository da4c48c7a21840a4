// Package fs is the blob store on a local disk.
//
// The layout below the store's folder, drawn once:
//
//	objects/
//	  00/ ... ff/                the first two digits of the digest
//	    <sha256>-<row>           one object; present = whole and durable
//	incoming/
//	  ingot-<random>.tmp         an object on its way in
//
// An object comes into being by a rename out of incoming after its bytes were
// synced, so that a name below objects never stands for half a file. All of it
// must be one file system.
//
// The 256 folders are made when they are first needed. One level is enough, for
// today's file systems look names up in folders of millions; two levels would
// make nearly every Put of a young store create and sync a folder, which was
// measured to cost it a third of its speed.
package fs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/blob/internal/scratch"
	"ingot.dev/modules/fault"
)

// Store is a blob.Store in a folder of a local disk. Several processes may
// use one folder at a time.
type Store struct {
	objects, incoming string
	step              func(name string)
	durable           sync.Map  // the folders below objects whose own entries were synced
	buffers           sync.Pool // *[]byte for copies
}

var _ blob.Store = (*Store)(nil)

// Option changes how a Store works.
type Option func(*Store)

// WithStep has step called at the named steps of the store's work, so that
// tests can kill the process there: put:written, put:synced, put:renamed,
// put:done, delete:done. A nil step is none.
func WithStep(step func(name string)) Option {
	return func(s *Store) {
		if step != nil {
			s.step = step
		}
	}
}

// New opens the store in the folder dir and makes what is absent of it. What a
// dead process left in incoming is removed.
func New(dir string, options ...Option) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("blob/fs: %w", err)
	}
	s := &Store{
		objects:  filepath.Join(dir, "objects"),
		incoming: filepath.Join(dir, "incoming"),
		step:     func(string) {},
		buffers:  sync.Pool{New: func() any { b := make([]byte, 256<<10); return &b }},
	}
	for _, o := range options {
		o(s)
	}
	if err := s.makeFolders(dir); err != nil {
		return nil, fmt.Errorf("blob/fs: %w", err)
	}
	if err := scratch.Sweep(s.incoming); err != nil {
		return nil, fmt.Errorf("blob/fs: %w", err)
	}
	return s, nil
}

// Open gives a reader on the open file itself, so that a TCP connection can be
// fed from it by sendfile(2).
func (s *Store) Open(ctx context.Context, k blob.Key) (blob.Reader, error) {
	if err := admit(ctx, k); err != nil {
		return nil, err
	}
	f, err := os.Open(s.path(k))
	if err != nil {
		return nil, absent(err)
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("blob/fs: %w", err)
	}
	return &reader{File: f, size: info.Size()}, nil
}

// reader embeds the file for more than its methods: net asks a source for
// SyscallConn before it calls sendfile(2).
type reader struct {
	*os.File
	size int64
}

func (r *reader) Size() int64 { return r.size }

// Stat implements blob.Store.
func (s *Store) Stat(ctx context.Context, k blob.Key) (int64, error) {
	if err := admit(ctx, k); err != nil {
		return 0, err
	}
	info, err := os.Stat(s.path(k))
	if err != nil {
		return 0, absent(err)
	}
	return info.Size(), nil
}

// Delete implements blob.Store. The folder is not synced: a loss of power may
// bring the object back, which costs space until it is collected again, but no
// row can ever mean it, because its key is never given out twice.
func (s *Store) Delete(ctx context.Context, k blob.Key) error {
	if err := admit(ctx, k); err != nil {
		return err
	}
	if err := os.Remove(s.path(k)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("blob/fs: %w", err)
	}
	s.step("delete:done")
	return nil
}

func admit(ctx context.Context, k blob.Key) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return k.Check()
}

func absent(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return fault.Wrap(fault.NotFound, err, "the stored file is absent")
	}
	return fmt.Errorf("blob/fs: %w", err)
}

// folder and path are only asked for keys that passed Check.
func (s *Store) folder(k blob.Key) string { return filepath.Join(s.objects, k.SHA256[:2]) }

func (s *Store) path(k blob.Key) string { return filepath.Join(s.folder(k), name(k)) }

func name(k blob.Key) string { return k.SHA256 + "-" + strconv.FormatInt(k.Row, 10) }
