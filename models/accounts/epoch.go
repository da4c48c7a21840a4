// Package accounts holds the rows of the embedded forge: accounts, companies,
// projects, their members, tokens and sessions. It knows no policy: who may do
// what, and which text is well-formed, is decided above it.
//
// Columns of kinds, roles and grants hold the numbers of modules/scope and
// modules/forge. Times are microseconds since 1970, 0 for never.
package accounts

import (
	"context"
	"strings"

	"ingot.dev/models/db"
)

// Epoch reads the number that every change of who may do what has raised.
func Epoch(ctx context.Context, r db.Reader) (int64, error) {
	var n int64
	_, err := r.Row(ctx, []any{&n}, "SELECT value FROM epoch WHERE name = 'access'")
	return n, err
}

// Bump raises the epoch. Called first in a transaction, its row lock also puts
// all such transactions in a line, so that what one reads and then decides on
// (is another owner left?) holds until it commits.
func Bump(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, "UPDATE epoch SET value = value + 1 WHERE name = 'access'")
	return err
}

// Page says which rows of a list are wanted: those whose search text contains
// Search in any letter case, Limit of them after Offset.
type Page struct {
	Search        string
	Limit, Offset int
}

// searchText is what a row is found by.
func searchText(parts ...string) string { return strings.ToLower(strings.Join(parts, "\n")) }

// pattern is the LIKE pattern of text that contains s; its escape is '!'.
func pattern(s string) string {
	return "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(strings.ToLower(s)) + "%"
}

// where collects conditions that all have to hold, with their arguments.
type where struct {
	text []string
	args []any
}

func (w *where) and(condition string, args ...any) {
	w.text = append(w.text, condition)
	w.args = append(w.args, args...)
}

func (w *where) String() string {
	if len(w.text) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.text, " AND ")
}

// list appends to *rows one page of "SELECT columns FROM from", and counts
// all rows of it.
func list(ctx context.Context, r db.Reader, rows any, columns, from, order string, w where, p Page) (int, error) {
	var total struct{ N int }
	if _, err := r.First(ctx, &total, "SELECT count(*) AS n FROM "+from+w.String(), w.args...); err != nil {
		return 0, err
	}
	err := r.Find(ctx, rows, "SELECT "+columns+" FROM "+from+w.String()+" ORDER BY "+order+" LIMIT ? OFFSET ?",
		append(w.args, p.Limit, p.Offset)...)
	return total.N, err
}

// anys makes query arguments of ids.
func anys(ids []int64) []any {
	out := make([]any, len(ids))
	for i, id := range ids {
		out[i] = id
	}
	return out
}
