package forge

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ingot.dev/models/accounts"
	"ingot.dev/models/db"
	"ingot.dev/modules/fault"
	host "ingot.dev/modules/forge"
)

// SessionCookie is the name of the cookie that holds a browser's session.
const SessionCookie = "ingot_session"

const agentMax = 200 // bytes

// Session is a browser that signed in, as the list of an account's shows it.
type Session struct {
	ID      int64
	Agent   string // the browser's name for itself
	Addr    string
	Created time.Time
	Expires time.Time
	Current bool // the one that asks
}

// CreateSession signs a browser in to an account, whose password or other proof
// was checked before, and gives the cookie to set. Agent and addr are shown to
// the account's owner.
func (f *Forge) CreateSession(ctx context.Context, account int64, agent, addr string) (*http.Cookie, error) {
	value := newCookie()
	now := f.cfg.Now()
	s := accounts.Session{
		Hash: digestOf(value).String(), AccountID: account, Created: now.UnixMicro(),
		Expires: now.Add(f.cfg.SessionLifetime).UnixMicro(),
		Agent:   cleaned(agent[:min(len(agent), agentMax)]), Addr: cleaned(addr[:min(len(addr), agentMax)]),
	}
	// A session that nobody has seen yet is in no generation: no change.
	err := f.db.Write(ctx, func(tx *db.Tx) error {
		a, ok, err := accounts.AccountByID(ctx, tx, account)
		switch {
		case err != nil:
			return err
		case !ok:
			return errNoUser()
		case a.Blocked:
			return errBlocked()
		}
		return accounts.InsertSession(ctx, tx, &s)
	})
	if err != nil {
		return nil, err
	}
	return f.cookie(value, int(f.cfg.SessionLifetime/time.Second)), nil
}

// ClearCookie gives the cookie that makes a browser forget its session.
func (f *Forge) ClearCookie() *http.Cookie { return f.cookie("", -1) }

// cookie makes one that scripts cannot read, that other sites' forms do not
// send, and that goes only where the server is.
func (f *Forge) cookie(value string, age int) *http.Cookie {
	c := &http.Cookie{
		Name: SessionCookie, Value: value, MaxAge: age, Path: "/",
		HttpOnly: true, SameSite: http.SameSiteLaxMode,
	}
	if u, err := url.Parse(f.root()); err == nil {
		c.Secure = strings.EqualFold(u.Scheme, "https")
		c.Path = u.EscapedPath() + "/"
	}
	return c
}

// presented is the digest of the session that a browser sent.
func presented(r *http.Request) (digest, bool) {
	c, err := r.Cookie(SessionCookie)
	if err != nil || c.Value == "" {
		return digest{}, false
	}
	return digestOf(c.Value), true
}

// Session implements the port.
func (f *Forge) Session(ctx context.Context, r *http.Request) (host.Actor, error) {
	key, ok := presented(r)
	if !ok {
		return host.Actor{}, nil
	}
	g, err := f.generation(ctx)
	if err != nil {
		return host.Actor{}, err
	}
	s, ok := g.sessions.load(key)
	if !ok {
		if s, ok, err = accounts.SessionByHash(ctx, f.db, key.String()); err != nil || !ok {
			return host.Actor{}, err
		}
		g.sessions.store(key, s)
	}
	if f.now() >= s.Expires {
		return host.Actor{}, nil
	}
	a, ok, err := f.account(ctx, g, s.AccountID)
	if err != nil || !ok || a.Blocked {
		return host.Actor{}, err
	}
	return actor(a), nil
}

// Sessions lists an account's sessions, the newest first. R is the request that
// asks, to mark its own.
func (f *Forge) Sessions(ctx context.Context, account int64, r *http.Request) ([]Session, error) {
	own, _ := presented(r)
	rows, err := accounts.Sessions(ctx, f.db, account, f.now())
	return each(rows, func(s *accounts.Session) Session {
		return Session{
			ID: s.ID, Agent: s.Agent, Addr: s.Addr, Created: moment(s.Created), Expires: moment(s.Expires),
			Current: s.Hash == own.String(),
		}
	}), err
}

// SignOut ends the session of the browser that asks, if it has one. The cookie
// is for the caller to clear.
func (f *Forge) SignOut(ctx context.Context, r *http.Request) error {
	key, ok := presented(r)
	if !ok {
		return nil
	}
	return f.change(ctx, func(tx *db.Tx) error { return accounts.DeleteSessionByHash(ctx, tx, key.String()) })
}

// EndSession ends one of the account's sessions. NotFound where it has none of
// that id.
func (f *Forge) EndSession(ctx context.Context, account, id int64) error {
	return f.change(ctx, func(tx *db.Tx) error {
		ok, err := accounts.DeleteSession(ctx, tx, account, id)
		if err == nil && !ok {
			err = fault.New(fault.NotFound, "there is no such session")
		}
		return err
	})
}

// EndSessions ends all sessions of an account.
func (f *Forge) EndSessions(ctx context.Context, account int64) error {
	return f.change(ctx, func(tx *db.Tx) error { return accounts.DeleteSessions(ctx, tx, account) })
}
