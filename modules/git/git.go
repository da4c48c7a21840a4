// Package git reads repositories: their branches and tags, the commits those
// name, and the files of a commit. Formats and protocols of git come from
// go-git, which nobody outside this package needs to know.
//
// A repository is read while git pushes to it, repacks it and prunes it.
// Everything in it was written by whoever may push, so all reading is bounded.
package git

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/storage/filesystem"

	"ingot.dev/modules/fault"
)

// DefaultBranch is what HEAD of a new repository names.
const DefaultBranch = "main"

// Repository is an open bare repository. It is safe for concurrent use, cheap
// to open, and keeps the descriptors of the packs it met until Close; so open
// it for one request or one job.
type Repository struct {
	dir     string
	objects *store
}

// Open opens the bare repository in dir. fault.NotFound where there is none.
func Open(dir string) (*Repository, error) {
	if !isRepository(dir) {
		return nil, fault.New(fault.NotFound, "there is no repository")
	}
	return &Repository{dir: dir, objects: newStore(dir)}, nil
}

// Close frees the descriptors. What was read stays valid; readers that are
// still open do not.
func (r *Repository) Close() error { return r.objects.close() }

// isRepository tells a repository by what gitrepository-layout(5) demands.
func isRepository(dir string) bool {
	for _, name := range []string{"objects", "refs"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || !info.IsDir() {
			return false
		}
	}
	_, err := os.Lstat(filepath.Join(dir, "HEAD"))
	return err == nil
}

// Init makes an empty bare repository in dir, whose parent exists and whose
// default branch is DefaultBranch. fault.Conflict where dir is in use.
func Init(dir string) error {
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if entries, err := os.ReadDir(dir); err != nil {
		return err
	} else if len(entries) > 0 {
		return fault.New(fault.Conflict, "the repository exists already")
	}
	storage := filesystem.NewStorage(osfs.New(dir, osfs.WithBoundOS()), cache.NewObjectLRUDefault())
	if err := storage.Init(); err != nil {
		return err
	}
	conf := config.NewConfig()
	conf.Core.IsBare = true
	if err := storage.SetConfig(conf); err != nil {
		return err
	}
	return storage.SetReference(plumbing.NewSymbolicReference(plumbing.HEAD, plumbing.NewBranchReferenceName(DefaultBranch)))
}
