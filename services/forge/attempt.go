package forge

import (
	"sync"
	"time"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/subnet"
)

const (
	attemptEntries = 1 << 14 // how many names and addresses are watched
	attemptSample  = 16      // how many are looked at to make room
	addressFactor  = 5       // an address takes this many times what an account takes
	nameMax        = 254     // bytes of a name or an e-mail address
)

// attempts counts wrong secrets by account name and by address, in memory. An
// attempt is counted before it is checked, so that many at once do not all
// pass as the first.
type attempts struct {
	window time.Duration
	now    func() time.Time
	mu     sync.Mutex
	tally  map[string]tally
}

type tally struct {
	count int
	until time.Time // the end of the window that its first attempt opened
}

// bound is one thing that attempts are counted by. The zero bound counts nothing.
type bound struct {
	key   string
	limit int
}

func newAttempts(window time.Duration, now func() time.Time) attempts {
	return attempts{window: window, now: now, tally: make(map[string]tally)}
}

// byName is the bound on an account's name, known or not.
func (f *Forge) byName(name string) bound { return bound{"name " + name, f.cfg.SignInAttempts} }

// byAddr is the bound on an address; of IPv6 the /64, which is one customer.
func (f *Forge) byAddr(addr string) bound {
	if addr == "" {
		return bound{}
	}
	return bound{"addr " + subnet.Of(addr), addressFactor * f.cfg.SignInAttempts}
}

// take counts an attempt under each bound, or none of them: Busy where one is
// used up.
func (a *attempts) take(bounds ...bound) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now()
	if err := a.full(now, bounds...); err != nil {
		return err
	}
	for _, b := range bounds {
		if b.key == "" {
			continue
		}
		t, ok := a.tally[b.key]
		if !ok || !now.Before(t.until) {
			if !ok && len(a.tally) >= attemptEntries {
				a.makeRoom(now)
			}
			t = tally{until: now.Add(a.window)}
		}
		t.count++
		a.tally[b.key] = t
	}
	return nil
}

// full says Busy where a bound is used up, and counts nothing.
func (a *attempts) full(now time.Time, bounds ...bound) error {
	for _, b := range bounds {
		if t := a.tally[b.key]; b.key != "" && t.count >= b.limit && now.Before(t.until) {
			wait := t.until.Sub(now) + time.Minute - 1
			return fault.New(fault.Busy, "too many wrong attempts to sign in: try again in %d min", wait/time.Minute).After(t.until.Sub(now))
		}
	}
	return nil
}

// giveBack takes one attempt back that turned out right.
func (a *attempts) giveBack(bounds ...bound) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, b := range bounds {
		if t, ok := a.tally[b.key]; ok && t.count > 1 {
			t.count--
			a.tally[b.key] = t
		} else {
			delete(a.tally, b.key)
		}
	}
}

// forget drops what was counted under a bound.
func (a *attempts) forget(b bound) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.tally, b.key)
}

// makeRoom looks at a few entries, as the map's random order gives them, and
// drops those whose window is over, or else the least counted one: whoever
// floods the table with names pushes their own single attempts out of it.
func (a *attempts) makeRoom(now time.Time) {
	least, count, seen, freed := "", int(^uint(0)>>1), 0, false
	for key, t := range a.tally {
		if !now.Before(t.until) {
			delete(a.tally, key)
			freed = true
		} else if t.count < count {
			least, count = key, t.count
		}
		if seen++; seen == attemptSample {
			break
		}
	}
	if !freed {
		delete(a.tally, least)
	}
}
