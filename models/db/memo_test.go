package db_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"ingot.dev/models/db"
	"ingot.dev/models/migrations"
)

// open opens the database in the folder once more, as another process would.
func open(t *testing.T, folder string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), db.Config{Dialect: db.SQLite, Source: filepath.Join(folder, "ingot.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	if err := migrations.Run(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestMemo(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	d, other := open(t, folder), open(t, folder)
	foreign, err := sql.Open("sqlite3", filepath.Join(folder, "ingot.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer foreign.Close()
	ctx := t.Context()

	var memo db.Memo[string, int64]
	asked := 0
	ask := func(fail error) int64 {
		t.Helper()
		n, err := memo.Ask(d, "access", func() (n int64, err error) {
			asked++
			if _, err := d.Row(ctx, []any{&n}, "SELECT value FROM epoch WHERE name = 'access'"); err != nil {
				return 0, err
			}
			return n, fail
		})
		if !errors.Is(err, fail) {
			t.Fatal(err)
		}
		return n
	}
	const bump = "UPDATE epoch SET value = value + 1 WHERE name = 'access'"
	raise := func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, bump)
		return err
	}
	failure := errors.New("failure")
	for _, c := range []struct {
		name   string
		change func() error
		asks   bool
	}{
		{"at first", func() error { return nil }, true},
		{"unchanged", func() error { return nil }, false},
		{"a write", func() error { return d.Write(ctx, raise) }, true},
		{"a note", func() error { return d.Note(ctx, raise) }, true},
		{"another process", func() error { return other.Write(ctx, raise) }, true},
		{"another program", func() error { _, err := foreign.Exec(bump); return err }, true},
		{"a write that failed", func() error {
			if err := d.Write(ctx, func(*db.Tx) error { return failure }); !errors.Is(err, failure) {
				return err
			}
			return nil
		}, false},
		{"a checkpoint and a write", func() error {
			if _, err := foreign.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
				return err
			}
			return other.Write(ctx, raise)
		}, true},
	} {
		before := asked
		if err := c.change(); err != nil {
			t.Fatal(c.name, err)
		}
		var want int64
		if _, err := other.Row(ctx, []any{&want}, "SELECT value FROM epoch WHERE name = 'access'"); err != nil {
			t.Fatal(err)
		}
		if got := ask(nil); got != want || asked-before != map[bool]int{true: 1}[c.asks] {
			t.Errorf("%s: got %d, want %d; asked %d times", c.name, got, want, asked-before)
		}
	}
	if err := d.Write(ctx, raise); err != nil {
		t.Fatal(err)
	}
	before := asked
	ask(failure)
	ask(failure)
	if asked-before != 2 {
		t.Error("an answer that failed is kept")
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := memo.Ask(d, "access", func() (int64, error) { return 0, failure }); !errors.Is(err, failure) {
		t.Error("a closed database answers")
	}
}

// Whoever asks after a change was made gets it, however many change and ask.
func TestMemoIsNeverOlder(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	d := open(t, folder)
	ctx := t.Context()
	var memo db.Memo[string, int64]
	var made atomic.Int64 // the highest value whose write has returned
	var writers, readers sync.WaitGroup
	for range 2 {
		w := open(t, folder)
		writers.Go(func() {
			for range 200 {
				var value int64
				err := w.Note(ctx, func(tx *db.Tx) error {
					_, err := tx.Row(ctx, []any{&value}, "UPDATE epoch SET value = value + 1 WHERE name = 'access' RETURNING value")
					return err
				})
				if err != nil {
					t.Error(err)
					return
				}
				for old := made.Load(); old < value && !made.CompareAndSwap(old, value); old = made.Load() {
				}
			}
		})
	}
	done := make(chan struct{})
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				least := made.Load()
				got, err := memo.Ask(d, "access", func() (n int64, err error) {
					_, err = d.Row(ctx, []any{&n}, "SELECT value FROM epoch WHERE name = 'access'")
					return n, err
				})
				if err != nil || got < least {
					t.Errorf("%d, %v; %d was written before", got, err, least)
					return
				}
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
}
