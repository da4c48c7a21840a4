package conda

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
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
	"ingot.dev/modules/formats/conda/condatest"
)

// shelf is a registry in memory, as far as this format uses one. Each publication
// is a second later than the one before.
type shelf struct {
	format.Registry
	format.Server
	packages map[string][]*format.Version // the newest first
	bodies   map[string][]byte            // by SHA-256
	now      time.Time
	updated  []string // names, by their last publication
	asked    int      // questions to the database
}

func newShelf() *shelf {
	return &shelf{packages: map[string][]*format.Version{}, bodies: map[string][]byte{}, now: time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)}
}

func (s *shelf) Each(_ context.Context, f format.Filter) iter.Seq2[[]*format.Version, error] {
	s.asked++
	return func(yield func([]*format.Version, error) bool) {
		names := f.Packages
		if names == nil {
			for name := range s.packages {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		for _, name := range names {
			var versions []*format.Version
			for _, v := range s.packages[name] {
				kept := *v
				kept.Files = nil
				for _, file := range v.Files {
					if strings.HasPrefix(file.Name, f.Files) {
						kept.Files = append(kept.Files, file)
					}
				}
				if len(kept.Files) > 0 {
					versions = append(versions, &kept)
				}
			}
			if len(versions) > 0 && !yield(versions, nil) {
				return
			}
		}
	}
}

func (s *shelf) Version(_ context.Context, name, version string) (*format.Version, error) {
	canon, err := New().CanonicalVersion(version)
	for _, v := range s.packages[name] {
		if err == nil && v.Canon == canon {
			return v, nil
		}
	}
	return nil, fault.New(fault.NotFound, "there is no %s %s here", name, version)
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

func (s *shelf) Newest(_ context.Context, q format.Query) ([]*format.Version, int, error) {
	s.asked++
	var out []*format.Version
	for _, name := range slices.Backward(s.updated) {
		if len(out) < q.Limit {
			out = append(out, s.packages[name][0])
		}
	}
	return out, len(s.updated), nil
}

func (s *shelf) Stage(_ context.Context, r io.Reader, _ int64) (blob.Staged, error) {
	b, err := io.ReadAll(r)
	return blob.FromBytes(b), err
}

// Publish does what Existing: Add means.
func (s *shelf) Publish(ctx context.Context, rel format.Release) (*format.Version, error) {
	v, err := s.Version(ctx, rel.Package, rel.Version)
	if err != nil {
		canon, err := New().CanonicalVersion(rel.Version)
		if err != nil {
			return nil, err
		}
		v = &format.Version{Package: rel.Package, Name: rel.Version, Canon: canon, Metadata: rel.Metadata, Prerelease: rel.Prerelease}
		s.packages[rel.Package] = append(s.packages[rel.Package], v)
		slices.SortFunc(s.packages[rel.Package], func(a, b *format.Version) int { return New().Compare(b.Canon, a.Canon) })
	}
	f := rel.Files[0]
	if _, err := s.File(ctx, format.FileRef{Package: rel.Package, Version: rel.Version, File: f.Path()}); err == nil {
		return nil, fault.New(fault.Conflict, "taken")
	}
	body := make([]byte, f.Body.Size())
	if _, err := f.Body.ReadAt(body, 0); err != nil {
		return nil, err
	}
	s.bodies[f.Body.Digests().SHA256] = body
	s.now = s.now.Add(time.Second)
	v.Files = append(v.Files, &format.File{
		Package: v.Package, Version: v.Name, Name: f.Path(), Size: f.Body.Size(), Digests: f.Body.Digests(), Metadata: f.Metadata, Created: s.now,
	})
	slices.SortFunc(v.Files, func(a, b *format.File) int { return strings.Compare(a.Name, b.Name) })
	s.updated = append(slices.DeleteFunc(s.updated, func(n string) bool { return n == rel.Package }), rel.Package)
	return v, nil
}

// desk is the server.
type desk struct{ *shelf }

func (d desk) Receive(q *format.Request, _ int64) (blob.Staged, error) {
	return d.Stage(q.Context(), q.R.Body, 0)
}

func (d desk) File(q *format.Request, f *format.File) error {
	return q.Bytes(http.StatusOK, "application/octet-stream", d.bodies[f.Digests.SHA256])
}

// Document gives the packed form of a document unpacked: packing is not this
// format's.
func (d desk) Document(q *format.Request, kind, key string) error {
	for _, doc := range New().Documents() {
		if doc.Kind == strings.TrimSuffix(kind, packed) {
			var b bytes.Buffer
			if err := doc.Build(q.Context(), format.Build{Reg: q.Reg, Base: q.Base, Key: key}, &b); err != nil {
				return err
			}
			return q.Bytes(http.StatusOK, doc.ContentType, b.Bytes())
		}
	}
	return fmt.Errorf("no document %q", kind)
}

// do makes a request to the route that fits and gives the answer. A fault is
// answered by its kind's name and message.
func (s *shelf) do(t testing.TB, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	return formattest.Answer(t, New(), r.URL.EscapedPath(), &format.Request{R: r, Reg: s, Server: desk{s}, Base: "http://ingot.example/conda"})
}

func (s *shelf) get(t testing.TB, path string) string {
	t.Helper()
	return s.do(t, httptest.NewRequest(http.MethodGet, "/"+path, nil)).Body.String()
}

// put publishes bytes and gives the answer.
func (s *shelf) put(t testing.TB, path string, body []byte) string {
	t.Helper()
	return s.do(t, httptest.NewRequest(http.MethodPut, "/"+path, bytes.NewReader(body))).Body.String()
}

// must publishes a build.
func (s *shelf) must(t testing.TB, folder string, b condatest.Build) {
	t.Helper()
	if got := s.put(t, folder+b.File(), b.Conda()); got != "published\n" {
		t.Fatalf("%s: %s", b.File(), got)
	}
}

// large publishes n builds of a package past the parsers, each with a record of a
// usual size.
func (s *shelf) large(name string, n int) {
	v := &format.Version{Package: name, Name: "1", Canon: "1"}
	for i := range n {
		s.now = s.now.Add(time.Second)
		stem := fmt.Sprintf("%s-1-%d", name, i)
		kept := build{Record: fmt.Appendf(nil, `{"build":"%d","constrains":[%s"z"],"depends":[],"name":%q}`, i, strings.Repeat(`"another-package >=1.0,<2",`, 24), name)}
		v.Files = append(v.Files, &format.File{Package: name, Version: "1", Name: noarch + "/" + stem + second, Metadata: kept.text(), Created: s.now})
	}
	s.packages[name] = []*format.Version{v}
	s.updated = append(s.updated, name)
}

// simple is a build of a package that needs others.
func simple(name, version string, depends ...string) condatest.Build {
	return condatest.Build{Name: name, Version: version, Build: "0", Index: indexText(name, version, "0", `"noarch":"generic"`, depends...)}
}

func indexText(name, version, build, more string, depends ...string) string {
	list := []string{}
	for _, d := range depends {
		list = append(list, formattest.Quote(d))
	}
	return fmt.Sprintf(`{"name":%q,"version":%q,"build":%q,"build_number":0,"depends":[%s],%s}`, name, version, build, strings.Join(list, ","), more)
}
