package packages

import (
	"context"
	"slices"

	"ingot.dev/models/db"
	"ingot.dev/modules/blob"
	"ingot.dev/modules/scope"
)

// Count adds downloads of a version on a day. A version that is gone is
// passed over.
func Count(ctx context.Context, tx *db.Tx, versionID, day, n int64) error {
	if _, err := tx.Exec(ctx, `INSERT INTO download (version_id, day, count) SELECT id, ?, ? FROM version WHERE id = ?
		ON CONFLICT (version_id, day) DO UPDATE SET count = download.count + excluded.count`, day, n, versionID); err != nil {
		return err
	}
	var packageID int64
	ok, err := tx.Row(ctx, []any{&packageID}, "UPDATE version SET downloads = downloads + ? WHERE id = ? RETURNING package_id", n, versionID)
	if err != nil || !ok {
		return err
	}
	_, err = tx.Exec(ctx, "UPDATE package SET downloads = downloads + ? WHERE id = ?", n, packageID)
	return err
}

// Reference is a blob that something refers to, with the first place it is
// used at: a file, or else a hold, or else an upload in parts.
type Reference struct {
	ID        int64
	Sha256    string
	Size      int64
	ScopeKind scope.Kind
	ScopeID   int64
	Place     string
}

// Referenced lists the blobs after an id that anything refers to.
func Referenced(ctx context.Context, q db.Reader, after int64, limit int) ([]Reference, error) {
	var rows []Reference
	err := q.Find(ctx, &rows, `SELECT b.id, b.sha256, b.size,
		COALESCE(p.scope_kind, h.scope_kind, s.scope_kind) AS scope_kind, COALESCE(p.scope_id, h.scope_id, s.scope_id) AS scope_id,
		COALESCE(p.format || ' ' || p.name || ' ' || v.name || ' ' || f.name, h.format || ' ' || h.package || ', held for it',
			s.format || ' ' || s.package || ', an upload in parts') AS place
		FROM blob b LEFT JOIN file f ON f.id = (SELECT min(id) FROM file WHERE blob_id = b.id)
		LEFT JOIN version v ON v.id = f.version_id LEFT JOIN package p ON p.id = v.package_id
		LEFT JOIN held h ON f.id IS NULL AND h.blob_id = b.id
		LEFT JOIN session s ON f.id IS NULL AND h.blob_id IS NULL AND s.id = (SELECT min(session_id) FROM session_part WHERE blob_id = b.id)
		WHERE b.id > ? AND (f.id IS NOT NULL OR h.blob_id IS NOT NULL OR s.id IS NOT NULL) ORDER BY b.id LIMIT ?`, after, limit)
	// Several packages may hold one blob.
	return slices.CompactFunc(rows, func(x, y Reference) bool { return x.ID == y.ID }), err
}

// Known tells whether a row, alive or buried, stands for an object.
func Known(ctx context.Context, q db.Reader, id int64, sha256 string) (bool, error) {
	var n int
	return q.Row(ctx, []any{&n}, `SELECT 1 FROM blob WHERE id = ? AND sha256 = ? UNION ALL SELECT 1 FROM trash WHERE blob_id = ? AND sha256 = ?`,
		id, sha256, id, sha256)
}

// The true counts, as queries over the rows that are counted.
const (
	trueVersionSize  = "(SELECT COALESCE(sum(b.size), 0) FROM file f JOIN blob b ON b.id = f.blob_id WHERE f.version_id = version.id)"
	trueVersions     = "(SELECT count(*) FROM version v WHERE v.package_id = package.id)"
	truePackageSize  = "(SELECT COALESCE(sum(b.size), 0) FROM blob b WHERE b.id IN (SELECT f.blob_id FROM version v JOIN file f ON f.version_id = v.id WHERE v.package_id = package.id))"
	truePackages     = "(SELECT count(*) FROM package p WHERE p.registry_id = registry.id)"
	trueRegistrySize = "(SELECT COALESCE(sum(p.size), 0) FROM package p WHERE p.registry_id = registry.id)"
)

// Wrong is a row whose counts are not what the rows they count say.
type Wrong struct {
	ScopeKind scope.Kind
	ScopeID   int64
	Place     string
}

// WrongCounts lists rows whose counts are wrong.
func WrongCounts(ctx context.Context, q db.Reader) ([]Wrong, error) {
	var out []Wrong
	for _, query := range []string{
		`SELECT p.scope_kind, p.scope_id, p.format || ' ' || p.name || ' ' || version.name AS place
			FROM version JOIN package p ON p.id = version.package_id WHERE version.size <> ` + trueVersionSize,
		`SELECT scope_kind, scope_id, format || ' ' || name AS place FROM package WHERE versions <> ` + trueVersions + " OR size <> " + truePackageSize,
		`SELECT scope_kind, scope_id, format || ' registry' AS place FROM registry WHERE packages <> ` + truePackages + " OR size <> " + trueRegistrySize,
	} {
		var rows []Wrong
		if err := q.Find(ctx, &rows, query); err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

// Recount sets all counts to what they should be.
func Recount(ctx context.Context, tx *db.Tx) error {
	for _, query := range []string{
		"UPDATE version SET size = " + trueVersionSize,
		"UPDATE package SET versions = " + trueVersions + ", size = " + truePackageSize,
		"UPDATE registry SET packages = " + truePackages + ", size = " + trueRegistrySize,
	} {
		if _, err := tx.Exec(ctx, query); err != nil {
			return err
		}
	}
	return nil
}

// Incomplete finds up to limit stored blobs that some of their digests were not
// taken of, in the order of their ids and after the one of the id after.
func Incomplete(ctx context.Context, q db.Reader, after int64, limit int) ([]Blob, error) {
	var rows []Blob
	return rows, q.Find(ctx, &rows, "SELECT "+blobColumns+" FROM blob b WHERE b.md5 = '' AND b.present = TRUE AND b.id > ? ORDER BY b.id LIMIT ?", after, limit)
}

// Complete writes the digests of a blob.
func Complete(ctx context.Context, tx *db.Tx, id int64, d blob.Digests) error {
	_, err := tx.Exec(ctx, "UPDATE blob SET md5 = ?, sha1 = ?, sha512 = ? WHERE id = ? AND sha256 = ?", d.MD5, d.SHA1, d.SHA512, id, d.SHA256)
	return err
}
