package accounts

import (
	"context"

	"ingot.dev/models/db"
	"ingot.dev/modules/scope"
)

// Member is an account's role in a company or a project.
type Member struct {
	AccountID int64
	Role      uint8
	Created   int64
	UUID      string // joined: the account's
	Alias     string
	Title     string
	Blocked   bool
}

// SetMember gives an account a role, whether or not it had one before.
func SetMember(ctx context.Context, tx *db.Tx, s scope.Ref, account int64, role uint8, now int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO member (scope_kind, scope_id, account_id, role, created) VALUES (?,?,?,?,?)
		ON CONFLICT (scope_kind, scope_id, account_id) DO UPDATE SET role = excluded.role`, s.Kind, s.ID, account, role, now)
	return err
}

// RemoveMember takes an account's role away.
func RemoveMember(ctx context.Context, tx *db.Tx, s scope.Ref, account int64) error {
	_, err := tx.Exec(ctx, "DELETE FROM member WHERE scope_kind = ? AND scope_id = ? AND account_id = ?", s.Kind, s.ID, account)
	return err
}

// RemoveMembers takes all roles in a scope away.
func RemoveMembers(ctx context.Context, tx *db.Tx, s scope.Ref) error {
	_, err := tx.Exec(ctx, "DELETE FROM member WHERE scope_kind = ? AND scope_id = ?", s.Kind, s.ID)
	return err
}

// MemberRole finds an account's own role in a scope; 0 where it has none.
func MemberRole(ctx context.Context, r db.Reader, s scope.Ref, account int64) (uint8, error) {
	var role uint8
	_, err := r.Row(ctx, []any{&role},
		"SELECT role FROM member WHERE scope_kind = ? AND scope_id = ? AND account_id = ?", s.Kind, s.ID, account)
	return role, err
}

// CountMembers counts the members of a scope that have the role.
func CountMembers(ctx context.Context, r db.Reader, s scope.Ref, role uint8) (int, error) {
	var n int
	_, err := r.Row(ctx, []any{&n},
		"SELECT count(*) FROM member WHERE scope_kind = ? AND scope_id = ? AND role = ?", s.Kind, s.ID, role)
	return n, err
}

// CountOnly counts the companies in which only this account has the role.
func CountOnly(ctx context.Context, r db.Reader, account int64, role uint8) (int, error) {
	var n int
	_, err := r.Row(ctx, []any{&n}, `SELECT count(*) FROM member m
		WHERE m.scope_kind = ? AND m.account_id = ? AND m.role = ? AND NOT EXISTS (SELECT 1 FROM member o
			WHERE o.scope_kind = m.scope_kind AND o.scope_id = m.scope_id AND o.role = m.role AND o.account_id <> m.account_id)`,
		scope.Company, account, role)
	return n, err
}

// Memberships finds all roles of an account.
func Memberships(ctx context.Context, r db.Reader, account int64) (map[scope.Ref]uint8, error) {
	var rows []struct {
		ScopeKind scope.Kind
		ScopeID   int64
		Role      uint8
	}
	if err := r.Find(ctx, &rows, "SELECT scope_kind, scope_id, role FROM member WHERE account_id = ?", account); err != nil {
		return nil, err
	}
	out := make(map[scope.Ref]uint8, len(rows))
	for _, m := range rows {
		out[scope.Ref{Kind: m.ScopeKind, ID: m.ScopeID}] = m.Role
	}
	return out, nil
}

// Members lists a page of a scope's members, the highest roles first, and
// counts them.
func Members(ctx context.Context, r db.Reader, s scope.Ref, p Page) ([]*Member, int, error) {
	var w where
	w.and("m.scope_kind = ? AND m.scope_id = ?", s.Kind, s.ID)
	if p.Search != "" {
		w.and("a.search LIKE ? ESCAPE '!'", pattern(p.Search))
	}
	var rows []*Member
	total, err := list(ctx, r, &rows, "m.account_id, m.role, m.created, a.uuid, a.alias, a.title, a.blocked",
		"member m JOIN account a ON a.id = m.account_id", "m.role DESC, lower(a.alias)", w, p)
	return rows, total, err
}
