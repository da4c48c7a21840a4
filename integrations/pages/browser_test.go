// Package pages looks at every page as a person does: in a browser, in both
// languages, light and dark, wide and narrow, with axe for those who do not
// see it.
package pages

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"ingot.dev/models/db"
	"ingot.dev/modules/format/formattest"
	"ingot.dev/services/login"
)

// house is a running Ingot with the demo in it.
type house struct {
	root     string
	password string
	token    string
	data     string
	program  string
}

// missing skips at a desk and fails in CI.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is missing, and in CI nothing may be; .ci/deps installs it", what)
	}
	t.Skipf("SKIPPED: %s is missing; .ci/deps installs it", what)
}

// open builds and starts the program with its demo.
func open(t *testing.T) *house {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "ingot")
	build := exec.Command("go", "build", "-o", program, "ingot.dev/cmd/ingot")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	h := &house{root: "http://127.0.0.1:" + port, data: filepath.Join(dir, "data"), program: program}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	server := exec.Command(program, "serve", "--demo")
	server.Env = append(os.Environ(), "INGOT__PATHS__DATA="+h.data, "INGOT__SERVER__HTTP_PORT="+port, "INGOT__SECURITY__REGISTRATION=true")
	server.Stdout, server.Stderr = log, log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGTERM)
		_ = server.Wait()
		if t.Failed() {
			said, _ := os.ReadFile(log.Name())
			t.Logf("server:\n%s", said)
		}
	})
	for range 300 {
		if r, err := http.Get(h.root + "/readyz"); err == nil {
			r.Body.Close()
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	said, err := os.ReadFile(log.Name())
	if err != nil {
		t.Fatal(err)
	}
	find := func(pattern string) string {
		m := regexp.MustCompile(pattern).FindSubmatch(said)
		if m == nil {
			t.Fatalf("the demo does not say %s:\n%s", pattern, said)
		}
		return string(m[1])
	}
	h.password, h.token = find(`password (\S+)`), find(`alice:(\S+)`)
	return h
}

// send makes a request with the demo's token. Of the body, a media type may be
// said.
func (h *house) send(t *testing.T, method, path, body string, mediaType ...string) {
	t.Helper()
	r := formattest.Request{Method: method, Path: path, Body: []byte(body)}
	if len(mediaType) > 0 {
		r.Header = []string{"Content-Type", mediaType[0]}
	}
	h.ask(t, "", r)
}

// ask makes the request of a sample, below a path.
func (h *house) ask(t *testing.T, base string, q formattest.Request) {
	t.Helper()
	method, path := q.Method, base+q.Path
	r, err := http.NewRequest(method, h.root+path, bytes.NewReader(q.Body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(q.Header); i += 2 {
		r.Header.Set(q.Header[i], q.Header[i+1])
	}
	r.SetBasicAuth("alice", h.token)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		said, _ := io.ReadAll(resp.Body)
		t.Fatalf("%s %s: %s\n%s", method, path, resp.Status, said)
	}
}

// run runs a command beside the server.
func (h *house) run(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.Command(h.program, args...)
	cmd.Env = append(os.Environ(), "INGOT__PATHS__DATA="+h.data)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("ingot %v: %v\n%s", args, err, out)
	}
}

// uuid finds the public id of a package by its name in a scope's list.
func (h *house) uuid(t *testing.T, scope, name string) string {
	t.Helper()
	for _, p := range h.packages(t, scope) {
		if p.Name == name {
			return p.ID
		}
	}
	t.Fatalf("%s has no package %s", scope, name)
	return ""
}

// listed is a package of a list.
type listed struct{ ID, Name, Type string }

// packages lists those of a scope.
func (h *house) packages(t *testing.T, scope string) []listed {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, h.root+"/registry"+scope+"/package?size=100", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "token "+h.token)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var list struct {
		Embedded struct {
			List []listed `json:"simplePackageInfoModelList"`
		} `json:"_embedded"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&list); err != nil {
		t.Fatal(err)
	}
	return list.Embedded.List
}

// login begins a sign-in, as a client would, and gives its code.
func (h *house) login(t *testing.T) string {
	t.Helper()
	d, err := db.Open(t.Context(), db.Config{Dialect: db.SQLite, Source: filepath.Join(h.data, "ingot.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	b, err := login.New(d, time.Now).Begin(t.Context(), "npm", "192.0.2.7")
	if err != nil {
		t.Fatal(err)
	}
	return b.Code
}

// age makes all images a year older.
func (h *house) age(t *testing.T) {
	t.Helper()
	d, err := db.Open(t.Context(), db.Config{Dialect: db.SQLite, Source: filepath.Join(h.data, "ingot.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), "UPDATE version SET created = created - ? WHERE package_id IN (SELECT id FROM package WHERE format = 'container')",
			(365 * 24 * time.Hour).Microseconds())
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// fill sends the form that a field is in, with values by the ids of fields.
func fill(t *testing.T, ctx context.Context, address string, values map[string]string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := visit(ctx, address); err != nil {
		t.Fatal(err)
	}
	var last string
	for id, value := range values {
		last = "#" + id
		if err := chromedp.Do(ctx, chromedp.SetValue(last, value)); err != nil {
			t.Fatalf("%s: %s: %v", address, id, err)
		}
	}
	resp, err := chromedp.RunResponse(ctx, chromedp.Submit(last))
	if err != nil || resp.Status != http.StatusOK {
		t.Fatalf("the form of %s: %v, %+v", address, err, resp)
	}
}

// browser starts a Chromium without sandbox, which root cannot have.
func browser(t *testing.T) context.Context {
	t.Helper()
	if _, err := exec.LookPath("chromium"); err != nil {
		missing(t, "chromium")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.ExecPath("chromium"),
		chromedp.WSURLReadTimeout(time.Minute))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("chromium: %v", err)
	}
	return ctx
}

// tab opens a tab whose cookies are its own, in a language and theme.
func tab(t *testing.T, parent context.Context, root, language, theme string, width int64) context.Context {
	t.Helper()
	ctx, cancel := chromedp.NewContext(parent, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	ctx, stop := context.WithTimeout(ctx, 8*time.Minute)
	t.Cleanup(stop)
	prepare := chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		if _, err := cdp.Call(ctx, target, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{
			Headers: network.Headers{"Accept-Language": language},
		}); err != nil || theme == "" {
			return err
		}
		_, err := cdp.Call(ctx, target, network.SetCookie, network.SetCookieParams{Name: "ingot_theme", Value: theme, URL: root})
		return err
	})
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 1000), prepare); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// signIn fills the form as a person does.
func signIn(t *testing.T, ctx context.Context, h *house) {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.Navigate(h.root+"/sign-in"),
		chromedp.SetValue(`main input[name=name]`, "alice"),
		chromedp.SetValue(`main input[name=password]`, h.password)); err != nil {
		t.Fatalf("the sign-in form: %v", err)
	}
	resp, err := chromedp.RunResponse(ctx, chromedp.Submit(`main input[name=password]`))
	if err != nil || resp.Status != http.StatusOK || strings.Contains(resp.URL, "sign-in") {
		t.Fatalf("signing in: %v, %+v", err, resp)
	}
}

// axe reads the checker that .ci/deps installs.
func axe(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../../.cache/node/node_modules/axe-core/axe.min.js")
	if err != nil {
		missing(t, "axe-core")
	}
	return string(b)
}

// violation is what axe finds.
type violation struct {
	ID, Impact, Help string
	Nodes            []struct {
		HTML           string
		FailureSummary string
	}
}

// look opens a page and gives what is wrong with it.
func look(ctx context.Context, checker, language, address string) (faults []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	resp, err := chromedp.RunResponse(ctx, chromedp.Navigate(address))
	if err != nil {
		return nil, err
	}
	if resp.Status >= 400 {
		faults = append(faults, fmt.Sprintf("status %d", resp.Status))
	}
	if lang, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.documentElement.lang")); err != nil || lang != language {
		faults = append(faults, fmt.Sprintf("is in the language %q (%v)", lang, err))
	}
	wide, err := chromedp.Run(ctx, chromedp.Evaluate[int]("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
	if err != nil {
		return nil, err
	}
	if wide > 0 {
		faults = append(faults, fmt.Sprintf("is %d pixels wider than the window", wide))
	}
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[int](checker+";0")); err != nil {
		return nil, err
	}
	raw, err := chromedp.Run(ctx, chromedp.Evaluate[string](
		`axe.run(document, {resultTypes: ["violations"]}).then(r => JSON.stringify(r.violations))`, chromedp.EvalAwaitPromise))
	if err != nil {
		return nil, err
	}
	var found []violation
	if err := json.Unmarshal([]byte(raw), &found); err != nil {
		return nil, err
	}
	for _, v := range found {
		if v.Impact != "serious" && v.Impact != "critical" {
			continue
		}
		for _, n := range v.Nodes {
			faults = append(faults, fmt.Sprintf("axe %s (%s): %s\n%s\n%s", v.ID, v.Impact, v.Help, n.HTML, n.FailureSummary))
		}
	}
	return faults, nil
}

// visit opens a page.
func visit(ctx context.Context, address string) error {
	return chromedp.Do(ctx, chromedp.Navigate(address))
}

// picture writes a screenshot of the window.
func picture(ctx context.Context, file string) error {
	b, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		return err
	}
	return os.WriteFile(file, b, 0o644)
}
