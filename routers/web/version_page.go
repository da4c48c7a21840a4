package web

import (
	"bytes"
	"encoding/json"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/markup"
	"ingot.dev/modules/scope"
	"ingot.dev/services/registry"
	"ingot.dev/templates"
)

// versionPage shows a version of a package. The page of a package shows its
// newest one.
type versionPage struct {
	templates.Page
	Name, Version string
	Newest        *link // nil on the page of the newest version
	Words         []word
	YankReason    string
	Notice        string // of the format: abandoned, deprecated
	Description   string
	Switch        templates.Switch
	Readme        template.HTML
	Dependencies  []dependencies
	Needs         int // dependencies in all groups
	Files         []fileRow
	Versions      versionTable
	Total         int // versions of the package, or its tags
	AllVersions   string
	Metadata      template.HTML

	Downloads downloads
	Facts     facts
	Links     []link
	Feed      string // empty where a feed reader could not read it

	Sections []section

	Manage, DeleteVersion, DeletePackage string // empty for those who may not
	ByTag                                bool   // the version is looked at under the name of a tag
}

// facts are the lines of the side column.
type facts struct {
	At             time.Time
	By             string
	Tag, TagURL    string
	Commit, Source string
	Upload         string
	Format         string
	Licence        string
	Owner          *ownerLink
	Keywords       []string
	More           []fact
}

type fact struct{ Title, Value string }

type link struct{ Title, URL string }

// dependencies is a group of them, of which some live in this registry.
type dependencies struct {
	Title string
	Items []dependency
}

type dependency struct{ Name, Constraint, URL string }

// fileRow is a file of a version.
type fileRow struct {
	Name, URL, Delete string
	Type              string // of what is known by its digest alone
	Size              int64
	Digests           blob.Digests
}

// versionTable is the versions of a package, or the tags that they go by.
type versionTable struct {
	Rows  []versionRow
	ByTag bool
}

// versionRow is a version in the list of a package's versions.
type versionRow struct {
	Name, URL   string
	Words       []word
	At          time.Time
	By          string
	Tag, Commit string
	Upload      string
	Downloads   int64
	Active      bool

	Digest, DigestURL string // of what a tag points at
	Size              int64
}

// asked gives the version that an address names, empty for the newest.
func (c *call) asked() string {
	if v := c.params.Value("version"); v != "" {
		return v
	}
	return c.r.URL.Query().Get("version")
}

func (c *call) version() error {
	c.nav = "packages"
	ctx := c.r.Context()
	p, k, err := c.subject()
	if err != nil {
		return err
	}
	list, total, err := c.p.Registry.VersionPage(ctx, c.scope.Ref, p.UUID, perPage, 0)
	if err != nil {
		return err
	}
	v, err := c.find(p, k, list, c.asked())
	if err != nil {
		return err
	}
	detail, err := c.p.Registry.Detail(ctx, c.scope.Ref, p.UUID, v.Name)
	if err != nil {
		return err
	}
	var shown format.Presentation
	if k.Presented != nil {
		view := c.view(k)
		view.Package, view.Version, view.Tags = p, v, detail.Tags
		if k.Configured != nil {
			p.Properties = detail.About
		}
		v.Properties = detail.Properties
		shown = k.Presented.Present(view)
	}
	at := c.packageURL(p)
	page := versionPage{
		Page: c.page(p.Name + " " + templates.Brief(v.Name)), Name: p.Name, Version: v.Name, Description: p.Description,
		Words: c.versionWords(p, k, v, detail.Tags), YankReason: v.YankReason, Notice: shown.Notice.In(c.locale.Code()),
		Switch:   templates.Switch{Name: "task", Label: c.tr("package.tasks"), Tasks: shown.Tasks},
		Readme:   c.packageReadme(detail.Readme, v),
		Files:    c.files(at, k, v),
		Total:    total,
		Metadata: metadata(v.Metadata),
		Sections: c.sections(at, shown.Sections),
		Links:    links(shown.Links, c.locale.Code()),
	}
	if p.Latest != "" && p.Latest != v.Name && detail.Tags[p.Latest] != own(k, v) {
		page.Newest = &link{p.Latest, versionURL(at, p.Latest)}
	}
	if total > len(list) {
		page.AllVersions = at + "/versions"
	}
	if !c.scope.Private {
		page.Feed = at + "/feed"
	}
	if manageable(k) && c.may(forge.PublishPackages) {
		page.Manage = manageURL(at, v.Name)
	}
	if c.may(forge.DeletePackages) {
		page.DeletePackage = at + "/delete"
		page.DeleteVersion, page.ByTag = deleteURL(at, v.Name), byTag(k, v)
	}
	if page.Place, err = c.place(tabPackages); err != nil {
		return err
	}
	if page.Dependencies, err = c.dependencies(k, shown.Dependencies); err != nil {
		return err
	}
	for _, g := range page.Dependencies {
		page.Needs += len(g.Items)
	}
	if page.Downloads, err = c.downloads(p, v, c.asked() != ""); err != nil {
		return err
	}
	names, err := c.publishers(append(list, v))
	if err != nil {
		return err
	}
	page.Versions = c.versionTable(p, k, list, detail.Tags, names, v)
	page.Facts = c.facts(k, v, shown, names)
	return c.render(http.StatusOK, "package/version", page)
}

// find gives a version by name, the newest where name is empty. What the page
// lists anyway needs no question.
func (c *call) find(p *format.Package, k *registry.Kind, list []*format.Version, name string) (*format.Version, error) {
	if name == "" {
		name = p.Latest
	}
	if name == "" && len(list) > 0 { // all were taken back
		return list[0], nil
	}
	for _, v := range list {
		if v.Name == name && !byTag(k, v) { // a list of tags has their times
			return v, nil
		}
	}
	if name == "" {
		return nil, fault.New(fault.NotFound, "%s has no version", p.Name)
	}
	reg := c.p.Registry.Bind(k, c.scope, c.actor, forge.ReadPackages, format.Manually)
	return reg.Version(c.r.Context(), p.Name, name)
}

// publishers finds the names of those who published some versions.
func (c *call) publishers(list []*format.Version) (map[int64]forge.Actor, error) {
	ids := make([]int64, len(list))
	for i, v := range list {
		ids[i] = v.PublisherID
	}
	return c.p.Gate.Forge.Actors(c.r.Context(), ids)
}

// versionTable makes rows of versions. tags are those of the package, active is
// the version that the page is about, if any.
func (c *call) versionTable(p *format.Package, k *registry.Kind, list []*format.Version, tags map[string]string, names map[int64]forge.Actor, active *format.Version) versionTable {
	at := c.packageURL(p)
	rows := make([]versionRow, len(list))
	for i, v := range list {
		rows[i] = versionRow{
			Name: v.Name, URL: versionURL(at, v.Name), At: v.Created, By: names[v.PublisherID].Name,
			Tag: v.Origin.Tag, Commit: v.Origin.Commit, Upload: c.uploadWord(v.Upload), Downloads: v.Downloads, Size: v.Size,
			Active: active != nil && v.UUID == active.UUID && v.Name == active.Name,
		}
		if byTag(k, v) {
			rows[i].Words = c.versionWords(p, k, v, nil)
			rows[i].Digest, rows[i].DigestURL = v.Canon, versionURL(at, v.Canon)
		} else {
			rows[i].Words = c.versionWords(p, k, v, tags)
		}
	}
	return versionTable{rows, slices.ContainsFunc(list, func(v *format.Version) bool { return byTag(k, v) })}
}

func (c *call) uploadWord(u format.UploadType) string {
	return c.tr("package.upload." + strings.ToLower(u.String()))
}

func (c *call) facts(k *registry.Kind, v *format.Version, shown format.Presentation, names map[int64]forge.Actor) facts {
	f := facts{
		At: v.Created, By: names[v.PublisherID].Name, Tag: v.Origin.Tag, Commit: v.Origin.Commit,
		Upload: c.uploadWord(v.Upload), Format: k.Info.Title, Licence: shown.Licence, Keywords: shown.Keywords, Owner: c.ownerLink(c.scope),
	}
	if c.scope.Kind == scope.Project && f.Tag != "" {
		f.TagURL = c.treeURL("", f.Tag)
	}
	if c.scope.Kind == scope.Project && f.Commit != "" {
		f.Source = c.treeURL("", f.Commit)
	}
	for _, one := range shown.Facts {
		if one.Value != "" {
			f.More = append(f.More, fact{one.Title.In(c.locale.Code()), one.Value})
		}
	}
	return f
}

// treeURL gives the page of a file or folder of the call's project as it is at
// a tag or commit; no path is the root.
func (c *call) treeURL(path, ref string) string {
	return (&source{home: scopeURL(c.scope.Path), ref: ref}).at("tree", path)
}

// dependencies makes links of those that live in this registry.
func (c *call) dependencies(k *registry.Kind, groups []format.Dependencies) ([]dependencies, error) {
	var names []string
	for _, g := range groups {
		for _, d := range g.Items {
			if d.Package != "" {
				names = append(names, d.Package)
			}
		}
	}
	const most = 500 // names asked for; links of more are not worth the question
	known, err := c.p.Registry.Known(c.r.Context(), c.scope.Ref, k, names[:min(most, len(names))])
	if err != nil {
		return nil, err
	}
	var out []dependencies
	for _, g := range groups {
		if len(g.Items) == 0 {
			continue
		}
		group := dependencies{Title: g.Title.In(c.locale.Code())}
		for _, d := range g.Items {
			one := dependency{Name: d.Name, Constraint: d.Constraint}
			if uuid := known[d.Package]; uuid != "" {
				one.URL = packageURL(c.scope.Path, k.Info.ID, uuid)
			}
			group.Items = append(group.Items, one)
		}
		out = append(out, group)
	}
	return out, nil
}

// files lists the files of a version. Where versions go by tags a file is what
// its digest says, and cannot be taken out.
func (c *call) files(at string, k *registry.Kind, v *format.Version) []fileRow {
	may := c.may(forge.DeletePackages) && !k.Info.ByTag
	rows := make([]fileRow, len(v.Files))
	for i, f := range v.Files {
		rows[i] = fileRow{Name: f.Name, URL: at + "/files/" + f.UUID, Size: f.Size, Digests: f.Digests}
		if k.Info.ByTag {
			rows[i].Type = f.MediaType
		}
		if may {
			rows[i].Delete = at + "/delete?file=" + f.UUID
		}
	}
	return rows
}

// packageReadme renders what a version introduces itself with. What is made from a
// tag may point at other files of its repository.
func (c *call) packageReadme(r format.Readme, v *format.Version) template.HTML {
	if r.Text == "" {
		return ""
	}
	o := markup.Options{Below: 2}
	if c.scope.Kind == scope.Project && v.Origin.Commit != "" {
		files := &source{home: scopeURL(c.scope.Path), ref: v.Origin.Commit}
		o.Link = func(path string) string { return files.at("tree", path) }
		o.Image = func(path string) string {
			if !picture(path) {
				return ""
			}
			return files.at("raw", path)
		}
	}
	html, err := markup.Render(r.Name, []byte(r.Text), o)
	if err != nil {
		return "" // too long to show; the files have it
	}
	return html
}

// metadata shows the format's own record of a version.
func metadata(raw json.RawMessage) template.HTML {
	var b bytes.Buffer
	if len(raw) < len(`{"a":0}`) || json.Indent(&b, raw, "", "  ") != nil {
		return ""
	}
	html, _ := markup.Highlight("metadata.json", b.Bytes())
	return html
}

// links leaves out what a page of ours must not lead to.
func links(in []format.Link, lang string) []link {
	var out []link
	for _, l := range in {
		u, err := url.Parse(l.URL)
		if err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") {
			out = append(out, link{l.Title.In(lang), l.URL})
		}
	}
	return out
}
