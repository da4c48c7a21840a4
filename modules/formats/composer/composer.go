package composer

import (
	"net/http"
	"strings"

	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
)

// Composer implements format.Format.
type Composer struct{}

var (
	_ format.Format    = Composer{}
	_ format.Ordering  = Composer{}
	_ format.Naming    = Composer{}
	_ format.Grouped   = Composer{}
	_ format.Indexed   = Composer{}
	_ format.Uploading = Composer{}
	_ format.Tagged    = Composer{}
	_ format.Presented = Composer{}
)

// New makes the format.
func New() Composer { return Composer{} }

// Info implements format.Format.
func (Composer) Info() format.Info {
	return format.Info{ID: "composer", Title: "Composer", Short: "php", PURL: "composer"}
}

// Routes implements format.Format.
func (c Composer) Routes() []format.Route {
	return []format.Route{
		{Name: "root", Method: http.MethodGet, Pattern: "packages.json", Need: forge.ReadPackages, Handle: c.root},
		{Name: "devMetadata", Method: http.MethodGet, Pattern: "p2/{vendor}/{package}~dev.json", Need: forge.ReadPackages, Handle: c.devMetadata},
		{Name: "metadata", Method: http.MethodGet, Pattern: "p2/{vendor}/{package}.json", Need: forge.ReadPackages, Handle: c.metadata},
		{Name: "dist", Method: http.MethodGet, Pattern: "dists/{vendor}/{package}/{version...}/{file}", Need: forge.ReadPackages, Handle: c.dist},
		{Name: "list", Method: http.MethodGet, Pattern: "packages/list.json", Need: forge.ReadPackages, Handle: c.list},
		{Name: "search", Method: http.MethodGet, Pattern: "search.json", Need: forge.ReadPackages, Handle: c.search},
		{Name: "notify", Method: http.MethodPost, Pattern: "downloads", Need: forge.ReadPackages, Handle: c.notify},
		{Name: "advisories", Method: http.MethodGet, Pattern: "security-advisories", Need: forge.ReadPackages, Handle: c.advisories},
		{Name: "askAdvisories", Method: http.MethodPost, Pattern: "security-advisories", Need: forge.ReadPackages, Handle: c.advisories},
		{Name: "publish", Method: http.MethodPut, Pattern: "", Need: forge.PublishPackages, Handle: c.put},
	}
}

// Compare implements format.Ordering.
func (Composer) Compare(a, b string) int { return Compare(a, b) }

// CanonicalName implements format.Naming.
func (Composer) CanonicalName(name string) (string, error) { return CanonicalName(name) }

// CanonicalVersion implements format.Naming.
func (Composer) CanonicalVersion(version string) (string, error) { return Normalize(version) }

// Group implements format.Grouped: vendor and project.
func (Composer) Group(name string) (group, artifact string) {
	group, artifact, _ = strings.Cut(name, "/")
	return group, artifact
}

func name(q *format.Request) string { return q.Param("vendor") + "/" + q.Param("package") }

func (Composer) root(q *format.Request) error { return q.Document(rootKind, "") }

func (Composer) metadata(q *format.Request) error { return q.Document(taggedKind, name(q)) }

func (Composer) devMetadata(q *format.Request) error { return q.Document(devKind, name(q)) }

// dist answers with a version's zip. A Composer that was told where to report
// its installations does so afterwards; its download is not counted twice.
func (Composer) dist(q *format.Request) error {
	f, err := q.Reg.File(q.Context(), format.FileRef{Package: name(q), Version: q.Param("version"), File: q.Param("file")})
	if err != nil {
		return err
	}
	if strings.HasPrefix(q.R.UserAgent(), "Composer/") {
		f.VersionID = 0
	}
	return q.File(f)
}
