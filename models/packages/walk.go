package packages

import (
	"context"

	"ingot.dev/models/db"
	"ingot.dev/modules/scope"
)

// Walk chooses versions of a registry with their files.
type Walk struct {
	Scope    scope.Ref
	Format   string
	Packages []string // canonical names; nil: all
	Files    string   // start of the canonical names of files; the rest is left out. Empty: all
	File     string   // canonical name of the one file, in whatever versions; found by an index. Empty: all
}

// query reads the indexes in their order: nothing is sorted but the versions
// that have the one file. There is a row for every file, and one for a version
// without files.
func (w Walk) query() (string, []any) {
	join, args := " LEFT JOIN file f ON f.version_id = v.id", []any(nil)
	switch {
	case w.File != "":
		join, args = " JOIN file f ON f.version_id = v.id AND f.canon = ?", append(args, w.File)
	case w.Files != "":
		join, args = " JOIN file f ON f.version_id = v.id AND f.canon LIKE ? ESCAPE '!'", append(args, like(w.Files)+"%")
	}
	where := " WHERE p.registry_id = (SELECT id FROM registry WHERE scope_kind = ? AND scope_id = ? AND format = ?)"
	args = append(args, w.Scope.Kind, w.Scope.ID, w.Format)
	if w.Packages != nil {
		where += " AND p.canon IN (" + db.In(len(w.Packages)) + ")"
		for _, name := range w.Packages {
			args = append(args, name)
		}
	}
	return `SELECT p.id, p.name, v.id, v.uuid, v.name, v.canon, v.metadata, v.upload, v.publisher_id, v.prerelease, v.yanked,
		v.yanked_at, v.yank_reason, v.language, v.source_tag, v.source_commit, v.source_tagger, v.downloads, v.size, v.created, v.subject,
		COALESCE(f.id, 0), COALESCE(f.uuid, ''), COALESCE(f.name, ''), COALESCE(f.blob_id, 0), COALESCE(f.media_type, ''),
		COALESCE(f.upload, 0), COALESCE(f.created, 0), f.metadata,
		COALESCE(b.sha256, ''), COALESCE(b.md5, ''), COALESCE(b.sha1, ''), COALESCE(b.sha512, ''), COALESCE(b.size, 0)
		FROM package p JOIN version v ON v.package_id = p.id` + join + " LEFT JOIN blob b ON b.id = f.blob_id" + where +
		" ORDER BY p.canon, v.canon, f.canon", args
}

// Do calls fn for the versions of each package in turn, with the files of all
// of them. The slices are fn's own.
func (w Walk) Do(ctx context.Context, q *db.DB, fn func(p *Package, versions []Version, files []File) error) error {
	if w.Packages != nil && len(w.Packages) == 0 {
		return nil
	}
	var (
		p        Package
		versions []Version
		files    []File
	)
	flush := func() error {
		if len(versions) == 0 {
			return nil
		}
		given := p
		err := fn(&given, versions, files)
		versions, files = nil, nil
		return err
	}
	query, args := w.query()
	err := q.Each(ctx, func(scan func(...any) error) error {
		var (
			id   int64
			name string
			v    Version
			f    File
		)
		if err := scan(&id, &name, &v.ID, &v.UUID, &v.Name, &v.Canon, &v.Metadata, &v.Upload, &v.PublisherID, &v.Prerelease, &v.Yanked,
			&v.YankedAt, &v.YankReason, &v.Language, &v.SourceTag, &v.SourceCommit, &v.SourceTagger, &v.Downloads, &v.Size, &v.Created, &v.Subject,
			&f.ID, &f.UUID, &f.Name, &f.BlobID, &f.MediaType, &f.Upload, &f.Created, &f.Metadata,
			&f.Sha256, &f.Md5, &f.Sha1, &f.Sha512, &f.Size); err != nil {
			return err
		}
		if id != p.ID {
			if err := flush(); err != nil {
				return err
			}
			p = Package{ID: id, Name: name, ScopeKind: w.Scope.Kind, ScopeID: w.Scope.ID, Format: w.Format}
		}
		if n := len(versions); n == 0 || versions[n-1].ID != v.ID {
			v.PackageID = id
			versions = append(versions, v)
		}
		if f.ID != 0 {
			f.VersionID = v.ID
			files = append(files, f)
		}
		return nil
	}, query, args...)
	if err != nil {
		return err
	}
	return flush()
}
