package forge_test

import (
	"strings"
	"testing"
	"time"

	"ingot.dev/modules/fault"
	host "ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
	"ingot.dev/services/forge"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	ann, bob := w.user("ann"), w.user("bob")
	lib := w.project("lib", ann.Ref(), true)
	within := lib.Ref()
	expires := w.cfg.Now().Add(time.Hour)
	first := w.token(ann)
	second := w.token(ann, func(n *forge.NewToken) {
		n.Name, n.Grants, n.Within, n.Expires = " laptop ", host.API, &within, expires
	})
	if first == second || !strings.HasPrefix(first, "igt_") || len(first) != 53 {
		t.Errorf("the tokens are %q and %q", first, second)
	}
	var kept int
	if _, err := w.d.Row(ctx, []any{&kept}, "SELECT count(*) FROM token WHERE hash LIKE 'igt%' OR length(hash) <> 64"); err != nil || kept != 0 {
		t.Errorf("%d tokens are stored as they are, %v", kept, err)
	}
	list := must(w.Tokens(ctx, ann.ID))(t)
	if len(list) != 2 || list[0].Name != "laptop" || list[0].Grants != host.API || !strings.HasSuffix(second, list[0].Hint) ||
		list[0].Limit == nil || list[0].Limit.Path.Name != "lib" || !list[0].Expires.Equal(expires) ||
		list[1].Within != nil || !list[1].Expires.IsZero() {
		t.Errorf("ann's tokens are %+v", list)
	}
	// Incident 17: by its number alone nobody reaches what is not their own.
	refused(t, w.RevokeToken(ctx, bob.ID, list[0].ID), fault.NotFound)
	must(w.Authenticate(ctx, bearer(second)))(t)
	if err := w.RevokeToken(ctx, ann.ID, list[0].ID); err != nil {
		t.Fatal(err)
	}
	refused(t, w.RevokeToken(ctx, ann.ID, list[0].ID), fault.NotFound)
}

func TestTokenRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	ann, bob := w.user("ann"), w.user("bob")
	secret := w.project("secret", bob.Ref(), true).Ref()
	good := forge.NewToken{Name: "x", Grants: host.Transport}
	for name, c := range map[string]struct {
		change func(*forge.NewToken)
		want   fault.Kind
	}{
		"no name":           {func(n *forge.NewToken) { n.Name = " " }, fault.Invalid},
		"two lines":         {func(n *forge.NewToken) { n.Name = "a\nb" }, fault.Invalid},
		"long":              {func(n *forge.NewToken) { n.Name = strings.Repeat("ж", 101) }, fault.Invalid},
		"no grants":         {func(n *forge.NewToken) { n.Grants = 0 }, fault.Invalid},
		"unknown grants":    {func(n *forge.NewToken) { n.Grants = 1 << 15 }, fault.Invalid},
		"in the past":       {func(n *forge.NewToken) { n.Expires = w.cfg.Now() }, fault.Invalid},
		"hidden scope":      {func(n *forge.NewToken) { n.Within = &secret }, fault.NotFound},
		"no such scope":     {func(n *forge.NewToken) { n.Within = &scope.Ref{Kind: scope.Company, ID: 9} }, fault.NotFound},
		"no scope, no kind": {func(n *forge.NewToken) { n.Within = &scope.Ref{} }, fault.NotFound},
	} {
		n := good
		c.change(&n)
		got, err := w.CreateToken(ctx, ann.ID, n)
		if got != "" {
			t.Errorf("%s: a token comes with the refusal", name)
		}
		if !fault.Is(err, c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	_, err := w.CreateToken(ctx, 99, good)
	refused(t, err, fault.NotFound)
	for range 200 {
		must(w.CreateToken(ctx, ann.ID, good))(t)
	}
	_, err = w.CreateToken(ctx, ann.ID, good)
	refused(t, err, fault.Conflict)
}
