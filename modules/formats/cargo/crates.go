package cargo

import (
	"cmp"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"ingot.dev/modules/format"
)

// Addresses as crates.io has them, for what people and tools read beside the
// index. Of its members those are there that this registry knows.

const (
	perPage    = 10
	maxPerPage = 100
	maxPage    = 100_000
)

// crateInfo is a crate as lists and its own address tell of it.
type crateInfo struct {
	ID            string            `json:"id"`
	Name          string            `json:"name"`
	Description   string            `json:"description"`
	MaxVersion    string            `json:"max_version"`
	NewestVersion string            `json:"newest_version"`
	Downloads     int64             `json:"downloads"`
	Created       string            `json:"created_at"`
	Updated       string            `json:"updated_at"`
	Homepage      string            `json:"homepage,omitempty"`
	Documentation string            `json:"documentation,omitempty"`
	Repository    string            `json:"repository,omitempty"`
	Keywords      []string          `json:"keywords,omitempty"`
	Categories    []string          `json:"categories,omitempty"`
	ExactMatch    bool              `json:"exact_match"`
	Links         map[string]string `json:"links"`
}

func newCrateInfo(p *format.Package) crateInfo {
	path := "/api/v1/crates/" + p.Name
	return crateInfo{
		ID: p.Name, Name: p.Name, Description: p.Description, MaxVersion: p.Latest, NewestVersion: p.Latest,
		Downloads: p.Downloads, Created: moment(p.Created), Updated: moment(p.Updated),
		Links: map[string]string{"versions": path + "/versions", "owners": path + "/owners"},
	}
}

// search lists crates whose name or description has a text in it, but none of
// which all is yanked: it has no version to show.
func (*Cargo) search(q *format.Request) error {
	text := strings.TrimSpace(q.Query("q"))
	canon, _ := CanonicalName(text)
	size, page := number(q.Query("per_page"), perPage, maxPerPage), number(q.Query("page"), 1, maxPage)
	packages, total, err := q.Reg.Search(q.Context(), format.Query{Text: text, Listed: true, Limit: size, Offset: (page - 1) * size})
	if err != nil {
		return err
	}
	crates := make([]crateInfo, 0, len(packages))
	for _, p := range packages {
		c := newCrateInfo(p)
		low, _ := CanonicalName(p.Name)
		c.ExactMatch = low == canon
		crates = append(crates, c)
	}
	return q.JSON(http.StatusOK, map[string]any{"crates": crates, "meta": map[string]int{"total": total}})
}

// number reads a number of the query, from one to most.
func number(s string, otherwise, most int) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return otherwise
	}
	return min(n, most)
}

// versionInfo is a version as crates.io tells of it.
type versionInfo struct {
	ID          string              `json:"id"`
	Crate       string              `json:"crate"`
	Number      string              `json:"num"`
	Download    string              `json:"dl_path"`
	Readme      string              `json:"readme_path"`
	Created     string              `json:"created_at"`
	Updated     string              `json:"updated_at"`
	Downloads   int64               `json:"downloads"`
	Size        int64               `json:"crate_size"`
	Checksum    string              `json:"checksum"`
	Features    map[string][]string `json:"features"`
	Yanked      bool                `json:"yanked"`
	YankMessage string              `json:"yank_message,omitempty"`
	Licence     string              `json:"license,omitempty"`
	RustVersion string              `json:"rust_version,omitempty"`
	Edition     string              `json:"edition,omitempty"`
	Library     bool                `json:"has_lib"`
	Programs    []string            `json:"bin_names"`
	Links       map[string]string   `json:"links"`
	Publisher   *owner              `json:"published_by"`
}

func newVersionInfo(v *format.Version) versionInfo {
	path, a := "/api/v1/crates/"+v.Package+"/"+v.Name, aboutOf(v)
	info := versionInfo{
		ID: v.UUID, Crate: v.Package, Number: v.Name, Download: path + "/download", Readme: path + "/readme",
		Created: moment(v.Created), Updated: moment(v.Created), Downloads: v.Downloads, Yanked: v.Yanked, YankMessage: v.YankReason,
		Features: map[string][]string{}, Licence: a.Licence, Edition: a.Edition, Library: a.Library, Programs: a.Programs,
		Links: map[string]string{"dependencies": path + "/dependencies"},
	}
	if a.Publisher != "" {
		info.Publisher = &owner{ID: uint32(v.PublisherID), Login: a.Publisher}
	}
	if f := crateOf(v); f != nil {
		l := lineOf(f)
		info.Size, info.Checksum, info.RustVersion = f.Size, f.Digests.SHA256, l.RustVersion
		maps.Copy(info.Features, l.Features)
		maps.Copy(info.Features, l.Features2)
	}
	return info
}

func versionInfos(list []*format.Version) []versionInfo {
	infos := make([]versionInfo, 0, len(list))
	for _, v := range list {
		infos = append(infos, newVersionInfo(v))
	}
	return infos
}

// crate tells of a crate and its versions, the newest first.
func (*Cargo) crate(q *format.Request) error {
	p, err := packageOf(q)
	if err != nil {
		return err
	}
	list, err := q.Reg.Versions(q.Context(), p.Name)
	if err != nil {
		return err
	}
	c := newCrateInfo(p)
	if len(list) > 0 {
		c.NewestVersion = list[0].Name
		c.MaxVersion = cmp.Or(p.Latest, c.NewestVersion) // where all is yanked, the newest of that
	}
	for i, v := range list {
		if i > 0 && v.Name != p.Latest {
			continue
		}
		a := aboutOf(v)
		c.Homepage, c.Documentation, c.Repository, c.Keywords, c.Categories = a.Homepage, a.Documentation, a.Repository, a.Keywords, a.Categories
	}
	return q.JSON(http.StatusOK, map[string]any{"crate": c, "versions": versionInfos(list)})
}

func (*Cargo) versions(q *format.Request) error {
	list, err := versionsOf(q)
	if err != nil {
		return err
	}
	return q.JSON(http.StatusOK, map[string]any{"versions": versionInfos(list), "meta": map[string]int{"total": len(list)}})
}

func (*Cargo) version(q *format.Request) error {
	v, err := find(q)
	if err != nil {
		return err
	}
	return q.JSON(http.StatusOK, map[string]versionInfo{"version": newVersionInfo(v)})
}

// dependencyInfo is a dependency as crates.io tells of it.
type dependencyInfo struct {
	Crate           string   `json:"crate_id"`
	Req             string   `json:"req"`
	Kind            string   `json:"kind"`
	Optional        bool     `json:"optional"`
	DefaultFeatures bool     `json:"default_features"`
	Features        []string `json:"features"`
	Target          *string  `json:"target"`
	Registry        *string  `json:"registry"`
}

func (*Cargo) dependencies(q *format.Request) error {
	v, err := find(q)
	if err != nil {
		return err
	}
	list := []dependencyInfo{}
	if f := crateOf(v); f != nil {
		for _, d := range lineOf(f).Deps {
			list = append(list, dependencyInfo{d.crate(), d.Req, d.Kind, d.Optional, d.DefaultFeatures, d.Features, d.Target, d.Registry})
		}
	}
	return q.JSON(http.StatusOK, map[string][]dependencyInfo{"dependencies": list})
}
