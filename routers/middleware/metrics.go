package middleware

import (
	"cmp"
	"crypto/subtle"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics counts requests for Prometheus. Other parts of the server register
// their own collectors in Registry.
type Metrics struct {
	Registry *prometheus.Registry

	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	bytes    *prometheus.CounterVec
	inFlight prometheus.Gauge

	mu    sync.RWMutex
	found map[labels]*series
}

// labels are what requests are told apart by.
type labels struct {
	route         string
	method, class int
}

// series are the metrics that one request counts in, looked up once.
type series struct {
	requests, bytes prometheus.Counter
	seconds         prometheus.Observer
}

// methods are told apart; the last stands for the rest, since a client may
// invent as many as it likes.
var methods = [...]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "other"}

// method gives the name under which a request's method is counted and logged.
func method(m string) string { return methods[methodIndex(m)] }

func methodIndex(m string) int {
	for i, name := range methods {
		if m == name {
			return i
		}
	}
	return len(methods) - 1
}

// NewMetrics makes the counters, with those of the Go runtime and the process,
// in a registry of their own.
func NewMetrics() *Metrics {
	m := &Metrics{
		Registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ingot_http_requests_total",
			Help: "Requests by route, method and class of status.",
		}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "ingot_http_request_seconds",
			Help:    "Time from the request's head to the end of the reply.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300},
		}, []string{"route"}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ingot_http_response_bytes_total",
			Help: "Bytes of bodies sent.",
		}, []string{"route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "ingot_http_requests_in_flight",
			Help: "Requests being served now.",
		}),
		found: map[labels]*series{},
	}
	m.Registry.MustRegister(m.requests, m.seconds, m.bytes, m.inFlight,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// count is the middleware.
func (m *Metrics) count(g *gin.Context) {
	c := callOf(g.Request.Context())
	m.inFlight.Inc()
	defer func() {
		m.inFlight.Dec()
		s := m.series(labels{c.route, methodIndex(g.Request.Method), min(max(g.Writer.Status()/100, 1), 5)})
		s.requests.Inc()
		s.seconds.Observe(time.Since(c.start).Seconds())
		s.bytes.Add(float64(max(g.Writer.Size(), 0)))
	}()
	g.Next()
}

// series finds or makes the metrics for l.
func (m *Metrics) series(l labels) *series {
	m.mu.RLock()
	s := m.found[l]
	m.mu.RUnlock()
	if s != nil {
		return s
	}
	route := cmp.Or(l.route, "none")
	s = &series{
		requests: m.requests.WithLabelValues(route, methods[l.method], strconv.Itoa(l.class)+"xx"),
		seconds:  m.seconds.WithLabelValues(route),
		bytes:    m.bytes.WithLabelValues(route),
	}
	m.mu.Lock()
	m.found[l] = s
	m.mu.Unlock()
	return s
}

// Handler serves the page for Prometheus: to whoever brings the token as
// bearer, or, where there is none, to clients on this machine that no proxy
// stands before.
func (m *Metrics) Handler(token string) http.Handler {
	page := promhttp.HandlerFor(m.Registry, promhttp.HandlerOpts{Registry: m.Registry})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if token == "" {
			peer, err := netip.ParseAddrPort(r.RemoteAddr)
			if c := callOf(r.Context()); err != nil || !peer.Addr().Unmap().IsLoopback() || c != nil && c.forwarded {
				http.Error(w, "metrics are for clients on this machine; set [metrics] TOKEN to let others in", http.StatusForbidden)
				return
			}
		} else {
			scheme, secret, _ := strings.Cut(r.Header.Get("Authorization"), " ")
			if !strings.EqualFold(scheme, "Bearer") || subtle.ConstantTimeCompare([]byte(secret), []byte(token)) != 1 {
				w.Header().Set("WWW-Authenticate", `Bearer realm="metrics"`)
				http.Error(w, "metrics want the token of [metrics] TOKEN as bearer", http.StatusUnauthorized)
				return
			}
		}
		page.ServeHTTP(w, r)
	})
}
