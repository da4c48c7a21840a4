package registry

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"ingot.dev/models/db"
	"ingot.dev/models/packages"
	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/uuid"
)

// errLeaseLost sends a publication back to its second step.
var errLeaseLost = errors.New("the lease of a blob was lost")

// publication is a release on its way.
type publication struct {
	b       *bound
	rel     format.Release
	pkg     string // canonical
	version string // canonical
	blobs   []int64
	lost    []blob.Key // objects whose leases were lost
	size    int64
}

// attempts is how often a publication begins anew after a lease was lost.
const attempts = 4

// Publish implements format.Writer.
func (b *bound) Publish(ctx context.Context, rel format.Release) (*format.Version, error) {
	defer func() {
		for _, f := range rel.Files {
			f.Body.Discard()
		}
	}()
	if err := b.allow(forge.PublishPackages); err != nil {
		return nil, err
	}
	p := &publication{b: b, rel: rel}
	if err := p.check(ctx); err != nil {
		return nil, err
	}
	for range attempts {
		v, err := p.run(ctx)
		if !errors.Is(err, errLeaseLost) {
			return v, err
		}
		if err := p.withdraw(ctx); err != nil {
			return nil, err
		}
	}
	return nil, fault.New(fault.Unavailable, "the server was too slow to store %s %s; publish it again", rel.Package, rel.Version)
}

// withdraw deletes objects that were stored after their rows had gone: nobody
// knows them, and no row can ever stand for them.
func (p *publication) withdraw(ctx context.Context) error {
	for _, k := range p.lost {
		if err := p.b.s.store.Delete(context.WithoutCancel(ctx), k); err != nil {
			return err
		}
	}
	return nil
}

// check refuses what can be refused before anything is stored. That the
// version is free is asked here only to spare the work; the unique index
// decides.
func (p *publication) check(ctx context.Context) (err error) {
	if p.pkg, err = p.b.k.CanonicalName(p.rel.Package); err != nil {
		return err
	}
	if p.version, err = p.b.k.CanonicalVersion(p.rel.Version); err != nil {
		return err
	}
	if err := checkText("package name", p.rel.Package); err != nil {
		return err
	}
	if err := checkText("version", p.rel.Version); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, f := range p.rel.Files {
		if err := checkText("file name", f.Name); err != nil {
			return err
		}
		if strings.ContainsAny(f.Name, `/\`) || f.Name == "." || f.Name == ".." {
			return fault.New(fault.Invalid, "the file name %q is not allowed", f.Name)
		}
		if seen[canonicalFile(f.Name)] {
			return fault.New(fault.Invalid, "the file %q is in the release twice", f.Name)
		}
		seen[canonicalFile(f.Name)] = true
		p.size += f.Body.Size()
	}
	if len(p.rel.Metadata) == 0 {
		p.rel.Metadata = []byte("{}")
	}
	if err := p.quota(ctx); err != nil {
		return err
	}
	if p.rel.Existing == format.Refuse {
		var id int64
		taken, err := p.b.s.db.Row(ctx, []any{&id},
			`SELECT v.id FROM registry r JOIN package p ON p.registry_id = r.id JOIN version v ON v.package_id = p.id
			 WHERE r.scope_kind = ? AND r.scope_id = ? AND r.format = ? AND p.canon = ? AND v.canon = ?`,
			p.b.scope.Kind, p.b.scope.ID, p.b.k.Info.ID, p.pkg, p.version)
		if err != nil {
			return err
		}
		if taken {
			return p.exists(ctx)
		}
	}
	return nil
}

func checkText(what, s string) error {
	switch {
	case s == "":
		return fault.New(fault.Invalid, "the %s is missing", what)
	case len(s) > 255:
		return fault.New(fault.Invalid, "the %s is longer than 255 bytes", what)
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return fault.New(fault.Invalid, "the %s %q has characters that are not allowed", what, s)
	}
	return nil
}

func (p *publication) quota(ctx context.Context) error {
	limit := p.b.s.Quota(p.b.scope.Ref)
	if limit <= 0 {
		return nil
	}
	used, err := p.b.s.UsedBytes(ctx, p.b.scope.Ref)
	if err != nil {
		return err
	}
	if used+p.size > limit {
		return fault.New(fault.Quota, "the registry's storage is used up: %d of %d bytes, and this release has %d", used, limit, p.size)
	}
	return nil
}

// exists is the Conflict of a version that is there already; it says whether
// the files are the very same. Clients look for the words "already exists".
func (p *publication) exists(ctx context.Context) error {
	v, err := p.b.Version(ctx, p.rel.Package, p.rel.Version)
	if err != nil {
		return fault.New(fault.Conflict, "%s %s already exists", p.rel.Package, p.rel.Version)
	}
	same := len(v.Files) == len(p.rel.Files)
	for _, f := range p.rel.Files {
		same = same && has(v.Files, f.Body.Digests().SHA256)
	}
	if same {
		return fault.New(fault.Conflict, "%s %s already exists, with identical content", v.Package, v.Name)
	}
	return fault.New(fault.Conflict, "%s %s already exists, with other content; delete it first or publish a new version", v.Package, v.Name)
}

func has(files []*format.File, sha256 string) bool {
	for _, f := range files {
		if f.Digests.SHA256 == sha256 {
			return true
		}
	}
	return false
}

// run is steps 2 to 4.
func (p *publication) run(ctx context.Context) (*format.Version, error) {
	s := p.b.s
	s.cfg.Step("publish:staged")
	if len(p.rel.Files) > 0 {
		missing, err := p.lease(ctx)
		if err != nil {
			return nil, err
		}
		s.cfg.Step("publish:leased")
		for i, f := range p.rel.Files {
			if !missing[i] {
				continue
			}
			if err := s.store.Put(ctx, blob.Key{SHA256: f.Body.Digests().SHA256, Row: p.blobs[i]}, f.Body); err != nil {
				return nil, err
			}
		}
		s.cfg.Step("publish:stored")
	}
	var v *format.Version
	err := s.db.Write(ctx, func(tx *db.Tx) (err error) {
		v, err = p.commit(ctx, tx)
		return err
	})
	if errors.Is(err, errTaken) {
		return nil, p.exists(ctx)
	}
	if err != nil {
		return nil, err
	}
	s.cfg.Step("publish:committed")
	return v, nil
}

func (p *publication) leaseEnd() int64 { return db.Now() + p.b.s.cfg.Lease.Microseconds() }

// lease writes the blobs' rows and tells which objects are not stored yet. It
// does not wait for the disk: where a loss of power takes a row back, nothing
// refers to it yet, and the object it may leave is one that doctor finds. An
// id that is given out again makes another key, or one of the same bytes.
func (p *publication) lease(ctx context.Context) ([]bool, error) {
	missing := make([]bool, len(p.rel.Files))
	p.blobs = make([]int64, len(p.rel.Files))
	return missing, p.b.s.db.Note(ctx, func(tx *db.Tx) error {
		for i, f := range p.rel.Files {
			id, present, err := packages.Lease(ctx, tx, f.Body.Digests(), f.Body.Size(), p.leaseEnd())
			if err != nil {
				return err
			}
			p.blobs[i], missing[i] = id, !present
		}
		return nil
	})
}

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
		if !ok {
			p.lost = append(p.lost, blob.Key{SHA256: p.rel.Files[i].Body.Digests().SHA256, Row: id})
		}
	}
	if len(p.lost) > 0 {
		return nil, errLeaseLost
	}
	registryID, err := packages.TouchRegistry(ctx, tx, b.scope.Ref, b.k.Info.ID, now)
	if err != nil {
		return nil, err
	}
	pkg, _, err := packages.AddPackage(ctx, tx, packages.Package{
		UUID: uuid.New(), RegistryID: registryID, ScopeKind: b.scope.Kind, ScopeID: b.scope.ID, Format: b.k.Info.ID,
		Name: p.rel.Package, Canon: p.pkg, Description: p.rel.Description,
		Modified: now, Created: now, Updated: now, PublisherID: b.actor.ID,
	})
	if err != nil {
		return nil, err
	}
	row := packages.Version{
		UUID: uuid.New(), PackageID: pkg.ID, Name: p.rel.Version, Canon: p.version, Metadata: p.rel.Metadata,
		Upload: uint8(b.door), PublisherID: b.actor.ID, Prerelease: p.rel.Prerelease,
		SourceTag: p.rel.Origin.Tag, SourceCommit: p.rel.Origin.Commit, SourceTagger: p.rel.Origin.Tagger,
		Size: p.size, Created: now,
	}
	versions, bytes := 1, p.size
	var added bool
	if row.ID, added, err = packages.AddVersion(ctx, tx, row); err != nil {
		return nil, err
	}
	if !added {
		if p.rel.Existing == format.Refuse {
			return nil, errTaken
		}
		gone, err := p.meet(ctx, tx, &row)
		if err != nil {
			return nil, err
		}
		versions, bytes = 0, p.size-gone
	}
	var kept []packages.File
	if !added { // what the version held before is part of the answer
		if kept, err = packages.FilesOf(ctx, tx, []int64{row.ID}); err != nil {
			return nil, err
		}
	}
	v := join(&pkg, []packages.Version{row}, kept)[0]
	for i, f := range p.rel.Files {
		file := packages.File{
			UUID: uuid.New(), VersionID: row.ID, Name: f.Name, Canon: canonicalFile(f.Name), BlobID: p.blobs[i],
			MediaType: f.MediaType, Upload: uint8(b.door), PublisherID: b.actor.ID, Created: now, Size: f.Body.Size(),
		}
		d := f.Body.Digests()
		file.Sha256, file.Md5, file.Sha1, file.Sha512 = d.SHA256, d.MD5, d.SHA1, d.SHA512
		ok, err := packages.AddFile(ctx, tx, file)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, fault.New(fault.Conflict, "the file %q of %s %s already exists", f.Name, pkg.Name, row.Name)
		}
		v.Files = append(v.Files, toFile(&file, pkg.Name, row.Name))
	}
	if err := p.describe(ctx, tx, &pkg, row.ID); err != nil {
		return nil, err
	}
	b.k.promote(&pkg, &row, p.rel.Description)
	pkg.Updated, pkg.PublisherID = now, b.actor.ID
	return v, packages.Grow(ctx, tx, &pkg, versions, bytes, now)
}

// meet deals with a version that exists: its files stay (Add) or go (Replace).
// It gives the bytes that went.
func (p *publication) meet(ctx context.Context, tx *db.Tx, row *packages.Version) (gone int64, err error) {
	old, ok, err := packages.VersionByName(ctx, tx, row.PackageID, row.Canon)
	if err != nil || !ok {
		return 0, errors.Join(err, errTaken)
	}
	if p.rel.Existing == format.Replace {
		gone = old.Size
		if err := packages.ReplaceVersion(ctx, tx, old.ID, row); err != nil {
			return 0, err
		}
		row.ID, row.UUID, row.Name, row.Downloads = old.ID, old.UUID, old.Name, old.Downloads
		return gone, nil
	}
	fresh := row.Size
	*row = old
	row.Size += fresh
	_, err = tx.Exec(ctx, "UPDATE version SET size = size + ? WHERE id = ?", fresh, old.ID)
	return 0, err
}

// describe writes what hangs on a version: README, properties, tags.
func (p *publication) describe(ctx context.Context, tx *db.Tx, pkg *packages.Package, versionID int64) error {
	props := map[string]string{}
	for name, value := range p.rel.Properties {
		props[name] = value
	}
	if p.rel.Readme.Text != "" {
		props[readmeName], props[readmeText] = p.rel.Readme.Name, p.rel.Readme.Text
	}
	for name, value := range props {
		if err := packages.SetProperty(ctx, tx, "version", versionID, name, value); err != nil {
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

// Names of the properties that hold a version's README.
const (
	readmeName = "readme.name"
	readmeText = "readme.text"
)

// canonicalFile gives the form of a file name that is unique in a version.
func canonicalFile(name string) string { return strings.ToLower(name) }

// promote makes v the newest version of p if it is. The description follows
// the newest version.
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
