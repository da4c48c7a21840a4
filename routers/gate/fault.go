package gate

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"ingot.dev/modules/fault"
	"ingot.dev/routers/middleware"
)

// Status gives the status of a kind of fault. This is the one table; the
// areas differ in the shape of the body only.
func Status(k fault.Kind) int {
	switch k {
	case fault.Invalid:
		return http.StatusBadRequest
	case fault.Unprocessable:
		return http.StatusUnprocessableEntity
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Denied, fault.Quota:
		return http.StatusForbidden
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.Gone:
		return http.StatusGone
	case fault.Precondition:
		return http.StatusPreconditionFailed
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.Busy:
		return http.StatusTooManyRequests
	case fault.NotAllowed:
		return http.StatusMethodNotAllowed
	case fault.Unsupported:
		return http.StatusNotImplemented
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// Explain turns an error into the fault to show. What went wrong inside is
// logged under the request's id, and only the id is shown.
func (g *Gate) Explain(r *http.Request, err error) *fault.Fault {
	f := fault.From(err)
	if f.Kind == fault.Internal && full(err) {
		f = fault.Wrap(fault.Unavailable, err, "the server's disk is full or cannot be written; its administrator has to make room")
	}
	switch {
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil:
		return fault.Wrap(fault.Invalid, err, "the client went away") // nobody reads it
	case f.Kind == fault.Internal || f.Kind == fault.Unavailable:
		id := middleware.RequestID(r.Context())
		g.Log.ErrorContext(r.Context(), "request failed", "error", err, "method", r.Method)
		if f.Kind == fault.Internal {
			return fault.Wrap(fault.Internal, err, "something went wrong on the server; its administrator finds it in the log as %s", id)
		}
	}
	return f
}

// full tells whether the disk is why something failed.
func full(err error) bool {
	for _, e := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// Headers sets what a status needs besides a body: the challenge, the time to
// wait, the methods that exist.
func Headers(h http.Header, f *fault.Fault) {
	switch f.Kind {
	case fault.Unauthenticated:
		h.Set("WWW-Authenticate", `Basic realm="Ingot", charset="UTF-8"`)
	case fault.Busy, fault.Unavailable:
		h.Set("Retry-After", strconv.Itoa(int(max(f.Wait, 10*time.Second).Seconds())))
	}
}
