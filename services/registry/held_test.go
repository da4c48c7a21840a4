package registry_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"ingot.dev/models/db"
	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/services/registry"
)

func TestHoldMountDrop(t *testing.T) {
	h := newHouse(t, registry.Config{Lease: time.Millisecond})
	ctx := t.Context()
	if f, err := h.reg.Hold(ctx, "Lamp", blob.FromBytes([]byte("light"))); err != nil || f.Name != sha("light") || f.Package != "lamp" {
		t.Fatalf("%+v, %v", f, err)
	}
	holds(t, h.reg, "lamp", "light")
	_, err := h.reg.Blob(ctx, "table", sha("light"))
	want(t, err, fault.NotFound)

	there := h.scope
	there.ID++
	other := h.Bind(h.Kind("toy"), there, forge.Actor{ID: 9}, forge.PublishPackages, format.Transport)
	_, err = other.Blob(ctx, "lamp", sha("light"))
	want(t, err, fault.NotFound)
	f, err := h.reg.Blob(ctx, "lamp", sha("light"))
	if err != nil {
		t.Fatal(err)
	}
	if f, err := other.Mount(ctx, "shade", f); err != nil || f.Name != sha("light") {
		t.Errorf("%+v, %v", f, err)
	}
	holds(t, other, "shade", "light")
	if n := h.objects(t); n != 1 {
		t.Errorf("%d objects", n)
	}

	dropper := h.bind(forge.DeletePackages)
	want(t, dropper.Drop(ctx, "table", sha("light")), fault.NotFound)
	want(t, dropper.Drop(ctx, "lamp", sha("dark")), fault.NotFound)
	if err := dropper.Drop(ctx, "LAMP", sha("light")); err != nil {
		t.Error(err)
	}
	want(t, dropper.Drop(ctx, "lamp", sha("light")), fault.NotFound)
	_, err = h.reg.Blob(ctx, "lamp", sha("light"))
	want(t, err, fault.NotFound)
	holds(t, other, "shade", "light")

	// A version's bytes are its own.
	h.publish(t, "table", "1", "leg=wood")
	holds(t, h.reg, "table", "wood")
	want(t, dropper.Drop(ctx, "table", sha("wood")), fault.Conflict)
	if f, err = h.reg.Blob(ctx, "table", sha("wood")); err != nil {
		t.Fatal(err)
	}
	h.whole(t)

	// What is collected cannot be mounted any more.
	if err := dropper.Delete(ctx, format.FileRef{Package: "table"}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * time.Millisecond)
	if freed, err := h.Collect(ctx, false); err != nil || freed.Objects != 1 {
		t.Errorf("%+v, %v", freed, err)
	}
	_, err = other.Mount(ctx, "shade", f)
	want(t, err, fault.NotFound)
	h.whole(t)
}

// A version may refer to bytes that are held, and they outlive the hold.
func TestPublishHeld(t *testing.T) {
	h := newHouse(t, registry.Config{Lease: time.Millisecond})
	ctx := t.Context()
	f := h.upload(t, "lamp", "li", "ght")
	rel := h.release(t, "lamp", "1")
	rel.Files = []format.NewFile{{Name: "bulb", Held: f}}
	if _, err := h.reg.Publish(ctx, rel); err != nil {
		t.Fatal(err)
	}
	h.runOut(t, "lamp")
	if freed, err := h.Collect(ctx, false); err != nil || freed.Objects != 2 {
		t.Errorf("%+v, %v", freed, err)
	}
	holds(t, h.reg, "lamp", "light")
	want(t, h.bind(forge.DeletePackages).Drop(ctx, "lamp", sha("light")), fault.Conflict)
	h.whole(t)
}

// runOut lets uploads and holds of a package run out, and all leases.
func (h *house) runOut(t *testing.T, name string) {
	t.Helper()
	if err := h.db.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), "UPDATE session SET expires = 1 WHERE package = ?", name)
		if err == nil {
			_, err = tx.Exec(t.Context(), "UPDATE held SET expires = 1 WHERE package = ?", name)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * time.Millisecond)
}

// Uploads and holds live until they run out, whatever is collected.
func TestCollectSparesUploads(t *testing.T) {
	h := newHouse(t, registry.Config{Lease: time.Millisecond})
	ctx := t.Context()
	kept := h.begin(t, "lamp", "a ", "light")
	h.upload(t, "lamp", "shade")
	h.upload(t, "lamp", "li", "ght") // three objects: two parts, and the whole
	gone := h.begin(t, "table", "a ", "dark")
	h.upload(t, "table", "shade of night")
	h.upload(t, "table", "wood")
	if _, err := h.reg.Hold(ctx, "chair", blob.FromBytes([]byte("wood"))); err != nil {
		t.Fatal(err)
	}
	cancelled := h.begin(t, "lamp", "shut")
	if err := h.reg.Cancel(ctx, cancelled); err != nil {
		t.Error(err)
	}
	_, err := h.reg.Session(ctx, "lamp", cancelled.ID)
	want(t, err, fault.NotFound)
	h.runOut(t, "table")

	_, err = h.reg.Session(ctx, "table", gone.ID)
	want(t, err, fault.NotFound)
	_, err = h.reg.Blob(ctx, "table", sha("wood"))
	want(t, err, fault.NotFound)
	h.whole(t)
	// "dark", "shade of night", "shut", "li", "ght"; others refer to "a " and "wood" too.
	dry, err := h.Collect(ctx, true)
	if err != nil || dry.Objects != 5 {
		t.Errorf("%+v, %v", dry, err)
	}
	if n := h.objects(t); n != 9 {
		t.Errorf("%d objects", n)
	}
	for range 2 {
		freed, err := h.Collect(ctx, false)
		if err != nil || freed != dry {
			t.Errorf("%+v, want %+v, %v", freed, dry, err)
		}
		dry = registry.Freed{}
		h.whole(t)
	}
	if _, err := h.reg.Finish(ctx, kept, sha("a light")); err != nil {
		t.Error(err)
	}
	for _, content := range []string{"a light", "shade", "light"} {
		holds(t, h.reg, "lamp", content)
	}
	holds(t, h.reg, "chair", "wood")
	h.whole(t)
}

// What is referred to again after it was found to be garbage stays, without a
// lease too.
func TestCollectMeetsUploads(t *testing.T) {
	var h *house
	again := func() {}
	h = newHouse(t, registry.Config{Lease: time.Millisecond, Step: func(name string) {
		if name == "gc:found" {
			again()
		}
	}})
	ctx := t.Context()
	f := h.upload(t, "table", "wood")
	h.begin(t, "table", "leg")
	h.runOut(t, "table")
	var s *format.Session
	again = sync.OnceFunc(func() {
		if _, err := h.reg.Mount(ctx, "lamp", f); err != nil {
			t.Error(err)
		}
		s = h.begin(t, "lamp", "leg")
		if err := h.db.Write(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, "UPDATE blob SET leased_until = 1")
			return err
		}); err != nil {
			t.Error(err)
		}
	})
	if freed, err := h.Collect(ctx, false); err != nil || freed.Objects != 0 {
		t.Errorf("%+v, %v", freed, err)
	}
	if _, err := h.reg.Finish(ctx, s, sha("leg")); err != nil {
		t.Error(err)
	}
	holds(t, h.reg, "lamp", "wood")
	holds(t, h.reg, "lamp", "leg")
	h.whole(t)
}

// More than one batch runs out at once.
func TestCollectManyUploads(t *testing.T) {
	h := newHouse(t, registry.Config{Lease: time.Millisecond, Session: time.Millisecond})
	const n = 700
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			if _, err := h.reg.Hold(t.Context(), fmt.Sprint("lamp", i), blob.FromBytes(fmt.Append(nil, "light ", i))); err != nil && !fault.Is(err, fault.NotFound) {
				t.Error(err)
			}
			if _, err := h.reg.Begin(t.Context(), "lamp"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	time.Sleep(5 * time.Millisecond)
	freed, err := h.Collect(t.Context(), false)
	if err != nil || freed.Objects != n || h.objects(t) != 0 {
		t.Errorf("%+v, %v, %d objects", freed, err, h.objects(t))
	}
	var rows int
	if _, err := h.db.Row(t.Context(), []any{&rows}, "SELECT (SELECT count(*) FROM session) + (SELECT count(*) FROM held)"); err != nil || rows != 0 {
		t.Errorf("%d rows, %v", rows, err)
	}
}

// A part whose lease is lost is stored again under a new key.
func TestUploadLosesLease(t *testing.T) {
	var h *house
	stolen := 0
	h = newHouse(t, registry.Config{Lease: time.Millisecond, Step: func(name string) {
		if name != "session:stored" || stolen == 2 {
			return
		}
		time.Sleep(2 * time.Millisecond)
		freed, err := h.Collect(context.Background(), false)
		if err != nil || freed.Objects != 1 {
			t.Errorf("the test stole nothing: %+v, %v", freed, err)
		}
		stolen++
	}})
	h.upload(t, "lamp", "light")
	holds(t, h.reg, "lamp", "light")
	if stolen != 2 || h.objects(t) != 1 {
		t.Errorf("%d thefts, %d objects", stolen, h.objects(t))
	}
	h.whole(t)
}

// Doctor misses the objects of uploads and holds too.
func TestDoctorKnowsUploads(t *testing.T) {
	h := newHouse(t, registry.Config{})
	ctx := t.Context()
	h.begin(t, "lamp", "a ", "light")
	f := h.upload(t, "table", "wood")
	if _, err := h.reg.Mount(ctx, "chair", f); err != nil {
		t.Fatal(err)
	}
	for k := range h.store.Keys(ctx) {
		if err := h.store.Delete(ctx, k); err != nil {
			t.Fatal(err)
		}
	}
	places := map[string]bool{}
	if err := h.Doctor(ctx, false, func(f registry.Finding) {
		if f.Kind != "missing" || !f.Broken || f.Scope != h.scope.Ref {
			t.Errorf("%+v", f)
		}
		place, _, _ := strings.Cut(f.Detail, " (")
		places[place] = true
	}); err != nil {
		t.Fatal(err)
	}
	if len(places) != 2 || !places["toy lamp, an upload in parts"] || !(places["toy chair, held for it"] || places["toy table, held for it"]) {
		t.Errorf("found %v", places)
	}
}

// What was deleted is not to be had any more, although it was held a moment
// ago; what another version has stays.
func TestDeletionEndsHolds(t *testing.T) {
	h := newHouse(t, registry.Config{})
	ctx := t.Context()
	for version, content := range map[string]string{"1.0.0": "secret", "2.0.0": "shared", "3.0.0": "shared"} {
		f := h.upload(t, "app", content)
		if _, err := h.reg.Publish(ctx, format.Release{Package: "app", Version: version, Files: []format.NewFile{{Name: "layer", Held: f}}}); err != nil {
			t.Fatal(err)
		}
	}
	deleter := h.bind(forge.DeletePackages)
	gone := func(content string, want bool) {
		t.Helper()
		if _, err := h.reg.Blob(ctx, "app", sha(content)); fault.Is(err, fault.NotFound) != want {
			t.Errorf("%s: %v", content, err)
		}
	}
	for _, version := range []string{"1.0.0", "2.0.0"} {
		if err := deleter.Delete(ctx, format.FileRef{Package: "app", Version: version}); err != nil {
			t.Fatal(err)
		}
	}
	gone("secret", true)
	gone("shared", false)
	h.upload(t, "app", "on its way")
	if err := deleter.Delete(ctx, format.FileRef{Package: "app"}); err != nil {
		t.Fatal(err)
	}
	gone("shared", true)
	gone("on its way", false)
	h.whole(t)
}

func TestOpenUploadsAreBounded(t *testing.T) {
	h := newHouse(t, registry.Config{})
	ctx := t.Context()
	var last *format.Session
	for range 1000 {
		var err error
		if last, err = h.reg.Begin(ctx, "app"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.reg.Begin(ctx, "other"); !fault.Is(err, fault.Busy) {
		t.Errorf("one more: %v", err)
	}
	if err := h.reg.Cancel(ctx, last); err != nil {
		t.Fatal(err)
	}
	if _, err := h.reg.Begin(ctx, "other"); err != nil {
		t.Error(err)
	}
}
