package container

import (
	"encoding/json"
	"net/http"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// failure is one entry of the body of an error (specification, "Error codes").
type failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Complain implements format.Complaining.
func (c *Container) Complain(q *format.Request, status int, f *fault.Fault) {
	h := q.W.Header()
	at := about(q)
	switch {
	case f.Kind == fault.Unauthenticated && at != ofTokens && below(q):
		h.Set("WWW-Authenticate", challenge(q, at))
	case f.Kind == fault.Unsupported:
		status = http.StatusMethodNotAllowed
	case f.Kind == fault.Precondition && at == ofUpload: // a part out of its order
		status = http.StatusRequestedRangeNotSatisfiable
	case f.Kind == fault.Conflict && at == ofBlob: // something needs it
		status = http.StatusMethodNotAllowed
		h.Set("Allow", "GET, HEAD")
	}
	h.Del("Docker-Content-Digest")
	h.Set("Docker-Distribution-Api-Version", apiVersion)
	body, err := json.Marshal(struct {
		Errors []failure `json:"errors"`
	}{[]failure{{code(at, f), f.Message}}})
	if err == nil {
		_ = q.Bytes(status, "application/json", body) // the client may be gone
	}
}

// topic is what an address is about, as far as errors tell it apart.
type topic uint8

const (
	ofRegistry topic = iota
	ofTokens
	ofCatalog
	ofRepository // its tags, its referrers, to begin an upload
	ofManifest
	ofBlob
	ofUpload
)

// about tells what a request is about, whether or not a route took it.
func about(q *format.Request) topic {
	path := strings.TrimSuffix(q.R.URL.Path, "/")
	switch {
	case q.Params.Value("upload") != "":
		return ofUpload
	case q.Params.Value("reference") != "":
		return ofManifest
	case q.Params.Value("digest") != "" && strings.Contains(path, "/blobs/"):
		return ofBlob
	case q.Params != nil:
		return ofRepository
	case strings.HasSuffix(path, "/token"):
		return ofTokens
	case strings.HasSuffix(path, "/_catalog"):
		return ofCatalog
	}
	return ofRegistry
}

// below tells whether an address is one that container clients know, to which
// they bring tokens.
func below(q *format.Request) bool {
	return strings.HasPrefix(q.R.URL.Path+"/", "/"+root+"/")
}

// challenge says where to get the token that a request needs (Docker, "Token
// authentication"). Podman gets another one than it has only where it is told
// that what it has does not suffice (RFC 6750).
func challenge(q *format.Request, at topic) string {
	words := `Bearer realm="` + q.Root + "/" + root + `/token",service="service"`
	var scope string
	switch {
	case at == ofCatalog:
		scope = "registry:catalog:*"
	case q.Subject != "":
		scope = "repository:" + strings.Map(plain, q.Subject) + ":" + actions(q.R.Method, at)
		if _, _, from, ok := find(q.Query("from")); ok && q.Query("mount") != "" && from != q.Subject {
			scope += " repository:" + strings.Map(plain, from) + ":pull"
		}
	default:
		return words
	}
	if scheme, _, _ := strings.Cut(q.R.Header.Get("Authorization"), " "); strings.EqualFold(scheme, "Bearer") {
		words += `,error="insufficient_scope"`
	}
	return words + `,scope="` + scope + `"`
}

// plain leaves out what would end a quoted text; no name has it.
func plain(r rune) rune {
	if r <= ' ' || r == '"' || r == '\\' || r > '~' {
		return -1
	}
	return r
}

func actions(method string, at topic) string {
	switch {
	case method == http.MethodDelete && at != ofUpload:
		return "pull,delete"
	case method == http.MethodGet && at != ofUpload, method == http.MethodHead && at != ofUpload:
		return "pull"
	}
	return "pull,push"
}

// code gives the word that clients know an error by: what of the request is
// wrong, or else what is absent or wrong as a whole. UNAVAILABLE and UNKNOWN
// are the distribution project's; the specification has none for failures of
// a server.
func code(at topic, f *fault.Fault) string {
	switch f.Kind {
	case fault.Unauthenticated:
		return "UNAUTHORIZED"
	case fault.Denied, fault.Quota:
		return "DENIED"
	case fault.NotFound, fault.Gone:
		return absent(at, f.Field)
	case fault.Busy:
		return "TOOMANYREQUESTS"
	case fault.NotAllowed, fault.Unsupported, fault.Conflict:
		return "UNSUPPORTED"
	case fault.Unavailable:
		return "UNAVAILABLE"
	case fault.Internal:
		return "UNKNOWN"
	default:
		return invalid(at, f)
	}
}

func absent(at topic, field string) string {
	switch {
	case field == "blob":
		return "MANIFEST_BLOB_UNKNOWN"
	case at == ofManifest:
		return "MANIFEST_UNKNOWN"
	case at == ofBlob:
		return "BLOB_UNKNOWN"
	case at == ofUpload:
		return "BLOB_UPLOAD_UNKNOWN"
	}
	return "NAME_UNKNOWN"
}

func invalid(at topic, f *fault.Fault) string {
	switch {
	case f.Field == "name":
		return "NAME_INVALID"
	case f.Field == "digest", f.Field == "" && at == ofBlob:
		return "DIGEST_INVALID"
	case f.Field == "size":
		return "SIZE_INVALID"
	case at == ofManifest:
		return "MANIFEST_INVALID"
	case f.Kind == fault.TooLarge:
		return "SIZE_INVALID"
	case at == ofUpload, f.Field == "upload":
		return "BLOB_UPLOAD_INVALID"
	}
	return "UNSUPPORTED"
}
