package accounts

import (
	"context"

	"ingot.dev/models/db"
)

// Session is a browser that signed in.
type Session struct {
	ID        int64
	Hash      string // sha256 of the cookie's value, hex
	AccountID int64
	Created   int64
	Expires   int64
	Agent     string // the browser's name for itself
	Addr      string
}

const sessionColumns = "id, hash, account_id, created, expires, agent, addr"

// InsertSession adds the session and sets its ID.
func InsertSession(ctx context.Context, tx *db.Tx, s *Session) error {
	_, err := tx.Row(ctx, []any{&s.ID}, `INSERT INTO web_session (hash, account_id, created, expires, agent, addr)
		VALUES (?,?,?,?,?,?) RETURNING id`, s.Hash, s.AccountID, s.Created, s.Expires, s.Agent, s.Addr)
	return err
}

// SessionByHash finds the session whose cookie has the hash.
func SessionByHash(ctx context.Context, r db.Reader, hash string) (*Session, bool, error) {
	s := new(Session)
	ok, err := r.First(ctx, s, "SELECT "+sessionColumns+" FROM web_session WHERE hash = ?", hash)
	return s, ok, err
}

// Sessions lists an account's sessions that last beyond now, the newest first.
func Sessions(ctx context.Context, r db.Reader, account, now int64) ([]*Session, error) {
	var rows []*Session
	err := r.Find(ctx, &rows,
		"SELECT "+sessionColumns+" FROM web_session WHERE account_id = ? AND expires > ? ORDER BY id DESC", account, now)
	return rows, err
}

// DeleteSession ends one of the account's sessions. False where it has none
// of that id.
func DeleteSession(ctx context.Context, tx *db.Tx, account, id int64) (bool, error) {
	n, err := tx.Exec(ctx, "DELETE FROM web_session WHERE id = ? AND account_id = ?", id, account)
	return n == 1, err
}

// DeleteSessionByHash ends the session whose cookie has the hash.
func DeleteSessionByHash(ctx context.Context, tx *db.Tx, hash string) error {
	_, err := tx.Exec(ctx, "DELETE FROM web_session WHERE hash = ?", hash)
	return err
}

// DeleteSessions ends all sessions of an account.
func DeleteSessions(ctx context.Context, tx *db.Tx, account int64) error {
	_, err := tx.Exec(ctx, "DELETE FROM web_session WHERE account_id = ?", account)
	return err
}

// DeleteExpiredSessions removes the sessions that ended by now.
func DeleteExpiredSessions(ctx context.Context, tx *db.Tx, now int64) error {
	_, err := tx.Exec(ctx, "DELETE FROM web_session WHERE expires <= ?", now)
	return err
}
