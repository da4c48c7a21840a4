package integrations

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// server is a running ingot with a data folder of its own.
type server struct {
	data string
	port string
	root string
	env  []string

	mu  sync.Mutex
	log bytes.Buffer
	cmd *exec.Cmd
}

// newServer chooses a port for a server on data; it does not run yet.
func newServer(data string, settings ...string) (*server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	if err := l.Close(); err != nil {
		return nil, err
	}
	s := &server{data: data, port: port, root: "http://127.0.0.1:" + port}
	s.env = append([]string{
		"INGOT__PATHS__DATA=" + data,
		"INGOT__SERVER__HTTP_ADDR=127.0.0.1",
		"INGOT__SERVER__HTTP_PORT=" + port,
	}, settings...)
	return s, nil
}

func (s *server) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = s.data
	cmd.Env = append(os.Environ(), s.env...)
	return cmd
}

// start runs the server and waits until it is ready.
func (s *server) start(args ...string) error {
	if err := os.MkdirAll(s.data, 0o700); err != nil {
		return err
	}
	s.cmd = s.command(context.Background(), append([]string{"serve"}, args...)...)
	s.cmd.Stdout, s.cmd.Stderr = s, s
	if err := s.cmd.Start(); err != nil {
		return err
	}
	for range 300 {
		if r, err := http.Get(s.root + "/readyz"); err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return nil
			}
		}
		if s.cmd.ProcessState != nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.kill()
	return fmt.Errorf("the server is not ready:\n%s", s.output())
}

// Write collects the server's output.
func (s *server) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Write(p)
}

func (s *server) output() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

// stop ends the server as an administrator does and waits for its end.
func (s *server) stop() error {
	if s.cmd == nil {
		return nil
	}
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	err := s.cmd.Wait()
	s.cmd = nil
	if err != nil {
		return fmt.Errorf("the server ended badly: %w\n%s", err, s.output())
	}
	return nil
}

// kill ends the server as a power cut does, the disk aside.
func (s *server) kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	s.cmd = nil
}

// ingot runs a command beside the server and gives what it printed.
func (s *server) ingot(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := s.command(ctx, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("ingot %s: %w\n%s%s", strings.Join(args, " "), err, out, stderr.String())
	}
	return strings.TrimSpace(string(out)), err
}

// serving starts a server for the length of a test.
func serving(t *testing.T, settings ...string) *server {
	t.Helper()
	s, err := newServer(t.TempDir(), settings...)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.stop(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("server:\n%s", s.output())
		}
	})
	return s
}

// must runs a command beside the server that has to succeed.
func (s *server) must(t *testing.T, args ...string) string {
	t.Helper()
	out, err := s.ingot(args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
