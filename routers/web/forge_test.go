package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ingot.dev/integrations/house"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
	embedded "ingot.dev/services/forge"
)

// cookies gives the cookies that a reply sets, by name.
func cookies(r house.Reply) map[string]*http.Cookie {
	out := map[string]*http.Cookie{}
	for _, c := range (&http.Response{Header: r.Header}).Cookies() {
		out[c.Name] = c
	}
	return out
}

func credentials(name, password string) url.Values {
	return url.Values{"name": {name}, "password": {password}}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, form := range map[string]url.Values{
		"wrong password": credentials("dev", "wrong password"),
		"nobody":         credentials("nobody-at-all", "wrong password"),
	} {
		r := w.send(t, "nobody", "/sign-in", form)
		if r.Status != http.StatusUnauthorized || r.Header.Get("WWW-Authenticate") != "" || len(cookies(r)) != 0 {
			t.Errorf("%s: %d, %v", name, r.Status, r.Header)
		}
		has(t, name, string(r.Body), `value="`+form.Get("name")+`"`, "the user name or the password is wrong", `role="alert"`)
		lacks(t, name, string(r.Body), "wrong password\"")
	}
	r := w.send(t, "nobody", "/sign-in", credentials("dev", w.Password("dev")))
	if to := led(t, r); to != "/" {
		t.Errorf("it leads to %s", to)
	}
	session := cookies(r)["ingot_session"]
	if session == nil || !session.HttpOnly || session.SameSite != http.SameSiteLaxMode {
		t.Fatalf("the session is %v", session)
	}
	w.as["browser"] = house.Cookie(session)
	has(t, "the home page", w.page(t, "browser", "/"), "Signed in as dev")
	if to := led(t, w.send(t, "browser", "/sign-out", nil)); to != "/" {
		t.Errorf("signing out leads to %s", to)
	}
	lacks(t, "the home page", w.page(t, "browser", "/"), "Signed in as")
	if r := w.get(t, "browser", "/settings"); r.Status != http.StatusSeeOther {
		t.Errorf("the old session reads the settings: %d", r.Status)
	}
}

// The address to go back to is one of ours.
func TestSignInLeadsBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for back, want := range map[string]string{
		"/settings/tokens?x=1&y=2": "/settings/tokens?x=1&y=2", "": "/", "settings": "/",
		"https://evil.example/": "/", "//evil.example/": "/", `/\evil.example`: "/", "/a\r\nSet-Cookie: x=y": "/", "javascript:alert(1)": "/",
	} {
		form := credentials("dev", w.Password("dev"))
		form.Set("back", back)
		if to := led(t, w.send(t, "nobody", "/sign-in", form)); to != want {
			t.Errorf("back to %q leads to %q", back, to)
		}
		if to := led(t, w.get(t, "dev", "/sign-in?back="+url.QueryEscape(back))); to != want {
			t.Errorf("who is signed in is led from %q to %q", back, to)
		}
	}
	to := led(t, w.get(t, "nobody", "/settings/tokens?a=b&c=d"))
	if to != "/sign-in?back=%2Fsettings%2Ftokens%3Fa%3Db%26c%3Dd" {
		t.Errorf("a visitor is led to %s", to)
	}
	has(t, "the form", w.page(t, "nobody", to), `name="back" value="/settings/tokens?a=b&c=d"`)
}

func TestSignInIsLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var last house.Reply
	for range 11 {
		last = w.send(t, "nobody", "/sign-in", credentials("dev", "a guess"))
	}
	if last.Status != http.StatusTooManyRequests || last.Header.Get("Retry-After") == "" {
		t.Fatalf("the eleventh guess: %d", last.Status)
	}
	has(t, "the page", string(last.Body), "try again in", `value="dev"`)
	if r := w.send(t, "nobody", "/sign-in", credentials("adm", w.Password("adm"))); r.Status != http.StatusSeeOther {
		t.Errorf("somebody else cannot sign in: %d", r.Status)
	}
}

func TestSignUp(t *testing.T) {
	t.Parallel()
	closed := newWorld(t)
	if r := closed.get(t, "nobody", "/sign-up"); r.Status != http.StatusNotFound {
		t.Errorf("without registration the form answers %d", r.Status)
	}
	lacks(t, "the sign-in page", closed.page(t, "nobody", "/sign-in"), "/sign-up")
	w := &world{House: house.New(t, "SECURITY__REGISTRATION=true"), as: map[string]house.Proof{"nobody": nil}}
	form := url.Values{"alias": {"new one"}, "email": {"new@example.com"}, "title": {"New"}, "password": {"correct horse"}}
	r := w.send(t, "nobody", "/sign-up", form)
	if r.Status != http.StatusBadRequest {
		t.Errorf("a bad name: %d", r.Status)
	}
	has(t, "the form", string(r.Body), `value="new one"`, `value="new@example.com"`, `id="sign-up-alias-error"`, `aria-invalid="true"`)
	lacks(t, "the form", string(r.Body), "correct horse")
	form.Set("alias", "newone")
	if session := cookies(w.send(t, "nobody", "/sign-up", form))["ingot_session"]; session == nil {
		t.Fatal("who signed up is not signed in")
	}
	if r := w.send(t, "nobody", "/sign-up", form); r.Status != http.StatusConflict {
		t.Errorf("the same name again: %d", r.Status)
	}
	has(t, "the sign-in page", w.page(t, "nobody", "/sign-in"), "/sign-up")
}

func TestDisplay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.send(t, "nobody", "/display", url.Values{"language": {"ru"}, "back": {"/explore"}})
	if to := led(t, r); to != "/explore" || cookies(r)["ingot_language"].Value != "ru" {
		t.Errorf("it leads to %s with %v", to, cookies(r))
	}
	w.as["russian"] = house.Cookie(cookies(r)["ingot_language"])
	has(t, "the page", w.page(t, "russian", "/"), `lang="ru"`, "Войти")
	for field, value := range map[string]string{"language": "xx", "theme": "pink"} {
		if r := w.send(t, "dev", "/display", url.Values{field: {value}}); r.Status != http.StatusBadRequest {
			t.Errorf("%s=%s: %d", field, value, r.Status)
		}
	}
	// An account keeps it, for the next browser.
	led(t, w.send(t, "dev", "/display", url.Values{"theme": {"dark"}}))
	led(t, w.send(t, "dev", "/display", url.Values{"language": {"ru"}}))
	set := cookies(w.send(t, "nobody", "/sign-in", credentials("dev", w.Password("dev"))))
	if set["ingot_theme"] == nil || set["ingot_theme"].Value != "dark" || set["ingot_language"] == nil || set["ingot_language"].Value != "ru" {
		t.Errorf("signing in sets %v", set)
	}
	if k := cookies(w.send(t, "dev", "/display", url.Values{"theme": {""}}))["ingot_theme"]; k == nil || k.MaxAge >= 0 {
		t.Errorf("following the system sets %v", k)
	}
}

// A form from another site is refused before any page sees it.
func TestOtherSitesAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{"/sign-in", "/settings", "/settings/tokens", "/companies/new", "/project/acme/money/settings"} {
		r := w.Do(t, house.Call{Method: http.MethodPost, Path: path, As: w.as["adm"], Header: http.Header{
			"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}, "Content-Type": {"application/x-www-form-urlencoded"},
		}})
		if r.Status != http.StatusForbidden {
			t.Errorf("%s: %d", path, r.Status)
		}
	}
}

func TestProfile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	form := url.Values{"title": {"Dora"}, "email": {"nonsense"}, "locale": {"ru"}, "theme": {"dark"}}
	r := w.send(t, "dev", "/settings", form)
	if r.Status != http.StatusBadRequest {
		t.Errorf("a bad address: %d", r.Status)
	}
	has(t, "the form", string(r.Body), `value="Dora"`, `value="nonsense"`, `id="settings-email-error"`, `<option value="ru" selected>`)
	form.Set("email", "root@example.com")
	if r := w.send(t, "dev", "/settings", form); r.Status != http.StatusConflict {
		t.Errorf("somebody else's address: %d", r.Status)
	}
	form.Set("email", "dora@example.com")
	if to := led(t, w.send(t, "dev", "/settings", form)); to != "/settings" {
		t.Errorf("it leads to %s", to)
	}
	has(t, "the form", w.page(t, "dev", "/settings"), `value="Dora"`, `value="dora@example.com"`)
}

func TestPassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := house.Cookie(w.Session(t, w.user(t, "dev")))
	form := func(current, password, repeated string) url.Values {
		return url.Values{"current": {current}, "password": {password}, "repeated": {repeated}}
	}
	own := w.Password("dev")
	for field, f := range map[string]url.Values{
		"current": form("wrong", "correct horse", "correct horse"), "repeated": form(own, "correct horse", "battery staple"),
		"password": form(own, "short", "short"),
	} {
		r := w.send(t, "dev", "/settings/password", f)
		if r.Status != http.StatusBadRequest {
			t.Errorf("%s: %d", field, r.Status)
		}
		has(t, field, string(r.Body), `id="password-`+field+`-error"`)
		lacks(t, field, string(r.Body), own, "correct horse", "battery staple")
	}
	r := w.send(t, "dev", "/settings/password", form(own, "correct horse", "correct horse"))
	led(t, r)
	w.as["dev"], w.as["other"] = house.Cookie(cookies(r)["ingot_session"]), other
	has(t, "this browser", w.page(t, "dev", "/"), "Signed in as dev")
	lacks(t, "another browser", w.page(t, "other", "/"), "Signed in as dev")
}

// user finds an account of the world.
func (w *world) user(t *testing.T, alias string) embedded.User {
	t.Helper()
	u, err := w.Forge.UserByName(t.Context(), alias)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestSessions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	dev := w.user(t, "dev")
	w.as["second"] = house.Cookie(w.Session(t, dev))
	list, err := w.Forge.Sessions(t.Context(), dev.ID, &http.Request{Header: http.Header{}})
	if err != nil || len(list) != 2 {
		t.Fatalf("%d sessions, %v", len(list), err)
	}
	has(t, "the list", w.page(t, "dev", "/settings/sessions"), "This browser", "Sign out all others")
	// The newest comes first; nobody else may end it.
	end := fmt.Sprintf("/settings/sessions/%d/end", list[0].ID)
	if r := w.send(t, "adm", end, nil); r.Status != http.StatusNotFound {
		t.Errorf("somebody else ends it: %d", r.Status)
	}
	led(t, w.send(t, "dev", end, nil))
	lacks(t, "what was ended", w.page(t, "second", "/"), "Signed in as")
	w.as["third"] = house.Cookie(w.Session(t, dev))
	r := w.send(t, "dev", "/settings/sessions/end", nil)
	led(t, r)
	w.as["dev"] = house.Cookie(cookies(r)["ingot_session"])
	has(t, "this browser", w.page(t, "dev", "/"), "Signed in as dev")
	lacks(t, "the others", w.page(t, "third", "/"), "Signed in as")
}

// secretOf finds the token on the page that shows it.
func secretOf(t *testing.T, page string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, "<pre><code>igt_")
	secret, _, _ := strings.Cut(rest, "<")
	if !ok || len(secret) < 40 {
		t.Fatalf("there is no token on the page\n%s", page)
	}
	return "igt_" + secret
}

func TestTokenIsShownOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.send(t, "dev", "/settings/tokens", url.Values{
		"name": {"laptop"}, "preset": {"transport"}, "within": {"project/acme/vault"}, "expires": {"2999-01-31"},
	})
	if r.Status != http.StatusOK || r.Header.Get("Cache-Control") != "no-store" || len(cookies(r)) != 0 {
		t.Fatalf("%d, %v", r.Status, r.Header)
	}
	secret := secretOf(t, string(r.Body))
	has(t, "the page", string(r.Body), "laptop", "git clone", "composer config --global --auth http-basic.")
	list := w.page(t, "dev", "/settings/tokens")
	lacks(t, "the list", list, secret)
	has(t, "the list", list, "laptop", secret[len(secret)-4:], "project/acme/vault", "1 Feb 2999", "packages:publish")
	use := func() int {
		return w.Do(t, house.Call{Path: "/project/acme/vault/package/-/composer/packages.json", As: house.Token(secret)}).Status
	}
	if got := use(); got != http.StatusOK {
		t.Errorf("the token is refused: %d", got)
	}
	tokens, err := w.Forge.Tokens(t.Context(), w.user(t, "dev").ID)
	if err != nil || len(tokens) != 1 || tokens[0].Grants != forge.Transport {
		t.Fatalf("%+v, %v", tokens, err)
	}
	revoke := fmt.Sprintf("/settings/tokens/%d/revoke", tokens[0].ID)
	has(t, "the question", w.page(t, "dev", revoke), "Revoke laptop?", "packages:publish")
	for _, r := range []house.Reply{w.get(t, "adm", revoke), w.send(t, "adm", revoke, nil)} {
		if r.Status != http.StatusNotFound {
			t.Errorf("somebody else's token: %d", r.Status)
		}
	}
	led(t, w.send(t, "dev", revoke, nil))
	if got := use(); got != http.StatusUnauthorized {
		t.Errorf("the revoked token: %d", got)
	}
	lacks(t, "the list", w.page(t, "dev", "/settings/tokens"), revoke)
}

func TestTokensThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, c := range map[string]struct {
		form url.Values
		at   string // what of the page says so
	}{
		"no name":       {url.Values{"preset": {"api"}}, `id="tokens-name-error"`},
		"no grants":     {url.Values{"name": {"kept"}, "preset": {"own"}}, "at least one grant"},
		"odd grant":     {url.Values{"name": {"kept"}, "preset": {"own"}, "grant": {"everything"}}, "there is no grant"},
		"odd scope":     {url.Values{"name": {"kept"}, "preset": {"api"}, "within": {"acme"}}, `id="tokens-within-error"`},
		"hidden scope":  {url.Values{"name": {"kept"}, "preset": {"api"}, "within": {"project/acme/vault"}}, "there is no project/acme/vault, or you may not see it"},
		"missing scope": {url.Values{"name": {"kept"}, "preset": {"api"}, "within": {"project/acme/none"}}, "there is no project/acme/none, or you may not see it"},
		"odd day":       {url.Values{"name": {"kept"}, "preset": {"api"}, "expires": {"soon"}}, `id="tokens-expires-error"`},
		"past day":      {url.Values{"name": {"kept"}, "preset": {"api"}, "expires": {"2001-01-01"}}, `id="tokens-expires-error"`},
	} {
		r := w.send(t, "out", "/settings/tokens", c.form)
		if r.Status != http.StatusBadRequest {
			t.Errorf("%s: %d", name, r.Status)
		}
		has(t, name, string(r.Body), c.at, `value="`+c.form.Get("name")+`"`, `value="`+c.form.Get("preset")+`" checked`)
	}
	if tokens, err := w.Forge.Tokens(t.Context(), w.user(t, "out").ID); err != nil || len(tokens) != 0 {
		t.Errorf("%d tokens were made, %v", len(tokens), err)
	}
}

// Who sees and may do what on the pages of the forge.
func TestForgePagesKeepRights(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const ok, sign, denied, hidden = http.StatusOK, http.StatusSeeOther, http.StatusForbidden, http.StatusNotFound
	read := map[string][2]int{"nobody": {ok, hidden}, "out": {ok, hidden}, "guest": {ok, ok}, "adm": {ok, ok}}
	manage := map[string][2]int{"nobody": {sign, hidden}, "out": {denied, hidden}, "guest": {denied, denied}, "dev": {denied, denied}, "adm": {ok, ok}}
	for i, sc := range []scope.Scope{w.open, w.vault} {
		at := "/" + sc.Path.String()
		for path, table := range map[string]map[string][2]int{
			at: read, at + "/tree/README.md": read, at + "/raw/README.md": read, at + "/commits": read,
			at + "/settings": manage, at + "/settings/delete": manage, at + "/settings/members/guest/remove": manage,
		} {
			for who, want := range table {
				if r := w.get(t, who, path); r.Status != want[i] {
					t.Errorf("%s as %s: %d, want %d", path, who, r.Status, want[i])
				}
			}
		}
		for _, path := range []string{"", "/publish-on-push", "/members", "/members/guest", "/members/guest/remove", "/delete"} {
			for who, want := range map[string][2]int{"nobody": {401, 404}, "out": {403, 404}, "guest": {403, 403}, "dev": {403, 403}} {
				if r := w.send(t, who, at+"/settings"+path, url.Values{}); r.Status != want[i] {
					t.Errorf("sending %s/settings%s as %s: %d, want %d", at, path, who, r.Status, want[i])
				}
			}
		}
	}
	for path, want := range map[string][2]int{ // nobody, and somebody who is no administrator of it
		"/": {ok, ok}, "/sign-in": {ok, sign}, "/companies": {ok, ok}, "/company/acme": {ok, ok}, "/company/acme/members": {ok, ok},
		"/user/dev": {ok, ok}, "/user/none": {hidden, hidden}, "/company/none": {hidden, hidden},
		"/settings": {sign, ok}, "/settings/tokens": {sign, ok}, "/companies/new": {sign, ok}, "/projects/new": {sign, ok},
		"/company/acme/settings": {sign, denied}, "/admin": {sign, denied}, "/admin/users": {sign, denied}, "/admin/health": {sign, denied},
		"/admin/users/root": {sign, denied}, "/admin/health/collect": {sign, denied},
	} {
		for i, who := range []string{"nobody", "adm"} {
			if r := w.get(t, who, path); r.Status != want[i] {
				t.Errorf("%s as %s: %d, want %d", path, who, r.Status, want[i])
			}
		}
	}
	for _, path := range []string{"/admin/users", "/admin/users/root/password", "/admin/users/root/block", "/admin/users/adm/admin", "/admin/health/collect"} {
		for who, want := range map[string]int{"nobody": 401, "adm": 403} {
			if r := w.send(t, who, path, url.Values{"admin": {"on"}}); r.Status != want {
				t.Errorf("sending %s as %s: %d, want %d", path, who, r.Status, want)
			}
		}
	}
	lacks(t, "what outsiders see of the company", w.page(t, "out", "/company/acme"), "vault")
	has(t, "what guests see of the company", w.page(t, "guest", "/company/acme"), "vault")
}

func TestRequireSignIn(t *testing.T) {
	t.Parallel()
	w := &world{House: house.New(t, "SECURITY__REQUIRE_SIGN_IN=true"), as: map[string]house.Proof{"nobody": nil}}
	w.Company(t, "acme", w.Admin(t, "root"), false)
	for path, want := range map[string]int{"/": 200, "/sign-in": 200, "/companies": 303, "/company/acme": 303, "/user/root": 303, "/company/nothing": 303, "/project/no/thing/tags": 303} {
		r := w.get(t, "nobody", path)
		if r.Status != want {
			t.Errorf("%s: %d, want %d", path, r.Status, want)
		}
		lacks(t, path, string(r.Body), "ACME")
	}
}
