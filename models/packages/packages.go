// Package packages holds the rows of the registry and their queries. It
// decides nothing: services/registry does.
package packages

import (
	"context"

	"ingot.dev/models/db"
	"ingot.dev/modules/scope"
)

// Registry is the row of a scope's packages of one format.
type Registry struct {
	ID         int64
	ScopeKind  scope.Kind
	ScopeID    int64
	Format     string
	Packages   int64
	Size       int64
	Generation int64
	Modified   int64
}

// Package is the row of a package.
type Package struct {
	ID          int64
	UUID        string
	RegistryID  int64
	ScopeKind   scope.Kind
	ScopeID     int64
	Format      string
	Name        string
	Canon       string
	Description string
	Latest      string
	LatestPre   string
	Versions    int
	Downloads   int64
	Size        int64
	Generation  int64
	Modified    int64
	Created     int64
	Updated     int64
	PublisherID int64
}

// Scope gives the package's owner.
func (p *Package) Scope() scope.Ref { return scope.Ref{Kind: p.ScopeKind, ID: p.ScopeID} }

// Version is the row of a version.
type Version struct {
	ID           int64
	UUID         string
	PackageID    int64
	Name         string
	Canon        string
	Metadata     []byte
	Upload       uint8
	PublisherID  int64
	Prerelease   bool
	Yanked       bool
	YankedAt     int64 // zero where it is not
	YankReason   string
	Language     string
	SourceTag    string
	SourceCommit string
	SourceTagger string
	Downloads    int64
	Size         int64
	Created      int64
	Subject      string
}

// File is the row of a file joined with its blob.
type File struct {
	ID          int64
	UUID        string
	VersionID   int64
	Name        string
	Canon       string
	BlobID      int64
	MediaType   string
	Upload      uint8
	PublisherID int64
	Created     int64
	Metadata    []byte

	Sha256 string
	Md5    string
	Sha1   string
	Sha512 string
	Size   int64
}

const fileColumns = `f.id, f.uuid, f.version_id, f.name, f.canon, f.blob_id, f.media_type, f.upload,
	f.publisher_id, f.created, f.metadata, b.sha256, b.md5, b.sha1, b.sha512, b.size`

// RegistryOf finds the registry of a format in a scope; false where nothing
// was ever published.
func RegistryOf(ctx context.Context, q db.Reader, s scope.Ref, format string) (Registry, bool, error) {
	r := Registry{ScopeKind: s.Kind, ScopeID: s.ID, Format: format}
	ok, err := q.Row(ctx, []any{&r.ID, &r.Packages, &r.Size, &r.Generation, &r.Modified},
		"SELECT id, packages, size, generation, modified FROM registry WHERE scope_kind = ? AND scope_id = ? AND format = ?",
		s.Kind, s.ID, format)
	return r, ok, err
}

// State finds what a document of one package depends on.
func State(ctx context.Context, q db.Reader, s scope.Ref, format, canon string) (id, generation, modified int64, ok bool, err error) {
	ok, err = q.Row(ctx, []any{&id, &generation, &modified},
		`SELECT p.id, p.generation, p.modified FROM package p JOIN registry r ON r.id = p.registry_id
		 WHERE r.scope_kind = ? AND r.scope_id = ? AND r.format = ? AND p.canon = ?`, s.Kind, s.ID, format, canon)
	return id, generation, modified, ok, err
}

// ByName finds a package by its canonical name.
func ByName(ctx context.Context, q db.Reader, s scope.Ref, format, canon string) (Package, bool, error) {
	var p Package
	ok, err := q.First(ctx, &p,
		`SELECT p.* FROM package p JOIN registry r ON r.id = p.registry_id
		 WHERE r.scope_kind = ? AND r.scope_id = ? AND r.format = ? AND p.canon = ?`, s.Kind, s.ID, format, canon)
	return p, ok, err
}

// ByUUID finds a package of a scope by its public id.
func ByUUID(ctx context.Context, q db.Reader, s scope.Ref, uuid string) (Package, bool, error) {
	var p Package
	ok, err := q.First(ctx, &p, "SELECT * FROM package WHERE uuid = ? AND scope_kind = ? AND scope_id = ?", uuid, s.Kind, s.ID)
	return p, ok, err
}

// VersionsOf finds all versions of a package.
func VersionsOf(ctx context.Context, q db.Reader, packageID int64) ([]Version, error) {
	var rows []Version
	return rows, q.Find(ctx, &rows, "SELECT * FROM version WHERE package_id = ? ORDER BY id DESC", packageID)
}

// VersionPage finds a page of versions of a package, newest publication first.
func VersionPage(ctx context.Context, q db.Reader, packageID int64, limit, offset int) ([]Version, error) {
	var rows []Version
	return rows, q.Find(ctx, &rows, "SELECT * FROM version WHERE package_id = ? ORDER BY id DESC LIMIT ? OFFSET ?",
		packageID, limit, offset)
}

// VersionByName finds a version by its canonical name.
func VersionByName(ctx context.Context, q db.Reader, packageID int64, canon string) (Version, bool, error) {
	var v Version
	ok, err := q.First(ctx, &v, "SELECT * FROM version WHERE package_id = ? AND canon = ?", packageID, canon)
	return v, ok, err
}

// FilesOfPackage finds the files of all versions of a package.
func FilesOfPackage(ctx context.Context, q db.Reader, packageID int64) ([]File, error) {
	var rows []File
	return rows, q.Find(ctx, &rows, "SELECT "+fileColumns+` FROM version v JOIN file f ON f.version_id = v.id
		JOIN blob b ON b.id = f.blob_id WHERE v.package_id = ? ORDER BY f.id`, packageID)
}

// FilesOf finds the files of some versions.
func FilesOf(ctx context.Context, q db.Reader, versionIDs []int64) ([]File, error) {
	if len(versionIDs) == 0 {
		return nil, nil
	}
	args := make([]any, len(versionIDs))
	for i, id := range versionIDs {
		args[i] = id
	}
	var rows []File
	return rows, q.Find(ctx, &rows, "SELECT "+fileColumns+` FROM file f JOIN blob b ON b.id = f.blob_id
		WHERE f.version_id IN (`+db.In(len(args))+") ORDER BY f.id", args...)
}

// FilePage finds a page of the files of a package, newest first, and the
// number of all.
func FilePage(ctx context.Context, q db.Reader, packageID int64, limit, offset int) (rows []File, total int, err error) {
	if _, err := q.Row(ctx, []any{&total}, "SELECT count(*) FROM version v JOIN file f ON f.version_id = v.id WHERE v.package_id = ?",
		packageID); err != nil {
		return nil, 0, err
	}
	return rows, total, q.Find(ctx, &rows, "SELECT "+fileColumns+` FROM version v JOIN file f ON f.version_id = v.id
		JOIN blob b ON b.id = f.blob_id WHERE v.package_id = ? ORDER BY f.id DESC LIMIT ? OFFSET ?`, packageID, limit, offset)
}

// Place is a file with the names of its version and package.
type Place struct {
	File
	Version string
	Package string
}

// FileAt finds a file by its canonical place in one query.
func FileAt(ctx context.Context, q db.Reader, s scope.Ref, format, pkg, version, file string) (Place, bool, error) {
	var p Place
	ok, err := q.Row(ctx, []any{
		&p.ID, &p.UUID, &p.VersionID, &p.Name, &p.Canon, &p.BlobID, &p.MediaType, &p.Upload,
		&p.PublisherID, &p.Created, &p.Metadata, &p.Sha256, &p.Md5, &p.Sha1, &p.Sha512, &p.Size, &p.Version, &p.Package,
	}, "SELECT "+fileColumns+`, v.name, p.name FROM registry r JOIN package p ON p.registry_id = r.id
		JOIN version v ON v.package_id = p.id JOIN file f ON f.version_id = v.id JOIN blob b ON b.id = f.blob_id
		WHERE r.scope_kind = ? AND r.scope_id = ? AND r.format = ? AND p.canon = ? AND v.canon = ? AND f.canon = ?`,
		s.Kind, s.ID, format, pkg, version, file)
	return p, ok, err
}

// Names lists the names of the packages of a registry.
func Names(ctx context.Context, q db.Reader, s scope.Ref, format string) ([]string, error) {
	var rows []struct{ Name string }
	err := q.Find(ctx, &rows, `SELECT p.name FROM package p JOIN registry r ON r.id = p.registry_id
		WHERE r.scope_kind = ? AND r.scope_id = ? AND r.format = ? ORDER BY p.canon`, s.Kind, s.ID, format)
	names := make([]string, len(rows))
	for i, r := range rows {
		names[i] = r.Name
	}
	return names, err
}

// Began notes that something begins now, unless it has begun before, and gives
// the time when it did.
func Began(ctx context.Context, tx *db.Tx, what string, now int64) (int64, error) {
	if _, err := tx.Exec(ctx, "INSERT INTO epoch (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING", what, now); err != nil {
		return 0, err
	}
	var began int64
	_, err := tx.Row(ctx, []any{&began}, "SELECT value FROM epoch WHERE name = ?", what)
	return began, err
}
