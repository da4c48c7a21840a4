package cargo

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/format/formattest"
	"ingot.dev/modules/scope"
)

const base = "http://h/cargo"

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC)

// shelf is a registry of one crate, in memory.
type shelf struct {
	format.Registry
	name     string
	versions []*format.Version // newest first
	readme   format.Readme
	edits    []format.Change
	asked    []format.Query
	released []format.Release
}

// newShelf has a crate with some versions, the newest first, of what the
// manifest in testdata says.
func newShelf(t testing.TB, name string, versions ...string) *shelf {
	t.Helper()
	m := manifestOf(t, "Cargo.toml")
	m.settle(base)
	m.Publisher = "ann"
	s := &shelf{name: name, readme: format.Readme{Name: "README.md", Text: "# Money\n"}}
	for i, v := range versions {
		s.versions = append(s.versions, &format.Version{
			UUID: "v" + v, Package: name, Name: v, Canon: v, Metadata: written(m.about), PublisherID: 7, Downloads: int64(i), Created: epoch.Add(-time.Duration(i) * time.Hour),
			Files: []*format.File{{Name: fileName(name, v), Size: 1234, Metadata: written(m.line), Digests: blob.Digests{SHA256: strings.Repeat("0a", 32)}}},
		})
	}
	return s
}

func manifestOf(t testing.TB, file string) *manifest {
	t.Helper()
	m, err := parseManifest(fixture(t, file))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (s *shelf) here(name string) error {
	asked, _ := CanonicalName(name)
	if have, _ := CanonicalName(s.name); len(s.versions) == 0 || asked != have {
		return fault.New(fault.NotFound, "there is no package %q here", name)
	}
	return nil
}

func (s *shelf) Package(_ context.Context, name string) (*format.Package, error) {
	if err := s.here(name); err != nil {
		return nil, err
	}
	latest := ""
	if i := slices.IndexFunc(s.versions, func(v *format.Version) bool { return !v.Yanked }); i >= 0 {
		latest = s.versions[i].Name
	}
	return &format.Package{Name: s.name, Description: "Exact amounts", Latest: latest, Downloads: 42, Created: epoch, Updated: epoch}, nil
}

func (s *shelf) Versions(_ context.Context, name string) ([]*format.Version, error) {
	return slices.Clone(s.versions), s.here(name)
}

func (s *shelf) Version(_ context.Context, name, version string) (*format.Version, error) {
	for _, v := range s.versions {
		if v.Name == version && s.here(name) == nil {
			return v, nil
		}
	}
	return nil, fault.New(fault.NotFound, "%s has no version %q", name, version)
}

func (s *shelf) Readme(context.Context, string, string) (format.Readme, error) { return s.readme, nil }

func (s *shelf) Search(ctx context.Context, q format.Query) ([]*format.Package, int, error) {
	s.asked = append(s.asked, q)
	p, err := s.Package(ctx, s.name)
	return []*format.Package{p}, 31, err
}

func (s *shelf) Edit(_ context.Context, _ string, changes ...format.Change) error {
	s.edits = append(s.edits, changes...)
	return nil
}

func (s *shelf) Stage(_ context.Context, r io.Reader, _ int64) (blob.Staged, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return blob.FromBytes(b), nil
}

func (s *shelf) Publish(_ context.Context, rel format.Release) (*format.Version, error) {
	s.released = append(s.released, rel)
	return &format.Version{Package: rel.Package, Name: rel.Version}, nil
}

// call runs the handler of a route as the router does.
func call(t *testing.T, s *shelf, method, path string, body []byte) (int, string) {
	t.Helper()
	path, _, _ = strings.Cut(path, "#")
	bare, _, _ := strings.Cut(path, "?")
	w := httptest.NewRecorder()
	q := &format.Request{
		W: w, R: httptest.NewRequest(method, "/"+path, bytes.NewReader(body)), Reg: s, Actor: forge.Actor{Name: "ann"},
		Root: "http://h", Base: base, Scope: scope.Scope{Ref: scope.Ref{Kind: scope.Project}, Path: scope.Path{Kind: scope.Project, Owner: "acme", Name: "crates"}},
	}
	if err := formattest.Handle(t, New(), bare, q); err != nil {
		status, ok := map[fault.Kind]int{fault.NotFound: 404, fault.Denied: 403, fault.Conflict: 409, fault.Invalid: 400, fault.Unprocessable: 422, fault.TooLarge: 413}[fault.KindOf(err)]
		if !ok {
			t.Fatalf("%s %s: %v", method, path, err)
		}
		New().Complain(q, status, fault.From(err))
	}
	return w.Code, w.Body.String()
}

// indented makes JSON easy to compare by eye.
func indented(t testing.TB, v any) string {
	t.Helper()
	if text, ok := v.(string); ok {
		v = json.RawMessage(text)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
