package crash

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// worker is one client with packages that only it writes to, so that it knows
// what each answer has to be. Its bytes are partly those of other workers.
type worker struct {
	*ledger
	name   string
	random *rand.Rand
	shared [][]byte
}

func newWorkers(n int, seed uint64) []*worker {
	var shared [][]byte
	for i := range 12 {
		shared = append(shared, noise(seed+uint64(i), 1000*(i+1)))
	}
	shared = append(shared, noise(seed+100, 300<<10))
	workers := make([]*worker, n)
	for i := range workers {
		workers[i] = &worker{
			ledger: newLedger(), name: fmt.Sprint("package-", i), shared: shared,
			random: rand.New(rand.NewPCG(seed, uint64(i))),
		}
	}
	return workers
}

// body is often one that others publish too, and sometimes too large for memory.
func (w *worker) body() []byte {
	switch n := w.random.IntN(20); {
	case n < 10:
		return w.shared[w.random.IntN(len(w.shared))]
	case n == 10:
		return noise(w.random.Uint64(), 300<<10+w.random.IntN(300<<10))
	default:
		return noise(w.random.Uint64(), 1+w.random.IntN(20<<10))
	}
}

// act does one request at random.
func (w *worker) act(c client) error {
	version := fmt.Sprintf("%s-%d/%d.0.0", w.name, w.random.IntN(2), w.random.IntN(4))
	path := fmt.Sprintf("%s/%d.bin", version, w.random.IntN(3))
	switch n := w.random.IntN(20); {
	case n == 0:
		return w.remove(c, version)
	case n < 6:
		return w.remove(c, path)
	case n < 9:
		return w.check(c, path)
	default:
		return w.publish(c, path, w.body())
	}
}

// load has the workers act until the flag is up. A broken request is an error
// only before that.
func load(c client, workers []*worker, ending *atomic.Bool) <-chan error {
	ended := make(chan error, 1)
	var wg sync.WaitGroup
	errs := make([]error, len(workers))
	for i, w := range workers {
		wg.Go(func() {
			for !ending.Load() {
				err := w.act(c)
				if errors.Is(err, errBroken) && ending.Load() {
					return
				}
				if err != nil {
					errs[i] = err
					return
				}
			}
		})
	}
	go func() {
		wg.Wait()
		ended <- errors.Join(errs...)
	}()
	return ended
}

// TestKilledAtRandomUnderLoad kills a server again and again while clients
// publish, delete and download and garbage is collected all the time.
func TestKilledAtRandomUnderLoad(t *testing.T) { // not in parallel: the load is its own
	from, n := *seed, *rounds
	if from == 0 {
		from = rand.Uint64N(1 << 32)
	}
	if testing.Short() {
		n = max(1, n/10)
	}
	t.Logf("%d rounds; repeat them with -args -seed %d", n, from)
	random := rand.New(rand.NewPCG(from, 1<<32))
	h, workers := newHouse(t), newWorkers(4, from)
	const safe = time.Second
	lease := safe
	var took []time.Duration
	for round := range n {
		// An upload that loses a race against a lease this short, and dies then,
		// may leave an object that nobody knows.
		before := lease
		lease = []time.Duration{safe, safe, 100 * time.Millisecond}[random.IntN(3)]
		server := h.start(t, lease, 2*time.Millisecond)
		took = append(took, server.Took)
		for _, f := range server.Findings {
			if f.Broken || before >= safe {
				t.Errorf("round %d: doctor: %s: %s", round, f.Kind, f.Detail)
			}
		}
		for _, w := range workers {
			if err := w.settle(server.client); err != nil {
				t.Errorf("round %d: %v", round, err)
			}
		}
		if t.Failed() {
			t.Fatalf("the server's log:\n%s", &server.log)
		}
		var killing atomic.Bool
		ended := load(server.client, workers, &killing)
		most := 60 * time.Millisecond
		if random.IntN(10) == 0 {
			most = 500 * time.Millisecond // and sometimes time to get going
		}
		time.Sleep(5*time.Millisecond + time.Duration(random.Int64N(int64(most))))
		killing.Store(true)
		server.kill()
		if err := <-ended; err != nil {
			t.Fatalf("round %d: %v\n%s", round, err, &server.log)
		}
		server.quiet(t)
	}

	app, c := h.open(t)
	if found, err := examine(t.Context(), app, true); err != nil || lease >= safe && len(found) > 0 {
		t.Errorf("doctor: %+v, %v", found, err)
	}
	var answered, done, undone int
	for _, w := range workers {
		if err := w.settle(c); err != nil {
			t.Error(err)
		}
		answered, done, undone = answered+w.answered, done+w.done, undone+w.undone
	}
	time.Sleep(safe)
	if _, err := app.Registry.Collect(t.Context(), false); err != nil {
		t.Error(err)
	}
	var wanted []string
	for _, w := range workers {
		wanted = append(wanted, w.digests()...)
	}
	slices.Sort(wanted)
	if got := h.objects(t); !slices.Equal(got, slices.Compact(wanted)) {
		t.Errorf("%d objects are stored, %d should be", len(got), len(slices.Compact(wanted)))
	}
	slices.Sort(took)
	t.Logf("%d writes were answered; of %d that were not, %d had happened", answered, done+undone, done)
	t.Logf("a server opened its data in %v, at most %v", took[len(took)/2], took[len(took)-1])
}
