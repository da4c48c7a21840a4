package packages

import (
	"context"

	"ingot.dev/models/db"
	"ingot.dev/modules/scope"
)

// FileByUUID finds a file of a package by its public id.
func FileByUUID(ctx context.Context, q db.Reader, packageID int64, uuid string) (File, bool, error) {
	var f File
	ok, err := q.First(ctx, &f, "SELECT "+fileColumns+` FROM file f JOIN version v ON v.id = f.version_id
		JOIN blob b ON b.id = f.blob_id WHERE f.uuid = ? AND v.package_id = ?`, uuid, packageID)
	return f, ok, err
}

// VersionByID finds a version by its row.
func VersionByID(ctx context.Context, q db.Reader, id int64) (Version, bool, error) {
	var v Version
	ok, err := q.First(ctx, &v, "SELECT * FROM version WHERE id = ?", id)
	return v, ok, err
}

// Address is where a package of a canonical name is.
type Address struct{ UUID, Canon string }

// KnownIn finds which packages of some canonical names a registry has.
func KnownIn(ctx context.Context, q db.Reader, s scope.Ref, format string, canons []string) ([]Address, error) {
	if len(canons) == 0 {
		return nil, nil
	}
	args := []any{s.Kind, s.ID, format}
	for _, c := range canons {
		args = append(args, c)
	}
	var rows []Address
	return rows, q.Find(ctx, &rows, `SELECT p.uuid, p.canon FROM registry r JOIN package p ON p.registry_id = r.id
		WHERE r.scope_kind = ? AND r.scope_id = ? AND r.format = ? AND p.canon IN (`+db.In(len(canons))+")", args...)
}

// Standing is what lists tell of a package's versions besides the newest one.
type Standing struct {
	UUID      string
	Latest    string
	LatestPre string
	Name      string // of the version that was published last
	Yanked    bool   // that version
}

// Standings finds what lists tell of some packages.
func Standings(ctx context.Context, q db.Reader, uuids []string) ([]Standing, error) {
	if len(uuids) == 0 {
		return nil, nil
	}
	args := make([]any, len(uuids))
	for i, u := range uuids {
		args[i] = u
	}
	var rows []Standing
	return rows, q.Find(ctx, &rows, `SELECT p.uuid, p.latest, p.latest_pre, v.name, v.yanked FROM package p
		JOIN version v ON v.id = (SELECT max(id) FROM version WHERE package_id = p.id)
		WHERE p.uuid IN (`+db.In(len(uuids))+")", args...)
}
