package registry

import (
	"context"
	"fmt"
	"io"
	"time"

	"ingot.dev/models/db"
	"ingot.dev/models/packages"
	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
)

// Uploads in parts get their SHA256 alone as they come in, for clients wait for
// that. The other digests are facts that lists and pages show; they are taken
// here, one object after another.

// completeInterval is how often the server looks for objects to complete.
const completeInterval = 20 * time.Second

func (s *Service) completeEvery(ctx context.Context) {
	tick := time.NewTicker(completeInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := s.Complete(ctx); err != nil && ctx.Err() == nil {
				s.cfg.Log.WarnContext(ctx, "digests could not be taken", "error", err)
			}
		case <-ctx.Done():
			return
		}
	}
}

// Complete takes the digests that were left for later.
func (s *Service) Complete(ctx context.Context) error {
	for {
		rows, err := packages.Incomplete(ctx, s.db, 20)
		if err != nil || len(rows) == 0 {
			return err
		}
		done := 0
		for i := range rows {
			ok, err := s.complete(ctx, &rows[i])
			if err != nil {
				return err
			}
			if ok {
				done++
			}
		}
		if done == 0 {
			return nil // what is missing is doctor's to tell
		}
	}
}

func (s *Service) complete(ctx context.Context, row *packages.Blob) (bool, error) {
	o, err := s.store.Open(ctx, keyOf(row))
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer o.Close()
	d, err := blob.Sum(reading{ctx, o})
	if err != nil {
		return false, err
	}
	if d.SHA256 != row.Sha256 {
		return false, fmt.Errorf("the object %s-%d has the digest %s", row.Sha256, row.ID, d.SHA256)
	}
	return true, s.db.Write(ctx, func(tx *db.Tx) error { return packages.Complete(ctx, tx, row.ID, d) })
}

// reading is a reader that ends with its context.
type reading struct {
	ctx context.Context
	r   io.Reader
}

func (r reading) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
