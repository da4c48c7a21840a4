// Package fault holds the kinds of failure that the domain knows. A lower
// layer says what happened; only the routers turn a kind into a status.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind is the class of a failure. The zero Kind is Internal, so that an error
// nobody classified is never shown to a client as the client's own mistake.
type Kind uint8

// The kinds, with the HTTP status that the routers answer for each.
const (
	Internal        Kind = iota // 500, logged with an incident id
	Invalid                     // 400: the request or the bytes are wrong
	Unprocessable               // 422: well-formed, but the content breaks a rule of the format
	Unauthenticated             // 401 with a challenge: no valid credential
	Denied                      // 403: known, sees the thing, may not do this
	NotFound                    // 404: absent, or hidden from this actor
	Conflict                    // 409: exists already, or changed meanwhile
	Gone                        // 410: was here and was removed for good
	Precondition                // 412: If-Match and its kin failed
	TooLarge                    // 413: over a limit of size
	Quota                       // 403: the scope's storage is used up
	Busy                        // 429 with Retry-After
	NotAllowed                  // 405: the address exists, the method does not
	Unsupported                 // 501: the protocol knows it, this server does not do it
	Unavailable                 // 503: a part the server needs is away
)

var names = [...]string{
	"internal", "invalid", "unprocessable", "unauthenticated", "denied",
	"not found", "conflict", "gone", "precondition", "too large", "quota",
	"busy", "not allowed", "unsupported", "unavailable",
}

// String gives the kind's name for logs and metrics.
func (k Kind) String() string {
	if int(k) < len(names) {
		return names[k]
	}
	return names[Internal]
}

// Fault is an error with a kind and a message that may be shown to whoever
// asked: it says what is wrong and what to do, and names nothing that the
// reader may not know. The wrapped cause is for the log only.
type Fault struct {
	Kind    Kind
	Message string
	Cause   error
	Field   string        // what of the request is wrong, by its name in forms; often empty
	Wait    time.Duration // of Busy and Unavailable: after which trying again makes sense; often zero
}

// Error gives the message, followed by the cause where there is one.
func (f *Fault) Error() string {
	if f.Cause != nil {
		return f.Message + ": " + f.Cause.Error()
	}
	return f.Message
}

// At says which field of a request is wrong, and gives f.
func (f *Fault) At(field string) *Fault {
	f.Field = field
	return f
}

// After says when trying again makes sense, and gives f.
func (f *Fault) After(wait time.Duration) *Fault {
	f.Wait = wait
	return f
}

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.Cause }

// New makes a fault of kind k whose message is formatted as by fmt.Sprintf.
func New(k Kind, format string, args ...any) *Fault {
	return &Fault{Kind: k, Message: fmt.Sprintf(format, args...)}
}

// Wrap makes a fault of kind k over cause. The cause is logged, never shown.
func Wrap(k Kind, cause error, format string, args ...any) *Fault {
	return &Fault{Kind: k, Message: fmt.Sprintf(format, args...), Cause: cause}
}

// KindOf gives the kind of the first Fault in err's chain, Internal where
// there is none.
func KindOf(err error) Kind {
	if f, ok := errors.AsType[*Fault](err); ok {
		return f.Kind
	}
	return Internal
}

// Is tells whether err carries a fault of kind k.
func Is(err error, k Kind) bool {
	f, ok := errors.AsType[*Fault](err)
	return ok && f.Kind == k
}

// From gives the fault in err's chain, or an Internal one around err.
func From(err error) *Fault {
	if f, ok := errors.AsType[*Fault](err); ok {
		return f
	}
	return Wrap(Internal, err, "something went wrong on the server")
}
