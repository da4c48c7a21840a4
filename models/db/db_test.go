package db_test

import (
	"context"
	"errors"
	"os"
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

// Only what nobody was promised may be lost with the power.
func TestNotesDoNotWaitForTheDisk(t *testing.T) {
	d := dbtest.New(t)
	if d.Dialect() != db.SQLite {
		t.Skip("PostgreSQL's own setting says it, which no statement reads back in the same way")
	}
	ctx := t.Context()
	for i, c := range []struct {
		write func(context.Context, func(*db.Tx) error) error
		level int // of PRAGMA synchronous: 1 is NORMAL, 2 is FULL
	}{{d.Write, 2}, {d.Note, 1}, {d.Note, 1}, {d.Write, 2}} {
		var level int
		if err := c.write(ctx, func(tx *db.Tx) error {
			if _, err := tx.Row(ctx, []any{&level}, "PRAGMA synchronous"); err != nil {
				return err
			}
			return insert(ctx, tx, string(rune('a'+i)))
		}); err != nil {
			t.Fatal(err)
		}
		if level != c.level || count(t, d) != i+1 {
			t.Errorf("write %d: level %d, want %d; %d rows", i, level, c.level, count(t, d))
		}
	}
	// Nor may a write that meets notes be lost.
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			write, least := d.Note, 1
			if i%2 == 0 {
				write, least = d.Write, 2
			}
			var level int
			if err := write(ctx, func(tx *db.Tx) error {
				_, err := tx.Row(ctx, []any{&level}, "PRAGMA synchronous")
				return err
			}); err != nil || level < least {
				t.Errorf("level %d, want at least %d, %v", level, least, err)
			}
		})
	}
	wg.Wait()
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

// Whatever folder the database lies in, other users of the machine read
// neither it nor the files beside it.
func TestFileIsNobodyElses(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	open(t, folder)
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) < 2 {
		t.Fatalf("%d files", len(entries))
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has the mode %o", e.Name(), mode)
		}
	}
}
