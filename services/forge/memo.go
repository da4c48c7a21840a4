package forge

import "sync"

// memoLimit bounds each half of a memo.
const memoLimit = 8192

// memo is a bounded map that forgets what was not asked for lately: when the
// young half is full it becomes the old half, and what the old half still held
// is forgotten. The zero memo is ready.
type memo[K comparable, V any] struct {
	mu         sync.RWMutex
	young, old map[K]V
}

func (m *memo[K, V]) load(k K) (V, bool) {
	m.mu.RLock()
	v, ok := m.young[k]
	aged := false
	if !ok {
		v, aged = m.old[k]
	}
	m.mu.RUnlock()
	if aged {
		m.store(k, v)
	}
	return v, ok || aged
}

func (m *memo[K, V]) store(k K, v V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.young) >= memoLimit {
		m.old, m.young = m.young, nil
	}
	if m.young == nil {
		m.young = make(map[K]V)
	}
	m.young[k] = v
}
