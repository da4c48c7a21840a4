package db

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/mattn/go-sqlite3"

	"ingot.dev/modules/fault"
)

const (
	// patience is how long SQLite's writer waits for other processes.
	patience = 30 * time.Second
	// glance is the longest pause between two attempts.
	glance = 2 * time.Millisecond
)

// patiently calls fn again while another process writes. SQLite's own waiting
// looks ever more seldom, at last ten times a second, and so it misses the
// moments between two commits of a server under load time after time until it
// gives up: "database is locked". Fault Unavailable where patience ends.
func patiently(ctx context.Context, fn func() error) error {
	for end := time.Now().Add(patience); ; {
		err := fn()
		if e, ok := errors.AsType[sqlite3.Error](err); !ok || e.Code != sqlite3.ErrBusy {
			return err
		}
		if time.Now().After(end) {
			return fault.Wrap(fault.Unavailable, err, "another process keeps the database busy: try again later")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(rand.N(glance)):
		}
	}
}
