// Package keys holds the rows of the keys that registries sign with. Private
// keys are sealed before they come here. Times are microseconds since 1970.
package keys

import (
	"context"

	"ingot.dev/models/db"
	"ingot.dev/modules/scope"
)

// Key is a key of a registry. Of those that share everything down to the
// algorithm, the one with the greatest number signs. A row never changes.
type Key struct {
	ID        int64
	ScopeKind scope.Kind
	ScopeID   int64
	Format    string
	Purpose   string
	Algorithm string
	Number    int64 // from 1
	KeyID     string
	Public    []byte // SubjectPublicKeyInfo
	Private   string // sealed
	Created   int64
}

const order = " ORDER BY scope_kind, scope_id, format, purpose, algorithm, number DESC"

// Ring reads the keys of one purpose and algorithm of a registry, the newest first.
func Ring(ctx context.Context, q db.Reader, s scope.Ref, format, purpose, algorithm string) ([]Key, error) {
	var rows []Key
	return rows, q.Find(ctx, &rows, `SELECT * FROM signing_key
		WHERE scope_kind = ? AND scope_id = ? AND format = ? AND purpose = ? AND algorithm = ?`+order,
		s.Kind, s.ID, format, purpose, algorithm)
}

// All reads the keys of all registries, those of one registry together and the
// newest of a purpose and algorithm first.
func All(ctx context.Context, q db.Reader) ([]Key, error) {
	var rows []Key
	return rows, q.Find(ctx, &rows, "SELECT * FROM signing_key"+order)
}

// Newest finds the key that was made last; false where there is none.
func Newest(ctx context.Context, q db.Reader) (Key, bool, error) {
	var k Key
	ok, err := q.First(ctx, &k, "SELECT * FROM signing_key ORDER BY id DESC LIMIT 1")
	return k, ok, err
}

// Insert writes a key. It is false, and nothing is written, where the registry
// has one of that number already.
func Insert(ctx context.Context, tx *db.Tx, k Key) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO signing_key
		(scope_kind, scope_id, format, purpose, algorithm, number, key_id, public, private, created) VALUES (?,?,?,?,?,?,?,?,?,?)
		ON CONFLICT (scope_kind, scope_id, format, purpose, algorithm, number) DO NOTHING`,
		k.ScopeKind, k.ScopeID, k.Format, k.Purpose, k.Algorithm, k.Number, k.KeyID, k.Public, k.Private, k.Created)
	return n == 1, err
}
