package packages

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"io"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
	"ingot.dev/routers/middleware"
	"ingot.dev/services/registry"
)

// plain is the shape of errors for clients that show the body as it is.
func plain(q *format.Request, status int, f *fault.Fault) {
	q.W.Header().Set("Content-Type", "text/plain; charset=utf-8")
	q.W.WriteHeader(status)
	if q.R.Method != http.MethodHead {
		_, _ = q.W.Write([]byte(f.Message + "\n"))
	}
}

// server implements format.Server for requests of one kind.
type server struct {
	m    *Mount
	kind *registry.Kind
}

// Receive implements format.Server.
func (s server) Receive(q *format.Request, limit int64) (blob.Staged, error) {
	if e := q.R.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return nil, fault.New(fault.Invalid, "the body is encoded as %s; send the file as it is, without Content-Encoding", e)
	}
	if n := q.R.ContentLength; limit > 0 && n > limit {
		return nil, fault.New(fault.TooLarge, "the body has %d bytes; the limit is %d", n, limit)
	}
	return q.Reg.Stage(q.Context(), q.R.Body, limit)
}

// Document implements format.Server.
func (s server) Document(q *format.Request, kind, key string) error {
	return s.m.Documents.Serve(q, s.kind, kind, key)
}

// May implements format.Server.
func (s server) May(q *format.Request, p forge.Permission) bool {
	return s.m.Gate.Access.Check(q.Context(), q.Actor, q.Scope, p) == nil
}

// With implements format.Server.
func (s server) With(q *format.Request, p forge.Permission) (format.Registry, error) {
	if err := s.m.Gate.Access.Check(q.Context(), q.Actor, q.Scope, p); err != nil {
		return nil, err
	}
	return s.m.bind(q, s.kind, p, format.Transport), nil
}

// Accounts implements format.Server.
func (s server) Accounts() format.Accounts {
	return newAccounts(s.m.Gate, s.m.Logins, s.m.Passes, s.m.byKind[s.kind].credential, s.m.Root)
}

// Elsewhere implements format.Server.
func (s server) Elsewhere(q *format.Request, path scope.Path, subject string) (format.Reader, error) {
	actor, _, err := s.m.actorFor(q, s.m.byKind[s.kind], subject, forge.ReadPackages)
	if err != nil {
		return nil, err
	}
	sc, err := s.m.Gate.Scope(q.Context(), actor, path, forge.ReadPackages)
	if err != nil {
		return nil, err
	}
	return s.m.Registry.Bind(s.kind, sc, actor, forge.ReadPackages, format.Transport), nil
}

// Catalog implements format.Server.
func (s server) Catalog(q *format.Request, subject func(scope.Path, string) string, last string, n int) ([]string, error) {
	visible := func(ctx context.Context, scopes []scope.Scope) ([]bool, error) {
		return s.m.Gate.Access.Visible(ctx, q.Actor, scopes)
	}
	return s.m.Registry.Catalog(q.Context(), s.kind, s.m.Gate.Forge, visible, subject, last, n)
}

// Advisories implements format.Server.
func (s server) Advisories(q *format.Request, packages []string) ([]format.Advisory, error) {
	return s.m.Advisories.For(q.Context(), s.kind.Info.ID, packages, s.kind.CanonicalName)
}

// incoming is a body as a client sends it: that it cannot be read to its end
// is the client's fault, or the network's, and never the server's.
type incoming struct{ io.ReadCloser }

func (b incoming) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = fault.Wrap(fault.Invalid, err, "the upload broke off: send the whole file again")
	}
	return n, err
}

// File implements format.Server.
func (s server) File(q *format.Request, f *format.File) error {
	return s.m.SendFile(q.W, q.R, f, q.Scope.Private)
}

// SendFile answers with a file: with validators, ranges and its digest (RFC
// 9530), as an attachment that no browser runs. A whole answer counts as a
// download.
func (m *Mount) SendFile(w http.ResponseWriter, r *http.Request, f *format.File, private bool) error {
	var body []byte
	var o blob.Reader
	var err error
	if small := f.Size <= registry.SmallFile && whole(r); small {
		body, err = m.Registry.Small(r.Context(), f)
	} else if o, err = m.Registry.Open(r.Context(), f); err == nil {
		defer o.Close()
	}
	if err != nil {
		return err
	}
	h := w.Header()
	middleware.Sandbox(h)
	h.Set("Content-Type", mediaType(f.MediaType))
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": path.Base(f.Name)}))
	h.Set("ETag", `"`+f.Digests.SHA256+`"`)
	if raw, err := hex.DecodeString(f.Digests.SHA256); err == nil {
		h.Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(raw)+":")
	}
	if private {
		h.Set("Cache-Control", "private, no-cache")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	h.Set("Vary", "Authorization")
	if unit := r.Header.Get("Range"); unit != "" && !strings.HasPrefix(unit, "bytes=") {
		r.Header.Del("Range") // RFC 9110 section 14.2: an unknown unit is passed over
	}
	if r.Method == http.MethodGet && firstPart(r) {
		m.Registry.Downloaded(f)
	}
	if o != nil {
		http.ServeContent(w, r, "", f.Created, o)
		return nil
	}
	h.Set("Accept-Ranges", "bytes")
	h.Set("Last-Modified", f.Created.UTC().Format(http.TimeFormat))
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body)
	}
	return nil
}

// whole tells whether a request asks for nothing but the whole file.
func whole(r *http.Request) bool {
	for _, name := range [...]string{"Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"} {
		if len(r.Header[name]) > 0 {
			return false
		}
	}
	return r.Method == http.MethodGet || r.Method == http.MethodHead
}

// firstPart tells whether a request asks for the beginning of a file: a client
// that fetches a file in ranges downloads it once. One that has it already is
// not counted.
func firstPart(r *http.Request) bool {
	if r.Header.Get("If-None-Match") != "" {
		return false
	}
	ranges := r.Header.Get("Range")
	return ranges == "" || strings.HasPrefix(ranges, "bytes=0-")
}

// mediaType keeps what cannot do harm. A browser is told to download whatever
// it is, and this is the second lock.
func mediaType(t string) string {
	switch main, _, err := mime.ParseMediaType(t); {
	case err != nil, strings.HasPrefix(main, "text/") && main != "text/plain":
	case strings.Contains(main, "xml"), strings.Contains(main, "html"), strings.Contains(main, "script"):
	default:
		return t
	}
	return "application/octet-stream"
}
