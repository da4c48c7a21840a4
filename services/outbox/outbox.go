// Package outbox works off jobs that must happen after something else did,
// whatever becomes of the process in between. A job is a row; it runs at least
// once, and again after a while when it failed, so a handler reads the present
// state and may be run twice.
package outbox

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"ingot.dev/models/db"
	"ingot.dev/models/packages"
	"ingot.dev/modules/fault"
)

// Handler does a job. A fault that says the job itself is wrong (anything but
// Internal, Busy and Unavailable) ends it; other errors have it tried again.
type Handler func(ctx context.Context, payload string) error

// Service works off jobs. Handlers are registered before Run.
type Service struct {
	db       *db.DB
	log      *slog.Logger
	handlers map[string]Handler
	wake     chan struct{}
}

const (
	// claimed is how long a job belongs to the process that took it. One that
	// takes longer may run twice.
	claimed = 5 * time.Minute
	// attempts is how often a failing job is tried, over about two days.
	attempts = 12
	// idle is how often the table is looked at when nobody wakes the worker.
	idle = 5 * time.Second
)

// New makes the service.
func New(d *db.DB, log *slog.Logger) *Service {
	return &Service{db: d, log: log, handlers: map[string]Handler{}, wake: make(chan struct{}, 1)}
}

// Handle registers the handler of a topic.
func (s *Service) Handle(topic string, h Handler) { s.handlers[topic] = h }

// Add writes a job that is due at a time and gives its id.
func (s *Service) Add(ctx context.Context, topic, payload string, due time.Time) (id int64, err error) {
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		id, err = packages.Enqueue(ctx, tx, topic, payload, due.UnixMicro())
		return err
	})
	return id, err
}

// Due makes a job due now.
func (s *Service) Due(ctx context.Context, id int64) error {
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE outbox SET due = ? WHERE id = ?", db.Now(), id)
		return err
	})
	s.Wake()
	return err
}

// Wake has the worker look at once.
func (s *Service) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run works until ctx ends; a job that has begun is finished first.
func (s *Service) Run(ctx context.Context) {
	tick := time.NewTicker(idle)
	defer tick.Stop()
	for ctx.Err() == nil {
		more, err := s.Step(context.WithoutCancel(ctx))
		if err != nil {
			s.log.ErrorContext(ctx, "the outbox cannot be read", "error", err)
		}
		if more && err == nil {
			continue
		}
		select {
		case <-s.wake:
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

// Step does the next job that is due. It is false where there is none.
func (s *Service) Step(ctx context.Context) (bool, error) {
	job, ok, err := packages.NextJob(ctx, s.db, db.Now())
	if err != nil || !ok {
		return false, err
	}
	mine := false
	if err := s.db.Write(ctx, func(tx *db.Tx) error {
		mine, err = packages.ClaimJob(ctx, tx, job, time.Now().Add(claimed).UnixMicro())
		return err
	}); err != nil || !mine {
		return true, err // another process has it
	}
	trouble := s.do(ctx, job)
	return true, s.db.Write(ctx, func(tx *db.Tx) error {
		if trouble == nil {
			return packages.EndJob(ctx, tx, job.ID)
		}
		if final(trouble) || job.Attempts+1 >= attempts {
			s.log.WarnContext(ctx, "a job was given up", "topic", job.Topic, "job", job.ID, "error", trouble)
			return packages.EndJob(ctx, tx, job.ID)
		}
		s.log.WarnContext(ctx, "a job failed and is tried again", "topic", job.Topic, "job", job.ID, "error", trouble)
		return packages.RetryJob(ctx, tx, job.ID, time.Now().Add(pause(job.Attempts)).UnixMicro(), trouble.Error())
	})
}

func (s *Service) do(ctx context.Context, job packages.Job) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	h := s.handlers[job.Topic]
	if h == nil {
		return fault.New(fault.Unsupported, "nobody handles %q", job.Topic)
	}
	ctx, cancel := context.WithTimeout(ctx, claimed)
	defer cancel()
	return h(ctx, job.Payload)
}

func final(err error) bool {
	switch fault.KindOf(err) {
	case fault.Internal, fault.Busy, fault.Unavailable:
		return false
	}
	return true
}

// pause doubles from 10 seconds up to 12 hours.
func pause(attempts int64) time.Duration {
	return min(10*time.Second<<min(attempts, 20), 12*time.Hour)
}
