package packages

import (
	"context"

	"ingot.dev/models/db"
	"ingot.dev/modules/scope"
)

// DeleteFile removes a file's row; false where it was gone already. The blob
// stays until garbage collection finds it unreferenced.
func DeleteFile(ctx context.Context, tx *db.Tx, fileID int64) (bool, error) {
	n, err := tx.Exec(ctx, "DELETE FROM file WHERE id = ?", fileID)
	return n == 1, err
}

// DeleteVersion removes a version with its files, tags, properties and counts;
// false where it was gone already.
func DeleteVersion(ctx context.Context, tx *db.Tx, versionID int64) (bool, error) {
	if _, err := tx.Exec(ctx, "DELETE FROM property WHERE owner = 'version' AND owner_id = ?", versionID); err != nil {
		return false, err
	}
	n, err := tx.Exec(ctx, "DELETE FROM version WHERE id = ?", versionID) // the rest cascades
	return n == 1, err
}

// DeletePackage removes a package with all its versions; false where it was
// gone already.
func DeletePackage(ctx context.Context, tx *db.Tx, p *Package) (bool, error) {
	if _, err := tx.Exec(ctx, `DELETE FROM property WHERE owner = 'version' AND owner_id IN
		(SELECT id FROM version WHERE package_id = ?)`, p.ID); err != nil {
		return false, err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM property WHERE owner = 'package' AND owner_id = ?", p.ID); err != nil {
		return false, err
	}
	var size int64
	ok, err := tx.Row(ctx, []any{&size}, "DELETE FROM package WHERE id = ? RETURNING size", p.ID)
	if err != nil || !ok {
		return false, err
	}
	_, err = tx.Exec(ctx, "UPDATE registry SET packages = packages - 1, size = size - ? WHERE id = ?", size, p.RegistryID)
	return true, err
}

// Dead is a blob that nothing refers to.
type Dead struct {
	ID     int64
	Sha256 string
	Size   int64
}

// Unreferenced finds blobs whose lease has run out and that nothing refers to
// but uploads and holds that have run out too.
func Unreferenced(ctx context.Context, q db.Reader, now int64, limit int) ([]Dead, error) {
	var rows []Dead
	return rows, q.Find(ctx, &rows, `SELECT id, sha256, size FROM blob b WHERE leased_until < ?
		AND NOT EXISTS (SELECT 1 FROM file f WHERE f.blob_id = b.id)
		AND NOT EXISTS (SELECT 1 FROM session_part t JOIN session s ON s.id = t.session_id WHERE t.blob_id = b.id AND s.expires >= ?)
		AND NOT EXISTS (SELECT 1 FROM held h WHERE h.blob_id = b.id AND h.expires >= ?) ORDER BY id LIMIT ?`, now, now, now, limit)
}

// Bury turns a blob's row into a trash row, unless anything refers to it or it
// was leased again meanwhile. From then on nothing can refer to the object,
// and it may be deleted at any time.
func Bury(ctx context.Context, tx *db.Tx, d Dead, now int64) (bool, error) {
	n, err := tx.Exec(ctx, `DELETE FROM blob WHERE id = ? AND leased_until < ?
		AND NOT EXISTS (SELECT 1 FROM file f WHERE f.blob_id = blob.id)
		AND NOT EXISTS (SELECT 1 FROM session_part t WHERE t.blob_id = blob.id)
		AND NOT EXISTS (SELECT 1 FROM held h WHERE h.blob_id = blob.id)`, d.ID, now)
	if err != nil || n == 0 {
		return false, err
	}
	_, err = tx.Exec(ctx, "INSERT INTO trash (blob_id, sha256, size, since) VALUES (?,?,?,?)", d.ID, d.Sha256, d.Size, now)
	return true, err
}

// Trash lists buried objects that are still to be deleted.
func Trash(ctx context.Context, q db.Reader, limit int) ([]Dead, error) {
	var rows []Dead
	return rows, q.Find(ctx, &rows, "SELECT blob_id AS id, sha256, size FROM trash ORDER BY blob_id LIMIT ?", limit)
}

// Forget removes the trash row of an object that was deleted.
func Forget(ctx context.Context, tx *db.Tx, blobID int64) error {
	_, err := tx.Exec(ctx, "DELETE FROM trash WHERE blob_id = ?", blobID)
	return err
}

// Vacate counts the packages of a scope and, where there are none, removes
// the scope's registries and rules.
func Vacate(ctx context.Context, tx *db.Tx, s scope.Ref) (packages int64, err error) {
	if _, err := tx.Row(ctx, []any{&packages}, "SELECT count(*) FROM package WHERE scope_kind = ? AND scope_id = ?",
		s.Kind, s.ID); err != nil || packages > 0 {
		return packages, err
	}
	for _, table := range []string{"registry", "push_rule", "session", "held", "reserved", "setting", "signing_key"} {
		if _, err := tx.Exec(ctx, "DELETE FROM "+table+" WHERE scope_kind = ? AND scope_id = ?", s.Kind, s.ID); err != nil {
			return 0, err
		}
	}
	return 0, nil
}
