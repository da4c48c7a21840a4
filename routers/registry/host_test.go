package registry_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ingot.dev/models/dbtest"
	"ingot.dev/modules/blob/mem"
	"ingot.dev/modules/blob/spool"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/formats/generic"
	"ingot.dev/modules/scope"
	"ingot.dev/routers"
	"ingot.dev/routers/gate"
	"ingot.dev/routers/middleware"
	"ingot.dev/routers/packages"
	rest "ingot.dev/routers/registry"
	"ingot.dev/services/access"
	"ingot.dev/services/documents"
	"ingot.dev/services/outbox"
	"ingot.dev/services/registry"
	"ingot.dev/services/tags"
)

// host is a forge whose owners, accounts and roles are data.
type host struct {
	scopes []scope.Scope
	actors map[string]forge.Actor // by token
	roles  map[int64]map[scope.Ref]forge.Role
}

// The owners. Everybody is a guest of what is public, whoever signed in of the
// service.
var (
	acme    = scope.Scope{Ref: scope.Ref{Kind: scope.Company, ID: 1}, UUID: "c0000000-0000-4000-8000-000000000001", Path: scope.Path{Kind: scope.Company, Owner: "acme"}}
	shade   = scope.Scope{Ref: scope.Ref{Kind: scope.Company, ID: 2}, UUID: "c0000000-0000-4000-8000-000000000002", Path: scope.Path{Kind: scope.Company, Owner: "shade"}, Private: true}
	app     = scope.Scope{Ref: scope.Ref{Kind: scope.Project, ID: 1}, UUID: "b0000000-0000-4000-8000-000000000001", Path: scope.Path{Kind: scope.Project, Owner: "acme", Name: "app"}, Parent: acme.Ref}
	vault   = scope.Scope{Ref: scope.Ref{Kind: scope.Project, ID: 2}, UUID: "b0000000-0000-4000-8000-000000000002", Path: scope.Path{Kind: scope.Project, Owner: "acme", Name: "vault"}, Parent: acme.Ref, Private: true}
	ann     = scope.Scope{Ref: scope.Ref{Kind: scope.User, ID: 1}, UUID: "a0000000-0000-4000-8000-000000000001", Path: scope.Path{Kind: scope.User, Owner: "ann"}}
	service = scope.Scope{Ref: scope.Ref{Kind: scope.Service}, UUID: "00000000-0000-0000-0000-000000000000", Path: scope.Path{Kind: scope.Service}}
)

// newHost peoples the forge: ann owns everything, dan develops, gus is a guest
// of what is private, eve is nobody, and limited is ann's token for the vault.
func newHost() *host {
	h := &host{
		scopes: []scope.Scope{acme, shade, app, vault, ann, service},
		actors: map[string]forge.Actor{
			"ann-token":     {ID: 1, Name: "ann", Admin: true},
			"dan-token":     {ID: 2, Name: "dan"},
			"gus-token":     {ID: 3, Name: "gus"},
			"eve-token":     {ID: 4, Name: "eve"},
			"limited-token": {ID: 1, Name: "ann", Token: &forge.Token{Name: "ci", Grants: forge.AllGrants, Within: &vault.Ref}},
			"reading-token": {ID: 1, Name: "ann", Token: &forge.Token{Name: "read", Grants: forge.GrantPackagesRead}},
		},
		roles: map[int64]map[scope.Ref]forge.Role{1: {}, 2: {}, 3: {vault.Ref: forge.Guest, shade.Ref: forge.Guest}},
	}
	for _, s := range h.scopes {
		h.roles[1][s.Ref] = forge.Owner
		h.roles[2][s.Ref] = forge.Developer
	}
	return h
}

func (h *host) Resolve(_ context.Context, p scope.Path) (scope.Scope, error) {
	for _, s := range h.scopes {
		if strings.EqualFold(s.Path.String(), p.String()) {
			return s, nil
		}
	}
	return scope.Scope{}, fault.New(fault.NotFound, "there is no %s", p)
}

func (h *host) Scopes(_ context.Context, refs []scope.Ref) (map[scope.Ref]scope.Scope, error) {
	found := map[scope.Ref]scope.Scope{}
	for _, ref := range refs {
		for _, s := range h.scopes {
			if s.Ref == ref {
				found[ref] = s
			}
		}
	}
	return found, nil
}

func (h *host) Authenticate(_ context.Context, c forge.Credential) (forge.Actor, error) {
	if c.Secret == "guessing" {
		return forge.Actor{}, fault.New(fault.Busy, "too many wrong credentials; wait a little")
	}
	a, ok := h.actors[c.Secret]
	if !ok || c.Scheme == forge.Basic && c.Name != a.Name && c.Name != a.Name+"@example.com" {
		return forge.Actor{}, fault.New(fault.Unauthenticated, "the credential is wrong")
	}
	return a, nil
}

// Session never counts: the API takes no cookies.
func (h *host) Session(context.Context, *http.Request) (forge.Actor, error) {
	return forge.Actor{ID: 1, Name: "ann", Admin: true}, nil
}

func (h *host) Roles(_ context.Context, a forge.Actor, scopes ...scope.Scope) ([]forge.Role, error) {
	roles := make([]forge.Role, len(scopes))
	for i, s := range scopes {
		if !s.Private && (s.Kind != scope.Service || !a.Anonymous()) {
			roles[i] = forge.Guest
		}
		roles[i] = max(roles[i], h.roles[a.ID][s.Ref])
	}
	return roles, nil
}

func (h *host) Shown(_ context.Context, s scope.Scope) ([]scope.Ref, error) {
	var refs []scope.Ref
	for _, p := range h.scopes {
		if s.Kind == scope.Company && p.Parent == s.Ref && !p.Private {
			refs = append(refs, p.Ref)
		}
	}
	return refs, nil
}

func (h *host) Actors(context.Context, []int64) (map[int64]forge.Actor, error) { return nil, nil }

// server is an Ingot of two areas in memory.
type server struct {
	http.Handler
	api *rest.API
	reg *registry.Service
	doc *contract
}

func newServer(t testing.TB, cfg registry.Config) *server {
	t.Helper()
	return serve(t, cfg, generic.New(), jar{})
}

func serve(t testing.TB, cfg registry.Config, formats ...format.Format) *server {
	t.Helper()
	fail := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	d := dbtest.New(t)
	staging, err := spool.New(t.TempDir(), 1<<16)
	fail(err)
	s := &server{}
	s.reg, err = registry.New(d, mem.New(), staging, formats, cfg)
	fail(err)
	docs, err := documents.New(s.reg, 1<<20, "test")
	fail(err)
	log := slog.New(slog.DiscardHandler)
	h := newHost()
	door := &gate.Gate{Forge: h, Access: access.New(h, false), Log: log}
	native := packages.New(packages.Options{
		Gate: door, Registry: s.reg, Documents: docs, Tags: tags.New(d, s.reg, outbox.New(d, log), h), Root: "http://ingot.test",
	})
	s.api = rest.New(door, s.reg, native)
	s.Handler, err = routers.New(routers.Options{
		Gate:       door,
		Middleware: middleware.Options{Log: log},
		Ready:      d.Ping,
		Areas:      []routers.Area{native, s.api},
		Fail: func(w http.ResponseWriter, _ *http.Request, f *fault.Fault) {
			http.Error(w, "nobody's: "+f.Message, http.StatusTeapot)
		},
	})
	fail(err)
	s.doc = newContract(t, s)
	return s
}

// call is a request to the API.
type call struct {
	method, path string
	token        string // empty for none
	body         string
	header       http.Header
	odd          bool // the request itself may be outside the document
}

// do sends a request and holds it and its reply against the document.
func (s *server) do(t testing.TB, c call) *httptest.ResponseRecorder {
	t.Helper()
	request := func() *http.Request {
		r := httptest.NewRequestWithContext(t.Context(), c.method, c.path, strings.NewReader(c.body))
		for name, values := range c.header {
			r.Header[name] = values
		}
		if c.token != "" {
			r.Header.Set("Authorization", "token "+c.token)
		}
		return r
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, request())
	s.doc.check(t, c, request(), w)
	return w
}

// get reads an address as ann, and fails if that is refused.
func (s *server) get(t testing.TB, path string) []byte {
	t.Helper()
	w := s.do(t, call{method: "GET", path: path, token: "ann-token"})
	if w.Code != 200 {
		t.Fatalf("GET %s: %d %s", path, w.Code, w.Body)
	}
	return w.Body.Bytes()
}

// put publishes as ann, and fails if that is refused.
func (s *server) put(t testing.TB, path, body string) []byte {
	t.Helper()
	w := s.do(t, call{method: "PUT", path: path, token: "ann-token", body: body})
	if w.Code != 200 {
		t.Fatalf("PUT %s: %d %s", path, w.Code, w.Body)
	}
	return w.Body.Bytes()
}

// want fails unless the reply is an error of a status whose message has words.
func want(t testing.TB, w *httptest.ResponseRecorder, status int, words ...string) {
	t.Helper()
	if w.Code != status {
		t.Errorf("%d %s, want %d", w.Code, w.Body, status)
		return
	}
	e := decode[failure](t, w.Body.Bytes())
	if e.Status != status || e.Error != http.StatusText(status) || e.Message == "" || e.Path == "" {
		t.Errorf("the error's body is %s", w.Body)
	}
	for _, word := range words {
		if !strings.Contains(e.Message, word) {
			t.Errorf("the message %q does not say %q", e.Message, word)
		}
	}
}

// jar is a format with groups, as Maven has them: published by coordinates,
// or by the name of a form's file, and fetched by ids.
type jar struct{}

func (jar) Info() format.Info      { return format.Info{ID: "jar", Aliases: []string{"jars"}, Title: "Jar"} }
func (jar) Routes() []format.Route { return nil }

func (jar) Group(name string) (group, artifact string) {
	group, artifact, _ = strings.Cut(name, ":")
	return group, artifact
}

func (jar) Upload() format.Upload {
	return format.Upload{
		Put:    []string{"{groupId}/{artifactId}/{version}/{fileName}", ""},
		Get:    []string{"{packageUuid}/{packageVersion}/{fileUuid}/download"},
		Fields: []format.Field{{Name: "groupId", Label: format.Text{En: "Group"}}},
		Receive: func(q *format.Request, in format.Incoming) (*format.Version, error) {
			head, err := io.ReadAll(io.NewSectionReader(in.Body, 0, 4))
			if err != nil || !bytes.HasPrefix(head, []byte("jar")) {
				return nil, fault.New(fault.Unprocessable, "this is no jar")
			}
			rel := format.Release{
				Package: q.Param("groupId") + ":" + q.Param("artifactId"), Version: q.Param("version"),
				Files: []format.NewFile{{Name: q.Param("fileName"), Body: in.Body}},
			}
			if q.Param("groupId") == "" {
				part := strings.SplitN(in.Name, "_", 4)
				if len(part) != 4 {
					return nil, fault.New(fault.Invalid, "the file's name tells no coordinates")
				}
				rel.Package, rel.Version, rel.Files[0].Name = part[0]+":"+part[1], part[2], part[3]
			}
			return q.Reg.Publish(q.Context(), rel)
		},
		Locate: func(q *format.Request) (*format.File, error) {
			if q.Param("packageVersion") == "broken" {
				return nil, errors.New("a secret cause")
			}
			v, err := q.Reg.Version(q.Context(), q.Param("package"), q.Param("packageVersion"))
			if err != nil {
				return nil, err
			}
			for _, f := range v.Files {
				if f.UUID == q.Param("fileUuid") {
					return f, nil
				}
			}
			return nil, fault.New(fault.NotFound, "there is no such file")
		},
	}
}
