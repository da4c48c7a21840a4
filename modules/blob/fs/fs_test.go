package fs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/blob/blobtest"
	"ingot.dev/modules/blob/fs"
	"ingot.dev/modules/blob/spool"
)

func noise(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{1}).Read(b)
	return b
}

func open(t testing.TB, dir string, options ...fs.Option) *fs.Store {
	t.Helper()
	s, err := fs.New(dir, options...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// stage gives a body that lies in a file of the folder dir.
func stage(t testing.TB, dir string, b []byte) blob.Staged {
	t.Helper()
	s, err := spool.New(dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	staged, err := s.Stage(t.Context(), bytes.NewReader(b), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(staged.Discard)
	return staged
}

func keyOf(staged blob.Staged, row int64) blob.Key {
	return blob.Key{SHA256: staged.Digests().SHA256, Row: row}
}

func pathOf(dir string, k blob.Key) string {
	return filepath.Join(dir, "objects", k.SHA256[:2], fmt.Sprintf("%s-%d", k.SHA256, k.Row))
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func incoming(t *testing.T, dir string) []string {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(dir, "incoming", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return left
}

func wantObject(t *testing.T, s *fs.Store, k blob.Key, want []byte) {
	t.Helper()
	r, err := s.Open(t.Context(), k)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want) {
		t.Errorf("the object has %d bytes, %v, want the %d that were put", len(got), err, len(want))
	}
}

// onDisk turns the bodies of the contract's tests into files, so that it is
// run over the way without a copy, too.
type onDisk struct {
	*fs.Store
	t   *testing.T
	dir string
}

func (s onDisk) Put(ctx context.Context, k blob.Key, staged blob.Staged) error {
	b, err := io.ReadAll(io.NewSectionReader(staged, 0, 1<<40))
	if err != nil {
		return s.Store.Put(ctx, k, staged)
	}
	file := stage(s.t, s.dir, b)
	if staged.Size() != file.Size() {
		file = liar{file.(filed), staged.Size()}
	}
	return s.Store.Put(ctx, k, file)
}

type filed interface {
	blob.Staged
	Path() string
}

type liar struct {
	filed
	size int64
}

func (l liar) Size() int64 { return l.size }

func TestContract(t *testing.T) {
	t.Parallel()
	t.Run("copied", func(t *testing.T) {
		t.Parallel()
		blobtest.Run(t, func(t *testing.T) blob.Store { return open(t, t.TempDir()) })
	})
	t.Run("linked", func(t *testing.T) {
		t.Parallel()
		blobtest.Run(t, func(t *testing.T) blob.Store {
			dir := t.TempDir()
			return onDisk{open(t, filepath.Join(dir, "store")), t, filepath.Join(dir, "spool")}
		})
	})
}

// A file on the same file system is taken, not copied, and survives the
// Discard of the staged body.
func TestPutTakesTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	b := noise(1 << 20)
	staged := stage(t, filepath.Join(dir, "spool"), b)
	before, err := os.Stat(staged.(filed).Path())
	if err != nil {
		t.Fatal(err)
	}
	// Twice: a publish that lost its lease puts the same body under a new row.
	for row := range int64(2) {
		k := keyOf(staged, row+1)
		if err := s.Put(t.Context(), k, staged); err != nil {
			t.Fatal(err)
		}
		after, err := os.Stat(pathOf(dir, k))
		if err != nil {
			t.Fatal(err)
		}
		if !os.SameFile(before, after) {
			t.Error("the file was copied")
		}
	}
	staged.Discard()
	wantObject(t, s, keyOf(staged, 1), b)
	wantObject(t, s, keyOf(staged, 2), b)
	if left := incoming(t, dir); len(left) != 0 {
		t.Errorf("left in incoming: %q", left)
	}
}

// Where the file cannot be linked, its bytes are still there to be read.
func TestPutCopiesWhereItCannotLink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	b := noise(1 << 20)
	staged := stage(t, filepath.Join(dir, "spool"), b)
	if err := os.Remove(staged.(filed).Path()); err != nil {
		t.Fatal(err)
	}
	if err := s.Put(t.Context(), keyOf(staged, 1), staged); err != nil {
		t.Fatal(err)
	}
	wantObject(t, s, keyOf(staged, 1), b)
}

func TestPutReplacesWrongLength(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		damage []byte
	}{
		{"short", noise(10)},
		{"empty", nil},
		{"long", noise(100 << 10)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := open(t, dir)
			b := noise(20 << 10)
			inMemory, inFile := blob.FromBytes(b), stage(t, filepath.Join(dir, "spool"), b)
			for _, staged := range []blob.Staged{inMemory, inFile} {
				k := keyOf(staged, 1)
				write(t, pathOf(dir, k), c.damage)
				if err := s.Put(t.Context(), k, staged); err != nil {
					t.Fatal(err)
				}
				wantObject(t, s, k, b)
				if err := s.Delete(t.Context(), k); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestFailedPutLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	file := stage(t, filepath.Join(dir, "spool"), noise(1000)).(filed)
	for _, staged := range []blob.Staged{liar{file, 999}, liar{file, 1001}} {
		if err := s.Put(t.Context(), keyOf(staged, 1), staged); err == nil {
			t.Errorf("a file of 1000 bytes that is said to have %d was put", staged.Size())
		}
	}
	file.Discard()
	if err := s.Put(t.Context(), keyOf(file, 1), file); !errors.Is(err, os.ErrClosed) {
		t.Errorf("Put after Discard: %v, want os.ErrClosed", err)
	}
	for k, err := range s.Keys(t.Context()) {
		t.Errorf("the store has %v, %v", k, err)
	}

	// A folder in the object's place makes the rename fail.
	staged := blob.FromBytes(noise(10))
	if err := os.MkdirAll(pathOf(dir, keyOf(staged, 1)), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := s.Put(t.Context(), keyOf(staged, 1), staged); err == nil {
		t.Error("Put took the place of a folder")
	}
	if left := incoming(t, dir); len(left) != 0 {
		t.Errorf("left in incoming: %q", left)
	}
}

// Tools that tidy empty folders away may run beside the store.
func TestPutMakesItsFolderAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	staged := blob.FromBytes(noise(10))
	k := keyOf(staged, 1)
	for range 2 {
		if err := s.Put(t.Context(), k, staged); err != nil {
			t.Fatal(err)
		}
		wantObject(t, s, k, noise(10))
		if err := s.Delete(t.Context(), k); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Dir(pathOf(dir, k))); err != nil {
			t.Fatal(err)
		}
	}
}

// The named steps come in the order of the promise: no name before the sync.
func TestSteps(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	staged := blob.FromBytes(noise(1000))
	k := keyOf(staged, 1)
	type state struct {
		Step    string
		Present bool
	}
	var got []state
	s := open(t, dir, fs.WithStep(func(name string) {
		_, err := os.Stat(pathOf(dir, k))
		got = append(got, state{name, err == nil})
	}))
	if err := errors.Join(s.Put(t.Context(), k, staged), s.Put(t.Context(), k, staged), s.Delete(t.Context(), k)); err != nil {
		t.Fatal(err)
	}
	want := []state{
		{"put:written", false},
		{"put:synced", false},
		{"put:renamed", true},
		{"put:done", true},
		{"put:done", true}, // there already
		{"delete:done", false},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	if _, err := fs.New(t.TempDir(), fs.WithStep(nil)); err != nil {
		t.Error(err)
	}
}

func TestKeysPassOverForeignFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	staged := blob.FromBytes(noise(10))
	k := keyOf(staged, 7)
	if err := s.Put(t.Context(), k, staged); err != nil {
		t.Fatal(err)
	}
	sha, folder := k.SHA256, filepath.Join(dir, "objects", k.SHA256[:2])
	elsewhere := "00"
	if sha[:2] == elsewhere {
		elsewhere = "01"
	}
	for _, path := range []string{
		filepath.Join(folder, "lost+found"),
		filepath.Join(folder, sha),
		filepath.Join(folder, sha+"-"),
		filepath.Join(folder, sha+"-0"),
		filepath.Join(folder, sha+"-08"),
		filepath.Join(folder, sha+"-+8"),
		filepath.Join(folder, sha+"-8.bak"),
		filepath.Join(folder, strings.ToUpper(sha)+"-8"),
		filepath.Join(dir, "objects", elsewhere, sha+"-8"),
		filepath.Join(dir, "objects", sha+"-8"),
	} {
		write(t, path, nil)
	}
	var got []blob.Key
	for k, err := range s.Keys(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, k)
	}
	if !slices.Equal(got, []blob.Key{k}) {
		t.Errorf("keys %v, want only %v", got, k)
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "b", "store")
	staged := blob.FromBytes(noise(10))
	k := keyOf(staged, 1)
	if err := open(t, dir).Put(t.Context(), k, staged); err != nil {
		t.Fatal(err)
	}
	left := filepath.Join(dir, "incoming", "ingot-left-over.tmp")
	if err := os.WriteFile(left, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	wantObject(t, open(t, dir), k, noise(10))
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what a dead process left: %v, want os.ErrNotExist", err)
	}
	for _, path := range []string{dir, pathOf(dir, k)} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s is open to others: %v", path, info.Mode())
		}
	}

	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := fs.New(file); err == nil {
		t.Error("a file was taken for the folder")
	}
}
