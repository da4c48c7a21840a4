package helm

import (
	"net/http"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
)

// Helm implements format.Format.
type Helm struct{}

var (
	_ format.Format      = (*Helm)(nil)
	_ format.Naming      = (*Helm)(nil)
	_ format.Indexed     = (*Helm)(nil)
	_ format.Uploading   = (*Helm)(nil)
	_ format.Presented   = (*Helm)(nil)
	_ format.Complaining = (*Helm)(nil)
)

// New makes the format.
func New() *Helm { return &Helm{} }

// Info implements format.Format.
func (*Helm) Info() format.Info {
	return format.Info{ID: "helm", Title: "Helm", Short: "helm", PURL: "helm", OneSpelling: true}
}

// Routes implements format.Format.
func (h *Helm) Routes() []format.Route {
	const (
		get           = http.MethodGet
		read, publish = forge.ReadPackages, forge.PublishPackages
	)
	return []format.Route{
		{Name: "index", Method: get, Pattern: "index.yaml", Need: read, Handle: h.index},
		{Name: "list", Method: get, Pattern: "api/charts", Need: read, Handle: h.list},
		{Name: "versions", Method: get, Pattern: "api/charts/{package}", Need: read, Handle: h.versions},
		{Name: "version", Method: get, Pattern: "api/charts/{package}/{version}", Need: read, Handle: h.version},
		{Name: "chart", Method: get, Pattern: "charts/{stem}" + chartSuffix, Need: read, Handle: h.fetch(chartSuffix)},
		{Name: "provenance", Method: get, Pattern: "charts/{stem}" + proofSuffix, Need: read, Handle: h.fetch(proofSuffix)},
		{Name: "bareChart", Method: get, Pattern: "{stem}" + chartSuffix, Need: read, Handle: h.fetch(chartSuffix)},
		{Name: "bareProvenance", Method: get, Pattern: "{stem}" + proofSuffix, Need: read, Handle: h.fetch(proofSuffix)},
		{Name: "publish", Method: http.MethodPost, Pattern: "api/charts", Need: publish, Handle: h.postChart},
		{Name: "prove", Method: http.MethodPost, Pattern: "api/prov", Need: publish, Handle: h.postProof},
		{Name: "put", Method: http.MethodPut, Pattern: "{file}", Need: publish, Handle: h.put},
		{Name: "remove", Method: http.MethodDelete, Pattern: "api/charts/{package}/{version}", Need: forge.DeletePackages, Handle: h.remove},
	}
}

// CanonicalName implements format.Naming.
func (*Helm) CanonicalName(name string) (string, error) { return CanonicalName(name) }

// CanonicalVersion implements format.Naming.
func (*Helm) CanonicalVersion(version string) (string, error) { return CanonicalVersion(version) }

// Complain implements format.Complaining: ChartMuseum's clients print the
// member "error".
func (*Helm) Complain(q *format.Request, status int, f *fault.Fault) {
	_ = q.JSON(status, struct { // the client may be gone
		Error string `json:"error"`
	}{f.Message})
}

// fetch answers with the file of that suffix.
func (h *Helm) fetch(suffix string) func(*format.Request) error {
	return func(q *format.Request) error {
		f, err := h.find(q, q.Param("stem"), suffix)
		if err != nil {
			return err
		}
		return q.File(f)
	}
}

// find looks a file up by its name without the suffix.
func (*Helm) find(q *format.Request, stem, suffix string) (*format.File, error) {
	name, version, ok := splitFile(stem)
	if !ok {
		return nil, fault.New(fault.NotFound, "%.300q is no name of a chart's file: it is NAME-VERSION%s", stem+suffix, suffix)
	}
	return q.Reg.File(q.Context(), format.FileRef{Package: name, Version: version, File: stem + suffix})
}

// remove deletes a version, its provenance with it.
func (*Helm) remove(q *format.Request) error {
	if err := q.Reg.Delete(q.Context(), format.FileRef{Package: q.Param("package"), Version: q.Param("version")}); err != nil {
		return err
	}
	return q.JSON(http.StatusOK, struct {
		Deleted bool `json:"deleted"`
	}{true})
}
