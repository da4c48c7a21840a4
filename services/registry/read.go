package registry

import (
	"context"
	"encoding/json"
	"slices"

	"ingot.dev/models/db"
	"ingot.dev/models/packages"
	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
)

func (b *bound) row(ctx context.Context, q db.Reader, name string) (packages.Package, error) {
	canon, err := b.k.CanonicalName(name)
	if err != nil {
		return packages.Package{}, fault.Wrap(fault.NotFound, err, "there is no package %q here", name)
	}
	p, ok, err := packages.ByName(ctx, q, b.scope.Ref, b.k.Info.ID, canon)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "there is no package %q here", name)
	}
	return p, err
}

// version finds a version by its name, or by a tag where the format's versions
// go by tags.
func (k *Kind) version(ctx context.Context, q db.Reader, p *packages.Package, name string) (packages.Version, error) {
	if k.Info.ByTag {
		if v, ok, err := packages.VersionByTag(ctx, q, p.ID, name); err != nil || ok {
			return v, err
		}
	}
	canon, err := k.CanonicalVersion(name)
	if err != nil {
		return packages.Version{}, fault.Wrap(fault.NotFound, err, "%s has no version %q", p.Name, name)
	}
	v, ok, err := packages.VersionByName(ctx, q, p.ID, canon)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "%s has no version %q", p.Name, name)
	}
	return v, err
}

// Package implements format.Reader.
func (b *bound) Package(ctx context.Context, name string) (*format.Package, error) {
	p, err := b.row(ctx, b.s.db, name)
	if err != nil {
		return nil, err
	}
	out := toPackage(&p)
	out.Properties, err = packages.Properties(ctx, b.s.db, "package", p.ID)
	return out, err
}

// Versions implements format.Reader.
func (b *bound) Versions(ctx context.Context, name string) ([]*format.Version, error) {
	p, err := b.row(ctx, b.s.db, name)
	if err != nil {
		return nil, err
	}
	return b.s.versions(ctx, b.k, &p)
}

func (s *Service) versions(ctx context.Context, k *Kind, p *packages.Package) ([]*format.Version, error) {
	rows, err := packages.VersionsOf(ctx, s.db, p.ID)
	if err != nil {
		return nil, err
	}
	files, err := packages.FilesOfPackage(ctx, s.db, p.ID)
	if err != nil {
		return nil, err
	}
	properties, err := packages.PropertiesOfVersions(ctx, s.db, p.ID)
	if err != nil {
		return nil, err
	}
	versions := join(p, rows, files)
	for i := range rows {
		versions[i].Properties = properties[rows[i].ID]
	}
	slices.SortFunc(versions, func(x, y *format.Version) int { return k.Compare(y.Canon, x.Canon) })
	return versions, nil
}

// Version implements format.Reader.
func (b *bound) Version(ctx context.Context, name, version string) (*format.Version, error) {
	p, err := b.row(ctx, b.s.db, name)
	if err != nil {
		return nil, err
	}
	v, err := b.k.version(ctx, b.s.db, &p, version)
	if err != nil {
		return nil, err
	}
	files, err := packages.FilesOf(ctx, b.s.db, []int64{v.ID})
	if err != nil {
		return nil, err
	}
	out := join(&p, []packages.Version{v}, files)[0]
	if out.Properties, err = packages.Properties(ctx, b.s.db, "version", v.ID); err != nil {
		return nil, err
	}
	delete(out.Properties, packages.ReadmeName)
	delete(out.Properties, packages.ReadmeText)
	if b.k.Info.ByTag && version != v.Name {
		out.Name = version
	}
	return out, nil
}

// Tags implements format.Reader.
func (b *bound) Tags(ctx context.Context, name string) (map[string]string, error) {
	p, err := b.row(ctx, b.s.db, name)
	if err != nil {
		return nil, err
	}
	return packages.Tags(ctx, b.s.db, p.ID)
}

// Tagged implements format.Reader.
func (b *bound) Tagged(ctx context.Context, name, tag string) (string, error) {
	absent := func(err error) error {
		return fault.Wrap(fault.NotFound, err, "%s has no tag %q", name, tag)
	}
	canon, err := b.k.CanonicalName(name)
	if err != nil {
		return "", absent(err)
	}
	return b.s.tags.Ask(b.s.db, place{scope: b.scope.Ref, format: b.k.Info.ID, pkg: canon, version: tag}, func() (string, error) {
		version, ok, err := packages.TagTarget(ctx, b.s.db, b.scope.Ref, b.k.Info.ID, canon, tag)
		if err == nil && !ok {
			err = absent(nil)
		}
		return version, err
	})
}

// Referrers implements format.Reader.
func (b *bound) Referrers(ctx context.Context, name, subject, after string, limit int) ([]*format.Version, error) {
	p, err := b.row(ctx, b.s.db, name)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	canon, err := b.k.CanonicalVersion(after)
	if err != nil {
		canon = "" // no version has such a name
	}
	rows, err := packages.Referrers(ctx, b.s.db, p.ID, subject, canon, min(max(limit, 1), format.MaxReferrers))
	return join(&p, rows, nil), err
}

// Readme implements format.Reader.
func (b *bound) Readme(ctx context.Context, name, version string) (format.Readme, error) {
	p, err := b.row(ctx, b.s.db, name)
	if err != nil {
		return format.Readme{}, err
	}
	v, err := b.k.version(ctx, b.s.db, &p, version)
	if err != nil {
		return format.Readme{}, err
	}
	props, err := packages.Properties(ctx, b.s.db, "version", v.ID)
	return format.Readme{Name: props[packages.ReadmeName], Text: props[packages.ReadmeText]}, err
}

// Owned implements format.Reader.
func (b *bound) Owned(ctx context.Context, name string) (bool, error) {
	canon, err := b.k.CanonicalName(name)
	if err != nil {
		return true, nil // no name that could be asked for elsewhere
	}
	parent := b.scope.Parent
	if parent == (scope.Ref{}) {
		parent = b.scope.Ref
	}
	return packages.Owned(ctx, b.s.db, b.scope.Ref, parent, b.k.Info.ID, canon)
}

// Setting implements format.Reader.
func (b *bound) Setting(ctx context.Context, name string) (string, error) {
	return packages.Setting(ctx, b.s.db, b.scope.Ref, b.k.Info.ID, name)
}

// Newest implements format.Reader.
func (b *bound) Newest(ctx context.Context, q format.Query) ([]*format.Version, int, error) {
	rows, ids, total, err := b.page(ctx, q)
	if err != nil {
		return nil, 0, err
	}
	byID := make(map[int64]*packages.Package, len(rows))
	for i := range rows {
		byID[rows[i].ID] = &rows[i]
	}
	versions, err := packages.NewestOf(ctx, b.s.db, ids)
	if err != nil {
		return nil, 0, err
	}
	made := make(map[int64]*format.Version, len(versions))
	for i := range versions {
		made[versions[i].PackageID] = toVersion(byID[versions[i].PackageID], &versions[i])
	}
	out := make([]*format.Version, 0, len(rows))
	for _, id := range ids {
		if v := made[id]; v != nil { // else all of its versions are yanked
			out = append(out, v)
		}
	}
	return out, total, nil
}

// File implements format.Reader.
func (b *bound) File(ctx context.Context, ref format.FileRef) (*format.File, error) {
	at, err := b.place(ref)
	if err != nil {
		return nil, err
	}
	f, err := b.s.files.Ask(b.s.db, at, func() (packages.Place, error) {
		f, ok, err := packages.FileAt(ctx, b.s.db, at.scope, at.format, at.pkg, at.version, at.file)
		if err == nil && !ok {
			err = noFile(ref)
		}
		return f, err
	})
	if err != nil {
		return nil, err
	}
	return toFile(&f.File, f.Package, f.Version), nil
}

// place finds where a file would be; a name that none can have is of no file.
func (b *bound) place(ref format.FileRef) (place, error) {
	pkg, err := b.k.CanonicalName(ref.Package)
	if err != nil {
		return place{}, noFile(ref)
	}
	version, err := b.k.CanonicalVersion(ref.Version)
	if err != nil {
		return place{}, noFile(ref)
	}
	return place{b.scope.Ref, b.k.Info.ID, pkg, version, canonicalFile(ref.File)}, nil
}

func noFile(ref format.FileRef) error {
	return fault.New(fault.NotFound, "there is no file %q of %s %s here", ref.File, ref.Package, ref.Version)
}

// Names implements format.Reader.
func (b *bound) Names(ctx context.Context) ([]string, error) {
	return packages.Names(ctx, b.s.db, b.scope.Ref, b.k.Info.ID)
}

// Search implements format.Reader.
func (b *bound) Search(ctx context.Context, q format.Query) ([]*format.Package, int, error) {
	rows, ids, total, err := b.page(ctx, q)
	if err != nil {
		return nil, 0, err
	}
	properties, err := packages.PropertiesOf(ctx, b.s.db, ids)
	if err != nil {
		return nil, 0, err
	}
	out := make([]*format.Package, len(rows))
	for i := range rows {
		out[i] = toPackage(&rows[i])
		out[i].Properties = properties[rows[i].ID]
	}
	return out, total, nil
}

// page finds the packages of a query with their ids, and the number of all.
func (b *bound) page(ctx context.Context, q format.Query) (rows []packages.Package, ids []int64, total int, err error) {
	l := b.s.spelt(List{
		Scopes: []scope.Ref{b.scope.Ref}, Format: b.k.Info.ID,
		Text: q.Text, Prefix: q.Prefix, Has: q.Has, Listed: q.Listed, Released: q.Released, Order: packages.MostDownloaded,
		Limit: min(max(q.Limit, 1), maxQuery), Offset: q.Offset,
	})
	if rows, err = l.Find(ctx, b.s.db); err != nil {
		return nil, nil, 0, err
	}
	for i := range rows {
		ids = append(ids, rows[i].ID)
	}
	total, err = l.Count(ctx, b.s.db)
	return rows, ids, total, err
}

// maxQuery is what a query gives at most.
const maxQuery = 250

func toPackage(p *packages.Package) *format.Package {
	latest := p.Latest
	if latest == "" {
		latest = p.LatestPre
	}
	return &format.Package{
		UUID: p.UUID, Scope: p.Scope(), Format: p.Format, Name: p.Name, Description: p.Description,
		Latest: latest, Versions: p.Versions, Downloads: p.Downloads, Size: p.Size, PublisherID: p.PublisherID,
		Created: db.Time(p.Created), Updated: db.Time(p.Updated), Modified: db.Time(p.Modified), Revision: p.Generation,
	}
}

func toVersion(p *packages.Package, v *packages.Version) *format.Version {
	out := &format.Version{
		UUID: v.UUID, Package: p.Name, Name: v.Name, Canon: v.Canon, Metadata: json.RawMessage(v.Metadata),
		Upload: format.UploadType(v.Upload), PublisherID: v.PublisherID, Prerelease: v.Prerelease, Language: v.Language,
		Yanked: v.Yanked, YankReason: v.YankReason,
		Origin:    format.Origin{Tag: v.SourceTag, Commit: v.SourceCommit, Tagger: v.SourceTagger},
		Downloads: v.Downloads, Size: v.Size, Subject: v.Subject, Created: db.Time(v.Created),
	}
	if v.Yanked {
		out.YankedAt = db.Time(v.YankedAt)
	}
	return out
}

func toFile(f *packages.File, pkg, version string) *format.File {
	return &format.File{
		UUID: f.UUID, Package: pkg, Version: version, Name: f.Name, Size: f.Size,
		Digests:   blob.Digests{MD5: f.Md5, SHA1: f.Sha1, SHA256: f.Sha256, SHA512: f.Sha512},
		MediaType: f.MediaType, Metadata: f.Metadata, Upload: format.UploadType(f.Upload), Created: db.Time(f.Created),
		Key: blob.Key{SHA256: f.Sha256, Row: f.BlobID}, VersionID: f.VersionID,
	}
}

// join hangs files below their versions, in the order of rows.
func join(p *packages.Package, rows []packages.Version, files []packages.File) []*format.Version {
	out := make([]*format.Version, len(rows))
	byID := make(map[int64]*format.Version, len(rows))
	for i := range rows {
		out[i] = toVersion(p, &rows[i])
		byID[rows[i].ID] = out[i]
	}
	for i := range files {
		if v := byID[files[i].VersionID]; v != nil {
			v.Files = append(v.Files, toFile(&files[i], p.Name, v.Name))
		}
	}
	return out
}
