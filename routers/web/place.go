package web

import (
	"ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
	"ingot.dev/services/registry"
	"ingot.dev/templates"
)

// Tabs of a place, by the names that pages pass to place.
const (
	tabCode     = "code"
	tabTags     = "tags"
	tabPackages = "packages"
	tabProjects = "projects"
	tabMembers  = "members"
	tabSettings = "settings"
)

// place says where a page of the call's scope is, with active as its tab.
func (c *call) place(active string) (*templates.Place, error) {
	home := "/" + c.scope.Path.String()
	packages, err := c.packageCount()
	if err != nil {
		return nil, err
	}
	p := &templates.Place{}
	tab := func(name, path string, count int) {
		p.Tabs = append(p.Tabs, templates.Tab{Text: c.tr("place." + name), URL: home + path, Count: int64(count), Active: name == active})
	}
	own := func(name, path string) { // a page that another forge has itself
		if c.p.Forge != nil {
			tab(name, path, 0)
		}
	}
	p.Word = c.tr("place.public")
	if c.scope.Private {
		p.Word = c.tr("place.private")
	}
	switch c.scope.Kind {
	case scope.Project:
		tags, err := c.p.Tags.Count(c.r.Context(), c.scope)
		if err != nil {
			return nil, err
		}
		p.Crumbs = []templates.Crumb{{Text: c.scope.Path.Owner, URL: c.ownerURL()}, {Text: c.scope.Path.Name, URL: home}}
		own(tabCode, "")
		if c.p.Tags.CloneURL(c.scope) != "" {
			tab(tabTags, "/tags", tags)
		}
		tab(tabPackages, "/package", packages)
	case scope.Company:
		p.Crumbs = []templates.Crumb{{Text: c.title(), URL: home}}
		if !c.scope.Private {
			p.Word = c.tr("place.company")
		}
		own(tabProjects, "")
		tab(tabPackages, "/package", packages)
		own(tabMembers, "/members")
	case scope.User:
		p.Crumbs = []templates.Crumb{{Text: c.title(), URL: home}}
		p.Word = c.tr("place.user")
		own(tabProjects, "")
		tab(tabPackages, "/package", packages)
		return p, nil
	default:
		p.Crumbs = []templates.Crumb{{Text: c.tr("place.service"), URL: "/package"}}
		p.Word = ""
		return p, nil
	}
	if c.may(forge.Manage) {
		own(tabSettings, "/settings")
	}
	return p, nil
}

// title gives the name a scope shows itself with.
func (c *call) title() string {
	if c.scope.Title != "" {
		return c.scope.Title
	}
	return c.scope.Path.Owner
}

// ownerURL gives the address of a project's owner.
func (c *call) ownerURL() string {
	if c.scope.Parent.Kind == scope.Company {
		return "/company/" + c.scope.Path.Owner
	}
	return "/user/" + c.scope.Path.Owner
}

// listed gives the scopes whose packages the registry page of the scope
// lists: its own, and those the forge shows there.
func (c *call) listed() ([]scope.Ref, error) {
	shown, err := c.p.Gate.Forge.Shown(c.r.Context(), c.scope)
	return append([]scope.Ref{c.scope.Ref}, shown...), err
}

func (c *call) packageCount() (int, error) {
	refs, err := c.listed()
	if err != nil {
		return 0, err
	}
	_, total, err := c.p.Registry.List(c.r.Context(), registry.List{Scopes: refs, Limit: 1})
	return total, err
}
