package registry

import (
	"context"
	"fmt"
	"io"
	"time"

	"ingot.dev/models/db"
	"ingot.dev/models/packages"
	"ingot.dev/modules/blob"
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

// completeBatch is how many objects are looked up at once.
const completeBatch = 20

// Complete takes the digests that were left for later. What is missing or has
// other bytes than it should is passed over, and told of in the end.
func (s *Service) Complete(ctx context.Context) error {
	var bad int
	var first error
	for after := int64(0); ; {
		rows, err := packages.Incomplete(ctx, s.db, after, completeBatch)
		if err != nil {
			return err
		}
		for i := range rows {
			after = rows[i].ID
			err := s.complete(ctx, &rows[i])
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err == nil {
				continue
			}
			if bad++; first == nil {
				first = err
			}
		}
		if len(rows) < completeBatch {
			break
		}
	}
	if bad > 0 {
		return fmt.Errorf("%d objects, the first: %w", bad, first)
	}
	return nil
}

func (s *Service) complete(ctx context.Context, row *packages.Blob) error {
	o, err := s.store.Open(ctx, keyOf(row))
	if err != nil {
		return fmt.Errorf("the object %s-%d: %w", row.Sha256, row.ID, err)
	}
	defer o.Close()
	d, err := blob.Sum(reading{ctx, o})
	if err != nil {
		return fmt.Errorf("the object %s-%d: %w", row.Sha256, row.ID, err)
	}
	if d.SHA256 != row.Sha256 {
		return fmt.Errorf("the object %s-%d has the digest %s", row.Sha256, row.ID, d.SHA256)
	}
	return s.db.Write(ctx, func(tx *db.Tx) error { return packages.Complete(ctx, tx, row.ID, d) })
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
