package documents_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"ingot.dev/models/dbtest"
	"ingot.dev/modules/blob/mem"
	"ingot.dev/modules/blob/spool"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
	"ingot.dev/services/documents"
	"ingot.dev/services/registry"
)

// toy has a document of a package and one of the scope; both count their builds.
type toy struct{ builds *atomic.Int64 }

func (toy) Info() format.Info      { return format.Info{ID: "toy"} }
func (toy) Routes() []format.Route { return nil }

func (y toy) Documents() []format.Document {
	build := func(ctx context.Context, b format.Build, w io.Writer) error {
		y.builds.Add(1)
		names, err := b.Reg.Names(ctx)
		if err != nil {
			return err
		}
		if b.Key == "broken" {
			return errors.New("broken")
		}
		if b.Key == "long" { // more than maxPlain
			for range 5 << 10 {
				if _, err := io.WriteString(w, strings.Repeat("a kilobyte of text ", 54)); err != nil {
					return err
				}
			}
			return nil
		}
		_, err = io.WriteString(w, b.Key+" "+b.Class+" "+strings.Join(names, ",")+strings.Repeat(" text", 100))
		return err
	}
	return []format.Document{
		{Kind: "one", ContentType: "text/plain", Build: build, Class: func(q *format.Request) string {
			if q.Actor.Anonymous() {
				return "anonymous"
			}
			return "known"
		}},
		{Kind: "all", ContentType: "text/plain", Whole: true, Build: build},
		{Kind: "log", ContentType: "text/plain", Ranges: true, Build: build},
		{Kind: "one.gz", ContentType: "application/gzip", Packed: format.Packed{Of: "one", As: "gzip"}},
		{Kind: "one.zst", ContentType: "application/zstd", Packed: format.Packed{Of: "one", As: "zstd"}},
	}
}

type house struct {
	t      *testing.T
	reg    *registry.Service
	docs   *documents.Service
	builds atomic.Int64
	scope  scope.Scope
}

func newHouse(t *testing.T) *house {
	h := &house{t: t, scope: scope.Scope{Ref: scope.Ref{Kind: scope.User, ID: 1}}}
	staging, err := spool.New(t.TempDir(), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	h.reg, err = registry.New(dbtest.New(t), mem.New(), staging, []format.Format{toy{&h.builds}}, registry.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if h.docs, err = documents.New(h.reg, 1<<20, "test"); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *house) bind(need forge.Permission) format.Registry {
	return h.reg.Bind(h.reg.Kind("toy"), h.scope, forge.Actor{ID: 1}, need, format.Transport)
}

func (h *house) publish(name, version string) {
	h.t.Helper()
	if _, err := h.bind(forge.PublishPackages).Publish(h.t.Context(), format.Release{Package: name, Version: version}); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) get(kind, key string, actor forge.Actor, header ...string) *http.Response {
	h.t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	q := &format.Request{W: w, R: r, Scope: h.scope, Actor: actor, Reg: h.bind(forge.ReadPackages), Base: "http://b"}
	if err := h.docs.Serve(q, h.reg.Kind("toy"), kind, key); err != nil {
		w = httptest.NewRecorder()
		w.WriteHeader(map[bool]int{true: 404, false: 500}[fault.Is(err, fault.NotFound)])
	}
	return w.Result()
}

func read(t *testing.T, r *http.Response) string {
	t.Helper()
	var in io.Reader = r.Body
	switch r.Header.Get("Content-Encoding") {
	case "gzip":
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		in = z
	case "zstd":
		z, err := zstd.NewReader(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		in = z
	}
	var b bytes.Buffer
	if _, err := io.Copy(&b, in); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestBuiltOncePerGeneration(t *testing.T) {
	h := newHouse(t)
	h.publish("lamp", "1")
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { h.get("one", "lamp", forge.Actor{}) })
	}
	wg.Wait()
	if n := h.builds.Load(); n != 1 {
		t.Errorf("built %d times", n)
	}
	first := h.get("one", "lamp", forge.Actor{})
	h.publish("lamp", "2")
	second := h.get("one", "lamp", forge.Actor{}, "If-None-Match", first.Header.Get("ETag"))
	if second.StatusCode != 200 || h.builds.Load() != 2 || second.Header.Get("ETag") == first.Header.Get("ETag") {
		t.Errorf("after a publication: %d, built %d times", second.StatusCode, h.builds.Load())
	}
	// A publication of one package is no change of another one's document.
	h.publish("desk", "1")
	h.get("one", "lamp", forge.Actor{})
	if n := h.builds.Load(); n != 2 {
		t.Errorf("another package's publication had it built: %d", n)
	}
	h.get("all", "", forge.Actor{})
	h.publish("chair", "1")
	if got := read(t, h.get("all", "", forge.Actor{})); !strings.Contains(got, "chair,desk,lamp") {
		t.Errorf("the whole is %q", got)
	}
}

func TestValidators(t *testing.T) {
	h := newHouse(t)
	h.publish("lamp", "1")
	plain := h.get("one", "lamp", forge.Actor{})
	tag := plain.Header.Get("ETag")
	for _, encoding := range []string{"gzip", "zstd", "br, gzip;q=0.5", "zstd;q=0, gzip", "identity"} {
		r := h.get("one", "lamp", forge.Actor{}, "Accept-Encoding", encoding)
		if read(t, r) != read(t, h.get("one", "lamp", forge.Actor{})) {
			t.Errorf("%s: other bytes", encoding)
		}
		want := map[string]string{"br, gzip;q=0.5": "gzip", "zstd;q=0, gzip": "gzip", "identity": ""}
		if w, ok := want[encoding]; ok && r.Header.Get("Content-Encoding") != w {
			t.Errorf("%s was answered with %q", encoding, r.Header.Get("Content-Encoding"))
		}
		built := h.builds.Load()
		again := h.get("one", "lamp", forge.Actor{}, "Accept-Encoding", encoding, "If-None-Match", `W/"x", `+r.Header.Get("ETag"))
		if again.StatusCode != http.StatusNotModified || h.builds.Load() != built || again.Header.Get("ETag") != r.Header.Get("ETag") {
			t.Errorf("%s: %d", encoding, again.StatusCode)
		}
	}
	if r := h.get("one", "lamp", forge.Actor{}, "If-None-Match", `"other"`, "If-Modified-Since", plain.Header.Get("Last-Modified")); r.StatusCode != 200 {
		t.Errorf("If-Modified-Since won over If-None-Match: %d", r.StatusCode)
	}
	if h.get("one", "lamp", forge.Actor{ID: 1}).Header.Get("ETag") == tag {
		t.Error("readers of two classes share a validator")
	}
	if r := h.get("one", "nothing", forge.Actor{}); r.StatusCode != 404 {
		t.Errorf("absent: %d", r.StatusCode)
	}
	h.publish("broken", "1")
	if r := h.get("one", "broken", forge.Actor{}); r.StatusCode != 500 || r.Header.Get("ETag") != "" {
		t.Errorf("broken: %d %v", r.StatusCode, r.Header)
	}
}

// If-None-Match: * holds for a document that is there, and no document is there
// because its package is.
func TestAnything(t *testing.T) {
	h := newHouse(t)
	h.publish("broken", "1")
	if r := h.get("one", "broken", forge.Actor{}, "If-None-Match", "*"); r.StatusCode != 500 {
		t.Errorf("what cannot be built: %d", r.StatusCode)
	}
	h.publish("lamp", "1")
	for range 2 {
		if r := h.get("one", "lamp", forge.Actor{}, "If-None-Match", "*"); r.StatusCode != http.StatusNotModified || r.Header.Get("ETag") == "" {
			t.Errorf("what can: %d %v", r.StatusCode, r.Header)
		}
	}
	if n := h.builds.Load(); n != 2 {
		t.Errorf("%d builds", n)
	}
}

// A long document is kept in its packed forms alone, here within a memory that
// is smaller than the document, and served in all.
func TestLongDocument(t *testing.T) {
	h := newHouse(t)
	h.publish("long", "1")
	want := strings.Repeat("a kilobyte of text ", 54*5<<10)
	for _, encoding := range []string{"", "gzip", "zstd", ""} {
		r := h.get("one", "long", forge.Actor{}, "Accept-Encoding", encoding)
		if got := read(t, r); got != want || r.Header.Get("Content-Encoding") != encoding {
			t.Errorf("%q: %d bytes of %d, as %q", encoding, len(got), len(want), r.Header.Get("Content-Encoding"))
		}
		if n := r.Header.Get("Content-Length"); encoding == "" && n != strconv.Itoa(len(want)) {
			t.Errorf("the length is said to be %s, and is %d", n, len(want))
		}
	}
	if n := h.builds.Load(); n != 1 {
		t.Errorf("built %d times", n)
	}
}

// A client that asks by time alone, as Composer does, never keeps a document
// that changed a second time within one second.
func TestSecondChangeWithinASecond(t *testing.T) {
	h := newHouse(t)
	h.publish("lamp", "0")
	for i := range 20 {
		before := h.get("one", "lamp", forge.Actor{}).Header.Get("Last-Modified")
		h.publish("lamp", string(rune('a'+i)))
		if r := h.get("one", "lamp", forge.Actor{}, "If-Modified-Since", before); r.StatusCode != 200 {
			t.Fatalf("change %d was not seen", i)
		}
	}
	// When the second is over, the time serves.
	time.Sleep(1100 * time.Millisecond)
	settled := h.get("one", "lamp", forge.Actor{}).Header.Get("Last-Modified")
	if r := h.get("one", "lamp", forge.Actor{}, "If-Modified-Since", settled); r.StatusCode != http.StatusNotModified {
		t.Errorf("unchanged: %d", r.StatusCode)
	}
}

// A client may ask by the time at which it wrote its copy down, as gem does.
func TestClockOfTheClient(t *testing.T) {
	h := newHouse(t)
	h.publish("lamp", "0")
	for i := range 20 {
		h.get("one", "lamp", forge.Actor{})
		wrote := time.Now().UTC().Format(http.TimeFormat)
		h.publish("lamp", string(rune('a'+i)))
		if r := h.get("one", "lamp", forge.Actor{}, "If-Modified-Since", wrote); r.StatusCode != 200 {
			t.Fatalf("change %d was not seen", i)
		}
	}
}

// A client that knows a document by its time alone asks again when the server
// has moved to another address or another program builds.
func TestAnotherStamp(t *testing.T) {
	h := newHouse(t)
	h.publish("lamp", "1")
	h.get("one", "lamp", forge.Actor{})
	time.Sleep(1100 * time.Millisecond)
	had := h.get("one", "lamp", forge.Actor{}).Header.Get("Last-Modified")
	if r := h.get("one", "lamp", forge.Actor{}, "If-Modified-Since", had); r.StatusCode != http.StatusNotModified {
		t.Fatalf("unchanged: %d", r.StatusCode)
	}
	time.Sleep(1100 * time.Millisecond)
	before := h.docs
	var err error
	if h.docs, err = documents.New(h.reg, 1<<20, "another"); err != nil {
		t.Fatal(err)
	}
	if r := h.get("one", "lamp", forge.Actor{}, "If-Modified-Since", had); r.StatusCode != http.StatusOK {
		t.Errorf("the bytes of another address pass for this one's: %d", r.StatusCode)
	}
	h.docs = before
	if r := h.get("one", "lamp", forge.Actor{}, "If-Modified-Since", had); r.StatusCode != http.StatusNotModified {
		t.Errorf("back at the first address: %d", r.StatusCode)
	}
	// A database that was restored from an older backup has older times.
	late := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	if r := h.get("one", "lamp", forge.Actor{}, "If-Modified-Since", late); r.StatusCode != http.StatusOK {
		t.Errorf("a later time than the announced one: %d", r.StatusCode)
	}
}

func TestPackedFormIsAFile(t *testing.T) {
	h := newHouse(t)
	h.publish("lamp", "1")
	text := read(t, h.get("one", "lamp", forge.Actor{}))
	for kind, open := range map[string]func(io.Reader) (io.Reader, error){
		"one.gz":  func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		"one.zst": func(r io.Reader) (io.Reader, error) { return zstd.NewReader(r) },
	} {
		// Whatever encodings the client takes: it is the file that is packed.
		for _, accept := range []string{"", "gzip", "zstd, gzip", "identity"} {
			res := h.get(kind, "lamp", forge.Actor{}, "Accept-Encoding", accept)
			packed, err := open(res.Body)
			if err != nil {
				t.Fatalf("%s for %q: %v", kind, accept, err)
			}
			got, err := io.ReadAll(packed)
			if err != nil || string(got) != text {
				t.Errorf("%s for %q holds %d bytes of %d, %v", kind, accept, len(got), len(text), err)
			}
			if e, ct := res.Header.Get("Content-Encoding"), res.Header.Get("Content-Type"); e != "" || !strings.HasPrefix(ct, "application/") {
				t.Errorf("%s for %q is %q, encoded %q", kind, accept, ct, e)
			}
			if again := h.get(kind, "lamp", forge.Actor{}, "If-None-Match", res.Header.Get("ETag")); again.StatusCode != 304 {
				t.Errorf("%s: %d on its own ETag", kind, again.StatusCode)
			}
		}
	}
	if n := h.builds.Load(); n != 1 {
		t.Errorf("built %d times", n)
	}
}

func TestRanges(t *testing.T) {
	h := newHouse(t)
	h.publish("long", "1") // more than is kept plain of others
	whole := h.get("log", "long", forge.Actor{})
	text := read(t, whole)
	sum := sha256.Sum256([]byte(text))
	digest := "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
	if got := whole.Header.Get("Repr-Digest"); got != digest || whole.Header.Get("Accept-Ranges") != "bytes" {
		t.Errorf("digest %q, ranges %q", got, whole.Header.Get("Accept-Ranges"))
	}
	sum5 := fmt.Sprintf(`"%x"`, md5.Sum([]byte(text)))
	for encoding, want := range map[string]string{"identity": sum5, "gzip": "W/" + sum5, "zstd": strings.TrimSuffix(sum5, `"`) + `-zstd"`} {
		got := h.get("log", "long", forge.Actor{}, "Accept-Encoding", encoding)
		if got.Header.Get("ETag") != want {
			t.Errorf("in %s it has the ETag %s, not %s", encoding, got.Header.Get("ETag"), want)
		}
		if got := h.get("log", "long", forge.Actor{}, "If-None-Match", want); got.StatusCode != 304 {
			t.Errorf("%d for who has %s", got.StatusCode, want)
		}
	}
	part := h.get("log", "long", forge.Actor{}, "Range", "bytes=5000000-")
	if got := read(t, part); part.StatusCode != 206 || got != text[5_000_000:] || part.Header.Get("Repr-Digest") != digest {
		t.Errorf("%d, %d bytes, digest %q", part.StatusCode, len(got), part.Header.Get("Repr-Digest"))
	}
	// The client's state is another one: what it lacks is given all the same.
	if got := h.get("log", "long", forge.Actor{}, "Range", "bytes=5000000-", "If-None-Match", `"other"`); got.StatusCode != 206 {
		t.Errorf("%d for a part of a change", got.StatusCode)
	}
	if got := h.get("log", "long", forge.Actor{}, "Range", "bytes=0-", "If-None-Match", whole.Header.Get("ETag")); got.StatusCode != 304 {
		t.Errorf("%d for a part of what is there", got.StatusCode)
	}
	if got := h.get("log", "long", forge.Actor{}, "Range", "bytes=99999999-"); got.StatusCode != 416 {
		t.Errorf("%d behind the end", got.StatusCode)
	}
	if got := h.get("log", "long", forge.Actor{}, "Accept-Encoding", "gzip"); got.Header.Get("Content-Encoding") != "gzip" || read(t, got) != text {
		t.Error("packed it is something else")
	}
}
