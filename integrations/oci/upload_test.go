package oci

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"ingot.dev/integrations/house"
	"ingot.dev/modules/forge"
)

// noise gives n bytes, the same every time.
func noise(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{byte(n)}).Read(b)
	return b
}

// begin opens an upload and gives its address.
func (w *world) begin(t *testing.T, repo string) string {
	t.Helper()
	reply := w.Want(t, 202, w.call("POST", repo+"/blobs/uploads/", nil))
	h := reply.Header
	location := h.Get("Location")
	if h.Get("Range") != "0-0" || h.Get("Docker-Upload-Uuid") == "" || !strings.HasSuffix(location, "/"+h.Get("Docker-Upload-Uuid")) || h.Get("Content-Length") != "0" {
		t.Errorf("an upload begins with %v", h)
	}
	return location
}

// arrived checks the answer to the end of an upload, and what is there then.
func (w *world) arrived(t *testing.T, reply house.Reply, repo, digest string, want []byte) {
	t.Helper()
	location := reply.Header.Get("Location")
	if reply.Status != 201 || reply.Header.Get("Docker-Content-Digest") != digest || location != repo+"/blobs/"+digest || reply.Header.Get("Range") != "" {
		t.Errorf("%s: %s with %v", digest, reply, reply.Header)
		return
	}
	got := w.get(t, location)
	if got.Status != 200 || !bytes.Equal(got.Body, want) || got.Header.Get("Docker-Content-Digest") != digest ||
		got.Header.Get("Content-Type") != "application/octet-stream" || got.Header.Get("Content-Length") != fmt.Sprint(len(want)) {
		t.Errorf("%s comes back as %s with %v", digest, got, got.Header)
	}
	head := w.Want(t, 200, w.call("HEAD", location, nil))
	if len(head.Body) > 0 || head.Header.Get("Content-Length") != fmt.Sprint(len(want)) || head.Header.Get("Docker-Content-Digest") != digest {
		t.Errorf("HEAD of %s: %v", digest, head.Header)
	}
}

// Every way to upload, with both algorithms.
func TestUploads(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	repo := project + "/web"
	n := 0
	for algorithm, of := range map[string]func([]byte) string{"sha256": of256, "sha512": of512} {
		for way, send := range map[string]func(b []byte, digest string) house.Reply{
			"one POST": func(b []byte, digest string) house.Reply {
				return w.Do(t, w.call("POST", repo+"/blobs/uploads/?digest="+digest, b, "Content-Type", "application/octet-stream"))
			},
			"POST and PUT": func(b []byte, digest string) house.Reply {
				return w.Do(t, w.call("PUT", w.begin(t, repo)+"?digest="+digest, b))
			},
			"a stream, as Docker does": func(b []byte, digest string) house.Reply {
				c := w.call("PATCH", w.begin(t, repo), b)
				c.Unsized = true
				reply := w.Want(t, 202, c)
				if got := reply.Header.Get("Range"); got != fmt.Sprintf("0-%d", max(len(b)-1, 0)) {
					t.Errorf("after a stream of %d: %q", len(b), got)
				}
				return w.Do(t, w.call("PUT", reply.Header.Get("Location")+"?digest="+digest, nil))
			},
			"a stream into the PUT": func(b []byte, digest string) house.Reply {
				c := w.call("PUT", w.begin(t, repo)+"?digest="+digest, b)
				c.Unsized = true
				return w.Do(t, c)
			},
			"pieces": func(b []byte, digest string) house.Reply { return w.pieces(t, repo, b, digest, false) },
			"pieces, the last one with the PUT": func(b []byte, digest string) house.Reply {
				return w.pieces(t, repo, b, digest, true)
			},
			"an announced algorithm": func(b []byte, digest string) house.Reply {
				reply := w.Want(t, 202, w.call("POST", repo+"/blobs/uploads/?digest-algorithm="+algorithm, nil))
				return w.Do(t, w.call("PUT", reply.Header.Get("Location")+"?digest="+digest, b))
			},
			"without the slash": func(b []byte, digest string) house.Reply {
				return w.Do(t, w.call("POST", repo+"/blobs/uploads?digest="+digest, b))
			},
		} {
			n++
			for _, b := range [][]byte{noise(100_000 + n), {}} {
				if len(b) == 0 && strings.HasPrefix(way, "pieces") {
					continue // there is no range of nothing
				}
				t.Run(fmt.Sprintf("%s, %s of %d", way, algorithm, len(b)), func(t *testing.T) {
					w.arrived(t, send(b, of(b)), repo, of(b), b)
				})
			}
		}
	}
}

// pieces sends a blob in three.
func (w *world) pieces(t *testing.T, repo string, b []byte, digest string, last bool) house.Reply {
	t.Helper()
	at, size := w.begin(t, repo), len(b)/3+1
	for from := 0; from < len(b); from += size {
		to := min(from+size, len(b))
		headers := []string{"Content-Range", fmt.Sprintf("%d-%d", from, to-1), "Content-Type", "application/octet-stream"}
		if last && to == len(b) {
			return w.Do(t, w.call("PUT", at+"?digest="+digest, b[from:], headers...))
		}
		reply := w.Want(t, 202, w.call("PATCH", at, b[from:to], headers...))
		if got := reply.Header.Get("Range"); got != fmt.Sprintf("0-%d", to-1) {
			t.Errorf("after byte %d: %q", to-1, got)
		}
		at = reply.Header.Get("Location")
	}
	return w.Do(t, w.call("PUT", at+"?digest="+digest, nil))
}

// Pieces come one after another; whoever got lost asks where to go on.
func TestOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	repo, b := project+"/web", noise(3000)
	at := w.begin(t, repo)
	part := func(from, to int) house.Call {
		return w.call("PATCH", at, b[from:to], "Content-Range", fmt.Sprintf("%d-%d", from, to-1))
	}
	where := func(want string) {
		t.Helper()
		reply := w.Want(t, 204, w.call("GET", at, nil))
		if reply.Header.Get("Range") != want || reply.Header.Get("Location") != at {
			t.Errorf("it is at %q, not %q", reply.Header.Get("Range"), want)
		}
		w.Want(t, 204, w.call("HEAD", at, nil))
	}
	where("0-0")
	for _, c := range []house.Call{part(1000, 2000), part(1, 2)} { // the first one is missing
		reply := w.fails(t, 416, "BLOB_UPLOAD_INVALID", c)
		if reply.Header.Get("Location") != at {
			t.Errorf("416 leads to %q", reply.Header.Get("Location"))
		}
	}
	w.Want(t, 202, part(0, 1000))
	where("0-999")
	for _, c := range []house.Call{part(0, 1000), part(500, 1500), part(1001, 2000), part(2000, 3000)} {
		w.fails(t, 416, "BLOB_UPLOAD_INVALID", c)
		where("0-999")
	}
	w.fails(t, 416, "BLOB_UPLOAD_INVALID", w.call("PUT", at+"?digest="+of256(b), b[2000:], "Content-Range", "2000-2999"))
	w.Want(t, 202, part(1000, 2000))
	where("0-1999")
	for header, code := range map[string]string{"bytes 2000-2999/3000": "BLOB_UPLOAD_INVALID", "2000": "BLOB_UPLOAD_INVALID", "2999-2000": "BLOB_UPLOAD_INVALID", "2000-2500": "SIZE_INVALID", "2000-99999999": "SIZE_INVALID"} {
		w.fails(t, 400, code, w.call("PATCH", at, b[2000:], "Content-Range", header))
		where("0-1999")
	}
	w.arrived(t, w.Do(t, w.call("PUT", at+"?digest="+of256(b), b[2000:], "Content-Range", "2000-2999")), repo, of256(b), b)
	w.fails(t, 404, "BLOB_UPLOAD_UNKNOWN", w.call("GET", at, nil))
}

// A stream that breaks off is gone on with.
func TestResume(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	repo, b := project+"/web", noise(300_000)
	at := w.begin(t, repo)
	r, err := http.NewRequest("PATCH", w.Root+at, io.MultiReader(bytes.NewReader(b[:200_000]), broken{}))
	if err != nil {
		t.Fatal(err)
	}
	w.owner(r)
	if resp, err := http.DefaultClient.Do(r); err == nil {
		resp.Body.Close()
		t.Fatalf("half a stream is answered with %s", resp.Status)
	}
	from := 0
	for range 200 { // until the server has kept what came
		if _, err := fmt.Sscanf(w.get(t, at).Header.Get("Range"), "0-%d", &from); err != nil {
			t.Fatal(err)
		}
		if from > 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	from++
	w.Want(t, 202, w.call("PATCH", at, b[from:], "Content-Range", fmt.Sprintf("%d-%d", from, len(b)-1)))
	w.arrived(t, w.Do(t, w.call("PUT", at+"?digest="+of256(b), nil)), repo, of256(b), b)
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// Of two who go on from one place at once, one does.
func TestAppendAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at, b := w.begin(t, project+"/web"), noise(1000)
	statuses := make([]int, 6)
	var wg sync.WaitGroup
	for i := range statuses {
		wg.Go(func() {
			statuses[i] = w.Do(t, w.call("PATCH", at, b, "Content-Range", "0-999")).Status
		})
	}
	wg.Wait()
	done := 0
	for _, s := range statuses {
		switch s {
		case 202:
			done++
		case 416:
		default:
			t.Errorf("one is answered with %d", s)
		}
	}
	if done != 1 {
		t.Errorf("%d did", done)
	}
	w.arrived(t, w.Do(t, w.call("PUT", at+"?digest="+of256(b), nil)), project+"/web", of256(b), b)
}

// Incident 31 (files that are not what was sent): what does not have its
// digest is not there.
func TestWrongDigests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	repo, b := project+"/web", noise(5000)
	other := of256([]byte("other"))
	w.fails(t, 400, "DIGEST_INVALID", w.call("POST", repo+"/blobs/uploads/?digest="+other, b))
	w.fails(t, 400, "DIGEST_INVALID", w.call("PUT", w.begin(t, repo)+"?digest="+other, b))
	w.fails(t, 400, "DIGEST_INVALID", w.call("PUT", w.begin(t, repo)+"?digest="+of512([]byte("other")), b))
	at := w.begin(t, repo)
	w.Want(t, 202, w.call("PATCH", at, b))
	w.fails(t, 400, "DIGEST_INVALID", w.call("PUT", at+"?digest="+other, nil))
	w.Want(t, 201, w.call("PUT", at+"?digest="+of256(b), nil)) // it was the digest that was wrong
	w.fails(t, 404, "BLOB_UNKNOWN", w.call("GET", repo+"/blobs/"+other, nil))
	w.fails(t, 404, "BLOB_UNKNOWN", w.call("HEAD", repo+"/blobs/"+other, nil))
	for _, digest := range []string{"", "x", "sha256:", "sha256:" + strings.Repeat("A", 64), "md5:d41d8cd98f00b204e9800998ecf8427e", "sha512:" + strings.Repeat("0", 64)} {
		w.fails(t, 400, "DIGEST_INVALID", w.call("PUT", w.begin(t, repo)+"?digest="+digest, b))
		if digest != "" {
			w.fails(t, 400, "DIGEST_INVALID", w.call("POST", repo+"/blobs/uploads/?digest="+digest, b))
			w.fails(t, 400, "DIGEST_INVALID", w.call("POST", repo+"/blobs/uploads/?mount="+digest, b))
			w.fails(t, 400, "DIGEST_INVALID", w.call("GET", repo+"/blobs/"+digest, nil))
			w.fails(t, 400, "DIGEST_INVALID", w.call("GET", repo+"/referrers/"+digest, nil))
		}
	}
	w.fails(t, 400, "DIGEST_INVALID", w.call("POST", repo+"/blobs/uploads/?digest-algorithm=md5", nil))
}

// An upload is its account's and its repository's.
func TestUploadsOfOthers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Member(t, *w.scope(t, "shop"), w.eve, forge.Developer)
	at := w.begin(t, project+"/web")
	for what, c := range map[string]house.Call{
		"another account":    {Method: "PATCH", Path: at, As: w.stranger, Body: []byte("x")},
		"another repository": w.call("PATCH", strings.Replace(at, "/web/", "/api/", 1), []byte("x")),
		"another scope":      w.call("PATCH", strings.Replace(at, project, vault, 1), []byte("x")),
		"no such":            w.call("PATCH", project+"/web/blobs/uploads/AAAAAAAAAAAAAAAAAAAAAAAAAA", []byte("x")),
	} {
		w.fails(t, 404, "BLOB_UPLOAD_UNKNOWN", c)
		c.Method = "DELETE"
		w.fails(t, 404, "BLOB_UPLOAD_UNKNOWN", c)
		if what == "another account" {
			c.As = nil
			w.fails(t, 401, "UNAUTHORIZED", c)
		}
	}
	w.Want(t, 202, w.call("PATCH", at, []byte("x")))
	w.Want(t, 204, w.call("DELETE", at, nil))
	w.fails(t, 404, "BLOB_UPLOAD_UNKNOWN", w.call("PATCH", at, []byte("x")))
	w.fails(t, 404, "BLOB_UPLOAD_UNKNOWN", w.call("DELETE", at, nil))
}

// A mount needs the right to read where the blob is, and never tells whether
// it is where one may not look.
func TestMount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b, secret := []byte("public"), []byte("private")
	digest, hidden := w.push(t, project+"/web", b), w.push(t, vault+"/web", secret)
	w.Company(t, "Acme", w.eve, false)
	own := "/v2/company/acme/copy" // names are in lower case for clients
	mount := func(as house.Proof, repo, digest, from string) house.Reply {
		t.Helper()
		path := repo + "/blobs/uploads/?mount=" + digest
		if from != "" {
			path += "&from=" + from
		}
		reply := w.Do(t, house.Call{Method: "POST", Path: path, As: as})
		if reply.Status == 202 && !strings.HasPrefix(reply.Header.Get("Location"), repo+"/blobs/uploads/") {
			t.Errorf("%s from %s: %v", digest, from, reply.Header)
		}
		return reply
	}
	w.arrived(t, mount(w.owner, vault+"/copy", digest, "project/ann/shop/web"), vault+"/copy", digest, b)
	w.arrived(t, mount(w.owner, vault+"/copy", of512(b), "helm/project/Ann/Shop/web"), vault+"/copy", of512(b), b)
	w.arrived(t, mount(w.owner, project+"/other", digest, "project/ann/shop/web"), project+"/other", digest, b)
	w.arrived(t, mount(w.owner, project+"/web", digest, ""), project+"/web", digest, b) // it is there
	if reply := mount(w.stranger, own, digest, "project/ann/shop/web"); reply.Status != 201 {
		t.Errorf("a public blob: %s", reply)
	}
	for what, reply := range map[string]house.Reply{
		"of a private repository": mount(w.stranger, own, hidden, "project/ann/vault/web"),
		"of no repository":        mount(w.stranger, own, hidden, "project/ann/absent/web"),
		"of no image":             mount(w.stranger, own, hidden, "project/ann/shop/absent"),
		"of no name":              mount(w.stranger, own, hidden, "project/ann"),
		"of half a name":          mount(w.stranger, own, hidden, "../../x"),
		"without a source":        mount(w.stranger, own, hidden, ""),
		"of another place of it":  mount(w.owner, project+"/new", hidden, "project/ann/shop/web"),
	} {
		if reply.Status != 202 {
			t.Errorf("%s: %s", what, reply)
		}
	}
	one := w.fetch(t, w.owner, "repository:project/ann/shop/new:pull,push")
	reply := mount(one, project+"/new", hidden, "project/ann/vault/web")
	challenge := `scope="repository:project/ann/shop/new:pull,push repository:project/ann/vault/web:pull"`
	if reply.Status != 401 || !strings.HasSuffix(reply.Header.Get("WWW-Authenticate"), challenge) {
		t.Errorf("with a pass for the target only: %s %s", reply, reply.Header.Get("WWW-Authenticate"))
	}
	both := w.fetch(t, w.owner, "repository:project/ann/shop/new:pull,push", "repository:project/ann/vault/web:pull")
	if reply := mount(both, project+"/new", hidden, "project/ann/vault/web"); reply.Status != 201 {
		t.Errorf("with a pass for both: %s", reply)
	}
	// Incident 17 (objects of others by their id alone).
	w.fails(t, 404, "BLOB_UNKNOWN", house.Call{Path: own + "/blobs/" + hidden, As: w.stranger})
	w.fails(t, 404, "BLOB_UNKNOWN", w.call("GET", project+"/web/blobs/"+hidden, nil))
}

// What is too large is refused before it is stored.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "PACKAGES__MAX_FILE_SIZE=65536")
	b := noise(65_537)
	repo := project + "/web"
	for _, unsized := range []bool{false, true} {
		for _, c := range []house.Call{
			w.call("POST", repo+"/blobs/uploads/?digest="+of256(b), b), w.call("PUT", w.begin(t, repo)+"?digest="+of256(b), b), w.call("PATCH", w.begin(t, repo), b),
		} {
			c.Unsized = unsized
			w.fails(t, 413, "SIZE_INVALID", c)
		}
		c := w.call("PUT", repo+"/manifests/1", b, "Content-Type", manifestType)
		c.Unsized = unsized
		w.fails(t, 413, "MANIFEST_INVALID", c)
	}
	at := w.begin(t, repo)
	w.Want(t, 202, w.call("PATCH", at, b[:60_000]))
	w.fails(t, 413, "SIZE_INVALID", w.call("PATCH", at, b[60_000:]))
	w.Want(t, 201, w.call("POST", repo+"/blobs/uploads/?digest="+of256(b[1:]), b[1:]))
}

// Ranges of a blob, and what is kept of it.
func TestBlobs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := noise(10_000)
	path := project + "/web/blobs/" + w.push(t, project+"/web", b)
	for asked, part := range map[string][]byte{"bytes=0-0": b[:1], "bytes=5-9": b[5:10], "bytes=9990-": b[9990:], "bytes=-10": b[9990:]} {
		if reply := w.get(t, path, "Range", asked); reply.Status != 206 || !bytes.Equal(reply.Body, part) || reply.Header.Get("Docker-Content-Digest") != of256(b) {
			t.Errorf("%s: %s", asked, reply)
		}
	}
	if reply := w.get(t, path, "Range", "bytes=10000-"); reply.Status != 416 {
		t.Errorf("past the end: %s", reply)
	}
	whole := w.get(t, path)
	if reply := w.get(t, path, "If-None-Match", whole.Header.Get("ETag")); reply.Status != 304 {
		t.Errorf("what the client has: %s", reply)
	}
	if whole.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(whole.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("a blob is sent with %v", whole.Header)
	}
}
