package rubygem

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/format/formattest"
	"ingot.dev/modules/formats/rubygem/rubygemtest"
	"ingot.dev/modules/golden"
)

// shelf is a registry in memory, as far as this format uses one, with a clock
// of its own.
type shelf struct {
	format.Registry
	format.Server
	format.Accounts
	now      time.Time
	versions []*format.Version
	texts    map[string]string // of files, by name
	staged   []blob.Staged
	issued   []forge.NewToken
	asked    int // questions for one version
}

func newShelf() *shelf {
	return &shelf{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), texts: map[string]string{}}
}

func missing(what string) error { return fault.New(fault.NotFound, "there is no %s here", what) }

func same(a, b string) bool { return strings.EqualFold(a, b) }

func (s *shelf) Package(_ context.Context, name string) (*format.Package, error) {
	for _, v := range s.versions {
		if same(v.Package, name) {
			return &format.Package{Name: v.Package, Downloads: 7}, nil
		}
	}
	return nil, missing(name)
}

func (s *shelf) Versions(_ context.Context, name string) ([]*format.Version, error) {
	var list []*format.Version
	for _, v := range s.versions {
		if same(v.Package, name) {
			list = append(list, v)
		}
	}
	if list == nil {
		return nil, missing(name)
	}
	slices.SortFunc(list, func(a, b *format.Version) int { return compare(b.Canon, a.Canon) })
	return list, nil
}

func (s *shelf) Version(_ context.Context, name, version string) (*format.Version, error) {
	s.asked++
	return s.version(name, version)
}

func (s *shelf) version(name, version string) (*format.Version, error) {
	canon, err := CanonicalVersion(version)
	if err != nil {
		return nil, err
	}
	for _, v := range s.versions {
		if same(v.Package, name) && v.Canon == canon {
			return v, nil
		}
	}
	return nil, missing(name + " " + version)
}

func (s *shelf) File(_ context.Context, ref format.FileRef) (*format.File, error) {
	v, err := s.version(ref.Package, ref.Version)
	if err != nil {
		return nil, err
	}
	for _, f := range v.Files {
		if f.Name == ref.File {
			return f, nil
		}
	}
	return nil, missing(ref.File)
}

func (s *shelf) Names(context.Context) ([]string, error) {
	var names []string
	for _, v := range s.versions {
		names = append(names, v.Package)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

func (s *shelf) Each(ctx context.Context, f format.Filter) iter.Seq2[[]*format.Version, error] {
	return func(yield func([]*format.Version, error) bool) {
		names, _ := s.Names(ctx)
		for _, name := range names {
			list, _ := s.Versions(ctx, name)
			list = slices.DeleteFunc(list, func(v *format.Version) bool {
				return !slices.ContainsFunc(v.Files, func(file *format.File) bool { return strings.HasPrefix(file.Name, f.Files) })
			})
			wanted := f.Packages == nil || slices.ContainsFunc(f.Packages, func(p string) bool { return same(p, name) })
			if wanted && len(list) > 0 && !yield(list, nil) {
				return
			}
		}
	}
}

func (s *shelf) Newest(ctx context.Context, q format.Query) ([]*format.Version, int, error) {
	var list []*format.Version
	names, _ := s.Names(ctx)
	for _, name := range names {
		if strings.Contains(name, q.Text) {
			versions, _ := s.Versions(ctx, name)
			list = append(list, versions[0])
		}
	}
	return list, len(list), nil
}

func (s *shelf) Publish(_ context.Context, rel format.Release) (*format.Version, error) {
	canon, err := CanonicalVersion(rel.Version)
	if err != nil {
		return nil, err
	}
	if _, err := s.version(rel.Package, rel.Version); err == nil {
		return nil, fault.New(fault.Conflict, "taken")
	}
	v := &format.Version{Package: rel.Package, Name: rel.Version, Canon: canon, Metadata: rel.Metadata, Prerelease: rel.Prerelease, Created: s.tick()}
	for _, f := range rel.Files {
		if _, taken := s.texts[f.Name]; taken && f.Sole {
			return nil, fault.New(fault.Conflict, "there is a file called %s already", f.Name)
		}
		var b strings.Builder
		for at := int64(0); at < f.Body.Size(); at++ {
			var c [1]byte
			_, _ = f.Body.ReadAt(c[:], at)
			b.WriteByte(c[0])
		}
		s.texts[f.Name] = b.String()
		v.Files = append(v.Files, &format.File{Name: f.Name, Size: f.Body.Size(), Digests: f.Body.Digests(), Metadata: f.Metadata, MediaType: f.MediaType})
		f.Body.Discard()
	}
	s.versions = append(s.versions, v)
	return v, nil
}

func (s *shelf) Edit(_ context.Context, name string, changes ...format.Change) error {
	for _, c := range changes {
		y := c.(format.Yank)
		v, err := s.version(name, y.Version)
		if err != nil {
			return err
		}
		if v.Yanked = y.On; y.On {
			v.YankedAt = s.tick()
		}
	}
	return nil
}

// tick gives the next moment.
func (s *shelf) tick() time.Time {
	s.now = s.now.Add(time.Second)
	return s.now
}

func (s *shelf) Stage(_ context.Context, r io.Reader, _ int64) (blob.Staged, error) {
	var b bytes.Buffer
	if _, err := b.ReadFrom(r); err != nil {
		return nil, err
	}
	body := blob.FromBytes(b.Bytes())
	s.staged = append(s.staged, body)
	return body, nil
}

// desk is the server.
type desk struct{ *shelf }

func (d desk) Receive(q *format.Request, limit int64) (blob.Staged, error) {
	return d.Stage(q.Context(), q.R.Body, limit)
}

func (d desk) File(q *format.Request, f *format.File) error {
	return q.Bytes(http.StatusOK, f.MediaType, []byte(d.texts[f.Name]))
}

func (d desk) Document(q *format.Request, kind, key string) error {
	b, err := d.build(q.Context(), kind, key)
	if err != nil {
		return err
	}
	return q.Bytes(http.StatusOK, "", b)
}

func (d desk) Accounts() format.Accounts { return d }

func (d desk) Issue(_ *format.Request, _ forge.Actor, t forge.NewToken) (string, forge.IssuedToken, error) {
	d.issued = append(d.issued, t)
	return "the key", forge.IssuedToken{}, nil
}

// build gives a document.
func (s *shelf) build(ctx context.Context, kind, key string) ([]byte, error) {
	for _, doc := range New().Documents() {
		if doc.Kind == kind && doc.Packed.Of == "" {
			var b bytes.Buffer
			err := doc.Build(ctx, format.Build{Reg: s, Key: key}, &b)
			return b.Bytes(), err
		}
	}
	return nil, fmt.Errorf("no document %q", kind)
}

// do makes a request to the route that fits. A fault is answered by its kind's
// name and message.
func (s *shelf) do(t testing.TB, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	return formattest.Answer(t, New(), r.URL.EscapedPath(), &format.Request{
		R: r, Reg: s, Server: desk{s}, Actor: forge.Actor{ID: 1, Name: "ann"},
		Root: "http://ingot.example", Base: "http://ingot.example/project/ann/shop/package/-/rubygem",
	})
}

func (s *shelf) get(t testing.TB, path string) string {
	t.Helper()
	return s.do(t, httptest.NewRequest(http.MethodGet, path, nil)).Body.String()
}

// push pushes a gem and gives the answer.
func (s *shelf) push(t testing.TB, name, version string, more ...string) string {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/api/v1/gems", bytes.NewReader(rubygemtest.Gem(rubygemtest.Spec(name, version, more...))))
	return s.do(t, r).Body.String()
}

func (s *shelf) yank(t testing.TB, form string) string {
	t.Helper()
	return s.do(t, httptest.NewRequest(http.MethodDelete, "/api/v1/gems/yank", strings.NewReader(form))).Body.String()
}

// needing is the part of a specification that names what the gem needs.
const needing = `required_ruby_version: !ruby/object:Gem::Requirement
  requirements:
  - - ">="
    - !ruby/object:Gem::Version
      version: '2.5'
dependencies:
- !ruby/object:Gem::Dependency
  name: decimals
  requirement: !ruby/object:Gem::Requirement
    requirements:
    - - "~>"
      - !ruby/object:Gem::Version
        version: '1.0'
    - - ">="
      - !ruby/object:Gem::Version
        version: 1.0.2
  type: :runtime
- !ruby/object:Gem::Dependency
  name: rake
  requirement: !ruby/object:Gem::Requirement
    requirements:
    - - ">="
      - !ruby/object:Gem::Version
        version: '0'
  type: :development
metadata:
  source_code_uri: https://example.com/src
homepage: https://example.com
email: ann@example.com
date: 2026-01-02 00:00:00.000000000 Z
specification_version: 4
rubygems_version: 3.3.15
`

// stocked has gems of several kinds.
func stocked(t testing.TB) *shelf {
	s := newShelf()
	for _, p := range [][]string{
		{"decimals", "1.0"}, {"money", "1.0", needing}, {"money", "1.1", needing}, {"money", "1.1", "platform: java\n"}, {"Empty", "0.1.pre"}, {"money", "1.2"},
	} {
		spec := rubygemtest.Spec(p[0], p[1], p[2:]...)
		if len(p) > 2 && strings.HasPrefix(p[2], "platform") {
			spec = strings.Replace(rubygemtest.Spec(p[0], p[1]), "platform: ruby\n", p[2], 1)
		}
		r := httptest.NewRequest(http.MethodPost, "/api/v1/gems", bytes.NewReader(rubygemtest.Gem(spec)))
		if got := s.do(t, r); got.Code != http.StatusOK {
			t.Fatal(got.Body)
		}
	}
	if got := s.yank(t, "gem_name=money&version=1.2"); !strings.HasPrefix(got, "Successfully") {
		t.Fatal(got)
	}
	return s
}

var sums = regexp.MustCompile(`[0-9a-f]{64}|[0-9a-f]{32}`)

func TestAnswers(t *testing.T) {
	t.Parallel()
	s := stocked(t)
	var all strings.Builder
	for _, path := range []string{
		"/", "/versions", "/names", "/info/decimals", "/info/money", "/info/Money", "/info/Empty", "/info/nothing", "/api/v1/dependencies.json?gems=money,decimals,nothing",
		"/api/v1/dependencies.json", "/api/v1/gems/money.json", "/api/v1/versions/money.json", "/api/v1/versions/money/latest.json", "/api/v1/versions/Empty/latest.json",
		"/api/v1/search.json?query=mon", "/api/v1/gems/money/owners.yaml", "/api/v1/gems/money/owners.json", "/api/v1/attestations/money-1.0.json",
		"/gems/nothing-1.0.gem", "/gems/MONEY-1.0.gem", "/gems/money.gem",
	} {
		body := strings.ReplaceAll(s.get(t, path), "},{", "},\n{")
		fmt.Fprintf(&all, "GET %s\n%s\n\n", path, strings.TrimSuffix(body, "\n"))
	}
	// Packed bytes may differ from one version of Go to the next.
	golden.Equal(t, "answers.txt", sums.ReplaceAllString(all.String(), "SUM"))
}
