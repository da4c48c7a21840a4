package db

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"

	"ingot.dev/modules/fault"
)

func TestTrouble(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		away bool
	}{
		"a full disk":         {sqlite3.Error{Code: sqlite3.ErrFull}, true},
		"an unreadable disk":  {fmt.Errorf("commit: %w", sqlite3.Error{Code: sqlite3.ErrIoErr}), true},
		"a wrong statement":   {sqlite3.Error{Code: sqlite3.ErrError}, false},
		"a broken constraint": {&pgconn.PgError{Code: "23505"}, false},
		"a shutdown":          {&pgconn.PgError{Code: "57P01"}, true},
		"too many clients":    {&pgconn.PgError{Code: "53300"}, true},
		"no network":          {&net.OpError{Op: "dial", Err: errors.New("refused")}, true},
		"a lost connection":   {driver.ErrBadConn, true},
		"anything else":       {errors.New("x"), false},
	} {
		got := trouble(c.err)
		if fault.Is(got, fault.Unavailable) != c.away || !errors.Is(got, c.err) {
			t.Errorf("%s: %v", name, got)
		}
	}
	if trouble(nil) != nil {
		t.Error("nothing is trouble")
	}
	conflict := fault.New(fault.Conflict, "taken")
	if got := trouble(conflict); got != error(conflict) {
		t.Errorf("a fault was changed: %v", got)
	}
}
