package forge

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ingot.dev/models/accounts"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/git"
	"ingot.dev/modules/scope"
)

// The folder of repositories. They are named by the project's UUID, which is
// known before its row is and never changes, so a project may be renamed or
// given away without moving anything.
//
//	Repositories/
//	  ab/ab34....git    the repository of the project with UUID ab34...
//	  new/ab34....git   one that is being made
//	  gone/ab34....git  one that is being deleted
//
// A repository is in its place before the project's row is written, and leaves
// it after the row went: each project has its repository at any moment. A crash
// between leaves a repository without a project. Strays finds it; nothing
// removes it by itself, because a server that was started on another database
// would take every repository for one.
const (
	makingDir  = "new"
	goneDir    = "gone"
	sweepAfter = 24 * time.Hour // longer than any import takes
)

func (f *Forge) repository(uuid string) string {
	return filepath.Join(f.cfg.Repositories, uuid[:2], uuid+".git")
}

// Repository implements the port.
func (f *Forge) Repository(ctx context.Context, s scope.Scope) (string, error) {
	found, err := f.Scopes(ctx, []scope.Ref{s.Ref})
	if err != nil {
		return "", err
	}
	p, ok := found[s.Ref]
	if !ok || p.Kind != scope.Project {
		return "", fault.New(fault.NotFound, "%s has no repository", s.Path)
	}
	dir := f.repository(p.UUID)
	if _, err := os.Stat(dir); err != nil {
		return "", fault.Wrap(fault.NotFound, err, "%s has no repository", p.Path)
	}
	return dir, nil
}

// CloneURL implements the port.
func (f *Forge) CloneURL(s scope.Scope) string { return f.root() + "/" + s.Path.String() + ".git" }

// makeRepository makes a repository and puts it in its place at once.
func (f *Forge) makeRepository(ctx context.Context, uuid, source string) (err error) {
	making := filepath.Join(f.cfg.Repositories, makingDir, uuid+".git")
	place := f.repository(uuid)
	for _, dir := range []string{filepath.Dir(making), filepath.Dir(place)} {
		if err := os.MkdirAll(dir, 0o750); err != nil {
			return err
		}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(making))
		}
	}()
	if source == "" {
		err = git.Init(making)
	} else {
		err = git.Import(ctx, making, source)
	}
	if err != nil {
		return err
	}
	if err := os.Rename(making, place); err != nil {
		return err
	}
	return syncDir(filepath.Dir(place))
}

// undo removes the repository of a project that was not to be, and gives why.
func (f *Forge) undo(ctx context.Context, uuid string, why error) error {
	// A failed commit may have happened all the same.
	if ok, err := accounts.ProjectExists(context.WithoutCancel(ctx), f.db, uuid); ok || err != nil {
		return errors.Join(why, err)
	}
	return errors.Join(why, f.removeRepository(uuid))
}

// removeRepository removes a repository whose project is gone. It leaves its
// place at once, however long the removal takes.
func (f *Forge) removeRepository(uuid string) error {
	gone := filepath.Join(f.cfg.Repositories, goneDir, uuid+".git")
	if err := os.MkdirAll(filepath.Dir(gone), 0o750); err != nil {
		return err
	}
	if err := os.Rename(f.repository(uuid), gone); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.RemoveAll(gone)
}

// sweep removes what no project ever had, or has any more: repositories in the
// making since long ago, and what a deletion did not get to the end of.
func (f *Forge) sweep() error {
	for dir, age := range map[string]time.Duration{makingDir: sweepAfter, goneDir: 0} {
		entries, err := os.ReadDir(filepath.Join(f.cfg.Repositories, dir))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for _, e := range entries {
			info, err := e.Info()
			if err != nil || f.cfg.Now().Sub(info.ModTime()) < age {
				continue // in use, or removed by somebody else meanwhile
			}
			if err := os.RemoveAll(filepath.Join(f.cfg.Repositories, dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// Strays lists the UUIDs of repositories that have been there for a day and
// belong to no project of this database.
func (f *Forge) Strays(ctx context.Context) ([]string, error) {
	dirs, err := filepath.Glob(filepath.Join(f.cfg.Repositories, "[0-9a-f][0-9a-f]", "*.git"))
	if err != nil {
		return nil, err
	}
	var strays []string
	for _, dir := range dirs {
		info, err := os.Stat(dir)
		if err != nil || f.cfg.Now().Sub(info.ModTime()) < sweepAfter {
			continue // removed meanwhile, or its project is about to be written
		}
		uuid := strings.TrimSuffix(filepath.Base(dir), ".git")
		switch ok, err := accounts.ProjectExists(ctx, f.db, uuid); {
		case err != nil:
			return nil, err
		case !ok && strings.HasPrefix(uuid, filepath.Base(filepath.Dir(dir))):
			strays = append(strays, uuid)
		}
	}
	return strays, nil
}

// RemoveStray removes a repository that Strays has found.
func (f *Forge) RemoveStray(ctx context.Context, uuid string) error {
	strays, err := f.Strays(ctx)
	if err != nil {
		return err
	}
	if !slices.Contains(strays, uuid) {
		return fault.New(fault.NotFound, "there is no stray repository %s", uuid)
	}
	return f.removeRepository(uuid)
}

// syncDir makes the entries of a folder durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
