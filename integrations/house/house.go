// Package house is an Ingot in the process of a test: the whole of it, on a
// folder of its own. Suites people it through its services and ask it as
// clients do, over a connection or, where there are very many questions,
// through its handler.
package house

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ingot.dev"
	"ingot.dev/modules/format"
	"ingot.dev/modules/formats/all"
	"ingot.dev/modules/setting"
)

// House is an Ingot that lives as long as its test.
type House struct {
	*ingot.App
	Root string // its address, no slash at the end
	Data string // its folder

	passwords *sync.Map // by alias
	send      func(*http.Request) (*http.Response, error)
}

// New opens an Ingot on an empty folder, to be asked through its handler.
// Settings are of the form SECTION__KEY=value.
func New(tb testing.TB, settings ...string) *House {
	tb.Helper()
	return NewWith(tb, all.All(), settings...)
}

// NewWith is New with other formats than all that Ingot has.
func NewWith(tb testing.TB, formats []format.Format, settings ...string) *House {
	tb.Helper()
	h := &House{Root: "http://ingot.example", Data: filepath.Join(tb.TempDir(), "data"), passwords: &sync.Map{}}
	h.open(tb, nil, settings, ingot.WithFormats(formats))
	h.send = h.ask
	return h
}

// Serve is New with a connection: what is asked goes over it.
func Serve(tb testing.TB, settings ...string) *House {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	h := &House{Root: "http://" + l.Addr().String(), Data: filepath.Join(tb.TempDir(), "data"), passwords: &sync.Map{}}
	h.open(tb, l, settings)
	ctx, stop := context.WithCancel(context.WithoutCancel(tb.Context()))
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	transport := &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 32}
	client := &http.Client{
		Transport: transport, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	tb.Cleanup(func() {
		transport.CloseIdleConnections()
		stop()
		if err := <-ended; err != nil {
			tb.Error(err)
		}
	})
	h.send = client.Do
	return h
}

// Beside opens a second Ingot on the data of h, as another process would.
func (h *House) Beside(tb testing.TB, settings ...string) *House {
	tb.Helper()
	other := &House{Root: h.Root, Data: h.Data, passwords: h.passwords}
	other.open(tb, nil, settings)
	other.send = other.ask
	return other
}

func (h *House) open(tb testing.TB, l net.Listener, settings []string, more ...ingot.Option) {
	tb.Helper()
	environ := []string{"INGOT__PATHS__DATA=" + h.Data, "INGOT__SERVER__ROOT_URL=" + h.Root}
	for _, s := range settings {
		environ = append(environ, "INGOT__"+s)
	}
	cfg, err := setting.Load("", environ)
	if err != nil {
		tb.Fatal(err)
	}
	var log trouble
	opts := append(more, ingot.WithLog(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError})))
	if l != nil {
		opts = append(opts, ingot.WithListener(l))
	}
	if h.App, err = ingot.New(tb.Context(), cfg, opts...); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := h.Close(); err != nil {
			tb.Error(err)
		}
		if text := log.String(); text != "" {
			tb.Errorf("the server's log has errors:\n%s", text)
		}
	})
}

// trouble keeps what is logged as an error: whatever a client does, there
// should be none.
type trouble struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *trouble) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *trouble) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// ask sends a request through the handler.
func (h *House) ask(r *http.Request) (*http.Response, error) {
	r.RemoteAddr, r.RequestURI = "127.0.0.1:1", r.URL.RequestURI()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	w := &recorder{httptest.NewRecorder()}
	h.Handler().ServeHTTP(w, r)
	return w.Result(), nil
}

// recorder can do what a connection can, as far as handlers ask for it.
type recorder struct{ *httptest.ResponseRecorder }

func (recorder) EnableFullDuplex() error          { return nil }
func (recorder) SetReadDeadline(time.Time) error  { return nil }
func (recorder) SetWriteDeadline(time.Time) error { return nil }

// Call is a request.
type Call struct {
	Method string // GET where empty
	Path   string // from the root, escaped, with its query
	As     Proof
	Header http.Header
	Body   []byte
	// Unsized sends the body in chunks, without its length.
	Unsized bool
}

// Reply is what was answered.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
}

// String gives the reply for messages of tests.
func (r Reply) String() string {
	return fmt.Sprintf("%d %.300q", r.Status, r.Body)
}

// Do sends a call.
func (h *House) Do(tb testing.TB, c Call) Reply {
	tb.Helper()
	method := c.Method
	if method == "" {
		method = http.MethodGet
	}
	r, err := http.NewRequestWithContext(tb.Context(), method, h.Root, bytes.NewReader(c.Body))
	if err != nil {
		tb.Fatal(err)
	}
	if u, err := url.Parse(h.Root + c.Path); err == nil {
		r.URL = u
	} else {
		r.URL.Opaque = c.Path // sent as it is
	}
	if c.Unsized {
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(c.Body)), -1
	}
	for name, values := range c.Header {
		r.Header[name] = values
	}
	if c.As != nil {
		c.As(r)
	}
	resp, err := h.send(r)
	if err != nil {
		tb.Fatalf("%s %s: %v", method, c.Path, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		tb.Fatalf("%s %s: %v", method, c.Path, err)
	}
	return Reply{resp.StatusCode, resp.Header, body}
}

// Want is Do that fails where the status is another.
func (h *House) Want(tb testing.TB, status int, c Call) Reply {
	tb.Helper()
	reply := h.Do(tb, c)
	if reply.Status != status {
		tb.Errorf("%s %s: %s, want %d", c.Method, c.Path, reply, status)
	}
	return reply
}

// Files lists the names of the files at any depth of a folder of the data.
func (h *House) Files(tb testing.TB, folder string) []string {
	tb.Helper()
	names := []string{}
	err := filepath.WalkDir(filepath.Join(h.Data, folder), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, strings.TrimPrefix(path, h.Data))
		}
		return err
	})
	if err != nil {
		tb.Error(err)
	}
	return names
}
