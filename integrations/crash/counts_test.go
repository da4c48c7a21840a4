package crash

import (
	"testing"
	"time"

	"ingot.dev/services/registry"
)

// Downloads are counted in memory and stored every few seconds. A server that
// dies forgets those of the last seconds, and counts none twice.
func TestKilledCounting(t *testing.T) {
	t.Parallel()
	h, l := newHouse(t), newLedger()
	server := h.start(t, time.Hour, 0)
	const path = "counted/1.0.0/file.bin"
	if err := l.publish(server.client, path, noise(1, small)); err != nil {
		t.Fatal(err)
	}
	download := func(times int) {
		for range times {
			if err := l.check(server.client, path); err != nil {
				t.Fatal(err)
			}
		}
	}
	app, _ := h.open(t)
	counted := func() int64 {
		list, _, err := app.Registry.List(t.Context(), registry.List{Limit: 1})
		if err != nil || len(list) != 1 {
			t.Fatalf("%d packages, %v", len(list), err)
		}
		return list[0].Downloads
	}
	const before, after = 5, 3
	download(before)
	for began := time.Now(); counted() != before; time.Sleep(20 * time.Millisecond) {
		if time.Since(began) > 10*time.Second {
			t.Fatalf("%d downloads are stored after 10 seconds, want %d", counted(), before)
		}
	}
	download(after)
	server.kill()
	server = h.start(t, time.Hour, 0)
	kept := counted()
	if kept < before || kept > before+after {
		t.Errorf("%d downloads are counted, want %d and up to %d more", kept, before, after)
	}
	download(1)
	server.stop(t)
	if n := counted(); n != kept+1 {
		t.Errorf("%d downloads are counted after a shutdown, want %d", n, kept+1)
	}
}
