package web

import (
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
	embedded "ingot.dev/services/forge"
	"ingot.dev/services/registry"
	"ingot.dev/templates"
)

// homePage is where everybody begins: for visitors what this is, for others
// what is theirs.
type homePage struct {
	templates.Page
	Projects      []embedded.Project
	MoreProjects  bool
	Companies     []embedded.Company
	MoreCompanies bool
	Packages      []homePackage
	Registration  bool
}

type homePackage struct {
	*format.Package
	Place scope.Scope
	URL   string
	Tile  string
}

// homeRows is how many of each are shown.
const homeRows = 10

func (c *call) front() error {
	if c.actor.Anonymous() {
		return c.show("home/visitor", homePage{Page: c.page(""), Registration: c.p.Config.Security.Registration})
	}
	ctx := c.r.Context()
	mine := embedded.Filter{Mine: true, Page: embedded.Page{Limit: 100}}
	projects, projectsTotal, err := c.p.Forge.Projects(ctx, c.actor, mine)
	if err != nil {
		return err
	}
	companies, companiesTotal, err := c.p.Forge.Companies(ctx, c.actor, mine)
	if err != nil {
		return err
	}
	data := homePage{
		Page:     c.page(c.tr("home.title")),
		Projects: projects[:min(homeRows, len(projects))], MoreProjects: projectsTotal > homeRows,
		Companies: companies[:min(homeRows, len(companies))], MoreCompanies: companiesTotal > homeRows,
	}
	if data.Packages, err = c.newest(projects, companies); err != nil {
		return err
	}
	return c.show("home/mine", data)
}

// newest gives the packages that were published last in what is the reader's.
func (c *call) newest(projects []embedded.Project, companies []embedded.Company) ([]homePackage, error) {
	refs := []scope.Ref{{Kind: scope.User, ID: c.actor.ID}}
	for _, p := range projects {
		refs = append(refs, p.Ref())
	}
	for _, co := range companies {
		refs = append(refs, co.Ref())
	}
	list, _, err := c.p.Registry.List(c.r.Context(), registry.List{Scopes: refs, Order: registry.Newest, Limit: homeRows})
	if err != nil {
		return nil, err
	}
	places, err := c.p.Forge.Scopes(c.r.Context(), refs)
	if err != nil {
		return nil, err
	}
	var out []homePackage
	for _, p := range list {
		kind, place := c.p.Registry.Kind(p.Format), places[p.Scope]
		if kind == nil || place.UUID == "" {
			continue // of a format that this server has no more, or just deleted
		}
		out = append(out, homePackage{
			Package: p, Place: place, Tile: kind.Info.Short,
			URL: "/" + place.Path.String() + "/package/" + p.Format + "/" + p.UUID,
		})
	}
	return out, nil
}
