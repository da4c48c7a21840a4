package accounts

import (
	"context"

	"ingot.dev/models/db"
	"ingot.dev/modules/scope"
)

// Token is a secret that stands for an account with some of its rights.
type Token struct {
	ID         int64
	UUID       string
	AccountID  int64
	Name       string
	Hash       string // sha256 of the secret, hex
	Hint       string // the secret's last characters
	Grants     uint16
	WithinKind scope.Kind // zero: no limit to one scope
	WithinID   int64
	Created    int64
	Expires    int64
	Used       int64
}

// Within is the scope that the token is limited to; zero where it is not.
func (t *Token) Within() scope.Ref { return scope.Ref{Kind: t.WithinKind, ID: t.WithinID} }

const tokenColumns = "id, uuid, account_id, name, hash, hint, grants, within_kind, within_id, created, expires, used"

// InsertToken adds the token and sets its ID.
func InsertToken(ctx context.Context, tx *db.Tx, t *Token) error {
	_, err := tx.Row(ctx, []any{&t.ID}, `INSERT INTO token
		(uuid, account_id, name, hash, hint, grants, within_kind, within_id, created, expires, used)
		VALUES (?,?,?,?,?,?,?,?,?,?,?) RETURNING id`,
		t.UUID, t.AccountID, t.Name, t.Hash, t.Hint, t.Grants, t.WithinKind, t.WithinID, t.Created, t.Expires, t.Used)
	return err
}

// TokenByHash finds the token whose secret has the hash.
func TokenByHash(ctx context.Context, r db.Reader, hash string) (*Token, bool, error) {
	t := new(Token)
	ok, err := r.First(ctx, t, "SELECT "+tokenColumns+" FROM token WHERE hash = ?", hash)
	return t, ok, err
}

// TokenByID finds one of the account's tokens.
func TokenByID(ctx context.Context, r db.Reader, account, id int64) (*Token, bool, error) {
	t := new(Token)
	ok, err := r.First(ctx, t, "SELECT "+tokenColumns+" FROM token WHERE id = ? AND account_id = ?", id, account)
	return t, ok, err
}

// Tokens lists an account's tokens, the newest first.
func Tokens(ctx context.Context, r db.Reader, account int64) ([]*Token, error) {
	var rows []*Token
	err := r.Find(ctx, &rows, "SELECT "+tokenColumns+" FROM token WHERE account_id = ? ORDER BY id DESC", account)
	return rows, err
}

// CountTokens counts an account's tokens.
func CountTokens(ctx context.Context, r db.Reader, account int64) (int, error) {
	var n int
	_, err := r.Row(ctx, []any{&n}, "SELECT count(*) FROM token WHERE account_id = ?", account)
	return n, err
}

// DeleteToken removes one of the account's tokens. False where it has none of
// that id.
func DeleteToken(ctx context.Context, tx *db.Tx, account, id int64) (bool, error) {
	n, err := tx.Exec(ctx, "DELETE FROM token WHERE id = ? AND account_id = ?", id, account)
	return n == 1, err
}

// DeleteTokensWithin removes the tokens that are limited to the scope.
func DeleteTokensWithin(ctx context.Context, tx *db.Tx, s scope.Ref) error {
	_, err := tx.Exec(ctx, "DELETE FROM token WHERE within_kind = ? AND within_id = ?", s.Kind, s.ID)
	return err
}

// TouchToken stores when a token was last used, unless a later use is known.
func TouchToken(ctx context.Context, tx *db.Tx, id, used int64) error {
	_, err := tx.Exec(ctx, "UPDATE token SET used = ? WHERE id = ? AND used < ?", used, id, used)
	return err
}
