package forge_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ingot.dev/modules/fault"
	host "ingot.dev/modules/forge"
	"ingot.dev/services/forge"
)

func TestAttemptsAreLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *forge.Config) { c.SignInAttempts, c.SignInWindow = 3, 10*time.Minute })
	ctx := t.Context()
	w.user("ann")
	secret := w.token(w.user("bob"))
	from := func(addr string, c host.Credential) error {
		c.Addr = addr
		_, err := w.Authenticate(ctx, c)
		return err
	}
	works := func(err error) {
		t.Helper()
		if err != nil {
			t.Error(err)
		}
	}
	// A right password from a known address, before.
	works(from("198.51.100.1", basic("ann", password)))

	for i := range 3 {
		refused(t, from(fmt.Sprintf("192.0.2.%d", i), basic("Ann", fmt.Sprintf("wrong password %d", i))), fault.Unauthenticated)
	}
	refused(t, from("192.0.2.9", basic("ann", "wrong password")), fault.Busy)
	refused(t, from("192.0.2.9", basic("ann", password)), fault.Busy)   // or the limit could be asked
	works(from("198.51.100.1", basic("ann", password)))                 // guessing does not lock out who knows
	refused(t, from("198.51.100.1", basic("ann", "wrong")), fault.Busy) // from there neither
	works(from("192.0.2.9", basic("bob", secret)))                      // nor anybody else
	_, err := w.SignIn(ctx, "ann", password, "192.0.2.9")
	refused(t, err, fault.Busy)
	if !strings.Contains(err.Error(), "10 min") {
		t.Errorf("%v does not say how long", err)
	}

	w.pass(10 * time.Minute)
	for i := range 2 {
		refused(t, from("192.0.2.1", basic("ann", fmt.Sprintf("wrong again %d", i))), fault.Unauthenticated)
	}
	for _, state := range []string{"cold", "warm"} {
		must(w.SignIn(ctx, "ann", password, "192.0.2.2"))(t) // begins anew
		for i := range 2 {
			refused(t, from("192.0.2.1", basic("ann", fmt.Sprintf("%s %d", state, i))), fault.Unauthenticated)
		}
	}
	refused(t, from("192.0.2.1", basic("ann", "the third since")), fault.Unauthenticated)
	refused(t, from("192.0.2.1", basic("ann", "yet another")), fault.Busy)

	// Names that nobody has are limited alike, or the difference would tell.
	for i := range 3 {
		refused(t, from(fmt.Sprintf("192.0.2.%d", 100+i), basic("carol", fmt.Sprintf("wrong %d", i))), fault.Unauthenticated)
	}
	refused(t, from("192.0.2.110", basic("carol", "wrong")), fault.Busy)
}

func TestAddressesAreLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *forge.Config) { c.SignInAttempts = 2 })
	ctx := t.Context()
	ann := w.user("ann")
	secret := w.token(ann)
	guess := func(addr string, i int) error {
		_, err := w.Authenticate(ctx, host.Credential{Scheme: host.Bearer, Secret: fmt.Sprint("guess", i), Addr: addr})
		return err
	}
	must(w.Authenticate(ctx, host.Credential{Scheme: host.Basic, Name: "ann", Secret: password, Addr: "2001:db8::1"}))(t)
	for i := range 10 { // five times what an account takes, all of one IPv6 network
		refused(t, guess(fmt.Sprintf("2001:db8::%x", i), i), fault.Unauthenticated)
	}
	refused(t, guess("[2001:db8::ffff]:1234", 11), fault.Busy)
	// Who has proven a password from there before is no guesser: behind a proxy
	// that nobody told the server about, one stranger would lock out everybody.
	must(w.Authenticate(ctx, host.Credential{Scheme: host.Basic, Name: "ann", Secret: password, Addr: "2001:db8::1"}))(t)
	_, err := w.Authenticate(ctx, host.Credential{Scheme: host.Basic, Name: "ann", Secret: "another guess", Addr: "2001:db8::1"})
	refused(t, err, fault.Busy)
	// A valid token cannot be a guess.
	must(w.Authenticate(ctx, host.Credential{Scheme: host.Bearer, Secret: secret, Addr: "2001:db8::1"}))(t)
	// Neither the next network nor the account is touched.
	must(w.Authenticate(ctx, host.Credential{Scheme: host.Basic, Name: "ann", Secret: password, Addr: "2001:db8:0:1::1"}))(t)
	must(w.Authenticate(ctx, host.Credential{Scheme: host.Basic, Name: "ann", Secret: password, Addr: "::ffff:192.0.2.1"}))(t)
	// Without an address there is nothing to count by.
	for i := range 30 {
		refused(t, guess("", i), fault.Unauthenticated)
	}
}

// Many guesses at once are not all the first one; the same right password many
// times at once is no guessing.
func TestAttemptsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *forge.Config) { c.SignInAttempts = 3 })
	w.user("ann")
	var checked, busy atomic.Int32
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			_, err := w.Authenticate(t.Context(), host.Credential{Scheme: host.Basic, Name: "ann", Secret: fmt.Sprintf("wrong %d", i)})
			switch fault.KindOf(err) {
			case fault.Unauthenticated:
				checked.Add(1)
			case fault.Busy:
				busy.Add(1)
			}
		})
	}
	wg.Wait()
	if checked.Load() != 3 || busy.Load() != 17 {
		t.Errorf("%d guesses were checked and %d refused, want 3 and 17", checked.Load(), busy.Load())
	}
	w.pass(time.Hour)
	for range 20 {
		wg.Go(func() {
			if _, err := w.Authenticate(t.Context(), basic("ann", password)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	ann := w.user("ann", admin)
	if a := must(w.SignIn(ctx, "ANN@example.org", password, "192.0.2.1"))(t); a.ID != ann.ID || !a.Admin || a.Token != nil {
		t.Errorf("signed in as %+v", a)
	}
	// A token has some of the rights, a session all of them.
	_, err := w.SignIn(ctx, "ann", w.token(ann), "192.0.2.1")
	refused(t, err, fault.Unauthenticated)
	_, err = w.SignIn(ctx, "ann", "wrong", "192.0.2.1")
	refused(t, err, fault.Unauthenticated)
}
