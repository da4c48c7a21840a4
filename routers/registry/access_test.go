package registry_test

import (
	"net/http"
	"strings"
	"testing"

	"ingot.dev/services/registry"
)

// Who may do what, and how a refusal is told: 403 without a credential or a
// right, 404 where the owner is hidden.
func TestRights(t *testing.T) {
	t.Parallel()
	s := newServer(t, registry.Config{})
	for _, prefix := range []string{
		"/registry/project/acme/app/package", "/registry/project/acme/vault/package", "/registry/company/shade/package", "/registry/package",
	} {
		s.put(t, prefix+"/generic/lamp/1/a", "light")
	}
	for _, test := range []struct {
		prefix, token       string
		read, write, remove int
	}{
		{"/registry/project/acme/app", "", 403, 403, 403},
		{"/registry/project/acme/app", "wrong", 403, 403, 403},
		{"/registry/project/acme/app", "eve-token", 200, 403, 403},
		{"/registry/project/acme/app", "dan-token", 200, 200, 403},
		{"/registry/project/acme/app", "ann-token", 200, 200, 200},
		{"/registry/project/acme/app", "reading-token", 200, 403, 403},
		{"/registry/project/acme/app", "limited-token", 200, 403, 403}, // public, so no less than without a token
		{"/registry/project/acme/vault", "", 403, 403, 403},
		{"/registry/project/acme/vault", "eve-token", 404, 404, 404},
		{"/registry/project/acme/vault", "gus-token", 200, 403, 403},
		{"/registry/project/acme/vault", "dan-token", 200, 200, 403},
		{"/registry/project/acme/vault", "limited-token", 200, 200, 200},
		{"/registry/company/shade", "eve-token", 404, 404, 404},
		{"/registry/company/shade", "limited-token", 404, 404, 404},
		{"/registry/company/shade", "ann-token", 200, 200, 200},
		{"/registry", "", 403, 403, 403},
		{"/registry", "eve-token", 200, 403, 403},
		{"/registry", "ann-token", 200, 200, 200},
		{"/registry/project/acme/none", "", 403, 403, 403},
		{"/registry/project/acme/none", "ann-token", 404, 404, 404},
		{"/registry/user/none", "eve-token", 404, 404, 404},
	} {
		name := test.prefix + " by " + test.token
		prefix, file := test.prefix+"/package", "/generic/lamp/2/of-"+test.token
		id := "none"
		if test.read == 200 {
			id = s.only(t, prefix).ID
		}
		for _, path := range []string{"", "/" + id, "/" + id + "/1", "/" + id + "/version-list", "/" + id + "/package-file", "/generic/lamp/1/a"} {
			w := s.do(t, call{method: "GET", path: prefix + path, token: test.token})
			if w.Code != test.read {
				t.Errorf("%s reads %s: %d %s, want %d", name, path, w.Code, w.Body, test.read)
			}
			if w.Code != 200 {
				want(t, w, test.read)
			}
		}
		w := s.do(t, call{method: "PUT", path: prefix + file, token: test.token, body: "x"})
		if w.Code != test.write {
			t.Errorf("%s publishes: %d %s, want %d", name, w.Code, w.Body, test.write)
		}
		w = s.do(t, call{method: "POST", path: prefix + "/" + id + "/2/delete", token: test.token})
		if w.Code != test.remove {
			t.Errorf("%s deletes: %d %s, want %d", name, w.Code, w.Body, test.remove)
		}
		for _, path := range []string{"/none/delete", "/none/1/none/delete"} {
			w := s.do(t, call{method: "POST", path: prefix + path, token: test.token})
			if test.remove == 200 {
				want(t, w, 404)
			} else if w.Code != test.remove {
				t.Errorf("%s deletes %s: %d, want %d", name, path, w.Code, test.remove)
			}
		}
	}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	s := newServer(t, registry.Config{})
	basic := func(name, secret string) string {
		r := &http.Request{Header: http.Header{}}
		r.SetBasicAuth(name, secret)
		return r.Header.Get("Authorization")
	}
	for authorization, status := range map[string]int{
		"token ann-token":                     200,
		"Token ann-token":                     200,
		"Bearer ann-token":                    200,
		basic("ann", "ann-token"):             200,
		basic("ann@example.com", "ann-token"): 200,
		basic("dan", "ann-token"):             403,
		"token nobodys-token":                 403,
		"Digest username=ann":                 403,
		"token guessing":                      429,
		"":                                    403,
	} {
		w := s.do(t, call{method: "GET", path: "/registry/project/acme/app/package", header: http.Header{"Authorization": {authorization}}})
		if w.Code != status {
			t.Errorf("%s: %d %s, want %d", authorization, w.Code, w.Body, status)
		}
		if status != 200 {
			want(t, w, status)
		}
		if w.Header().Get("WWW-Authenticate") != "" {
			t.Errorf("%s: a browser would ask for a password", authorization)
		}
		if (w.Header().Get("Retry-After") != "") != (status == 429) {
			t.Errorf("%s: Retry-After %q", authorization, w.Header().Get("Retry-After"))
		}
	}
	want(t, s.do(t, call{method: "GET", path: "/registry/package"}), 403, "Authorization: token")
}

// What goes wrong inside stays inside.
func TestFailuresTellNothing(t *testing.T) {
	t.Parallel()
	s := newServer(t, registry.Config{})
	const prefix = "/registry/project/acme/app/package"
	s.put(t, prefix+"/jar/org.example/lib/2.0/lib.jar", "jar of 2.0")
	w := s.do(t, call{method: "GET", path: prefix + "/jar/" + s.only(t, prefix).ID + "/broken/x/download", token: "ann-token"})
	want(t, w, 500, w.Header().Get("X-Request-Id"))
	if strings.Contains(w.Body.String(), "secret") {
		t.Errorf("%s", w.Body)
	}
}
