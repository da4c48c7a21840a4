package db

import "context"

// Each calls fn for every row of the answer, with what scans the row into
// variables. The rows are one state of the database and come one at a time;
// an error of fn ends it and is returned. Meanwhile a connection is taken, so
// fn must not ask for long.
func (d *DB) Each(ctx context.Context, fn func(scan func(dest ...any) error) error, query string, args ...any) error {
	rows, err := d.read.DB().DB.QueryContext(ctx, d.rebind(query), args...)
	if err != nil {
		return trouble(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return trouble(err)
		}
	}
	return trouble(rows.Err())
}
