package middleware

import (
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
)

// scrape reads the page as a client on this machine.
func scrape(m *Metrics) string {
	r := httptest.NewRequest("GET", "/metrics", nil)
	r.RemoteAddr = "127.0.0.1:1"
	return serve(m.Handler(""), r).Body.String()
}

func TestMetricsCount(t *testing.T) {
	t.Parallel()
	m := NewMetrics()
	e, _ := engine(t, Options{Metrics: m})
	e.GET("/file/:name", func(g *gin.Context) {
		SetRoute(g.Request.Context(), "file")
		g.String(200, "12345")
	})
	e.Handle("BREW", "/pot", func(g *gin.Context) { g.Status(418) })
	for _, path := range []string{"/file/a", "/file/b", "/file/c"} {
		serve(e, httptest.NewRequest("GET", path, nil))
	}
	serve(e, httptest.NewRequest("GET", "/nowhere", nil))
	serve(e, httptest.NewRequest("BREW", "/pot", nil))
	page := scrape(m)
	for _, want := range []string{
		`ingot_http_requests_total{method="GET",route="file",status="2xx"} 3`,
		`ingot_http_requests_total{method="GET",route="none",status="4xx"} 1`,
		`ingot_http_requests_total{method="other",route="none",status="4xx"} 1`,
		`ingot_http_response_bytes_total{route="file"} 15`,
		`ingot_http_request_seconds_count{route="file"} 3`,
		`ingot_http_requests_in_flight 0`,
		"go_goroutines ", "process_resident_memory_bytes ",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(page, "nowhere") || strings.Contains(page, "/file") {
		t.Error("an address became a label")
	}
}

func TestMetricsAccess(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		token, remote, authorization, forwarded string
		want                                    int
	}{
		"this machine":                       {"", "127.0.0.1:1", "", "", 200},
		"this machine, IPv6":                 {"", "[::1]:1", "", "", 200},
		"elsewhere":                          {"", "192.0.2.1:1", "", "", 403},
		"through a proxy on this machine":    {"", "127.0.0.1:1", "", "203.0.113.9", 403},
		"a claim to be this machine":         {"", "192.0.2.1:1", "", "127.0.0.1", 403},
		"the claim through a believed proxy": {"", "10.0.0.1:1", "", "127.0.0.1", 403},
		"token":                              {"hunter2", "192.0.2.1:1", "bearer hunter2", "", 200},
		"wrong token":                        {"hunter2", "192.0.2.1:1", "Bearer hunter", "", 401},
		"wrong scheme":                       {"hunter2", "192.0.2.1:1", "Basic hunter2", "", 401},
		"no token, though on this machine":   {"hunter2", "127.0.0.1:1", "", "", 401},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := NewMetrics()
			e, _ := engine(t, Options{Metrics: m, Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
			e.GET("/metrics", gin.WrapH(m.Handler(test.token)))
			r := httptest.NewRequest("GET", "/metrics", nil)
			r.RemoteAddr = test.remote
			if test.authorization != "" {
				r.Header.Set("Authorization", test.authorization)
			}
			if test.forwarded != "" {
				r.Header.Set("X-Forwarded-For", test.forwarded)
			}
			w := serve(e, r)
			if w.Code != test.want || (w.Code == 200) != strings.Contains(w.Body.String(), "go_goroutines") {
				t.Errorf("%d, want %d", w.Code, test.want)
			}
		})
	}
}
