package seal

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// LoadSecret reads the server's secret from a file, and makes the file where
// there is none: SecretSize random bytes, for this user only, durable when
// LoadSecret returns. Of processes that begin at once one makes it, and all
// get the same. The folder has to be there.
func LoadSecret(file string) ([]byte, error) {
	secret, err := readSecret(file)
	if errors.Is(err, fs.ErrNotExist) {
		if err = makeSecret(file); err == nil {
			secret, err = readSecret(file)
		}
	}
	if err == nil {
		// Always, for whoever made the file may have been stopped before this.
		err = syncFolder(filepath.Dir(file))
	}
	if err != nil {
		return nil, fmt.Errorf("the server's secret: %w", err)
	}
	return secret, nil
}

func readSecret(file string) ([]byte, error) {
	secret, err := os.ReadFile(file)
	if err == nil && len(secret) != SecretSize {
		err = fmt.Errorf("%s has %d bytes instead of %d: put it back from a backup; what is sealed with it cannot be read without it",
			file, len(secret), SecretSize)
	}
	return secret, err
}

// makeSecret links a whole file to its name, which fails where somebody else
// was faster: no process ever reads half a secret, or one that is replaced.
func makeSecret(file string) error {
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*.tmp") // of mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	secret := make([]byte, SecretSize)
	rand.Read(secret) // never fails
	_, err = f.Write(secret)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err = os.Link(f.Name(), file); errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// syncFolder makes the names in a folder durable.
func syncFolder(folder string) error {
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
