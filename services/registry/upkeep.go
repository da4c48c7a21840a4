package registry

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"ingot.dev/models/db"
	"ingot.dev/models/packages"
	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/scope"
)

// Finding is something that doctor found.
type Finding struct {
	Kind   string    // "missing", "wrong size", "wrong digest", "count", "unknown object"
	Scope  scope.Ref // whose it is; zero for an object that no row knows
	Detail string
	Broken bool // false: only space is wasted
	Fixed  bool
}

// Doctor proves the hard invariant, that every referenced row has its object
// with its digest, and looks for counts that are off and objects that no row
// knows. With fix it repairs what can be repaired without losing anything:
// counts are computed anew and unknown objects removed. report is called for
// each finding. A nil error means that the examination ended, not that the
// registry is whole.
func (s *Service) Doctor(ctx context.Context, fix bool, report func(Finding)) error {
	if err := s.examineBlobs(ctx, report); err != nil {
		return err
	}
	if err := s.examineCounts(ctx, fix, report); err != nil {
		return err
	}
	return s.examineObjects(ctx, fix, report)
}

func (s *Service) examineBlobs(ctx context.Context, report func(Finding)) error {
	var last int64
	for {
		rows, err := packages.Referenced(ctx, s.db, last, 500)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, r := range rows {
			last = r.ID
			kind, detail := s.examine(ctx, r)
			if kind == "" {
				continue
			}
			// It may have been deleted and collected since its row was read.
			if still, err := packages.Referenced(ctx, s.db, r.ID-1, 1); err != nil {
				return err
			} else if len(still) == 0 || still[0].ID != r.ID {
				continue
			}
			report(Finding{Kind: kind, Scope: scope.Ref{Kind: r.ScopeKind, ID: r.ScopeID}, Detail: fmt.Sprintf("%s (%s)", r.Place, detail), Broken: true})
		}
	}
}

func (s *Service) examine(ctx context.Context, r packages.Reference) (kind, detail string) {
	o, err := s.store.Open(ctx, blob.Key{SHA256: r.Sha256, Row: r.ID})
	if err != nil {
		return "missing", err.Error()
	}
	defer o.Close()
	if o.Size() != r.Size {
		return "wrong size", fmt.Sprintf("%d bytes, not %d", o.Size(), r.Size)
	}
	h := sha256.New()
	if _, err := io.Copy(h, o); err != nil {
		return "missing", err.Error()
	}
	if sum := hex.EncodeToString(h.Sum(nil)); sum != r.Sha256 {
		return "wrong digest", fmt.Sprintf("sha256 %s, not %s", sum, r.Sha256)
	}
	return "", ""
}

func (s *Service) examineCounts(ctx context.Context, fix bool, report func(Finding)) error {
	off, err := packages.WrongCounts(ctx, s.db)
	if err != nil {
		return err
	}
	if fix && len(off) > 0 {
		if err := s.db.Write(ctx, func(tx *db.Tx) error { return packages.Recount(ctx, tx) }); err != nil {
			return err
		}
	}
	for _, w := range off {
		report(Finding{Kind: "count", Scope: scope.Ref{Kind: w.ScopeKind, ID: w.ScopeID}, Detail: w.Place, Broken: true, Fixed: fix})
	}
	return nil
}

// examineObjects looks for objects that no row knows. One that is being
// published has its row already, because the lease comes before the object.
func (s *Service) examineObjects(ctx context.Context, fix bool, report func(Finding)) error {
	for k, err := range s.store.Keys(ctx) {
		if err != nil {
			return err
		}
		known, err := packages.Known(ctx, s.db, k.Row, k.SHA256)
		if err != nil {
			return err
		}
		if known {
			continue
		}
		// A collection deletes the object first and forgets its row then.
		if _, err := s.store.Stat(ctx, k); fault.Is(err, fault.NotFound) {
			continue
		}
		if fix {
			if err := s.store.Delete(ctx, k); err != nil {
				return err
			}
		}
		report(Finding{Kind: "unknown object", Detail: fmt.Sprintf("%s-%d", k.SHA256, k.Row), Fixed: fix})
	}
	return nil
}

// Freed is what a collection freed, or would.
type Freed struct {
	Objects int
	Bytes   int64
}

// Collect removes uploads in parts and holds that have run out, and then blobs
// that nothing refers to. Rows turn into trash rows in one transaction; the
// objects are deleted after it, and the trash rows last. A publication that
// wants the same bytes meanwhile gets a new row and so a new key. With dry
// nothing is changed.
func (s *Service) Collect(ctx context.Context, dry bool) (freed Freed, err error) {
	now := db.Now()
	if dry {
		rows, err := packages.Unreferenced(ctx, s.db, now, 1_000_000)
		for _, r := range rows {
			freed.Objects, freed.Bytes = freed.Objects+1, freed.Bytes+r.Size
		}
		return freed, err
	}
	if err := s.expire(ctx, now); err != nil {
		return freed, err
	}
	s.cfg.Step("gc:expired")
	for {
		rows, err := packages.Unreferenced(ctx, s.db, now, 200)
		if err != nil {
			return freed, err
		}
		buried := 0
		s.cfg.Step("gc:found")
		if err := s.db.Write(ctx, func(tx *db.Tx) error {
			buried = 0
			for _, r := range rows {
				ok, err := packages.Bury(ctx, tx, r, now)
				if err != nil {
					return err
				}
				if ok {
					buried++
				}
			}
			return nil
		}); err != nil {
			return freed, err
		}
		s.cfg.Step("gc:buried")
		if err := s.empty(ctx, &freed); err != nil || buried == 0 {
			return freed, err
		}
	}
}

// expire ends uploads and holds that have run out.
func (s *Service) expire(ctx context.Context, now int64) error {
	const batch = 500
	for more := true; more; {
		if err := s.db.Write(ctx, func(tx *db.Tx) error {
			n, err := packages.Expire(ctx, tx, now, batch)
			more = n > 0
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// empty deletes the objects of trash rows, those of an earlier, interrupted
// collection too.
func (s *Service) empty(ctx context.Context, freed *Freed) error {
	for {
		rows, err := packages.Trash(ctx, s.db, 200)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, r := range rows {
			if err := s.store.Delete(ctx, blob.Key{SHA256: r.Sha256, Row: r.ID}); err != nil {
				return err
			}
			freed.Objects, freed.Bytes = freed.Objects+1, freed.Bytes+r.Size
		}
		s.cfg.Step("gc:deleted")
		if err := s.db.Write(ctx, func(tx *db.Tx) error {
			for _, r := range rows {
				if err := packages.Forget(ctx, tx, r.ID); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
}

// CollectEvery cleans registries by their rules and collects garbage soon after the start, and then at an interval
// until ctx ends. A server that is restarted every day collects too.
func (s *Service) CollectEvery(ctx context.Context, every time.Duration, report func(Freed, error)) {
	if every <= 0 {
		return
	}
	next := time.NewTimer(min(every, collectAfter))
	defer next.Stop()
	for {
		select {
		case <-next.C:
			err := s.Clean(ctx, scope.Ref{}, nil, false, func(Superfluous) {})
			var freed Freed
			if err == nil {
				freed, err = s.Collect(ctx, false)
			}
			if ctx.Err() != nil {
				return // the next one goes on where this was broken off
			}
			report(freed, err)
			next.Reset(every)
		case <-ctx.Done():
			return
		}
	}
}

// collectAfter is how long a started server waits with its first collection,
// out of the way of whatever was waiting for it.
const collectAfter = 10 * time.Minute
