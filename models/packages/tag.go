package packages

import (
	"context"

	"ingot.dev/models/db"
	"ingot.dev/modules/scope"
)

// Tags reads the tags of a package: name to version name.
func Tags(ctx context.Context, q db.Reader, packageID int64) (map[string]string, error) {
	var rows []struct{ Name, Version string }
	err := q.Find(ctx, &rows, "SELECT t.name AS name, v.name AS version FROM tag t JOIN version v ON v.id = t.version_id WHERE t.package_id = ?", packageID)
	m := make(map[string]string, len(rows))
	for _, r := range rows {
		m[r.Name] = r.Version
	}
	return m, err
}

// SetTag points a tag at a version.
func SetTag(ctx context.Context, tx *db.Tx, packageID int64, name string, versionID, now int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO tag (package_id, name, version_id, updated) VALUES (?,?,?,?)
		ON CONFLICT (package_id, name) DO UPDATE SET version_id = excluded.version_id, updated = excluded.updated`,
		packageID, name, versionID, now)
	return err
}

// DeleteTag removes a tag; false where there is none.
func DeleteTag(ctx context.Context, tx *db.Tx, packageID int64, name string) (bool, error) {
	n, err := tx.Exec(ctx, "DELETE FROM tag WHERE package_id = ? AND name = ?", packageID, name)
	return n == 1, err
}

// NewestTag finds the tag that was set last, empty where there is none.
func NewestTag(ctx context.Context, q db.Reader, packageID int64) (name string, err error) {
	_, err = q.Row(ctx, []any{&name}, "SELECT name FROM tag WHERE package_id = ? ORDER BY updated DESC, name LIMIT 1", packageID)
	return name, err
}

// TagTarget finds the name of the version that a tag of a package points at.
func TagTarget(ctx context.Context, q db.Reader, s scope.Ref, format, canon, tag string) (version string, ok bool, err error) {
	ok, err = q.Row(ctx, []any{&version}, `SELECT v.name FROM registry r JOIN package p ON p.registry_id = r.id
		JOIN tag t ON t.package_id = p.id JOIN version v ON v.id = t.version_id
		WHERE r.scope_kind = ? AND r.scope_id = ? AND r.format = ? AND p.canon = ? AND t.name = ?`, s.Kind, s.ID, format, canon, tag)
	return version, ok, err
}

// VersionByTag finds the version that a tag points at.
func VersionByTag(ctx context.Context, q db.Reader, packageID int64, tag string) (Version, bool, error) {
	var v Version
	ok, err := q.First(ctx, &v, "SELECT v.* FROM tag t JOIN version v ON v.id = t.version_id WHERE t.package_id = ? AND t.name = ?", packageID, tag)
	return v, ok, err
}

// TaggedVersion is a version with a tag that points at it.
type TaggedVersion struct {
	Version `xorm:"extends"`
	Tag     string
	Tagged  int64 // when
}

// TagPage finds a page of the tags of a package with their versions, the one
// that was set last first, and the number of all.
func TagPage(ctx context.Context, q db.Reader, packageID int64, limit, offset int) (rows []TaggedVersion, total int, err error) {
	if _, err := q.Row(ctx, []any{&total}, "SELECT count(*) FROM tag WHERE package_id = ?", packageID); err != nil {
		return nil, 0, err
	}
	return rows, total, q.Find(ctx, &rows, `SELECT v.*, t.name AS tag, t.updated AS tagged FROM tag t JOIN version v ON v.id = t.version_id
		WHERE t.package_id = ? ORDER BY t.updated DESC, t.name LIMIT ? OFFSET ?`, packageID, limit, offset)
}

// Referrers finds up to limit versions of a package that are about a subject,
// in the order of their publication: those after the version with the canonical
// name after, from the first on where there is no such version.
func Referrers(ctx context.Context, q db.Reader, packageID int64, subject, after string, limit int) ([]Version, error) {
	var rows []Version
	return rows, q.Find(ctx, &rows, `SELECT * FROM version WHERE package_id = ? AND subject = ? AND subject <> ''
		AND id > COALESCE((SELECT id FROM version WHERE package_id = ? AND canon = ?), 0) ORDER BY id LIMIT ?`,
		packageID, subject, packageID, after, limit)
}

// NewestOf finds the newest version of each of some packages.
func NewestOf(ctx context.Context, q db.Reader, packageIDs []int64) ([]Version, error) {
	if len(packageIDs) == 0 {
		return nil, nil
	}
	args := make([]any, len(packageIDs))
	for i, id := range packageIDs {
		args[i] = id
	}
	var rows []Version
	return rows, q.Find(ctx, &rows, `SELECT v.* FROM package p JOIN version v ON v.package_id = p.id
		AND v.name = CASE WHEN p.latest <> '' THEN p.latest ELSE p.latest_pre END WHERE p.id IN (`+db.In(len(args))+")", args...)
}
