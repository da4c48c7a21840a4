package forge_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/fault"
	"ingot.dev/services/forge"
)

// browser is a request with the cookies.
func browser(cookies ...*http.Cookie) *http.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return r
}

func TestSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *forge.Config) { c.SessionLifetime = time.Hour })
	ctx := t.Context()
	ann, bob := w.user("ann"), w.user("bob")
	cookie := must(w.CreateSession(ctx, ann.ID, "Browser\n1.0\xff", "192.0.2.1"))(t)
	phone := must(w.CreateSession(ctx, ann.ID, strings.Repeat("x", 1000), "192.0.2.2"))(t)
	bobs := must(w.CreateSession(ctx, bob.ID, "", ""))(t)
	want := &http.Cookie{
		Name: "ingot_session", Value: cookie.Value, Path: "/forge/", MaxAge: 3600,
		HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode,
	}
	if diff := cmp.Diff(want, cookie); diff != "" || len(cookie.Value) < 43 {
		t.Errorf("%q (-want +got):\n%s", cookie.Value, diff)
	}
	want.Value, want.MaxAge = "", -1
	if diff := cmp.Diff(want, w.ClearCookie()); diff != "" {
		t.Errorf("clearing (-want +got):\n%s", diff)
	}

	signedIn := func(r *http.Request) string {
		t.Helper()
		return must(w.Session(ctx, r))(t).Name
	}
	for name, c := range map[string]struct {
		r    *http.Request
		want string
	}{
		"ann":         {browser(cookie), "ann"},
		"bob":         {browser(bobs), "bob"},
		"no cookie":   {browser(), ""},
		"no value":    {browser(&http.Cookie{Name: "ingot_session"}), ""},
		"wrong value": {browser(&http.Cookie{Name: "ingot_session", Value: cookie.Value + "x"}), ""},
		"other name":  {browser(&http.Cookie{Name: "session", Value: cookie.Value}), ""},
	} {
		if got := signedIn(c.r); got != c.want {
			t.Errorf("%s: signed in as %q, want %q", name, got, c.want)
		}
	}

	list := must(w.Sessions(ctx, ann.ID, browser(cookie)))(t)
	if len(list) != 2 || list[0].Current || !list[1].Current || list[1].Agent != "Browser1.0" || list[1].Addr != "192.0.2.1" ||
		len(list[0].Agent) != 200 || list[1].Expires.Sub(list[1].Created) != time.Hour {
		t.Errorf("ann's sessions are %+v", list)
	}
	// Incident 17: by its number alone nobody reaches what is not their own.
	refused(t, w.EndSession(ctx, bob.ID, list[0].ID), fault.NotFound)
	if err := w.EndSession(ctx, ann.ID, list[0].ID); err != nil {
		t.Fatal(err)
	}
	if got := signedIn(browser(phone)); got != "" {
		t.Errorf("an ended session is %s's", got)
	}
	if err := w.SignOut(ctx, browser(bobs)); err != nil {
		t.Fatal(err)
	}
	if err := w.SignOut(ctx, browser()); err != nil {
		t.Fatal(err)
	}
	if got := signedIn(browser(bobs)); got != "" {
		t.Errorf("after signing out still %s", got)
	}

	w.pass(time.Hour)
	if got := signedIn(browser(cookie)); got != "" {
		t.Errorf("a session beyond its time is %s's", got)
	}
	if list := must(w.Sessions(ctx, ann.ID, browser()))(t); len(list) != 0 {
		t.Errorf("ended sessions are listed: %+v", list)
	}
	if err := w.Tidy(ctx); err != nil {
		t.Fatal(err)
	}
	var rows int
	if _, err := w.d.Row(ctx, []any{&rows}, "SELECT count(*) FROM web_session"); err != nil || rows != 0 {
		t.Errorf("%d ended sessions are kept, %v", rows, err)
	}
}

func TestSessionWithoutEncryption(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *forge.Config) { c.RootURL = func() string { return "http://127.0.0.1:8080" } })
	if c := w.ClearCookie(); c.Secure || c.Path != "/" {
		t.Errorf("the cookie of a plain address is %+v", c)
	}
}

func TestNoSessionForBlocked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	ann := w.user("ann")
	if err := w.SetBlocked(ctx, ann.ID, true); err != nil {
		t.Fatal(err)
	}
	_, err := w.CreateSession(ctx, ann.ID, "", "")
	refused(t, err, fault.Unauthenticated)
	_, err = w.CreateSession(ctx, 99, "", "")
	refused(t, err, fault.NotFound)
}
