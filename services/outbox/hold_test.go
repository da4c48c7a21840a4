package outbox_test

import (
	"context"
	"log/slog"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"ingot.dev/models/dbtest"
	"ingot.dev/services/outbox"
)

// shifts runs a test of two processes on one database, where time passes when
// nobody does anything. do is their handler.
func shifts(t *testing.T, do outbox.Handler, test func(t *testing.T, one, two *outbox.Service)) {
	if os.Getenv(dbtest.Variable) != "" {
		t.Skip("waiting for a server is not doing nothing")
	}
	synctest.Test(t, func(t *testing.T) {
		d := dbtest.New(t)
		one, two := outbox.New(d, slog.New(slog.DiscardHandler)), outbox.New(d, slog.New(slog.DiscardHandler))
		one.Handle("say", do)
		two.Handle("say", do)
		test(t, one, two)
	})
}

// idle fails where there is a job to do within a time.
func idle(t *testing.T, s *outbox.Service, span time.Duration) {
	t.Helper()
	for range int(span / time.Second) {
		if more, err := s.Step(t.Context()); err != nil || more {
			t.Fatalf("worked: %v, %v", more, err)
		}
		time.Sleep(time.Second)
	}
}

// A job that is held is nobody's for as long as it takes, then it is due.
func TestHold(t *testing.T) {
	did := 0
	say := func(context.Context, string) error { did++; return nil }
	shifts(t, say, func(t *testing.T, one, two *outbox.Service) {
		done, err := one.Hold(t.Context(), "say", "hello")
		if err != nil {
			t.Fatal(err)
		}
		idle(t, two, 10*time.Minute)
		if err := done(t.Context()); err != nil {
			t.Fatal(err)
		}
		if more, err := two.Step(t.Context()); err != nil || !more || did != 1 {
			t.Errorf("%v, %v, done %d times", more, err, did)
		}
		idle(t, one, 2*time.Minute)
	})
}

// Where nobody says that it is over, a held job comes due by itself.
func TestHoldForgotten(t *testing.T) {
	did := 0
	say := func(context.Context, string) error { did++; return nil }
	shifts(t, say, func(t *testing.T, one, two *outbox.Service) {
		ctx, cancel := context.WithCancel(t.Context())
		if _, err := one.Hold(ctx, "say", "hello"); err != nil {
			t.Fatal(err)
		}
		idle(t, two, time.Minute)
		cancel()
		idle(t, two, 15*time.Second)
		time.Sleep(20 * time.Second)
		if more, err := two.Step(t.Context()); err != nil || !more || did != 1 {
			t.Errorf("%v, %v, done %d times", more, err, did)
		}
	})
}

// A job that takes long is done once.
func TestLongJob(t *testing.T) {
	did := 0
	say := func(context.Context, string) error {
		did++
		time.Sleep(4 * time.Minute)
		return nil
	}
	shifts(t, say, func(t *testing.T, one, two *outbox.Service) {
		if _, err := one.Add(t.Context(), "say", "hello", time.Now()); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() {
			_, err := one.Step(t.Context())
			ended <- err
		}()
		time.Sleep(time.Second)
		idle(t, two, 3*time.Minute)
		if err := <-ended; err != nil {
			t.Error(err)
		}
		idle(t, two, 2*time.Minute)
		if did != 1 {
			t.Errorf("done %d times", did)
		}
	})
}
