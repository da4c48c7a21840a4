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

// knownToken is a token that exists, ready for use. It is shared by all its
// uses and never changed.
type knownToken struct {
	account int64
	expires int64
	token   host.Token
}

func errBlocked() error {
	return fault.New(fault.Unauthenticated, "this account is blocked: ask an administrator of the service")
}

// accountNamed finds an account by its alias or e-mail address. What can be
// neither is not looked up.
func accountNamed(ctx context.Context, r db.Reader, name string) (*accounts.Account, bool, error) {
	if strings.Contains(name, "@") && printable(name) {
		return accounts.AccountByEmail(ctx, r, name)
	}
	if !alias.MatchString(name) {
		return nil, false, nil
	}
	ref, ok, err := accounts.ByAlias(ctx, r, name)
	if err != nil || !ok || ref.Kind != scope.User {
		return nil, false, err
	}
	return accounts.AccountByID(ctx, r, ref.ID)
}

// Authenticate implements the port. Bearer and Raw carry tokens; Basic carries
// an alias or an e-mail address with a token of that account or its password,
// or one of the nameless user names with a token.
//
// The warm way of a token is one read of the epoch, or none under Begin or
// while the database is as it was, and no write. A password is hashed once per address that it comes from.
func (f *Forge) Authenticate(ctx context.Context, c host.Credential) (host.Actor, error) {
	g, err := f.generation(ctx)
	if err != nil {
		return host.Actor{}, err
	}
	switch {
	case c.Scheme != host.Basic || isToken(c.Secret):
		return f.byToken(ctx, g, c)
	case c.Secret == "":
		return host.Actor{}, fault.New(fault.Unauthenticated, "the password or token is missing")
	}
	a, _, err := f.byPassword(ctx, g, c.Name, c.Secret, c.Addr)
	if err != nil {
		return host.Actor{}, err
	}
	return actor(a), nil
}

// SignIn checks what somebody typed into the sign-in page. It takes passwords
// only: a session has all rights of its account, a token only some.
func (f *Forge) SignIn(ctx context.Context, name, password, addr string) (host.Actor, error) {
	if isToken(password) {
		return host.Actor{}, fault.New(fault.Unauthenticated, "a token does not sign in here: type the account's password")
	}
	g, err := f.generation(ctx)
	if err != nil {
		return host.Actor{}, err
	}
	a, name, err := f.byPassword(ctx, g, name, password, addr)
	if err != nil {
		return host.Actor{}, err
	}
	f.attempts.forget(f.byName(name))
	return actor(a), nil
}

// byPassword finds the account that has the name and the password. It gives
// the name as attempts on it are counted, too. A name that nobody has costs
// the same time as a wrong password.
func (f *Forge) byPassword(ctx context.Context, g *generation, name, password, addr string) (*accounts.Account, string, error) {
	name = strings.ToLower(name[:min(len(name), nameMax+1)])
	perAddr, perName := f.byAddr(addr), f.byName(name)
	a, known, err := f.named(ctx, g, name)
	if err != nil {
		return nil, name, err
	}
	if !known {
		a = &accounts.Account{Password: f.decoy}
	}
	// The address is part of the proof: to have it, the right password must
	// have come from there before, so whoever guesses from elsewhere does not
	// get past the count of attempts, and does not lock out who knows.
	proof := f.proofs.of(a.ID, name, a.Password, password, perAddr.key)
	if _, proven := f.proofs.known.load(proof); !proven {
		// The same attempt many times at once is one attempt.
		_, err, _ := f.flight.Do(string(proof[:]), func() (any, error) {
			if err := f.attempts.take(perAddr, perName); err != nil {
				return nil, err
			}
			right := false
			if len(password) <= passwordMax {
				var err error
				if right, err = f.gate.verify(context.WithoutCancel(ctx), a.Password, password); err != nil {
					f.attempts.giveBack(perAddr, perName)
					return nil, err
				}
			}
			if !right {
				return nil, fault.New(fault.Unauthenticated, "the user name or the password is wrong")
			}
			f.attempts.giveBack(perAddr)
			f.attempts.forget(perName)
			f.proofs.known.store(proof, struct{}{})
			return nil, nil
		})
		if err != nil {
			return nil, name, err
		}
	}
	switch {
	case !known:
		return nil, name, fault.New(fault.Unauthenticated, "the user name or the password is wrong")
	case a.Blocked:
		return nil, name, errBlocked()
	}
	return a, name, nil
}

// byToken finds the account that a token stands for.
func (f *Forge) byToken(ctx context.Context, g *generation, c host.Credential) (host.Actor, error) {
	t, ok, err := f.token(ctx, g, c.Secret)
	if err != nil {
		return host.Actor{}, err
	}
	if !ok {
		// Guessing 256 bits is hopeless, so only the address is counted: a
		// lost token in somebody's pipeline must not lock the account.
		if err := f.attempts.take(f.byAddr(c.Addr)); err != nil {
			return host.Actor{}, err
		}
		return host.Actor{}, fault.New(fault.Unauthenticated, "the token is not valid: it was revoked, or is not one of this server's")
	}
	a, ok, err := f.account(ctx, g, t.account)
	switch now := f.cfg.Now(); {
	case err != nil:
		return host.Actor{}, err
	case !ok:
		return host.Actor{}, fault.New(fault.Unauthenticated, "the token is not valid: its account is gone")
	case c.Scheme == host.Basic && !named(a, c.Name) && !slices.Contains(nameless, strings.ToLower(c.Name)):
		return host.Actor{}, fault.New(fault.Unauthenticated, "the user name and the token do not belong together")
	case t.expires != 0 && now.UnixMicro() >= t.expires:
		return host.Actor{}, fault.New(fault.Unauthenticated, "the token expired on %s: make a new one in your settings",
			moment(t.expires).Format("2 January 2006"))
	case a.Blocked:
		return host.Actor{}, errBlocked()
	default:
		f.used.note(t.token.ID, now.UnixMicro())
	}
	out := actor(a)
	out.Token = &t.token
	return out, nil
}

// named tells whether the name is the account's alias or e-mail address.
func named(a *accounts.Account, name string) bool {
	return accounts.Key(name) == accounts.Key(a.Alias) || accounts.Key(name) == accounts.Key(a.Email)
}

// token finds a token by its secret. What no token can be is not looked up.
func (f *Forge) token(ctx context.Context, g *generation, secret string) (*knownToken, bool, error) {
	if !wellFormed(secret) {
		return nil, false, nil
	}
	key := digestOf(secret)
	if t, ok := g.tokens.load(key); ok {
		return t, true, nil
	}
	row, ok, err := accounts.TokenByHash(ctx, f.db, key.String())
	if err != nil || !ok {
		return nil, false, err
	}
	t := &knownToken{account: row.AccountID, expires: row.Expires, token: host.Token{
		ID: row.ID, Name: row.Name, Grants: host.Grant(row.Grants),
	}}
	if within := row.Within(); within != (scope.Ref{}) {
		t.token.Within = &within
	}
	g.tokens.store(key, t)
	return t, true, nil
}
