package pypi

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"mime/multipart"
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
)

// entry is a file of an archive.
type entry struct{ name, text string }

func metadataText(name, version string, more ...string) string {
	return "Metadata-Version: 2.1\nName: " + name + "\nVersion: " + version + "\n" + strings.Join(more, "") + "\n# Read me\n"
}

// wheelEntries are the files of a right wheel, its RECORD last.
func wheelEntries(name, version string, more ...string) []entry {
	info := name + "-" + version + ".dist-info/"
	return withRecord(info, entry{name + "/__init__.py", "pass\n"}, entry{info + "METADATA", metadataText(name, version, more...)},
		entry{info + "WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"})
}

// withRecord adds the RECORD of some files.
func withRecord(info string, entries ...entry) []entry {
	var b strings.Builder
	for _, e := range entries {
		sum := sha256.Sum256([]byte(e.text))
		fmt.Fprintf(&b, "%s,sha256=%s,%d\n", e.name, base64.RawURLEncoding.EncodeToString(sum[:]), len(e.text))
	}
	return append(entries, entry{info + "RECORD", b.String() + info + "RECORD,,\n"})
}

func zipped(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		method := zip.Store // the same bytes with every version of Go
		if len(e.text) > 1<<20 {
			method = zip.Deflate
		}
		f, err := w.CreateHeader(&zip.FileHeader{Name: e.name, Method: method})
		if err == nil {
			_, err = io.WriteString(f, e.text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tarred(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.NoCompression)
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(z)
	for _, e := range entries {
		if err := w.WriteHeader(&tar.Header{Name: e.name, Mode: 0o644, Size: int64(len(e.text))}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, e.text); err != nil {
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

// shelf is a registry in memory, as far as this format uses one.
type shelf struct {
	format.Registry
	format.Server
	pkg        *format.Package
	versions   []*format.Version
	bodies     map[string][]byte // by SHA-256
	owned      map[string]bool
	settings   map[string]string
	advisories []format.Advisory
	staged     []blob.Staged
}

func newShelf() *shelf {
	return &shelf{bodies: map[string][]byte{}, owned: map[string]bool{}, settings: map[string]string{}}
}

var noon = time.Date(2026, 1, 2, 12, 0, 0, 5000, time.UTC)

func absent(what string) error { return fault.New(fault.NotFound, "there is no %s here", what) }

func (s *shelf) has(name string) bool {
	canon, err := CanonicalName(name)
	if err != nil || s.pkg == nil {
		return false
	}
	own, _ := CanonicalName(s.pkg.Name)
	return own == canon
}

func (s *shelf) Package(_ context.Context, name string) (*format.Package, error) {
	if !s.has(name) {
		return nil, absent(name)
	}
	return s.pkg, nil
}

func (s *shelf) Versions(_ context.Context, name string) ([]*format.Version, error) {
	if !s.has(name) {
		return nil, absent(name)
	}
	return s.versions, nil
}

func (s *shelf) Version(_ context.Context, name, version string) (*format.Version, error) {
	canon, err := New().CanonicalVersion(version)
	for _, v := range s.versions {
		if err == nil && s.has(name) && v.Canon == canon {
			return v, nil
		}
	}
	return nil, absent(name + " " + version)
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
	return nil, absent(ref.File)
}

func (s *shelf) Names(context.Context) ([]string, error) {
	if s.pkg == nil {
		return nil, nil
	}
	return []string{s.pkg.Name}, nil
}

func (s *shelf) Owned(_ context.Context, name string) (bool, error) {
	return s.has(name) || s.owned[name], nil
}

func (s *shelf) Setting(_ context.Context, name string) (string, error) { return s.settings[name], nil }

func (s *shelf) Readme(context.Context, string, string) (format.Readme, error) {
	return format.Readme{Text: "# Read me\n"}, nil
}

type opened struct {
	*bytes.Reader
	size int64
}

func (o opened) Size() int64 { return o.size }
func (opened) Close() error  { return nil }

func (s *shelf) Open(_ context.Context, f *format.File) (blob.Reader, error) {
	b := s.bodies[f.Digests.SHA256]
	return opened{bytes.NewReader(b), int64(len(b))}, nil
}

func (s *shelf) Stage(_ context.Context, r io.Reader, _ int64) (blob.Staged, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	body := blob.FromBytes(b)
	s.staged = append(s.staged, body)
	return body, nil
}

// Publish does what Existing: Add means.
func (s *shelf) Publish(ctx context.Context, rel format.Release) (*format.Version, error) {
	if rel.Existing != format.Add {
		return nil, fmt.Errorf("a file that does not join its version")
	}
	body := rel.Files[0].Body
	defer body.Discard()
	if s.pkg == nil {
		s.pkg = &format.Package{UUID: "u-1", Name: rel.Package, Revision: 7, Properties: map[string]string{}}
	}
	v, err := s.Version(ctx, rel.Package, rel.Version)
	if err != nil {
		canon, _ := New().CanonicalVersion(rel.Version)
		v = &format.Version{Package: s.pkg.Name, Name: rel.Version, Canon: canon, Metadata: rel.Metadata, Prerelease: rel.Prerelease}
		s.versions = append(s.versions, v)
		slices.SortFunc(s.versions, func(a, b *format.Version) int { return -compareCanonical(a.Canon, b.Canon) })
		s.pkg.Latest = s.versions[0].Name
	}
	f := rel.Files[0]
	if _, err := s.File(ctx, format.FileRef{Package: rel.Package, Version: rel.Version, File: f.Name}); err == nil {
		return nil, fault.New(fault.Conflict, "taken")
	}
	b := make([]byte, body.Size())
	if _, err := body.ReadAt(b, 0); err != nil {
		return nil, err
	}
	s.bodies[body.Digests().SHA256] = b
	v.Files = append(v.Files, &format.File{
		Package: v.Package, Version: v.Name, Name: f.Name, Size: body.Size(), Digests: body.Digests(),
		MediaType: f.MediaType, Metadata: f.Metadata, Created: noon,
	})
	return v, nil
}

// File and Document of the server.
type desk struct{ *shelf }

func (d desk) File(q *format.Request, f *format.File) error {
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

func (d desk) Advisories(*format.Request, []string) ([]format.Advisory, error) {
	return d.advisories, nil
}

// do makes a request to the route that fits and gives the answer. A fault is
// answered by its kind's name and message.
func (s *shelf) do(t testing.TB, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	const base = "/project/ann/shop/package/-/pypi"
	return formattest.Answer(t, New(), strings.TrimPrefix(r.URL.EscapedPath(), base), &format.Request{
		R: r, Reg: s, Server: desk{s}, Base: "http://ingot.example" + base,
	})
}

func (s *shelf) get(t testing.TB, path string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/project/ann/shop/package/-/pypi"+path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return s.do(t, r)
}

// upload is a form with a file with the fields that twine sends.
func upload(t testing.TB, name, version, file string, content []byte, fields ...string) *http.Request {
	t.Helper()
	sum := sha256.Sum256(content)
	all := append([]string{
		":action", "file_upload", "protocol_version", "1", "name", name, "version", version,
		"sha256_digest", hex.EncodeToString(sum[:]), "classifiers", "A", "classifiers", "B",
	}, fields...)
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	written := map[string]bool{}
	for i := len(all) - 2; i >= 0; i -= 2 { // the last one of a name counts
		if all[i] != "classifiers" && written[all[i]] {
			continue
		}
		written[all[i]] = true
		if err := w.WriteField(all[i], all[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if content != nil {
		part, err := w.CreateFormFile("content", file)
		if err == nil {
			_, err = part.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/project/ann/shop/package/-/pypi/", &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return r
}

// put uploads and wants success.
func (s *shelf) put(t testing.TB, name, version, file string, content []byte, fields ...string) {
	t.Helper()
	if w := s.do(t, upload(t, name, version, file, content, fields...)); w.Code != http.StatusOK {
		t.Fatalf("%s: %s", file, w.Body)
	}
}

func wheelOf(name, version string) string {
	return cmp.Or(name, "money") + "-" + version + "-py3-none-any.whl"
}
