package forge

import (
	"context"
	"slices"
	"strings"

	"ingot.dev/models/accounts"
	"ingot.dev/models/db"
	"ingot.dev/modules/fault"
	host "ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
)

const tokensMax = 200 // of one account

// Issue implements the port: it makes a token and gives its secret, which is
// not kept and cannot be shown again. Who proved to be the account itself may
// give any grants. A token makes others if it may manage, and none that can
// do, reach or last more than itself; whether it still may is asked in the
// transaction that makes the other.
//
// NotFound where the account does not see the scope that the token is to be
// limited to.
func (f *Forge) Issue(ctx context.Context, a host.Actor, n host.NewToken) (secret string, made host.IssuedToken, err error) {
	secret = newToken()
	t, err := f.draft(a.ID, n, secret)
	if err != nil {
		return "", made, err
	}
	var within scope.Scope
	if n.Within != nil {
		if within, err = f.limit(ctx, a.ID, *n.Within); err != nil {
			return "", made, err
		}
	}
	err = f.changeUser(ctx, a.ID, func(tx *db.Tx, account *accounts.Account) error {
		if account.Blocked {
			return errBlocked()
		}
		if a.Token != nil {
			own, ok, err := accounts.TokenByID(ctx, tx, a.ID, a.Token.ID)
			if err != nil {
				return err
			}
			if !ok {
				return fault.New(fault.Unauthenticated, "the token %q was revoked", a.Token.Name)
			}
			if err := mayIssue(own, t, within); err != nil {
				return err
			}
		}
		have, err := accounts.CountTokens(ctx, tx, a.ID)
		switch {
		case err != nil:
			return err
		case have >= tokensMax:
			return fault.New(fault.Conflict, "%s has %d tokens already: revoke those that are not used", account.Alias, have)
		}
		return accounts.InsertToken(ctx, tx, t)
	})
	if err != nil {
		return "", made, err
	}
	return secret, issued(t), nil
}

// draft makes the row of a token, and checks what can be checked without the
// database.
func (f *Forge) draft(account int64, n host.NewToken, secret string) (*accounts.Token, error) {
	name, err := line("name", "name of the token", n.Name, titleMax)
	switch {
	case err != nil:
		return nil, err
	case account == 0:
		return nil, fault.New(fault.Unauthenticated, "sign in to make a token")
	case name == "":
		return nil, fault.New(fault.Invalid, "the token needs a name: say what it is for").At("name")
	case n.Grants == 0:
		return nil, fault.New(fault.Invalid, "the token needs at least one grant, or it could do nothing").At("grants")
	case n.Grants&^host.AllGrants != 0:
		return nil, fault.New(fault.Invalid, "the token has grants that do not exist").At("grants")
	case !n.Expires.IsZero() && !n.Expires.After(f.cfg.Now()):
		return nil, fault.New(fault.Invalid, "the token would expire in the past").At("expires")
	}
	t := &accounts.Token{
		UUID: newUUID(), AccountID: account, Name: name, Hash: digestOf(secret).String(), Hint: secret[len(secret)-tokenHint:],
		Grants: uint16(n.Grants), Created: f.now(), Expires: stored(n.Expires),
	}
	if n.Within != nil {
		t.WithinKind, t.WithinID = n.Within.Kind, n.Within.ID
	}
	return t, nil
}

// limit finds a scope that an account's token is to be limited to.
func (f *Forge) limit(ctx context.Context, account int64, ref scope.Ref) (scope.Scope, error) {
	roles, err := f.Roles(ctx, host.Actor{ID: account}, scope.Scope{Ref: ref})
	if err != nil {
		return scope.Scope{}, err
	}
	found, err := f.Scopes(ctx, []scope.Ref{ref})
	if s, ok := found[ref]; err != nil || ok && roles[0] != host.Nobody {
		return s, err
	}
	return scope.Scope{}, fault.New(fault.NotFound, "there is nothing that the token could be limited to").At("within")
}

// mayIssue refuses a token that is more than the one that makes it. Within is
// the scope that the new one is limited to, if it is.
func mayIssue(own, t *accounts.Token, within scope.Scope) error {
	limit, more := own.Within(), host.Grant(t.Grants&^own.Grants)
	switch {
	case !host.Grant(own.Grants).Has(host.GrantManage):
		return fault.New(fault.Denied, "the token %q makes no others: it lacks the grant %s", own.Name, host.GrantManage.Names()[0])
	case more != 0:
		return fault.New(fault.Denied, "the token %q cannot give what it lacks: %s", own.Name, strings.Join(more.Names(), ", ")).At("grants")
	case limit != (scope.Ref{}) && !inside(limit, within):
		return fault.New(fault.Denied, "the token %q is limited to one scope: limit the new one to that, or to a project of it", own.Name).At("within")
	case own.Expires != 0 && (t.Expires == 0 || t.Expires > own.Expires):
		return fault.New(fault.Denied, "the token %q expires on %s: the new one must not be good for longer",
			own.Name, moment(own.Expires).Format("2 January 2006")).At("expires")
	}
	return nil
}

// inside tells whether a token that is limited to limit reaches all of s.
func inside(limit scope.Ref, s scope.Scope) bool { return s.Ref == limit || s.Parent == limit }

func issued(t *accounts.Token) host.IssuedToken {
	out := host.IssuedToken{
		ID: t.ID, Name: t.Name, Hint: t.Hint, Grants: host.Grant(t.Grants),
		Created: moment(t.Created), Expires: moment(t.Expires), Used: moment(t.Used),
	}
	if within := t.Within(); within != (scope.Ref{}) {
		out.Within = &within
	}
	return out
}

// Issued implements the port. Every token may list: there is nothing secret in
// a list. One that is limited to a scope lists what is limited to that.
func (f *Forge) Issued(ctx context.Context, a host.Actor) ([]host.IssuedToken, error) {
	rows, err := accounts.Tokens(ctx, f.db, a.ID)
	if err != nil {
		return nil, err
	}
	rows, err = f.known(ctx, a, rows)
	return each(rows, issued), err
}

// known leaves of an account's tokens those that a may know of.
func (f *Forge) known(ctx context.Context, a host.Actor, rows []*accounts.Token) ([]*accounts.Token, error) {
	if a.Token == nil || a.Token.Within == nil {
		return rows, nil
	}
	refs := each(rows, func(t *accounts.Token) scope.Ref { return t.Within() })
	scopes, err := f.Scopes(ctx, slices.DeleteFunc(refs, func(r scope.Ref) bool { return r == scope.Ref{} }))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(rows, func(t *accounts.Token) bool {
		return t.ID != a.Token.ID && !inside(*a.Token.Within, scopes[t.Within()])
	}), nil
}

// Revoke implements the port: the token is refused from the next request on.
// Every token may end itself, and those that Issued lists if it may manage.
func (f *Forge) Revoke(ctx context.Context, a host.Actor, id int64) error {
	if a.Token != nil && a.Token.ID != id {
		if !a.Token.Grants.Has(host.GrantManage) {
			return fault.New(fault.Denied, "the token %q revokes no other than itself: it lacks the grant %s", a.Token.Name, host.GrantManage.Names()[0])
		}
		list, err := f.Issued(ctx, a)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(list, func(t host.IssuedToken) bool { return t.ID == id }) {
			return errNoToken()
		}
	}
	return f.change(ctx, func(tx *db.Tx) error {
		ok, err := accounts.DeleteToken(ctx, tx, a.ID, id)
		if err == nil && !ok {
			err = errNoToken()
		}
		return err
	})
}

func errNoToken() error { return fault.New(fault.NotFound, "there is no such token") }
