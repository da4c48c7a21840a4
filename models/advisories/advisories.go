// Package advisories holds the rows of what is known to be wrong with packages
// of the world outside. Times are microseconds since 1970.
package advisories

import (
	"context"

	"ingot.dev/models/db"
)

// Row is what one record says of packages of an ecosystem. Ecosystem and
// Package are empty in the row of a record that is about no package any more:
// it keeps an older edition of the record from coming back.
type Row struct {
	Ecosystem string
	Package   string // as the caller folds names
	Name      string // id of the record
	Body      []byte
	Modified  int64 // of the record
}

// Modified finds when records that are known were modified, by their ids.
func Modified(ctx context.Context, q db.Reader, names []string) (map[string]int64, error) {
	m := make(map[string]int64, len(names))
	if len(names) == 0 {
		return m, nil
	}
	var rows []struct {
		Name     string
		Modified int64
	}
	err := q.Find(ctx, &rows, "SELECT name, max(modified) AS modified FROM advisory WHERE name IN ("+db.In(len(names))+") GROUP BY name", anys(names)...)
	for _, r := range rows {
		m[r.Name] = r.Modified
	}
	return m, err
}

// Replace writes the rows of a record in the place of those it has.
func Replace(ctx context.Context, tx *db.Tx, name string, rows []Row) error {
	if _, err := tx.Exec(ctx, "DELETE FROM advisory WHERE name = ?", name); err != nil {
		return err
	}
	for _, r := range rows {
		// On PostgreSQL two imports may meet here.
		if _, err := tx.Exec(ctx, `INSERT INTO advisory (ecosystem, package, name, body, modified) VALUES (?,?,?,?,?)
			ON CONFLICT (ecosystem, package, name) DO UPDATE SET body = excluded.body, modified = excluded.modified
			WHERE advisory.modified < excluded.modified`, r.Ecosystem, r.Package, name, r.Body, r.Modified); err != nil {
			return err
		}
	}
	return nil
}

// Find reads the rows of some packages of an ecosystem, ordered by package and
// record.
func Find(ctx context.Context, q db.Reader, ecosystem string, packages []string) ([]Row, error) {
	if len(packages) == 0 {
		return nil, nil
	}
	var rows []Row
	return rows, q.Find(ctx, &rows, "SELECT * FROM advisory WHERE ecosystem = ? AND package IN ("+db.In(len(packages))+") ORDER BY package, name",
		append([]any{ecosystem}, anys(packages)...)...)
}

// Count is how much is known of an ecosystem.
type Count struct {
	Ecosystem  string
	Advisories int
	Packages   int
	Modified   int64 // of the record that was modified last
}

// Counts counts by ecosystem.
func Counts(ctx context.Context, q db.Reader) ([]Count, error) {
	var rows []Count
	return rows, q.Find(ctx, &rows, `SELECT ecosystem, count(DISTINCT name) AS advisories, count(DISTINCT package) AS packages, max(modified) AS modified
		FROM advisory WHERE ecosystem <> '' GROUP BY ecosystem ORDER BY ecosystem`)
}

func anys(texts []string) []any {
	out := make([]any, len(texts))
	for i, t := range texts {
		out[i] = t
	}
	return out
}
