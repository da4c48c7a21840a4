package registry

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"ingot.dev/models/db"
	"ingot.dev/models/packages"
	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
)

// An upload in parts is a row with ordered parts, each a blob of its own that
// came by the steps of a publication. So it survives a restart, may be gone on
// with at another process, and doctor knows all of its objects.

// maxParts bounds the parts of an upload, each of which has a row, an object
// and a place in the answer of one query.
const maxParts = 10_000

// maxOpen bounds the unfinished uploads of an account, over all registries.
const maxOpen = 1000

// errMoved ends the transaction of an append or a finish that another one was
// ahead of.
var errMoved = errors.New("the upload has moved on")

// until gives the time in so long, as rows have it.
func until(d time.Duration) int64 { return db.Now() + d.Microseconds() }

// Begin implements format.Sessions.
func (b *bound) Begin(ctx context.Context, name string) (*format.Session, error) {
	canon, err := b.into(name)
	if err != nil {
		return nil, err
	}
	if open, err := packages.OpenSessions(ctx, b.s.db, b.actor.ID, db.Now()); err != nil {
		return nil, err
	} else if open >= maxOpen {
		return nil, fault.New(fault.Busy, "%d uploads of this account are not finished: finish or cancel some first", open)
	}
	row := packages.Session{
		Name: rand.Text(), ScopeKind: b.scope.Kind, ScopeID: b.scope.ID, Format: b.k.Info.ID, Package: canon,
		AccountID: b.actor.ID, Created: db.Now(), Expires: until(b.s.cfg.Session),
	}
	if err := b.s.db.Write(ctx, func(tx *db.Tx) (err error) {
		row.ID, err = packages.AddSession(ctx, tx, row)
		return err
	}); err != nil {
		return nil, err
	}
	return toSession(&row), nil
}

// into gives the canonical name of a package that something is to be put into.
func (b *bound) into(name string) (string, error) {
	if err := b.allow(forge.PublishPackages); err != nil {
		return "", err
	}
	if err := checkText("package name", name); err != nil {
		return "", err
	}
	return b.k.CanonicalName(name)
}

// Session implements format.Sessions.
func (b *bound) Session(ctx context.Context, name, id string) (*format.Session, error) {
	row, err := b.session(ctx, name, id)
	if err != nil {
		return nil, err
	}
	return toSession(&row), nil
}

// session finds an upload of the actor, whose id alone opens nothing.
func (b *bound) session(ctx context.Context, name, id string) (packages.Session, error) {
	canon, err := b.into(name)
	if err != nil {
		return packages.Session{}, err
	}
	row, ok, err := packages.SessionByName(ctx, b.s.db, b.scope.Ref, b.k.Info.ID, canon, id, b.actor.ID, db.Now())
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "there is no such upload into %q; it ended or ran out: begin another", name)
	}
	return row, err
}

func toSession(row *packages.Session) *format.Session {
	return &format.Session{ID: row.Name, Package: row.Package, Size: row.Size, Created: db.Time(row.Created), Row: row.ID}
}

// Append implements format.Sessions.
func (b *bound) Append(ctx context.Context, s *format.Session, at int64, r io.Reader) (*format.Session, error) {
	row, err := b.session(ctx, s.Package, s.ID)
	if err != nil {
		return nil, err
	}
	if row.Size != at {
		return toSession(&row), elsewhere(&row)
	}
	if row.Parts >= maxParts {
		return toSession(&row), fault.New(fault.TooLarge, "the upload has %d parts; send larger ones", row.Parts)
	}
	p, err := b.piece(ctx, at, r)
	if err != nil {
		return nil, err
	}
	ctx = context.WithoutCancel(ctx) // what came is kept even if the client is gone
	body, err := b.s.spool.StageQuickly(ctx, p, 0)
	if err != nil {
		return toSession(&row), err
	}
	defer body.Discard()
	if body.Size() == 0 {
		return toSession(&row), p.err
	}
	err = b.s.keep(ctx, body, func(tx *db.Tx, blobID int64) error {
		ok, err := packages.AddPart(ctx, tx, row.ID, at, body.Size(), blobID, until(b.s.cfg.Session))
		if err == nil && !ok {
			err = errMoved
		}
		return err
	})
	switch {
	case errors.Is(err, errMoved):
		return b.moved(ctx, s)
	case err != nil:
		return toSession(&row), err
	}
	b.s.cfg.Step("session:committed")
	row.Size += body.Size()
	return toSession(&row), p.err
}

// moved gives an upload that was changed or ended by another request, and the
// fault of the one that came too late.
func (b *bound) moved(ctx context.Context, s *format.Session) (*format.Session, error) {
	row, err := b.session(ctx, s.Package, s.ID)
	if err != nil {
		return nil, err
	}
	return toSession(&row), elsewhere(&row)
}

func elsewhere(row *packages.Session) error {
	return fault.New(fault.Precondition, "the upload has %d bytes: go on from there", row.Size)
}

// piece is what a client sends at once, as far as there is room for it. Where
// it breaks off it just ends, and err says why.
type piece struct {
	ctx  context.Context
	r    io.Reader
	room int64 // bytes; negative once there were more
	full error // what to say then
	err  error
}

// piece bounds r by what an upload of so many bytes may still grow.
func (b *bound) piece(ctx context.Context, at int64, r io.Reader) (*piece, error) {
	p := &piece{ctx: ctx, r: r, room: math.MaxInt64}
	if limit := b.s.cfg.MaxFileSize; limit > 0 {
		p.room = max(limit-at, 0)
		p.full = fault.New(fault.TooLarge, "the upload is larger than the limit of %d bytes", limit)
	}
	left, err := b.left(ctx)
	if err == nil && left < p.room {
		p.room, p.full = max(left, 0), b.usedUp(left)
	}
	return p, err
}

func (p *piece) Read(buffer []byte) (int, error) {
	if p.err == nil {
		p.err = p.ctx.Err()
	}
	if p.err != nil {
		return 0, io.EOF
	}
	n, err := p.r.Read(buffer)
	if p.room -= int64(n); p.room < 0 {
		return 0, p.full
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = fault.Wrap(fault.Invalid, err, "the upload broke off: go on from where it did")
	}
	if err != nil && err != io.EOF {
		p.err, err = err, io.EOF
	}
	return n, err
}

// Finish implements format.Sessions.
func (b *bound) Finish(ctx context.Context, s *format.Session, digest string) (*format.File, error) {
	row, err := b.session(ctx, s.Package, s.ID)
	if err != nil {
		return nil, err
	}
	want, err := parseDigest(digest)
	if err != nil {
		return nil, err
	}
	if err := b.room(ctx, 0); err != nil { // the upload itself counts already
		return nil, err
	}
	parts, err := packages.Parts(ctx, b.s.db, row.ID)
	if err != nil {
		return nil, err
	}
	size := int64(0)
	for _, p := range parts {
		size += p.Size
	}
	switch {
	case size != row.Size: // another request came between the two questions
		err = errMoved
	case len(parts) == 1 && (want.algorithm == "sha256" || parts[0].Sha512 != ""):
		err = b.finishOne(ctx, &row, &parts[0], want)
	default:
		err = b.finishMany(ctx, &row, parts, want)
	}
	if errors.Is(err, errMoved) {
		_, err = b.moved(ctx, s)
	}
	if err != nil {
		return nil, err
	}
	b.s.cfg.Step("session:finished")
	return b.Blob(ctx, s.Package, digest)
}

// finishOne ends an upload whose one part is the whole already.
func (b *bound) finishOne(ctx context.Context, row *packages.Session, part *packages.Blob, want digest) error {
	if err := want.check(digestsOf(part)); err != nil {
		return err
	}
	return b.s.db.Write(ctx, func(tx *db.Tx) error {
		// The upload refers to the blob until here, so its row is there.
		ok, err := packages.Present(ctx, tx, part.ID, until(b.s.cfg.Lease))
		switch {
		case err != nil:
			return err
		case !ok:
			return errMoved
		}
		return b.end(ctx, tx, row, part.ID)
	})
}

// finishMany puts the parts of an upload together, or what there is of none. A
// single part is read once more for a digest that was not taken of it.
func (b *bound) finishMany(ctx context.Context, row *packages.Session, parts []packages.Blob, want digest) error {
	w := &whole{ctx: ctx, store: b.s.store, parts: parts}
	defer w.close()
	body, err := b.s.spool.Stage(ctx, w, 0)
	if err != nil {
		return err
	}
	defer body.Discard()
	if body.Size() != row.Size {
		return fmt.Errorf("the parts of an upload have %d bytes instead of %d", body.Size(), row.Size)
	}
	if err := want.check(body.Digests()); err != nil {
		return err
	}
	return b.s.keep(ctx, body, func(tx *db.Tx, blobID int64) error { return b.end(ctx, tx, row, blobID) })
}

// end removes an upload as row has it and holds the blob that came of it.
func (b *bound) end(ctx context.Context, tx *db.Tx, row *packages.Session, blobID int64) error {
	ok, err := packages.EndSession(ctx, tx, row.ID, row.Size)
	switch {
	case err != nil:
		return err
	case !ok:
		return errMoved
	}
	return b.hold(ctx, tx, row.Package, blobID)
}

// whole reads the parts of an upload one after another.
type whole struct {
	ctx   context.Context
	store blob.Store
	parts []packages.Blob
	open  blob.Reader // of the first of the parts; nil: not yet
}

func (w *whole) Read(buffer []byte) (int, error) {
	for len(w.parts) > 0 {
		if w.open == nil {
			var err error
			if w.open, err = w.store.Open(w.ctx, keyOf(&w.parts[0])); err != nil {
				return 0, fmt.Errorf("a part of an upload: %w", err)
			}
		}
		n, err := w.open.Read(buffer)
		if err == io.EOF {
			w.close()
			w.parts, err = w.parts[1:], nil
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
	return 0, io.EOF
}

func (w *whole) close() {
	if w.open != nil {
		w.open.Close()
		w.open = nil
	}
}

// Cancel implements format.Sessions.
func (b *bound) Cancel(ctx context.Context, s *format.Session) error {
	row, err := b.session(ctx, s.Package, s.ID)
	if err != nil {
		return err
	}
	return b.s.db.Write(ctx, func(tx *db.Tx) error { return packages.DeleteSession(ctx, tx, row.ID) })
}
