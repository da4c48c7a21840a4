package opm

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
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/format/formattest"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 5000, time.UTC)

// shelf is a registry in memory, as far as this format uses one.
type shelf struct {
	format.Registry
	packages []*[]*format.Version
	bodies   map[string][]byte // by digest
	mayOnly  bool              // publish, and not delete
}

func newShelf() *shelf { return &shelf{bodies: map[string][]byte{}} }

func (s *shelf) Each(_ context.Context, f format.Filter) iter.Seq2[[]*format.Version, error] {
	return func(yield func([]*format.Version, error) bool) {
		for _, versions := range s.packages {
			var some []*format.Version
			for _, v := range *versions {
				fits := *v
				fits.Files = slices.DeleteFunc(slices.Clone(v.Files), func(x *format.File) bool { return !strings.HasPrefix(x.Name, f.Files) })
				if len(fits.Files) > 0 {
					some = append(some, &fits)
				}
			}
			if len(some) > 0 && !yield(some, nil) {
				return
			}
		}
	}
}

func (s *shelf) find(name string) *[]*format.Version {
	canon, err := CanonicalName(name)
	for _, versions := range s.packages {
		if own, _ := CanonicalName((*versions)[0].Package); err == nil && own == canon {
			return versions
		}
	}
	return nil
}

func (s *shelf) Versions(_ context.Context, name string) ([]*format.Version, error) {
	if versions := s.find(name); versions != nil {
		return *versions, nil
	}
	return nil, fault.New(fault.NotFound, "there is no %s here", name)
}

func (s *shelf) Version(ctx context.Context, name, version string) (*format.Version, error) {
	versions, err := s.Versions(ctx, name)
	canon, wrong := CanonicalVersion(version)
	for _, v := range versions {
		if wrong == nil && v.Canon == canon {
			return v, nil
		}
	}
	return nil, fault.Wrap(fault.NotFound, err, "there is no %s %s here", name, version)
}

func (s *shelf) Stage(_ context.Context, r io.Reader, _ int64) (blob.Staged, error) {
	b, err := io.ReadAll(r)
	return blob.FromBytes(b), err
}

// Publish does what Existing: Add and Update mean.
func (s *shelf) Publish(ctx context.Context, rel format.Release) (*format.Version, error) {
	versions := s.find(rel.Package)
	if versions == nil {
		versions = &[]*format.Version{}
		s.packages = append(s.packages, versions)
	}
	canon, err := CanonicalVersion(rel.Version)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(*versions, func(v *format.Version) bool { return v.Canon == canon })
	if i < 0 {
		i = len(*versions)
		name := rel.Package
		if i > 0 {
			name = (*versions)[0].Package
		}
		*versions = append(*versions, &format.Version{Package: name, Name: rel.Version, Canon: canon})
	}
	v := (*versions)[i]
	if rel.Metadata != nil {
		v.Metadata, v.Prerelease = rel.Metadata, rel.Prerelease
	}
	f := rel.Files[0]
	same := func(x *format.File) bool { return strings.EqualFold(x.Name, f.Path()) }
	if rel.Existing == format.Add && slices.ContainsFunc(v.Files, same) {
		return nil, fault.New(fault.Conflict, "%s already exists", f.Path())
	}
	v.Files = append(slices.DeleteFunc(v.Files, same), &format.File{
		Package: v.Package, Version: v.Name, Name: f.Path(), Size: f.Body.Size(), Digests: f.Body.Digests(), Metadata: f.Metadata, Created: noon,
	})
	b := make([]byte, f.Body.Size())
	if _, err := f.Body.ReadAt(b, 0); err != nil {
		return nil, err
	}
	s.bodies[f.Body.Digests().SHA256] = b
	slices.SortFunc(*versions, func(a, b *format.Version) int { return Compare(b.Canon, a.Canon) })
	return v, nil
}

// desk is the server of a shelf.
type desk struct {
	format.Server
	*shelf
}

func (d desk) File(q *format.Request, f *format.File) error {
	return q.Bytes(http.StatusOK, "application/zip", d.bodies[f.Digests.SHA256])
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

func (d desk) Receive(q *format.Request, limit int64) (blob.Staged, error) {
	return d.Stage(q.Context(), q.R.Body, limit)
}

func (d desk) With(_ *format.Request, p forge.Permission) (format.Registry, error) {
	if d.mayOnly {
		return nil, fault.New(fault.Denied, "you may not %s", p)
	}
	return d.shelf, nil
}

// do makes a request to the route that fits. A fault is answered by its kind
// and message.
func (s *shelf) do(t testing.TB, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	return formattest.Answer(t, New(), r.URL.EscapedPath(), &format.Request{R: r, Reg: s, Server: desk{shelf: s}})
}

func (s *shelf) get(t testing.TB, path string) string {
	t.Helper()
	return s.do(t, httptest.NewRequest(http.MethodGet, path, nil)).Body.String()
}

// push sends a package as opm does.
func (s *shelf) push(t testing.TB, target string, body []byte, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, target, bytes.NewReader(body))
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return s.do(t, r)
}
