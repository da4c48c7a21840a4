// Package routers puts the areas of the server behind one address: native
// package protocols, the REST API, git and the pages. gin carries the
// middlewares and one catch-all, because its tree can hold neither a wildcard
// in the middle of a path nor a catch-all beside a literal; which area an
// address belongs to is asked of the areas in their order.
package routers

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/routers/gate"
	"ingot.dev/routers/middleware"
)

// Area answers a part of the addresses.
type Area interface {
	// Serve answers a request whose path has these segments, decoded once. It
	// is false, and has written nothing, where the path is not of this area.
	Serve(w http.ResponseWriter, r *http.Request, segments []string) bool
}

// Options is what New puts together.
type Options struct {
	Gate       *gate.Gate
	Middleware middleware.Options
	Metrics    http.Handler                    // at /metrics; nil for none
	Ready      func(ctx context.Context) error // whether requests can be served
	Areas      []Area                          // asked in this order
	// Fail answers what no area wants, and what ends before an area: a page
	// for browsers, text for others.
	Fail func(w http.ResponseWriter, r *http.Request, f *fault.Fault)
}

// New makes the server's handler.
func New(o Options) (http.Handler, error) {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.RedirectTrailingSlash = false
	o.Middleware.Begin, o.Middleware.Fail = o.Gate.Begin, o.Fail
	if err := middleware.Use(e, o.Middleware); err != nil {
		return nil, err
	}
	e.NoRoute(func(c *gin.Context) {
		c.Status(http.StatusOK) // what a handler means that writes no status; gin begins with 404 here
		o.dispatch(c.Writer, c.Request)
		c.Writer.WriteHeaderNow() // or gin writes a page of its own into a 404 without a body
	})
	return e, nil
}

func (o *Options) dispatch(w http.ResponseWriter, r *http.Request) {
	segments, ok := format.Segments(r.URL.EscapedPath())
	if !ok {
		middleware.SetRoute(r.Context(), "malformed")
		o.Fail(w, r, fault.New(fault.Invalid, "the address is malformed"))
		return
	}
	if len(segments) == 1 && o.operate(w, r, segments[0]) {
		return
	}
	for _, area := range o.Areas {
		if area.Serve(w, r, segments) {
			return
		}
	}
	middleware.SetRoute(r.Context(), "unknown")
	o.Fail(w, r, fault.New(fault.NotFound, "there is nothing at this address"))
}

// operate answers what machines ask about the server itself.
func (o *Options) operate(w http.ResponseWriter, r *http.Request, name string) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	switch name {
	case "healthz":
		middleware.SetRoute(r.Context(), "healthz")
		say(w, http.StatusOK, "ok\n")
	case "readyz":
		middleware.SetRoute(r.Context(), "readyz")
		ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
		defer cancel()
		if err := o.Ready(ctx); err != nil {
			o.Gate.Log.WarnContext(ctx, "not ready", "error", err)
			say(w, http.StatusServiceUnavailable, "not ready\n")
			return true
		}
		say(w, http.StatusOK, "ready\n")
	case "metrics":
		if o.Metrics == nil {
			return false
		}
		middleware.SetRoute(r.Context(), "metrics")
		o.Metrics.ServeHTTP(w, r)
	default:
		return false
	}
	return true
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}
