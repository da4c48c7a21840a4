// Package logins holds the rows of sign-ins that a client began and that
// somebody ends on the pages. It knows no policy. Times are microseconds since
// 1970.
package logins

import (
	"context"

	"ingot.dev/models/db"
)

// Login is a sign-in that a client has begun.
type Login struct {
	ID        int64
	Poll      string // sha256 of the client's secret, hex
	Code      string // sha256 of what leads a browser to it, hex
	Client    string // what the client is
	Addr      string // the network that it began from
	AccountID int64  // who agreed; 0 for nobody
	Refused   bool
	Created   int64
	Expires   int64
}

const columns = "id, poll, code, client, addr, account_id, refused, created, expires"

// Insert adds the login and sets its ID.
func Insert(ctx context.Context, tx *db.Tx, l *Login) error {
	_, err := tx.Row(ctx, []any{&l.ID}, `INSERT INTO login (poll, code, client, addr, created, expires)
		VALUES (?,?,?,?,?,?) RETURNING id`, l.Poll, l.Code, l.Client, l.Addr, l.Created, l.Expires)
	return err
}

// ByCode finds a login.
func ByCode(ctx context.Context, r db.Reader, code string) (*Login, bool, error) {
	l := new(Login)
	ok, err := r.First(ctx, l, "SELECT "+columns+" FROM login WHERE code = ?", code)
	return l, ok, err
}

// ByPoll finds a login.
func ByPoll(ctx context.Context, r db.Reader, poll string) (*Login, bool, error) {
	l := new(Login)
	ok, err := r.First(ctx, l, "SELECT "+columns+" FROM login WHERE poll = ?", poll)
	return l, ok, err
}

// Count counts all logins.
func Count(ctx context.Context, r db.Reader) (int, error) {
	var n int
	_, err := r.Row(ctx, []any{&n}, "SELECT count(*) FROM login")
	return n, err
}

// From counts the logins that began from a network, and tells when the first
// of them ends.
func From(ctx context.Context, r db.Reader, addr string) (n int, first int64, err error) {
	_, err = r.Row(ctx, []any{&n, &first}, "SELECT count(*), COALESCE(min(expires), 0) FROM login WHERE addr = ?", addr)
	return n, first, err
}

// Agree has an account agree to a login that is open at the time now; false
// where there is none.
func Agree(ctx context.Context, tx *db.Tx, code string, account, now int64) (bool, error) {
	n, err := tx.Exec(ctx, "UPDATE login SET account_id = ? WHERE code = ? AND account_id = 0 AND NOT refused AND expires > ?",
		account, code, now)
	return n == 1, err
}

// Refuse ends a login that is open at the time now; false where there is none.
func Refuse(ctx context.Context, tx *db.Tx, code string, now int64) (bool, error) {
	n, err := tx.Exec(ctx, "UPDATE login SET refused = TRUE WHERE code = ? AND account_id = 0 AND NOT refused AND expires > ?",
		code, now)
	return n == 1, err
}

// Take removes a login that somebody has agreed to, before the time now was its
// end, and gives it; false where there is none. Of many that take it at once
// one gets it.
func Take(ctx context.Context, tx *db.Tx, poll string, now int64) (Login, bool, error) {
	var l Login
	ok, err := tx.Row(ctx, []any{&l.AccountID, &l.Client, &l.Addr, &l.Created, &l.Expires},
		"DELETE FROM login WHERE poll = ? AND account_id <> 0 AND expires > ? RETURNING account_id, client, addr, created, expires",
		poll, now)
	return l, ok, err
}

// DeleteExpired removes the logins that ended by now.
func DeleteExpired(ctx context.Context, tx *db.Tx, now int64) error {
	_, err := tx.Exec(ctx, "DELETE FROM login WHERE expires <= ?", now)
	return err
}
