package scratch_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"ingot.dev/modules/blob/internal/scratch"
)

func exists(t *testing.T, path string) bool {
	t.Helper()
	_, err := os.Lstat(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return err == nil
}

// Locks belong to the open file, not to the process, so one process can play
// both parts.
func TestSweep(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()

	living, err := scratch.Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer living.Close()

	// A second name of a living file, as the local store makes one.
	second := filepath.Join(dir, scratch.Name())
	if err := os.Link(living.Name(), second); err != nil {
		t.Fatal(err)
	}

	dead, err := scratch.Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	dead.Close()

	foreign := filepath.Join(dir, "notes.tmp")
	if err := os.WriteFile(foreign, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(dir, scratch.Name())
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}

	if err := scratch.Sweep(dir); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{living.Name(): true, second: true, dead.Name(): false, foreign: true, folder: true} {
		if got := exists(t, path); got != want {
			t.Errorf("%s exists = %v after the sweep, want %v", path, got, want)
		}
	}
}

func TestCreate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, err := scratch.Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	b, err := scratch.Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if a.Name() == b.Name() {
		t.Fatalf("two files are both named %s", a.Name())
	}
	info, err := a.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != 0o600 {
		t.Errorf("mode %v, want 0600", info.Mode())
	}
	if _, err := scratch.Create(filepath.Join(dir, "absent")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Create in an absent folder: %v, want fs.ErrNotExist", err)
	}
}
