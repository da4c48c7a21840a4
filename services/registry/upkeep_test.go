package registry_test

import (
	"context"
	"iter"
	"slices"
	"testing"
	"time"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/blob/mem"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/services/registry"
)

// A publication that always loses its lease gives up with a fault that says
// so, and leaves nothing in the store.
func TestLeaseLostForGood(t *testing.T) {
	var h *house
	stolen := 0
	h = newHouse(t, registry.Config{Lease: time.Millisecond, Step: func(name string) {
		if name != "publish:leased" { // and before the object is stored
			return
		}
		time.Sleep(2 * time.Millisecond)
		if freed, err := h.Collect(context.Background(), false); err != nil || freed.Objects != 1 {
			t.Errorf("the test stole nothing: %+v, %v", freed, err)
		}
		stolen++
	}})
	_, err := h.reg.Publish(t.Context(), h.release(t, "lamp", "1", "a=one"))
	want(t, err, fault.Unavailable, "publish it again")
	if stolen < 2 {
		t.Errorf("%d attempts", stolen)
	}
	for k, err := range h.store.Keys(t.Context()) {
		t.Errorf("left in the store: %v, %v", k, err)
	}
	h.whole(t)
}

// interrupted is a store where something happens before a blob is opened and
// after the keys were listed.
type interrupted struct {
	blob.Store
	opening, listed func()
}

func (s *interrupted) Open(ctx context.Context, k blob.Key) (blob.Reader, error) {
	s.opening()
	return s.Store.Open(ctx, k)
}

func (s *interrupted) Keys(ctx context.Context) iter.Seq2[blob.Key, error] {
	var keys []blob.Key
	for k, err := range s.Store.Keys(ctx) {
		if err != nil {
			return func(yield func(blob.Key, error) bool) { yield(k, err) }
		}
		keys = append(keys, k)
	}
	s.listed()
	return func(yield func(blob.Key, error) bool) {
		for _, k := range keys {
			if !yield(k, nil) {
				return
			}
		}
	}
}

// What is deleted and collected while doctor looks is no fault.
func TestDoctorBesideCollection(t *testing.T) {
	ctx := t.Context()
	for name, hook := range map[string]func(s *interrupted, do func()){
		"opening": func(s *interrupted, do func()) { s.opening = do },
		"listed":  func(s *interrupted, do func()) { s.listed = do },
	} {
		t.Run(name, func(t *testing.T) {
			store := &interrupted{Store: mem.New(), opening: func() {}, listed: func() {}}
			h := houseOn(t, store, registry.Config{Lease: time.Millisecond})
			h.publish(t, "lamp", "1", "a=one", "b=two")
			h.publish(t, "table", "1", "a=three")
			collected := 0
			hook(store, func() {
				if collected > 0 {
					return
				}
				if err := h.bind(forge.DeletePackages).Delete(ctx, format.FileRef{Package: "lamp", Version: "1"}); err != nil {
					t.Error(err)
				}
				time.Sleep(2 * time.Millisecond)
				freed, err := h.Collect(ctx, false)
				if err != nil {
					t.Error(err)
				}
				collected = freed.Objects
			})
			var found []registry.Finding
			if err := h.Doctor(ctx, false, func(f registry.Finding) { found = append(found, f) }); err != nil {
				t.Fatal(err)
			}
			if len(found) > 0 || collected != 2 {
				t.Errorf("%d objects were collected meanwhile; doctor found %+v", collected, found)
			}
		})
	}
}

// The end of the server is no failure of the collection that it interrupts.
func TestCollectEveryEnds(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	h := newHouse(t, registry.Config{Lease: time.Millisecond, Step: func(name string) {
		if name == "gc:found" {
			stop()
		}
	}})
	var reports []error
	h.CollectEvery(ctx, time.Millisecond, func(_ registry.Freed, err error) { reports = append(reports, err) })
	if i := slices.IndexFunc(reports, func(err error) bool { return err != nil }); i >= 0 || ctx.Err() == nil {
		t.Errorf("reported: %v", reports)
	}
}
