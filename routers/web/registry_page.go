package web

import (
	"net/http"

	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
	"ingot.dev/services/registry"
	"ingot.dev/templates"
)

// registryPage is the list of a registry's packages.
type registryPage struct {
	templates.Page
	Heading       string // shown where no place says what the list is
	Search        string // what the search field is for
	Service       string // address of the service-wide registry, where the page should lead there
	Filter        string
	Format, Order string // of the address
	Formats       templates.Menu
	Orders        templates.Menu
	Used          string // storage, empty where there is none
	MayPublish    bool
	Connect       string
	Upload        string
	Settings      string // empty for those who may not, and where there are none
	All           string // the list without its filters
	Rows          []packageRow
	Pager         templates.Pager
	Empty         bool   // there is nothing at all, not only nothing that fits
	Begin         string // what to type to begin
}

func (c *call) registry() error {
	c.nav = "packages"
	refs, err := c.listed()
	if err != nil {
		return err
	}
	page := registryPage{Page: c.page(c.registryTitle()), Connect: registryURL(c.scope.Path) + "/connect", Upload: registryURL(c.scope.Path) + "/upload", Search: c.tr("registry.search")}
	if page.Place, err = c.place(tabPackages); err != nil {
		return err
	}
	page.All = c.r.URL.EscapedPath()
	list := c.list(refs, &page)
	if err := c.listing(&page, list); err != nil {
		return err
	}
	if page.MayPublish = c.may(forge.PublishPackages); page.MayPublish && page.Empty {
		page.Begin = c.begin()
	}
	if c.may(forge.Manage) && c.configurable() {
		page.Settings = registryURL(c.scope.Path) + "/settings"
	}
	used, err := c.p.Registry.UsedBytes(c.r.Context(), c.scope.Ref)
	if err != nil {
		return err
	}
	if quota := c.p.Registry.Quota(c.scope.Ref); quota > 0 {
		page.Used = c.tr("registry.used_of", c.locale.Size(used), c.locale.Size(quota))
	} else if used > 0 {
		page.Used = c.locale.Size(used)
	}
	return c.render(http.StatusOK, "registry/list", page)
}

// registryTitle names the registry for the document's title.
func (c *call) registryTitle() string {
	switch c.scope.Kind {
	case scope.Service:
		return c.tr("place.service")
	case scope.Project:
		return c.tr("registry.title", c.scope.Path.Owner+"/"+c.scope.Path.Name)
	default:
		return c.tr("registry.title", c.title())
	}
}

// list reads what the address asks of a list of packages.
func (c *call) list(refs []scope.Ref, page *registryPage) registry.List {
	q := c.r.URL.Query()
	page.Filter, page.Format, page.Order = q.Get("q"), c.format(), q.Get("order")
	l := registry.List{Scopes: refs, Format: page.Format, Text: page.Filter, Limit: perPage, Offset: c.number("from", 0, 0)}
	switch page.Order {
	case "name":
		l.Order = registry.ByName
	case "downloads":
		l.Order = registry.MostDownloaded
	default:
		l.Order, page.Order = registry.Newest, "" // needs no word in the address
	}
	page.Formats = c.formatMenu(page.Format)
	page.Orders = templates.Menu{Label: c.tr("registry.order"), Items: []templates.Choice{
		{Text: c.tr("registry.order.newest"), URL: c.with("order", ""), Active: page.Order == ""},
		{Text: c.tr("registry.order.name"), URL: c.with("order", "name"), Active: page.Order == "name"},
		{Text: c.tr("registry.order.downloads"), URL: c.with("order", "downloads"), Active: page.Order == "downloads"},
	}}
	return l
}

// listing fills in the packages.
func (c *call) listing(page *registryPage, l registry.List) error {
	found, total, err := c.p.Registry.List(c.r.Context(), l)
	if err != nil {
		return err
	}
	scopes, err := c.scopesOf(found)
	if err != nil {
		return err
	}
	if page.Rows, err = c.rows(found, scopes); err != nil {
		return err
	}
	page.Pager = c.pager(l.Offset, len(found), total)
	page.Pager.ByTime = l.Order == registry.Newest
	page.Empty = total == 0 && l.Text == "" && l.Format == ""
	return nil
}

// scopesOf finds the owners of packages that the reader may see.
func (c *call) scopesOf(list []*format.Package) (map[scope.Ref]scope.Scope, error) {
	ask := []scope.Ref{}
	seen := map[scope.Ref]bool{c.scope.Ref: true}
	for _, p := range list {
		if !seen[p.Scope] {
			seen[p.Scope] = true
			ask = append(ask, p.Scope)
		}
	}
	scopes := map[scope.Ref]scope.Scope{}
	if len(ask) > 0 {
		var err error
		if scopes, err = c.p.Gate.Forge.Scopes(c.r.Context(), ask); err != nil {
			return nil, err
		}
	}
	if c.scope.Kind != 0 {
		scopes[c.scope.Ref] = c.scope
	}
	return scopes, nil
}

// begin gives the first thing to type to bring a package here, as the first
// format tells it.
func (c *call) begin() string {
	for _, k := range c.p.Registry.Kinds() {
		if k.Presented == nil {
			continue
		}
		for _, task := range k.Presented.Present(c.view(k)).Tasks {
			if task.Name == "publish" && len(task.Steps) > 0 {
				return task.Steps[0].Code
			}
		}
	}
	return ""
}

// connectPage tells how to connect a client to a registry.
type connectPage struct {
	templates.Page
	Registry string // address of the list
	Formats  []formatChoice
	Switch   templates.Switch
	Private  bool
	SignedIn bool
}

// formatChoice is a format to choose.
type formatChoice struct {
	URL, Tile, Title string
	Active           bool
}

func (c *call) connect() error {
	c.nav = "packages"
	var chosen *registry.Kind
	name := c.params.Value("format") // empty: the first one
	page := connectPage{Page: c.page(c.tr("connect.title")), Registry: registryURL(c.scope.Path), SignedIn: !c.actor.Anonymous()}
	for _, k := range c.p.Registry.Kinds() {
		if k.Presented == nil {
			continue
		}
		active := chosen == nil && (name == "" || k == c.p.Registry.Kind(name))
		if active {
			chosen = k
		}
		page.Formats = append(page.Formats, formatChoice{page.Registry + "/connect/" + k.Info.ID, k.Info.Short, k.Info.Title, active})
	}
	if chosen == nil {
		return errNoFormat(name)
	}
	var err error
	if page.Place, err = c.place(tabPackages); err != nil {
		return err
	}
	view := c.view(chosen)
	page.Private = view.Private
	page.Page.Title = c.tr("connect.title_of", chosen.Info.Title)
	page.Switch = templates.Switch{Name: "task", Label: c.tr("package.tasks"), Tasks: chosen.Presented.Present(view).Tasks}
	return c.render(http.StatusOK, "registry/connect", page)
}
