// Package scratch makes temporary files that a later process can tell from
// living ones. The kernel's lock on the open file is the sign of life: it goes
// when the process goes, however it goes, so that neither ages nor process ids
// have to be guessed at, and a command beside a running server takes nothing
// away from it.
package scratch

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Every name has this shape, so that a folder shared with others loses none of
// their files to Sweep.
const (
	prefix = "ingot-"
	suffix = ".tmp"
)

// Name gives a name for a temporary file that nothing else has.
func Name() string { return prefix + rand.Text() + suffix }

// Create makes a new file in dir, for reading and writing by this user only.
// Sweep leaves it alone while it is open; whoever is done with it removes it
// first and closes it then.
func Create(dir string) (*os.File, error) {
	for {
		f, err := os.OpenFile(filepath.Join(dir, Name()), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return nil, err
		}
		if hold(f) {
			return f, nil
		}
		f.Close()
	}
}

// hold marks f as alive. It fails where another process's Sweep has come
// between the making and the marking; the file is lost then. A file system
// without locks is no failure: nothing is ever swept there.
func hold(f *os.File) bool {
	switch err := lock(f); {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return false
	case err != nil:
		return true
	}
	_, err := os.Lstat(f.Name())
	return !errors.Is(err, fs.ErrNotExist)
}

func lock(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

// Sweep removes the temporary files in dir that no living process holds open.
// A file that cannot be removed is left for another time.
func Sweep(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := e.Name()
		if e.Type().IsRegular() && strings.HasPrefix(name, prefix) && strings.HasSuffix(name, suffix) {
			removeDead(filepath.Join(dir, name))
		}
	}
	return nil
}

func removeDead(path string) {
	f, err := os.Open(path)
	if err != nil {
		return
	}
	defer f.Close()
	if lock(f) == nil {
		os.Remove(path)
	}
}
