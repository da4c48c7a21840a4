package blobtest

import (
	"context"
	"errors"
	"strings"
	"testing"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
)

// What a store has to refuse, and that nothing is left of it.

func badKeys(t *testing.T, s blob.Store) {
	b := []byte("b")
	good := keyOf(b, 1)
	for _, k := range []blob.Key{
		{},
		{SHA256: good.SHA256},
		{SHA256: good.SHA256, Row: -1},
		{SHA256: good.SHA256[:63], Row: 1},
		{SHA256: good.SHA256 + "0", Row: 1},
		{SHA256: strings.ToUpper(good.SHA256), Row: 1},
		{SHA256: "../" + good.SHA256[3:], Row: 1},
		{SHA256: good.SHA256[:63] + "\x00", Row: 1},
		{SHA256: good.SHA256[:63] + "g", Row: 1},
	} {
		if err := s.Put(t.Context(), k, blob.FromBytes(b)); err == nil {
			t.Errorf("Put accepts %q/%d", k.SHA256, k.Row)
		}
		if r, err := s.Open(t.Context(), k); err == nil {
			r.Close()
			t.Errorf("Open accepts %q/%d", k.SHA256, k.Row)
		} else if fault.Is(err, fault.NotFound) {
			t.Errorf("Open takes %q/%d for absent, want a refusal", k.SHA256, k.Row)
		}
		if _, err := s.Stat(t.Context(), k); err == nil || fault.Is(err, fault.NotFound) {
			t.Errorf("Stat of %q/%d: %v, want a refusal", k.SHA256, k.Row, err)
		}
		if err := s.Delete(t.Context(), k); err == nil {
			t.Errorf("Delete accepts %q/%d", k.SHA256, k.Row)
		}
	}
	wantKeys(t, s)
}

// liar claims another size than its bytes have.
type liar struct {
	blob.Staged
	size int64
}

func (l liar) Size() int64 { return l.size }

func wrongSize(t *testing.T, s blob.Store) {
	b := noise(1, 1000)
	for i, size := range []int64{0, 999, 1001, 1 << 20} {
		k := keyOf(b, int64(i+1))
		if err := s.Put(t.Context(), k, liar{blob.FromBytes(b), size}); err == nil {
			t.Errorf("Put of %d bytes that are said to be %d is a success", len(b), size)
		}
		wantAbsent(t, s, k)
	}
	wantKeys(t, s)
}

func wrongDigest(t *testing.T, s blob.Store) {
	k := keyOf([]byte("one"), 1)
	if err := s.Put(t.Context(), k, blob.FromBytes([]byte("two"))); err == nil {
		t.Error("Put under the digest of other bytes is a success")
	}
	wantAbsent(t, s, k)
}

var errBroken = errors.New("the disk of the staged body is broken")

// broken fails in the middle.
type broken struct{ blob.Staged }

func (b broken) ReadAt(p []byte, off int64) (int, error) {
	half := b.Size() / 2
	if off >= half {
		return 0, errBroken
	}
	if off+int64(len(p)) <= half {
		return b.Staged.ReadAt(p, off)
	}
	n, err := b.Staged.ReadAt(p[:half-off], off)
	if err == nil {
		err = errBroken
	}
	return n, err
}

func brokenBody(t *testing.T, s blob.Store) {
	b := noise(1, 1<<20)
	k := keyOf(b, 1)
	if err := s.Put(t.Context(), k, broken{blob.FromBytes(b)}); !errors.Is(err, errBroken) {
		t.Errorf("Put: %v, want the error of the staged body", err)
	}
	wantAbsent(t, s, k)
	wantKeys(t, s)
}

func cancelled(t *testing.T, s blob.Store) {
	b := noise(1, 1000)
	there, other := put(t, s, b, 1), keyOf(b, 2)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	if err := s.Put(ctx, other, blob.FromBytes(b)); !errors.Is(err, context.Canceled) {
		t.Errorf("Put: %v, want context.Canceled", err)
	}
	if r, err := s.Open(ctx, there); !errors.Is(err, context.Canceled) {
		if err == nil {
			r.Close()
		}
		t.Errorf("Open: %v, want context.Canceled", err)
	}
	if _, err := s.Stat(ctx, there); !errors.Is(err, context.Canceled) {
		t.Errorf("Stat: %v, want context.Canceled", err)
	}
	if err := s.Delete(ctx, there); !errors.Is(err, context.Canceled) {
		t.Errorf("Delete: %v, want context.Canceled", err)
	}
	var last error
	for _, err := range s.Keys(ctx) {
		if last != nil {
			t.Fatal("Keys goes on after an error")
		}
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("Keys ends with %v, want context.Canceled", last)
	}

	wantAbsent(t, s, other)
	wantObject(t, s, there, b)
}
