package forge

import (
	"fmt"
	"testing"
	"time"

	"ingot.dev/modules/fault"
)

func TestAttemptsAreBounded(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	a := newAttempts(time.Minute, func() time.Time { return now })
	victim := bound{"name victim", 5}
	for range 5 {
		if err := a.take(victim); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 4 * attemptEntries { // a flood of names
		if err := a.take(bound{fmt.Sprint("name ", i), 5}); err != nil {
			t.Fatal(err)
		}
	}
	if len(a.tally) != attemptEntries {
		t.Errorf("%d entries, limit %d", len(a.tally), attemptEntries)
	}
	if err := a.full(now, victim); !fault.Is(err, fault.Busy) {
		t.Errorf("the flood has washed the count away: %v", err)
	}
	now = now.Add(time.Minute)
	if err := a.full(now, victim); err != nil {
		t.Error(err)
	}
	for i := range 2 * attemptEntries {
		if err := a.take(bound{fmt.Sprint("later ", i), 5}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(a.tally); n > attemptEntries {
		t.Errorf("%d entries, limit %d", n, attemptEntries)
	}
}

func TestAttemptsAllOrNone(t *testing.T) {
	t.Parallel()
	a := newAttempts(time.Minute, func() time.Time { return time.Unix(0, 0) })
	one, two := bound{"one", 1}, bound{"two", 2}
	for i, err := range []error{a.take(one, two, bound{}), a.take(one, two), a.take(two, one), a.take(two), a.take(two)} {
		if (err == nil) != (i == 0 || i == 3) {
			t.Errorf("attempt %d: %v", i, err)
		}
	}
	a.giveBack(one, two, bound{}, bound{"three", 3})
	if err := a.take(one, two); err != nil {
		t.Errorf("what was given back still counts: %v", err)
	}
	a.forget(two)
	if a.giveBack(one); len(a.tally) != 0 {
		t.Errorf("left: %v", a.tally)
	}
}
