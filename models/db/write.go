package db

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"
	"xorm.io/xorm"

	"ingot.dev/modules/fault"
)

// Tx is an open transaction. It sees its own writes. It belongs to the
// function that got it and must not outlive it.
type Tx struct {
	d *DB
	s *xorm.Session
}

// Exec runs a statement and gives the number of rows it touched.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	res, err := tx.s.Tx().Tx.ExecContext(context.WithoutCancel(ctx), tx.d.rebind(query), args...)
	if err != nil {
		return 0, fmt.Errorf("%w\n%s", err, query)
	}
	return res.RowsAffected()
}

// Row implements Reader.
func (tx *Tx) Row(ctx context.Context, dest []any, query string, args ...any) (bool, error) {
	ok, err := scanned(tx.s.Tx().Tx.QueryRowContext(context.WithoutCancel(ctx), tx.d.constant(query), args...).Scan(dest...))
	if err != nil {
		return false, fmt.Errorf("%w\n%s", err, query)
	}
	return ok, nil
}

// Find implements Reader.
func (tx *Tx) Find(ctx context.Context, rows any, query string, args ...any) error {
	return tx.s.Context(context.WithoutCancel(ctx)).SQL(tx.d.plan(query), args...).Find(rows)
}

// First implements Reader.
func (tx *Tx) First(ctx context.Context, row any, query string, args ...any) (bool, error) {
	return tx.s.Context(context.WithoutCancel(ctx)).SQL(tx.d.plan(query), args...).Get(row)
}

type write struct {
	ctx  context.Context
	fn   func(*Tx) error
	note bool
	err  error
	done chan struct{}
}

// groupLimit bounds how many writes share one commit, and so how long the
// first of them waits for the others.
const groupLimit = 64

// ErrClosed is what a write gets after Close.
var ErrClosed = fault.New(fault.Unavailable, "the server is shutting down")

// Write runs fn in a transaction; when Write returns nil its effects are
// durable. fn does SQL and nothing else: no network, no blobs, no waiting. On
// SQLite the writes that queue up while one commit syncs the disk share the
// next commit, each inside a savepoint of its own, so that one failing undoes
// nothing of another's. On PostgreSQL fn may run again after a deadlock.
func (d *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	return trouble(d.submit(&write{ctx: ctx, fn: fn, done: make(chan struct{})}))
}

// Note is Write without waiting for the disk: everybody sees its effects when
// it returns, and they survive the end of the process, but a loss of power may
// undo them until a later Write has returned. The order of writes holds: what
// a durable Write has seen is durable with it.
func (d *DB) Note(ctx context.Context, fn func(*Tx) error) error {
	return trouble(d.submit(&write{ctx: ctx, fn: fn, note: true, done: make(chan struct{})}))
}

func (d *DB) submit(w *write) error {
	if d.dialect == Postgres {
		return d.writeAlone(w)
	}
	select {
	case d.queue <- w:
	case <-d.closing:
		return ErrClosed
	case <-w.ctx.Done():
		return w.ctx.Err()
	}
	// Once queued a write is waited for even by a caller who lost interest:
	// whether it happened must be known.
	select {
	case <-w.done:
		return w.err
	case <-d.done:
		select {
		case <-w.done:
			return w.err
		default:
			return ErrClosed
		}
	}
}

// run is SQLite's one writer.
func (d *DB) run() {
	defer close(d.done)
	for {
		var first *write
		select {
		case first = <-d.queue:
		case <-d.closing:
			select {
			case first = <-d.queue: // what was queued before Close is done
			default:
				return
			}
		}
		group := []*write{first}
		for len(group) < groupLimit {
			select {
			case w := <-d.queue:
				group = append(group, w)
				continue
			default:
			}
			break
		}
		// Notes go first and by themselves, or they would wait for the disk
		// because others have to.
		for _, notes := range [...]bool{true, false} {
			part := slices.DeleteFunc(slices.Clone(group), func(w *write) bool { return w.note != notes })
			if len(part) == 0 {
				continue
			}
			d.commit(part)
			for _, w := range part {
				close(w.done)
			}
		}
	}
}

// commit runs a group of writes, or one of notes, in one transaction.
func (d *DB) commit(group []*write) {
	fail := func(err error) {
		for _, w := range group {
			if w.err == nil {
				w.err = err
			}
		}
	}
	bg := context.Background()
	if err := patiently(bg, func() error { return d.wait(group) }); err != nil {
		fail(err)
		return
	}
	s := d.write.NewSession()
	defer s.Close()
	if err := patiently(bg, s.Begin); err != nil {
		fail(fmt.Errorf("begin: %w", err))
		return
	}
	tx := &Tx{d, s}
	for _, w := range group {
		if w.err = w.ctx.Err(); w.err != nil {
			continue
		}
		if _, err := tx.Exec(bg, "SAVEPOINT w"); err != nil {
			fail(err)
			return // Close rolls the whole transaction back
		}
		w.err = guard(w.fn, tx)
		if w.err != nil {
			if _, err := tx.Exec(bg, "ROLLBACK TO w"); err != nil {
				fail(err)
				return
			}
		}
		if _, err := tx.Exec(bg, "RELEASE w"); err != nil {
			fail(err)
			return
		}
	}
	if err := s.Commit(); err != nil {
		fail(fmt.Errorf("commit: %w", err))
	}
}

// wait has the next commit wait for the disk, unless it is of notes. A
// connection begins with FULL, so a new one waits too often but never too
// seldom.
func (d *DB) wait(group []*write) error {
	level := "FULL"
	if group[0].note {
		level = "NORMAL"
	}
	if level == d.level {
		return nil
	}
	if _, err := d.write.DB().DB.Exec("PRAGMA synchronous = " + level); err != nil {
		return fmt.Errorf("synchronous: %w", err)
	}
	d.level = level
	return nil
}

// guard turns a panic of one write into its error: the writer serves others too.
func guard(fn func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic in a write: %v\n%s", p, debug.Stack())
		}
	}()
	return fn(tx)
}

func (d *DB) writeAlone(w *write) error {
	for attempt := 0; ; attempt++ {
		err := d.attempt(w)
		var pg *pgconn.PgError
		// 40001 serialization_failure, 40P01 deadlock_detected
		if attempt < 5 && errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01") {
			continue
		}
		return err
	}
}

func (d *DB) attempt(w *write) error {
	s := d.write.NewSession().Context(context.WithoutCancel(w.ctx))
	defer s.Close()
	select {
	case <-w.ctx.Done():
		return w.ctx.Err()
	case <-d.closing:
		return ErrClosed
	default:
	}
	if err := s.Begin(); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	err := guard(func(tx *Tx) error {
		if w.note {
			if _, err := tx.Exec(w.ctx, "SET LOCAL synchronous_commit = off"); err != nil {
				return err
			}
		}
		return w.fn(tx)
	}, &Tx{d, s})
	if err != nil {
		return errors.Join(err, s.Rollback())
	}
	return s.Commit()
}
