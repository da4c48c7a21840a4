package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
	embedded "ingot.dev/services/forge"
)

func TestCompany(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	form := url.Values{"alias": {"acme"}, "title": {"Kept"}, "private": {"on"}}
	r := w.send(t, "dev", "/companies/new", form)
	if r.Status != http.StatusConflict {
		t.Errorf("a name that is taken: %d", r.Status)
	}
	has(t, "the form", string(r.Body), `value="Kept"`, `name="private" checked`, `id="new-alias-error"`)
	form.Set("alias", "shade")
	if to := led(t, w.send(t, "dev", "/companies/new", form)); to != "/company/shade" {
		t.Errorf("it leads to %s", to)
	}
	has(t, "its maker's list", w.page(t, "dev", "/companies"), "/company/shade", "Private")
	lacks(t, "others' list", w.page(t, "out", "/companies"), "/company/shade")
	if r := w.get(t, "out", "/company/shade"); r.Status != http.StatusNotFound {
		t.Errorf("others see the company: %d", r.Status)
	}
	led(t, w.send(t, "dev", "/company/shade/settings", url.Values{"title": {"Light"}, "description": {"Of day"}}))
	has(t, "the company", w.page(t, "out", "/company/shade"), "Light", "Of day")
	const remove = "/company/shade/settings/delete"
	has(t, "the question", w.page(t, "dev", remove), "Type shade to confirm")
	if r := w.send(t, "dev", remove, url.Values{"typed": {"light"}}); r.Status != http.StatusBadRequest {
		t.Errorf("without its name: %d", r.Status)
	}
	if to := led(t, w.send(t, "dev", remove, url.Values{"typed": {"shade"}})); to != "/companies" {
		t.Errorf("it leads to %s", to)
	}
	w.Member(t, scope.Ref{Kind: scope.Company, ID: w.open.Parent.ID}, w.user(t, "adm"), forge.Owner)
	r = w.send(t, "adm", "/company/acme/settings/delete", url.Values{"typed": {"acme"}})
	if r.Status != http.StatusConflict {
		t.Errorf("a company with projects: %d", r.Status)
	}
	has(t, "the reason", string(r.Body), "acme still owns 2 project(s)")
}

func TestMembers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	acme := scope.Ref{Kind: scope.Company, ID: w.open.Parent.ID}
	w.Member(t, acme, w.user(t, "adm"), forge.Administrator)
	for _, at := range []string{"/company/acme/members", "/project/acme/money/settings/members"} {
		page := strings.TrimSuffix(at, "/members")
		if strings.HasPrefix(at, "/company") {
			page = at
		}
		list := w.page(t, "adm", page)
		has(t, at, list, `<option value="administrator"`)
		lacks(t, at, list, `<option value="owner"`)
		for name, form := range map[string]url.Values{
			"unknown": {"alias": {"nobody-at-all"}, "role": {"guest"}},
			"e-mail":  {"alias": {"out@example.com"}, "role": {"guest"}},
			"company": {"alias": {"acme"}, "role": {"guest"}},
			"no role": {"alias": {"out"}, "role": {"king"}},
		} {
			r := w.send(t, "adm", at, form)
			if r.Status != http.StatusBadRequest {
				t.Errorf("%s: %s: %d", at, name, r.Status)
			}
			has(t, name, string(r.Body), `value="`+form.Get("alias")+`"`, `-error"`)
		}
		if r := w.send(t, "adm", at, url.Values{"alias": {"out"}, "role": {"owner"}}); r.Status != http.StatusForbidden {
			t.Errorf("%s: a role above one's own: %d", at, r.Status)
		}
		led(t, w.send(t, "adm", at, url.Values{"alias": {"OUT"}, "role": {"reporter"}}))
		has(t, at, w.page(t, "adm", page), at+"/out/remove", `<option value="reporter" selected>`)
		if to := led(t, w.send(t, "adm", at+"/out", url.Values{"role": {"developer"}})); to != page {
			t.Errorf("%s: it leads to %s", at, to)
		}
		if r := w.get(t, "out", "/project/acme/money/package/upload"); r.Status != http.StatusOK {
			t.Errorf("%s: the developer cannot upload: %d", at, r.Status)
		}
		has(t, "the question", w.page(t, "adm", at+"/out/remove"), "Remove out?")
		led(t, w.send(t, "adm", at+"/out/remove", nil))
		lacks(t, at, w.page(t, "adm", page), "/out/remove")
	}
	// What is refused is said where one was; the last owner stays.
	w.Member(t, acme, w.user(t, "adm"), forge.Owner)
	led(t, w.send(t, "adm", "/company/acme/members/root/remove", nil))
	r := w.send(t, "adm", "/company/acme/members/adm/remove", nil)
	if to := led(t, r); to != "/company/acme/members" || cookies(r)["ingot_flash"] == nil {
		t.Errorf("the last owner: to %s with %v", to, cookies(r))
	}
	if members, _, err := w.Forge.Members(t.Context(), acme, embedded.Page{}); err != nil || len(members) != 1 {
		t.Errorf("%d members, %v", len(members), err)
	}
}

func TestUserPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Project(t, w.user(t, "dev").Ref(), "open", false, "")
	w.Project(t, w.user(t, "dev").Ref(), "closed", true, "")
	page := w.page(t, "out", "/user/dev")
	has(t, "what others see", page, "/project/dev/open")
	lacks(t, "what others see", page, "/project/dev/closed", "dev@example.com", "/projects/new")
	has(t, "what dev sees", w.page(t, "dev", "/user/dev"), "/project/dev/open", "/project/dev/closed", "/projects/new")
	has(t, "a search", w.page(t, "dev", "/user/dev?q=zzz"), "Nothing found")
}

func TestHome(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	has(t, "a visitor's page", w.page(t, "nobody", "/"), "/explore", "/sign-in")
	has(t, "who has nothing", w.page(t, "out", "/"), "No projects yet", "No packages yet", "/projects/new", "/companies/new", "git tag v1.0.0")
	url := w.publish(t, w.vault, "generic", simple("tool", "1.0.0"))
	has(t, "a member's page", w.page(t, "dev", "/"), "/project/acme/money", "/project/acme/vault", url)
	lacks(t, "who has nothing", w.page(t, "out", "/"), url)
}

func TestAdministration(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.signIn(t, "root", w.Password("root"))
	w.publish(t, w.open, "generic", simple("tool", "1.0.0"))
	has(t, "the overview", w.page(t, "root", "/admin"), "project/acme/money", "Generic", `<rect width="100"`)
	has(t, "health", w.page(t, "root", "/admin/health"), "Database", "0 wait, 0 of them failed", "http://ingot.example")
	has(t, "the companies", w.page(t, "root", "/admin/companies"), "/company/acme/settings")
	has(t, "the question", w.page(t, "root", "/admin/health/collect"), "0\u00a0B in 0 files")
	led(t, w.send(t, "root", "/admin/health/collect", nil))

	form := url.Values{"alias": {"new one"}, "email": {"new@example.com"}, "admin": {"on"}}
	r := w.send(t, "root", "/admin/users", form)
	if r.Status != http.StatusBadRequest {
		t.Errorf("a bad name: %d", r.Status)
	}
	has(t, "the form", string(r.Body), `value="new one"`, `value="new@example.com"`, `name="admin" checked`)
	form.Set("alias", "newone")
	w.signIn(t, "newone", w.shown(t, "/admin/users", form))
	w.page(t, "newone", "/admin")
	has(t, "a search", w.page(t, "root", "/admin/users?q=newone"), "new@example.com")
	lacks(t, "a search", w.page(t, "root", "/admin/users?q=newone"), "dev@example.com")

	led(t, w.send(t, "root", "/admin/users/newone/admin", nil))
	if r := w.get(t, "newone", "/admin"); r.Status != http.StatusForbidden {
		t.Errorf("who was an administrator sees the administration: %d", r.Status)
	}
	password := w.shown(t, "/admin/users/newone/password", nil)
	lacks(t, "the old session", w.page(t, "newone", "/"), "Signed in as")
	w.signIn(t, "newone", password)
	led(t, w.send(t, "root", "/admin/users/newone/block", nil))
	lacks(t, "a blocked user's session", w.page(t, "newone", "/"), "Signed in as")
	if r := w.send(t, "nobody", "/sign-in", credentials("newone", password)); r.Status != http.StatusUnauthorized {
		t.Errorf("a blocked user signs in: %d", r.Status)
	}
	led(t, w.send(t, "root", "/admin/users/newone/unblock", nil))
	w.signIn(t, "newone", password)
	if r := w.send(t, "root", "/admin/users/newone/delete", url.Values{"typed": {"new"}}); r.Status != http.StatusBadRequest {
		t.Errorf("deleted without the name: %d", r.Status)
	}
	led(t, w.send(t, "root", "/admin/users/newone/delete", url.Values{"typed": {"newone"}}))
	if r := w.get(t, "root", "/admin/users/newone"); r.Status != http.StatusNotFound {
		t.Errorf("the deleted user: %d", r.Status)
	}
	for _, path := range []string{"/admin/users/root/admin", "/admin/users/root/block"} { // the last administrator stays
		r := w.send(t, "root", path, nil)
		if led(t, r); cookies(r)["ingot_flash"] == nil {
			t.Errorf("%s says nothing", path)
		}
	}
	w.page(t, "root", "/admin")
}

// signIn has an account sign in with a browser.
func (w *world) signIn(t *testing.T, alias, password string) {
	t.Helper()
	r := w.send(t, "nobody", "/sign-in", credentials(alias, password))
	led(t, r)
	w.as[alias] = func(q *http.Request) { q.AddCookie(cookies(r)["ingot_session"]) }
}

// shown gives the password that the page after a form of root's shows.
func (w *world) shown(t *testing.T, path string, form url.Values) string {
	t.Helper()
	r := w.send(t, "root", path, form)
	_, rest, ok := strings.Cut(string(r.Body), "<pre><code>")
	password, _, _ := strings.Cut(rest, "<")
	if r.Status != http.StatusOK || r.Header.Get("Cache-Control") != "no-store" || !ok || len(password) < 20 {
		t.Fatalf("%s: %d %v\n%s", path, r.Status, r.Header, r.Body)
	}
	return password
}
