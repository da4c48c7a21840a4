package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
	embedded "ingot.dev/services/forge"
	"ingot.dev/services/registry"
	"ingot.dev/templates"
)

// explorePage is what the reader may see of all packages and projects.
type explorePage struct {
	templates.Page
	Filter   string
	Formats  templates.Menu // none among projects
	Format   string
	Tabs     []templates.Tab
	In       string // "projects", or empty for packages
	Rows     []packageRow
	Projects []projectRow
	Pager    templates.Pager
	Empty    bool
	Service  string // address of the service-wide registry, empty for those who may not see it
}

// projectRow is a project in a list.
type projectRow struct {
	Name, URL, Description string
	Private                bool
}

func (c *call) explore() error {
	c.nav = "explore"
	q := c.r.URL.Query()
	page := explorePage{Page: c.page(c.tr("explore.title")), Filter: strings.TrimSpace(q.Get("q")), Format: c.format()}
	page.Query = page.Filter
	if q.Get("in") == "projects" {
		page.In = "projects"
	}
	offset := 0
	if page.In != "" {
		offset = c.number("from", 0, 0)
	}
	var projects []embedded.Project
	var total int
	if c.p.Forge != nil { // another forge shows its projects itself
		var err error
		if projects, total, err = c.p.Forge.Projects(c.r.Context(), c.actor, embedded.Filter{
			Page: embedded.Page{Search: page.Filter, Limit: perPage, Offset: offset},
		}); err != nil {
			return err
		}
	}
	page.Tabs = []templates.Tab{
		{Text: c.tr("explore.packages"), URL: c.with("in", ""), Active: page.In == ""},
	}
	if c.p.Forge != nil {
		page.Tabs = append(page.Tabs, templates.Tab{
			Text: c.tr("explore.projects"), URL: c.with("in", "projects", "format", ""), Count: int64(total), Active: page.In != "",
		})
	}
	if page.In != "" {
		for _, p := range projects {
			page.Projects = append(page.Projects, projectRow{p.OwnerAlias + "/" + p.Alias, scopeURL(p.Path()), p.Description, p.Hidden})
		}
		page.Pager = c.pager(offset, len(projects), total)
		page.Empty = total == 0 && page.Filter == ""
		return c.render(http.StatusOK, "explore/explore", page)
	}
	page.Formats = c.formatMenu(page.Format)
	way := parseWay(q.Get("from"))
	found, scopes, next, err := c.p.Registry.Explore(c.r.Context(), c.p.Gate.Forge,
		func(ctx context.Context, scopes []scope.Scope) ([]bool, error) {
			return c.p.Gate.Access.Visible(ctx, c.actor, scopes)
		},
		registry.List{Format: page.Format, Text: page.Filter, Limit: perPage, Before: way.last()})
	if err != nil {
		return err
	}
	if page.Rows, err = c.rows(found, scopes); err != nil {
		return err
	}
	page.Pager.ByTime = true
	if next > 0 {
		page.Pager.Next = c.with() + separator(c.with()) + "from=" + append(way, next).String()
	}
	if len(way) > 0 {
		page.Pager.Prev = c.with()
		if rest := way[:len(way)-1]; len(rest) > 0 {
			page.Pager.Prev += separator(page.Pager.Prev) + "from=" + rest.String()
		}
	}
	page.Service = c.service()
	page.Empty = len(page.Rows) == 0 && page.Filter == "" && page.Format == "" && len(way) == 0
	return c.render(http.StatusOK, "explore/explore", page)
}

// way is the times, in microseconds, before which the pages begin that a reader
// turned so far. What is hidden from them lies between the pages, so no page
// knows where the one before it began.
type way []int64

func parseWay(s string) way {
	var w way
	for part := range strings.SplitSeq(s, "-") {
		n, err := strconv.ParseInt(part, 36, 64)
		if err != nil || n <= 0 || len(w) > 0 && n >= w.last() || len(w) == 200 {
			break
		}
		w = append(w, n)
	}
	return w
}

func (w way) last() int64 {
	if len(w) == 0 {
		return 0
	}
	return w[len(w)-1]
}

func (w way) String() string {
	parts := make([]string, len(w))
	for i, n := range w {
		parts[i] = strconv.FormatInt(n, 36)
	}
	return strings.Join(parts, "-")
}

// separator gives the sign that joins another parameter to an address.
func separator(address string) string {
	if strings.Contains(address, "?") {
		return "&"
	}
	return "?"
}

// myPackages lists the packages of all that the reader owns or works on.
func (c *call) myPackages() error {
	c.nav = "packages"
	if c.actor.Anonymous() {
		c.redirect("/explore")
		return nil
	}
	refs, err := c.mine()
	if err != nil {
		return err
	}
	page := registryPage{Page: c.page(c.tr("explore.mine")), All: "/packages", Heading: c.tr("explore.mine"), Search: c.tr("explore.search"), Service: c.service()}
	if err := c.listing(&page, c.list(refs, &page)); err != nil {
		return err
	}
	return c.render(http.StatusOK, "registry/list", page)
}

// service gives the address of the service-wide registry, empty for those who
// may not see it.
func (c *call) service() string {
	path := scope.Path{Kind: scope.Service}
	if _, err := c.p.Gate.Scope(c.r.Context(), c.actor, path, forge.ReadPackages); err != nil {
		return ""
	}
	return registryURL(path)
}

// mine gives the reader's own scope and those of their companies and projects.
func (c *call) mine() ([]scope.Ref, error) {
	refs := []scope.Ref{{Kind: scope.User, ID: c.actor.ID}}
	if c.p.Forge == nil {
		return refs, nil
	}
	filter := embedded.Filter{Mine: true, Page: embedded.Page{Limit: 100}}
	companies, _, err := c.p.Forge.Companies(c.r.Context(), c.actor, filter)
	if err != nil {
		return nil, err
	}
	for _, company := range companies {
		refs = append(refs, company.Ref())
	}
	for total := 1; filter.Offset < total; filter.Offset += filter.Limit {
		var projects []embedded.Project
		if projects, total, err = c.p.Forge.Projects(c.r.Context(), c.actor, filter); err != nil {
			return nil, err
		}
		for _, p := range projects {
			refs = append(refs, p.Ref())
		}
	}
	return refs, nil
}
