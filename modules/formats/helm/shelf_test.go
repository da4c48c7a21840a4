package helm

import (
	"bytes"
	"context"
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
	packages [][]*format.Version
	released []format.Release
	mayOnly  bool // publish, and not delete
}

func (s *shelf) Each(_ context.Context, f format.Filter) iter.Seq2[[]*format.Version, error] {
	return func(yield func([]*format.Version, error) bool) {
		for _, versions := range s.packages {
			if (f.Packages == nil || slices.Contains(f.Packages, versions[0].Package)) && !yield(versions, nil) {
				return
			}
		}
	}
}

func (s *shelf) Names(context.Context) ([]string, error) {
	var names []string
	for _, versions := range s.packages {
		names = append(names, versions[0].Package)
	}
	return names, nil
}

func (s *shelf) Versions(_ context.Context, name string) ([]*format.Version, error) {
	for _, versions := range s.packages {
		if strings.EqualFold(versions[0].Package, name) {
			return versions, nil
		}
	}
	return nil, fault.New(fault.NotFound, "there is no %s here", name)
}

func (s *shelf) Version(ctx context.Context, name, version string) (*format.Version, error) {
	versions, err := s.Versions(ctx, name)
	for _, v := range versions {
		if v.Name == version {
			return v, nil
		}
	}
	return nil, fault.Wrap(fault.NotFound, err, "there is no %s %s here", name, version)
}

func (s *shelf) File(ctx context.Context, ref format.FileRef) (*format.File, error) {
	v, err := s.Version(ctx, ref.Package, ref.Version)
	if err != nil {
		return nil, err
	}
	for _, f := range v.Files {
		if f.Name == ref.File {
			return f, nil
		}
	}
	return nil, fault.New(fault.NotFound, "there is no %s here", ref.File)
}

func (s *shelf) Stage(_ context.Context, r io.Reader, _ int64) (blob.Staged, error) {
	b, err := io.ReadAll(r)
	return blob.FromBytes(b), err
}

// desk is the server of a shelf.
type desk struct {
	format.Server
	*shelf
}

func (d desk) File(*format.Request, *format.File) error { return nil }

func (d desk) Receive(q *format.Request, limit int64) (blob.Staged, error) {
	return d.Stage(q.Context(), q.R.Body, limit)
}

func (d desk) With(_ *format.Request, p forge.Permission) (format.Registry, error) {
	if d.mayOnly {
		return nil, fault.New(fault.Denied, "you may not %s", p)
	}
	return d.shelf, nil
}

func (s *shelf) Publish(_ context.Context, rel format.Release) (*format.Version, error) {
	s.released = append(s.released, rel)
	return &format.Version{Package: rel.Package, Name: rel.Version}, nil
}

// add puts a chart there, made of a Chart.yaml.
func (s *shelf) add(t testing.TB, text string, more ...string) {
	t.Helper()
	c, err := ParseChart([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	record, err := c.record()
	if err != nil {
		t.Fatal(err)
	}
	v := &format.Version{Package: c.Name, Name: c.Version, Metadata: record, Created: noon}
	for _, name := range append(more, fileName(c.Name, c.Version)) {
		v.Files = append(v.Files, &format.File{Package: c.Name, Version: c.Version, Name: name, Digests: blob.Digests{SHA256: someSum}})
	}
	if n := len(s.packages); n > 0 && s.packages[n-1][0].Package == c.Name {
		s.packages[n-1] = append(s.packages[n-1], v)
		return
	}
	s.packages = append(s.packages, []*format.Version{v})
}

// build gives a document.
func (s *shelf) build(t testing.TB, kind, key string) string {
	t.Helper()
	for _, d := range New().Documents() {
		if d.Kind == kind {
			var b bytes.Buffer
			if err := d.Build(t.Context(), format.Build{Reg: s, Key: key}, &b); err != nil {
				t.Fatal(err)
			}
			return b.String()
		}
	}
	t.Fatalf("there is no document %q", kind)
	return ""
}

// do makes a request to the route that fits. A fault is answered by its kind
// and message.
func (s *shelf) do(t testing.TB, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	return formattest.Answer(t, New(), r.URL.EscapedPath(), &format.Request{R: r, Reg: s, Server: desk{shelf: s}})
}
