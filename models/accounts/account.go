package accounts

import (
	"context"

	"ingot.dev/models/db"
)

// Account is a user.
type Account struct {
	ID       int64
	UUID     string
	Alias    string
	Title    string // full name
	Email    string
	Password string // PHC string
	Admin    bool   // of the whole service
	Blocked  bool
	Locale   string
	Theme    string
	Created  int64
}

const accountColumns = "id, uuid, alias, title, email, password, admin, blocked, locale, theme, created"

func (a *Account) search() string { return searchText(a.Alias, a.Title, a.Email) }

// InsertAccount adds the account and sets its ID. False where another one has
// the e-mail address. The alias has to be claimed in the same transaction.
func InsertAccount(ctx context.Context, tx *db.Tx, a *Account) (bool, error) {
	return tx.Row(ctx, []any{&a.ID}, `INSERT INTO account
		(uuid, alias, title, email, email_key, password, admin, blocked, locale, theme, search, created)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (email_key) DO NOTHING RETURNING id`,
		a.UUID, a.Alias, a.Title, a.Email, Key(a.Email), a.Password, a.Admin, a.Blocked, a.Locale, a.Theme, a.search(), a.Created)
}

// AccountByID finds an account.
func AccountByID(ctx context.Context, r db.Reader, id int64) (*Account, bool, error) {
	a := new(Account)
	ok, err := r.First(ctx, a, "SELECT "+accountColumns+" FROM account WHERE id = ?", id)
	return a, ok, err
}

// AccountByEmail finds the account with the e-mail address.
func AccountByEmail(ctx context.Context, r db.Reader, email string) (*Account, bool, error) {
	a := new(Account)
	ok, err := r.First(ctx, a, "SELECT "+accountColumns+" FROM account WHERE email_key = ?", Key(email))
	return a, ok, err
}

// AccountsByID finds accounts; unknown ids are left out.
func AccountsByID(ctx context.Context, r db.Reader, ids []int64) ([]*Account, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []*Account
	err := r.Find(ctx, &rows, "SELECT "+accountColumns+" FROM account WHERE id IN ("+db.In(len(ids))+")", anys(ids)...)
	return rows, err
}

// Accounts lists a page of all accounts by alias, and counts them.
func Accounts(ctx context.Context, r db.Reader, p Page) ([]*Account, int, error) {
	var w where
	if p.Search != "" {
		w.and("search LIKE ? ESCAPE '!'", pattern(p.Search))
	}
	var rows []*Account
	total, err := list(ctx, r, &rows, accountColumns, "account", "lower(alias)", w, p)
	return rows, total, err
}

// UpdateAccount stores title, e-mail, locale and theme. False where another
// account has the e-mail address. Bump has to come first in the transaction.
func UpdateAccount(ctx context.Context, tx *db.Tx, a *Account) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE account SET title = ?, email = ?, email_key = ?, locale = ?, theme = ?, search = ?
		WHERE id = ? AND NOT EXISTS (SELECT 1 FROM account o WHERE o.email_key = ? AND o.id <> ?)`,
		a.Title, a.Email, Key(a.Email), a.Locale, a.Theme, a.search(), a.ID, Key(a.Email), a.ID)
	return n == 1, err
}

// SetPassword stores the hash of a password.
func SetPassword(ctx context.Context, tx *db.Tx, id int64, hash string) error {
	_, err := tx.Exec(ctx, "UPDATE account SET password = ? WHERE id = ?", hash, id)
	return err
}

// SetBlocked blocks an account or lets it in again.
func SetBlocked(ctx context.Context, tx *db.Tx, id int64, blocked bool) error {
	_, err := tx.Exec(ctx, "UPDATE account SET blocked = ? WHERE id = ?", blocked, id)
	return err
}

// SetAdmin makes an account an administrator of the service, or no longer.
func SetAdmin(ctx context.Context, tx *db.Tx, id int64, admin bool) error {
	_, err := tx.Exec(ctx, "UPDATE account SET admin = ? WHERE id = ?", admin, id)
	return err
}

// CountAdmins counts the administrators of the service who are not blocked.
func CountAdmins(ctx context.Context, r db.Reader) (int, error) {
	var n int
	_, err := r.Row(ctx, []any{&n}, "SELECT count(*) FROM account WHERE admin AND NOT blocked")
	return n, err
}

// DeleteAccount removes an account with its memberships, tokens and sessions.
func DeleteAccount(ctx context.Context, tx *db.Tx, id int64) error {
	_, err := tx.Exec(ctx, "DELETE FROM account WHERE id = ?", id)
	return err
}
