// Package dbtest opens databases for tests.
package dbtest

import (
	"path/filepath"
	"testing"

	"ingot.dev/models/db"
	"ingot.dev/models/migrations"
)

// New opens an empty SQLite database of the present schema, closed and
// removed when the test ends.
func New(tb testing.TB) *db.DB {
	tb.Helper()
	d, err := db.Open(tb.Context(), db.Config{Dialect: db.SQLite, Source: filepath.Join(tb.TempDir(), "ingot.db")})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := d.Close(); err != nil {
			tb.Error(err)
		}
	})
	if err := migrations.Run(tb.Context(), d); err != nil {
		tb.Fatal(err)
	}
	return d
}
