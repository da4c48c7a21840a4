package registry_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"ingot.dev/models/db"
	"ingot.dev/modules/blob"
	"ingot.dev/modules/blob/mem"
	"ingot.dev/modules/format"
	"ingot.dev/services/registry"
)

// Large uploads get their other digests later, and whoever needs one at once
// has it taken.
func TestDigestsAreCompleted(t *testing.T) {
	h := newHouse(t, registry.Config{})
	ctx := t.Context()
	content := bytes.Repeat([]byte("layer "), 500_000) // more than the spool holds in memory
	all, err := blob.Sum(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	push := func(pkg, digest string) *format.File {
		t.Helper()
		s, err := h.reg.Begin(ctx, pkg)
		if err == nil {
			s, err = h.reg.Append(ctx, s, 0, bytes.NewReader(content))
		}
		if err != nil {
			t.Fatal(err)
		}
		f, err := h.reg.Finish(ctx, s, digest)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	if f := push("app", "sha256:"+all.SHA256); f.Digests.MD5 != "" || f.Digests.SHA256 != all.SHA256 {
		t.Errorf("at first: %+v", f.Digests)
	}
	if err := h.Complete(ctx); err != nil {
		t.Fatal(err)
	}
	if f, err := h.reg.Blob(ctx, "app", "sha512:"+all.SHA512); err != nil || f.Digests != all {
		t.Errorf("in the end: %+v, %v", f, err)
	}

	content = append(content, '!')
	if all, err = blob.Sum(bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	if f := push("app", "sha512:"+all.SHA512); f.Digests != all {
		t.Errorf("by its sha512: %+v", f.Digests)
	}

	content = append(content, '!')
	if all, err = blob.Sum(bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	push("app", "sha256:"+all.SHA256)
	h.publish(t, "lamp", "1.0.0", "lamp.bin="+string(content)) // by a way that needs them all
	f, err := h.reg.File(ctx, format.FileRef{Package: "lamp", Version: "1.0.0", File: "lamp.bin"})
	if err != nil || f.Digests != all {
		t.Errorf("published: %+v, %v", f, err)
	}
	h.whole(t)
}

// swapped is a store where one object has the bytes of another.
type swapped struct {
	blob.Store
	wrong, other blob.Key
}

func (s *swapped) Open(ctx context.Context, k blob.Key) (blob.Reader, error) {
	if k == s.wrong {
		k = s.other
	}
	return s.Store.Open(ctx, k)
}

// Objects that are missing or wrong do not keep others waiting.
func TestCompletePassesOverWhatIsBroken(t *testing.T) {
	store := &swapped{Store: mem.New()}
	h := houseOn(t, store, registry.Config{})
	ctx := t.Context()
	const many = 45 // more than two batches
	for i := range many {
		h.publish(t, "lamp", fmt.Sprintf("1.0.%d", i), fmt.Sprintf("f=%d", i))
	}
	err := h.db.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE blob SET md5 = '', sha1 = '', sha512 = ''")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	file := func(i int) *format.File {
		t.Helper()
		f, err := h.reg.Version(ctx, "lamp", fmt.Sprintf("1.0.%d", i))
		if err != nil {
			t.Fatal(err)
		}
		return f.Files[0]
	}
	for i := range many - 1 {
		key := file(i).Key
		if err := h.store.Delete(ctx, key); err != nil {
			t.Fatal(err)
		}
		if i == 3 {
			store.wrong = key
		}
	}
	store.other = file(many - 1).Key
	if err := h.Complete(ctx); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%d objects", many-1)) {
		t.Errorf("told: %v", err)
	}
	for i, whole := range map[int]bool{0: false, 3: false, many - 1: true} {
		if f := file(i); (f.Digests.MD5 != "") != whole {
			t.Errorf("%d: %+v", i, f.Digests)
		}
	}
}
