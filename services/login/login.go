// Package login is the sign-in of clients that have no browser: a client
// begins it, somebody agrees to it on the pages, and the client is told who.
//
//	client                       browser
//	Begin  -> code, poll
//	          code, in a link -> Find, then Approve or Refuse
//	Take(poll) -> who agreed
//
// The code leads to the question and is good for nothing else; the secret for
// polling never leaves the client. Both are stored as hashes. Who agreed is
// told once.
package login

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"time"
	"unicode"
	"unicode/utf8"

	"ingot.dev/models/db"
	"ingot.dev/models/logins"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/subnet"
)

const (
	lifetime  = 10 * time.Minute
	perAddr   = 20     // open logins from one network
	most      = 10_000 // open logins
	clientMax = 32     // characters
)

// Service keeps logins. It is safe for concurrent use, and any number of
// processes may each have one on the same database.
type Service struct {
	db  *db.DB
	now func() time.Time
}

// New makes the service on a migrated database, with a clock.
func New(d *db.DB, now func() time.Time) *Service { return &Service{d, now} }

// Begun is what the client of a new login gets.
type Begun struct {
	Code    string // for the link to the page
	Poll    string // the client's own, for Take
	Expires time.Time
}

// Login is what the page asks about.
type Login struct {
	Client  string // what the client is, "npm"
	Addr    string // the network that it began from: an address, of IPv6 a /64
	Created time.Time
	Expires time.Time
}

// Consent is what somebody agreed to.
type Consent struct {
	Account int64
	Client  string
	Addr    string
}

// Begin opens a login for ten minutes. Client is shown to whoever is asked;
// addr is where the request came from. Invalid where client cannot be shown,
// Busy where too many are open.
func (s *Service) Begin(ctx context.Context, client, addr string) (Begun, error) {
	if client == "" || utf8.RuneCountInString(client) > clientMax || !printable(client) {
		return Begun{}, fault.New(fault.Invalid, "the name of the client must be 1 to %d characters that can be shown", clientMax)
	}
	now := s.now()
	b := Begun{Code: rand.Text(), Poll: rand.Text(), Expires: now.Add(lifetime).UTC()}
	row := logins.Login{
		Poll: digest(b.Poll), Code: digest(b.Code), Client: client, Addr: subnet.Of(addr),
		Created: now.UnixMicro(), Expires: b.Expires.UnixMicro(),
	}
	// What a loss of power takes away here, its client begins anew.
	err := s.db.Note(ctx, func(tx *db.Tx) error {
		if err := logins.DeleteExpired(ctx, tx, row.Created); err != nil {
			return err
		}
		all, err := logins.Count(ctx, tx)
		if err != nil {
			return err
		}
		near, first, err := logins.From(ctx, tx, row.Addr)
		switch {
		case err != nil:
			return err
		case near >= perAddr:
			wait := db.Time(first).Sub(now)
			return fault.New(fault.Busy, "%d sign-ins from %s are open already: answer one of them, or wait %d min",
				near, row.Addr, (wait+time.Minute-1)/time.Minute).After(wait)
		case all >= most:
			return fault.New(fault.Busy, "too many sign-ins are open: try again in some minutes").After(time.Minute)
		}
		return logins.Insert(ctx, tx, &row)
	})
	if err != nil {
		return Begun{}, err
	}
	return b, nil
}

// Find gives an open login. NotFound where nobody is to decide: it ran out, was
// decided, or never was.
func (s *Service) Find(ctx context.Context, code string) (Login, error) {
	row, ok, err := logins.ByCode(ctx, s.db, digest(code))
	if err != nil {
		return Login{}, err
	}
	if !ok || row.AccountID != 0 || row.Refused || row.Expires <= s.now().UnixMicro() {
		return Login{}, errEnded()
	}
	return Login{Client: row.Client, Addr: row.Addr, Created: db.Time(row.Created), Expires: db.Time(row.Expires)}, nil
}

// Approve has an account agree to an open login. NotFound as with Find. Only
// somebody who proved to be the account itself can agree: Denied for a token,
// which may be less than what the client will get.
func (s *Service) Approve(ctx context.Context, code string, a forge.Actor) error {
	switch {
	case a.Anonymous():
		return fault.New(fault.Unauthenticated, "sign in to answer")
	case a.Token != nil:
		return fault.New(fault.Denied, "a token cannot agree to a sign-in")
	}
	return s.decide(ctx, func(tx *db.Tx, now int64) (bool, error) { return logins.Agree(ctx, tx, digest(code), a.ID, now) })
}

// Refuse ends an open login. NotFound as with Find.
func (s *Service) Refuse(ctx context.Context, code string) error {
	return s.decide(ctx, func(tx *db.Tx, now int64) (bool, error) { return logins.Refuse(ctx, tx, digest(code), now) })
}

func (s *Service) decide(ctx context.Context, with func(tx *db.Tx, now int64) (bool, error)) error {
	return s.db.Write(ctx, func(tx *db.Tx) error {
		ok, err := with(tx, s.now().UnixMicro())
		if err == nil && !ok {
			err = errEnded()
		}
		return err
	})
}

// Take gives who agreed, and ends the login in the same transaction: of all
// that take it one is told. It is false while nobody has decided. NotFound
// where it ran out, was refused or taken, or never was. Asking in vain writes
// nothing.
func (s *Service) Take(ctx context.Context, poll string) (Consent, bool, error) {
	key, now := digest(poll), s.now().UnixMicro()
	row, ok, err := logins.ByPoll(ctx, s.db, key)
	switch {
	case err != nil:
		return Consent{}, false, err
	case !ok || row.Refused || row.Expires <= now:
		return Consent{}, false, errEnded()
	case row.AccountID == 0:
		return Consent{}, false, nil
	}
	var taken logins.Login
	err = s.db.Write(ctx, func(tx *db.Tx) (err error) {
		if taken, ok, err = logins.Take(ctx, tx, key, now); err == nil && !ok {
			err = errEnded()
		}
		return err
	})
	if err != nil {
		return Consent{}, false, err
	}
	return Consent{Account: taken.AccountID, Client: taken.Client, Addr: taken.Addr}, true, nil
}

func errEnded() error {
	return fault.New(fault.NotFound, "this sign-in ran out, was answered or never was: begin it anew")
}

// digest is what is stored of a secret, whose 128 random bits need no more than
// a fast hash.
func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

func printable(text string) bool {
	for _, r := range text {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return utf8.ValidString(text)
}
