package access_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
	"ingot.dev/services/access"
)

// host gives roles by a table: actor id to role, and Guest to all in what is
// public, and to every account in the service's registry.
type host struct {
	forge.Forge
	roles map[int64]forge.Role
}

func (h host) Roles(_ context.Context, a forge.Actor, scopes ...scope.Scope) ([]forge.Role, error) {
	out := make([]forge.Role, len(scopes))
	for i, s := range scopes {
		out[i] = h.roles[a.ID]
		if !s.Private && (s.Kind != scope.Service || a.ID != 0) {
			out[i] = max(out[i], forge.Guest)
		}
	}
	return out, nil
}

func (h host) Session(context.Context, *http.Request) (forge.Actor, error) { return forge.Actor{}, nil }

var (
	open   = scope.Scope{Ref: scope.Ref{Kind: scope.Project, ID: 1}, Path: scope.Path{Kind: scope.Project, Owner: "o", Name: "open"}}
	secret = scope.Scope{
		Ref: scope.Ref{Kind: scope.Project, ID: 2}, Path: scope.Path{Kind: scope.Project, Owner: "o", Name: "secret"},
		Private: true, Parent: scope.Ref{Kind: scope.Company, ID: 9},
	}
	service   = scope.Scope{Ref: scope.Ref{Kind: scope.Service}}
	nobody    = forge.Actor{}
	stranger  = forge.Actor{ID: 1}
	guest     = forge.Actor{ID: 2}
	developer = forge.Actor{ID: 3}
	admin     = forge.Actor{ID: 4}
	owner     = forge.Actor{ID: 5}
)

func decider(requireSignIn bool) *access.Decider {
	return access.New(host{roles: map[int64]forge.Role{
		2: forge.Guest, 3: forge.Developer, 4: forge.Administrator, 5: forge.Owner,
	}}, requireSignIn)
}

func with(a forge.Actor, g forge.Grant, within *scope.Ref) forge.Actor {
	a.Token = &forge.Token{Name: "t", Grants: g, Within: within}
	return a
}

func TestCheck(t *testing.T) {
	const yes = fault.Kind(255)
	elsewhere, company := scope.Ref{Kind: scope.Project, ID: 77}, scope.Ref{Kind: scope.Company, ID: 9}
	read, publish, del := forge.GrantPackagesRead, forge.GrantPackagesPublish, forge.GrantPackagesDelete
	for _, c := range []struct {
		name  string
		actor forge.Actor
		scope scope.Scope
		need  forge.Permission
		want  fault.Kind
	}{
		{"nobody reads what is open", nobody, open, forge.ReadPackages, yes},
		{"nobody reads a secret", nobody, secret, forge.ReadPackages, fault.Unauthenticated},
		{"nobody publishes", nobody, open, forge.PublishPackages, fault.Unauthenticated},
		{"nobody is signed in", nobody, open, forge.SignedIn, fault.Unauthenticated},
		{"all may what is public", nobody, secret, forge.Public, yes},
		{"a stranger reads what is open", stranger, open, forge.ReadRepository, yes},
		{"a stranger reads a secret", stranger, secret, forge.ReadPackages, fault.NotFound},
		{"a stranger publishes a secret", stranger, secret, forge.PublishPackages, fault.NotFound},
		{"a stranger publishes in the open", stranger, open, forge.PublishPackages, fault.Denied},
		{"a guest reads a secret", guest, secret, forge.ReadPackages, yes},
		{"a guest publishes", guest, secret, forge.PublishPackages, fault.Denied},
		{"a developer publishes", developer, secret, forge.PublishPackages, yes},
		{"a developer pushes", developer, secret, forge.WriteRepository, yes},
		{"a developer deletes", developer, secret, forge.DeletePackages, fault.Denied},
		{"a developer manages", developer, secret, forge.Manage, fault.Denied},
		{"an administrator deletes", admin, secret, forge.DeletePackages, yes},
		{"an administrator manages", admin, secret, forge.Manage, yes},
		{"an administrator administers", admin, secret, forge.Administer, fault.Denied},
		{"an owner administers", owner, secret, forge.Administer, yes},

		{"a reading token reads", with(owner, read, nil), secret, forge.ReadPackages, yes},
		{"a reading token publishes", with(owner, read, nil), secret, forge.PublishPackages, fault.Denied},
		{"a reading token clones", with(owner, read, nil), secret, forge.ReadRepository, fault.Denied},
		{"a token is no more than its owner", with(guest, forge.AllGrants, nil), secret, forge.PublishPackages, fault.Denied},
		{"a token of a stranger", with(stranger, forge.AllGrants, nil), secret, forge.ReadPackages, fault.NotFound},
		{"a token in its scope", with(owner, publish, &secret.Ref), secret, forge.PublishPackages, yes},
		{"a token in its company", with(owner, del, &company), secret, forge.DeletePackages, yes},
		{"a token out of its scope hides a secret", with(owner, forge.AllGrants, &elsewhere), secret, forge.ReadPackages, fault.NotFound},
		{"a token out of its scope publishes", with(owner, forge.AllGrants, &elsewhere), open, forge.PublishPackages, fault.Denied},
		{"a token opens no less than none", with(owner, publish, &elsewhere), open, forge.ReadPackages, yes},
		{"the zero permission", owner, open, forge.Permission(0), fault.Denied},
		{"an unknown permission", owner, open, forge.Permission(99), fault.Denied},
	} {
		err := decider(false).Check(t.Context(), c.actor, c.scope, c.need)
		if c.want == yes && err != nil || c.want != yes && !fault.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

// Incident 5 (Gitea, packages readable with REQUIRE_SIGNIN_VIEW): the gate is
// in front of every decision.
func TestRequireSignInIncident5(t *testing.T) {
	d := decider(true)
	for p := range access.Rules() {
		if err := d.Check(t.Context(), nobody, open, p); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: %v", p, err)
		}
	}
	if err := d.Check(t.Context(), stranger, open, forge.ReadPackages); err != nil {
		t.Error(err)
	}
	if err := d.Check(t.Context(), with(stranger, forge.GrantManage, nil), open, forge.ReadPackages); !fault.Is(err, fault.Denied) {
		t.Errorf("a token without the grant reads: %v", err)
	}
	if v, err := d.Visible(t.Context(), nobody, []scope.Scope{open}); err != nil || v[0] {
		t.Errorf("a list shows it: %v, %v", v, err)
	}
}

func TestVisibleAgreesWithCheck(t *testing.T) {
	elsewhere := scope.Ref{Kind: scope.Project, ID: 77}
	for _, require := range []bool{false, true} {
		d := decider(require)
		for _, a := range []forge.Actor{
			nobody, stranger, guest, owner, with(owner, forge.GrantPackagesRead, nil), with(owner, forge.GrantManage, nil),
			with(owner, forge.AllGrants, &elsewhere), with(owner, forge.AllGrants, &secret.Ref), with(stranger, forge.AllGrants, nil),
		} {
			got, err := d.Visible(t.Context(), a, []scope.Scope{open, secret, service})
			if err != nil {
				t.Fatal(err)
			}
			for i, s := range []scope.Scope{open, secret, service} {
				if want := d.Check(t.Context(), a, s, forge.ReadPackages) == nil; got[i] != want {
					t.Errorf("sign-in %v, %+v, %s: listed %v, readable %v", require, a, s.Path, got[i], want)
				}
			}
		}
	}
}

func TestMessagesLeakNothing(t *testing.T) {
	hidden := decider(false).Check(t.Context(), stranger, secret, forge.ReadPackages)
	absent := access.Absent(secret.Path)
	if hidden.Error() != absent.Error() {
		t.Errorf("hidden %q, absent %q", hidden, absent)
	}
	denied := decider(false).Check(t.Context(), with(owner, forge.GrantPackagesRead, nil), secret, forge.PublishPackages)
	if !strings.Contains(denied.Error(), "packages:publish") {
		t.Errorf("%q does not say which grant is missing", denied)
	}
}
