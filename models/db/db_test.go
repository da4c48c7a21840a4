package db_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"ingot.dev/models/db"
	"ingot.dev/models/dbtest"
)

func insert(ctx context.Context, tx *db.Tx, name string) error {
	_, err := tx.Exec(ctx, "INSERT INTO epoch (name, value) VALUES (?, 1)", name)
	return err
}

func count(t *testing.T, d *db.DB) int {
	t.Helper()
	var n int
	if _, err := d.Row(t.Context(), []any{&n}, "SELECT count(*) FROM epoch WHERE name <> 'access'"); err != nil {
		t.Fatal(err)
	}
	return n
}

// A write that fails or panics in a group undoes itself and nothing else.
func TestWriteGroups(t *testing.T) {
	d := dbtest.New(t)
	ctx := t.Context()
	boom := errors.New("boom")
	var wg sync.WaitGroup
	for i := range 300 {
		wg.Go(func() {
			name := string(rune('A'+i/26)) + string(rune('a'+i%26))
			err := d.Write(ctx, func(tx *db.Tx) error {
				if err := insert(ctx, tx, name); err != nil {
					return err
				}
				switch i % 3 {
				case 1:
					return boom
				case 2:
					panic("in a write")
				}
				return nil
			})
			if (err == nil) != (i%3 == 0) {
				t.Errorf("write %d: %v", i, err)
			}
			if i%3 == 1 && !errors.Is(err, boom) {
				t.Errorf("write %d: %v, want boom", i, err)
			}
		})
	}
	wg.Wait()
	if n := count(t, d); n != 100 {
		t.Errorf("%d rows, want 100", n)
	}
}

func TestWriteCancelledAndClosed(t *testing.T) {
	d := dbtest.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := d.Write(ctx, func(tx *db.Tx) error { return insert(ctx, tx, "x") }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if n := count(t, d); n != 0 {
		t.Errorf("a cancelled write left %d rows", n)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := d.Write(t.Context(), func(tx *db.Tx) error { return nil }); !errors.Is(err, db.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

// SQLite's read pool cannot write, whatever the SQL.
func TestReadersCannotWrite(t *testing.T) {
	d := dbtest.New(t)
	if d.Dialect() != db.SQLite {
		t.Skip("one pool reads and writes here")
	}
	var n int
	if _, err := d.Row(t.Context(), []any{&n}, "INSERT INTO epoch (name, value) VALUES ('y', 1) RETURNING value"); err == nil {
		t.Error("a reader wrote")
	}
}
