package nuget

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/format/formattest"
	"ingot.dev/modules/formats/nuget/nugettest"
	"ingot.dev/modules/scope"
)

const base = "https://ingot.example/project/ann/shop/package/-/nuget"

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// shelf is a registry in memory.
type shelf struct {
	format.Registry
	packages   map[string]*kept // by canonical name
	bodies     map[string][]byte
	settings   map[string]string
	advisories []format.Advisory
	mayDelete  bool
	asked      format.Query // the last one
	staged     []blob.Staged
	counted    int // downloads
}

// kept is a package with its versions, the newest first.
type kept struct {
	format.Package
	versions []*format.Version
	readmes  map[string]format.Readme
}

func newShelf() *shelf {
	return &shelf{packages: map[string]*kept{}, bodies: map[string][]byte{}, settings: map[string]string{}}
}

func (s *shelf) find(name string) (*kept, error) {
	canon, err := CanonicalName(name)
	if p := s.packages[canon]; err == nil && p != nil {
		return p, nil
	}
	return nil, fault.New(fault.NotFound, "there is no package %q here", name)
}

func (s *shelf) Package(_ context.Context, name string) (*format.Package, error) {
	p, err := s.find(name)
	if err != nil {
		return nil, err
	}
	out := p.Package
	out.Latest = ""
	for _, v := range p.versions { // the newest release, or else the newest before one
		if !v.Yanked && (!v.Prerelease || out.Latest == "") {
			if out.Latest = v.Name; !v.Prerelease {
				break
			}
		}
	}
	return &out, nil
}

func (s *shelf) Versions(_ context.Context, name string) ([]*format.Version, error) {
	p, err := s.find(name)
	if err != nil {
		return nil, err
	}
	return p.versions, nil
}

func (s *shelf) Version(_ context.Context, name, version string) (*format.Version, error) {
	p, err := s.find(name)
	if err != nil {
		return nil, err
	}
	canon, err := CanonicalVersion(version)
	for _, v := range p.versions {
		if err == nil && v.Canon == canon {
			return v, nil
		}
	}
	return nil, fault.New(fault.NotFound, "%s has no version %q", name, version)
}

func (s *shelf) File(ctx context.Context, ref format.FileRef) (*format.File, error) {
	v, err := s.Version(ctx, ref.Package, ref.Version)
	if err != nil {
		return nil, err
	}
	for _, f := range v.Files {
		if strings.EqualFold(f.Name, ref.File) {
			return f, nil
		}
	}
	return nil, fault.New(fault.NotFound, "there is no file %q", ref.File)
}

func (s *shelf) Readme(ctx context.Context, name, version string) (format.Readme, error) {
	v, err := s.Version(ctx, name, version)
	if err != nil {
		return format.Readme{}, err
	}
	p, _ := s.find(name)
	return p.readmes[v.Canon], nil
}

func (s *shelf) names() []string {
	var names []string
	for canon := range s.packages {
		names = append(names, canon)
	}
	slices.Sort(names)
	return names
}

func (s *shelf) Names(context.Context) ([]string, error) { return s.names(), nil }

func (s *shelf) Setting(_ context.Context, name string) (string, error) { return s.settings[name], nil }

func (s *shelf) Each(_ context.Context, f format.Filter) iter.Seq2[[]*format.Version, error] {
	return func(yield func([]*format.Version, error) bool) {
		for _, name := range s.names() {
			if f.Packages != nil && !slices.ContainsFunc(f.Packages, func(p string) bool { return strings.EqualFold(p, name) }) {
				continue
			}
			var out []*format.Version
			for _, v := range s.packages[name].versions {
				w := *v
				w.Files = slices.DeleteFunc(slices.Clone(v.Files), func(g *format.File) bool {
					return !strings.HasPrefix(strings.ToLower(g.Name), strings.ToLower(f.Files)) || f.File != "" && !strings.EqualFold(g.Name, f.File)
				})
				if w.Properties = nil; f.Files+f.File == "" || len(w.Files) > 0 {
					out = append(out, &w)
				}
			}
			if len(out) > 0 && !yield(out, nil) {
				return
			}
		}
	}
}

// Search finds in the order of names.
func (s *shelf) Search(_ context.Context, q format.Query) ([]*format.Package, int, error) {
	s.asked = q
	var found []*format.Package
	for _, name := range s.names() {
		p := s.packages[name]
		fits := strings.HasPrefix(name, q.Prefix) && (strings.Contains(name, q.Text) || strings.Contains(strings.ToLower(p.Description), q.Text))
		for _, property := range q.Has {
			fits = fits && p.Properties[property] != ""
		}
		listed := slices.ContainsFunc(p.versions, func(v *format.Version) bool { return !v.Yanked && !(q.Released && v.Prerelease) })
		if fits && listed {
			found = append(found, &p.Package)
		}
	}
	total := len(found)
	found = found[min(q.Offset, total):]
	return found[:min(q.Limit, len(found))], total, nil
}

func (s *shelf) Stage(_ context.Context, r io.Reader, _ int64) (blob.Staged, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the upload broke off")
	}
	body := &watched{Staged: blob.FromBytes(b)}
	s.staged = append(s.staged, body)
	return body, nil
}

// watched notes whether it was discarded.
type watched struct {
	blob.Staged
	gone bool
}

func (w *watched) Discard() { w.gone = true; w.Staged.Discard() }

func (s *shelf) Publish(ctx context.Context, rel format.Release) (*format.Version, error) {
	defer func() {
		for _, f := range rel.Files {
			f.Body.Discard()
		}
	}()
	canon, err := CanonicalName(rel.Package)
	if err != nil {
		return nil, err
	}
	p := s.packages[canon]
	if p == nil {
		p = &kept{Package: format.Package{UUID: "u-" + canon, Name: rel.Package, Properties: map[string]string{}}, readmes: map[string]format.Readme{}}
		s.packages[canon] = p
	}
	v, err := s.Version(ctx, rel.Package, rel.Version)
	if err == nil && rel.Existing == format.Refuse {
		return nil, fault.New(fault.Conflict, "%s %s already exists", rel.Package, rel.Version)
	}
	if err != nil {
		canon, err := CanonicalVersion(rel.Version)
		if err != nil {
			return nil, err
		}
		v = &format.Version{
			Package: p.Name, Name: rel.Version, Canon: canon, Metadata: rel.Metadata, Prerelease: rel.Prerelease,
			Created: noon.Add(time.Duration(len(p.versions)) * time.Hour), Properties: maps.Clone(rel.Properties),
		}
		p.versions = append(p.versions, v)
		slices.SortFunc(p.versions, func(a, b *format.Version) int { return compareCanonical(b.Canon, a.Canon) })
		p.Description, p.Latest, p.readmes[canon] = rel.Description, p.versions[0].Name, rel.Readme
		for k, value := range rel.About {
			p.Properties[k] = value
		}
	}
	for _, f := range rel.Files {
		if _, err := s.File(ctx, format.FileRef{Package: rel.Package, Version: rel.Version, File: f.Path()}); err == nil {
			return nil, fault.New(fault.Conflict, "the file %q already exists", f.Path())
		}
		b := make([]byte, f.Body.Size())
		if _, err := f.Body.ReadAt(b, 0); err != nil && err != io.EOF {
			return nil, err
		}
		s.bodies[f.Body.Digests().SHA256] = b
		v.Files = append(v.Files, &format.File{Package: p.Name, Version: v.Name, Name: f.Path(), Size: f.Body.Size(), Digests: f.Body.Digests(), MediaType: f.MediaType, VersionID: 1, Created: noon.Add(time.Duration(len(s.bodies)) * time.Minute)})
	}
	return v, nil
}

func (s *shelf) Edit(ctx context.Context, name string, changes ...format.Change) error {
	for _, c := range changes {
		yank := c.(format.Yank)
		v, err := s.Version(ctx, name, yank.Version)
		if err != nil {
			return err
		}
		v.Yanked = yank.On
	}
	return nil
}

func (s *shelf) Delete(ctx context.Context, ref format.FileRef) error {
	v, err := s.Version(ctx, ref.Package, ref.Version)
	if err != nil {
		return err
	}
	p, _ := s.find(ref.Package)
	p.versions = slices.DeleteFunc(p.versions, func(w *format.Version) bool { return w == v })
	return nil
}

func (s *shelf) Open(_ context.Context, f *format.File) (blob.Reader, error) {
	b := s.bodies[f.Digests.SHA256]
	return opened{bytes.NewReader(b), int64(len(b))}, nil
}

type opened struct {
	*bytes.Reader
	size int64
}

func (o opened) Size() int64 { return o.size }
func (opened) Close() error  { return nil }

// desk is the server of a shelf.
type desk struct {
	format.Server
	*shelf
}

func (d desk) Receive(q *format.Request, limit int64) (blob.Staged, error) {
	return d.Stage(q.Context(), q.R.Body, limit)
}

func (d desk) File(q *format.Request, f *format.File) error {
	if f.VersionID != 0 {
		d.counted++
	}
	return q.Bytes(http.StatusOK, f.MediaType, d.bodies[f.Digests.SHA256])
}

func (d desk) Document(q *format.Request, kind, key string) error {
	for _, doc := range New().Documents() {
		if doc.Kind == kind {
			var b bytes.Buffer
			if err := doc.Build(q.Context(), format.Build{Reg: q.Reg, Base: q.Base, Key: key}, &b); err != nil {
				return err
			}
			return q.Bytes(http.StatusOK, doc.ContentType, b.Bytes())
		}
	}
	return fmt.Errorf("no document %q", kind)
}

func (d desk) With(*format.Request, forge.Permission) (format.Registry, error) {
	if !d.mayDelete {
		return nil, fault.New(fault.Denied, "the token lacks the grant packages:delete")
	}
	return d.shelf, nil
}

func (d desk) Advisories(*format.Request, []string) ([]format.Advisory, error) {
	return d.advisories, nil
}

// do makes a request to the route that fits. A fault is answered with its
// kind's name and message.
func (s *shelf) do(t testing.TB, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	return formattest.Answer(t, New(), strings.TrimPrefix(r.URL.EscapedPath(), "/project/ann/shop/package/-/nuget"), &format.Request{
		R: r, Reg: s, Server: desk{shelf: s}, Root: "https://ingot.example", Base: base,
		Scope: scope.Scope{Ref: scope.Ref{Kind: scope.Project}, Path: scope.Path{Kind: scope.Project, Owner: "ann", Name: "shop"}},
	})
}

func (s *shelf) get(t testing.TB, path string) string {
	t.Helper()
	return s.do(t, httptest.NewRequest(http.MethodGet, base+"/"+strings.ReplaceAll(path, " ", "%20"), nil)).Body.String()
}

func (s *shelf) send(t testing.TB, method, path string, content []byte) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, base+"/"+path, nil)
	if content != nil {
		body, kind := nugettest.Form(content)
		r = httptest.NewRequest(method, base+"/"+path, bytes.NewReader(body))
		r.Header.Set("Content-Type", kind)
	}
	return s.do(t, r)
}

// put pushes packages of one id and wants success.
func (s *shelf) put(t testing.TB, id, metadata string, versions ...string) {
	t.Helper()
	for _, v := range versions {
		if w := s.send(t, http.MethodPut, "", nugettest.Package(id, v, metadata)); w.Code != http.StatusCreated {
			t.Fatalf("%s %s: %s", id, v, w.Body)
		}
	}
}
