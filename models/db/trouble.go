package db

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/mattn/go-sqlite3"

	"ingot.dev/modules/fault"
)

// trouble turns the driver's errors that say that the database is away, and
// not that a statement is wrong, into fault.Unavailable. Others stay.
func trouble(err error) error {
	if err == nil {
		return nil
	}
	if _, known := errors.AsType[*fault.Fault](err); known {
		return err
	}
	if lite, ok := errors.AsType[sqlite3.Error](err); ok {
		switch lite.Code {
		case sqlite3.ErrFull, sqlite3.ErrIoErr, sqlite3.ErrCantOpen, sqlite3.ErrReadonly, sqlite3.ErrNomem:
			return fault.Wrap(fault.Unavailable, err, "the server cannot reach or write its database; try again later")
		}
		return err
	}
	pg, isPG := errors.AsType[*pgconn.PgError](err)
	// Class 53: insufficient resources, 57P: operator intervention, 08: connection.
	away := isPG && (pg.Code[:2] == "53" || pg.Code[:2] == "08" || pg.Code[:3] == "57P")
	_, unreached := errors.AsType[*pgconn.ConnectError](err)
	_, network := errors.AsType[net.Error](err)
	if away || unreached || network || errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) {
		return fault.Wrap(fault.Unavailable, err, "the server cannot reach its database; try again later")
	}
	return err
}
