package git

import (
	"bytes"
	"compress/gzip"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"ingot.dev/routers/middleware"
)

func TestStory(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{})
	work := h.work(t)
	commit(t, work, "a.txt", "second")
	run(t, work, "tag", "v1.0.0")
	run(t, work, "tag", "-a", "-m", "annotated", "v1.1.0")
	run(t, work, "push", "-q", "--atomic", "origin", "HEAD:main", "v1.0.0", "v1.1.0")

	other := filepath.Join(t.TempDir(), "other")
	run(t, "", "clone", "-q", h.url(), other)
	if got := run(t, other, "tag"); got != "v1.0.0\nv1.1.0" {
		t.Errorf("cloned tags: %q", got)
	}
	commit(t, work, "a.txt", "third")
	run(t, work, "push", "-q", "origin", "HEAD:main")
	run(t, other, "pull", "-q")
	head := run(t, work, "rev-parse", "HEAD")
	if got := run(t, other, "rev-parse", "HEAD"); got != head {
		t.Errorf("pulled %s, want %s", got, head)
	}

	shallow := filepath.Join(t.TempDir(), "shallow")
	run(t, "", "clone", "-q", "--depth", "1", h.url(), shallow)
	if got := run(t, shallow, "rev-list", "--count", "HEAD"); got != "1" {
		t.Errorf("a shallow clone has %s commits", got)
	}
	run(t, shallow, "fetch", "-q", "--deepen", "1")
	if got := run(t, shallow, "rev-list", "--count", "HEAD"); got != "2" {
		t.Errorf("a deepened clone has %s commits", got)
	}
	partial := filepath.Join(t.TempDir(), "partial")
	run(t, "", "clone", "-q", "--filter=blob:none", "--no-checkout", h.url(), partial)
	if got := run(t, partial, "rev-list", "--objects", "--missing=print", "HEAD"); !strings.Contains(got, "?") {
		t.Errorf("a partial clone lacks nothing: %s", got)
	}
	run(t, partial, "checkout", "-q", "main") // fetches what it lacks

	// As package managers do: one commit by its name, which no ref has.
	first := run(t, work, "rev-list", "--max-parents=0", "HEAD")
	for _, version := range []string{"0", "2"} {
		by := filepath.Join(t.TempDir(), "by"+version)
		run(t, "", "init", "-q", by)
		run(t, by, "-c", "protocol.version="+version, "fetch", "-q", "--depth", "1", h.url(), first)
	}

	run(t, work, "commit", "-q", "--amend", "-m", "rewritten")
	if out, err := git(t, work, "push", "origin", "HEAD:main"); err == nil || !strings.Contains(out, "non-fast-forward") {
		t.Errorf("a push that is no fast-forward: %v\n%s", err, out)
	}
	run(t, work, "push", "-q", "--force", "origin", "HEAD:main")
	run(t, work, "tag", "-f", "v1.0.0", "HEAD")
	run(t, work, "push", "-q", "--force", "origin", "v1.0.0")
	run(t, work, "push", "-q", "--delete", "origin", "v1.1.0")
	want := run(t, work, "rev-parse", "HEAD") + "\trefs/tags/v1.0.0"
	if got := run(t, "", "ls-remote", "--tags", h.url()); got != want {
		t.Errorf("tags are %q, want %q", got, want)
	}
	if got := h.after.Load(); got != 6 {
		t.Errorf("After ran %d times: a push each is 6", got)
	}
	if got := h.log.String(); got != "" {
		t.Errorf("logged: %s", got)
	}
}

func TestOldProtocol(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{})
	h.work(t)
	for _, version := range []string{"0", "1", "2"} {
		dir := filepath.Join(t.TempDir(), version)
		run(t, "", "-c", "protocol.version="+version, "clone", "-q", h.url(), dir)
	}
	for version, want := range map[string]string{"": "refs/heads/main", "version=2": "version 2"} {
		r, _ := http.NewRequest("GET", h.url()+"/info/refs?service=git-upload-pack", nil)
		r.Header.Set("Git-Protocol", version)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if !strings.Contains(string(body), want) || res.Header.Get("Content-Type") != "application/x-git-upload-pack-advertisement" ||
			!strings.Contains(res.Header.Get("Cache-Control"), "no-cache") {
			t.Errorf("Git-Protocol %q: %v %q", version, res.Header, body)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{})
	work := h.work(t)
	h.readOnly.Store(true)
	commit(t, work, "a.txt", "second")
	out, err := git(t, work, "push", "origin", "HEAD:main")
	if err == nil || !strings.Contains(out, "remote: you may read this project and not push to it: ask its owner") {
		t.Errorf("a push without rights: %v\n%s", err, out)
	}
	run(t, work, "fetch", "-q")
	out, err = git(t, "", "clone", h.URL+"/o/none.git", filepath.Join(t.TempDir(), "none"))
	if err == nil || !strings.Contains(out, "no such project") {
		t.Errorf("a clone of nothing: %v\n%s", err, out)
	}
	if err := os.RemoveAll(h.dir); err != nil {
		t.Fatal(err)
	}
	out, err = git(t, "", "clone", h.url(), filepath.Join(t.TempDir(), "gone"))
	if err == nil || !strings.Contains(out, "there is no repository here") {
		t.Errorf("a clone of a repository that is gone: %v\n%s", err, out)
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{})
	h.work(t)
	for _, test := range []struct {
		method, path string
		want         int
		text         string
	}{
		{"GET", "info/refs?service=git-upload-pack", 200, ""},
		{"GET", "info/refs?service=git-receive-pack", 200, ""},
		{"GET", "info/refs", 403, "use git 1.6.6 or newer"},
		{"GET", "info/refs?service=git-upload-archive", 403, "use git 1.6.6 or newer"},
		{"GET", "HEAD", 403, "use git 1.6.6 or newer"},
		{"GET", "objects/info/packs", 403, "use git 1.6.6 or newer"},
		{"POST", "info/refs?service=git-upload-pack", 405, "GET"},
		{"GET", "git-upload-pack", 405, "POST"},
		{"GET", "git-receive-pack", 405, "POST"},
		{"POST", "git-upload-pack", 400, "application/x-git-upload-pack-request"},
		{"POST", "git-upload-archive", 404, ""},
		{"GET", "config", 404, ""},
		{"GET", "../p.git/config", 404, ""},
		{"GET", "info/refs/../../config?service=git-upload-pack", 404, ""},
	} {
		r, err := http.NewRequest(test.method, h.url()+"/"+test.path, strings.NewReader(""))
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != test.want || !strings.Contains(string(body), test.text) {
			t.Errorf("%s %s: %d %q, want %d", test.method, test.path, res.StatusCode, body, test.want)
		}
	}
}

func TestGzippedRequest(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{})
	work := h.work(t)
	head := run(t, work, "rev-parse", "HEAD")
	want := "0032want " + head + "\n00000009done\n"
	var body bytes.Buffer
	z := gzip.NewWriter(&body)
	_, _ = io.WriteString(z, want)
	z.Close()
	r, _ := http.NewRequest("POST", h.url()+"/git-upload-pack", &body)
	r.Header.Set("Content-Type", "application/x-git-upload-pack-request")
	r.Header.Set("Content-Encoding", "gzip")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if answer, _ := io.ReadAll(res.Body); !bytes.HasPrefix(answer, []byte("0008NAK\nPACK")) {
		t.Errorf("%d %q", res.StatusCode, answer)
	}
}

// TestThroughTheMiddlewares proves that the connection is reached through the
// writers that stand before this package in the server.
func TestThroughTheMiddlewares(t *testing.T) {
	t.Parallel()
	gin.SetMode(gin.ReleaseMode)
	h := serve(t, Options{})
	e := gin.New()
	if err := middleware.Use(e, middleware.Options{Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	inner := h.Config.Handler
	e.Any("/o/*path", func(g *gin.Context) { inner.ServeHTTP(g.Writer, g.Request) })
	outer := httptest.NewServer(e)
	defer outer.Close()
	work := h.work(t)
	commit(t, work, "large", incompressible(3<<20))
	run(t, work, "push", "-q", outer.URL+"/o/p.git", "HEAD:main")
	run(t, "", "clone", "-q", outer.URL+"/o/p.git", filepath.Join(t.TempDir(), "clone"))
}

func TestNoGit(t *testing.T) {
	t.Parallel()
	if _, err := New(Options{Path: "no-such-git"}); err == nil || !strings.Contains(err.Error(), "[git] PATH") {
		t.Errorf("%v", err)
	}
}
