package cran

import (
	"net/http"

	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
)

// CRAN implements format.Format.
type CRAN struct{}

var (
	_ format.Format    = (*CRAN)(nil)
	_ format.Naming    = (*CRAN)(nil)
	_ format.Ordering  = (*CRAN)(nil)
	_ format.Indexed   = (*CRAN)(nil)
	_ format.Uploading = (*CRAN)(nil)
	_ format.Presented = (*CRAN)(nil)
)

// New makes the format.
func New() *CRAN { return &CRAN{} }

// Info implements format.Format.
func (*CRAN) Info() format.Info {
	return format.Info{ID: "cran", Title: "CRAN", Short: "R", PURL: "cran", OneSpelling: true}
}

// Routes implements format.Format.
func (c *CRAN) Routes() []format.Route {
	const read, publish = forge.ReadPackages, forge.PublishPackages
	return []format.Route{
		{Name: "putSource", Method: http.MethodPut, Pattern: "src", Need: publish, Handle: c.putSource},
		{Name: "putSourceFile", Method: http.MethodPut, Pattern: "src/{file}", Need: publish, Handle: c.putSource},
		{Name: "putBuilt", Method: http.MethodPut, Pattern: "bin", Need: publish, Handle: c.putBuilt},
		{Name: "putBuiltFile", Method: http.MethodPut, Pattern: "bin/{file}", Need: publish, Handle: c.putBuilt},
		{Name: "putBuiltIn", Method: http.MethodPut, Pattern: "bin/{platform}/{rversion}/{file}", Need: publish, Handle: c.putBuilt},
		{Name: "index", Method: http.MethodGet, Pattern: "src/contrib/PACKAGES", Need: read, Handle: whole(indexKind)},
		{Name: "indexGzip", Method: http.MethodGet, Pattern: "src/contrib/PACKAGES.gz", Need: read, Handle: whole(indexKind + gzipped)},
		{Name: "indexRDS", Method: http.MethodGet, Pattern: "src/contrib/PACKAGES.rds", Need: read, Handle: whole(matrixKind + gzipped)},
		{Name: "olderFiles", Method: http.MethodGet, Pattern: "src/contrib/Meta/archive.rds", Need: read, Handle: whole(olderKind + gzipped)},
		{Name: "newestFiles", Method: http.MethodGet, Pattern: "src/contrib/Meta/current.rds", Need: read, Handle: whole(newestKind + gzipped)},
		{Name: "olderSource", Method: http.MethodGet, Pattern: "src/contrib/Archive/{package}/{file}", Need: read, Handle: c.olderSource},
		{Name: "source", Method: http.MethodGet, Pattern: "src/contrib/{file}", Need: read, Handle: c.source},
		{Name: "builtIndex", Method: http.MethodGet, Pattern: "bin/{tree...}/PACKAGES", Need: read, Handle: ofTree(indexKind)},
		{Name: "builtIndexGzip", Method: http.MethodGet, Pattern: "bin/{tree...}/PACKAGES.gz", Need: read, Handle: ofTree(indexKind + gzipped)},
		{Name: "builtIndexRDS", Method: http.MethodGet, Pattern: "bin/{tree...}/PACKAGES.rds", Need: read, Handle: ofTree(matrixKind + gzipped)},
		{Name: "built", Method: http.MethodGet, Pattern: "bin/{tree...}/{file}", Need: read, Handle: c.built},
		{Name: "page", Method: http.MethodGet, Pattern: "web/packages/{package}/index.html", Need: read, Handle: c.page},
	}
}

// CanonicalName implements format.Naming.
func (*CRAN) CanonicalName(name string) (string, error) { return CanonicalName(name) }

// CanonicalVersion implements format.Naming.
func (*CRAN) CanonicalVersion(version string) (string, error) { return CanonicalVersion(version) }

// Compare implements format.Ordering.
func (*CRAN) Compare(a, b string) int { return compare(a, b) }
