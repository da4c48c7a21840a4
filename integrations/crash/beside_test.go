package crash

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestCommandsBesideLoad runs commands on the data of a server under load,
// with its own garbage collection: neither gets into the other's way.
func TestCommandsBesideLoad(t *testing.T) {
	t.Parallel()
	times := 15
	if testing.Short() {
		times = 3
	}
	h, workers := newHouse(t), newWorkers(4, 1)
	server := h.start(t, time.Second, 5*time.Millisecond)
	var ending atomic.Bool
	ended := load(server.client, workers, &ending)

	var wg sync.WaitGroup
	for _, c := range []struct {
		args []string
		want func(t *testing.T, out string)
	}{
		{[]string{"token", "add", user, "--name", "beside", "--grants", "api"}, func(t *testing.T, token string) {
			c := server.client
			c.token = token
			if _, err := c.read("keep/1.0.0/small.bin"); err != nil {
				t.Errorf("a new token at the server: %v", err)
			}
		}},
		{[]string{"gc"}, func(t *testing.T, out string) {
			if !strings.HasPrefix(out, "freed ") {
				t.Errorf("ingot gc: %q", out)
			}
		}},
		{[]string{"doctor"}, func(t *testing.T, out string) {
			if out != "The registry is whole." {
				t.Errorf("ingot doctor: %q", out)
			}
		}},
	} {
		wg.Go(func() {
			for range times {
				out, err := h.ingot(t, c.args...)
				if err != nil {
					t.Error(err)
					continue
				}
				c.want(t, out)
			}
		})
	}
	wg.Wait()
	ending.Store(true)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	for _, w := range workers {
		if err := w.settle(server.client); err != nil {
			t.Error(err)
		}
	}
	server.stop(t)
	server.quiet(t)
}

// TestFirstCommandsTogether starts on an empty data folder in several
// processes at once.
func TestFirstCommandsTogether(t *testing.T) {
	t.Parallel()
	h := &house{data: filepath.Join(t.TempDir(), "data")}
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() {
			name := fmt.Sprint("user-", i)
			if _, err := h.ingot(t, "user", "add", name, "--email", name+"@example.com"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
