// Package blobtest is the contract of blob.Store as tests: whoever writes a
// store runs it, and may put it in the place of any other.
package blobtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
)

// Run proves the store that open gives. Every call of open gives an empty
// store, which is cleaned up with the test it is given.
func Run(t *testing.T, open func(t *testing.T) blob.Store) {
	for _, c := range []struct {
		name string
		test func(*testing.T, blob.Store)
	}{
		{"PutOpenStatDelete", putOpenStatDelete},
		{"Ranges", ranges},
		{"Empty", empty},
		{"Absent", absent},
		{"BadKeys", badKeys},
		{"RowsAreApart", rowsAreApart},
		{"PutAgain", putAgain},
		{"ConcurrentPuts", concurrentPuts},
		{"WrongSize", wrongSize},
		{"WrongDigest", wrongDigest},
		{"BrokenBody", brokenBody},
		{"Keys", keys},
		{"Cancelled", cancelled},
		{"OpenOutlivesDelete", openOutlivesDelete},
		{"Large", large},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, open(t))
		})
	}
}

func noise(seed byte, n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{seed}).Read(b)
	return b
}

func keyOf(b []byte, row int64) blob.Key {
	return blob.Key{SHA256: sha256Of(b), Row: row}
}

func sha256Of(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func put(t *testing.T, s blob.Store, b []byte, row int64) blob.Key {
	t.Helper()
	k := keyOf(b, row)
	staged := blob.FromBytes(b)
	defer staged.Discard()
	if err := s.Put(t.Context(), k, staged); err != nil {
		t.Fatalf("Put: %v", err)
	}
	return k
}

func openObject(t *testing.T, s blob.Store, k blob.Key) blob.Reader {
	t.Helper()
	r, err := s.Open(t.Context(), k)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func wantObject(t *testing.T, s blob.Store, k blob.Key, want []byte) {
	t.Helper()
	r := openObject(t, s, k)
	got, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	if !bytes.Equal(got, want) {
		t.Fatalf("the object has not the bytes that were put: %d bytes, want %d", len(got), len(want))
	}
	if r.Size() != int64(len(want)) {
		t.Errorf("the reader's size is %d, want %d", r.Size(), len(want))
	}
	if n, err := s.Stat(t.Context(), k); n != int64(len(want)) || err != nil {
		t.Errorf("Stat: %d, %v, want %d", n, err, len(want))
	}
	if err := r.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func wantAbsent(t *testing.T, s blob.Store, k blob.Key) {
	t.Helper()
	if r, err := s.Open(t.Context(), k); !fault.Is(err, fault.NotFound) {
		if err == nil {
			r.Close()
		}
		t.Errorf("Open: %v, want not found", err)
	}
	if n, err := s.Stat(t.Context(), k); !fault.Is(err, fault.NotFound) {
		t.Errorf("Stat: %d, %v, want not found", n, err)
	}
}

func wantKeys(t *testing.T, s blob.Store, want ...blob.Key) {
	t.Helper()
	got, expected := map[blob.Key]bool{}, map[blob.Key]bool{}
	for k, err := range s.Keys(t.Context()) {
		if err != nil {
			t.Fatalf("Keys: %v", err)
		}
		got[k] = true
	}
	for _, k := range want {
		expected[k] = true
	}
	if diff := cmp.Diff(expected, got); diff != "" {
		t.Errorf("Keys (-want +got):\n%s", diff)
	}
}

func putOpenStatDelete(t *testing.T, s blob.Store) {
	b := noise(1, 10<<10)
	k := put(t, s, b, 1)
	wantObject(t, s, k, b)
	if err := s.Delete(t.Context(), k); err != nil {
		t.Fatalf("Delete: %v", err)
	}
	wantAbsent(t, s, k)
	wantKeys(t, s)
}

func ranges(t *testing.T, s blob.Store) {
	b := noise(1, 100<<10)
	r := openObject(t, s, put(t, s, b, 1))
	// TestReader reads in pieces, seeks from every whence and reads at offsets.
	if err := iotest.TestReader(r, b); err != nil {
		t.Error(err)
	}

	// ReadAt is independent of the position, and of other ReadAts.
	if _, err := r.Seek(7, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			off := i * 12345
			got := make([]byte, 1000)
			if _, err := r.ReadAt(got, int64(off)); err != nil || !bytes.Equal(got, b[off:off+1000]) {
				t.Errorf("ReadAt %d: wrong bytes or %v", off, err)
			}
		})
	}
	wg.Wait()
	got := make([]byte, 10)
	if _, err := io.ReadFull(r, got); err != nil || !bytes.Equal(got, b[7:17]) {
		t.Errorf("read after Seek and ReadAt: wrong bytes or %v", err)
	}

	if n, err := r.ReadAt(got, int64(len(b)-4)); n != 4 || err != io.EOF {
		t.Errorf("ReadAt over the end: %d, %v, want 4, EOF", n, err)
	}
	if n, err := r.ReadAt(got, int64(len(b)+4)); n != 0 || err != io.EOF {
		t.Errorf("ReadAt past the end: %d, %v, want 0, EOF", n, err)
	}
	if n, err := r.ReadAt(got, -1); n != 0 || err == nil || err == io.EOF {
		t.Errorf("ReadAt before the start: %d, %v, want an error", n, err)
	}
	if off, err := r.Seek(-1, io.SeekStart); err == nil {
		t.Errorf("Seek before the start: %d, want an error", off)
	}
}

func empty(t *testing.T, s blob.Store) {
	k := put(t, s, nil, 1)
	wantObject(t, s, k, nil)
	wantKeys(t, s, k)
}

func absent(t *testing.T, s blob.Store) {
	k := keyOf([]byte("never put"), 1)
	wantAbsent(t, s, k)
	if err := s.Delete(t.Context(), k); err != nil {
		t.Errorf("Delete: %v, want success", err)
	}
	wantKeys(t, s)
}

// A digest that was deleted and came again has another row: the late delete of
// the first must not touch it.
func rowsAreApart(t *testing.T, s blob.Store) {
	b := []byte("again")
	first, second := put(t, s, b, 1), put(t, s, b, 12)
	wantKeys(t, s, first, second)
	if err := s.Delete(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	wantAbsent(t, s, first)
	wantObject(t, s, second, b)
}

func putAgain(t *testing.T, s blob.Store) {
	b := noise(1, 1000)
	k := put(t, s, b, 1)
	put(t, s, b, 1)
	wantObject(t, s, k, b)
	wantKeys(t, s, k)

	if err := s.Delete(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	put(t, s, b, 1)
	wantObject(t, s, k, b)
}

func concurrentPuts(t *testing.T, s blob.Store) {
	b := noise(1, 300<<10)
	k := keyOf(b, 1)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			staged := blob.FromBytes(b)
			defer staged.Discard()
			if err := s.Put(t.Context(), k, staged); err != nil {
				t.Errorf("Put: %v", err)
				return
			}
			// A success means that the object is there, whoever put it.
			if n, err := s.Stat(t.Context(), k); n != int64(len(b)) || err != nil {
				t.Errorf("Stat after Put: %d, %v", n, err)
			}
		})
	}
	wg.Wait()
	wantObject(t, s, k, b)
	wantKeys(t, s, k)
}

func keys(t *testing.T, s blob.Store) {
	wantKeys(t, s)
	var all []blob.Key
	for i := range 40 {
		all = append(all, put(t, s, fmt.Append(nil, i), int64(1+i*1_000_003)))
	}
	all = append(all, put(t, s, []byte("largest row"), 1<<63-1))
	wantKeys(t, s, all...)

	seen := 0
	for range s.Keys(t.Context()) {
		if seen++; seen == 3 {
			break
		}
	}
	if seen != 3 {
		t.Errorf("the listing ended by itself after %d keys", seen)
	}
	for k, err := range s.Keys(t.Context()) { // deleting while listing is what a collector does
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Delete(t.Context(), k); err != nil {
			t.Fatal(err)
		}
	}
	wantKeys(t, s)
}

func openOutlivesDelete(t *testing.T, s blob.Store) {
	b := noise(1, 3<<20)
	k := put(t, s, b, 1)
	r := openObject(t, s, k)
	head := make([]byte, 10)
	if _, err := io.ReadFull(r, head); err != nil {
		t.Fatal(err)
	}
	if err := s.Delete(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	wantAbsent(t, s, k)
	rest, err := io.ReadAll(r)
	if err != nil || !bytes.Equal(append(head, rest...), b) {
		t.Errorf("a reader opened before Delete read %d bytes, %v, want all %d", len(head)+len(rest), err, len(b))
	}
}

func large(t *testing.T, s blob.Store) {
	b := noise(1, 64<<20)
	k := put(t, s, b, 1)
	r := openObject(t, s, k)
	h := sha256.New()
	if n, err := io.Copy(h, r); n != int64(len(b)) || err != nil {
		t.Fatalf("read %d bytes, %v, want %d", n, err, len(b))
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != k.SHA256 {
		t.Errorf("digest %s, want %s", got, k.SHA256)
	}
	// The last bytes, as a reader of zip directories begins.
	tail := make([]byte, 22)
	if _, err := r.ReadAt(tail, r.Size()-22); err != nil || !bytes.Equal(tail, b[len(b)-22:]) {
		t.Errorf("ReadAt of the tail: wrong bytes or %v", err)
	}
}
