package registry

import (
	"context"
	"fmt"
	"slices"

	"ingot.dev/models/db"
	"ingot.dev/models/packages"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
)

// Edit implements format.Writer.
func (b *bound) Edit(ctx context.Context, name string, changes ...format.Change) error {
	for _, c := range changes {
		want := []forge.Permission{forge.PublishPackages, forge.DeletePackages}
		if _, removes := c.(format.Remove); removes {
			want = want[1:]
		}
		if err := b.allow(want...); err != nil {
			return err
		}
	}
	return b.change(ctx, name, func(tx *db.Tx, e *edit) error {
		for _, c := range changes {
			if err := e.apply(ctx, tx, c); err != nil || e.pkg.ID == 0 {
				return err
			}
		}
		return nil
	})
}

// edit is a change of a package on its way.
type edit struct {
	b        *bound
	pkg      *packages.Package // its ID is zero when it went
	now      int64
	versions int   // by how many it grew
	bytes    int64 // and by how many bytes
	elect    bool  // its newest version may be another; found once, whatever the number of changes
}

func (e *edit) apply(ctx context.Context, tx *db.Tx, c format.Change) error {
	switch c := c.(type) {
	case format.Unchanged:
		if e.pkg.Generation != c.Revision {
			return fault.New(fault.Precondition, "%s was changed by somebody else meanwhile; look at it again", e.pkg.Name)
		}
		return nil
	case format.Yank:
		return e.yank(ctx, tx, c)
	case format.Tag:
		return e.tag(ctx, tx, c)
	case format.Describe:
		return e.describe(ctx, tx, c)
	case format.Remove:
		return e.remove(ctx, tx, c.Version, c.File)
	default:
		return fmt.Errorf("unknown change %T", c)
	}
}

func (e *edit) yank(ctx context.Context, tx *db.Tx, c format.Yank) error {
	v, err := e.b.k.version(ctx, tx, e.pkg, c.Version)
	if err != nil {
		return err
	}
	at := e.now
	switch {
	case !c.On:
		at, c.Reason = 0, ""
	case v.Yanked:
		at = v.YankedAt
	}
	if _, err := tx.Exec(ctx, "UPDATE version SET yanked = ?, yanked_at = ?, yank_reason = ? WHERE id = ?", c.On, at, db.Text(c.Reason), v.ID); err != nil {
		return err
	}
	e.elect = true
	return nil
}

func (e *edit) tag(ctx context.Context, tx *db.Tx, c format.Tag) error {
	if c.Version == "" {
		found, err := packages.DeleteTag(ctx, tx, e.pkg.ID, c.Name)
		if err == nil && !found {
			err = fault.New(fault.NotFound, "%s has no tag %q", e.pkg.Name, c.Name)
		}
		if err != nil {
			return err
		}
	} else {
		v, err := e.b.k.version(ctx, tx, e.pkg, c.Version)
		if err != nil {
			return err
		}
		if err := packages.SetTag(ctx, tx, e.pkg.ID, c.Name, v.ID, e.now); err != nil {
			return err
		}
	}
	e.elect = e.elect || e.b.k.Info.ByTag
	return nil
}

func (e *edit) describe(ctx context.Context, tx *db.Tx, c format.Describe) error {
	owner, id := "package", e.pkg.ID
	if c.Version != "" {
		v, err := e.b.k.version(ctx, tx, e.pkg, c.Version)
		if err != nil {
			return err
		}
		owner, id = "version", v.ID
	}
	for name, value := range c.Properties {
		if err := packages.SetProperty(ctx, tx, owner, id, name, value); err != nil {
			return err
		}
	}
	return nil
}

// Delete implements format.Writer.
func (b *bound) Delete(ctx context.Context, ref format.FileRef) error {
	if err := b.allow(forge.DeletePackages); err != nil {
		return err
	}
	b.s.cfg.Step("delete:begin")
	err := b.change(ctx, ref.Package, func(tx *db.Tx, e *edit) error {
		if ref.Version == "" {
			return e.removePackage(ctx, tx)
		}
		return e.remove(ctx, tx, ref.Version, ref.File)
	})
	if err == nil {
		b.s.cfg.Step("delete:committed")
	}
	return err
}

// remove deletes a version or, where file is not empty, a file of it. Where
// versions go by tags and the version is named by one, the tag alone goes.
func (e *edit) remove(ctx context.Context, tx *db.Tx, version, file string) error {
	v, err := e.b.k.version(ctx, tx, e.pkg, version)
	if err != nil {
		return err
	}
	if e.b.k.Info.ByTag {
		if file != "" {
			return fault.New(fault.NotAllowed, "a file cannot be taken out of %s; delete the version", e.pkg.Name)
		}
		if version != v.Name {
			return e.tag(ctx, tx, format.Tag{Name: version})
		}
	}
	files, err := packages.FilesOf(ctx, tx, []int64{v.ID})
	if err != nil {
		return err
	}
	if file != "" {
		i := slices.IndexFunc(files, func(f packages.File) bool { return f.Canon == canonicalFile(file) })
		if i < 0 {
			return fault.New(fault.NotFound, "%s %s has no file %q", e.pkg.Name, v.Name, file)
		}
		if len(files) > 1 {
			if _, err := packages.DeleteFile(ctx, tx, files[i].ID); err != nil {
				return err
			}
			if _, err = tx.Exec(ctx, "UPDATE version SET size = size - ? WHERE id = ?", files[i].Size, v.ID); err != nil {
				return err
			}
			return e.shed(ctx, tx, files[i:i+1])
		}
		// The last file takes its version along.
	}
	if e.pkg.Versions+e.versions <= 1 {
		return e.removePackage(ctx, tx) // and the last version its package
	}
	if _, err := packages.DeleteVersion(ctx, tx, v.ID); err != nil {
		return err
	}
	e.versions--
	e.elect = true
	return e.shed(ctx, tx, files)
}

// shed counts the bytes of removed files away, and ends what else had the
// package keep them.
func (e *edit) shed(ctx context.Context, tx *db.Tx, removed []packages.File) error {
	if err := packages.Release(ctx, tx, e.pkg, removed); err != nil {
		return err
	}
	less, err := packages.Shed(ctx, tx, e.pkg.ID, removed)
	e.bytes -= less
	return err
}

func (e *edit) removePackage(ctx context.Context, tx *db.Tx) error {
	if err := packages.Reserve(ctx, tx, e.pkg, e.now); err != nil {
		return err
	}
	if err := packages.ReleaseAll(ctx, tx, e.pkg); err != nil {
		return err
	}
	_, err := packages.DeletePackage(ctx, tx, e.pkg)
	e.pkg.ID = 0
	return err
}

// change runs an edit of a package in one transaction, with the registry's row
// held so that counts and generations follow one after another.
func (b *bound) change(ctx context.Context, name string, fn func(tx *db.Tx, e *edit) error) error {
	return b.s.db.Write(ctx, func(tx *db.Tx) error {
		now := db.Now()
		if _, err := b.row(ctx, tx, name); err != nil { // no registry is made for what is absent
			return err
		}
		if _, err := packages.TouchRegistry(ctx, tx, b.scope.Ref, b.k.Info.ID, now); err != nil {
			return err
		}
		p, err := b.row(ctx, tx, name)
		if err != nil {
			return err
		}
		e := &edit{b: b, pkg: &p, now: now}
		if err := fn(tx, e); err != nil || p.ID == 0 {
			return err
		}
		if e.elect {
			if err := b.k.elect(ctx, tx, &p); err != nil {
				return err
			}
		}
		return packages.Grow(ctx, tx, &p, e.versions, e.bytes, now)
	})
}

// elect finds the newest versions of a package anew.
func (k *Kind) elect(ctx context.Context, tx *db.Tx, p *packages.Package) (err error) {
	if k.Info.ByTag {
		p.LatestPre = ""
		p.Latest, err = packages.NewestTag(ctx, tx, p.ID)
		return err
	}
	var rows []packages.Version
	if err := tx.Find(ctx, &rows, "SELECT name, canon, prerelease FROM version WHERE package_id = ? AND yanked = FALSE", p.ID); err != nil {
		return err
	}
	p.Latest, p.LatestPre = "", ""
	description := p.Description
	for i := range rows {
		k.promote(p, &rows[i], description)
	}
	return nil
}

// Configure sets settings of a registry, all or none; an empty value takes one
// back. The documents of the registry are built anew.
func (s *Service) Configure(ctx context.Context, sc scope.Ref, k *Kind, values map[string]string) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := packages.TouchRegistry(ctx, tx, sc, k.Info.ID, db.Now()); err != nil {
			return err
		}
		for name, value := range values {
			if err := packages.SetSetting(ctx, tx, sc, k.Info.ID, name, value); err != nil {
				return err
			}
		}
		return nil
	})
}

// Setting gives the value of a setting of a registry, empty where nobody made it.
func (s *Service) Setting(ctx context.Context, sc scope.Ref, k *Kind, name string) (string, error) {
	return packages.Setting(ctx, s.db, sc, k.Info.ID, name)
}

// Vacate refuses to leave a scope that still has packages, and removes what is
// kept for an empty one. It runs in the transaction that deletes the scope.
func (s *Service) Vacate(ctx context.Context, tx *db.Tx, sc scope.Ref) error {
	n, err := packages.Vacate(ctx, tx, sc)
	if err == nil && n > 0 {
		err = fault.New(fault.Conflict, "%d packages are still here; delete them first", n)
	}
	return err
}

// Leave is Vacate for a forge that keeps its scopes elsewhere: it is to be
// called before the scope is deleted there. fault.Conflict while the scope has
// packages.
func (s *Service) Leave(ctx context.Context, sc scope.Ref) error {
	return s.db.Write(ctx, func(tx *db.Tx) error { return s.Vacate(ctx, tx, sc) })
}
