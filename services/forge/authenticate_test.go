package forge_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/fault"
	host "ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
	"ingot.dev/services/forge"
)

func TestAuthenticate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.user("Ann")
	bob := w.user("bob")
	w.company("acme", bob, false)
	token := w.token(ann)
	const nobody = ""
	for name, c := range map[string]struct {
		c    host.Credential
		want string
	}{
		"alias and password":      {basic("ann", password), "Ann"},
		"letter case":             {basic("ANN", password), "Ann"},
		"e-mail and password":     {basic("ANN@example.ORG", password), "Ann"},
		"alias and token":         {basic("ann", token), "Ann"},
		"e-mail and token":        {basic("Ann@example.org", token), "Ann"},
		"bearer":                  {bearer(token), "Ann"},
		"raw":                     {host.Credential{Scheme: host.Raw, Secret: token}, "Ann"},
		"no name":                 {basic("", token), "Ann"},
		"twine's name":            {basic("__token__", token), "Ann"},
		"git's name":              {basic("x-access-token", token), "Ann"},
		"oauth2":                  {basic("oauth2", token), "Ann"},
		"somebody else's name":    {basic("bob", token), nobody},
		"somebody else's e-mail":  {basic("bob@example.org", token), nobody},
		"an unknown name":         {basic("carol", token), nobody},
		"wrong password":          {basic("ann", "correct horse"), nobody},
		"password in other case":  {basic("ann", strings.ToUpper(password)), nobody},
		"no password":             {basic("ann", ""), nobody},
		"endless password":        {basic("ann", strings.Repeat(password, 100)), nobody},
		"unknown user":            {basic("carol", password), nobody},
		"endless name":            {basic(strings.Repeat("a", 100_000), password), nobody},
		"no text":                 {basic("a\x00\xff@\xfe", password), nobody},
		"a company":               {basic("acme", password), nobody},
		"no name, password":       {basic("", password), nobody},
		"password as bearer":      {bearer(password), nobody},
		"password as raw":         {host.Credential{Scheme: host.Raw, Secret: password}, nobody},
		"unknown token":           {bearer(strings.Replace(token, "igt_", "igt_x", 1)), nobody},
		"mistyped token":          {bearer(token[:len(token)-1]), nobody},
		"token with more":         {bearer(token + " "), nobody},
		"token as name":           {basic(token, ""), nobody},
		"nothing":                 {host.Credential{}, nobody},
		"stored hash as password": {basic("ann", "$argon2id$v=19$m=19456,t=2,p=1"), nobody},
	} {
		t.Run(name, func(t *testing.T) {
			f := w.process()
			for _, state := range []string{"cold", "warm"} {
				a, err := f.Authenticate(f.Begin(t.Context()), c.c)
				if c.want == nobody {
					refused(t, err, fault.Unauthenticated)
					if diff := cmp.Diff(host.Actor{}, a); diff != "" {
						t.Errorf("%s: somebody comes with the refusal: %s", state, diff)
					}
					continue
				}
				if err != nil || a.Name != c.want || a.ID != ann.ID || a.UUID != ann.UUID {
					t.Errorf("%s: %+v, %v, want %s", state, a, err, c.want)
				}
				if byToken := strings.HasPrefix(c.c.Secret, "igt_"); byToken != (a.Token != nil) {
					t.Errorf("%s: the actor's token is %v", state, a.Token)
				}
			}
		})
	}
}

// Incidents 2 and 24: what a token is limited to comes with it, remembered or
// not.
func TestTokenKeepsItsLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.user("ann")
	lib := w.project("lib", ann.Ref(), true).Ref()
	secret := w.token(ann, func(n *forge.NewToken) {
		n.Name, n.Grants, n.Within = "read only", host.GrantPackagesRead, &lib
	})
	for _, state := range []string{"cold", "warm"} {
		a := must(w.Authenticate(t.Context(), bearer(secret)))(t)
		want := &host.Token{ID: a.Token.ID, Name: "read only", Grants: host.GrantPackagesRead, Within: &lib}
		if diff := cmp.Diff(want, a.Token); diff != "" || a.Token.ID == 0 {
			t.Errorf("%s (-want +got):\n%s", state, diff)
		}
	}
}

// Incidents 24 and 25: what was taken away does not work once more, whichever
// process took it and whichever one remembers it.
func TestTakenAwayAtOnce(t *testing.T) {
	t.Parallel()
	type action = func(ctx context.Context, f *forge.Forge, u forge.User, token int64) error
	for name, c := range map[string]struct {
		do                            action
		tokenWorks, passwordWorks     bool
		newPasswordWorks, sessionOpen bool
	}{
		"nothing": {
			func(context.Context, *forge.Forge, forge.User, int64) error { return nil }, true, true, false, true,
		},
		"token revoked": {
			func(ctx context.Context, f *forge.Forge, u forge.User, token int64) error {
				return f.RevokeToken(ctx, u.ID, token)
			}, false, true, false, true,
		},
		"password changed": {
			func(ctx context.Context, f *forge.Forge, u forge.User, _ int64) error {
				return f.SetPassword(ctx, u.ID, "another "+password)
			}, true, false, true, false,
		},
		"blocked": {
			func(ctx context.Context, f *forge.Forge, u forge.User, _ int64) error {
				return f.SetBlocked(ctx, u.ID, true)
			}, false, false, false, false,
		},
		"let in again": {
			func(ctx context.Context, f *forge.Forge, u forge.User, _ int64) error {
				if err := f.SetBlocked(ctx, u.ID, true); err != nil {
					return err
				}
				return f.SetBlocked(ctx, u.ID, false)
			}, true, true, false, false,
		},
		"sessions ended": {
			func(ctx context.Context, f *forge.Forge, u forge.User, _ int64) error {
				return f.EndSessions(ctx, u.ID)
			}, true, true, false, false,
		},
		"deleted": {
			func(ctx context.Context, f *forge.Forge, u forge.User, _ int64) error {
				return f.DeleteUser(ctx, u.ID)
			}, false, false, false, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ctx := t.Context()
			u := w.user("ann")
			secret := w.token(u)
			cookie := must(w.CreateSession(ctx, u.ID, "", ""))(t)
			other := w.process()
			for _, f := range []*forge.Forge{w.Forge, other} { // both remember
				must(f.Authenticate(ctx, bearer(secret)))(t)
				must(f.Authenticate(ctx, basic("ann", password)))(t)
				if a := must(f.Session(ctx, browser(cookie)))(t); a.ID != u.ID {
					t.Fatalf("the session is %+v's", a)
				}
			}
			tokens := must(w.Tokens(ctx, u.ID))(t)
			if err := c.do(ctx, other, u, tokens[0].ID); err != nil {
				t.Fatal(err)
			}
			for i, f := range []*forge.Forge{w.Forge, other} {
				for what, try := range map[string]struct {
					c     host.Credential
					works bool
				}{
					"token":        {bearer(secret), c.tokenWorks},
					"password":     {basic("ann", password), c.passwordWorks},
					"new password": {basic("ann", "another "+password), c.newPasswordWorks},
				} {
					if _, err := f.Authenticate(ctx, try.c); (err == nil) != try.works {
						t.Errorf("process %d: %s: %v, should work: %t", i, what, err, try.works)
					} else if err != nil {
						refused(t, err, fault.Unauthenticated)
					}
				}
				if a := must(f.Session(ctx, browser(cookie)))(t); a.Anonymous() == c.sessionOpen {
					t.Errorf("process %d: the session is %q's", i, a.Name)
				}
			}
		})
	}
}

func TestTokenExpires(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.user("ann")
	secret := w.token(u, func(n *forge.NewToken) { n.Expires = w.cfg.Now().Add(time.Hour) })
	must(w.Authenticate(t.Context(), bearer(secret)))(t)
	w.pass(time.Hour - time.Microsecond)
	ctx := w.Begin(t.Context())
	must(w.Authenticate(ctx, bearer(secret)))(t)
	w.pass(time.Microsecond)
	_, err := w.Authenticate(ctx, bearer(secret)) // pinned rights do not stop the clock
	refused(t, err, fault.Unauthenticated)
	if !strings.Contains(err.Error(), "21 November 2026") {
		t.Errorf("%v does not say when", err)
	}
}

// Incident 16: nobody is there before somebody was made, and nobody has a
// password that was not given.
func TestIncident16NoDefaultCredential(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if users, n, err := w.Users(t.Context(), forge.Page{}); err != nil || n != 0 || len(users) != 0 {
		t.Fatalf("a new forge has %d users, %v", n, err)
	}
	for _, name := range []string{"admin", "root", "administrator", "ingot", "git", "user"} {
		for _, secret := range []string{name, "", "password", "Harbor12345", "admin123", "123456"} {
			_, err := w.process().Authenticate(t.Context(), host.Credential{Scheme: host.Basic, Name: name, Secret: secret})
			refused(t, err, fault.Unauthenticated)
		}
	}
	if a, b := forge.GeneratePassword(), forge.GeneratePassword(); a == b || len(a) < 20 {
		t.Errorf("generated passwords %q and %q", a, b)
	}
}

func TestLastUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	ann := w.user("ann")
	secret := w.token(ann)
	used := func() time.Time {
		t.Helper()
		return must(w.Tokens(ctx, ann.ID))(t)[0].Used
	}
	must(w.Authenticate(ctx, bearer(secret)))(t)
	first := w.cfg.Now()
	if !used().IsZero() {
		t.Error("a request has written")
	}
	if err := w.Flush(ctx); err != nil || !used().Equal(first) {
		t.Errorf("used at %s, %v, want %s", used(), err, first)
	}
	w.pass(time.Hour)
	must(w.Authenticate(ctx, bearer(secret)))(t)
	ended, end := context.WithCancel(ctx)
	end()
	if err := w.Flush(ended); err == nil {
		t.Error("a flush that could not write says nothing")
	}
	if err := w.Close(); err != nil || !used().Equal(first.Add(time.Hour)) {
		t.Errorf("after Close used at %s, %v", used(), err)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *forge.Config) { c.FlushEvery = time.Millisecond })
	ann := w.user("ann")
	must(w.Authenticate(t.Context(), bearer(w.token(ann))))(t)
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { w.Run(ctx) })
	for must(w.Tokens(t.Context(), ann.ID))(t)[0].Used.IsZero() {
		time.Sleep(time.Millisecond)
	}
	stop()
	wg.Wait()
}

// A token's request writes nothing, and reads only the epoch once it is warm;
// under Begin all three questions share that one read.
func TestWarmRequestLeavesTheDatabaseAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	ann := w.user("ann")
	lib := w.project("lib", ann.Ref(), true)
	secret := w.token(ann)
	request := func(ctx context.Context) error {
		a, err := w.Authenticate(ctx, basic("ann", secret))
		if err != nil {
			return err
		}
		s, err := w.Resolve(ctx, scope.Path{Kind: scope.Project, Owner: "ann", Name: "lib"})
		if err != nil {
			return err
		}
		roles, err := w.Roles(ctx, a, s)
		if err == nil && (s.Ref != lib.Ref() || roles[0] != owner) {
			err = fmt.Errorf("%v is %v", s, roles)
		}
		return err
	}
	begun := w.Begin(ctx)
	for _, ctx := range []context.Context{ctx, begun} {
		if err := request(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := request(begun); err != nil {
		t.Errorf("a warm request asks the database for more than the epoch: %v", err)
	}
	if err := request(w.Begin(ctx)); err == nil {
		t.Error("a new request does not ask for the epoch")
	}
}
