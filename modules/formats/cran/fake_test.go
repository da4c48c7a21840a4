package cran

import (
	"bytes"
	"context"
	"fmt"
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
	"ingot.dev/modules/format"
	"ingot.dev/modules/format/formattest"
	"ingot.dev/modules/formats/cran/crantest"
)

// shelf is a registry in memory, as far as this format uses one.
type shelf struct {
	format.Registry
	format.Server
	packages map[string][]*format.Version // by canonical name, the newest first
	bodies   map[string][]byte            // by SHA-256
	asked    []format.Filter
}

func newShelf() *shelf {
	return &shelf{packages: map[string][]*format.Version{}, bodies: map[string][]byte{}}
}

func (s *shelf) Package(ctx context.Context, name string) (*format.Package, error) {
	versions, err := s.Versions(ctx, name)
	if err != nil {
		return nil, err
	}
	return &format.Package{Name: versions[0].Package, Latest: versions[0].Name}, nil
}

func (s *shelf) Versions(_ context.Context, name string) ([]*format.Version, error) {
	canon, err := CanonicalName(name)
	if err != nil || s.packages[canon] == nil {
		return nil, fault.New(fault.NotFound, "there is no package %s here", name)
	}
	return s.packages[canon], nil
}

func (s *shelf) Version(ctx context.Context, name, version string) (*format.Version, error) {
	versions, err := s.Versions(ctx, name)
	canon, wrong := CanonicalVersion(version)
	i := slices.IndexFunc(versions, func(v *format.Version) bool { return wrong == nil && v.Canon == canon })
	if err != nil || i < 0 {
		return nil, fault.New(fault.NotFound, "there is no %s %s here", name, version)
	}
	return versions[i], nil
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
	return nil, fault.New(fault.NotFound, "there is no %s here", ref.File)
}

func (s *shelf) Each(_ context.Context, filter format.Filter) iter.Seq2[[]*format.Version, error] {
	s.asked = append(s.asked, filter)
	return func(yield func([]*format.Version, error) bool) {
		for _, name := range slices.Sorted(maps.Keys(s.packages)) {
			var chosen []*format.Version
			for _, v := range s.packages[name] {
				part := *v
				part.Files = slices.DeleteFunc(slices.Clone(v.Files), func(f *format.File) bool { return !strings.HasPrefix(f.Name, filter.Files) })
				if len(part.Files) > 0 {
					chosen = append(chosen, &part)
				}
			}
			if chosen != nil && !yield(chosen, nil) {
				return
			}
		}
	}
}

// Publish does what Existing: Add means.
func (s *shelf) Publish(ctx context.Context, rel format.Release) (*format.Version, error) {
	if rel.Existing != format.Add {
		return nil, fmt.Errorf("a file that does not join its version")
	}
	f := rel.Files[0]
	defer f.Body.Discard()
	canon, err := CanonicalName(rel.Package)
	if err != nil {
		return nil, err
	}
	v, err := s.Version(ctx, rel.Package, rel.Version)
	if err != nil {
		version, err := CanonicalVersion(rel.Version)
		if err != nil {
			return nil, err
		}
		v = &format.Version{Package: rel.Package, Name: rel.Version, Canon: version}
		s.packages[canon] = append(s.packages[canon], v)
		slices.SortFunc(s.packages[canon], func(a, b *format.Version) int { return compare(b.Canon, a.Canon) })
	}
	if v.Package != rel.Package || v.Name != rel.Version {
		return nil, fault.New(fault.Conflict, "%s %s already exists, and %s %s is another spelling", v.Package, v.Name, rel.Package, rel.Version)
	}
	if _, err := s.File(ctx, format.FileRef{Package: rel.Package, Version: rel.Version, File: f.Path()}); err == nil {
		return nil, fault.New(fault.Conflict, "taken")
	}
	if rel.Metadata != nil {
		v.Metadata = rel.Metadata
	}
	if rel.Language != "" {
		v.Language = rel.Language
	}
	b := make([]byte, f.Body.Size())
	if _, err := f.Body.ReadAt(b, 0); err != nil {
		return nil, err
	}
	sums := f.Body.Digests()
	s.bodies[sums.SHA256] = b
	v.Files = append(v.Files, &format.File{
		Package: v.Package, Version: v.Name, Name: f.Path(), Size: int64(len(b)), Digests: sums, MediaType: f.MediaType,
		Metadata: f.Metadata, Created: time.Date(2026, 1, 2, 12, 0, 0, 5000, time.UTC),
	})
	return v, nil
}

// desk is the server before the shelf.
type desk struct{ *shelf }

func (d desk) Receive(q *format.Request, _ int64) (blob.Staged, error) {
	var b bytes.Buffer
	if _, err := b.ReadFrom(q.R.Body); err != nil {
		return nil, err
	}
	return blob.FromBytes(b.Bytes()), nil
}

func (d desk) File(q *format.Request, f *format.File) error {
	return q.Bytes(http.StatusOK, f.MediaType, d.bodies[f.Digests.SHA256])
}

// Document builds a document; one that is packed is not packed here.
func (d desk) Document(q *format.Request, kind, key string) error {
	for _, doc := range New().Documents() {
		if doc.Kind == strings.TrimSuffix(kind, gzipped) {
			var b bytes.Buffer
			if err := doc.Build(q.Context(), format.Build{Reg: q.Reg, Base: q.Base, Key: key}, &b); err != nil {
				return err
			}
			return q.Bytes(http.StatusOK, doc.ContentType, b.Bytes())
		}
	}
	return fmt.Errorf("no document %q", kind)
}

// ask makes a request to the route that fits and gives the status that the
// kind of a fault stands for, and the body.
func (s *shelf) ask(t testing.TB, method, path string, body []byte) (int, string) {
	t.Helper()
	r, w := httptest.NewRequest(method, "/"+path, bytes.NewReader(body)), httptest.NewRecorder()
	err := formattest.Handle(t, New(), r.URL.EscapedPath(), &format.Request{W: w, R: r, Reg: s, Server: desk{s}, Base: "http://ingot.example"})
	return status(t, w, err)
}

func status(t testing.TB, w *httptest.ResponseRecorder, err error) (int, string) {
	t.Helper()
	if err == nil {
		return w.Code, w.Body.String()
	}
	code, ok := map[fault.Kind]int{fault.Invalid: 400, fault.NotFound: 404, fault.Conflict: 409, fault.TooLarge: 413}[fault.KindOf(err)]
	if !ok {
		t.Errorf("%v", err)
	}
	return code, fault.From(err).Message
}

// put publishes what has to be taken.
func (s *shelf) put(t testing.TB, path string, body []byte) {
	t.Helper()
	if code, text := s.ask(t, http.MethodPut, path, body); code != http.StatusCreated {
		t.Fatalf("%s: %d %s", path, code, text)
	}
}

func sourceOfPackage(name, version string, more ...string) []byte {
	return crantest.Source(name, crantest.Description(name, version, more...))
}

// builtPackage packs what R CMD INSTALL --build makes.
func builtPackage(k kind, name, version, platform string, more ...string) []byte {
	system := map[kind]string{tarred: "unix", zipped: "windows"}[k]
	entries := []formattest.Entry{
		{Name: name + "/DESCRIPTION", Text: crantest.Description(name, version, append(more, "Built: R 4.2.2; "+platform+"; 2026-01-02 12:00:00 UTC; "+system+"\n")...)},
		{Name: name + "/INDEX", Text: ""},
	}
	if k == zipped {
		return formattest.Zip(entries...)
	}
	return formattest.Tarball(entries...)
}
