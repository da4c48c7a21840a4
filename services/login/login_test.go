package login_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ingot.dev/models/db"
	"ingot.dev/models/dbtest"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/services/login"
)

// world is a service whose clock can be set.
type world struct {
	*login.Service
	d     *db.DB
	clock atomic.Int64 // seconds
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{d: dbtest.New(t)}
	w.clock.Store(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC).Unix())
	w.Service = login.New(w.d, w.now)
	return w
}

func (w *world) now() time.Time { return time.Unix(w.clock.Load(), 0) }

func (w *world) pass(d time.Duration) { w.clock.Add(int64(d / time.Second)) }

func (w *world) begin(t *testing.T) login.Begun {
	t.Helper()
	b, err := w.Begin(t.Context(), "npm", "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func refused(t *testing.T, what string, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) || fault.From(err).Message == "" {
		t.Errorf("%s: %v, want a fault of kind %s", what, err, kind)
	}
}

var ann = forge.Actor{ID: 7, Name: "ann"}

func TestApprove(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	b := w.begin(t)
	if b.Code == b.Poll || len(b.Code) < 20 || len(b.Poll) < 20 || !b.Expires.Equal(w.now().Add(10*time.Minute)) {
		t.Errorf("begun is %+v", b)
	}
	l, err := w.Find(ctx, b.Code)
	if err != nil || l.Client != "npm" || l.Addr != "192.0.2.1" || !l.Created.Equal(w.now()) || !l.Expires.Equal(b.Expires) {
		t.Errorf("found %+v, %v", l, err)
	}
	for range 2 {
		if _, ready, err := w.Take(ctx, b.Poll); ready || err != nil {
			t.Errorf("before the decision: %v, %v", ready, err)
		}
	}
	if err := w.Approve(ctx, b.Code, ann); err != nil {
		t.Fatal(err)
	}
	_, err = w.Find(ctx, b.Code)
	refused(t, "finding what was decided", err, fault.NotFound)
	refused(t, "agreeing again", w.Approve(ctx, b.Code, forge.Actor{ID: 8}), fault.NotFound)
	refused(t, "refusing what was agreed to", w.Refuse(ctx, b.Code), fault.NotFound)
	c, ready, err := w.Take(ctx, b.Poll)
	if err != nil || !ready || c != (login.Consent{Account: 7, Client: "npm", Addr: "192.0.2.1"}) {
		t.Errorf("taken %+v, %v, %v", c, ready, err)
	}
	_, _, err = w.Take(ctx, b.Poll)
	refused(t, "taking twice", err, fault.NotFound)
}

// Who agreed is told once, however many ask.
func TestTakeAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.begin(t)
	if err := w.Approve(t.Context(), b.Code, ann); err != nil {
		t.Fatal(err)
	}
	var told atomic.Int32
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			c, ready, err := w.Take(t.Context(), b.Poll)
			switch {
			case ready && c.Account == ann.ID:
				told.Add(1)
			case !fault.Is(err, fault.NotFound):
				t.Errorf("%v, %v", ready, err)
			}
		})
	}
	wg.Wait()
	if told.Load() != 1 {
		t.Errorf("%d were told", told.Load())
	}
}

func TestRefuse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	b := w.begin(t)
	if err := w.Refuse(ctx, b.Code); err != nil {
		t.Fatal(err)
	}
	_, _, err := w.Take(ctx, b.Poll)
	refused(t, "taking", err, fault.NotFound)
	_, err = w.Find(ctx, b.Code)
	refused(t, "finding", err, fault.NotFound)
	refused(t, "agreeing", w.Approve(ctx, b.Code, ann), fault.NotFound)
	refused(t, "refusing again", w.Refuse(ctx, b.Code), fault.NotFound)
}

// Code and secret are not good for each other's purpose, nor what is stored
// of them for either.
func TestSecretsAreApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	b := w.begin(t)
	var code, poll string
	if _, err := w.d.Row(ctx, []any{&code, &poll}, "SELECT code, poll FROM login"); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(code+poll, b.Code) || strings.Contains(code+poll, b.Poll) || len(code) != 64 || len(poll) != 64 {
		t.Errorf("stored are %s and %s", code, poll)
	}
	for _, wrong := range []string{"", b.Poll, code, poll, strings.ToLower(b.Code), b.Code + "A"} {
		_, err := w.Find(ctx, wrong)
		refused(t, "finding", err, fault.NotFound)
		refused(t, "agreeing", w.Approve(ctx, wrong, ann), fault.NotFound)
		refused(t, "refusing", w.Refuse(ctx, wrong), fault.NotFound)
	}
	if err := w.Approve(ctx, b.Code, ann); err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []string{"", b.Code, code, poll} {
		_, ready, err := w.Take(ctx, wrong)
		refused(t, "taking", err, fault.NotFound)
		if ready {
			t.Errorf("%q is taken for the client's secret", wrong)
		}
	}
}

func TestWhoMayAgree(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	b := w.begin(t)
	refused(t, "nobody", w.Approve(ctx, b.Code, forge.Actor{}), fault.Unauthenticated)
	refused(t, "a token", w.Approve(ctx, b.Code, forge.Actor{ID: 7, Token: &forge.Token{Grants: forge.AllGrants}}), fault.Denied)
	if _, err := w.Find(ctx, b.Code); err != nil {
		t.Errorf("a refusal ended the login: %v", err)
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	open, agreed := w.begin(t), w.begin(t)
	w.pass(10*time.Minute - time.Second)
	if err := w.Approve(ctx, agreed.Code, ann); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Second)
	_, err := w.Find(ctx, open.Code)
	refused(t, "finding", err, fault.NotFound)
	refused(t, "agreeing", w.Approve(ctx, open.Code, ann), fault.NotFound)
	refused(t, "refusing", w.Refuse(ctx, open.Code), fault.NotFound)
	for _, b := range []login.Begun{open, agreed} {
		_, _, err := w.Take(ctx, b.Poll)
		refused(t, "taking", err, fault.NotFound)
	}
	w.begin(t)
	var rows int
	if _, err := w.d.Row(ctx, []any{&rows}, "SELECT count(*) FROM login"); err != nil || rows != 1 {
		t.Errorf("%d rows are left, %v", rows, err)
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	for range 20 {
		if _, err := w.Begin(ctx, "npm", "2001:db8:1:2::1"); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Second)
	}
	// Of IPv6 a customer has a whole network.
	_, err := w.Begin(ctx, "npm", "2001:db8:1:2:ffff::9")
	refused(t, "the next one", err, fault.Busy)
	if wait := fault.From(err).Wait; wait != 10*time.Minute-20*time.Second {
		t.Errorf("it is to wait %s", wait)
	}
	if _, err := w.Begin(ctx, "npm", "2001:db8:1:3::1"); err != nil {
		t.Errorf("from elsewhere: %v", err)
	}
	w.pass(10*time.Minute - 20*time.Second)
	if _, err := w.Begin(ctx, "npm", "2001:db8:1:2::1"); err != nil {
		t.Errorf("after the first ran out: %v", err)
	}
}

func TestBoundOfAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	w.begin(t)
	err := w.d.Write(ctx, func(tx *db.Tx) error {
		for i := range 9_999 {
			if _, err := tx.Exec(ctx, "INSERT INTO login (poll, code, client, addr, created, expires) VALUES (?,?,'npm',?,0,?)",
				fmt.Sprint("p", i), fmt.Sprint("c", i), fmt.Sprint("a", i), w.now().Add(time.Minute).UnixMicro()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Begin(ctx, "npm", "198.51.100.1")
	refused(t, "one too many", err, fault.Busy)
	w.pass(time.Minute)
	if _, err := w.Begin(ctx, "npm", "198.51.100.1"); err != nil {
		t.Errorf("after they ran out: %v", err)
	}
}

func TestClientIsShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for client, good := range map[string]bool{
		"npm": true, "Гугл": true, strings.Repeat("ж", 32): true,
		"": false, strings.Repeat("a", 33): false, "a\nb": false, "a\u202eb": false, "a\xff": false,
	} {
		_, err := w.Begin(t.Context(), client, "192.0.2.1")
		if good && err != nil || !good && !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", client, err)
		}
	}
}
