package middleware

import (
	"context"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"ingot.dev/modules/fault"
)

// Logger makes a logger over h that adds the request's id to every line
// written with a request's context.
func Logger(h slog.Handler) *slog.Logger { return slog.New(handler{h}) }

type handler struct{ slog.Handler }

// Handle adds the id.
func (h handler) Handle(ctx context.Context, line slog.Record) error {
	if id := RequestID(ctx); id != "" {
		line = line.Clone()
		line.AddAttrs(slog.String("request", id))
	}
	return h.Handler.Handle(ctx, line)
}

// WithAttrs keeps the id for loggers made from this one.
func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs)}
}

// WithGroup keeps the id for loggers made from this one.
func (h handler) WithGroup(name string) slog.Handler { return handler{h.Handler.WithGroup(name)} }

// logAccess writes a line for each request: an error where the server failed,
// a warning where it was slow, information where something may have changed,
// else debugging. A registry is read thousands of times for each write, and a
// line a read would cost more than the read.
func logAccess(log *slog.Logger, slow time.Duration) gin.HandlerFunc {
	return func(g *gin.Context) {
		c := callOf(g.Request.Context())
		defer func() {
			took := time.Since(c.start)
			level := slog.LevelDebug
			switch status := g.Writer.Status(); {
			case status >= 500 || c.aborted:
				level = slog.LevelError
			case slow > 0 && took > slow+patience(g):
				level = slog.LevelWarn
			case !safe(g.Request.Method):
				level = slog.LevelInfo
			}
			if log.Enabled(c, level) {
				log.LogAttrs(c, level, "served", line(g, c, took)...)
			}
		}()
		g.Next()
	}
}

// patience is the time that a request may take for the bytes it moves: a
// second for each MiB, and any time where the client does not say how many
// it sends.
func patience(g *gin.Context) time.Duration {
	if g.Request.ContentLength < 0 {
		return 1 << 62
	}
	moved := g.Request.ContentLength + int64(max(g.Writer.Size(), 0))
	return time.Duration(moved>>20) * time.Second
}

// line is what the log says about a request. Credentials have no place in it:
// no header but the client's name, no query, no userinfo.
func line(g *gin.Context, c *call, took time.Duration) []slog.Attr {
	r := g.Request
	attrs := []slog.Attr{
		slog.String("route", c.route),
		slog.String("method", method(r.Method)),
		slog.String("path", loggable(r.URL.Path)),
		slog.Int("status", g.Writer.Status()),
		slog.Int("bytes", max(g.Writer.Size(), 0)),
		slog.Duration("took", took),
		slog.String("addr", ClientAddr(r)),
		slog.String("client", clip(r.UserAgent(), 120)),
	}
	if c.actor != "" {
		attrs = append(attrs, slog.String("actor", c.actor))
	}
	if c.aborted {
		attrs = append(attrs, slog.Bool("aborted", true))
	}
	return attrs
}

// loggable gives a path without the secret that is in it: a token as conda
// writes it, /t/TOKEN/, and npm logout, /-/user/token/TOKEN; and what a sign-in
// that waits for consent is called, /login/CODE.
func loggable(path string) string {
	if before, after, ok := strings.Cut(path, "/t/"); ok {
		_, rest, _ := strings.Cut(after, "/")
		path = before + "/t/•••/" + rest
	}
	if before, _, ok := strings.Cut(path, "/-/user/token/"); ok {
		path = before + "/-/user/token/•••"
	}
	if strings.HasPrefix(path, "/login/") {
		path = "/login/•••"
	}
	return clip(path, 500)
}

func clip(s string, most int) string {
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}

// safe tells whether a method only reads (RFC 9110, 9.2.1).
func safe(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

// recoverPanic turns a panic into an Internal fault, logged with its stack. A
// reply that has begun cannot be taken back; its connection is broken, so that
// the client does not take the part for the whole.
func recoverPanic(log *slog.Logger, fail func(http.ResponseWriter, *http.Request, *fault.Fault)) gin.HandlerFunc {
	return func(g *gin.Context) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			c := callOf(g.Request.Context())
			if p != http.ErrAbortHandler {
				log.ErrorContext(c, "panic", "route", c.route, "panic", p, "stack", string(debug.Stack()))
			}
			g.Abort()
			if p == http.ErrAbortHandler || g.Writer.Written() {
				c.aborted = true
				panic(http.ErrAbortHandler)
			}
			fail(g.Writer, g.Request, fault.New(fault.Internal, "something went wrong on the server"))
		}()
		g.Next()
	}
}
