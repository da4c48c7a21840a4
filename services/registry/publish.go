package registry

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"unicode/utf8"

	"ingot.dev/models/db"
	"ingot.dev/models/packages"
	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
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
	fresh   int64 // bytes of it that come with the release
}

// attempts is how often a publication begins anew after a lease was lost.
const attempts = 4

// Publish implements format.Writer.
func (b *bound) Publish(ctx context.Context, rel format.Release) (*format.Version, error) {
	defer func() {
		for _, f := range rel.Files {
			if f.Held == nil {
				f.Body.Discard()
			}
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
	p.rel.Description, p.rel.Language = shorten(db.Text(p.rel.Description)), db.Text(p.rel.Language)
	p.rel.Origin.Tagger = db.Text(p.rel.Origin.Tagger)
	seen := map[string]bool{}
	for _, f := range p.rel.Files {
		if err := checkText("file name", f.Name); err != nil {
			return err
		}
		if strings.ContainsAny(f.Name, `/\`) || f.Name == "." || f.Name == ".." {
			return fault.New(fault.Invalid, "the file name %q is not allowed", f.Name)
		}
		if f.Folder != "" {
			if err := checkText("folder", f.Folder); err != nil {
				return err
			}
			if !fs.ValidPath(f.Folder) || f.Folder == "." || strings.Contains(f.Folder, `\`) {
				return fault.New(fault.Invalid, "the folder %q is not allowed", f.Folder)
			}
		}
		if seen[canonicalFile(f.Path())] {
			return fault.New(fault.Invalid, "the file %q is in the release twice", f.Path())
		}
		seen[canonicalFile(f.Path())] = true
		p.size += size(f)
		if f.Held == nil { // what is held was admitted when it came
			p.fresh += size(f)
		}
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

// maxDescription bounds what lists tell of each package, in bytes. The rest of a
// longer one is for the version's own record.
const maxDescription = 2000

func shorten(s string) string {
	if len(s) <= maxDescription {
		return s
	}
	return strings.ToValidUTF8(s[:maxDescription], "")
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
	if used+p.fresh > limit {
		return fault.New(fault.Quota, "the registry's storage is used up: %d of %d bytes, and this release has %d", used, limit, p.fresh)
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
		same = same && has(v.Files, digests(f).SHA256)
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
			if f.Held != nil {
				p.blobs[i] = f.Held.Key.Row // commit renews its lease, or finds that it went
				continue
			}
			id, present, err := packages.Lease(ctx, tx, f.Body.Digests(), f.Body.Size(), p.leaseEnd())
			if err != nil {
				return err
			}
			p.blobs[i], missing[i] = id, !present
		}
		return nil
	})
}
