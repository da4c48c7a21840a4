package registry

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"ingot.dev/models/db"
	"ingot.dev/models/packages"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
)

// flushEvery is how long a counted download may be missing from the pages,
// and the most that a killed process forgets.
const flushEvery = 3 * time.Second

// counter collects downloads in memory and writes them in batches, so that a
// download writes nothing.
type counter struct {
	db   *db.DB
	log  *slog.Logger
	mu   sync.Mutex
	seen map[int64]int64
}

func newCounter(d *db.DB, log *slog.Logger) *counter {
	return &counter{db: d, log: log, seen: map[int64]int64{}}
}

func (c *counter) add(versionID, n int64) {
	c.mu.Lock()
	c.seen[versionID] += n
	c.mu.Unlock()
}

func (c *counter) run(ctx context.Context) {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := c.flush(ctx); err != nil && ctx.Err() == nil {
				c.log.ErrorContext(ctx, "downloads could not be counted; they are tried again", "error", err)
			}
		case <-ctx.Done():
			if err := c.flush(context.WithoutCancel(ctx)); err != nil {
				c.log.ErrorContext(ctx, "downloads could not be counted", "error", err)
			}
			return
		}
	}
}

// flush writes what was counted. What could not be written is kept.
func (c *counter) flush(ctx context.Context) error {
	c.mu.Lock()
	batch := c.seen
	c.seen = map[int64]int64{}
	c.mu.Unlock()
	if len(batch) == 0 {
		return nil
	}
	day := dayOf(time.Now())
	err := c.db.Note(ctx, func(tx *db.Tx) error {
		for id, n := range batch {
			if err := packages.Count(ctx, tx, id, day, n); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		for id, n := range batch {
			c.add(id, n)
		}
	}
	return err
}

// Flush writes the downloads counted so far.
func (s *Service) Flush(ctx context.Context) error { return s.counts.flush(ctx) }

// dayOf gives the number of t's day in UTC since 1970.
func dayOf(t time.Time) int64 { return t.Unix() / 86400 }

// Downloaded implements format.Writer. Counting needs no more than reading.
func (b *bound) Downloaded(ctx context.Context, what []format.Coordinates) error {
	if err := b.allow(forge.ReadPackages, forge.PublishPackages); err != nil {
		return err
	}
	for _, w := range what {
		pkg, err := b.k.CanonicalName(w.Package)
		if err != nil {
			continue
		}
		var id int64
		ok, err := b.s.db.Row(ctx, []any{&id},
			`SELECT v.id FROM registry r JOIN package p ON p.registry_id = r.id JOIN version v ON v.package_id = p.id
			 WHERE r.scope_kind = ? AND r.scope_id = ? AND r.format = ? AND p.canon = ? AND v.canon = ?`,
			b.scope.Kind, b.scope.ID, b.k.Info.ID, pkg, w.Version)
		if err != nil {
			return err
		}
		if ok {
			b.s.counts.add(id, 1)
		}
	}
	return nil
}
