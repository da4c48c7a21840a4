// Package dbtest opens databases for tests.
package dbtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ingot.dev/models/db"
	"ingot.dev/models/migrations"
	"ingot.dev/modules/uuid"
)

// Variable names the variable of the environment that holds the address of a
// PostgreSQL database. With it every test gets a schema of its own there
// instead of a SQLite file.
const Variable = "INGOT_TEST_POSTGRES"

// New opens an empty database of the present schema, closed and removed when
// the test ends.
func New(tb testing.TB) *db.DB {
	tb.Helper()
	cfg := db.Config{Dialect: db.SQLite, Source: filepath.Join(tb.TempDir(), "ingot.db")}
	if address := os.Getenv(Variable); address != "" {
		cfg = db.Config{Dialect: db.Postgres, Source: schema(tb, address)}
	}
	d := open(tb, cfg)
	if err := migrations.Run(tb.Context(), d); err != nil {
		tb.Fatal(err)
	}
	return d
}

func open(tb testing.TB, cfg db.Config) *db.DB {
	tb.Helper()
	d, err := db.Open(tb.Context(), cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := d.Close(); err != nil {
			tb.Error(err)
		}
	})
	return d
}

// schema makes a schema in the database at address and gives the address that
// leads into it.
func schema(tb testing.TB, address string) string {
	tb.Helper()
	name := "test_" + strings.ReplaceAll(uuid.New(), "-", "")
	d := open(tb, db.Config{Dialect: db.Postgres, Source: address})
	run := func(statement string) error {
		return d.Write(tb.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(tb.Context(), statement)
			return err
		})
	}
	if err := run("CREATE SCHEMA " + name); err != nil {
		tb.Fatal(err)
	}
	separator := "?"
	if strings.Contains(address, "?") {
		separator = "&"
	}
	return fmt.Sprintf("%s%ssearch_path=%s", address, separator, name)
}
