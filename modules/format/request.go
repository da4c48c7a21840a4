package format

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
)

// Request is one call of a route, with everything a handler may use. The
// permission of the route has been decided.
type Request struct {
	W     http.ResponseWriter
	R     *http.Request
	Scope scope.Scope
	Actor forge.Actor
	Reg   Registry
	Root  string // absolute address of the server, no slash at the end
	Base  string // absolute address of this format in this scope, no slash at the end
	Clone string // absolute address of the scope's git repository, empty where there is none

	Params  Params
	Subject string // as Rooted.Locate gave it
	Pass    bool   // the credential is a pass, see Accounts
	Server  Server
}

// Server is what the router does for handlers.
type Server interface {
	// Receive stages the body of q.
	Receive(q *Request, limit int64) (blob.Staged, error)
	// File answers with f.
	File(q *Request, f *File) error
	// Document answers with a derived document.
	Document(q *Request, kind, key string) error
	// May tells whether the actor has another permission in the scope.
	May(q *Request, p forge.Permission) bool
	// With gives q's registry with another permission, which is decided now.
	With(q *Request, p forge.Permission) (Registry, error)
	// Accounts gives what a client may do with accounts.
	Accounts() Accounts
	// Elsewhere gives the registry of q's format in another scope, to read.
	// subject is what is read there, as Rooted.Locate gives it. The faults are
	// those of a request to it.
	Elsewhere(q *Request, path scope.Path, subject string) (Reader, error)
	// Catalog lists the packages of q's format in all scopes that the actor may
	// read, ordered by subject: at most n of those after last.
	Catalog(q *Request, subject func(scope.Path, string) string, last string, n int) ([]string, error)
	// Advisories gives what is known to be wrong with packages of q's format.
	Advisories(q *Request, packages []string) ([]Advisory, error)
}

// Advisory is a known weakness of some versions of a package.
type Advisory struct {
	ID       string // of its database: "GHSA-..."
	Aliases  []string
	Package  string
	Summary  string
	Details  string
	URL      string
	Severity string // "low", "moderate", "high" or "critical"; empty where nobody says
	CVSS     string // vector, may be empty
	CWE      []string
	Affected []Affected
	Created  time.Time
	Modified time.Time
}

// Affected is a range of versions, from the first to before the fixed one or
// to the last one; what is empty is open.
type Affected struct{ Introduced, Fixed, Last string }

// Context gives the context of the request.
func (q *Request) Context() context.Context { return q.R.Context() }

// Param gives a parameter of the path or, in a form, the field of that name.
func (q *Request) Param(name string) string { return q.Params.Value(name) }

// Query gives the first value of a parameter of the query.
func (q *Request) Query(name string) string { return q.R.URL.Query().Get(name) }

// Receive streams the body in and hashes it, whatever the client says its type
// is. More than limit bytes is fault.TooLarge; zero means the server's limit,
// which none may exceed. The caller discards the result or hands it to Publish.
func (q *Request) Receive(limit int64) (blob.Staged, error) { return q.Server.Receive(q, limit) }

// File answers with a file: as an attachment that no browser runs, with
// ranges, validators and digests, and counts the download.
func (q *Request) File(f *File) error { return q.Server.File(q, f) }

// Document answers with a derived document, or 304 where the client has it.
func (q *Request) Document(kind, key string) error { return q.Server.Document(q, kind, key) }

// May tells whether the actor has permission p in this scope too.
func (q *Request) May(p forge.Permission) bool { return q.Server.May(q, p) }

// With gives the registry with another permission, for a handler that learns
// from the body what it is asked to do. Its faults are those of a route that
// needs the permission.
func (q *Request) With(p forge.Permission) (Registry, error) { return q.Server.With(q, p) }

// JSON answers with v.
func (q *Request) JSON(status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return q.Bytes(status, "application/json", b)
}

// Text answers with plain text.
func (q *Request) Text(status int, s string) error {
	return q.Bytes(status, "text/plain; charset=utf-8", []byte(s))
}

// Bytes answers with b.
func (q *Request) Bytes(status int, contentType string, b []byte) error {
	h := q.W.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(b)))
	q.W.WriteHeader(status)
	if q.R.Method == http.MethodHead {
		return nil
	}
	_, err := q.W.Write(b)
	return err
}

// Empty answers with a status alone.
func (q *Request) Empty(status int) error {
	q.W.WriteHeader(status)
	return nil
}
