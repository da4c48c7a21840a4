package outbox_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"ingot.dev/models/db"
	"ingot.dev/models/dbtest"
	"ingot.dev/models/packages"
	"ingot.dev/modules/fault"
	"ingot.dev/services/outbox"
)

func left(t *testing.T, d *db.DB) (waiting, failing int64) {
	t.Helper()
	waiting, failing, err := packages.Jobs(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return waiting, failing
}

func TestStep(t *testing.T) {
	d := dbtest.New(t)
	s := outbox.New(d, slog.New(slog.DiscardHandler))
	var done []string
	s.Handle("say", func(_ context.Context, payload string) error {
		done = append(done, payload)
		switch payload {
		case "again":
			return errors.New("not now")
		case "wrong":
			return fault.New(fault.Invalid, "never")
		case "panic":
			panic("in a job")
		}
		return nil
	})
	ctx, now := t.Context(), time.Now()
	for i, p := range []string{"first", "again", "wrong", "panic", "last"} {
		if _, err := s.Add(ctx, "say", p, now.Add(time.Duration(i-10)*time.Second)); err != nil {
			t.Fatal(err)
		}
	}
	late, err := s.Add(ctx, "say", "late", now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Add(ctx, "nobody", "x", now.Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if more, err := s.Step(ctx); err != nil || !more {
			break
		}
	}
	if want := []string{"first", "again", "wrong", "panic", "last"}; !slices.Equal(done, want) {
		t.Errorf("did %v", done)
	}
	// What failed for now waits, what is wrong for ever is gone.
	if waiting, failing := left(t, d); waiting != 3 || failing != 2 {
		t.Errorf("%d wait, %d of them failed", waiting, failing)
	}
	if err := s.Due(ctx, late); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Step(ctx); err != nil || done[len(done)-1] != "late" {
		t.Errorf("did %v, %v", done, err)
	}
}

func TestRunEnds(t *testing.T) {
	d := dbtest.New(t)
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	s := outbox.New(d, slog.New(slog.DiscardHandler))
	did := make(chan string, 1)
	s.Handle("say", func(_ context.Context, payload string) error { did <- payload; return nil })
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { s.Run(ctx); close(ended) }()
	id, err := s.Add(ctx, "say", "hello", time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Due(ctx, id); err != nil {
		t.Fatal(err)
	}
	select {
	case <-did:
	case <-time.After(3 * time.Second):
		t.Error("a due job did not wake the worker")
	}
	cancel()
	<-ended
	for range 100 {
		if waiting, _ := left(t, d); waiting == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("the job is still there")
}
