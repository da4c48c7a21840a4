package pypi

import (
	"net/http"

	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
)

// PyPI implements format.Format.
type PyPI struct{}

var (
	_ format.Format     = (*PyPI)(nil)
	_ format.Naming     = (*PyPI)(nil)
	_ format.Ordering   = (*PyPI)(nil)
	_ format.Indexed    = (*PyPI)(nil)
	_ format.Uploading  = (*PyPI)(nil)
	_ format.Configured = (*PyPI)(nil)
	_ format.Presented  = (*PyPI)(nil)
)

// New makes the format.
func New() *PyPI { return &PyPI{} }

// Info implements format.Format.
func (p *PyPI) Info() format.Info {
	return format.Info{ID: "pypi", Title: "PyPI", Short: "py", PURL: "pypi", Yanks: true}
}

// Routes implements format.Format.
func (p *PyPI) Routes() []format.Route {
	const read, publish = forge.ReadPackages, forge.PublishPackages
	return []format.Route{
		{Name: "upload", Method: http.MethodPost, Pattern: "", Need: publish, Handle: p.upload},
		{Name: "legacyUpload", Method: http.MethodPost, Pattern: "legacy/", Need: publish, Handle: p.upload},
		{Name: "index", Method: http.MethodGet, Pattern: "simple/", Need: read, Handle: p.index},
		{Name: "project", Method: http.MethodGet, Pattern: "simple/{package}/", Need: read, Handle: p.project},
		{Name: "metadata", Method: http.MethodGet, Pattern: "files/{package}/{version}/{file}.metadata", Need: read, Handle: p.metadata},
		{Name: "fileProvenance", Method: http.MethodGet, Pattern: "files/{package}/{version}/{file}.provenance", Need: read, Handle: p.provenance},
		{Name: "file", Method: http.MethodGet, Pattern: "files/{package}/{version}/{file}", Need: read, Handle: p.file},
		{Name: "provenance", Method: http.MethodGet, Pattern: "integrity/{package}/{version}/{file}/provenance", Need: read, Handle: p.provenance},
		{Name: "json", Method: http.MethodGet, Pattern: "pypi/{package}/json", Need: read, Handle: p.json},
		{Name: "versionJSON", Method: http.MethodGet, Pattern: "pypi/{package}/{version}/json", Need: read, Handle: p.json},
	}
}

// CanonicalName implements format.Naming.
func (p *PyPI) CanonicalName(name string) (string, error) { return CanonicalName(name) }

// CanonicalVersion implements format.Naming.
func (p *PyPI) CanonicalVersion(version string) (string, error) {
	v, err := ParseVersion(version)
	if err != nil {
		return "", err
	}
	return v.Canonical(), nil
}

// Compare implements format.Ordering.
func (p *PyPI) Compare(a, b string) int { return compareCanonical(a, b) }
