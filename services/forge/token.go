package forge

import (
	"context"
	"time"

	"ingot.dev/models/accounts"
	"ingot.dev/models/db"
	"ingot.dev/modules/fault"
	host "ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
)

const tokensMax = 200 // of one account

// Token is what the list of an account's tokens shows of one.
type Token struct {
	ID      int64
	Name    string
	Hint    string // the secret's last characters
	Grants  host.Grant
	Within  *scope.Scope // nil: every scope that the account reaches
	Created time.Time
	Expires time.Time // zero: never
	Used    time.Time // zero: not yet
}

// NewToken is what a token may do.
type NewToken struct {
	Name    string
	Grants  host.Grant
	Within  *scope.Ref // nil: every scope that the account reaches
	Expires time.Time  // zero: never
}

// CreateToken makes a token of an account and gives its secret, which is not
// kept and cannot be shown again. NotFound where the account does not see the
// scope that the token is to be limited to.
func (f *Forge) CreateToken(ctx context.Context, account int64, n NewToken) (secret string, err error) {
	name, err := line("name", "name of the token", n.Name, titleMax)
	switch {
	case err != nil:
		return "", err
	case name == "":
		return "", fault.New(fault.Invalid, "the token needs a name: say what it is for").At("name")
	case n.Grants == 0:
		return "", fault.New(fault.Invalid, "the token needs at least one grant, or it could do nothing").At("grants")
	case n.Grants&^host.AllGrants != 0:
		return "", fault.New(fault.Invalid, "the token has grants that do not exist").At("grants")
	case !n.Expires.IsZero() && !n.Expires.After(f.cfg.Now()):
		return "", fault.New(fault.Invalid, "the token would expire in the past").At("expires")
	}
	secret = newToken()
	t := accounts.Token{
		UUID: newUUID(), AccountID: account, Name: name, Hash: digestOf(secret).String(), Hint: secret[len(secret)-tokenHint:],
		Grants: uint16(n.Grants), Created: f.now(), Expires: stored(n.Expires),
	}
	if n.Within != nil {
		roles, err := f.Roles(ctx, host.Actor{ID: account}, scope.Scope{Ref: *n.Within})
		if err != nil {
			return "", err
		}
		if roles[0] == host.Nobody {
			return "", fault.New(fault.NotFound, "there is nothing that the token could be limited to").At("within")
		}
		t.WithinKind, t.WithinID = n.Within.Kind, n.Within.ID
	}
	err = f.changeUser(ctx, account, func(tx *db.Tx, a *accounts.Account) error {
		have, err := accounts.CountTokens(ctx, tx, account)
		switch {
		case err != nil:
			return err
		case have >= tokensMax:
			return fault.New(fault.Conflict, "%s has %d tokens already: revoke those that are not used", a.Alias, have)
		}
		return accounts.InsertToken(ctx, tx, &t)
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// Tokens lists an account's tokens, the newest first.
func (f *Forge) Tokens(ctx context.Context, account int64) ([]Token, error) {
	rows, err := accounts.Tokens(ctx, f.db, account)
	if err != nil {
		return nil, err
	}
	var refs []scope.Ref
	for _, t := range rows {
		if t.Within() != (scope.Ref{}) {
			refs = append(refs, t.Within())
		}
	}
	within, err := f.Scopes(ctx, refs)
	return each(rows, func(t *accounts.Token) Token {
		out := Token{
			ID: t.ID, Name: t.Name, Hint: t.Hint, Grants: host.Grant(t.Grants),
			Created: moment(t.Created), Expires: moment(t.Expires), Used: moment(t.Used),
		}
		if s, ok := within[t.Within()]; ok {
			out.Within = &s
		}
		return out
	}), err
}

// RevokeToken removes one of the account's tokens, which is refused from the
// next request on. NotFound where the account has none of that id.
func (f *Forge) RevokeToken(ctx context.Context, account, id int64) error {
	return f.change(ctx, func(tx *db.Tx) error {
		ok, err := accounts.DeleteToken(ctx, tx, account, id)
		if err == nil && !ok {
			err = fault.New(fault.NotFound, "there is no such token")
		}
		return err
	})
}
