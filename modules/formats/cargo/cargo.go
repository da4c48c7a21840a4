package cargo

import (
	"net/http"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
)

// Cargo implements format.Format.
type Cargo struct{}

var (
	_ format.Format      = (*Cargo)(nil)
	_ format.Naming      = (*Cargo)(nil)
	_ format.Indexed     = (*Cargo)(nil)
	_ format.Uploading   = (*Cargo)(nil)
	_ format.Presented   = (*Cargo)(nil)
	_ format.Complaining = (*Cargo)(nil)
)

// New makes the format.
func New() *Cargo { return &Cargo{} }

// Info implements format.Format.
func (*Cargo) Info() format.Info {
	return format.Info{ID: "cargo", Title: "Cargo", Short: "rs", PURL: "cargo", Yanks: true, OneSpelling: true}
}

// Routes implements format.Format. The web API comes before the index, whose
// addresses are nothing but names.
func (c *Cargo) Routes() []format.Route {
	const (
		get, put, del = http.MethodGet, http.MethodPut, http.MethodDelete
		read, publish = forge.ReadPackages, forge.PublishPackages
	)
	return []format.Route{
		{Name: "base", Method: get, Pattern: "", Need: read, Handle: c.config},
		{Name: "config", Method: get, Pattern: "config.json", Need: read, Handle: c.config},
		{Name: "me", Method: get, Pattern: "me", Need: read, Handle: c.me},

		{Name: "publish", Method: put, Pattern: "api/v1/crates/new", Need: publish, Handle: c.publish},
		{Name: "search", Method: get, Pattern: "api/v1/crates", Need: read, Handle: c.search},
		{Name: "crate", Method: get, Pattern: "api/v1/crates/{package}", Need: read, Handle: c.crate},
		{Name: "owners", Method: get, Pattern: "api/v1/crates/{package}/owners", Need: read, Handle: c.owners},
		{Name: "addOwners", Method: put, Pattern: "api/v1/crates/{package}/owners", Need: publish, Handle: c.changeOwners},
		{Name: "removeOwners", Method: del, Pattern: "api/v1/crates/{package}/owners", Need: publish, Handle: c.changeOwners},
		{Name: "versions", Method: get, Pattern: "api/v1/crates/{package}/versions", Need: read, Handle: c.versions},
		{Name: "version", Method: get, Pattern: "api/v1/crates/{package}/{version}", Need: read, Handle: c.version},
		{Name: "download", Method: get, Pattern: "api/v1/crates/{package}/{version}/download", Need: read, Handle: c.download},
		{Name: "dependencies", Method: get, Pattern: "api/v1/crates/{package}/{version}/dependencies", Need: read, Handle: c.dependencies},
		{Name: "readme", Method: get, Pattern: "api/v1/crates/{package}/{version}/readme", Need: read, Handle: c.readme},
		{Name: "yank", Method: del, Pattern: "api/v1/crates/{package}/{version}/yank", Need: publish, Handle: c.yank},
		{Name: "unyank", Method: put, Pattern: "api/v1/crates/{package}/{version}/unyank", Need: publish, Handle: c.unyank},

		{Name: "shortEntry", Method: get, Pattern: "{first}/{package}", Need: read, Handle: c.entry},
		{Name: "entry", Method: get, Pattern: "{first}/{second}/{package}", Need: read, Handle: c.entry},
	}
}

// CanonicalName implements format.Naming.
func (*Cargo) CanonicalName(name string) (string, error) { return CanonicalName(name) }

// CanonicalVersion implements format.Naming.
func (*Cargo) CanonicalVersion(version string) (string, error) { return CanonicalVersion(version) }

// config tells cargo where the rest is. cargo asks for it without a credential,
// and once more with one where it is told to; what it is told then holds for
// all of the registry ("Registry Authentication").
func (*Cargo) config(q *format.Request) error {
	private := q.Scope.Private || !q.Actor.Anonymous()
	q.W.Header().Set("Cache-Control", "no-cache")
	if private {
		q.W.Header().Set("Cache-Control", "private, no-cache")
	}
	q.W.Header().Set("Vary", "Authorization")
	return q.JSON(http.StatusOK, struct {
		Download string `json:"dl"`
		API      string `json:"api"`
		Private  bool   `json:"auth-required,omitempty"`
	}{q.Base + "/api/v1/crates", q.Base, private})
}

// tokens is the page where tokens are made.
func tokens(q *format.Request) string { return q.Root + "/settings/tokens" }

// me is where cargo login sends people for a token.
func (*Cargo) me(q *format.Request) error {
	http.Redirect(q.W, q.R, tokens(q), http.StatusFound)
	return nil
}

// failures is what cargo reads of an error, whatever the status is.
type failures struct {
	Errors []failure `json:"errors"`
}

type failure struct {
	Detail string `json:"detail"`
}

// Complain implements format.Complaining. A challenge of cargo's own stands
// beside the other one: cargo shows people its address.
func (*Cargo) Complain(q *format.Request, status int, f *fault.Fault) {
	if status == http.StatusUnauthorized {
		q.W.Header().Add("WWW-Authenticate", `Cargo login_url="`+tokens(q)+`"`)
	}
	_ = q.JSON(status, failures{[]failure{{f.Message}}})
}

// done is the answer to a change.
type done struct {
	OK bool `json:"ok"`
}
