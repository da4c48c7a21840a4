package db

import (
	"sync"
	"sync/atomic"
)

// memoLimit bounds the answers that a Memo keeps.
const memoLimit = 8192

// Memo keeps answers of the database for as long as nobody commits anything,
// so they are never older than a question asked now would be. The zero Memo is
// ready, and safe for concurrent use. On PostgreSQL it keeps nothing.
type Memo[K comparable, V any] struct{ page atomic.Pointer[page[K, V]] }

// page holds the answers of one state of the database.
type page[K comparable, V any] struct {
	mark    mark
	mu      sync.RWMutex
	answers map[K]V
}

// Ask gives the answer to the question k, from memory or else by ask, which
// has to read from d outside of a transaction. Answers are shared, so nobody
// may change what they point to. Errors are not kept.
func (m *Memo[K, V]) Ask(d *DB, k K, ask func() (V, error)) (V, error) {
	now, known := d.mark()
	if !known {
		return ask()
	}
	p := m.page.Load()
	if p == nil || p.mark != now {
		p = &page[K, V]{mark: now, answers: make(map[K]V)}
		m.page.Store(p)
	} else if v, ok := p.load(k); ok {
		return v, nil
	}
	v, err := ask()
	if err == nil {
		p.store(k, v)
	}
	return v, err
}

func (p *page[K, V]) load(k K) (V, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	v, ok := p.answers[k]
	return v, ok
}

func (p *page[K, V]) store(k K, v V) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.answers) >= memoLimit {
		clear(p.answers)
	}
	p.answers[k] = v
}
