package packages

import (
	"context"

	"ingot.dev/models/db"
	"ingot.dev/modules/scope"
)

// Names of the properties that hold a version's README.
const (
	ReadmeName = "readme.name"
	ReadmeText = "readme.text"
)

// Properties reads the properties of a version or package, a README with them.
func Properties(ctx context.Context, q db.Reader, owner string, id int64) (map[string]string, error) {
	var rows []struct{ Name, Value string }
	err := q.Find(ctx, &rows, "SELECT name, value FROM property WHERE owner = ? AND owner_id = ?", owner, id)
	m := make(map[string]string, len(rows))
	for _, r := range rows {
		m[r.Name] = r.Value
	}
	return m, err
}

// PropertiesOfVersions reads the properties of all versions of a package by
// the ids of their rows. READMEs are left out.
func PropertiesOfVersions(ctx context.Context, q db.Reader, packageID int64) (map[int64]map[string]string, error) {
	var rows []struct {
		OwnerID     int64
		Name, Value string
	}
	err := q.Find(ctx, &rows, `SELECT r.owner_id, r.name, r.value FROM version v JOIN property r ON r.owner = 'version' AND r.owner_id = v.id
		WHERE v.package_id = ? AND r.name NOT IN ('`+ReadmeName+"', '"+ReadmeText+"')", packageID)
	m := map[int64]map[string]string{}
	for _, r := range rows {
		if m[r.OwnerID] == nil {
			m[r.OwnerID] = map[string]string{}
		}
		m[r.OwnerID][r.Name] = r.Value
	}
	return m, err
}

// PropertiesOf reads the properties of packages by the ids of their rows.
func PropertiesOf(ctx context.Context, q db.Reader, ids []int64) (map[int64]map[string]string, error) {
	m := map[int64]map[string]string{}
	if len(ids) == 0 {
		return m, nil
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	var rows []struct {
		OwnerID     int64
		Name, Value string
	}
	err := q.Find(ctx, &rows, "SELECT owner_id, name, value FROM property WHERE owner = 'package' AND owner_id IN ("+db.In(len(ids))+")", args...)
	for _, r := range rows {
		if m[r.OwnerID] == nil {
			m[r.OwnerID] = map[string]string{}
		}
		m[r.OwnerID][r.Name] = r.Value
	}
	return m, err
}

// SetProperty writes one property, or removes it where value is empty.
func SetProperty(ctx context.Context, tx *db.Tx, owner string, id int64, name, value string) error {
	if value == "" {
		_, err := tx.Exec(ctx, "DELETE FROM property WHERE owner = ? AND owner_id = ? AND name = ?", owner, id, name)
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO property (owner, owner_id, name, value) VALUES (?,?,?,?)
		ON CONFLICT (owner, owner_id, name) DO UPDATE SET value = excluded.value`, owner, id, name, db.Text(value))
	return err
}

// Setting reads a setting of a registry, empty where nobody made it.
func Setting(ctx context.Context, q db.Reader, s scope.Ref, format, name string) (value string, err error) {
	_, err = q.Row(ctx, []any{&value}, "SELECT value FROM setting WHERE scope_kind = ? AND scope_id = ? AND format = ? AND name = ?",
		s.Kind, s.ID, format, name)
	return value, err
}

// SetSetting writes a setting of a registry, or removes it where value is empty.
func SetSetting(ctx context.Context, tx *db.Tx, s scope.Ref, format, name, value string) error {
	if value == "" {
		_, err := tx.Exec(ctx, "DELETE FROM setting WHERE scope_kind = ? AND scope_id = ? AND format = ? AND name = ?", s.Kind, s.ID, format, name)
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO setting (scope_kind, scope_id, format, name, value) VALUES (?,?,?,?,?)
		ON CONFLICT (scope_kind, scope_id, format, name) DO UPDATE SET value = excluded.value`, s.Kind, s.ID, format, name, db.Text(value))
	return err
}

// Settings reads all settings of a registry.
func Settings(ctx context.Context, q db.Reader, s scope.Ref, format string) (map[string]string, error) {
	var rows []struct{ Name, Value string }
	err := q.Find(ctx, &rows, "SELECT name, value FROM setting WHERE scope_kind = ? AND scope_id = ? AND format = ?", s.Kind, s.ID, format)
	m := make(map[string]string, len(rows))
	for _, r := range rows {
		m[r.Name] = r.Value
	}
	return m, err
}

// Reserve notes that a name was a package.
func Reserve(ctx context.Context, tx *db.Tx, p *Package, now int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO reserved (scope_kind, scope_id, format, canon, since) VALUES (?,?,?,?,?)
		ON CONFLICT (scope_kind, scope_id, format, canon) DO NOTHING`, p.ScopeKind, p.ScopeID, p.Format, p.Canon, now)
	return err
}

// Owned tells whether a name is or was a package of one of two scopes.
func Owned(ctx context.Context, q db.Reader, a, b scope.Ref, format, canon string) (bool, error) {
	var n int
	return q.Row(ctx, []any{&n}, `SELECT 1 FROM registry r JOIN package p ON p.registry_id = r.id
		WHERE (r.scope_kind = ? AND r.scope_id = ? OR r.scope_kind = ? AND r.scope_id = ?) AND r.format = ? AND p.canon = ?
		UNION ALL SELECT 1 FROM reserved
		WHERE (scope_kind = ? AND scope_id = ? OR scope_kind = ? AND scope_id = ?) AND format = ? AND canon = ?`,
		a.Kind, a.ID, b.Kind, b.ID, format, canon, a.Kind, a.ID, b.Kind, b.ID, format, canon)
}
