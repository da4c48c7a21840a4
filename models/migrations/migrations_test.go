package migrations_test

import (
	"strings"
	"sync"
	"testing"

	"ingot.dev/models/db"
	"ingot.dev/models/dbtest"
	"ingot.dev/models/migrations"
)

// Running again changes nothing; a schema that this program does not know is refused.
func TestRun(t *testing.T) {
	for name, c := range map[string]struct{ change, refused string }{
		"again":   {"", ""},
		"newer":   {"INSERT INTO migration (number, name, checksum, applied) VALUES (999, 'later', '', 0)", "newer Ingot (schema 999"},
		"another": {"UPDATE migration SET checksum = '' WHERE number = 1", "migration 1 (accounts) is not the one that was applied"},
		"missing": {"DELETE FROM migration WHERE number = 1", "migration 1 (accounts) is not the one that was applied"},
	} {
		t.Run(name, func(t *testing.T) {
			d := dbtest.New(t)
			if c.change != "" {
				if err := d.Write(t.Context(), func(tx *db.Tx) error {
					_, err := tx.Exec(t.Context(), c.change)
					return err
				}); err != nil {
					t.Fatal(err)
				}
			}
			err := migrations.Run(t.Context(), d)
			if c.refused == "" && err != nil || c.refused != "" && (err == nil || !strings.Contains(err.Error(), c.refused)) {
				t.Errorf("%v, want %q", err, c.refused)
			}
		})
	}
}

// Servers that start together on an empty database make one schema.
func TestRunTogether(t *testing.T) {
	source := t.TempDir() + "/ingot.db"
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			d, err := db.Open(t.Context(), db.Config{Dialect: db.SQLite, Source: source})
			if err != nil {
				t.Error(err)
				return
			}
			defer d.Close()
			if err := migrations.Run(t.Context(), d); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
