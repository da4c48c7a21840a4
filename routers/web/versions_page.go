package web

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"time"

	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/templates"
)

// versionsPage lists all versions of a package.
type versionsPage struct {
	templates.Page
	Name     string
	URL      string
	Versions versionTable
	Pager    templates.Pager
}

func (c *call) versions() error {
	c.nav = "packages"
	p, k, err := c.subject()
	if err != nil {
		return err
	}
	offset := c.number("from", 0, 0)
	list, total, err := c.p.Registry.VersionPage(c.r.Context(), c.scope.Ref, p.UUID, perPage, offset)
	if err != nil {
		return err
	}
	names, err := c.publishers(list)
	if err != nil {
		return err
	}
	reg := c.p.Registry.Bind(k, c.scope, c.actor, forge.ReadPackages, format.Manually)
	tags, err := reg.Tags(c.r.Context(), p.Name)
	if err != nil {
		return err
	}
	page := versionsPage{
		Page: c.page(c.tr("package.versions_of", p.Name)), Name: p.Name, URL: c.packageURL(p),
		Versions: c.versionTable(p, k, list, tags, names, nil), Pager: c.pager(offset, len(list), total),
	}
	page.Pager.ByTime = true
	if page.Place, err = c.place(tabPackages); err != nil {
		return err
	}
	return c.render(http.StatusOK, "package/versions", page)
}

// feed is an Atom feed (RFC 4287) of a package's newest versions.
type feed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Links   []feedLink  `xml:"link"`
	Entries []feedEntry `xml:"entry"`
}

type feedLink struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
}

type feedEntry struct {
	ID      string   `xml:"id"`
	Title   string   `xml:"title"`
	Updated string   `xml:"updated"`
	Author  string   `xml:"author>name"`
	Link    feedLink `xml:"link"`
	Summary string   `xml:"summary,omitempty"`
}

func (c *call) feed() error {
	p, k, err := c.subject()
	if err != nil {
		return err
	}
	list, _, err := c.p.Registry.VersionPage(c.r.Context(), c.scope.Ref, p.UUID, perPage, 0)
	if err != nil {
		return err
	}
	names, err := c.publishers(list)
	if err != nil {
		return err
	}
	at := c.p.Root + c.packageURL(p)
	f := feed{
		ID: "urn:uuid:" + p.UUID, Title: c.tr("package.versions_of", p.Name), Updated: p.Updated.UTC().Format(time.RFC3339),
		Links: []feedLink{{"self", at + "/feed"}, {"alternate", at}},
	}
	for _, v := range list {
		author := names[v.PublisherID].Name
		if author == "" {
			author = c.tr("package.nobody")
		}
		id := "urn:uuid:" + v.UUID
		if byTag(k, v) { // each tag of a version is an entry of its own
			id += "#" + url.PathEscape(v.Name)
		}
		f.Entries = append(f.Entries, feedEntry{
			ID: id, Title: p.Name + " " + v.Name, Updated: v.Created.UTC().Format(time.RFC3339),
			Author: author, Link: feedLink{"alternate", versionURL(at, v.Name)}, Summary: p.Description,
		})
	}
	body, err := xml.Marshal(f)
	if err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("Content-Type", "application/atom+xml; charset=utf-8")
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Vary", "Accept-Language, Cookie")
	if c.r.Method == http.MethodHead {
		return nil
	}
	_, err = c.w.Write(append([]byte(xml.Header), body...))
	return err
}

// file answers with a file of a package and counts the download.
func (c *call) file() error {
	p, _, err := c.subject()
	if err != nil {
		return err
	}
	f, err := c.p.Registry.FileOf(c.r.Context(), c.scope.Ref, p.UUID, c.params.Value("file"))
	if err != nil {
		return err
	}
	return c.p.Packages.SendFile(c.w, c.r, f, c.scope.Private)
}
