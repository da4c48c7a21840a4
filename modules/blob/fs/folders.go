package fs

import (
	"errors"
	"os"
	"path/filepath"

	"ingot.dev/modules/blob"
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
	// Always synced, for an earlier process may have been stopped before it
	// came to this.
	return syncFolder(dir)
}

// makeObjectFolder makes the folder that objects of k's kind lie in: for the
// first of them, or after somebody tidied it away.
func (s *Store) makeObjectFolder(k blob.Key) error {
	err := os.Mkdir(s.folder(k), 0o700)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	s.durable.Delete(s.folder(k))
	return err
}

// syncObjectFolder makes the names in k's folder durable and, once, the name
// of the folder.
func (s *Store) syncObjectFolder(k blob.Key) error {
	folder := s.folder(k)
	if err := syncFolder(folder); err != nil {
		return err
	}
	if _, done := s.durable.Load(folder); done {
		return nil
	}
	if err := syncFolder(s.objects); err != nil {
		return err
	}
	s.durable.Store(folder, true)
	return nil
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
