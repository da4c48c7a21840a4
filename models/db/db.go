// Package db opens the database and runs SQL on it: SQLite as the embedded
// default, PostgreSQL where one machine is outgrown. The same text runs on
// both: arguments are written ?, times are stored as microseconds since 1970,
// and whatever decides a race is a unique index with ON CONFLICT.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"
	_ "github.com/mattn/go-sqlite3"    // driver "sqlite3"
	"xorm.io/xorm"
	"xorm.io/xorm/log"
	"xorm.io/xorm/names"
)

// Dialect is the family of SQL that the database speaks.
type Dialect string

// The dialects.
const (
	SQLite   Dialect = "sqlite3"
	Postgres Dialect = "postgres"
)

// Config says which database to open.
type Config struct {
	Dialect Dialect
	// Source is the file of a SQLite database, or the connection string of a
	// PostgreSQL one.
	Source string
}

// Reader runs queries. Rows of a query are mapped to structs by their column
// names in snake case.
type Reader interface {
	// Row scans the first row of the answer into dest; false where there is
	// none. It is made for the short queries of every request, and remembers
	// what it does to their text, so query must be a constant.
	Row(ctx context.Context, dest []any, query string, args ...any) (bool, error)
	// Find appends all rows of the answer to *rows, a pointer to a slice of structs.
	Find(ctx context.Context, rows any, query string, args ...any) error
	// First maps the first row to *row, a pointer to a struct; false where there is none.
	First(ctx context.Context, row any, query string, args ...any) (bool, error)
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	dialect Dialect
	read    *xorm.Engine
	write   *xorm.Engine // the same engine as read, except on SQLite
	texts   sync.Map     // constant query -> the same as the dialect wants it
	marks   atomic.Pointer[marks]

	level   string // how SQLite's writer waits for the disk
	queue   chan *write
	closing chan struct{}
	done    chan struct{}
	once    sync.Once
}

// Open connects and checks that the database answers. SQLite gets one writing
// connection, whose transactions are committed in groups, and a pool of
// reading ones.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	d := &DB{dialect: cfg.Dialect, closing: make(chan struct{}), done: make(chan struct{})}
	var err error
	switch cfg.Dialect {
	case SQLite:
		if err = reserve(cfg.Source); err != nil {
			return nil, fmt.Errorf("open database %s: %w", cfg.Source, err)
		}
		// Every connection keeps its statements prepared, and database/sql sees
		// to it that it is used by one goroutine at a time.
		opts := "_txlock=immediate&_journal_mode=WAL&_foreign_keys=on&_synchronous=FULL&_stmt_cache_size=100&_mutex=no"
		file := (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: cfg.Source}).EscapedPath()}).String()
		if d.write, err = engine("sqlite3", file+"?_busy_timeout=0&"+opts, 1); err != nil {
			return nil, err
		}
		if err = patiently(ctx, func() error { return d.write.PingContext(ctx) }); err != nil {
			return nil, fmt.Errorf("open database %s: %w", cfg.Source, err)
		}
		if d.read, err = engine("sqlite3", file+"?_query_only=1&_busy_timeout=10000&"+opts, 1+max(4, 2*runtime.NumCPU())); err != nil {
			return nil, err
		}
		d.queue = make(chan *write, 256)
		go d.run()
	case Postgres:
		if d.read, err = engine("pgx", cfg.Source, 32); err != nil {
			return nil, err
		}
		d.write = d.read
		close(d.done)
	default:
		return nil, fmt.Errorf("unknown database type %q: sqlite3 or postgres", cfg.Dialect)
	}
	if err := d.read.PingContext(ctx); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if cfg.Dialect == SQLite {
		m, err := openMarks(ctx, d.read.DB().DB, cfg.Source)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("open database %s: %w", cfg.Source, err), d.Close())
		}
		d.marks.Store(m)
	}
	return d, nil
}

// reserve makes the file of a database that is absent, for this user only: it
// will hold addresses and hashes, in whatever folder it lies. SQLite gives the
// files beside it the same mode. One that is there is not touched: closing it
// would drop the locks that this process may have on it.
func reserve(file string) error {
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil
	case err != nil:
		return err
	}
	return f.Close()
}

func engine(driver, source string, conns int) (*xorm.Engine, error) {
	e, err := xorm.NewEngine(driver, source)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	e.SetLogger(log.DiscardLogger{})
	e.SetMapper(names.GonicMapper{})
	e.SetMaxOpenConns(conns)
	e.SetMaxIdleConns(conns)
	e.SetTZDatabase(time.UTC)
	return e, nil
}

// Dialect tells which family of SQL is spoken.
func (d *DB) Dialect() Dialect { return d.dialect }

// Ping tells whether the database answers.
func (d *DB) Ping(ctx context.Context) error { return d.read.PingContext(ctx) }

// Close lets queued writes finish and closes all connections.
func (d *DB) Close() error {
	var err error
	d.once.Do(func() {
		close(d.closing)
		<-d.done
		if m := d.marks.Swap(nil); m != nil {
			err = m.conn.Close()
		}
		err = errors.Join(err, d.read.Close())
		if d.write != d.read {
			err = errors.Join(err, d.write.Close())
		}
	})
	return err
}

// Row implements Reader.
func (d *DB) Row(ctx context.Context, dest []any, query string, args ...any) (bool, error) {
	// A cancellable context would cost a goroutine per query, and the queries
	// of Row are over before anybody could cancel them.
	ok, err := scanned(d.read.DB().DB.QueryRowContext(context.WithoutCancel(ctx), d.constant(query), args...).Scan(dest...))
	return ok, trouble(err)
}

// Find implements Reader.
func (d *DB) Find(ctx context.Context, rows any, query string, args ...any) error {
	return trouble(d.read.Context(ctx).SQL(d.plan(query), args...).Find(rows))
}

// First implements Reader.
func (d *DB) First(ctx context.Context, row any, query string, args ...any) (bool, error) {
	ok, err := d.read.Context(ctx).SQL(d.plan(query), args...).Get(row)
	return ok, trouble(err)
}

func scanned(err error) (bool, error) {
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// constant is rebind for a query that is asked again and again.
func (d *DB) constant(query string) string {
	if text, ok := d.texts.Load(query); ok {
		return text.(string)
	}
	text := d.rebind(query)
	d.texts.Store(query, text)
	return text
}

// rebind writes a query as the dialect's driver wants it. No text of ours has
// a question mark that is not an argument.
func (d *DB) rebind(query string) string {
	if d.dialect == SQLite {
		return d.plan(query)
	}
	var b strings.Builder
	n := 0
	for part := range strings.SplitSeq(query, "?") {
		if n > 0 {
			b.WriteString("$" + strconv.Itoa(n))
		}
		b.WriteString(part)
		n++
	}
	return b.String()
}

// plan keeps SQLite to one plan for a query. It makes a new one each time an
// argument that a column is compared with is 0 or 1, in the hope that the
// value is rare; so everything in the first project would cost three times as
// much as in the second. A sign hides the argument from the planner.
func (d *DB) plan(query string) string {
	if d.dialect != SQLite {
		return query
	}
	return strings.ReplaceAll(query, "= ?", "= +?")
}

// In gives the placeholders for n arguments: "?,?,?". n must be positive.
func In(n int) string { return strings.Repeat("?,", n)[:2*n-1] }

// Now is the present as rows store it: microseconds since 1970.
func Now() int64 { return time.Now().UnixMicro() }

// Time turns a stored time into a time of day in UTC.
func Time(micro int64) time.Time { return time.UnixMicro(micro).UTC() }
