package middleware

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"ingot.dev/modules/fault"
)

func TestMain(m *testing.M) {
	gin.SetMode(gin.ReleaseMode)
	os.Exit(m.Run())
}

// fail writes a fault as plainly as can be.
func fail(w http.ResponseWriter, r *http.Request, f *fault.Fault) {
	w.Header().Set("Fault-Id", RequestID(r.Context()))
	status := http.StatusInternalServerError
	if f.Kind == fault.Denied {
		status = http.StatusForbidden
	}
	http.Error(w, f.Message, status)
}

// engine makes an engine with the middlewares and the lines it logs.
func engine(t testing.TB, o Options) (*gin.Engine, *lines) {
	t.Helper()
	out := &lines{}
	if o.Log == nil {
		o.Log = Logger(slog.NewJSONHandler(out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	o.Fail = fail
	e := gin.New()
	if err := Use(e, o); err != nil {
		t.Fatal(err)
	}
	return e, out
}

// lines keeps what is logged.
type lines struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(b)
}

func (l *lines) all(t testing.TB) (list []map[string]any) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for d := json.NewDecoder(&l.out); ; {
		var line map[string]any
		if err := d.Decode(&line); err == io.EOF {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, line)
	}
}

func serve(e http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	return w
}

func TestRequestID(t *testing.T) {
	t.Parallel()
	e, _ := engine(t, Options{Proxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
	e.GET("/", func(g *gin.Context) { g.String(200, RequestID(g.Request.Context())) })
	for _, test := range []struct {
		remote, sent string
		kept         bool
	}{
		{"192.0.2.1:1", "0123-abcd_EF", true},
		{"192.0.2.1:1", "short", false},
		{"192.0.2.1:1", "with space and\nline", false},
		{"192.0.2.1:1", strings.Repeat("x", 65), false},
		{"198.51.100.1:1", "0123-abcd_EF", false},
		{"198.51.100.1:1", "", false},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = test.remote
		r.Header.Set("X-Request-Id", test.sent)
		w := serve(e, r)
		id := w.Header().Get("X-Request-Id")
		if id != w.Body.String() || len(id) < 8 || (id == test.sent) != test.kept {
			t.Errorf("%s sent %q: header %q, context %q", test.remote, test.sent, id, w.Body)
		}
	}
	if got := RequestID(context.Background()); got != "" {
		t.Errorf("outside a request: %q", got)
	}
}

func TestClientAddress(t *testing.T) {
	t.Parallel()
	e, _ := engine(t, Options{Proxies: []netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("::1/128"),
	}})
	e.GET("/", func(g *gin.Context) {
		g.String(200, "%s %v %s", ClientAddr(g.Request), Secure(g.Request), g.Request.Header.Get("X-Forwarded-Host"))
	})
	for name, test := range map[string]struct {
		remote string
		chain  []string
		proto  string
		want   string
	}{
		"direct":                       {"198.51.100.7:999", nil, "", "198.51.100.7 false "},
		"direct, IPv6":                 {"[2001:db8::1%eth0]:999", nil, "", "2001:db8::1 false "},
		"mapped IPv4":                  {"[::ffff:198.51.100.7]:999", nil, "", "198.51.100.7 false "},
		"a stranger's claim":           {"198.51.100.7:999", []string{"1.2.3.4"}, "https", "198.51.100.7 false "},
		"a proxy's word":               {"10.0.0.1:999", []string{"203.0.113.9"}, "https", "203.0.113.9 true "},
		"the client invents a hop":     {"10.0.0.1:999", []string{"1.2.3.4, 203.0.113.9"}, "https", "203.0.113.9 true "},
		"two proxies":                  {"[::1]:999", []string{"1.2.3.4, 203.0.113.9,10.9.9.9"}, "http", "203.0.113.9 false "},
		"two headers":                  {"10.0.0.1:999", []string{"1.2.3.4", "203.0.113.9, 10.2.2.2"}, "", "203.0.113.9 false "},
		"with a port":                  {"10.0.0.1:999", []string{"[2001:db8::5]:4711"}, "", "2001:db8::5 false "},
		"no address":                   {"10.0.0.1:999", []string{"203.0.113.9, unknown"}, "", "10.0.0.1 false "},
		"a proxy that names nobody":    {"10.0.0.1:999", nil, "https", "10.0.0.1 true "},
		"only proxies":                 {"10.0.0.1:999", []string{"10.0.0.5, 10.0.0.6"}, "", "10.0.0.5 false "},
		"two schemes, which is to say": {"10.0.0.1:999", []string{"203.0.113.9"}, "https,http", "203.0.113.9 false "},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = test.remote
			for _, hop := range test.chain {
				r.Header.Add("X-Forwarded-For", hop)
			}
			if test.proto != "" {
				r.Header.Set("X-Forwarded-Proto", test.proto)
			}
			r.Header.Set("X-Forwarded-Host", "evil.example")
			if test.chain == nil && test.proto == "" {
				r.Header.Del("X-Forwarded-Host")
			}
			if got := serve(e, r).Body.String(); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	e, _ := engine(t, Options{})
	e.GET("/page", func(g *gin.Context) { g.String(200, "page") })
	e.GET("/file", func(g *gin.Context) { Sandbox(g.Writer.Header()); g.String(200, "<script>") })
	for range 2 { // the second time shows that the first did not change shared values
		page := serve(e, httptest.NewRequest("GET", "/page", nil)).Header()
		for name, want := range map[string]string{
			"Content-Security-Policy":    policy,
			"Cross-Origin-Opener-Policy": "same-origin",
			"Referrer-Policy":            "same-origin",
			"X-Content-Type-Options":     "nosniff",
			"X-Frame-Options":            "DENY",
		} {
			if got := page.Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
		file := serve(e, httptest.NewRequest("GET", "/file", nil)).Header()
		if got := file["Content-Security-Policy"]; len(got) != 1 || !strings.Contains(got[0], "sandbox") || strings.Contains(got[0], "'self'") {
			t.Errorf("a file's policy: %q", got)
		}
	}
	if strings.Contains(policy, "unsafe") || !strings.HasPrefix(policy, "default-src 'none'") {
		t.Errorf("the policy is loose: %s", policy)
	}
}

func TestCrossSite(t *testing.T) {
	t.Parallel()
	e, _ := engine(t, Options{Root: "https://ingot.example"})
	e.Any("/", func(g *gin.Context) { g.String(200, "done") })
	for _, test := range []struct {
		method, header, value string
		want                  int
	}{
		{"POST", "", "", 200}, // curl, composer, git
		{"POST", "Sec-Fetch-Site", "same-origin", 200},
		{"POST", "Sec-Fetch-Site", "none", 200},
		{"POST", "Sec-Fetch-Site", "cross-site", 403},
		{"DELETE", "Sec-Fetch-Site", "same-site", 403},
		{"GET", "Sec-Fetch-Site", "cross-site", 200},
		{"POST", "Origin", "https://evil.example", 403},
		{"POST", "Origin", "null", 403},
		{"POST", "Origin", "https://ingot.example", 200}, // though Host is what the proxy calls it
		{"POST", "Origin", "http://internal:8080", 200},
	} {
		r := httptest.NewRequest(test.method, "http://internal:8080/", nil)
		if test.header != "" {
			r.Header.Set(test.header, test.value)
		}
		w := serve(e, r)
		if w.Code != test.want || (w.Code == 200) != (w.Body.String() == "done") {
			t.Errorf("%s with %s %q: %d %s, want %d", test.method, test.header, test.value, w.Code, w.Body, test.want)
		}
	}
	if err := Use(gin.New(), Options{Root: "ingot.example"}); err == nil {
		t.Error("a root without a scheme is taken")
	}
}

func TestPanicBeforeReply(t *testing.T) {
	t.Parallel()
	m := NewMetrics()
	e, out := engine(t, Options{Metrics: m})
	e.GET("/", func(g *gin.Context) {
		SetRoute(g.Request.Context(), "broken")
		panic("secret cause")
	})
	w := serve(e, httptest.NewRequest("GET", "/", nil))
	id := w.Header().Get("X-Request-Id")
	if w.Code != 500 || w.Header().Get("Fault-Id") != id || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	log := out.all(t)
	if len(log) != 2 {
		t.Fatalf("%d lines, want the panic and the request: %v", len(log), log)
	}
	for _, line := range log {
		if line["level"] != "ERROR" || line["request"] != id || line["route"] != "broken" {
			t.Errorf("%v", line)
		}
	}
	if stack, _ := log[0]["stack"].(string); log[0]["panic"] != "secret cause" || !strings.Contains(stack, "TestPanicBeforeReply") {
		t.Errorf("the panic's line tells too little: %v", log[0])
	}
	if page := scrape(m); !strings.Contains(page, `ingot_http_requests_total{method="GET",route="broken",status="5xx"} 1`) ||
		!strings.Contains(page, "ingot_http_requests_in_flight 0") {
		t.Errorf("metrics after a panic:\n%s", page)
	}
}

func TestPanicAmidReply(t *testing.T) {
	t.Parallel()
	e, out := engine(t, Options{})
	e.GET("/", func(g *gin.Context) {
		_, _ = g.Writer.WriteString("half of")
		g.Writer.Flush()
		panic("late")
	})
	server := httptest.NewServer(e)
	defer server.Close()
	res, err := server.Client().Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); err == nil {
		t.Errorf("the client takes %q for the whole reply", body)
	}
	server.Close() // waits for the handler
	log := out.all(t)
	if len(log) != 2 || log[1]["aborted"] != true || log[1]["level"] != "ERROR" {
		t.Errorf("%v", log)
	}
}

func TestAccessLog(t *testing.T) {
	t.Parallel()
	e, out := engine(t, Options{Slow: 20 * time.Millisecond})
	e.Any("/*path", func(g *gin.Context) {
		SetRoute(g.Request.Context(), "route.name")
		SetActor(g.Request.Context(), "ann")
		if g.Query("slow") != "" {
			time.Sleep(30 * time.Millisecond)
		}
		if g.Query("fail") != "" {
			g.Status(502)
			return
		}
		g.String(200, "body")
	})
	for _, test := range []struct{ method, target, level, path string }{
		{"GET", "/a/b?token=hunter2&auth=hunter2", "DEBUG", "/a/b"},
		{"PUT", "/a", "INFO", "/a"},
		{"GET", "/a?slow=1", "WARN", "/a"},
		{"GET", "/a?fail=1", "ERROR", "/a"},
		{"GET", "http://user:hunter2@example.com/a", "DEBUG", "/a"},
		{"GET", "/conda/t/hunter2/noarch/x", "DEBUG", "/conda/t/•••/noarch/x"},
		{"GET", "/conda/t/hunter2", "DEBUG", "/conda/t/•••/"},
		{"DELETE", "/npm/-/user/token/hunter2", "INFO", "/npm/-/user/token/•••"},
		{"GET", "/login/hunter2", "DEBUG", "/login/•••"},
		{"GET", "/" + strings.Repeat("x", 3000), "DEBUG", "/" + strings.Repeat("x", 499) + "…"},
	} {
		r := httptest.NewRequest(test.method, test.target, nil)
		r.Header.Set("Authorization", "Bearer hunter2")
		r.Header.Set("Cookie", "session=hunter2")
		r.Header.Set("User-Agent", "Composer/2\nforged=line")
		serve(e, r)
		raw := out.out.String()
		log := out.all(t)
		if len(log) != 1 {
			t.Fatalf("%s %s: %d lines", test.method, test.target, len(log))
		}
		if strings.Contains(raw, "hunter2") || strings.Count(raw, "\n") != 1 {
			t.Errorf("a secret or a forged line: %s", raw)
		}
		line := log[0]
		if line["level"] != test.level || line["path"] != test.path || line["route"] != "route.name" ||
			line["method"] != test.method || line["actor"] != "ann" || line["addr"] != "192.0.2.1" {
			t.Errorf("%s %s: %v", test.method, test.target, line)
		}
	}
}

func TestSlowCountsBytes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		length int64
		want   time.Duration
	}{{0, 0}, {-1, 1 << 62}, {10 << 20, 10 * time.Second}} {
		g, _ := gin.CreateTestContext(httptest.NewRecorder())
		g.Request = httptest.NewRequest("PUT", "/", nil)
		g.Request.ContentLength = test.length
		if got := patience(g); got != test.want {
			t.Errorf("patience for %d bytes: %v, want %v", test.length, got, test.want)
		}
	}
}
