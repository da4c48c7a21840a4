package forge

import (
	"sync"
	"testing"
)

func TestMemoIsBounded(t *testing.T) {
	t.Parallel()
	var m memo[int, int]
	for i := range 10 * memoLimit {
		m.store(i, -i)
		if v, ok := m.load(0); !ok || v != 0 { // asked for all the time
			t.Fatalf("after %d the first is %d, %t", i, v, ok)
		}
		if v, ok := m.load(i); !ok || v != -i {
			t.Fatalf("%d is %d, %t", i, v, ok)
		}
	}
	if n := len(m.young) + len(m.old); n > 2*memoLimit {
		t.Errorf("%d are remembered, limit %d", n, 2*memoLimit)
	}
	if _, ok := m.load(1); ok {
		t.Error("what nobody asks for is not forgotten")
	}
}

func TestMemoAtOnce(t *testing.T) {
	t.Parallel()
	var m memo[int, int]
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 3 * memoLimit {
				m.store(i, i)
				if v, ok := m.load(i - g); ok && v != i-g {
					t.Errorf("%d is %d", i-g, v)
				}
			}
		})
	}
	wg.Wait()
}

// Generations never go back, however requests overtake each other.
func TestGenerationsGoForward(t *testing.T) {
	t.Parallel()
	var f Forge
	three := f.at(3)
	if f.at(3) != three || f.at(2) != three {
		t.Error("the same or an older epoch begins another generation")
	}
	if four := f.at(4); four == three || f.at(3) != four {
		t.Error("a newer epoch does not begin a generation of its own")
	}
}
