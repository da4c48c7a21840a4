package packages

import (
	"context"

	"ingot.dev/models/db"
)

// Job is a row of the outbox.
type Job struct {
	ID       int64
	Topic    string
	Payload  string
	Due      int64
	Attempts int64
}

// Enqueue writes a job that is due at a time and gives its id.
func Enqueue(ctx context.Context, tx *db.Tx, topic, payload string, due int64) (id int64, err error) {
	_, err = tx.Row(ctx, []any{&id}, "INSERT INTO outbox (topic, payload, created, due) VALUES (?,?,?,?) RETURNING id",
		topic, payload, db.Now(), due)
	return id, err
}

// NextJob finds the job that has been due the longest.
func NextJob(ctx context.Context, q db.Reader, now int64) (Job, bool, error) {
	var j Job
	ok, err := q.Row(ctx, []any{&j.ID, &j.Topic, &j.Payload, &j.Due, &j.Attempts},
		"SELECT id, topic, payload, due, attempts FROM outbox WHERE due <= ? ORDER BY due, id LIMIT 1", now)
	return j, ok, err
}

// ClaimJob takes a job until a time, unless somebody else took it meanwhile.
func ClaimJob(ctx context.Context, tx *db.Tx, j Job, until int64) (bool, error) {
	n, err := tx.Exec(ctx, "UPDATE outbox SET due = ? WHERE id = ? AND due = ?", until, j.ID, j.Due)
	return n == 1, err
}

// EndJob removes a job.
func EndJob(ctx context.Context, tx *db.Tx, id int64) error {
	_, err := tx.Exec(ctx, "DELETE FROM outbox WHERE id = ?", id)
	return err
}

// RetryJob puts a job off after it failed.
func RetryJob(ctx context.Context, tx *db.Tx, id, due int64, trouble string) error {
	_, err := tx.Exec(ctx, "UPDATE outbox SET due = ?, attempts = attempts + 1, trouble = ? WHERE id = ?", due, trouble, id)
	return err
}

// Jobs counts the jobs that wait, and those of them that have failed before.
func Jobs(ctx context.Context, q db.Reader) (waiting, failing int64, err error) {
	_, err = q.Row(ctx, []any{&waiting, &failing},
		"SELECT count(*), COALESCE(sum(CASE WHEN attempts > 0 THEN 1 ELSE 0 END), 0) FROM outbox")
	return waiting, failing, err
}
