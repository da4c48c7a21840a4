package git

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// grace is the time that git has to remove its locks and half-written packs
// after it was asked to end.
const grace = 5 * time.Second

// backend is a running git http-backend with the processes it started.
type backend struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
	stderr excerpt

	mu    sync.Mutex
	ended chan struct{}
}

// start starts git. It is asked to end when ctx does, and ended after grace.
// The caller reads stdout to its end and calls wait.
func start(ctx context.Context, path string, env []string) (*backend, error) {
	b := &backend{cmd: exec.Command(path, "http-backend"), ended: make(chan struct{})}
	b.cmd.Env = env
	b.cmd.Dir = "/"
	b.cmd.Stderr = &b.stderr
	// A group of its own, so that what git started ends with it, and so that a
	// Ctrl-C for the server lets running pushes come to their end.
	b.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var err error
	if b.stdin, err = b.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := b.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	b.stdout = bufio.NewReader(stdout)
	if err := b.cmd.Start(); err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() {
		b.signal(syscall.SIGTERM)
		select {
		case <-b.ended:
		case <-time.After(grace):
			b.signal(syscall.SIGKILL)
		}
	})
	return b, nil
}

// signal reaches every process of git's that is left.
func (b *backend) signal(s syscall.Signal) {
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case <-b.ended: // the number may be another process's by now
	default:
		_ = syscall.Kill(-b.cmd.Process.Pid, s)
	}
}

// wait waits for git's end.
func (b *backend) wait() error {
	err := b.cmd.Wait()
	b.signal(syscall.SIGKILL)
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.ended)
	return err
}

// feed gives git the body of the request. Where git ends before it has read
// all of it, as it does with a pack that is too large, the rest is read in its
// place, up to spare bytes: a client that is still sending does not listen to
// the reason.
func (b *backend) feed(body io.Reader, spare int64) error {
	_, err := io.Copy(b.stdin, body)
	_ = b.stdin.Close()
	if errors.Is(err, syscall.EPIPE) || errors.Is(err, os.ErrClosed) {
		if _, err = io.CopyN(io.Discard, body, spare); err == io.EOF {
			return nil
		}
	}
	return err
}

// head reads the head of git's answer (RFC 3875, 6.3).
func (b *backend) head() (int, http.Header, error) {
	fields, err := textproto.NewReader(b.stdout).ReadMIMEHeader()
	if err != nil {
		return 0, nil, fmt.Errorf("the head of the answer: %w", err)
	}
	header := http.Header(fields)
	status := http.StatusOK
	if s := header.Get("Status"); s != "" {
		header.Del("Status")
		if status, err = strconv.Atoi(s[:min(3, len(s))]); err != nil {
			return 0, nil, fmt.Errorf("the status %q of the answer is no number", s)
		}
	}
	return status, header, nil
}

// excerpt keeps the beginning of what is written to it.
type excerpt struct {
	mu   sync.Mutex
	text []byte
}

// Write keeps what there is room for and takes everything.
func (e *excerpt) Write(p []byte) (int, error) {
	const most = 4 << 10
	e.mu.Lock()
	defer e.mu.Unlock()
	e.text = append(e.text, p[:min(len(p), most-len(e.text))]...)
	return len(p), nil
}

// String gives what was kept.
func (e *excerpt) String() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return string(e.text)
}
