package packages

import (
	"context"

	"ingot.dev/models/db"
	"ingot.dev/modules/blob"
	"ingot.dev/modules/scope"
)

// Lease makes sure that a blob's row exists and keeps garbage collection off
// it until the given time. It gives the row's id and whether the object is
// known to be stored. Digests that the row did not have yet are written.
func Lease(ctx context.Context, tx *db.Tx, d blob.Digests, size, until int64) (id int64, present bool, err error) {
	_, err = tx.Row(ctx, []any{&id, &present},
		`INSERT INTO blob (sha256, md5, sha1, sha512, size, leased_until, created) VALUES (?,?,?,?,?,?,?)
		 ON CONFLICT (sha256) DO UPDATE SET leased_until = excluded.leased_until,
			md5 = CASE WHEN blob.md5 = '' THEN excluded.md5 ELSE blob.md5 END,
			sha1 = CASE WHEN blob.sha1 = '' THEN excluded.sha1 ELSE blob.sha1 END,
			sha512 = CASE WHEN blob.sha512 = '' THEN excluded.sha512 ELSE blob.sha512 END
		 RETURNING id, present`,
		d.SHA256, d.MD5, d.SHA1, d.SHA512, size, until, db.Now())
	return id, present, err
}

// Present marks a leased blob as stored and renews the lease. It is false
// where the row is gone: the lease was lost.
func Present(ctx context.Context, tx *db.Tx, blobID, until int64) (bool, error) {
	n, err := tx.Exec(ctx, "UPDATE blob SET present = TRUE, leased_until = ? WHERE id = ?", until, blobID)
	return n == 1, err
}

// TouchRegistry makes sure that the registry exists, counts its generation up
// and gives its id.
func TouchRegistry(ctx context.Context, tx *db.Tx, s scope.Ref, format string, now int64) (id int64, err error) {
	_, err = tx.Row(ctx, []any{&id},
		`INSERT INTO registry (scope_kind, scope_id, format, modified) VALUES (?,?,?,?)
		 ON CONFLICT (scope_kind, scope_id, format)
		 DO UPDATE SET generation = registry.generation + 1, modified = excluded.modified RETURNING id`,
		s.Kind, s.ID, format, now)
	return id, err
}

// AddPackage inserts p unless its name is taken. It gives the row that has the
// name and whether it is new.
func AddPackage(ctx context.Context, tx *db.Tx, p Package) (Package, bool, error) {
	var id int64
	added, err := tx.Row(ctx, []any{&id},
		`INSERT INTO package (uuid, registry_id, scope_kind, scope_id, format, name, canon, description, modified, created, updated, publisher_id)
		 VALUES (?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (registry_id, canon) DO NOTHING RETURNING id`,
		p.UUID, p.RegistryID, p.ScopeKind, p.ScopeID, p.Format, p.Name, p.Canon, p.Description, p.Modified, p.Created, p.Updated, p.PublisherID)
	if err != nil {
		return p, false, err
	}
	if added {
		p.ID = id
		_, err = tx.Exec(ctx, "UPDATE registry SET packages = packages + 1 WHERE id = ?", p.RegistryID)
		return p, true, err
	}
	// FOR UPDATE is not needed: TouchRegistry holds the registry's row.
	_, err = tx.Row(ctx, []any{&p.ID, &p.UUID, &p.Name, &p.Description, &p.Latest, &p.LatestPre, &p.Created},
		"SELECT id, uuid, name, description, latest, latest_pre, created FROM package WHERE registry_id = ? AND canon = ?", p.RegistryID, p.Canon)
	return p, false, err
}

// AddVersion inserts v unless its name is taken in the package. It gives the
// id of the row that has the name and whether it is new.
func AddVersion(ctx context.Context, tx *db.Tx, v Version) (id int64, added bool, err error) {
	added, err = tx.Row(ctx, []any{&id},
		`INSERT INTO version (uuid, package_id, name, canon, metadata, upload, publisher_id, prerelease,
		 language, source_tag, source_commit, source_tagger, size, created, subject)
		 VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (package_id, canon) DO NOTHING RETURNING id`,
		v.UUID, v.PackageID, v.Name, v.Canon, v.Metadata, v.Upload, v.PublisherID, v.Prerelease,
		v.Language, v.SourceTag, v.SourceCommit, v.SourceTagger, v.Size, v.Created, v.Subject)
	if err != nil || added {
		return id, added, err
	}
	_, err = tx.Row(ctx, []any{&id}, "SELECT id FROM version WHERE package_id = ? AND canon = ?", v.PackageID, v.Canon)
	return id, false, err
}

// AddFile inserts f unless its name is taken in the version.
func AddFile(ctx context.Context, tx *db.Tx, f File) (added bool, err error) {
	n, err := tx.Exec(ctx,
		`INSERT INTO file (uuid, version_id, name, canon, blob_id, media_type, upload, publisher_id, created, metadata)
		 VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT (version_id, canon) DO NOTHING`,
		f.UUID, f.VersionID, f.Name, f.Canon, f.BlobID, f.MediaType, f.Upload, f.PublisherID, f.Created, append([]byte{}, f.Metadata...))
	return n == 1, err
}

// Elsewhere tells which other version of a registry than the given one has a
// file of a canonical name; false where none has.
func Elsewhere(ctx context.Context, q db.Reader, registryID, versionID int64, canon string) (pkg, version string, ok bool, err error) {
	ok, err = q.Row(ctx, []any{&pkg, &version}, `SELECT p.name, v.name FROM file f JOIN version v ON v.id = f.version_id
		JOIN package p ON p.id = v.package_id WHERE f.canon = ? AND p.registry_id = ? AND v.id <> ? LIMIT 1`, canon, registryID, versionID)
	return pkg, version, ok, err
}

// Has tells whether a file of any version of a package has the blob.
func Has(ctx context.Context, q db.Reader, packageID, blobID int64) (bool, error) {
	var n int
	return q.Row(ctx, []any{&n}, `SELECT 1 FROM file f JOIN version v ON v.id = f.version_id
		WHERE f.blob_id = ? AND v.package_id = ? LIMIT 1`, blobID, packageID)
}

// Shed gives the bytes of those blobs of removed files that no file of the
// package has any more. A blob counts once in a package, however many of its
// versions share it.
func Shed(ctx context.Context, q db.Reader, packageID int64, removed []File) (bytes int64, err error) {
	seen := map[int64]bool{}
	for _, f := range removed {
		if seen[f.BlobID] {
			continue
		}
		seen[f.BlobID] = true
		still, err := Has(ctx, q, packageID, f.BlobID)
		if err != nil {
			return 0, err
		}
		if !still {
			bytes += f.Size
		}
	}
	return bytes, nil
}

// Grow adds to the counts of a package and its registry after versions or
// bytes came or, with negative numbers, went. It counts the package's
// generation up.
func Grow(ctx context.Context, tx *db.Tx, p *Package, versions int, bytes, now int64) error {
	if _, err := tx.Exec(ctx, `UPDATE package SET versions = versions + ?, size = size + ?, generation = generation + 1,
		modified = ?, latest = ?, latest_pre = ?, description = ?, updated = ?, publisher_id = ? WHERE id = ?`,
		versions, bytes, now, p.Latest, p.LatestPre, p.Description, p.Updated, p.PublisherID, p.ID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "UPDATE registry SET size = size + ? WHERE id = ?", bytes, p.RegistryID)
	return err
}

// ReplaceVersion clears a version's files, tags' and properties' ground and
// overwrites its row with v, keeping id, public id and counts.
func ReplaceVersion(ctx context.Context, tx *db.Tx, id int64, v *Version) error {
	if _, err := tx.Exec(ctx, "DELETE FROM file WHERE version_id = ?", id); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM property WHERE owner = 'version' AND owner_id = ?", id); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE version SET metadata = ?, upload = ?, publisher_id = ?, prerelease = ?, yanked = FALSE,
		yanked_at = 0, yank_reason = '', language = ?, source_tag = ?, source_commit = ?, source_tagger = ?, size = ?, created = ?,
		subject = ? WHERE id = ?`,
		v.Metadata, v.Upload, v.PublisherID, v.Prerelease, v.Language, v.SourceTag, v.SourceCommit, v.SourceTagger, v.Size, v.Created, v.Subject, id)
	return err
}
