package oci

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ingot.dev/integrations/house"
	"ingot.dev/modules/forge"
)

// The base says who is there, and where to get a token.
func TestBase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	want := `Bearer realm="` + w.Root + `/v2/token",service="service"`
	for _, path := range []string{"/v2/", "/v2"} {
		reply := w.fails(t, 401, "UNAUTHORIZED", house.Call{Path: path})
		if got := reply.Header.Get("WWW-Authenticate"); got != want || reply.Header.Get("Docker-Distribution-Api-Version") != "registry/2.0" {
			t.Errorf("%s: %v, want %s", path, reply.Header, want)
		}
		for who, as := range map[string]house.Proof{
			"a wrong password": house.Basic("ann", "wrong"), "a wrong token": house.Bearer("igt_wrong"), "no pass": house.Bearer("igp_wrong"), "nothing": empty,
		} {
			if reply := w.fails(t, 401, "UNAUTHORIZED", house.Call{Path: path, As: as}); reply.Header.Get("WWW-Authenticate") != want {
				t.Errorf("%s with %s: %v", path, who, reply.Header)
			}
		}
		for who, as := range map[string]house.Proof{
			"a token": w.owner, "the password": house.Basic("ann", w.Password("ann")),
			"a pass": w.fetch(t, w.owner), "nobody's pass": w.fetch(t, nil),
		} {
			reply := w.Want(t, 200, house.Call{Path: path, As: as})
			if reply.Header.Get("Docker-Distribution-Api-Version") != "registry/2.0" || string(reply.Body) != "{}" {
				t.Errorf("%s with %s: %s", path, who, reply)
			}
		}
	}
}

// The challenge of an address names what has to be asked for.
func TestChallenge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	zeros := "sha256:" + strings.Repeat("0", 64)
	for address, actions := range map[string]string{
		"GET /web/manifests/1": "pull", "HEAD /web/manifests/1": "pull", "PUT /web/manifests/1": "pull,push", "DELETE /web/manifests/1": "pull,delete",
		"GET /web/blobs/" + zeros: "pull", "DELETE /web/blobs/" + zeros: "pull,delete", "POST /web/blobs/uploads/": "pull,push",
		"PATCH /web/blobs/uploads/x": "pull,push", "GET /web/tags/list": "pull", "GET /web/referrers/" + zeros: "pull",
	} {
		method, path, _ := strings.Cut(address, " ")
		for _, prefix := range []string{"/v2/project/ann/vault", "/v2/project/Ann/Vault", "/v2/helm/project/ann/vault", "/v2/project/ann/absent"} {
			reply := w.fails(t, 401, "UNAUTHORIZED", house.Call{Method: method, Path: prefix + path})
			name := strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(prefix), "/v2/"), "helm/") + "/web"
			want := `Bearer realm="` + w.Root + `/v2/token",service="service",scope="repository:` + name + ":" + actions + `"`
			if got := reply.Header.Get("WWW-Authenticate"); got != want {
				t.Errorf("%s %s: %s, want %s", method, prefix+path, got, want)
			}
		}
	}
}

func TestTokenEndpoint(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.House.Token(t, w.ann, forge.Transport, nil)
	w.put(t, vault+"/web", "1", w.image(t, vault+"/web", "a"))

	// What is wrong is told, and never answered with less than was asked.
	for who, as := range map[string]house.Proof{
		"a wrong password": house.Basic("ann", "wrong"), "a wrong token": house.Basic("ann", "igt_wrong"), "another's name": house.Basic("eve", token),
		"a pass": w.fetch(t, w.owner),
	} {
		reply := w.Do(t, house.Call{Path: "/v2/token?scope=repository:project/ann/vault/web:pull", As: as})
		if reply.Status != 401 && reply.Status != 403 {
			t.Errorf("for %s: %s", who, reply)
		}
		if reply.Status == 401 && !strings.HasPrefix(reply.Header.Get("WWW-Authenticate"), "Basic ") {
			t.Errorf("for %s: %s", who, reply.Header.Get("WWW-Authenticate"))
		}
	}
	pull := house.Call{Path: vault + "/web/manifests/1"}
	form := func(fields url.Values) house.Call {
		return house.Call{
			Method: "POST", Path: "/v2/token", Body: []byte(fields.Encode()),
			Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
		}
	}
	const scope = "repository:project/ann/vault/web:pull"
	for who, fields := range map[string]url.Values{
		"a token as a password": {"grant_type": {"password"}, "username": {"ann"}, "password": {token}, "service": {"service"}, "scope": {scope}},
		"the password":          {"grant_type": {"password"}, "username": {"ann"}, "password": {w.Password("ann")}, "scope": {scope}},
		"a token to refresh":    {"grant_type": {"refresh_token"}, "refresh_token": {token}, "scope": {scope}},
	} {
		reply := w.Want(t, 200, form(fields))
		if reply.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be kept: %v", who, reply.Header)
		}
		pull.As = house.Bearer(decode[answer](t, reply).AccessToken)
		w.Want(t, 200, pull)
		other := pull
		other.Path = vault + "/api/manifests/1"
		w.fails(t, 401, "UNAUTHORIZED", other)
	}
	for who, fields := range map[string]url.Values{
		"a wrong password": {"grant_type": {"password"}, "username": {"ann"}, "password": {"wrong"}},
		"no password":      {"grant_type": {"password"}, "username": {"ann"}},
		"a wrong token":    {"grant_type": {"refresh_token"}, "refresh_token": {"igt_wrong"}},
		"nothing":          {"grant_type": {"refresh_token"}},
	} {
		if reply := w.Do(t, form(fields)); reply.Status != 401 {
			t.Errorf("%s: %s", who, reply)
		}
	}
	w.Want(t, 400, form(url.Values{"grant_type": {"authorization_code"}}))
	w.Want(t, 400, house.Call{Method: "POST", Path: "/v2/token", Body: []byte("%"), Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}})
	pull.As = nil
	w.fails(t, 401, "UNAUTHORIZED", pull)
	pull.As = w.fetch(t, empty, scope) // nobody, written as a name and a password
	w.fails(t, 401, "UNAUTHORIZED", pull)
}

// Incident 2 (Gitea CVE-2025-68944, registry tokens that dropped the limits of
// the one behind them) and 25 (what was revoked went on for days): a pass is
// good for what it lists, for what its token may do, and as long as that.
func TestPasses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.put(t, vault+"/web", "1", w.image(t, vault+"/web", "a"))
	w.put(t, vault+"/api", "1", w.image(t, vault+"/api", "a"))
	const web, api = "repository:project/ann/vault/web:", "repository:project/ann/vault/api:"
	pull := func(repo string) house.Call { return house.Call{Path: vault + repo + "/manifests/1"} }
	push := func(repo string) house.Call {
		return house.Call{Method: "PUT", Path: vault + repo + "/manifests/1", Body: b, Header: http.Header{"Content-Type": {manifestType}}}
	}
	remove := func(repo string) house.Call {
		return house.Call{Method: "DELETE", Path: vault + repo + "/manifests/absent"}
	}
	basic := func(grants forge.Grant, within string) house.Proof {
		if within == "" {
			return house.Basic("ann", w.House.Token(t, w.ann, grants, nil))
		}
		return house.Basic("ann", w.House.Token(t, w.ann, grants, w.scope(t, within)))
	}
	for _, c := range []struct {
		what   string
		as     house.Proof
		scopes []string
		call   house.Call
		status int
	}{
		{"pull", w.owner, []string{web + "pull"}, pull("/web"), 200},
		{"pull, by push", w.owner, []string{web + "push"}, pull("/web"), 200},
		{"pull by another spelling", w.owner, []string{"repository:helm/project/Ann/VAULT/web:pull"}, pull("/web"), 200},
		{"push", w.owner, []string{web + "pull,push"}, push("/web"), 201},
		{"delete", w.owner, []string{web + "delete"}, remove("/web"), 404},
		{"all", w.owner, []string{web + "*"}, push("/web"), 201},
		{"two", w.owner, []string{web + "pull " + api + "pull"}, pull("/api"), 200},

		// The list of the pass.
		{"nothing", w.owner, nil, pull("/web"), 401},
		{"another repository", w.owner, []string{api + "pull,push"}, pull("/web"), 401},
		{"push, with pull", w.owner, []string{web + "pull"}, push("/web"), 401},
		{"delete, with push", w.owner, []string{web + "pull,push"}, remove("/web"), 401},
		{"push to the one, pull of the other", w.owner, []string{web + "pull", api + "pull,push"}, push("/web"), 401},

		// The rights behind it.
		{"a token that reads", basic(forge.GrantPackagesRead, ""), []string{web + "*"}, pull("/web"), 200},
		{"a token that reads, to push", basic(forge.GrantPackagesRead, ""), []string{web + "*"}, push("/web"), 403},
		{"a token that publishes, to delete", basic(forge.Transport, ""), []string{web + "*"}, remove("/web"), 403},
		{"a token of this project", basic(forge.Transport, "vault"), []string{web + "*"}, push("/web"), 201},
		{"a token of another project", basic(forge.Transport, "shop"), []string{web + "*"}, push("/web"), 404},
		{"a stranger", w.stranger, []string{web + "*"}, pull("/web"), 404},
		{"nobody", nil, []string{web + "*"}, pull("/web"), 401},
	} {
		c.call.As = w.fetch(t, c.as, c.scopes...)
		if reply := w.Do(t, c.call); reply.Status != c.status {
			t.Errorf("%s: %s %s: %s, want %d", c.what, c.call.Method, c.call.Path, reply, c.status)
		}
	}

	// The token goes, and with it the pass.
	secret := w.House.Token(t, w.ann, forge.Transport, nil)
	call := pull("/web")
	call.As = w.fetch(t, house.Basic("ann", secret), web+"pull")
	w.Want(t, 200, call)
	list, err := w.Forge.Issued(t.Context(), forge.Actor{ID: w.ann.ID})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Forge.Revoke(t.Context(), forge.Actor{ID: w.ann.ID}, list[0].ID); err != nil {
		t.Fatal(err)
	}
	w.fails(t, 401, "UNAUTHORIZED", call)
}

// What everybody may read needs no token, and takes nobody's.
func TestAnonymous(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.put(t, project+"/web", "1", w.image(t, project+"/web", "a"))
	for who, as := range map[string]house.Proof{
		"nobody": nil, "nobody's pass": w.fetch(t, nil, "repository:project/ann/shop/web:pull"),
		"a stranger": w.stranger, "a stranger's pass": w.fetch(t, w.stranger, "repository:project/ann/shop/web:pull"),
	} {
		for _, path := range []string{"/web/manifests/1", "/web/manifests/" + of256(b), "/web/tags/list", "/web/referrers/" + of256(b)} {
			if reply := w.Do(t, house.Call{Path: project + path, As: as}); reply.Status != 200 {
				t.Errorf("%s: %s: %s", who, path, reply)
			}
		}
		status, code := 401, "UNAUTHORIZED"
		if who == "a stranger" {
			status, code = 403, "DENIED"
		}
		w.fails(t, status, code, house.Call{Method: "PUT", Path: project + "/web/manifests/2", Body: b, As: as, Header: http.Header{"Content-Type": {manifestType}}})
		w.fails(t, status, code, house.Call{Method: "POST", Path: project + "/web/blobs/uploads/", As: as})
		w.fails(t, status, code, house.Call{Method: "DELETE", Path: project + "/web/manifests/1", As: as})
	}
}
