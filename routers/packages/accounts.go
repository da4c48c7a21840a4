package packages

import (
	"fmt"
	"net/http"
	"time"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/routers/gate"
	"ingot.dev/routers/middleware"
	"ingot.dev/services/login"
	"ingot.dev/services/pass"
)

// accounts implements format.Accounts on the forge that Ingot lives in.
type accounts struct {
	gate   *gate.Gate
	logins *login.Service
	passes *pass.Service
	own    func(*http.Request) (forge.Credential, bool) // the format's way to send a credential; may be nil
	root   string                                       // absolute address of the server, no slash at the end
}

var _ format.Accounts = (*accounts)(nil)

func newAccounts(g *gate.Gate, logins *login.Service, passes *pass.Service, own func(*http.Request) (forge.Credential, bool), root string) *accounts {
	return &accounts{g, logins, passes, own, root}
}

// issuer gives the role of the forge that makes tokens.
func (s *accounts) issuer() (forge.Issuer, error) {
	if i, ok := s.gate.Forge.(forge.Issuer); ok {
		return i, nil
	}
	return nil, fault.New(fault.Unsupported, "tokens are made on the pages of the forge that this server belongs to")
}

// issuerFor is issuer for what is done to a's account. A pass is refused: the
// actor behind it may be the account itself, and a pass is to be good for what
// it lists and for minutes.
func (s *accounts) issuerFor(q *format.Request, a forge.Actor) (forge.Issuer, error) {
	switch {
	case q.Pass:
		return nil, fault.New(fault.Denied, "a short-lived token has nothing to do with the tokens of an account: use a password or a token")
	case a.Anonymous():
		return nil, fault.New(fault.Unauthenticated, "sign in with your alias or e-mail and a token or password")
	}
	return s.issuer()
}

// SignIn implements format.Accounts.
func (s *accounts) SignIn(q *format.Request, name, secret string) (forge.Actor, error) {
	return s.gate.Prove(q.R, forge.Credential{Scheme: forge.Basic, Name: name, Secret: secret})
}

// Issue implements format.Accounts.
func (s *accounts) Issue(q *format.Request, a forge.Actor, t forge.NewToken) (string, forge.IssuedToken, error) {
	i, err := s.issuerFor(q, a)
	if err != nil {
		return "", forge.IssuedToken{}, err
	}
	return i.Issue(q.Context(), a, t)
}

// Issued implements format.Accounts.
func (s *accounts) Issued(q *format.Request, a forge.Actor) ([]forge.IssuedToken, error) {
	i, err := s.issuerFor(q, a)
	if err != nil {
		return nil, err
	}
	return i.Issued(q.Context(), a)
}

// Revoke implements format.Accounts.
func (s *accounts) Revoke(q *format.Request, a forge.Actor, id int64) error {
	i, err := s.issuerFor(q, a)
	if err != nil {
		return err
	}
	return i.Revoke(q.Context(), a, id)
}

// BeginLogin implements format.Accounts.
func (s *accounts) BeginLogin(q *format.Request, client string) (format.Login, error) {
	if _, err := s.issuer(); err != nil {
		return format.Login{}, err
	}
	b, err := s.logins.Begin(q.Context(), client, middleware.ClientAddr(q.R))
	if err != nil {
		return format.Login{}, err
	}
	return format.Login{URL: s.root + "/login/" + b.Code, Poll: b.Poll, Expires: b.Expires}, nil
}

// EndLogin implements format.Accounts. The login ends before the token is made,
// so that it is made once: where that fails, the client begins anew.
func (s *accounts) EndLogin(q *format.Request, poll string) (string, bool, error) {
	i, err := s.issuer()
	if err != nil {
		return "", false, err
	}
	consent, ready, err := s.logins.Take(q.Context(), poll)
	if err != nil || !ready {
		return "", false, err
	}
	actors, err := s.gate.Forge.Actors(q.Context(), []int64{consent.Account})
	if err != nil {
		return "", false, err
	}
	a, ok := actors[consent.Account]
	if !ok {
		return "", false, fault.New(fault.NotFound, "the account that agreed is gone: begin the sign-in anew")
	}
	secret, _, err := i.Issue(q.Context(), a, forge.NewToken{
		Name:   fmt.Sprintf("%s on %s, %s", consent.Client, consent.Addr, time.Now().UTC().Format(time.DateOnly)),
		Grants: forge.Transport,
	})
	if err != nil {
		return "", false, err
	}
	middleware.SetActor(q.Context(), a.Name)
	return secret, true, nil
}

// Pass implements format.Accounts.
func (s *accounts) Pass(q *format.Request, access []format.Access, valid time.Duration) (string, error) {
	c, ok := forge.Credential{}, false
	if s.own != nil {
		c, ok = s.own(q.R)
	}
	if !ok {
		c, ok = gate.Credential(q.R)
	}
	return s.passes.Seal(pass.Pass{Credential: c, Anonymous: !ok, Access: access, Expires: time.Now().Add(valid)})
}
