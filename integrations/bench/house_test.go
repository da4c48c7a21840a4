package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/gin-gonic/gin"

	"ingot.dev"
	"ingot.dev/modules/blob"
	host "ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
	"ingot.dev/modules/setting"
	"ingot.dev/services/forge"
)

// The roles of a child, and what it is told in its environment.
const (
	roleVariable   = "INGOT_BENCH_ROLE"
	folderVariable = "INGOT_BENCH_FOLDER"  // whose files the bare server serves
	urlVariable    = "INGOT_BENCH_URL"     // where the uploading client sends to
	tokenVariable  = "INGOT_BENCH_TOKEN"   // and with which token
	sizeVariable   = "INGOT_BENCH_SIZE"    // and how many bytes
	methodVariable = "INGOT_BENCH_METHOD"  // and by which method
	profVariable   = "INGOT_BENCH_PROFILE" // where the server's profile goes
)

var roles = map[string]func() error{"serve": serve, "bare": bare, "upload": upload}

// serve does what the command of that name does.
func serve() error {
	if file := os.Getenv(profVariable); file != "" {
		f, err := os.Create(file)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	l, err := inherited()
	if err != nil {
		return err
	}
	cfg, err := setting.Load("", os.Environ())
	if err != nil {
		return err
	}
	log := slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: cfg.Log.Level})
	app, err := ingot.New(ctx, cfg, ingot.WithListener(l), ingot.WithLog(log))
	if err != nil {
		return err
	}
	debug.SetGCPercent(400) // as the program does
	if err := app.Run(ctx); err != nil {
		return err
	}
	return app.Close()
}

// bare answers as little as gin can: with bytes from memory at /bytes/{name},
// with 304 at /304; and with a file at /file/{name} as http.ServeFile does,
// without gin, which hides the kernel's own copy from it.
func bare() error {
	l, err := inherited()
	if err != nil {
		return err
	}
	folder := os.Getenv(folderVariable)
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, f := range entries {
		info, err := f.Info()
		if err != nil {
			return err
		}
		if info.Size() > 16<<20 {
			continue
		}
		content, err := os.ReadFile(filepath.Join(folder, f.Name()))
		if err != nil {
			return err
		}
		compressed := strings.HasSuffix(f.Name(), ".gz")
		e.GET("/bytes/"+f.Name(), func(c *gin.Context) {
			if compressed {
				c.Header("Content-Encoding", "gzip")
			}
			c.Header("Content-Length", strconv.Itoa(len(content)))
			c.Data(http.StatusOK, "application/json", content)
		})
	}
	e.GET("/304", func(c *gin.Context) { c.Status(http.StatusNotModified) })
	return http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name, ok := strings.CutPrefix(r.URL.Path, "/file/"); ok {
			http.ServeFile(w, r, filepath.Join(folder, name))
			return
		}
		e.ServeHTTP(w, r)
	}))
}

// upload sends a file as curl does.
func upload() error {
	size, err := strconv.ParseInt(os.Getenv(sizeVariable), 10, 64)
	if err != nil {
		return err
	}
	r, err := http.NewRequest(os.Getenv(methodVariable), os.Getenv(urlVariable), io.LimitReader(zeros{}, size))
	if err != nil {
		return err
	}
	r.ContentLength = size
	r.Header.Set("Authorization", "token "+os.Getenv(tokenVariable))
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	if reply.StatusCode/100 != 2 {
		return fmt.Errorf("the upload was answered with %s", reply.Status)
	}
	return nil
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// inherited gives the listener that the parent has opened.
func inherited() (net.Listener, error) {
	f := os.NewFile(3, "listener")
	defer f.Close()
	return net.FileListener(f)
}

// child runs this program in a role until the benchmark ends, on a listener
// of its own.
func child(b *testing.B, l *net.TCPListener, role string, env ...string) (pid int) {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(self)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	cmd.Env = append(append(os.Environ(), roleVariable+"="+role), env...)
	if l != nil {
		f, err := l.File()
		if err != nil {
			b.Fatal(err)
		}
		defer f.Close()
		cmd.ExtraFiles = []*os.File{f}
		defer l.Close() // or nobody would notice that the child is gone
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		if b.Failed() {
			b.Logf("%s: %s", role, output.Bytes())
		}
	})
	return cmd.Process.Pid
}

func listen(b *testing.B) *net.TCPListener {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	return l.(*net.TCPListener)
}

// house is an Ingot with one user, whose server is a child.
type house struct {
	b     *testing.B
	data  string
	addr  string
	pid   int
	user  forge.User
	token string

	app *ingot.App // while it is being filled
}

// build makes a house, lets fill do its work without HTTP, and opens it.
func build(b *testing.B, fill func(h *house)) *house {
	b.Helper()
	l := listen(b)
	h := &house{b: b, data: b.TempDir(), addr: l.Addr().String()}
	env := []string{"INGOT__PATHS__DATA=" + h.data, "INGOT__SERVER__ROOT_URL=http://" + h.addr}
	cfg, err := setting.Load("", env)
	if err != nil {
		b.Fatal(err)
	}
	if h.app, err = ingot.New(b.Context(), cfg); err != nil {
		b.Fatal(err)
	}
	h.user = h.member("ann")
	h.token = h.tokenOf(h.user)
	if fill != nil {
		fill(h)
	}
	if err := h.app.Close(); err != nil {
		b.Fatal(err)
	}
	h.app = nil
	if *profile != "" {
		env = append(env, profVariable+"="+*profile)
	}
	h.pid = child(b, l, "serve", env...)
	get(h.addr, "/readyz", http.StatusOK).once(b)
	return h
}

func (h *house) tokenOf(u forge.User) string {
	token, err := h.app.Forge.CreateToken(h.b.Context(), u.ID, forge.NewToken{Name: "bench", Grants: host.Transport})
	if err != nil {
		h.b.Fatal(err)
	}
	return token
}

func (h *house) member(name string) forge.User {
	u, err := h.app.Forge.CreateUser(h.b.Context(), forge.NewUser{
		Alias: name, Email: name + "@example.com", Password: forge.GeneratePassword(),
	})
	if err != nil {
		h.b.Fatal(err)
	}
	return u
}

// publish makes releases of a format below a user, many at a time.
func (h *house) publish(id string, owner forge.User, n int, release func(i int) format.Release) {
	h.b.Helper()
	ctx := h.b.Context()
	k := h.app.Registry.Kind(id)
	sc, err := h.app.Forge.Resolve(ctx, scope.Path{Kind: scope.User, Owner: owner.Alias})
	if err != nil {
		h.b.Fatal(err)
	}
	reg := h.app.Registry.Bind(k, sc, host.Actor{ID: owner.ID}, host.PublishPackages, format.Transport)
	err = inParallel(32, n, func(i int) error {
		_, err := reg.Publish(ctx, release(i))
		return err
	})
	if err != nil {
		h.b.Fatal(err)
	}
}

// get asks the house's server with its user's token.
func (h *house) get(path string, status int, headers ...string) target {
	return get(h.addr, path, status, append(headers, "Authorization: token "+h.token)...)
}

// put publishes generic files of the content that body gives.
func (h *house) put(status int, path func(client, n int) string, body func(client, n int) []byte) target {
	return target{h.addr, status, func(buf *bytes.Buffer, client, n int) {
		content := body(client, n)
		fmt.Fprintf(buf, "PUT /user/ann/package/-/generic/%s HTTP/1.1\r\nHost: %s\r\nAuthorization: token %s\r\nContent-Length: %d\r\n\r\n",
			path(client, n), h.addr, h.token, len(content))
		buf.Write(content)
	}}
}

// upload puts a generic file.
func (h *house) upload(size int64, path string) (done chan struct{}) {
	return h.stream(http.MethodPut, "http://"+h.addr+"/user/ann/package/-/generic/"+path, size)
}

// patch sends the bytes of a container layer.
func (h *house) patch(to *url.URL, size int64) (done chan struct{}) {
	return h.stream(http.MethodPatch, to.String(), size)
}

// stream runs the uploading client; done is closed when it has ended well.
func (h *house) stream(method, address string, size int64) (done chan struct{}) {
	h.b.Helper()
	self, err := os.Executable()
	if err != nil {
		h.b.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	cmd.Env = append(os.Environ(), roleVariable+"=upload", tokenVariable+"="+h.token,
		methodVariable+"="+method, urlVariable+"="+address, sizeVariable+"="+strconv.FormatInt(size, 10))
	if err := cmd.Start(); err != nil {
		h.b.Fatal(err)
	}
	done = make(chan struct{})
	go func() {
		defer close(done)
		if err := cmd.Wait(); err != nil {
			h.b.Errorf("the upload: %v", err)
		}
	}()
	return done
}

// bareServer serves files as bare gin does.
func bareServer(b *testing.B, files map[string][]byte) (addr string) {
	b.Helper()
	folder := b.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	l := listen(b)
	child(b, l, "bare", folderVariable+"="+folder)
	get(l.Addr().String(), "/304", http.StatusNotModified).once(b)
	return l.Addr().String()
}

// random gives bytes that nothing compresses, the same for the same seed.
func random(size int, seed uint64) []byte {
	var key [32]byte
	for i := range 8 {
		key[i] = byte(seed >> (8 * i))
	}
	out := make([]byte, size)
	rand.NewChaCha8(key).Read(out)
	return out
}

func staged(content []byte) blob.Staged { return blob.FromBytes(content) }

// memory reads a line of /proc/PID/status, in bytes.
func memory(b *testing.B, pid int, name string) int64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			kb, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
			if err != nil {
				b.Fatal(err)
			}
			return kb << 10
		}
	}
	b.Fatalf("no %s of process %d", name, pid)
	return 0
}
