package crash

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ingot.dev/services/forge"
	"ingot.dev/services/tags"
)

// library is a project that publishes on push, and a checkout of it.
type library struct {
	*house
	dir string
}

func newLibrary(t *testing.T) *library {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("git is missing, and in CI nothing may be")
		}
		t.Skip("SKIPPED: git is missing")
	}
	l := &library{newHouse(t), t.TempDir()}
	app, _ := l.open(t)
	project, err := app.Forge.CreateProject(t.Context(), forge.NewProject{Owner: l.user.Ref(), Alias: "lamp"})
	if err != nil {
		t.Fatal(err)
	}
	if err := app.Tags.SetRule(t.Context(), project.Ref(), tags.Rule{Enabled: true, Pattern: "v*"}); err != nil {
		t.Fatal(err)
	}
	l.git(t, "init", "--quiet", "--initial-branch=main")
	manifest := []byte(`{"name": "ann/lamp", "description": "Light", "license": "MIT"}`)
	if err := os.WriteFile(filepath.Join(l.dir, "composer.json"), manifest, 0o600); err != nil {
		t.Fatal(err)
	}
	l.git(t, "add", ".")
	l.git(t, "commit", "--quiet", "--message=Light")
	return l
}

func (l *library) command(t *testing.T, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir = l.dir
	cmd.Env = append(os.Environ(),
		"HOME="+l.dir, "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=Ann", "GIT_AUTHOR_EMAIL=ann@example.com",
		"GIT_COMMITTER_NAME=Ann", "GIT_COMMITTER_EMAIL=ann@example.com")
	return cmd
}

func (l *library) git(t *testing.T, args ...string) {
	t.Helper()
	if out, err := l.command(t, args...).CombinedOutput(); err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// push is the command that pushes the branch and all tags.
func (l *library) push(t *testing.T, p *process) *exec.Cmd {
	address := strings.Replace(p.Root, "http://", "http://"+user+":"+l.token+"@", 1) + "/project/ann/lamp.git"
	return l.command(t, "push", "--quiet", "--tags", address, "main")
}

// published waits until the versions are there.
func (l *library) published(t *testing.T, p *process, versions ...string) {
	t.Helper()
	c := p.client
	c.base = p.Root + "/project/ann/lamp/package/-/composer/p2/ann/"
	var list string
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		status, answer, err := c.do(http.MethodGet, "lamp.json", nil)
		if err != nil || status != http.StatusOK && status != http.StatusNotFound {
			t.Fatalf("%d %s, %v", status, answer, err)
		}
		list = string(answer)
		missing := false
		for _, v := range versions {
			missing = missing || !strings.Contains(list, fmt.Sprintf(`"version":%q`, v))
		}
		if !missing {
			return
		}
	}
	t.Errorf("%q did not come, only:\n%s", versions, list)
}

// A tag whose push was answered becomes a package, even if the server dies
// before it has begun to make it.
func TestKilledAfterPush(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.git(t, "tag", "v1.0.0")
	server := l.start(t, time.Hour, 0, idleVariable+"=yes")
	if out, err := l.push(t, server).CombinedOutput(); err != nil {
		t.Fatalf("push: %v\n%s", err, out)
	}
	server.kill()
	server = l.start(t, time.Hour, 0)
	l.published(t, server, "1.0.0")
	server.stop(t)
	server.quiet(t)
}

// A server that dies during a push, or while it makes a package of a tag that
// came, leaves a repository that can be pushed to, and forgets none of the tags.
func TestKilledDuringPush(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	random := rand.New(rand.NewPCG(*seed, 2))
	var versions []string
	for n := range 8 {
		versions = append(versions, fmt.Sprintf("1.%d.0", n))
		l.git(t, "commit", "--quiet", "--allow-empty", "--message=More light")
		l.git(t, "tag", "v"+versions[n])
		server := l.start(t, time.Hour, 0)
		push := l.push(t, server)
		if n%4 == 3 {
			if err := server.order(arm + "publish:stored"); err != nil {
				t.Fatal(err)
			}
			_ = push.Run() // it may be answered before the server dies
			server.died(t)
		} else {
			if err := push.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(random.Int64N(int64(80 * time.Millisecond))))
			server.kill()
			_ = push.Wait()
		}
		server.quiet(t)
	}
	server := l.start(t, time.Hour, 0)
	for attempt := 0; ; attempt++ { // the git of a dead server may not have noticed yet
		out, err := l.push(t, server).CombinedOutput()
		if err == nil {
			break
		}
		if attempt == 50 {
			t.Fatalf("push: %v\n%s", err, out)
		}
		time.Sleep(100 * time.Millisecond)
	}
	l.published(t, server, versions...)
	if len(server.Findings) > 0 {
		t.Errorf("doctor: %+v", server.Findings)
	}
	server.stop(t)
	server.quiet(t)
}
