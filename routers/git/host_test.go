package git

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/metrics"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ingot.dev/modules/fault"
)

// host serves one repository as the forge's routers will.
type host struct {
	*httptest.Server
	dir      string // the bare repository
	readOnly atomic.Bool
	after    atomic.Int64
	log      logged
}

type logged struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.String()
}

func serve(t testing.TB, o Options) *host {
	t.Helper()
	if o.Path == "" {
		o.Path = "git"
	}
	if o.Timeout == 0 {
		o.Timeout = 2 * time.Minute
	}
	if o.MaxPush == 0 {
		o.MaxPush = 1 << 30
	}
	h := &host{dir: filepath.Join(t.TempDir(), "project.git")}
	o.Log = slog.New(slog.NewTextHandler(&h.log, nil))
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	run(t, "", "init", "-q", "--bare", "-b", "main", h.dir)
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		suffix, ok := strings.CutPrefix(r.URL.Path, "/o/p.git/")
		e, err := Find(r, suffix)
		switch {
		case !ok:
			err = fault.New(fault.NotFound, "no such project")
		case err == nil && e.Service == ReceivePack && h.readOnly.Load():
			err = fault.New(fault.Denied, "you may read this project and not push to it: ask its owner")
		case err == nil:
			err = s.Serve(w, r, Call{
				Endpoint: e, Dir: h.dir, User: "ann",
				After: func(context.Context) { h.after.Add(1) },
			})
		}
		if err != nil {
			status := map[fault.Kind]int{
				fault.NotFound: 404, fault.Denied: 403, fault.NotAllowed: 405, fault.Invalid: 400, fault.Internal: 500,
			}[fault.KindOf(err)]
			http.Error(w, fault.From(err).Message, status)
		}
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *host) url() string { return h.URL + "/o/p.git" }

// git runs a client and gives what it prints.
func git(t testing.TB, dir string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=/nonexistent", "LC_ALL=C", "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=Ann", "GIT_AUTHOR_EMAIL=ann@example.com",
		"GIT_COMMITTER_NAME=Ann", "GIT_COMMITTER_EMAIL=ann@example.com",
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// run runs a client that must succeed.
func run(t testing.TB, dir string, args ...string) string {
	t.Helper()
	out, err := git(t, dir, args...)
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(out)
}

// work makes a clone with one commit, pushed.
func (h *host) work(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "work")
	run(t, "", "clone", "-q", h.url(), dir)
	commit(t, dir, "a.txt", "first")
	run(t, dir, "push", "-q", "origin", "HEAD:main")
	return dir
}

func commit(t testing.TB, dir, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, dir, "add", name)
	run(t, dir, "commit", "-q", "-m", content[:min(len(content), 20)])
}

// incompressible makes n bytes that a pack does not make smaller.
func incompressible(n int) string {
	b := make([]byte, n)
	source := rand.New(rand.NewPCG(1, 2))
	for i := 0; i < n; i += 8 {
		v := source.Uint64()
		for j := range min(8, n-i) {
			b[i+j] = byte(v >> (8 * j))
		}
	}
	return string(b)
}

func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// push begins a push by hand, up to the pack, and gives the connection.
func (h *host) push(t *testing.T) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", h.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	command := strings.Repeat("0", 40) + " " + strings.Repeat("1", 40) + " refs/heads/new\x00report-status"
	body := fmt.Sprintf("%04x%s0000PACK", len(command)+4, command)
	fmt.Fprintf(conn, "POST /o/p.git/git-receive-pack HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"+
		"Content-Type: application/x-git-receive-pack-request\r\n\r\n%x\r\n%s\r\n", len(body), body)
	return conn
}

func (h *host) awaitAfter(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); h.after.Load() == 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("After did not run")
		}
	}
	if locks, _ := filepath.Glob(filepath.Join(h.dir, "refs", "heads", "*.lock")); len(locks) > 0 {
		t.Errorf("left behind: %v", locks)
	}
	if packs, _ := filepath.Glob(filepath.Join(h.dir, "objects", "*incoming*")); len(packs) > 0 {
		t.Errorf("left behind: %v", packs)
	}
}
