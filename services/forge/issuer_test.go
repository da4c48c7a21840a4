package forge_test

import (
	"testing"
	"time"

	"ingot.dev/modules/fault"
	host "ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
	"ingot.dev/services/forge"
)

// by gives the actor that a token proves.
func (w *world) by(secret string) host.Actor {
	w.t.Helper()
	return must(w.Authenticate(w.t.Context(), bearer(secret)))(w.t)
}

// issue makes a token on behalf of a, and gives its secret.
func (w *world) issue(a host.Actor, n host.NewToken) (string, error) {
	secret, _, err := w.Issue(w.t.Context(), a, n)
	return secret, err
}

func TestIssue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.user("ann")
	lib := w.project("lib", ann.Ref(), true).Ref()
	expires := w.cfg.Now().Add(time.Hour)
	secret, made, err := w.Issue(t.Context(), host.Actor{ID: ann.ID}, host.NewToken{
		Name: " laptop ", Grants: host.AllGrants, Within: &lib, Expires: expires,
	})
	if err != nil {
		t.Fatal(err)
	}
	got := w.by(secret)
	if got.ID != ann.ID || got.Token == nil || got.Token.ID != made.ID || got.Token.Grants != host.AllGrants || *got.Token.Within != lib {
		t.Errorf("the token stands for %+v", got)
	}
	if made.Name != "laptop" || !made.Expires.Equal(expires) || !made.Created.Equal(w.cfg.Now()) || made.Hint == "" {
		t.Errorf("made %+v", made)
	}
	list := must(w.Issued(t.Context(), got))(t)
	if len(list) != 1 || list[0].ID != made.ID || list[0].Hint != made.Hint {
		t.Errorf("the list is %+v", list)
	}
	_, err = w.issue(host.Actor{}, host.NewToken{Name: "x", Grants: host.Transport})
	refused(t, err, fault.Unauthenticated)
}

// A token makes no token that is more than itself (incident 2: what is
// exchanged for a token keeps the token's limits).
func TestIssueByToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.user("ann")
	acme := w.company("acme", ann, true).Ref()
	lib, other := w.project("lib", acme, true).Ref(), w.project("other", ann.Ref(), true).Ref()
	day := w.cfg.Now().Add(24 * time.Hour)
	own := func(grants host.Grant, within *scope.Ref, expires time.Time) host.Actor {
		return w.by(w.token(ann, func(n *forge.NewToken) { n.Grants, n.Within, n.Expires = grants, within, expires }))
	}
	free := own(host.API, nil, time.Time{})
	tied := own(host.API, &acme, day)
	for name, c := range map[string]struct {
		by      host.Actor
		grants  host.Grant
		within  *scope.Ref
		expires time.Time
		field   string // what is refused; empty for nothing
	}{
		"the same":               {free, host.API, nil, time.Time{}, ""},
		"less":                   {free, host.GrantPackagesRead, &lib, day, ""},
		"no right to manage":     {own(host.Transport, nil, time.Time{}), host.GrantPackagesRead, nil, time.Time{}, "manage"},
		"more grants":            {free, host.API | host.GrantRepositoryRead, nil, time.Time{}, "grants"},
		"same limit":             {tied, host.API, &acme, day, ""},
		"a project of the limit": {tied, host.API, &lib, day, ""},
		"sooner":                 {tied, host.API, &lib, day.Add(-time.Hour), ""},
		"no limit":               {tied, host.API, nil, day, "within"},
		"another scope":          {tied, host.API, &other, day, "within"},
		"for ever":               {tied, host.API, &acme, time.Time{}, "expires"},
		"for longer":             {tied, host.API, &acme, day.Add(time.Second), "expires"},
	} {
		secret, err := w.issue(c.by, host.NewToken{Name: name, Grants: c.grants, Within: c.within, Expires: c.expires})
		if c.field == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			} else if got := w.by(secret); got.Token.Grants != c.grants {
				t.Errorf("%s: made %+v", name, got.Token)
			}
			continue
		}
		if !fault.Is(err, fault.Denied) || secret != "" || c.field != "manage" && fault.From(err).Field != c.field {
			t.Errorf("%s: %q, %v", name, secret, err)
		}
	}
}

// What took its right away meanwhile counts: it is asked where the new token
// is made.
func TestIssueAfterTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	ann := w.user("ann")
	n := host.NewToken{Name: "x", Grants: host.GrantPackagesRead}
	a := w.by(w.token(ann, func(n *forge.NewToken) { n.Grants = host.API }))
	if err := w.Revoke(ctx, a, a.Token.ID); err != nil {
		t.Fatal(err)
	}
	_, err := w.issue(a, n)
	refused(t, err, fault.Unauthenticated)
	if err := w.SetBlocked(ctx, ann.ID, true); err != nil {
		t.Fatal(err)
	}
	_, err = w.issue(host.Actor{ID: ann.ID}, n)
	refused(t, err, fault.Unauthenticated)
	if list := must(w.Issued(ctx, host.Actor{ID: ann.ID}))(t); len(list) != 0 {
		t.Errorf("there are %+v", list)
	}
}

func TestIssuedAndRevokedByToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	ann, bob := w.user("ann"), w.user("bob")
	acme := w.company("acme", ann, true).Ref()
	lib := w.project("lib", acme, true).Ref()
	token := func(u forge.User, grants host.Grant, within *scope.Ref) host.Actor {
		return w.by(w.token(u, func(n *forge.NewToken) { n.Grants, n.Within = grants, within }))
	}
	pipeline, laptop := token(ann, host.Transport, nil), token(ann, host.Transport, nil)
	manager, company := token(ann, host.API, nil), token(ann, host.API, &acme)
	project, foreign := token(ann, host.Transport, &lib), token(bob, host.Transport, nil)

	for name, c := range map[string]struct {
		by   host.Actor
		want int
	}{
		"the account": {host.Actor{ID: ann.ID}, 5}, "without manage": {pipeline, 5}, "with manage": {manager, 5},
		"limited to the company": {company, 2}, "limited to the project": {project, 1}, "somebody else": {foreign, 1}, "nobody": {host.Actor{}, 0},
	} {
		if list := must(w.Issued(ctx, c.by))(t); len(list) != c.want {
			t.Errorf("%s lists %d tokens: %+v", name, len(list), list)
		}
	}

	refused(t, w.Revoke(ctx, pipeline, laptop.Token.ID), fault.Denied)
	refused(t, w.Revoke(ctx, pipeline, 999), fault.Denied)
	refused(t, w.Revoke(ctx, company, laptop.Token.ID), fault.NotFound)
	refused(t, w.Revoke(ctx, manager, foreign.Token.ID), fault.NotFound)
	refused(t, w.Revoke(ctx, host.Actor{ID: bob.ID}, laptop.Token.ID), fault.NotFound)
	if left := must(w.Issued(ctx, manager))(t); len(left) != 5 {
		t.Fatalf("a refusal took a token away: %+v", left)
	}
	for _, c := range []struct{ by, gone host.Actor }{
		{pipeline, pipeline}, {company, project}, {manager, company}, {host.Actor{ID: ann.ID}, laptop}, {manager, manager},
	} {
		if err := w.Revoke(ctx, c.by, c.gone.Token.ID); err != nil {
			t.Errorf("%s: %v", c.gone.Token.Name, err)
		}
	}
	if left := must(w.Issued(ctx, host.Actor{ID: ann.ID}))(t); len(left) != 0 {
		t.Errorf("there are %+v left", left)
	}
}
