package git

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestReadCannotWrite asks git itself for a push with the environment of a
// fetch: the second lock behind the caller's decision.
func TestReadCannotWrite(t *testing.T) {
	t.Parallel()
	for _, setting := range environ(1, false) {
		if setting == "http.receivepack=true" {
			t.Error(setting)
		}
	}
	cmd := exec.Command("git", "http-backend")
	h := serve(t, Options{})
	cmd.Env = append(environ(1, false), "GIT_PROJECT_ROOT="+h.dir, "REMOTE_USER=ann",
		"REQUEST_METHOD=GET", "PATH_INFO=/info/refs", "QUERY_STRING=service=git-receive-pack")
	out, _ := cmd.Output()
	if !strings.Contains(string(out), "Status: 403") {
		t.Errorf("answered %q", out)
	}
}

func TestHooksAndConfigurationOfRepositoriesDoNotCount(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{})
	mark := filepath.Join(t.TempDir(), "ran")
	for _, name := range []string{"pre-receive", "update", "post-receive", "post-update", "reference-transaction", "proc-receive"} {
		script := "#!/bin/sh\necho " + name + " >>" + mark + "\nexit 1\n"
		if err := os.MkdirAll(filepath.Join(h.dir, "hooks"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(h.dir, "hooks", name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	run(t, h.dir, "config", "core.hooksPath", filepath.Join(h.dir, "hooks"))
	run(t, h.dir, "config", "http.receivepack", "false")
	run(t, h.dir, "config", "uploadpack.packObjectsHook", "echo hook >>"+mark+"; exec")
	work := h.work(t)
	commit(t, work, "a.txt", "second")
	run(t, work, "push", "-q", "origin", "HEAD:main")
	run(t, "", "clone", "-q", h.url(), filepath.Join(t.TempDir(), "clone"))
	if ran, err := os.ReadFile(mark); err == nil {
		t.Errorf("ran: %s", ran)
	}
}

func TestBrokenObjectsAreRefused(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{})
	work := h.work(t)
	// A tree whose entry is called .git overwrites the repository of whoever
	// checks it out (CVE-2014-9390).
	blob := run(t, work, "rev-parse", "HEAD:a.txt")
	cmd := exec.Command("git", "mktree")
	cmd.Dir = work
	cmd.Stdin = strings.NewReader("100644 blob " + blob + "\t.git\n")
	tree, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	bad := run(t, work, "commit-tree", "-m", "bad", strings.TrimSpace(string(tree)))
	out, err := git(t, work, "push", "origin", bad+":refs/heads/bad")
	if err == nil || !strings.Contains(out, "hasDotgit") {
		t.Errorf("taken: %v\n%s", err, out)
	}
}

func TestTooLargePushSaysSo(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{MaxPush: 2 << 20})
	work := h.work(t)
	commit(t, work, "big", incompressible(3<<20))
	for name, setting := range map[string]string{
		"chunked":     "http.postBuffer=65536",
		"with length": "http.postBuffer=20000000",
	} {
		out, err := git(t, work, "-c", setting, "push", "origin", "HEAD:main")
		if err == nil || !strings.Contains(out, "remote: fatal: pack exceeds maximum allowed size") {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
	commit(t, work, "big", "small")
	run(t, work, "reset", "-q", "--soft", "origin/main")
	run(t, work, "commit", "-q", "-m", "small")
	run(t, work, "push", "-q", "origin", "HEAD:main")
}

func TestLargePushAndCloneInConstantMemory(t *testing.T) {
	h := serve(t, Options{})
	work := h.work(t)
	run(t, work, "config", "core.compression", "0")
	commit(t, work, "large", incompressible(64<<20))
	runtime.GC()
	before := heap()
	stop, peak := make(chan struct{}), make(chan uint64)
	go func() {
		var most uint64
		for {
			select {
			case <-stop:
				peak <- most
				return
			case <-time.After(2 * time.Millisecond):
				most = max(most, heap())
			}
		}
	}()
	run(t, work, "push", "-q", "origin", "HEAD:main")
	run(t, "", "clone", "-q", "--bare", h.url(), filepath.Join(t.TempDir(), "clone"))
	close(stop)
	if most := <-peak; most > before+8<<20 {
		t.Errorf("the heap grew by %d MiB", (most-before)>>20)
	}
}

func TestParallelPushes(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{})
	h.work(t)
	const clients = 6
	var wait sync.WaitGroup
	for i := range clients {
		dir := filepath.Join(t.TempDir(), "work")
		run(t, "", "clone", "-q", h.url(), dir)
		commit(t, dir, "b.txt", fmt.Sprint("by ", i))
		wait.Go(func() {
			if out, err := git(t, dir, "push", "-q", "origin", fmt.Sprintf("HEAD:refs/heads/b%d", i)); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	wait.Wait()
	if got := strings.Count(run(t, "", "ls-remote", "--heads", h.url()), "refs/heads/b"); got != clients {
		t.Errorf("%d branches of %d", got, clients)
	}
	run(t, h.dir, "fsck", "--strict")
}

func TestClientThatLeavesEndsGit(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{})
	conn := h.push(t)
	time.Sleep(300 * time.Millisecond) // git has begun to read the pack
	conn.Close()
	h.awaitAfter(t)
}

func TestClientThatStallsEndsWithTheTimeout(t *testing.T) {
	t.Parallel()
	h := serve(t, Options{Timeout: time.Second})
	conn := h.push(t)
	defer conn.Close()
	h.awaitAfter(t)
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.Copy(io.Discard, conn); err != nil {
		t.Errorf("the connection is still open: %v", err)
	}
}
