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
	// claim is how long a job belongs to the process that took it, which says
	// again and again that it is at it: a dead process's jobs are soon taken up.
	claim = 30 * time.Second
	// limit is how long a job may take.
	limit = 5 * time.Minute
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

// Hold writes a job that nobody does until done is called, which makes it due
// at once. Where the process dies before, or ctx ends and done is not called,
// the job comes due by itself within half a minute.
func (s *Service) Hold(ctx context.Context, topic, payload string) (done func(context.Context) error, err error) {
	due := time.Now().Add(claim)
	id, err := s.Add(ctx, topic, payload, due)
	if err != nil {
		return nil, err
	}
	release := s.keep(ctx, packages.Job{ID: id, Due: due.UnixMicro()})
	return func(ctx context.Context) error {
		release()
		return s.Due(context.WithoutCancel(ctx), id)
	}, nil
}

// keep puts off the time at which a claimed job comes due, until ctx ends,
// release is called or another process has the job.
func (s *Service) keep(ctx context.Context, job packages.Job) (release func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(claim / 3)
		defer tick.Stop()
		for mine := true; mine; {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			until := time.Now().Add(claim).UnixMicro()
			err := s.db.Note(ctx, func(tx *db.Tx) (err error) {
				mine, err = packages.ClaimJob(ctx, tx, job, until)
				return err
			})
			switch {
			case err == nil:
				job.Due = until
			case ctx.Err() == nil:
				s.log.WarnContext(ctx, "a job cannot be kept", "topic", job.Topic, "job", job.ID, "error", err)
			}
		}
	}()
	return func() { cancel(); <-ended }
}

// Counts tells how many jobs wait, and how many of them have failed before.
func (s *Service) Counts(ctx context.Context) (waiting, failing int64, err error) {
	return packages.Jobs(ctx, s.db)
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
	mine, until := false, time.Now().Add(claim).UnixMicro()
	if err := s.db.Write(ctx, func(tx *db.Tx) error {
		mine, err = packages.ClaimJob(ctx, tx, job, until)
		return err
	}); err != nil || !mine {
		return true, err // another process has it
	}
	job.Due = until
	release := s.keep(ctx, job)
	trouble := s.do(ctx, job)
	release()
	return true, s.db.Write(ctx, func(tx *db.Tx) error {
		if trouble == nil {
			return packages.EndJob(ctx, tx, job.ID)
		}
		if !Passing(trouble) || job.Attempts+1 >= attempts {
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
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return h(ctx, job.Payload)
}

// Passing tells whether what failed with err may succeed at another time, so
// that its job is tried again.
func Passing(err error) bool {
	switch fault.KindOf(err) {
	case fault.Internal, fault.Busy, fault.Unavailable:
		return true
	}
	return false
}

// pause doubles from 10 seconds up to 12 hours.
func pause(attempts int64) time.Duration {
	return min(10*time.Second<<min(attempts, 20), 12*time.Hour)
}
