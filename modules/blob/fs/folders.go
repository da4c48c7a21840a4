package fs

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// makeFolders makes the store's folders durable: their own entries, and those
// of every folder above them that had to be made.
func (s *Store) makeFolders(dir string) error {
	if err := makeDurable(dir); err != nil {
		return err
	}
	if err := makeFolder(s.incoming); err != nil {
		return err
	}
	if err := makeFolder(s.objects); err != nil {
		return err
	}
	for i := range 256 {
		if err := makeFolder(filepath.Join(s.objects, fmt.Sprintf("%02x", i))); err != nil {
			return err
		}
	}
	// Always synced, for an earlier process may have been stopped before it
	// came to this.
	if err := syncFolder(s.objects); err != nil {
		return err
	}
	return syncFolder(dir)
}

func makeDurable(dir string) error {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	above := filepath.Dir(dir)
	if above != dir {
		if err := makeDurable(above); err != nil {
			return err
		}
	}
	if err := makeFolder(dir); err != nil {
		return err
	}
	return syncFolder(above)
}

func makeFolder(path string) error {
	err := os.Mkdir(path, 0o700)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	return err
}

func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
