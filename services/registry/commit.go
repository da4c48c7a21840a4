package registry

import (
	"context"
	"errors"
	"slices"
	"strings"

	"ingot.dev/models/db"
	"ingot.dev/models/packages"
	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/uuid"
)

// errTaken ends a transaction that found the version or file taken.
var errTaken = errors.New("taken")

func (p *publication) commit(ctx context.Context, tx *db.Tx) (*format.Version, error) {
	b, now := p.b, db.Now()
	p.lost = nil
	for i, id := range p.blobs {
		ok, err := packages.Present(ctx, tx, id, p.leaseEnd())
		if err != nil {
			return nil, err
		}
		switch f := p.rel.Files[i]; {
		case ok:
		case f.Held != nil:
			return nil, fault.New(fault.Conflict, "%s was deleted meanwhile; upload it again", f.Held.Name)
		default:
			p.lost = append(p.lost, blob.Key{SHA256: f.Body.Digests().SHA256, Row: id})
		}
	}
	if len(p.lost) > 0 {
		return nil, errLeaseLost
	}
	registryID, err := packages.TouchRegistry(ctx, tx, b.scope.Ref, b.k.Info.ID, now)
	if err != nil {
		return nil, err
	}
	pkg, fresh, err := packages.AddPackage(ctx, tx, packages.Package{
		UUID: uuid.New(), RegistryID: registryID, ScopeKind: b.scope.Kind, ScopeID: b.scope.ID, Format: b.k.Info.ID,
		Name: p.rel.Package, Canon: p.pkg, Description: p.rel.Description,
		Modified: now, Created: now, Updated: now, PublisherID: b.actor.ID,
	})
	if err != nil {
		return nil, err
	}
	if b.k.Info.OneSpelling && pkg.Name != p.rel.Package {
		return nil, fault.New(fault.Conflict, "the package %s already exists, and %s is another spelling of its name: publish as %s, or choose another name", pkg.Name, p.rel.Package, pkg.Name)
	}
	row := packages.Version{
		UUID: uuid.New(), PackageID: pkg.ID, Name: p.rel.Version, Canon: p.version, Metadata: metadata(p.rel.Metadata),
		Upload: uint8(b.door), PublisherID: b.actor.ID, Prerelease: p.rel.Prerelease, Language: p.rel.Language,
		SourceTag: p.rel.Origin.Tag, SourceCommit: p.rel.Origin.Commit, SourceTagger: p.rel.Origin.Tagger,
		Size: p.size, Created: now, Subject: p.rel.Subject,
	}
	var added bool
	if row.ID, added, err = packages.AddVersion(ctx, tx, row); err != nil {
		return nil, err
	}
	versions := 1
	var gone []packages.File // the files whose place is taken
	if !added {
		if p.rel.Existing == format.Refuse {
			return nil, errTaken
		}
		versions = 0
		if gone, err = p.meet(ctx, tx, &row); err != nil {
			return nil, err
		}
	}
	var kept []packages.File
	if !added { // what the version held before is part of the answer
		if kept, err = packages.FilesOf(ctx, tx, []int64{row.ID}); err != nil {
			return nil, err
		}
	}
	v := join(&pkg, []packages.Version{row}, kept)[0]
	bytes, err := p.addFiles(ctx, tx, &pkg, v, row.ID, now, fresh)
	if err != nil {
		return nil, err
	}
	less, err := packages.Shed(ctx, tx, pkg.ID, gone)
	if err != nil {
		return nil, err
	}
	if err := p.describe(ctx, tx, &pkg, row.ID); err != nil {
		return nil, err
	}
	if err := b.promote(ctx, tx, &pkg, &row, p.rel); err != nil {
		return nil, err
	}
	pkg.Updated, pkg.PublisherID = now, b.actor.ID
	return v, packages.Grow(ctx, tx, &pkg, versions, bytes-less, now)
}

// addFiles writes the rows of the release's files, hangs them on v, and gives
// the bytes that the package did not have before. A fresh package had none.
func (p *publication) addFiles(ctx context.Context, tx *db.Tx, pkg *packages.Package, v *format.Version, versionID, now int64, fresh bool) (bytes int64, err error) {
	seen := map[int64]bool{}
	for i, f := range p.rel.Files {
		d := digests(f)
		file := packages.File{
			UUID: uuid.New(), VersionID: versionID, Name: f.Path(), Canon: canonicalFile(f.Path()), BlobID: p.blobs[i],
			MediaType: f.MediaType, Metadata: f.Metadata, Upload: uint8(p.b.door), PublisherID: p.b.actor.ID,
			Created: now, Size: size(f), Sha256: d.SHA256, Md5: d.MD5, Sha1: d.SHA1, Sha512: d.SHA512,
		}
		if f.Sole {
			other, version, taken, err := packages.Elsewhere(ctx, tx, pkg.RegistryID, versionID, file.Canon)
			if err != nil {
				return 0, err
			}
			if taken {
				return 0, fault.New(fault.Conflict, "%s %s has a file called %q already, by which name alone clients ask for it: choose another name or version", other, version, f.Path())
			}
		}
		had := seen[file.BlobID]
		if seen[file.BlobID] = true; !had && !fresh {
			if had, err = packages.Has(ctx, tx, pkg.ID, file.BlobID); err != nil {
				return 0, err
			}
		}
		if !had {
			bytes += file.Size
		}
		ok, err := packages.AddFile(ctx, tx, file)
		if err != nil {
			return 0, err
		}
		if !ok {
			return 0, fault.New(fault.Conflict, "the file %q of %s %s already exists", f.Path(), pkg.Name, v.Name)
		}
		v.Files = append(v.Files, toFile(&file, pkg.Name, v.Name))
	}
	return bytes, nil
}

func metadata(m []byte) []byte {
	if len(m) == 0 {
		return []byte("{}")
	}
	return m
}

// meet deals with a version that exists: its files stay (Add), give way to
// those of the same name (Update), or all go (Replace). It gives the files that
// went.
func (p *publication) meet(ctx context.Context, tx *db.Tx, row *packages.Version) (gone []packages.File, err error) {
	old, ok, err := packages.VersionByName(ctx, tx, row.PackageID, row.Canon)
	if err != nil || !ok {
		return nil, errors.Join(err, errTaken)
	}
	if p.b.k.Info.OneSpelling && p.rel.Existing == format.Add && old.Name != p.rel.Version {
		return nil, fault.New(fault.Conflict, "%s %s already exists, and %s is another spelling of that version: publish a new one", p.rel.Package, old.Name, p.rel.Version)
	}
	fresh := *row
	if p.rel.Existing != format.Add {
		if gone, err = packages.FilesOf(ctx, tx, []int64{old.ID}); err != nil {
			return nil, err
		}
	}
	if p.rel.Existing == format.Replace {
		if err := packages.ReplaceVersion(ctx, tx, old.ID, row); err != nil {
			return nil, err
		}
		row.ID, row.UUID, row.Name, row.Downloads = old.ID, old.UUID, old.Name, old.Downloads
		return gone, nil
	}
	gone = slices.DeleteFunc(gone, func(f packages.File) bool { return !p.brings(f.Canon) })
	*row = old
	row.Size += fresh.Size
	for _, f := range gone {
		row.Size -= f.Size
		if _, err := packages.DeleteFile(ctx, tx, f.ID); err != nil {
			return nil, err
		}
	}
	if len(p.rel.Metadata) > 0 {
		row.Metadata, row.Prerelease = fresh.Metadata, fresh.Prerelease
	}
	if fresh.Language != "" {
		row.Language = fresh.Language
	}
	_, err = tx.Exec(ctx, "UPDATE version SET size = ?, metadata = ?, prerelease = ?, language = ? WHERE id = ?",
		row.Size, row.Metadata, row.Prerelease, row.Language, row.ID)
	return gone, err
}

// brings tells whether the release has a file of a canonical name.
func (p *publication) brings(canon string) bool {
	return slices.ContainsFunc(p.rel.Files, func(f format.NewFile) bool { return canonicalFile(f.Path()) == canon })
}

// describe writes what hangs on a version: README, properties, tags.
func (p *publication) describe(ctx context.Context, tx *db.Tx, pkg *packages.Package, versionID int64) error {
	props := map[string]string{}
	for name, value := range p.rel.Properties {
		props[name] = value
	}
	if p.rel.Readme.Text != "" {
		props[packages.ReadmeName], props[packages.ReadmeText] = p.rel.Readme.Name, p.rel.Readme.Text
	}
	for name, value := range props {
		if err := packages.SetProperty(ctx, tx, "version", versionID, name, value); err != nil {
			return err
		}
	}
	for name, value := range p.rel.About {
		if err := packages.SetProperty(ctx, tx, "package", pkg.ID, name, value); err != nil {
			return err
		}
	}
	for _, tag := range p.rel.Tags {
		if err := packages.SetTag(ctx, tx, pkg.ID, tag, versionID, db.Now()); err != nil {
			return err
		}
	}
	return nil
}

// size gives the bytes of a file of a release.
func size(f format.NewFile) int64 {
	if f.Held != nil {
		return f.Held.Size
	}
	return f.Body.Size()
}

// digests gives those of a file of a release.
func digests(f format.NewFile) blob.Digests {
	if f.Held != nil {
		return f.Held.Digests
	}
	return f.Body.Digests()
}

// canonicalFile gives the form of a file name that is unique in a version.
func canonicalFile(name string) string { return strings.ToLower(name) }

// promote makes v the newest version of p if it is. The description follows
// the newest version. Where versions go by tags, the tag that was set last is
// the newest.
func (b *bound) promote(ctx context.Context, tx *db.Tx, p *packages.Package, v *packages.Version, rel format.Release) error {
	description := rel.Description
	if description == "" && (b.k.Info.ByTag || rel.Existing == format.Add || rel.Existing == format.Update) {
		description = p.Description
	}
	if !b.k.Info.ByTag {
		b.k.promote(p, v, description)
		return nil
	}
	if len(rel.Tags) > 0 {
		p.Description = description
	}
	return b.k.elect(ctx, tx, p)
}

func (k *Kind) promote(p *packages.Package, v *packages.Version, description string) {
	if v.Yanked {
		return
	}
	newest := &p.Latest
	if v.Prerelease {
		newest = &p.LatestPre
	}
	if *newest != "" && *newest != v.Name {
		if canon, err := k.CanonicalVersion(*newest); err == nil && k.Compare(v.Canon, canon) < 0 {
			return
		}
	}
	*newest = v.Name
	if !v.Prerelease || p.Latest == "" {
		p.Description = description
	}
}
