package db_test

import (
	"context"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ingot.dev/models/db"
)

// A command's writes find their turn beside a server that commits without a
// pause, as another process's would: SQLite's locks are between connections.
func TestWritesBesideBusyServer(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "ingot.db")
	open := func() *db.DB {
		d, err := db.Open(t.Context(), db.Config{Dialect: db.SQLite, Source: file})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { d.Close() })
		return d
	}
	server, command := open(), open()
	exec := func(d *db.DB, query string) {
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(context.Background(), query)
			return err
		}); err != nil {
			t.Error(err)
		}
	}
	exec(server, "CREATE TABLE work (n BIGINT)")
	var ending atomic.Bool
	var commits atomic.Int64
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for !ending.Load() {
				exec(server, "INSERT INTO work (n) VALUES (1)")
				commits.Add(1)
			}
		})
	}
	var longest int64
	for range 40 {
		before := commits.Load()
		exec(command, "INSERT INTO work (n) VALUES (2)")
		longest = max(longest, commits.Load()-before)
		time.Sleep(time.Millisecond)
	}
	ending.Store(true)
	wg.Wait()
	if longest > 5000 { // with SQLite's own waiting it is tens of thousands, or for ever
		t.Errorf("a write waited for %d others", longest)
	}
}
