package web

import (
	"cmp"
	"maps"
	"slices"

	"ingot.dev/modules/scope"
	embedded "ingot.dev/services/forge"
	"ingot.dev/services/registry"
	"ingot.dev/templates"
)

// adminPage is the overview of the service.
type adminPage struct {
	templates.Page
	Tabs    []templates.Tab
	Counts  []adminCount
	Total   int64 // bytes of all packages
	Formats []share
	Scopes  []share
	More    int // scopes that are not shown
}

type adminCount struct {
	Name string // a key of texts
	N    int
	URL  string
}

// share is a part of the storage.
type share struct {
	Text     string
	URL      string
	Packages int64
	Size     int64
	Width    int // of 100
}

const (
	usageRows  = 10_000 // that are added up
	scopesRows = 20     // that are shown
)

// adminTabs lead from one page of the administration to the others.
func (c *call) adminTabs(active string) []templates.Tab {
	var tabs []templates.Tab
	for _, t := range []struct{ name, url string }{
		{"overview", "/admin"}, {"users", "/admin/users"}, {"companies", "/admin/companies"}, {"health", "/admin/health"}, {"registry", "/package"},
	} {
		tabs = append(tabs, templates.Tab{Text: c.tr("admin." + t.name), URL: t.url, Active: t.name == active})
	}
	return tabs
}

func (c *call) adminOverview() error {
	ctx := c.r.Context()
	one := embedded.Filter{Page: embedded.Page{Limit: 1}}
	_, users, err := c.p.Forge.Users(ctx, one.Page)
	if err != nil {
		return err
	}
	_, companies, err := c.p.Forge.Companies(ctx, c.actor, one)
	if err != nil {
		return err
	}
	_, projects, err := c.p.Forge.Projects(ctx, c.actor, one)
	if err != nil {
		return err
	}
	_, packages, err := c.p.Registry.List(ctx, registry.List{Limit: 1})
	if err != nil {
		return err
	}
	data := adminPage{
		Page: c.page(c.tr("frame.administration")), Tabs: c.adminTabs("overview"),
		Counts: []adminCount{
			{"users", users, "/admin/users"}, {"companies", companies, "/admin/companies"}, {"projects", projects, "/explore"}, {"packages", packages, "/explore"},
		},
	}
	usage, err := c.p.Registry.Usage(ctx, nil, usageRows)
	if err != nil {
		return err
	}
	formats, scopes := map[string]share{}, map[scope.Ref]share{}
	for _, u := range usage {
		data.Total += u.Size
		f := formats[u.Format]
		formats[u.Format] = share{Text: c.formatTitle(u.Format), Packages: f.Packages + u.Packages, Size: f.Size + u.Size}
		s := scopes[u.Scope]
		scopes[u.Scope] = share{Packages: s.Packages + u.Packages, Size: s.Size + u.Size}
	}
	if err := c.nameShares(scopes); err != nil {
		return err
	}
	data.Formats, data.Scopes = largest(slices.Collect(maps.Values(formats))), largest(slices.Collect(maps.Values(scopes)))
	data.More = max(0, len(data.Scopes)-scopesRows)
	data.Scopes = data.Scopes[:min(scopesRows, len(data.Scopes))]
	return c.show("admin/overview", data)
}

// formatTitle is what users call a format.
func (c *call) formatTitle(name string) string {
	if kind := c.p.Registry.Kind(name); kind != nil {
		return kind.Info.Title
	}
	return name
}

// nameShares says whose the shares are.
func (c *call) nameShares(shares map[scope.Ref]share) error {
	found, err := c.p.Forge.Scopes(c.r.Context(), slices.Collect(maps.Keys(shares)))
	if err != nil {
		return err
	}
	for ref, s := range shares {
		sc, ok := found[ref]
		switch {
		case ref.Kind == scope.Service:
			s.Text, s.URL = c.tr("place.service"), "/package"
		case ok:
			s.Text, s.URL = sc.Path.String(), "/"+sc.Path.String()+"/package"
		default:
			s.Text = ref.Kind.String()
		}
		shares[ref] = s
	}
	return nil
}

// largest orders shares by their size and measures them by the largest.
func largest(shares []share) []share {
	slices.SortFunc(shares, func(a, b share) int {
		return cmp.Or(cmp.Compare(b.Size, a.Size), cmp.Compare(a.Text, b.Text))
	})
	for i := range shares {
		if top := shares[0].Size; top > 0 {
			shares[i].Width = int(100 * float64(shares[i].Size) / float64(top))
		}
	}
	return shares
}

// adminCompaniesPage lists all companies.
type adminCompaniesPage struct {
	templates.Page
	Tabs      []templates.Tab
	Search    string
	Companies []embedded.Company
	Pager     templates.Pager
}

func (c *call) adminCompanies() error {
	search, from := c.r.URL.Query().Get("q"), c.number("from", 0, 0)
	list, total, err := c.p.Forge.Companies(c.r.Context(), c.actor, embedded.Filter{
		Page: embedded.Page{Search: search, Limit: perPage, Offset: from},
	})
	if err != nil {
		return err
	}
	return c.show("admin/companies", adminCompaniesPage{
		Page: c.page(c.tr("admin.companies")), Tabs: c.adminTabs("companies"), Search: search, Companies: list,
		Pager: c.pager(from, len(list), total),
	})
}
