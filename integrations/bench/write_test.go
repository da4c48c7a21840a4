package bench

import (
	"bytes"
	"database/sql"
	"encoding/binary"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3" // driver "sqlite3"
)

// smallPublish holds publications of 10 KiB by 4 clients against the bare
// sequence of what makes one durable.
func smallPublish(b *testing.B, t *table) {
	const publishers = 4
	h := build(b, nil)
	cs := h.put(http.StatusCreated,
		func(client, n int) string { return fmt.Sprintf("small-%d/%d.0.0/file.bin", client, n) },
		distinct(random(10<<10, 2))).clients(b, publishers)
	bare := newSequence(b, filepath.Join(h.data, "bare"), publishers)

	cs.load(b, lasting(turn()/2))
	bare.load(b, lasting(turn()/2))
	var s sides
	for range rounds() {
		s.ingot = append(s.ingot, cs.load(b, lasting(turn())))
		s.reference = append(s.reference, bare.load(b, lasting(turn())))
	}
	ingot, reference, ratio := s.rates()
	wanted := atLeast(0.5)
	t.ratio(b, "publications of 10 KiB, 4 clients", fmt.Sprintf("%.0f/s", ingot),
		fmt.Sprintf("bare sequence %.0f/s", reference), ratio, wanted)
	last := &t.rows[len(t.rows)-1]
	last.wanted, last.met = last.wanted+" or 1000/s", last.met || ingot >= 1000
}

// distinct makes contents that differ by client and number.
func distinct(content []byte) func(client, n int) []byte {
	return func(client, n int) []byte {
		out := bytes.Clone(content)
		binary.LittleEndian.PutUint64(out, uint64(client)<<32|uint64(n))
		return out
	}
}

// sequence is the least that a durable publication takes: write, fsync,
// rename, fsync of the folder, one row committed.
type sequence struct {
	folder  string
	content []byte
	workers int
	db      *sql.DB
	made    atomic.Int64
}

// newSequence makes the folder. It has to lie beside the server's own: how
// long a file system takes to make a file depends on where it is made.
func newSequence(b *testing.B, folder string, workers int) *sequence {
	b.Helper()
	s := &sequence{folder: folder, content: random(10<<10, 3), workers: workers}
	err := os.Mkdir(folder, 0o700)
	if err != nil {
		b.Fatal(err)
	}
	s.db, err = sql.Open("sqlite3", "file:"+filepath.Join(s.folder, "bare.db")+"?_journal_mode=WAL&_synchronous=FULL&_txlock=immediate")
	if err != nil {
		b.Fatal(err)
	}
	s.db.SetMaxOpenConns(1)
	b.Cleanup(func() { s.db.Close() })
	if _, err := s.db.Exec("CREATE TABLE file (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, size BIGINT NOT NULL)"); err != nil {
		b.Fatal(err)
	}
	return s
}

func (s *sequence) load(b *testing.B, done func() bool) sample {
	b.Helper()
	lists := make([][]time.Duration, s.workers)
	failures := make([]error, s.workers)
	start := time.Now()
	var wg sync.WaitGroup
	for i := range s.workers {
		wg.Go(func() {
			for !done() && failures[i] == nil {
				began := time.Now()
				failures[i] = s.publish(strconv.FormatInt(s.made.Add(1), 10))
				lists[i] = append(lists[i], time.Since(began))
			}
		})
	}
	wg.Wait()
	out := sample{took: time.Since(start)}
	for i, err := range failures {
		if err != nil {
			b.Fatal(err)
		}
		out.latency = append(out.latency, lists[i]...)
	}
	return out
}

func (s *sequence) publish(name string) error {
	path := filepath.Join(s.folder, name)
	f, err := os.Create(path + ".tmp")
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write(s.content); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	folder, err := os.Open(s.folder)
	if err != nil {
		return err
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil {
		return err
	}
	_, err = s.db.Exec("INSERT INTO file (name, size) VALUES (?, ?)", name, len(s.content))
	return err
}

// publishAtOnce lets 16 clients publish to one package: distinct versions,
// then one and the same.
func publishAtOnce(b *testing.B, t *table) {
	const publishers, versions = 16, 50
	h := build(b, nil)
	content := random(10<<10, 4)
	var mu sync.Mutex
	answers := func(path func(client, n int) string) map[int]int {
		count := map[int]int{}
		for n := range versions {
			err := inParallel(publishers, publishers, func(i int) error {
				status, err := h.publication(path(i, n), distinct(content)(i, n))
				mu.Lock()
				defer mu.Unlock()
				count[status]++
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
		return count
	}
	count := answers(func(client, n int) string { return fmt.Sprintf("many/%d.%d.0/file.bin", n, client) })
	good := count[http.StatusCreated]
	t.plain("16 clients, distinct versions", fmt.Sprintf("%d times 16", versions),
		fmt.Sprintf("%d failed", publishers*versions-good), "0 failed", good == publishers*versions)

	count = answers(func(_, n int) string { return fmt.Sprintf("one/%d.0.0/file.bin", n) })
	good, late := count[http.StatusCreated], count[http.StatusConflict]
	t.plain("16 clients, the same version", fmt.Sprintf("%d times 16", versions),
		fmt.Sprintf("%d times 201, %d times 409", good, late), fmt.Sprintf("%d, %d", versions, versions*(publishers-1)),
		good == versions && late == versions*(publishers-1))
}

// publication sends one file with a client as others have it.
func (h *house) publication(path string, content []byte) (status int, err error) {
	r, err := http.NewRequest(http.MethodPut, "http://"+h.addr+"/user/ann/package/-/generic/"+path, bytes.NewReader(content))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Authorization", "token "+h.token)
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	return reply.StatusCode, reply.Body.Close()
}

// inParallel calls fn for 0 to n-1, some at a time, and gives the first error.
func inParallel(workers, n int, fn func(i int) error) error {
	var next atomic.Int64
	failures := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for failures[w] == nil {
				i := int(next.Add(1) - 1)
				if i >= n {
					return
				}
				failures[w] = fn(i)
			}
		})
	}
	wg.Wait()
	for _, err := range failures {
		if err != nil {
			return err
		}
	}
	return nil
}
