package opm

import (
	"net/http"

	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
)

// OPM implements format.Format.
type OPM struct{}

var (
	_ format.Format       = (*OPM)(nil)
	_ format.Naming       = (*OPM)(nil)
	_ format.Ordering     = (*OPM)(nil)
	_ format.Credentialed = (*OPM)(nil)
	_ format.Indexed      = (*OPM)(nil)
	_ format.Uploading    = (*OPM)(nil)
	_ format.Presented    = (*OPM)(nil)
)

// New makes the format.
func New() *OPM { return &OPM{} }

// Info implements format.Format.
func (*OPM) Info() format.Info { return format.Info{ID: "opm", Title: "OneScript", Short: "opm"} }

// Routes implements format.Format.
func (o *OPM) Routes() []format.Route {
	const (
		get, post     = http.MethodGet, http.MethodPost
		read, publish = forge.ReadPackages, forge.PublishPackages
	)
	return []format.Route{
		{Name: "list", Method: get, Pattern: "list.txt", Need: read, Handle: document(listKind)},
		{Name: "devList", Method: get, Pattern: devFolder + "/list.txt", Need: read, Handle: document(devListKind)},
		{Name: "packages", Method: get, Pattern: "api/packages", Need: read, Handle: document(packagesKind)},
		{Name: "file", Method: get, Pattern: "{package}/{stem}" + suffix, Need: read, Handle: fetch(stable)},
		{Name: "devFile", Method: get, Pattern: devFolder + "/{package}/{stem}" + suffix, Need: read, Handle: fetch(dev)},
		{Name: "pushHere", Method: post, Pattern: "", Need: publish, Handle: o.push},
		{Name: "push", Method: post, Pattern: "push", Need: publish, Handle: o.push},
	}
}

// CanonicalName implements format.Naming.
func (*OPM) CanonicalName(name string) (string, error) { return CanonicalName(name) }

// CanonicalVersion implements format.Naming.
func (*OPM) CanonicalVersion(version string) (string, error) { return CanonicalVersion(version) }

// Compare implements format.Ordering.
func (*OPM) Compare(a, b string) int { return Compare(a, b) }

// Credential implements format.Credentialed: where the client has no
// authorisation for a server, it pushes with the token that is meant for the
// public hub.
func (*OPM) Credential(r *http.Request) (forge.Credential, bool) {
	token := r.Header.Get("OAUTH-TOKEN")
	return forge.Credential{Scheme: forge.Raw, Secret: token}, token != "" && r.Header.Get("Authorization") == ""
}

func document(kind string) func(*format.Request) error {
	return func(q *format.Request) error { return q.Document(kind, "") }
}
