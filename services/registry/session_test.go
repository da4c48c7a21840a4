package registry_test

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/blob/spool"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
	"ingot.dev/services/registry"
)

func sha(content string) string { return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(content))) }

// begin opens an upload and appends some parts.
func (h *house) begin(t testing.TB, name string, parts ...string) *format.Session {
	t.Helper()
	s, err := h.reg.Begin(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range parts {
		if s, err = h.reg.Append(t.Context(), s, s.Size, strings.NewReader(part)); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// upload puts bytes into a package in parts.
func (h *house) upload(t testing.TB, name string, parts ...string) *format.File {
	t.Helper()
	f, err := h.reg.Finish(t.Context(), h.begin(t, name, parts...), sha(strings.Join(parts, "")))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// holds checks that a package has bytes, by Blob and Open.
func holds(t testing.TB, reg format.Registry, name, content string) {
	t.Helper()
	f, err := reg.Blob(t.Context(), name, sha(content))
	if err != nil {
		t.Error(err)
		return
	}
	r, err := reg.Open(t.Context(), f)
	if err != nil {
		t.Error(err)
		return
	}
	defer r.Close()
	if b, err := io.ReadAll(r); err != nil || string(b) != content || f.Size != int64(len(content)) || f.Name != sha(content) || f.VersionID != 0 {
		t.Errorf("read %q, %v of %+v", b, err, f)
	}
}

// restart makes a new service on the same database and store.
func (h *house) restart(t *testing.T, cfg registry.Config) *house {
	t.Helper()
	staging, err := spool.New(t.TempDir(), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	s, err := registry.New(h.db, h.store, staging, []format.Format{toy{}}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	again := &house{Service: s, db: h.db, store: h.store, scope: h.scope}
	again.reg = again.bind(forge.PublishPackages)
	return again
}

func (h *house) objects(t testing.TB) (n int) {
	t.Helper()
	for _, err := range h.store.Keys(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

func TestUploadInParts(t *testing.T) {
	for name, parts := range map[string][]string{
		"empty": {},
		"one":   {"light"},
		"many":  {"li", "ght", " of ", "a lamp"},
		"same":  {"ab", "ab", "ab"},
		"whole": {"light", " of a lamp"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, registry.Config{})
			content := strings.Join(parts, "")
			s := h.begin(t, "Lamp", parts...)
			if s.Size != int64(len(content)) || s.Package != "lamp" || len(s.ID) < 20 || s.Created.IsZero() {
				t.Errorf("%+v", s)
			}
			if _, err := h.reg.Blob(t.Context(), "lamp", sha(content)); !fault.Is(err, fault.NotFound) {
				t.Errorf("an unfinished upload is in the package: %v", err)
			}
			h.whole(t)
			f, err := h.reg.Finish(t.Context(), s, sha(content))
			if err != nil || f.Digests.SHA256 != sha(content)[7:] {
				t.Fatalf("%+v, %v", f, err)
			}
			holds(t, h.reg, "LAMP", content)
			_, err = h.reg.Session(t.Context(), "lamp", s.ID)
			want(t, err, fault.NotFound)
			_, err = h.reg.Finish(t.Context(), s, sha(content))
			want(t, err, fault.NotFound)
			_, err = h.reg.Append(t.Context(), s, s.Size, strings.NewReader("more"))
			want(t, err, fault.NotFound)
			_, err = h.reg.Package(t.Context(), "lamp")
			want(t, err, fault.NotFound)
			h.whole(t)
		})
	}
}

func TestUploadOffsets(t *testing.T) {
	h := newHouse(t, registry.Config{})
	ctx := t.Context()
	s := h.begin(t, "lamp", "light")
	for _, at := range []int64{0, 4, 6, -1} {
		now, err := h.reg.Append(ctx, s, at, iotest.ErrReader(errors.New("nothing is read")))
		want(t, err, fault.Precondition, "has 5 bytes")
		if now == nil || now.Size != 5 {
			t.Errorf("%+v", now)
		}
	}
	// A handler may hold a session that is not the newest.
	if _, err := h.reg.Append(ctx, s, 5, strings.NewReader("er")); err != nil {
		t.Fatal(err)
	}
	if s, err := h.reg.Append(ctx, s, 7, strings.NewReader("")); err != nil || s.Size != 7 {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := h.reg.Finish(ctx, s, sha("lighter")); err != nil {
		t.Error(err)
	}
	holds(t, h.reg, "lamp", "lighter")
}

// after does something after each read.
type after struct {
	io.Reader
	do func()
}

func (a *after) Read(p []byte) (int, error) {
	defer a.do()
	return a.Reader.Read(p)
}

func TestAppendsAtOnce(t *testing.T) {
	h := newHouse(t, registry.Config{})
	ctx := t.Context()
	s := h.begin(t, "lamp", "a ")
	const clients = 4
	var both, done sync.WaitGroup
	both.Add(clients)
	won := make(chan string, clients)
	for i := range clients {
		done.Go(func() {
			content := fmt.Sprint("light ", i)
			now, err := h.reg.Append(ctx, s, 2, &after{strings.NewReader(content), sync.OnceFunc(func() { both.Done(); both.Wait() })})
			switch {
			case err == nil:
				won <- content
			case !fault.Is(err, fault.Precondition):
				t.Error(err)
			}
			if now == nil || now.Size != 9 {
				t.Errorf("%+v", now)
			}
		})
	}
	done.Wait()
	if len(won) != 1 {
		t.Fatalf("%d appends won", len(won))
	}
	content := "a " + <-won
	if _, err := h.reg.Finish(ctx, s, sha(content)); err != nil {
		t.Error(err)
	}
	h.whole(t)
}

// The end of one part may meet another append: what is finished is what the
// digest says, or nothing.
func TestFinishMeetsAppend(t *testing.T) {
	var h *house
	var s *format.Session
	h = newHouse(t, registry.Config{Step: func(name string) {
		if name == "session:stored" && s != nil && s.Size == 4 { // of finish
			s.Size = 0
			if _, err := h.reg.Append(context.Background(), s, 4, strings.NewReader("!")); err != nil {
				t.Error(err)
			}
		}
	}})
	begun := h.begin(t, "lamp", "ab", "cd")
	s = &format.Session{ID: begun.ID, Package: begun.Package, Size: begun.Size}
	_, err := h.reg.Finish(t.Context(), begun, sha("abcd"))
	want(t, err, fault.Precondition, "has 5 bytes")
	if _, err := h.reg.Finish(t.Context(), begun, sha("abcd!")); err != nil {
		t.Error(err)
	}
	holds(t, h.reg, "lamp", "abcd!")
	h.whole(t)
}

// Of those who end an upload at the same time one does; to the others it is
// gone, and never another one than it was.
func TestFinishMeetsFinish(t *testing.T) {
	h := newHouse(t, registry.Config{})
	for n := range 40 {
		s := h.begin(t, "lamp", fmt.Sprint(n), "cd")
		errs := make([]error, 8)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { _, errs[i] = h.reg.Finish(t.Context(), s, sha(fmt.Sprint(n)+"cd")) })
		}
		wg.Wait()
		done := 0
		for _, err := range errs {
			switch {
			case err == nil:
				done++
			case !fault.Is(err, fault.NotFound):
				t.Errorf("round %d: %v", n, err)
			}
		}
		if done != 1 {
			t.Errorf("round %d: %d did", n, done)
		}
	}
	h.whole(t)
}

func TestUploadGoesOnAfterRestart(t *testing.T) {
	h := newHouse(t, registry.Config{})
	s := h.begin(t, "lamp", "a ", "light ")
	h = h.restart(t, registry.Config{})
	s, err := h.reg.Session(t.Context(), "Lamp", s.ID)
	if err != nil || s.Size != 8 {
		t.Fatalf("%+v, %v", s, err)
	}
	if s, err = h.reg.Append(t.Context(), s, 8, strings.NewReader("of ours")); err != nil {
		t.Fatal(err)
	}
	h = h.restart(t, registry.Config{})
	if _, err := h.reg.Finish(t.Context(), s, sha("a light of ours")); err != nil {
		t.Fatal(err)
	}
	holds(t, h.reg, "lamp", "a light of ours")
}

func TestUploadIsItsBeginners(t *testing.T) {
	h := newHouse(t, registry.Config{})
	s := h.begin(t, "lamp", "light")
	other := h.scope
	other.ID++
	for name, reg := range map[string]format.Registry{
		"account": h.Bind(h.Kind("toy"), h.scope, forge.Actor{ID: 4}, forge.PublishPackages, format.Transport),
		"scope":   h.Bind(h.Kind("toy"), other, forge.Actor{ID: 3}, forge.PublishPackages, format.Transport),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := reg.Session(t.Context(), "lamp", s.ID)
			want(t, err, fault.NotFound)
			_, err = reg.Append(t.Context(), s, s.Size, strings.NewReader("!"))
			want(t, err, fault.NotFound)
			_, err = reg.Finish(t.Context(), s, sha("light"))
			want(t, err, fault.NotFound)
			want(t, reg.Cancel(t.Context(), s), fault.NotFound)
		})
	}
	_, err := h.reg.Session(t.Context(), "table", s.ID)
	want(t, err, fault.NotFound)
	for _, need := range []forge.Permission{forge.ReadPackages, forge.DeletePackages} {
		reg := h.bind(need)
		_, err := reg.Begin(t.Context(), "lamp")
		want(t, err, fault.Denied)
		_, err = reg.Append(t.Context(), s, s.Size, strings.NewReader("!"))
		want(t, err, fault.Denied)
		_, err = reg.Hold(t.Context(), "lamp", blob.FromBytes([]byte("x")))
		want(t, err, fault.Denied)
	}
	want(t, h.reg.Drop(t.Context(), "lamp", sha("light")), fault.Denied)
}

func TestWrongDigest(t *testing.T) {
	h := newHouse(t, registry.Config{})
	ctx := t.Context()
	for _, parts := range [][]string{{"light"}, {"li", "ght"}} {
		s := h.begin(t, "lamp", parts...)
		_, err := h.reg.Finish(ctx, s, sha("dark"))
		want(t, err, fault.Invalid, sha("light"), sha("dark"))
		for _, digest := range []string{
			"", "sha256:", "sha256", sha("light")[7:], strings.ToUpper(sha("light")), "sha256:" + strings.ToUpper(sha("light")[7:]), "md5:" + sha("light")[7:39],
			"sha512:" + sha("light")[7:], sha("light") + "00", "sha256:" + strings.Repeat("g", 64), ":",
		} {
			_, err := h.reg.Finish(ctx, s, digest)
			want(t, err, fault.Invalid, "no digest")
			_, err = h.reg.Blob(ctx, "lamp", digest)
			want(t, err, fault.Invalid, "no digest")
		}
		if s, err := h.reg.Session(ctx, "lamp", s.ID); err != nil || s.Size != 5 {
			t.Errorf("%+v, %v", s, err)
		}
		digest := fmt.Sprintf("sha512:%x", sha512.Sum512([]byte("light")))
		if f, err := h.reg.Finish(ctx, s, digest); err != nil || f.Name != digest {
			t.Errorf("%+v, %v", f, err)
		}
		if f, err := h.reg.Blob(ctx, "lamp", digest); err != nil || "sha512:"+f.Digests.SHA512 != digest {
			t.Errorf("%+v, %v", f, err)
		}
	}
	holds(t, h.reg, "lamp", "light")
}

// What comes before an upload breaks off is kept, however it does.
func TestUploadBreaksOff(t *testing.T) {
	h := newHouse(t, registry.Config{})
	for name, c := range map[string]struct {
		err  error
		kind fault.Kind
	}{
		"short body":  {io.ErrUnexpectedEOF, fault.Invalid},
		"reset":       {errors.New("connection reset by peer"), fault.Internal},
		"client gone": {nil, fault.Internal},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			body := io.MultiReader(strings.NewReader("light "), iotest.ErrReader(c.err))
			if c.err == nil {
				c.err = context.Canceled
				body = &after{strings.NewReader("light "), cancel}
			}
			s := h.begin(t, "lamp", "a ")
			s, err := h.reg.Append(ctx, s, 2, body)
			if !errors.Is(err, c.err) || fault.KindOf(err) != c.kind || s == nil || s.Size != 8 {
				t.Fatalf("%+v, %v", s, err)
			}
			if s, err = h.reg.Append(t.Context(), s, 8, iotest.ErrReader(errors.New("reset"))); err == nil || s.Size != 8 {
				t.Errorf("%+v, %v", s, err)
			}
			if s, err = h.reg.Append(t.Context(), s, 8, strings.NewReader("of ours")); err != nil {
				t.Fatal(err)
			}
			if _, err := h.reg.Finish(t.Context(), s, sha("a light of ours")); err != nil {
				t.Error(err)
			}
			holds(t, h.reg, "lamp", "a light of ours")
		})
	}
	h.whole(t)
}

func TestUploadLimits(t *testing.T) {
	ctx := t.Context()
	h := newHouse(t, registry.Config{MaxFileSize: 8})
	s := h.begin(t, "lamp", "light")
	now, err := h.reg.Append(ctx, s, 5, strings.NewReader("1234"))
	want(t, err, fault.TooLarge, "8 bytes")
	if now.Size != 5 {
		t.Errorf("%+v", now)
	}
	if s, err = h.reg.Append(ctx, s, 5, strings.NewReader("123")); err != nil {
		t.Fatal(err)
	}
	_, err = h.reg.Append(ctx, s, 8, strings.NewReader("4"))
	want(t, err, fault.TooLarge)
	if _, err := h.reg.Append(ctx, s, 8, strings.NewReader("")); err != nil {
		t.Error(err)
	}

	h = newHouse(t, registry.Config{Quota: map[scope.Kind]int64{scope.Project: 10}})
	h.publish(t, "table", "1", "a=1234")
	s = h.begin(t, "lamp", "12")
	h.upload(t, "lamp", "567")
	_, err = h.reg.Append(ctx, s, 2, strings.NewReader("34"))
	want(t, err, fault.Quota, "9 of 10")
	_, err = h.reg.Hold(ctx, "lamp", blob.FromBytes([]byte("ab")))
	want(t, err, fault.Quota)
	f, err := h.reg.Blob(ctx, "lamp", sha("567"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.reg.Mount(ctx, "table", f)
	want(t, err, fault.Quota)
	if _, err := h.reg.Append(ctx, s, 2, strings.NewReader("3")); err != nil {
		t.Error(err)
	}
	if _, err := h.reg.Finish(ctx, s, sha("123")); err != nil { // it counts no second time
		t.Error(err)
	}
	h.whole(t)
}
