// Package git serves repositories to git clients over HTTP: clone, fetch and
// push by the smart protocol. It runs git's own http-backend with nothing of
// the machine's configuration, none of a repository's hooks, and an end to
// everything a client can make it do. Who may do what is decided before Serve.
package git

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"ingot.dev/modules/fault"
)

// Options is what a Server has to be told.
type Options struct {
	Path    string        // the git program, looked up in PATH where it has no slash
	Timeout time.Duration // for one request
	MaxPush int64         // bytes of a pushed pack
	Log     *slog.Logger
}

// Server runs git for clients.
type Server struct {
	Options
	gate        chan struct{} // holds a place for each running git
	read, write []string      // the environment of git, by what it may do
}

// New finds the git program.
func New(o Options) (*Server, error) {
	path, err := exec.LookPath(o.Path)
	if err != nil {
		return nil, fmt.Errorf("git is needed to serve repositories: install it, or set [git] PATH: %w", err)
	}
	o.Path = path
	// Each git takes tens of megabytes, and anybody may ask for one.
	gate := make(chan struct{}, max(8, 4*runtime.NumCPU()))
	return &Server{Options: o, gate: gate, read: environ(o.MaxPush, false), write: environ(o.MaxPush, true)}, nil
}

// environ makes the whole environment of git: what is not here, git does not
// know. Settings given this way outweigh a repository's own.
func environ(maxPush int64, write bool) []string {
	settings := [][2]string{
		{"safe.directory", "*"},
		{"core.hooksPath", os.DevNull}, // an imported repository's programs never run
		{"http.getanyfile", "false"},   // the dumb protocol
		{"http.uploadpack", "true"},
		{"http.receivepack", strconv.FormatBool(write)},
		{"uploadpack.allowFilter", "true"},        // partial clone
		{"uploadpack.allowAnySHA1InWant", "true"}, // shallow fetch of a commit, as package managers do
		{"receive.maxInputSize", strconv.FormatInt(maxPush, 10)},
		{"transfer.fsckObjects", "true"},
		// Old but harmless mistakes in the history of many real projects.
		{"receive.fsck.badTimezone", "ignore"},
		{"receive.fsck.missingSpaceBeforeDate", "ignore"},
		{"receive.fsck.zeroPaddedFilemode", "ignore"},
		// Large files are streamed and not compared with each other.
		{"core.bigFileThreshold", "16m"},
		{"pack.windowMemory", "64m"},
		// A push that was answered survives a power cut.
		{"core.fsync", "committed"},
		{"core.fsyncMethod", "batch"},
		{"gc.autoDetach", "false"}, // nothing goes on after the request
		{"maintenance.autoDetach", "false"},
	}
	env := []string{
		"PATH=" + os.Getenv("PATH"),
		"HOME=/nonexistent",
		"LC_ALL=C",
		"GIT_CONFIG_NOSYSTEM=1",
		"GIT_CONFIG_GLOBAL=" + os.DevNull,
		"GIT_TERMINAL_PROMPT=0",
		"GIT_HTTP_EXPORT_ALL=1",
		"GATEWAY_INTERFACE=CGI/1.1",
		"GIT_CONFIG_COUNT=" + strconv.Itoa(len(settings)),
	}
	for i, s := range settings {
		n := strconv.Itoa(i)
		env = append(env, "GIT_CONFIG_KEY_"+n+"="+s[0], "GIT_CONFIG_VALUE_"+n+"="+s[1])
	}
	return env
}

// Call is one request to a repository.
type Call struct {
	Endpoint
	Dir  string // the bare repository
	User string // who pushes, for the reflog; may be empty

	// After runs when git has ended that could change refs, whatever became of
	// the push and of the client, and before the client is told the end. Pushes
	// of one repository may overlap. May be nil.
	After func(context.Context)
}

// Serve answers r. An error is a fault of what went wrong before the reply
// began, for the caller to write, as text/plain, which is what git shows its
// user. The reply streams, and so does the request: memory does not grow with
// either.
func (s *Server) Serve(w http.ResponseWriter, r *http.Request, call Call) error {
	control := http.NewResponseController(w)
	// git answers with progress while it still reads. Without this the server
	// would throw away what it has not read when the answer begins.
	if err := control.EnableFullDuplex(); err != nil {
		return fault.Wrap(fault.Internal, err, "git cannot be served over this connection")
	}
	ctx, cancel := context.WithTimeout(r.Context(), s.Timeout)
	defer cancel()
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer func() { <-s.gate }()
	// Neither a client that stops sending nor one that stops reading holds the
	// request past its end.
	past := time.Unix(1, 0)
	release := context.AfterFunc(ctx, func() {
		_ = control.SetReadDeadline(past)
		_ = control.SetWriteDeadline(past)
	})
	defer release()

	b, err := start(ctx, s.Path, s.environ(r, call))
	if err != nil {
		return fault.Wrap(fault.Internal, err, "git does not start")
	}
	fed := make(chan struct{})
	go func() {
		defer close(fed)
		if b.feed(r.Body, s.MaxPush) != nil {
			cancel() // half a request is none
		}
	}()
	if err = s.begin(w, b, call); err != nil {
		release() // the caller has an answer to write
		_ = control.SetReadDeadline(past)
		b.signal(syscall.SIGTERM)
	} else if _, err := io.CopyBuffer(flushing{ctx, w, control}, struct{ io.Reader }{b.stdout}, make([]byte, 64<<10)); err != nil {
		cancel() // the client has gone
	}
	ended := b.wait()
	if call.After != nil && call.Service == ReceivePack && !call.Advertise {
		call.After(context.WithoutCancel(ctx))
	}
	if ended != nil && ctx.Err() != context.Canceled {
		s.Log.WarnContext(ctx, "git failed", "dir", call.Dir, "service", string(call.Service),
			"error", ended, "stderr", b.stderr.String())
	}
	<-fed
	if ctx.Err() == nil {
		_ = control.SetWriteDeadline(time.Time{}) // the connection lives on
	}
	return err
}

// queue is how long a request waits for a place among the running gits.
const queue = 10 * time.Second

// enter waits for a place. Busy where there is none in time.
func (s *Server) enter(ctx context.Context) error {
	timer := time.NewTimer(queue)
	defer timer.Stop()
	select {
	case s.gate <- struct{}{}:
		return nil
	case <-timer.C:
		return fault.New(fault.Busy, "too many clones, fetches and pushes run at once: try again in a minute").After(time.Minute)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// environ adds what git has to know about this request.
func (s *Server) environ(r *http.Request, call Call) []string {
	env := s.read
	if call.Service == ReceivePack {
		env = s.write
	}
	env = append(env[:len(env):len(env)],
		"GIT_PROJECT_ROOT="+call.Dir,
		"REQUEST_METHOD="+r.Method,
		"CONTENT_TYPE="+r.Header.Get("Content-Type"),
		"HTTP_CONTENT_ENCODING="+r.Header.Get("Content-Encoding"),
	)
	if call.Advertise {
		env = append(env, "PATH_INFO=/info/refs", "QUERY_STRING=service="+string(call.Service))
	} else {
		env = append(env, "PATH_INFO=/"+string(call.Service), "QUERY_STRING=")
	}
	if p := r.Header.Get("Git-Protocol"); p != "" && len(p) <= 256 {
		env = append(env, "GIT_PROTOCOL="+p)
	}
	if call.User != "" {
		env = append(env, "REMOTE_USER="+call.User)
	}
	return env
}

// begin writes the head of git's reply. What goes wrong after it is told by
// git's own protocol, or to nobody where the client has gone.
func (s *Server) begin(w http.ResponseWriter, b *backend, call Call) error {
	status, header, err := b.head()
	switch {
	case err != nil:
		return fault.Wrap(fault.Internal, fmt.Errorf("%w: %s", err, b.stderr.String()), "git gave no answer")
	case status == http.StatusNotFound:
		return fault.New(fault.NotFound, "there is no repository here")
	case status == http.StatusUnsupportedMediaType:
		return fault.New(fault.Invalid, "%s wants Content-Type application/x-%[1]s-request", call.Service)
	case status >= 400:
		return fault.Wrap(fault.Internal, fmt.Errorf("status %d: %s", status, b.stderr.String()), "git failed")
	}
	for name, values := range header {
		w.Header()[name] = values
	}
	w.WriteHeader(status)
	return nil
}

// flushing sends every piece at once: git's progress is for people who wait. A
// client that takes nothing for a while is given up, for it holds a git.
type flushing struct {
	ctx     context.Context
	w       io.Writer
	control *http.ResponseController
}

// stall is how long a client may take nothing.
const stall = time.Minute

func (f flushing) Write(p []byte) (int, error) {
	if err := f.ctx.Err(); err != nil {
		return 0, err
	}
	_ = f.control.SetWriteDeadline(time.Now().Add(stall))
	n, err := f.w.Write(p)
	if err == nil {
		err = f.control.Flush()
	}
	return n, err
}
