package ingot_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ingot.dev"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
	"ingot.dev/modules/setting"
)

// other is a forge that is not Ingot's own: one user, whose token is "secret",
// one open and one private project.
type other struct{}

var (
	ann    = forge.Actor{ID: 1, Name: "ann"}
	open   = scope.Scope{Ref: scope.Ref{Kind: scope.Project, ID: 1}, UUID: "11111111-1111-4111-8111-111111111111", Path: scope.Path{Kind: scope.Project, Owner: "ann", Name: "open"}}
	closed = scope.Scope{Ref: scope.Ref{Kind: scope.Project, ID: 2}, UUID: "22222222-2222-4222-8222-222222222222", Path: scope.Path{Kind: scope.Project, Owner: "ann", Name: "closed"}, Private: true}
)

func (other) Resolve(_ context.Context, path scope.Path) (scope.Scope, error) {
	for _, s := range []scope.Scope{open, closed} {
		if s.Path == path {
			return s, nil
		}
	}
	return scope.Scope{}, fault.New(fault.NotFound, "no %s", path)
}

func (other) Scopes(_ context.Context, refs []scope.Ref) (map[scope.Ref]scope.Scope, error) {
	found := map[scope.Ref]scope.Scope{}
	for _, r := range refs {
		for _, s := range []scope.Scope{open, closed} {
			if s.Ref == r {
				found[r] = s
			}
		}
	}
	return found, nil
}

func (other) Authenticate(_ context.Context, c forge.Credential) (forge.Actor, error) {
	if c.Secret != "secret" {
		return forge.Actor{}, fault.New(fault.Unauthenticated, "no such token")
	}
	return ann, nil
}

func (other) Session(_ context.Context, r *http.Request) (forge.Actor, error) {
	if c, err := r.Cookie("other"); err == nil && c.Value == "ann" {
		return ann, nil
	}
	return forge.Actor{}, nil
}

func (other) Roles(_ context.Context, a forge.Actor, scopes ...scope.Scope) ([]forge.Role, error) {
	roles := make([]forge.Role, len(scopes))
	for i, s := range scopes {
		switch {
		case a.ID == ann.ID:
			roles[i] = forge.Owner
		case !s.Private:
			roles[i] = forge.Guest
		}
	}
	return roles, nil
}

func (other) Shown(context.Context, scope.Scope) ([]scope.Ref, error) { return nil, nil }

func (other) Actors(context.Context, []int64) (map[int64]forge.Actor, error) {
	return map[int64]forge.Actor{ann.ID: ann}, nil
}

// Ingot in another forge serves registries, the REST API and the pages of
// packages by that forge's accounts and rights, and nothing of its own forge.
func TestMount(t *testing.T) {
	cfg, err := setting.Load("", []string{"INGOT__PATHS__DATA=" + t.TempDir(), "INGOT__SERVER__ROOT_URL=https://forge.example.com"})
	if err != nil {
		t.Fatal(err)
	}
	app, err := ingot.New(t.Context(), cfg, ingot.WithForge(other{}))
	if err != nil {
		t.Fatal(err)
	}
	defer app.Close()
	do := func(method, path, body string, dress ...func(*http.Request)) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		for _, d := range dress {
			d(r)
		}
		w := httptest.NewRecorder()
		app.Handler().ServeHTTP(w, r)
		return w
	}
	token := func(r *http.Request) { r.SetBasicAuth("ann", "secret") }
	session := func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "other", Value: "ann"}) }
	browser := func(r *http.Request) { r.Header.Set("Accept", "text/html") }
	for _, c := range []struct {
		method, path string
		status       int
		dress        []func(*http.Request)
	}{
		{"PUT", "/project/ann/open/package/-/generic/tool/1/f", 201, []func(*http.Request){token}},
		{"PUT", "/project/ann/closed/package/-/generic/tool/1/f", 201, []func(*http.Request){token}},
		{"PUT", "/project/ann/open/package/-/generic/tool/2/f", 401, nil},
		{"PUT", "/project/ann/open/package/-/generic/tool/2/f", 401, []func(*http.Request){session}},
		{"GET", "/project/ann/open/package/-/generic/tool/1/f", 200, nil},
		{"GET", "/project/ann/closed/package/-/generic/tool/1/f", 401, nil},
		{"GET", "/project/ann/closed/package/-/generic/tool/1/f", 200, []func(*http.Request){session}},
		{"GET", "/registry/project/ann/open/package", 200, []func(*http.Request){token}},
		{"GET", "/registry/project/ann/open/package", 403, nil},
		{"GET", "/project/ann/open/package", 200, []func(*http.Request){browser}},
		{"GET", "/project/ann/closed/package", 404, []func(*http.Request){browser}},
		{"GET", "/project/ann/closed/package", 200, []func(*http.Request){browser, session}},
		{"GET", "/project/ann/closed/package/upload/generic", 200, []func(*http.Request){browser, session}},
		{"GET", "/explore", 200, []func(*http.Request){browser}},
		{"GET", "/packages", 200, []func(*http.Request){browser, session}},
		// what the other forge has itself
		{"GET", "/sign-in", 404, []func(*http.Request){browser}},
		{"GET", "/project/ann/open", 404, []func(*http.Request){browser}},
		{"GET", "/project/ann/open/tags", 404, []func(*http.Request){browser, session}},
		{"GET", "/project/ann/open.git/info/refs?service=git-upload-pack", 404, nil},
		{"GET", "/admin", 404, []func(*http.Request){browser, session}},
	} {
		w := do(c.method, c.path, "x", c.dress...)
		if w.Code != c.status {
			t.Errorf("%s %s: %d, want %d\n%s", c.method, c.path, w.Code, c.status, w.Body)
		}
		if strings.Contains(w.Body.String(), "/sign-in") || strings.Contains(w.Body.String(), `href="/settings`) {
			t.Errorf("%s %s leads to pages that are not here", c.method, c.path)
		}
	}
}
