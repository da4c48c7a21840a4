package db_test

import (
	"context"
	"fmt"
	"testing"

	"ingot.dev/models/db"
	"ingot.dev/models/dbtest"
)

// BenchmarkRow looks a row up through a join: with arguments that SQLite would
// make a new plan for, and with others.
func BenchmarkRow(b *testing.B) {
	d := dbtest.New(b)
	err := d.Write(b.Context(), func(tx *db.Tx) error {
		for id := 1; id <= 2; id++ {
			if err := register(b.Context(), tx, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	for id := 1; id <= 2; id++ {
		b.Run(fmt.Sprintf("id=%d", id), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var generation int64
				ok, err := d.Row(b.Context(), []any{&generation},
					`SELECT p.generation FROM package p JOIN registry r ON r.id = p.registry_id
					 WHERE r.scope_kind = ? AND r.scope_id = ? AND r.format = ? AND p.canon = ?`, id, id, "generic", "tool")
				if err != nil || !ok {
					b.Fatal(ok, err)
				}
			}
		})
	}
}

// register makes the package "tool" of scope id, which is of kind id too.
func register(ctx context.Context, tx *db.Tx, id int) error {
	if _, err := tx.Exec(ctx, "INSERT INTO registry (id, scope_kind, scope_id, format, modified) VALUES (?,?,?,'generic',0)", id, id, id); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO package (uuid, registry_id, scope_kind, scope_id, format, name, canon, modified, created, updated)
		VALUES (?,?,?,?,'generic','tool','tool',0,0,0)`, fmt.Sprint(id), id, id, id)
	return err
}
