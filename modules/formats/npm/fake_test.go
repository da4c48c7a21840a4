package npm

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
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
	"ingot.dev/modules/version"
)

// shelf is a registry of one package, in memory.
type shelf struct {
	format.Registry
	pkg      format.Package
	versions []*format.Version // newest first
	tagged   map[string]string
	edits    []format.Change
}

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 6_000_000, time.UTC)

// newShelf has a package with some versions.
func newShelf(name string, versions ...string) *shelf {
	s := &shelf{
		pkg:    format.Package{UUID: "01234567-89ab-cdef-0123-456789abcdef", Name: name, Revision: 7, Created: epoch, Modified: epoch},
		tagged: map[string]string{},
	}
	for i, v := range versions {
		metadata := fmt.Sprintf(`{"name":%q,"version":%q,"description":"Amounts","license":"MIT","dependencies":{"x":"^1"},"scripts":{"test":"true"},"_id":"%s@%s","_npmUser":{"name":"ann","email":""}}`, name, v, name, v)
		s.versions = append(s.versions, &format.Version{
			Package: name, Name: v, Canon: v, Metadata: json.RawMessage(metadata), Created: epoch.Add(time.Duration(i) * time.Hour), Properties: map[string]string{},
			Files: []*format.File{{
				Name: tarballName(name, v), Digests: blob.Digests{SHA1: "aa", SHA512: "00ff"},
				Metadata: json.RawMessage(`{"fileCount":2,"unpackedSize":300,"signatures":[{"keyid":"SHA256:k","sig":"c2ln"}]}`),
			}},
		})
	}
	slices.SortFunc(s.versions, func(a, b *format.Version) int { return version.Compare(b.Name, a.Name) })
	if len(s.versions) > 0 {
		s.pkg.Latest = s.versions[0].Name
	}
	return s
}

func (s *shelf) Package(_ context.Context, name string) (*format.Package, error) {
	if name != s.pkg.Name {
		return nil, fault.New(fault.NotFound, "there is no package %q here", name)
	}
	return &s.pkg, nil
}

func (s *shelf) Versions(context.Context, string) ([]*format.Version, error) {
	return slices.Clone(s.versions), nil
}

func (s *shelf) Tags(context.Context, string) (map[string]string, error) { return s.tagged, nil }

func (s *shelf) Readme(context.Context, string, string) (format.Readme, error) {
	return format.Readme{Name: "README.md", Text: "# Money <&>"}, nil
}

func (s *shelf) Stage(_ context.Context, r io.Reader, _ int64) (blob.Staged, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return blob.FromBytes(b), nil
}

func (s *shelf) Edit(_ context.Context, name string, changes ...format.Change) error {
	for _, c := range changes {
		if c, ok := c.(format.Unchanged); ok && c.Revision != s.pkg.Revision {
			return fault.New(fault.Precondition, "%s was changed", name)
		}
	}
	s.edits = append(s.edits, changes...)
	return nil
}

// desk is the server of a shelf.
type desk struct {
	format.Server
	shelf      *shelf
	mayDelete  bool
	advisories []format.Advisory
}

func (d desk) Receive(q *format.Request, limit int64) (blob.Staged, error) {
	return d.shelf.Stage(q.Context(), q.R.Body, limit)
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

// call runs the handler of a route as the router does.
func call(t *testing.T, d desk, method, path, body string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	q := &format.Request{
		W: w, R: httptest.NewRequest(method, "/"+path, strings.NewReader(body)), Reg: d.shelf, Server: d,
		Root: "http://h", Base: "http://h/npm",
	}
	if err := formattest.Handle(t, New(), path, q); err != nil {
		status, ok := map[fault.Kind]int{fault.NotFound: 404, fault.Denied: 403, fault.Conflict: 409, fault.Invalid: 400, fault.Unprocessable: 422}[fault.KindOf(err)]
		if !ok {
			t.Fatalf("%s %s: %v", method, path, err)
		}
		New().Complain(q, status, fault.From(err))
	}
	return w.Code, w.Body.String()
}

// packed makes a tarball of names and texts in turn.
func packed(t testing.TB, pairs ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for i := 0; i < len(pairs); i += 2 {
		h := &tar.Header{Name: pairs[i], Mode: 0o644, Size: int64(len(pairs[i+1])), Typeflag: tar.TypeReg}
		if strings.HasSuffix(pairs[i], "/") {
			h.Typeflag = tar.TypeDir
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(pairs[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
