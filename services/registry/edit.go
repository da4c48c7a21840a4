package registry

import (
	"context"
	"slices"

	"ingot.dev/models/db"
	"ingot.dev/models/packages"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
)

// Yank implements format.Writer.
func (b *bound) Yank(ctx context.Context, name, version string, yanked bool, reason string) error {
	if err := b.allow(forge.PublishPackages, forge.DeletePackages); err != nil {
		return err
	}
	return b.change(ctx, name, func(tx *db.Tx, p *packages.Package, now int64) (int, int64, error) {
		v, err := b.version(ctx, tx, p, version)
		if err != nil {
			return 0, 0, err
		}
		if !yanked {
			reason = ""
		}
		if _, err := tx.Exec(ctx, "UPDATE version SET yanked = ?, yank_reason = ? WHERE id = ?", yanked, reason, v.ID); err != nil {
			return 0, 0, err
		}
		return 0, 0, b.k.elect(ctx, tx, p)
	})
}

// Tag implements format.Writer.
func (b *bound) Tag(ctx context.Context, name, tag, version string) error {
	if err := b.allow(forge.PublishPackages, forge.DeletePackages); err != nil {
		return err
	}
	return b.change(ctx, name, func(tx *db.Tx, p *packages.Package, now int64) (int, int64, error) {
		if version == "" {
			n, err := tx.Exec(ctx, "DELETE FROM tag WHERE package_id = ? AND name = ?", p.ID, tag)
			if err == nil && n == 0 {
				err = fault.New(fault.NotFound, "%s has no tag %q", p.Name, tag)
			}
			return 0, 0, err
		}
		v, err := b.version(ctx, tx, p, version)
		if err != nil {
			return 0, 0, err
		}
		return 0, 0, packages.SetTag(ctx, tx, p.ID, tag, v.ID, now)
	})
}

// Delete implements format.Writer.
func (b *bound) Delete(ctx context.Context, ref format.FileRef) error {
	if err := b.allow(forge.DeletePackages); err != nil {
		return err
	}
	b.s.cfg.Step("delete:begin")
	err := b.change(ctx, ref.Package, func(tx *db.Tx, p *packages.Package, now int64) (int, int64, error) {
		if ref.Version == "" {
			return 0, 0, b.deletePackage(ctx, tx, p)
		}
		v, err := b.version(ctx, tx, p, ref.Version)
		if err != nil {
			return 0, 0, err
		}
		if ref.File != "" {
			files, err := packages.FilesOf(ctx, tx, []int64{v.ID})
			if err != nil {
				return 0, 0, err
			}
			i := slices.IndexFunc(files, func(f packages.File) bool { return f.Canon == canonicalFile(ref.File) })
			if i < 0 {
				return 0, 0, fault.New(fault.NotFound, "%s %s has no file %q", p.Name, v.Name, ref.File)
			}
			if len(files) > 1 {
				if _, err := packages.DeleteFile(ctx, tx, files[i].ID); err != nil {
					return 0, 0, err
				}
				_, err = tx.Exec(ctx, "UPDATE version SET size = size - ? WHERE id = ?", files[i].Size, v.ID)
				return 0, -files[i].Size, err
			}
			// The last file takes its version along.
		}
		if p.Versions <= 1 {
			return 0, 0, b.deletePackage(ctx, tx, p) // and the last version its package
		}
		if _, err := packages.DeleteVersion(ctx, tx, v.ID); err != nil {
			return 0, 0, err
		}
		return -1, -v.Size, b.k.elect(ctx, tx, p)
	})
	if err == nil {
		b.s.cfg.Step("delete:committed")
	}
	return err
}

func (b *bound) deletePackage(ctx context.Context, tx *db.Tx, p *packages.Package) error {
	_, err := packages.DeletePackage(ctx, tx, p)
	p.ID = 0
	return err
}

// change runs an edit of a package in one transaction, with the registry's row
// held so that counts and generations follow one after another. fn gives by
// how many versions and bytes the package grew; it sets p.ID to zero when it
// removed the package.
func (b *bound) change(ctx context.Context, name string, fn func(tx *db.Tx, p *packages.Package, now int64) (versions int, bytes int64, err error)) error {
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
		versions, bytes, err := fn(tx, &p, now)
		if err != nil || p.ID == 0 {
			return err
		}
		return packages.Grow(ctx, tx, &p, versions, bytes, now)
	})
}

// elect finds the newest versions of a package anew.
func (k *Kind) elect(ctx context.Context, tx *db.Tx, p *packages.Package) error {
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
