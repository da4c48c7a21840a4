package crash

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ingot.dev"
	"ingot.dev/modules/forge"
	host "ingot.dev/services/forge"
)

// brief is a lease that garbage collection need not wait for.
const brief = time.Millisecond

// house is a data folder that outlives its servers, with a user and a token.
type house struct {
	data, token string
	user        host.User
}

const user = "ann"

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{data: filepath.Join(t.TempDir(), "data")}
	app, _ := h.open(t)
	var err error
	if h.user, err = app.Forge.CreateUser(t.Context(), host.NewUser{
		Alias: user, Email: user + "@example.com", Password: host.GeneratePassword(),
	}); err != nil {
		t.Fatal(err)
	}
	if h.token, err = app.Forge.CreateToken(t.Context(), h.user.ID, host.NewToken{Name: "crash", Grants: forge.AllGrants}); err != nil {
		t.Fatal(err)
	}
	return h
}

// open restarts on the data in this process, until the test ends.
func (h *house) open(t *testing.T) (*ingot.App, client) {
	t.Helper()
	cfg, err := config(h.data, brief, 0)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Server.RootURL = "http://127.0.0.1"
	app, err := ingot.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(app.Handler())
	t.Cleanup(func() {
		server.Close()
		if err := app.Close(); err != nil {
			t.Error(err)
		}
	})
	return app, newClient(t, server.URL, h.token)
}

// ingot runs a command on the data and gives what it printed.
func (h *house) ingot(t *testing.T, args ...string) (string, error) {
	t.Helper()
	path, err := program()
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Env = append(os.Environ(), "INGOT__PATHS__DATA="+h.data, "INGOT__GC__LEASE=1s")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if stderr.Len() > 0 {
		err = errors.Join(err, errors.New(stderr.String()))
	}
	if err != nil {
		err = fmt.Errorf("ingot %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out)), err
}

// files lists the names of the files at any depth of a folder of the data.
func (h *house) files(t *testing.T, folder string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(filepath.Join(h.data, folder), func(_ string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, d.Name())
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return names
}

// process is a server in a process of its own.
type process struct {
	client
	reply // its first

	cmd     *exec.Cmd
	orders  io.WriteCloser
	answers *json.Decoder
	log     lines
	ended   bool
}

// start runs a server and waits until it serves. env is added to its environment.
func (h *house) start(t *testing.T, lease, interval time.Duration, env ...string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(os.Args[0])}
	p.cmd.Env = append(append(os.Environ(), env...),
		dataVariable+"="+h.data, leaseVariable+"="+lease.String(), intervalVariable+"="+interval.String())
	p.cmd.Stderr = &p.log
	var err error
	if p.orders, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	answers, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	p.answers = json.NewDecoder(answers)
	if err := p.answers.Decode(&p.reply); err != nil {
		p.kill()
		t.Fatalf("the server does not start: %v\n%s", err, &p.log)
	}
	p.client = newClient(t, p.Root, h.token)
	return p
}

// order has the child do something. It fails when the child dies of it.
func (p *process) order(order string) error {
	if _, err := io.WriteString(p.orders, order+"\n"); err != nil {
		return err
	}
	var r reply
	if err := p.answers.Decode(&r); err != nil {
		return err
	}
	if r.Error != "" {
		return errors.New(r.Error)
	}
	return nil
}

// kill ends the child, if it lives, and waits until it is gone.
func (p *process) kill() {
	if !p.ended {
		_ = p.cmd.Process.Kill()
		_ = p.wait()
	}
}

// died waits for a child that kills itself.
func (p *process) died(t *testing.T) {
	t.Helper()
	late := time.AfterFunc(30*time.Second, func() { _ = p.cmd.Process.Signal(syscall.SIGABRT) })
	defer late.Stop()
	var exit *exec.ExitError
	if err := p.wait(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("the server was not killed: %v\n%s", err, &p.log)
	}
}

// stop ends the child as an administrator does.
func (p *process) stop(t *testing.T) {
	t.Helper()
	if err := errors.Join(p.orders.Close(), p.wait()); err != nil {
		t.Errorf("the server ended badly: %v\n%s", err, &p.log)
	}
}

func (p *process) wait() error {
	p.ended = true
	p.http.CloseIdleConnections()
	return p.cmd.Wait()
}

// lines collects what a process writes.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// quiet fails the test where the server had an error to tell.
func (p *process) quiet(t *testing.T) {
	t.Helper()
	if log := p.log.String(); strings.Contains(log, "level=ERROR") {
		t.Errorf("the server's log has errors:\n%s", log)
	}
}
