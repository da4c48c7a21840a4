package middleware

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
)

// BenchmarkRequest compares a small reply through the middlewares with one of
// bare gin, without the network.
func BenchmarkRequest(b *testing.B) {
	body := bytes.Repeat([]byte("x"), 1024)
	answer := func(g *gin.Context) {
		SetRoute(g.Request.Context(), "bench")
		g.Data(200, "text/plain", body)
	}
	bare := gin.New()
	bare.GET("/", answer)
	full, _ := engine(b, Options{
		Metrics: NewMetrics(), Slow: time.Second, Root: "https://ingot.example",
		Log: Logger(slog.NewTextHandler(io.Discard, nil)),
	})
	full.GET("/", answer)
	for _, chain := range []struct {
		name string
		*gin.Engine
	}{{"bare", bare}, {"full", full}} {
		b.Run(chain.name, func(b *testing.B) {
			b.ReportAllocs()
			w := &discard{header: http.Header{}}
			r := httptest.NewRequest("GET", "/", nil)
			for b.Loop() {
				clear(w.header)
				chain.ServeHTTP(w, r)
			}
		})
	}
}

type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(int)             {}
