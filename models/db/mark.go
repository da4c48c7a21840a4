package db

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"unsafe"
)

// mark names a state of a SQLite database: where two marks are equal, nobody
// has committed anything between them, in this process or in another one.
type mark [10]uint32

// marks reads them from the index of the write-ahead log, whose header every
// commit changes as its last step. It is memory that all processes share, so
// a mark costs no system call, while any question to SQLite, PRAGMA
// data_version too, costs as much as looking up a row. See
// https://www.sqlite.org/walformat.html, section 2.1, "WAL-Index Header".
type marks struct {
	header []byte
	conn   *sql.Conn // does nothing but keep the index from being made anew
}

const (
	indexVersion = 3007000 // of the header's layout
	indexChanges = 2       // the first word that a commit changes, a counter
)

// openMarks maps the index of a database that is open. Where there is none, or
// none of the known layout, it gives nil: then no two states are known to be
// the same.
func openMarks(ctx context.Context, read *sql.DB, source string) (*marks, error) {
	conn, err := read.Conn(ctx)
	if err != nil {
		return nil, err
	}
	m := &marks{conn: conn}
	var tables int // the first question opens the index
	if err = conn.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err == nil {
		m.header, err = mapIndex(source)
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	if m.header == nil || m.word(0) != indexVersion {
		return nil, conn.Close()
	}
	return m, nil
}

// mapIndex maps the header into memory. Neither the file is closed nor the
// memory unmapped before the process ends: closing any descriptor of a file
// drops every lock that the process has on it, those of SQLite too, and
// somebody may be reading a mark while the database is closed.
func mapIndex(source string) ([]byte, error) {
	path, err := filepath.EvalSymlinks(source)
	if err != nil {
		return nil, err
	}
	file, err := syscall.Open(path+"-shm", syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, nil // SQLite keeps the index elsewhere
	}
	return syscall.Mmap(file, 0, os.Getpagesize(), syscall.PROT_READ, syscall.MAP_SHARED)
}

func (m *marks) word(i int) uint32 {
	return atomic.LoadUint32((*uint32)(unsafe.Pointer(&m.header[4*i])))
}

// now reads the mark. The header is there twice, and this is the copy that is
// written last: whoever sees a word of a commit here, even while the rest is
// being written, and asks SQLite then, gets the state after that commit. So
// what is read after a mark is as new as the mark or newer.
func (m *marks) now() (now mark) {
	for i := range now {
		now[i] = m.word(indexChanges + i)
	}
	return now
}

// mark gives the present one; false where states cannot be told apart.
func (d *DB) mark() (mark, bool) {
	m := d.marks.Load()
	if m == nil {
		return mark{}, false
	}
	return m.now(), true
}
