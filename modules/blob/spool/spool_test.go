package spool_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/blob/spool"
	"ingot.dev/modules/fault"
)

func noise(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

func digests(b []byte) blob.Digests {
	return blob.Digests{
		MD5:    fmt.Sprintf("%x", md5.Sum(b)),
		SHA1:   fmt.Sprintf("%x", sha1.Sum(b)),
		SHA256: fmt.Sprintf("%x", sha256.Sum256(b)),
		SHA512: fmt.Sprintf("%x", sha512.Sum512(b)),
	}
}

func open(t testing.TB, dir string, memory int64) *spool.Spool {
	t.Helper()
	s, err := spool.New(dir, memory)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func files(t *testing.T, dir string) int {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func TestStage(t *testing.T) {
	t.Parallel()
	const memory = 100 << 10
	for _, size := range []int{0, 1, 10 << 10, memory - 1, memory, memory + 1, 128 << 10, 1<<20 + 17, 20 << 20} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			want := noise(size)
			// The last bytes and io.EOF arrive together, as net/http may give them.
			staged, err := open(t, dir, memory).Stage(t.Context(), iotest.DataErrReader(bytes.NewReader(want)), int64(size))
			if err != nil {
				t.Fatal(err)
			}
			defer staged.Discard()

			if staged.Size() != int64(size) {
				t.Errorf("size %d, want %d", staged.Size(), size)
			}
			if diff := cmp.Diff(digests(want), staged.Digests()); diff != "" {
				t.Errorf("digests (-want +got):\n%s", diff)
			}
			for range 2 { // readable as often as needed
				got, err := io.ReadAll(io.NewSectionReader(staged, 0, staged.Size()+1))
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got, want) {
					t.Fatal("the staged bytes are not those sent")
				}
			}

			onDisk, isFile := staged.(interface{ Path() string })
			if isFile != (size > memory) {
				t.Errorf("in a file = %v, want %v", isFile, size > memory)
			}
			if isFile {
				info, err := os.Stat(onDisk.Path())
				if err != nil {
					t.Fatal(err)
				}
				if info.Mode() != 0o600 || info.Size() != int64(size) {
					t.Errorf("file of mode %v and %d bytes, want 0600 and %d", info.Mode(), info.Size(), size)
				}
			}

			staged.Discard()
			staged.Discard()
			if n := files(t, dir); n != 0 {
				t.Errorf("%d files left after Discard", n)
			}
			if _, err := staged.ReadAt(make([]byte, 1), 0); !errors.Is(err, os.ErrClosed) {
				t.Errorf("ReadAt after Discard: %v, want os.ErrClosed", err)
			}
		})
	}
}

func TestLimit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		size, limit int64
		message     string // none: accepted
	}{
		{10, 10, ""},
		{11, 10, "the file is larger than the limit of 10 bytes"},
		{1001, 1000, "the file is larger than the limit of 1000 bytes"},
		{1<<10 + 1, 1 << 10, "the file is larger than the limit of 1 KiB"},
		{2 << 20, 3 << 19, "the file is larger than the limit of 1.5 MiB"},
		{3 << 19, 3 << 19, ""},
		{300 << 10, 0, ""},
		{300 << 10, -1, ""},
	} {
		dir := t.TempDir()
		staged, err := open(t, dir, 1<<10).Stage(t.Context(), bytes.NewReader(noise(int(c.size))), c.limit)
		if c.message == "" {
			if err != nil {
				t.Errorf("%d bytes with limit %d: %v", c.size, c.limit, err)
				continue
			}
			staged.Discard()
			continue
		}
		if !fault.Is(err, fault.TooLarge) || err.Error() != c.message {
			t.Errorf("%d bytes with limit %d: %v, want too large: %s", c.size, c.limit, err, c.message)
		}
		if n := files(t, dir); n != 0 {
			t.Errorf("%d bytes with limit %d: %d files left", c.size, c.limit, n)
		}
	}
}

// endless is a body that never ends, to prove that the limit is not found out
// only after the whole body was taken.
type endless struct{ read int64 }

func (e *endless) Read(p []byte) (int, error) {
	e.read += int64(len(p))
	return len(p), nil
}

func TestEndlessBodyStopsAtTheLimit(t *testing.T) {
	t.Parallel()
	const limit = 1 << 30 / 8
	body := &endless{}
	_, err := open(t, t.TempDir(), spool.DefaultMemory).Stage(t.Context(), body, limit)
	if want := "the file is larger than the limit of 128 MiB"; !fault.Is(err, fault.TooLarge) || err.Error() != want {
		t.Fatalf("%v, want %s", err, want)
	}
	if body.read > limit+1<<20 {
		t.Errorf("read %d bytes of a body with limit %d", body.read, limit)
	}
}

func TestBrokenBody(t *testing.T) {
	t.Parallel()
	reset := errors.New("connection reset")
	for _, size := range []int{0, 10, 300 << 10, 3 << 20} {
		for _, c := range []struct {
			name  string
			cause error
			kind  fault.Kind
		}{
			{"cut short", io.ErrUnexpectedEOF, fault.Invalid},
			{"cut short below", fmt.Errorf("body: %w", io.ErrUnexpectedEOF), fault.Invalid},
			{"reset", reset, fault.Internal},
			{"cancelled below", context.Canceled, fault.Internal},
		} {
			dir := t.TempDir()
			body := io.MultiReader(bytes.NewReader(noise(size)), iotest.ErrReader(c.cause))
			_, err := open(t, dir, spool.DefaultMemory).Stage(t.Context(), body, 0)
			if !errors.Is(err, c.cause) || fault.KindOf(err) != c.kind {
				t.Errorf("%s after %d bytes: %v (%v), want %v", c.name, size, err, fault.KindOf(err), c.kind)
			}
			if c.kind == fault.Internal && err != c.cause {
				t.Errorf("%s after %d bytes: %v, want the reader's own error", c.name, size, err)
			}
			if n := files(t, dir); n != 0 {
				t.Errorf("%s after %d bytes: %d files left", c.name, size, n)
			}
		}
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, spool.DefaultMemory)
	ctx, cancel := context.WithCancel(t.Context())
	body := &endless{}
	reader := readerFunc(func(p []byte) (int, error) {
		if body.read > 5<<20 {
			cancel()
		}
		return body.Read(p)
	})
	if _, err := s.Stage(ctx, reader, 0); err != context.Canceled {
		t.Errorf("%v, want context.Canceled itself", err)
	}
	if n := files(t, dir); n != 0 {
		t.Errorf("%d files left", n)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestConcurrent(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir(), 64<<10)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 4 {
				body := bytes.Repeat([]byte{byte(i), byte(j)}, 20<<10*(i+1))
				staged, err := s.Stage(t.Context(), bytes.NewReader(body), 0)
				if err != nil {
					t.Error(err)
					return
				}
				if diff := cmp.Diff(digests(body), staged.Digests()); diff != "" {
					t.Errorf("digests (-want +got):\n%s", diff)
				}
				staged.Discard()
			}
		})
	}
	wg.Wait()
}

// A command beside a running server opens the same folder.
func TestNewLeavesLivingFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	staged, err := open(t, dir, 0).Stage(t.Context(), bytes.NewReader(noise(100)), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer staged.Discard()
	path := staged.(interface{ Path() string }).Path()

	// What a process that was killed leaves: a file whose lock is gone.
	dead := filepath.Join(dir, "ingot-left-over.tmp")
	if err := os.WriteFile(dead, nil, 0o600); err != nil {
		t.Fatal(err)
	}

	open(t, dir, 0)
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the file of a living spool: %v", err)
	}
	if _, err := os.Stat(dead); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file of a dead spool: %v, want os.ErrNotExist", err)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := spool.New(file, 0); err == nil {
		t.Error("a file was taken for the folder")
	}
	if _, err := spool.New(t.TempDir(), -1); err == nil {
		t.Error("a negative size was taken")
	}
}

// Memory does not follow the length of the body. Not parallel: it measures the
// whole process.
func TestConstantMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 256 MiB")
	}
	s := open(t, t.TempDir(), spool.DefaultMemory)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	staged, err := s.Stage(t.Context(), io.LimitReader(&endless{}, 256<<20), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer staged.Discard()
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 {
		t.Errorf("allocated %d bytes for a body of 256 MiB", used)
	}
}
