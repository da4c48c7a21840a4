package nuget

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

const (
	inlined  = 127 // versions up to which an index has its pages in it, as at nuget.org
	pageSize = 64  // versions of a page
)

// registrationKinds are the documents of the two hives: that for all clients,
// without versions of SemVer 2.0.0, and that with them.
var registrationKinds = [...]struct{ path, index, page, leaf string }{
	{registrationPath, "registration", "registration.page", "registration.leaf"},
	{registration2Path, "registration2", "registration2.page", "registration2.leaf"},
}

// flatKind is the list of all versions.
const flatKind = "flat"

// Documents implements format.Indexed.
func (n *NuGet) Documents() []format.Document {
	const json, text = "application/json", "text/plain; charset=utf-8"
	docs := []format.Document{
		{Kind: flatKind, ContentType: json, Build: buildFlat},
		{Kind: nuspecKind, ContentType: "application/xml", Package: packageOf, Build: buildNuspec},
	}
	for _, feed := range feeds {
		docs = append(docs, format.Document{Kind: totalKind + feed.name, ContentType: text, Whole: true, Build: n.buildTotal(feed.find)})
	}
	for i, kind := range registrationKinds {
		h := hive{kind.path, i == 1}
		docs = append(docs,
			format.Document{Kind: kind.index, ContentType: json, Build: h.buildIndex},
			format.Document{Kind: kind.page, ContentType: json, Package: packageOf, Build: h.buildPage},
			format.Document{Kind: kind.leaf, ContentType: json, Package: packageOf, Build: h.buildLeaf},
		)
	}
	return docs
}

// document answers with a document of a package, and of what the parameters
// name besides.
func document(kind string, params ...string) func(*format.Request) error {
	return func(q *format.Request) error {
		id, err := CanonicalName(q.Param("package"))
		if err != nil {
			return fault.Wrap(fault.NotFound, err, "there is no package %.120q here", q.Param("package"))
		}
		key := id
		for _, p := range params {
			key += "/" + q.Param(p)
		}
		return q.Document(kind, key)
	}
}

func (*NuGet) leaf(kind string) func(*format.Request) error {
	return func(q *format.Request) error { return serveVersion(q, kind) }
}

// buildFlat writes the list of versions, those that are unlisted among them
// ("Package content", section enumerate package versions).
func buildFlat(ctx context.Context, b format.Build, w io.Writer) error {
	versions, err := b.Reg.Versions(ctx, b.Key)
	if err != nil {
		return err
	}
	list := struct {
		Versions []string `json:"versions"`
	}{make([]string, 0, len(versions))}
	for _, v := range slices.Backward(versions) {
		if packed(v) != nil {
			list.Versions = append(list.Versions, v.Canon)
		}
	}
	return json.NewEncoder(w).Encode(list)
}

// hive is one of the two places of registrations ("Package metadata").
type hive struct {
	path    string
	semVer2 bool
}

// The documents of a hive, with the names that the specification gives their
// members.
type (
	index struct {
		ID    string `json:"@id"`
		Count int    `json:"count"`
		Items []page `json:"items"`
	}
	page struct {
		ID     string `json:"@id"`
		Count  int    `json:"count"`
		Items  []leaf `json:"items,omitempty"`
		Lower  string `json:"lower"`
		Upper  string `json:"upper"`
		Parent string `json:"parent"`
	}
	leaf struct {
		ID           string `json:"@id"`
		Type         string `json:"@type"`
		Entry        *entry `json:"catalogEntry,omitempty"`
		Listed       *bool  `json:"listed,omitempty"` // where there is no entry
		Published    string `json:"published,omitempty"`
		Content      string `json:"packageContent"`
		Registration string `json:"registration"`
	}
	entry struct {
		ID          string       `json:"@id"`
		Authors     string       `json:"authors"`
		Groups      []entryGroup `json:"dependencyGroups,omitempty"`
		Deprecation *deprecation `json:"deprecation,omitempty"`
		Description string       `json:"description"`
		IconURL     string       `json:"iconUrl"`
		PackageID   string       `json:"id"`
		Language    string       `json:"language"`
		Licence     string       `json:"licenseExpression"`
		LicenceURL  string       `json:"licenseUrl"`
		Listed      bool         `json:"listed"`
		MinClient   string       `json:"minClientVersion"`
		Content     string       `json:"packageContent"`
		ProjectURL  string       `json:"projectUrl"`
		Published   string       `json:"published"`
		ReadmeURL   string       `json:"readmeUrl,omitempty"`
		AskLicence  bool         `json:"requireLicenseAcceptance"`
		Summary     string       `json:"summary"`
		Tags        []string     `json:"tags"`
		Title       string       `json:"title"`
		Version     string       `json:"version"`
		Types       []Type       `json:"packageTypes,omitempty"`
	}
	entryGroup struct {
		Framework    string            `json:"targetFramework,omitempty"`
		Dependencies []entryDependency `json:"dependencies,omitempty"`
	}
	entryDependency struct {
		ID           string `json:"id"`
		Range        string `json:"range"`
		Registration string `json:"registration"`
	}
)

// at gives the address of something of a package in the hive.
func (h hive) at(base, id, rest string) string {
	return base + "/" + h.path + strings.ToLower(id) + "/" + rest
}

// versions gives those of the hive, the oldest first.
func (h hive) versions(ctx context.Context, b format.Build, id string) ([]*format.Version, error) {
	all, err := b.Reg.Versions(ctx, id)
	if err != nil {
		return nil, err
	}
	out := make([]*format.Version, 0, len(all))
	for _, v := range slices.Backward(all) {
		var spec struct {
			SemVer2 bool `json:"semVer2"`
		}
		if !h.semVer2 {
			if err := json.Unmarshal(v.Metadata, &spec); err != nil {
				return nil, err
			}
		}
		if packed(v) != nil && !spec.SemVer2 {
			out = append(out, v)
		}
	}
	if len(out) == 0 {
		which := "with a package"
		if !h.semVer2 {
			which = "that clients before NuGet 4.3 can read"
		}
		return nil, fault.New(fault.NotFound, "%s has no version %s", id, which)
	}
	return out, nil
}

// listing is a version with what its manifest says.
type listing struct {
	*format.Version
	*Nuspec
}

// listings gives versions that have a package. Of their manifests they have
// ID, Version and SemVer2 alone, until they are read: of most that an answer
// looks through it tells no more.
func listings(versions []*format.Version) ([]listing, error) {
	out := make([]listing, 0, len(versions))
	for _, v := range versions {
		if packed(v) == nil {
			continue
		}
		var said struct {
			ID      string `json:"id"`
			Version string `json:"version"`
			SemVer2 bool   `json:"semVer2"`
		}
		if err := json.Unmarshal(v.Metadata, &said); err != nil {
			return nil, fmt.Errorf("%s %s: %w", v.Package, v.Name, err)
		}
		out = append(out, listing{v, &Nuspec{ID: said.ID, Version: said.Version, SemVer2: said.SemVer2}})
	}
	return out, nil
}

// read reads the rest of the manifest.
func (l *listing) read() (err error) {
	l.Nuspec, err = nuspecOf(l.Version)
	return err
}

// buildIndex writes the registration of a package.
func (h hive) buildIndex(ctx context.Context, b format.Build, w io.Writer) error {
	versions, err := h.versions(ctx, b, b.Key)
	if err != nil {
		return err
	}
	whole := len(versions) <= inlined
	out := index{ID: h.at(b.Base, b.Key, "index.json")}
	number := 0
	for part := range slices.Chunk(versions, pageSize) {
		p, err := h.page(b.Base, b.Key, number, part, whole)
		if err != nil {
			return err
		}
		out.Items = append(out.Items, p)
		number++
	}
	out.Count = len(out.Items)
	return json.NewEncoder(w).Encode(out)
}

// buildPage writes a page that an index names.
func (h hive) buildPage(ctx context.Context, b format.Build, w io.Writer) error {
	id, text, _ := strings.Cut(b.Key, "/")
	number, err := strconv.Atoi(text)
	if err != nil || number < 0 || strconv.Itoa(number) != text {
		return fault.New(fault.NotFound, "the registration of %s has no page %.40q", id, text)
	}
	versions, err := h.versions(ctx, b, id)
	if err != nil {
		return err
	}
	if number > (len(versions)-1)/pageSize {
		return fault.New(fault.NotFound, "the registration of %s has no page %d", id, number)
	}
	start := number * pageSize
	p, err := h.page(b.Base, id, number, versions[start:min(start+pageSize, len(versions))], true)
	if err != nil {
		return err
	}
	return json.NewEncoder(w).Encode(p)
}

func (h hive) page(base, id string, number int, versions []*format.Version, whole bool) (page, error) {
	p := page{
		ID: h.at(base, id, "page/"+strconv.Itoa(number)+".json"), Count: len(versions), Parent: h.at(base, id, "index.json"),
		Lower: versions[0].Name, Upper: versions[len(versions)-1].Name,
	}
	if !whole {
		return p, nil
	}
	for _, v := range versions {
		spec, err := nuspecOf(v)
		if err != nil {
			return p, err
		}
		p.Items = append(p.Items, h.leaf(base, listing{v, spec}, true))
	}
	return p, nil
}

// buildLeaf writes what is told of one version.
func (h hive) buildLeaf(ctx context.Context, b format.Build, w io.Writer) error {
	v, spec, err := versionAt(ctx, b)
	if err != nil {
		return err
	}
	if spec.SemVer2 && !h.semVer2 {
		return fault.New(fault.NotFound, "%s %s is a version of SemVer 2.0.0, which clients before NuGet 4.3 cannot read", v.Package, v.Name)
	}
	return json.NewEncoder(w).Encode(h.leaf(b.Base, listing{v, spec}, false))
}

func (h hive) leaf(base string, v listing, whole bool) leaf {
	l := leaf{
		ID: h.at(base, v.Package, v.Canon+".json"), Type: "Package", Content: contentURL(base, v),
		Registration: h.at(base, v.Package, "index.json"),
	}
	listed := !v.Yanked
	if whole {
		l.Entry = h.entry(base, v, l.ID)
	} else {
		l.Listed, l.Published = &listed, published(v.Version)
	}
	return l
}

func (h hive) entry(base string, v listing, id string) *entry {
	e := &entry{
		ID: id, Authors: v.Authors, Deprecation: deprecationOf(v.Version), Description: v.Description, IconURL: iconURL(base, v),
		PackageID: v.Nuspec.ID, Language: v.Nuspec.Language, Licence: v.Licence, LicenceURL: v.LicenceURL, Listed: !v.Yanked,
		MinClient: v.MinClientVersion, Content: contentURL(base, v), ProjectURL: v.ProjectURL, Published: published(v.Version),
		AskLicence: v.AskLicence, Summary: v.Summary, Tags: v.Tags, Title: v.Title, Version: v.Nuspec.Version, Types: v.Types,
	}
	if e.Tags == nil {
		e.Tags = []string{}
	}
	if v.Readme != "" {
		e.ReadmeURL = flatURL(base, v) + "readme"
	}
	for _, g := range v.Groups {
		group := entryGroup{Framework: g.Framework}
		for _, d := range g.Dependencies {
			group.Dependencies = append(group.Dependencies, entryDependency{d.ID, d.Range, h.at(base, d.ID, "index.json")})
		}
		e.Groups = append(e.Groups, group)
	}
	return e
}

// flatURL is the address of a version's files.
func flatURL(base string, v listing) string {
	return base + "/" + flatPath + strings.ToLower(v.Package) + "/" + url.PathEscape(v.Canon) + "/"
}

func contentURL(base string, v listing) string {
	return flatURL(base, v) + strings.ToLower(v.Package) + "." + url.PathEscape(v.Canon) + packageExtension
}

func iconURL(base string, v listing) string {
	if v.IconKind != "" {
		return flatURL(base, v) + "icon"
	}
	return v.IconURL
}

// timeForm is RFC 3339 as .NET writes it.
const timeForm = "2006-01-02T15:04:05.000Z"

// published gives the time of a publication. The year 1900 tells clients that
// the version is unlisted.
func published(v *format.Version) string {
	if v.Yanked {
		return "1900-01-01T00:00:00.000Z"
	}
	return stamp(v.Created)
}

func stamp(t time.Time) string { return t.UTC().Format(timeForm) }
