package accounts

import (
	"context"
	"strings"

	"ingot.dev/models/db"
	"ingot.dev/modules/scope"
)

// Key is an alias or an e-mail address as the unique indexes compare them:
// letter case does not matter.
func Key(name string) string { return strings.ToLower(name) }

// ClaimAlias gives the name to a user or a company, which share one space of
// names. False where somebody has it already.
func ClaimAlias(ctx context.Context, tx *db.Tx, alias string, s scope.Ref) (bool, error) {
	n, err := tx.Exec(ctx, "INSERT INTO alias (alias_key, kind, ref_id) VALUES (?,?,?) ON CONFLICT DO NOTHING",
		Key(alias), s.Kind, s.ID)
	return n == 1, err
}

// ByAlias finds the user or company that has the name.
func ByAlias(ctx context.Context, r db.Reader, alias string) (scope.Ref, bool, error) {
	var s scope.Ref
	ok, err := r.Row(ctx, []any{&s.Kind, &s.ID}, "SELECT kind, ref_id FROM alias WHERE alias_key = ?", Key(alias))
	return s, ok, err
}

// ReleaseAlias frees the name of a user or company.
func ReleaseAlias(ctx context.Context, tx *db.Tx, s scope.Ref) error {
	_, err := tx.Exec(ctx, "DELETE FROM alias WHERE kind = ? AND ref_id = ?", s.Kind, s.ID)
	return err
}
