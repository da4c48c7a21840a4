package web

import (
	"time"

	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
	"ingot.dev/services/registry"
	"ingot.dev/templates"
)

// word is a state in one word.
type word struct {
	Text string
	Kind string // of the badge: "good", "warn" or none
	URL  string // where it leads, empty for most
}

// packageRow is a package in a list.
type packageRow struct {
	URL, Name   string
	Tile, Title string // the format, short and whole
	Latest      string
	Words       []word
	Description string
	Owner       *ownerLink // nil where the page says whose they are
	At          time.Time
	By          string // alias of who published last, empty where the account is gone
	Downloads   int64
}

// ownerLink names the owner of a package.
type ownerLink struct{ Kind, Text, URL string }

func (c *call) ownerLink(sc scope.Scope) *ownerLink {
	o := &ownerLink{Kind: sc.Kind.String(), Text: sc.Title, URL: scopeURL(sc.Path)}
	switch sc.Kind {
	case scope.Project:
		o.Text = sc.Path.Owner + "/" + sc.Path.Name
	case scope.User:
		o.Text = sc.Path.Owner
	case scope.Company:
		if o.Text == "" {
			o.Text = sc.Path.Owner
		}
	case scope.Service:
		o.Text = c.tr("place.service")
	}
	return o
}

// rows makes a list of packages. Scopes are their owners; who owns what is
// told except of the scope that the page is about. Packages of other scopes
// are left out.
func (c *call) rows(list []*format.Package, scopes map[scope.Ref]scope.Scope) ([]packageRow, error) {
	ctx := c.r.Context()
	words, err := c.p.Registry.Words(ctx, list)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(list))
	for i, p := range list {
		ids[i] = p.PublisherID
	}
	actors, err := c.p.Gate.Forge.Actors(ctx, ids)
	if err != nil {
		return nil, err
	}
	rows := make([]packageRow, 0, len(list))
	for _, p := range list {
		sc, ok := scopes[p.Scope]
		k := c.p.Registry.Kind(p.Format)
		if !ok || k == nil {
			continue
		}
		row := packageRow{
			URL: packageURL(sc.Path, p.Format, p.UUID), Name: p.Name, Tile: k.Info.Short, Title: k.Info.Title,
			Latest: p.Latest, Description: p.Description, At: p.Updated, By: actors[p.PublisherID].Name,
			Downloads: p.Downloads, Words: c.words(words[p.UUID]),
		}
		if sc.Ref != c.scope.Ref {
			row.Owner = c.ownerLink(sc)
			if sc.Private && !c.scope.Private {
				row.Words = append(row.Words, word{Text: c.tr("package.private")})
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (c *call) words(w registry.Words) []word {
	var out []word
	if w.Prerelease {
		out = append(out, word{Text: c.tr("package.prerelease"), Kind: "warn"})
	}
	if w.Next != "" {
		out = append(out, word{Text: c.tr("package.next", w.Next)})
	}
	if w.Yanked != "" {
		out = append(out, word{Text: c.tr("package.yanked_version", w.Yanked), Kind: "warn"})
	}
	return out
}

// formatMenu is the choice of a format that narrows a list.
func (c *call) formatMenu(active string) templates.Menu {
	m := templates.Menu{Label: c.tr("registry.format"), Items: []templates.Choice{
		{Text: c.tr("registry.format_all"), URL: c.with("format", ""), Active: active == ""},
	}}
	for _, k := range c.p.Registry.Kinds() {
		m.Items = append(m.Items, templates.Choice{Text: k.Info.Title, URL: c.with("format", k.Info.ID), Active: active == k.Info.ID})
	}
	return m
}

// format reads the format that a list is narrowed to; unknown ones narrow
// nothing.
func (c *call) format() string {
	if k := c.p.Registry.Kind(c.r.URL.Query().Get("format")); k != nil {
		return k.Info.ID
	}
	return ""
}
