package packages

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ingot.dev/models/dbtest"
	"ingot.dev/modules/fault"
	host "ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/seal"
	"ingot.dev/routers/gate"
	"ingot.dev/services/forge"
	"ingot.dev/services/login"
	"ingot.dev/services/pass"
)

const password = "correct horse battery"

// desk is accounts on an embedded forge, with somebody in it.
type desk struct {
	*accounts
	forge *forge.Forge
	ann   host.Actor
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := dbtest.New(t)
	f, err := forge.New(d, forge.Config{Repositories: filepath.Join(t.TempDir(), "r"), RootURL: func() string { return "https://ingot.example" }})
	if err != nil {
		t.Fatal(err)
	}
	ann, err := f.CreateUser(t.Context(), forge.NewUser{Alias: "ann", Email: "ann@example.com", Password: password})
	if err != nil {
		t.Fatal(err)
	}
	box, err := seal.New(make([]byte, seal.SecretSize))
	if err != nil {
		t.Fatal(err)
	}
	g := &gate.Gate{Forge: f, Log: slog.New(slog.DiscardHandler)}
	return &desk{
		newAccounts(g, login.New(d, time.Now), pass.New(box, time.Now), nil, "https://ingot.example"),
		f,
		host.Actor{ID: ann.ID, Name: "ann"},
	}
}

// request is one from an address, with a header of authorization or none.
func request(authorization string) *format.Request {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.RemoteAddr = "192.0.2.7:1234"
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	return &format.Request{W: httptest.NewRecorder(), R: r}
}

func refused(t *testing.T, what string, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) || fault.From(err).Message == "" {
		t.Errorf("%s: %v, want a fault of kind %s", what, err, kind)
	}
}

func (d *desk) token(t *testing.T, grants host.Grant) string {
	t.Helper()
	secret, err := d.forge.CreateToken(t.Context(), d.ann.ID, forge.NewToken{Name: "test", Grants: grants})
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func TestAccountsSignIn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a, err := d.accounts.SignIn(request(""), "ann", password)
	if err != nil || a.ID != d.ann.ID || a.Token != nil {
		t.Errorf("by password: %+v, %v", a, err)
	}
	a, err = d.accounts.SignIn(request(""), "ann", d.token(t, host.GrantPackagesRead))
	if err != nil || a.ID != d.ann.ID || a.Token == nil || a.Token.Grants != host.GrantPackagesRead {
		t.Errorf("by token: %+v, %v", a, err)
	}
	for _, wrong := range []string{"", "wrong"} {
		_, err = d.accounts.SignIn(request(""), "ann", wrong)
		refused(t, "a wrong password", err, fault.Unauthenticated)
	}
}

func TestAccountsTokens(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	n := host.NewToken{Name: "laptop", Grants: host.Transport}
	secret, made, err := d.Issue(request(""), d.ann, n)
	if err != nil || secret == "" || made.Name != "laptop" {
		t.Fatalf("%+v, %v", made, err)
	}
	if list, err := d.Issued(request(""), d.ann); err != nil || len(list) != 1 || list[0].ID != made.ID {
		t.Errorf("the list is %+v, %v", list, err)
	}
	passed := request("")
	passed.Pass = true
	for what, c := range map[string]struct {
		q    *format.Request
		a    host.Actor
		kind fault.Kind
	}{
		"a pass": {passed, d.ann, fault.Denied},
		"nobody": {request(""), host.Actor{}, fault.Unauthenticated},
	} {
		_, _, err := d.Issue(c.q, c.a, n)
		refused(t, what+" makes", err, c.kind)
		_, err = d.Issued(c.q, c.a)
		refused(t, what+" lists", err, c.kind)
		refused(t, what+" revokes", d.Revoke(c.q, c.a, made.ID), c.kind)
	}
	if err := d.Revoke(request(""), d.ann, made.ID); err != nil {
		t.Error(err)
	}
}

func TestAccountsLogin(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	l, err := d.BeginLogin(request(""), "npm")
	if err != nil {
		t.Fatal(err)
	}
	code, ok := strings.CutPrefix(l.URL, "https://ingot.example/login/")
	if !ok || code == "" || l.Poll == "" || !l.Expires.After(time.Now()) {
		t.Fatalf("begun %+v", l)
	}
	if secret, ready, err := d.EndLogin(request(""), l.Poll); secret != "" || ready || err != nil {
		t.Errorf("before the answer: %q, %v, %v", secret, ready, err)
	}
	if err := d.logins.Approve(t.Context(), code, d.ann); err != nil {
		t.Fatal(err)
	}
	secret, ready, err := d.EndLogin(request(""), l.Poll)
	if err != nil || !ready {
		t.Fatalf("after the answer: %v, %v", ready, err)
	}
	a, err := d.forge.Authenticate(t.Context(), host.Credential{Scheme: host.Bearer, Secret: secret})
	if err != nil || a.ID != d.ann.ID || a.Token == nil || a.Token.Grants != host.Transport ||
		a.Token.Name != "npm on 192.0.2.7, "+time.Now().UTC().Format(time.DateOnly) {
		t.Errorf("the token stands for %+v (%+v), %v", a, a.Token, err)
	}
	for _, poll := range []string{l.Poll, code, ""} {
		secret, ready, err = d.EndLogin(request(""), poll)
		refused(t, "once more", err, fault.NotFound)
		if secret != "" || ready {
			t.Errorf("there is another token")
		}
	}
}

// Who agreed and is blocked or gone meanwhile gets no token.
func TestAccountsLoginOfTheLost(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ctx := t.Context()
	agreed := func() string {
		l, err := d.BeginLogin(request(""), "npm")
		if err != nil {
			t.Fatal(err)
		}
		if err := d.logins.Approve(ctx, l.URL[strings.LastIndex(l.URL, "/")+1:], d.ann); err != nil {
			t.Fatal(err)
		}
		return l.Poll
	}
	blocked, gone := agreed(), agreed()
	if err := d.forge.SetBlocked(ctx, d.ann.ID, true); err != nil {
		t.Fatal(err)
	}
	secret, _, err := d.EndLogin(request(""), blocked)
	refused(t, "a blocked account", err, fault.Unauthenticated)
	if list, listErr := d.forge.Issued(ctx, d.ann); secret != "" || listErr != nil || len(list) != 0 {
		t.Errorf("there are tokens: %+v, %v", list, listErr)
	}
	if err := d.forge.DeleteUser(ctx, d.ann.ID); err != nil {
		t.Fatal(err)
	}
	_, _, err = d.EndLogin(request(""), gone)
	refused(t, "an account that is gone", err, fault.NotFound)
}

// other is a forge that makes no tokens.
type other struct{ host.Forge }

func TestAccountsOfAnotherForge(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.gate.Forge = other{d.forge}
	q := request("")
	_, _, err := d.Issue(q, d.ann, host.NewToken{Name: "x", Grants: host.Transport})
	refused(t, "issue", err, fault.Unsupported)
	_, err = d.Issued(q, d.ann)
	refused(t, "issued", err, fault.Unsupported)
	refused(t, "revoke", d.Revoke(q, d.ann, 1), fault.Unsupported)
	_, err = d.BeginLogin(q, "npm")
	refused(t, "begin", err, fault.Unsupported)
	_, _, err = d.EndLogin(q, "x")
	refused(t, "end", err, fault.Unsupported)
	if a, err := d.accounts.SignIn(q, "ann", password); err != nil || a.ID != d.ann.ID {
		t.Errorf("signing in: %+v, %v", a, err)
	}
}

func TestAccountsPass(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	access := []format.Access{{Subject: "acme/app", Grants: host.GrantPackagesRead}}
	secret := d.token(t, host.Transport)
	basic := httptest.NewRequest(http.MethodGet, "/", nil)
	basic.SetBasicAuth("ann", secret)
	seal := func(q *format.Request) pass.Pass {
		t.Helper()
		token, err := d.Pass(q, access, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		p, err := d.passes.Open(token)
		if err != nil {
			t.Fatal(err)
		}
		if !p.Allows("acme/app", host.GrantPackagesRead) || p.Allows("acme/app", host.GrantPackagesPublish) || p.Expires.After(time.Now().Add(time.Minute)) {
			t.Errorf("the pass is %+v", p)
		}
		return p
	}
	if p := seal(request("")); !p.Anonymous || p.Credential != (host.Credential{}) {
		t.Errorf("of nobody: %+v", p)
	}
	p := seal(request(basic.Header.Get("Authorization")))
	if p.Anonymous || p.Credential != (host.Credential{Scheme: host.Basic, Name: "ann", Secret: secret}) {
		t.Errorf("of a token: %+v", p)
	}
	// Incident 25: what is revoked ends at once, whatever stands for it.
	a, err := d.gate.Prove(request("").R, p.Credential)
	if err != nil || a.Token == nil {
		t.Fatalf("%+v, %v", a, err)
	}
	if err := d.forge.RevokeToken(t.Context(), d.ann.ID, a.Token.ID); err != nil {
		t.Fatal(err)
	}
	_, err = d.gate.Prove(request("").R, p.Credential)
	refused(t, "the pass of a revoked token", err, fault.Unauthenticated)

	token, err := d.Pass(request("Bearer "+secret), access, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	_, err = d.Pass(request("Bearer "+token), access, time.Hour)
	refused(t, "a pass for a pass", err, fault.Denied)

	// A format's own way to send a credential comes first.
	d.own = func(r *http.Request) (host.Credential, bool) {
		key := r.Header.Get("X-Key")
		return host.Credential{Scheme: host.Raw, Secret: key}, key != ""
	}
	q := request("Bearer " + secret)
	q.R.Header.Set("X-Key", "igt_own")
	if p := seal(q); p.Credential != (host.Credential{Scheme: host.Raw, Secret: "igt_own"}) {
		t.Errorf("of a format's own: %+v", p)
	}
}
