package web_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ingot.dev/models/dbtest"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/setting"
	"ingot.dev/routers"
	"ingot.dev/routers/gate"
	"ingot.dev/routers/middleware"
	"ingot.dev/routers/web"
	"ingot.dev/services/access"
	embedded "ingot.dev/services/forge"
	"ingot.dev/services/login"
)

// counter is the pages alone, on a forge with somebody in it, and sign-ins
// that no client waits for.
type counter struct {
	*login.Service
	pages  *web.Pages
	server http.Handler
	ann    embedded.User
	cookie *http.Cookie
}

// newCounter makes one whose pages see the forge as dress gives it.
func newCounter(t *testing.T, dress func(forge.Forge) forge.Forge) *counter {
	t.Helper()
	const root = "https://ingot.example"
	d := dbtest.New(t)
	f, err := embedded.New(d, embedded.Config{Repositories: filepath.Join(t.TempDir(), "r"), RootURL: func() string { return root }})
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := setting.Load("", []string{"INGOT__PATHS__DATA=" + t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	c := &counter{Service: login.New(d, time.Now)}
	if c.ann, err = f.CreateUser(t.Context(), embedded.NewUser{Alias: "ann", Email: "ann@example.com", Password: "correct horse battery"}); err != nil {
		t.Fatal(err)
	}
	if c.cookie, err = f.CreateSession(t.Context(), c.ann.ID, "test", ""); err != nil {
		t.Fatal(err)
	}
	seen := dress(f)
	g := &gate.Gate{Forge: seen, Access: access.New(seen, false), Log: slog.New(slog.DiscardHandler)}
	o := web.Options{Gate: g, Logins: c.Service, Config: cfg, Root: root}
	if own, ok := seen.(*embedded.Forge); ok {
		o.Forge = own
	}
	if c.pages, err = web.New(o); err != nil {
		t.Fatal(err)
	}
	c.server, err = routers.New(routers.Options{
		Gate: g, Middleware: middleware.Options{Log: middleware.Logger(slog.DiscardHandler), Root: root},
		Areas: []routers.Area{c.pages}, Fail: c.pages.Fail,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func itself(f forge.Forge) forge.Forge { return f }

func (c *counter) begin(t *testing.T) login.Begun {
	t.Helper()
	b, err := c.Begin(t.Context(), "npm", "192.0.2.7:1234")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// do sends a request of a browser, signed in or not; a form where there is one.
func (c *counter) do(path string, known bool, form url.Values, origin string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if form != nil {
		r = httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.RemoteAddr = "198.51.100.4:1234"
	r.Header.Set("Accept", "text/html")
	if origin != "" {
		r.Header.Set("Origin", origin)
	}
	if known {
		r.AddCookie(c.cookie)
	}
	w := httptest.NewRecorder()
	c.server.ServeHTTP(w, r)
	return w
}

func answer(word string) url.Values { return url.Values{"answer": {word}} }

func TestLoginIsAsked(t *testing.T) {
	t.Parallel()
	c := newCounter(t, itself)
	b := c.begin(t)
	path := "/login/" + b.Code
	r := c.do(path, false, nil, "")
	if to := r.Header().Get("Location"); r.Code != http.StatusSeeOther || to != "/sign-in?back="+url.QueryEscape(path) {
		t.Errorf("a visitor is answered %d and led to %q", r.Code, to)
	}
	r = c.do(path, true, nil, "")
	if r.Code != http.StatusOK {
		t.Fatalf("the page: %d\n%s", r.Code, r.Body)
	}
	has(t, "the page", r.Body.String(), "npm wants to sign in", "npm on 192.0.2.7 wants a token for your account ann", "Only agree if you have just started this yourself",
		"198.51.100.4", "publish packages", `value="allow"`, `value="refuse"`, `action="`+path+`"`)
	lacks(t, "the page", r.Body.String(), "delete packages", "change settings", b.Poll)
	if policy := r.Header().Get("Content-Security-Policy"); !strings.Contains(policy, "frame-ancestors 'none'") || r.Header().Get("X-Frame-Options") != "DENY" {
		t.Errorf("another site can put the page into a frame: %v", r.Header())
	}
	if _, err := c.Find(t.Context(), b.Code); err != nil {
		t.Errorf("looking at the question answered it: %v", err)
	}
}

func TestLoginIsAnswered(t *testing.T) {
	t.Parallel()
	c := newCounter(t, itself)
	allowed, denied := c.begin(t), c.begin(t)

	r := c.do("/login/"+allowed.Code, true, answer("allow"), "https://ingot.example")
	if r.Code != http.StatusOK {
		t.Fatalf("allowing: %d\n%s", r.Code, r.Body)
	}
	has(t, "the end", r.Body.String(), "npm is signed in", "You can close this window")
	consent, ready, err := c.Take(t.Context(), allowed.Poll)
	if err != nil || !ready || consent.Account != c.ann.ID {
		t.Errorf("the client is told %+v, %v, %v", consent, ready, err)
	}

	r = c.do("/login/"+denied.Code, true, answer("refuse"), "https://ingot.example")
	if r.Code != http.StatusOK {
		t.Fatalf("refusing: %d\n%s", r.Code, r.Body)
	}
	has(t, "the end", r.Body.String(), "npm gets no token", "You can close this window")
	if _, _, err := c.Take(t.Context(), denied.Poll); !fault.Is(err, fault.NotFound) {
		t.Errorf("the client is told %v", err)
	}

	for what, r := range map[string]*httptest.ResponseRecorder{
		"answered": c.do("/login/"+denied.Code, true, nil, ""), "unknown": c.do("/login/none", true, nil, ""),
		"answered again": c.do("/login/"+denied.Code, true, answer("allow"), ""), "the client's secret": c.do("/login/"+c.begin(t).Poll, true, nil, ""),
	} {
		if r.Code != http.StatusNotFound {
			t.Errorf("%s: %d", what, r.Code)
		}
		has(t, what, r.Body.String(), "This sign-in is not open", "Begin it anew")
	}
}

// Nothing but the button of the page itself, pressed by somebody who is signed
// in, answers.
func TestLoginIsNotAnsweredByOthers(t *testing.T) {
	t.Parallel()
	c := newCounter(t, itself)
	b := c.begin(t)
	for what, r := range map[string]struct {
		known  bool
		form   url.Values
		origin string
		want   int
	}{
		"a page of another site": {true, answer("allow"), "https://evil.example", http.StatusForbidden},
		"a visitor":              {false, answer("allow"), "https://ingot.example", http.StatusUnauthorized},
		"a visitor who refuses":  {false, answer("refuse"), "https://ingot.example", http.StatusUnauthorized},
		"no answer":              {true, url.Values{}, "https://ingot.example", http.StatusBadRequest},
		"another answer":         {true, answer("perhaps"), "https://ingot.example", http.StatusBadRequest},
	} {
		if got := c.do("/login/"+b.Code, r.known, r.form, r.origin); got.Code != r.want {
			t.Errorf("%s: %d, want %d", what, got.Code, r.want)
		}
	}
	if _, err := c.Find(t.Context(), b.Code); err != nil {
		t.Errorf("it is answered: %v", err)
	}
}

// plainForge is another forge, which makes no tokens; issuingForge is one that
// does. Neither has Ingot's own pages.
type (
	plainForge   struct{ forge.Forge }
	issuingForge struct {
		forge.Forge
		forge.Issuer
	}
)

func TestLoginInAnotherForge(t *testing.T) {
	t.Parallel()
	page := func(r web.Route) bool { return r.Name == "login" }
	without := newCounter(t, func(f forge.Forge) forge.Forge { return plainForge{f} })
	if slices.ContainsFunc(without.pages.Routes(), page) {
		t.Error("where no tokens are made there is a page to agree to one")
	}
	c := newCounter(t, func(f forge.Forge) forge.Forge { return issuingForge{f, f.(forge.Issuer)} })
	b := c.begin(t)
	if r := c.do("/login/"+b.Code, false, nil, ""); r.Code != http.StatusUnauthorized {
		t.Errorf("a visitor is answered %d", r.Code)
	}
	r := c.do("/login/"+b.Code, true, nil, "")
	if r.Code != http.StatusOK {
		t.Fatalf("the page: %d\n%s", r.Code, r.Body)
	}
	lacks(t, "the page", r.Body.String(), "/sign-in", `href="/settings`)
}
