package packages

import (
	"context"

	"ingot.dev/models/db"
	"ingot.dev/modules/scope"
)

// Session is the row of an upload in parts, with the number of them.
type Session struct {
	ID        int64
	Name      string
	ScopeKind scope.Kind
	ScopeID   int64
	Format    string
	Package   string // canonical
	AccountID int64
	Size      int64
	Created   int64
	Expires   int64
	Parts     int
}

// Blob is the row of stored bytes.
type Blob struct {
	ID      int64
	Sha256  string
	Md5     string
	Sha1    string
	Sha512  string
	Size    int64
	Created int64
}

const blobColumns = "b.id, b.sha256, b.md5, b.sha1, b.sha512, b.size, b.created"

// AddSession inserts s and gives its id.
func AddSession(ctx context.Context, tx *db.Tx, s Session) (id int64, err error) {
	_, err = tx.Row(ctx, []any{&id},
		`INSERT INTO session (name, scope_kind, scope_id, format, package, account_id, created, expires)
		 VALUES (?,?,?,?,?,?,?,?) RETURNING id`,
		s.Name, s.ScopeKind, s.ScopeID, s.Format, s.Package, s.AccountID, s.Created, s.Expires)
	return id, err
}

// SessionByName finds an upload that an account began into a package and that
// has not run out.
func SessionByName(ctx context.Context, q db.Reader, s scope.Ref, format, canon, name string, account, now int64) (Session, bool, error) {
	row := Session{Name: name, ScopeKind: s.Kind, ScopeID: s.ID, Format: format, Package: canon, AccountID: account}
	ok, err := q.Row(ctx, []any{&row.ID, &row.Size, &row.Created, &row.Expires, &row.Parts},
		`SELECT id, size, created, expires, (SELECT count(*) FROM session_part WHERE session_id = session.id) FROM session
		 WHERE name = ? AND scope_kind = ? AND scope_id = ? AND format = ? AND package = ? AND account_id = ? AND expires >= ?`,
		name, s.Kind, s.ID, format, canon, account, now)
	return row, ok, err
}

// AddPart appends a blob of n bytes to an upload of that size and keeps the
// upload until expires. It is false where the upload has another size or is
// gone.
func AddPart(ctx context.Context, tx *db.Tx, sessionID, size, n, blobID, expires int64) (bool, error) {
	grown, err := tx.Exec(ctx, "UPDATE session SET size = size + ?, expires = ? WHERE id = ? AND size = ?", n, expires, sessionID, size)
	if err != nil || grown == 0 {
		return false, err
	}
	_, err = tx.Exec(ctx, "INSERT INTO session_part (session_id, start, size, blob_id) VALUES (?,?,?,?)", sessionID, size, n, blobID)
	return true, err
}

// Parts finds the parts of an upload in their order.
func Parts(ctx context.Context, q db.Reader, sessionID int64) ([]Blob, error) {
	var rows []Blob
	return rows, q.Find(ctx, &rows, "SELECT "+blobColumns+` FROM session_part p JOIN blob b ON b.id = p.blob_id
		WHERE p.session_id = ? ORDER BY p.start`, sessionID)
}

// EndSession removes an upload of that size with its parts; false where it has
// another size or is gone.
func EndSession(ctx context.Context, tx *db.Tx, sessionID, size int64) (bool, error) {
	n, err := tx.Exec(ctx, "DELETE FROM session WHERE id = ? AND size = ?", sessionID, size)
	return n == 1, err
}

// DeleteSession removes an upload with its parts.
func DeleteSession(ctx context.Context, tx *db.Tx, sessionID int64) error {
	_, err := tx.Exec(ctx, "DELETE FROM session WHERE id = ?", sessionID)
	return err
}

// Hold keeps a blob in a package until expires.
func Hold(ctx context.Context, tx *db.Tx, s scope.Ref, format, canon string, blobID, expires int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO held (scope_kind, scope_id, format, package, blob_id, expires) VALUES (?,?,?,?,?,?)
		ON CONFLICT (scope_kind, scope_id, format, package, blob_id) DO UPDATE SET expires = excluded.expires`,
		s.Kind, s.ID, format, canon, blobID, expires)
	return err
}

// Unhold undoes Hold.
func Unhold(ctx context.Context, tx *db.Tx, s scope.Ref, format, canon string, blobID int64) error {
	_, err := tx.Exec(ctx, "DELETE FROM held WHERE scope_kind = ? AND scope_id = ? AND format = ? AND package = ? AND blob_id = ?",
		s.Kind, s.ID, format, canon, blobID)
	return err
}

// Release ends the holds of the blobs of removed files of a package: what was
// deleted on purpose is not to be had any more.
func Release(ctx context.Context, tx *db.Tx, p *Package, removed []File) error {
	if len(removed) == 0 {
		return nil
	}
	args := []any{p.ScopeKind, p.ScopeID, p.Format, p.Canon}
	for _, f := range removed {
		args = append(args, f.BlobID)
	}
	_, err := tx.Exec(ctx, `DELETE FROM held WHERE scope_kind = ? AND scope_id = ? AND format = ? AND package = ?
		AND blob_id IN (`+db.In(len(removed))+")", args...)
	return err
}

// ReleaseAll is Release for all files that a package has.
func ReleaseAll(ctx context.Context, tx *db.Tx, p *Package) error {
	_, err := tx.Exec(ctx, `DELETE FROM held WHERE scope_kind = ? AND scope_id = ? AND format = ? AND package = ?
		AND blob_id IN (SELECT f.blob_id FROM version v JOIN file f ON f.version_id = v.id WHERE v.package_id = ?)`,
		p.ScopeKind, p.ScopeID, p.Format, p.Canon, p.ID)
	return err
}

// OpenSessions counts the uploads that an account has open.
func OpenSessions(ctx context.Context, q db.Reader, account, now int64) (n int, err error) {
	_, err = q.Row(ctx, []any{&n}, "SELECT count(*) FROM session WHERE account_id = ? AND expires >= ?", account, now)
	return n, err
}

// Found is a blob and what a package has to do with it: nothing, perhaps.
type Found struct {
	Blob
	Used  bool  // a file of a version has it
	Until int64 // it is held until then; 0 where it is not
}

const found = "SELECT " + blobColumns + `,
	EXISTS (SELECT 1 FROM file f JOIN version v ON v.id = f.version_id JOIN package p ON p.id = v.package_id
		WHERE f.blob_id = b.id AND p.scope_kind = ? AND p.scope_id = ? AND p.format = ? AND p.canon = ?),
	COALESCE((SELECT h.expires FROM held h
		WHERE h.scope_kind = ? AND h.scope_id = ? AND h.format = ? AND h.package = ? AND h.blob_id = b.id), 0)
	FROM blob b WHERE `

// BlobIn finds the blob with a digest in hex; false where nobody has it. The
// algorithm is sha256 or sha512.
func BlobIn(ctx context.Context, q db.Reader, s scope.Ref, format, canon, algorithm, digest string) (Found, bool, error) {
	query := found + "b.sha256 = ?"
	if algorithm == "sha512" {
		query = found + "b.sha512 = ?"
	}
	var f Found
	ok, err := q.Row(ctx, []any{&f.ID, &f.Sha256, &f.Md5, &f.Sha1, &f.Sha512, &f.Size, &f.Created, &f.Used, &f.Until}, query,
		s.Kind, s.ID, format, canon, s.Kind, s.ID, format, canon, digest)
	return f, ok, err
}

// Pending gives the bytes that a scope takes up and no version's size counts:
// those of uploads in parts, and those held that no version has.
func Pending(ctx context.Context, q db.Reader, s scope.Ref) (bytes int64, err error) {
	_, err = q.Row(ctx, []any{&bytes},
		`SELECT CAST((SELECT COALESCE(sum(size), 0) FROM session WHERE scope_kind = ? AND scope_id = ?) +
		 (SELECT COALESCE(sum(b.size), 0) FROM held h JOIN blob b ON b.id = h.blob_id WHERE h.scope_kind = ? AND h.scope_id = ?
		 AND NOT EXISTS (SELECT 1 FROM file f JOIN version v ON v.id = f.version_id JOIN package p ON p.id = v.package_id
			WHERE f.blob_id = b.id AND p.scope_kind = h.scope_kind AND p.scope_id = h.scope_id)) AS BIGINT)`,
		s.Kind, s.ID, s.Kind, s.ID)
	return bytes, err
}

// Expire removes some uploads and some holds that have run out, at most limit
// of each, and gives the number of all. What was renewed meanwhile stays.
func Expire(ctx context.Context, tx *db.Tx, now int64, limit int) (int64, error) {
	sessions, err := tx.Exec(ctx, `DELETE FROM session WHERE expires < ? AND id IN
		(SELECT id FROM session WHERE expires < ? ORDER BY expires LIMIT ?)`, now, now, limit)
	if err != nil {
		return 0, err
	}
	held, err := tx.Exec(ctx, `DELETE FROM held WHERE expires < ? AND (scope_kind, scope_id, format, package, blob_id) IN
		(SELECT scope_kind, scope_id, format, package, blob_id FROM held WHERE expires < ? ORDER BY expires LIMIT ?)`, now, now, limit)
	return sessions + held, err
}
