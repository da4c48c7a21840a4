// Package access makes the one decision that all protocols, the REST API, git
// and the pages share: may this actor do this in this scope. It is the least
// of three: the actor's role in the scope, the grants of its token, and the
// server's own gate.
package access

import (
	"context"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
)

// Rule says what a permission needs.
type Rule struct {
	Role  forge.Role
	Grant forge.Grant
}

// Rules is the table of rights. Public and SignedIn are not in it: they need
// no scope.
func Rules() map[forge.Permission]Rule {
	return map[forge.Permission]Rule{
		forge.ReadPackages:    {forge.Guest, forge.GrantPackagesRead},
		forge.PublishPackages: {forge.Developer, forge.GrantPackagesPublish},
		forge.DeletePackages:  {forge.Administrator, forge.GrantPackagesDelete},
		forge.ReadRepository:  {forge.Guest, forge.GrantRepositoryRead},
		forge.WriteRepository: {forge.Developer, forge.GrantRepositoryWrite},
		forge.Manage:          {forge.Administrator, forge.GrantManage},
		forge.Administer:      {forge.Owner, forge.GrantManage},
	}
}

// Decider decides. It is safe for concurrent use.
type Decider struct {
	forge         forge.Forge
	rules         map[forge.Permission]Rule
	requireSignIn bool
}

// New makes a decider that asks f for roles. With requireSignIn nobody sees
// anything without an account, whatever the privacy of a scope.
func New(f forge.Forge, requireSignIn bool) *Decider {
	return &Decider{forge: f, rules: Rules(), requireSignIn: requireSignIn}
}

// Knows tells whether Check has a rule for p. A route whose permission it does
// not know must not be served.
func (d *Decider) Knows(p forge.Permission) bool {
	_, ruled := d.rules[p]
	return ruled || p == forge.Public || p == forge.SignedIn
}

// Grant gives what a token needs for p; none for what no token has to have.
func (d *Decider) Grant(p forge.Permission) forge.Grant { return d.rules[p].Grant }

// Check is nil where a may do what p stands for in s. Otherwise it is the
// fault that tells a no more than it may know: Unauthenticated for the
// anonymous, NotFound for somebody to whom s is hidden, Denied for somebody
// who sees s but may not do this.
func (d *Decider) Check(ctx context.Context, a forge.Actor, s scope.Scope, p forge.Permission) error {
	if p == forge.Public {
		return nil
	}
	if a.Anonymous() && (d.requireSignIn || p == forge.SignedIn) {
		return Challenge()
	}
	if p == forge.SignedIn {
		return nil
	}
	rule, known := d.rules[p]
	if !known {
		return fault.New(fault.Denied, "this address has no permission that anybody could have")
	}
	roles, err := d.forge.Roles(ctx, a, s)
	if err != nil {
		return err
	}
	role := roles[0]
	if a.Token != nil && !tokenAllows(a.Token, s, rule.Grant) {
		// A token never opens less than no credential at all.
		if rule.Role == forge.Guest && !d.requireSignIn {
			open, err := d.forge.Roles(ctx, forge.Actor{}, s)
			if err != nil || open[0] >= rule.Role {
				return err
			}
		}
		if role == forge.Nobody || !within(a.Token, s) && s.Private {
			return Hidden(s)
		}
		if !within(a.Token, s) {
			return fault.New(fault.Denied, "the token %q is limited to another scope", a.Token.Name)
		}
		return fault.New(fault.Denied, "the token %q lacks the grant %s", a.Token.Name, rule.Grant.Names()[0])
	}
	switch {
	case role >= rule.Role:
		return nil
	case a.Anonymous():
		return Challenge()
	case role == forge.Nobody:
		return Hidden(s)
	default:
		return fault.New(fault.Denied, "%s: to %s you need to be at least %s here; you are %s",
			place(s), p, rule.Role, role)
	}
}

// Visible tells for each scope whether a may read its packages.
func (d *Decider) Visible(ctx context.Context, a forge.Actor, scopes []scope.Scope) ([]bool, error) {
	visible := make([]bool, len(scopes))
	if len(scopes) == 0 || a.Anonymous() && d.requireSignIn {
		return visible, nil
	}
	roles, err := d.forge.Roles(ctx, a, scopes...)
	if err != nil {
		return nil, err
	}
	open := make([]forge.Role, len(scopes)) // a token never opens less than no credential at all
	if a.Token != nil && !d.requireSignIn {
		if open, err = d.forge.Roles(ctx, forge.Actor{}, scopes...); err != nil {
			return nil, err
		}
	}
	for i, role := range roles {
		visible[i] = role >= forge.Guest &&
			(a.Token == nil || open[i] >= forge.Guest || tokenAllows(a.Token, scopes[i], forge.GrantPackagesRead))
	}
	return visible, nil
}

// Challenge is the answer to somebody who gave no credential where one is needed.
func Challenge() *fault.Fault {
	return fault.New(fault.Unauthenticated, "sign in with your alias or e-mail and a token or password")
}

// Hidden is the answer to somebody who may not know that s exists; it is the
// same as where nothing exists.
func Hidden(s scope.Scope) *fault.Fault { return Absent(s.Path) }

// Absent is the answer where path names no scope.
func Absent(path scope.Path) *fault.Fault {
	if path.Kind == scope.Service {
		return fault.New(fault.NotFound, "there is no such registry, or you may not see it")
	}
	return fault.New(fault.NotFound, "there is no %s, or you may not see it", path)
}

func tokenAllows(t *forge.Token, s scope.Scope, g forge.Grant) bool {
	return t.Grants.Has(g) && within(t, s)
}

func within(t *forge.Token, s scope.Scope) bool {
	return t.Within == nil || *t.Within == s.Ref || *t.Within == s.Parent
}

func place(s scope.Scope) string {
	if s.Kind == scope.Service {
		return "the service-wide registry"
	}
	return s.Path.String()
}
