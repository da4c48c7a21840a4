// Package middleware is what every request passes before a router sees it: an
// id, the client's true address, metrics, the log, recovery from panics,
// security headers and the refusal of cross-site requests. Use puts them in
// their order. Handlers meet them through the request's context: SetRoute and
// SetActor tell the log and the metrics what they cannot know themselves.
package middleware

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"ingot.dev/modules/fault"
)

// Options is what the middlewares have to be told.
type Options struct {
	Log     *slog.Logger   // by Logger, so that lines carry the request's id
	Slow    time.Duration  // a request that takes longer is a warning; 0 for never
	Proxies []netip.Prefix // peers whose forwarding headers count
	Root    string         // the origin users see, "https://example.com": never cross-site
	Metrics *Metrics       // nil for none
	// Begin gives the context that a request's own is made from; nil for the
	// connection's. It is asked once for each request.
	Begin func(context.Context) context.Context

	// Fail writes the reply to a request that ends here: Internal after a
	// panic, Denied for a cross-site request. The id is in the context.
	Fail func(http.ResponseWriter, *http.Request, *fault.Fault)
}

// Use puts the middlewares into e, in front of everything registered later.
func Use(e *gin.Engine, o Options) error {
	crossSite, err := refuseCrossSite(o.Root, o.Fail)
	if err != nil {
		return err
	}
	if o.Begin == nil {
		o.Begin = func(ctx context.Context) context.Context { return ctx }
	}
	e.Use(begin(proxies(o.Proxies), o.Begin))
	if o.Metrics != nil {
		e.Use(o.Metrics.count)
	}
	e.Use(logAccess(o.Log, o.Slow), recoverPanic(o.Log, o.Fail), secure, crossSite)
	return nil
}

// call is what is known about a request while it runs. It is the request's
// context and its writer as well, so that all of it costs one allocation.
type call struct {
	context.Context
	out       writer
	id        [1]string // as the header wants it
	route     string
	actor     string
	start     time.Time
	forwarded bool // it claims to come through a proxy
	aborted   bool // its reply was broken off
}

type callKey struct{}

// Value answers for the call itself and asks the outer context for the rest.
func (c *call) Value(key any) any {
	if key == (callKey{}) {
		return c
	}
	return c.Context.Value(key)
}

func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// SetRoute names the route that serves the request, for log and metrics: a
// name out of a fixed list, never a piece of the address.
func SetRoute(ctx context.Context, name string) {
	if c := callOf(ctx); c != nil {
		c.route = name
	}
}

// SetActor names who asks, for the log.
func SetActor(ctx context.Context, name string) {
	if c := callOf(ctx); c != nil {
		c.actor = name
	}
}

// RequestID gives the id of the request, as the client gets it in
// X-Request-Id and the log has it: the incident id of a failure. Empty outside
// a request.
func RequestID(ctx context.Context) string {
	if c := callOf(ctx); c != nil {
		return c.id[0]
	}
	return ""
}

// begin makes the call.
func begin(trusted proxies, outer func(context.Context) context.Context) gin.HandlerFunc {
	return func(g *gin.Context) {
		r := g.Request
		c := &call{Context: outer(r.Context()), start: time.Now(), out: writer{ResponseWriter: g.Writer}}
		believed := trusted.include(r.RemoteAddr)
		c.id[0] = r.Header.Get("X-Request-Id")
		if !believed || !isID(c.id[0]) {
			c.id[0] = strconv.FormatUint(rand.Uint64(), 36)
		}
		c.forwarded = trusted.resolve(r, believed)
		g.Writer = &c.out
		g.Writer.Header()["X-Request-Id"] = c.id[:]
		g.Request = r.WithContext(c)
		g.Request.Body = newPatient(g.Writer, r, stall)
		g.Next()
	}
}

// isID tells whether s may stand in logs and headers as it is.
func isID(s string) bool {
	for i := range len(s) {
		if b := s[i] | 0x20; (b < 'a' || b > 'z') && (s[i] < '0' || s[i] > '9') && s[i] != '-' && s[i] != '_' {
			return false
		}
	}
	return len(s) >= 8 && len(s) <= 64
}
