package web

import (
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
	embedded "ingot.dev/services/forge"
	"ingot.dev/templates"
)

func (c *call) newProject() error {
	owners, err := c.projectOwners()
	if err != nil {
		return err
	}
	var options []templates.Option
	chosen := c.actor.Name
	for _, o := range owners {
		options = append(options, templates.Option{Value: o.Path.Owner, Text: o.Path.Owner})
		if strings.EqualFold(o.Path.Owner, c.r.URL.Query().Get("owner")) {
			chosen = o.Path.Owner
		}
	}
	title := c.tr("project.new")
	return c.show("home/form", formPage{
		Page: c.page(title), Head: title, Lead: c.tr("project.new_lead"),
		Form: c.ask("/projects/new", c.tr("project.create"),
			templates.Field{Name: "owner", Label: c.tr("project.owner"), Hint: c.tr("project.owner_hint"), Options: options, Value: chosen},
			templates.Field{Name: "alias", Label: c.tr("form.alias"), Hint: c.tr("form.alias_rule"), Required: true, Autocomplete: "off"},
			templates.Field{Name: "title", Label: c.tr("form.title"), Autocomplete: "off"},
			templates.Field{Name: "description", Label: c.tr("form.description"), Autocomplete: "off"},
			templates.Field{Name: "private", Label: c.tr("project.private"), Hint: c.tr("project.private_hint"), Type: "check"},
		),
	})
}

// projectOwners gives those that the reader may make projects of: the reader, and the
// companies that the reader manages.
func (c *call) projectOwners() ([]scope.Scope, error) {
	ctx := c.r.Context()
	refs := []scope.Ref{{Kind: scope.User, ID: c.actor.ID}}
	companies, _, err := c.p.Forge.Companies(ctx, c.actor, embedded.Filter{Mine: true, Page: embedded.Page{Limit: 100}})
	if err != nil {
		return nil, err
	}
	for _, co := range companies {
		refs = append(refs, co.Ref())
	}
	found, err := c.p.Forge.Scopes(ctx, refs)
	if err != nil {
		return nil, err
	}
	var owners []scope.Scope
	for _, ref := range refs {
		if sc, ok := found[ref]; ok && c.p.Gate.Access.Check(ctx, c.actor, sc, forge.Manage) == nil {
			owners = append(owners, sc)
		}
	}
	return owners, nil
}

func (c *call) createProject() error {
	owner, err := c.owner(c.form.Get("owner"))
	if err != nil {
		return c.again(err, (*call).newProject)
	}
	project, err := c.p.Forge.CreateProject(c.r.Context(), embedded.NewProject{Owner: owner.Ref, Alias: c.form.Get("alias"), Face: c.face()})
	if err != nil {
		return c.again(err, (*call).newProject)
	}
	c.redirect("/" + project.Path().String())
	return nil
}

// owner finds the user or company of that alias, for whom the reader may make
// projects.
func (c *call) owner(alias string) (scope.Scope, error) {
	var denied error
	for _, kind := range []scope.Kind{scope.User, scope.Company} {
		sc, err := c.p.Gate.Scope(c.r.Context(), c.actor, scope.Path{Kind: kind, Owner: alias}, forge.Manage)
		if err == nil {
			return sc, nil
		}
		if k := fault.KindOf(err); k != fault.NotFound {
			denied = err
		}
	}
	if denied != nil {
		return scope.Scope{}, denied
	}
	return scope.Scope{}, fault.New(fault.Invalid, "%s", c.tr("project.owner_unknown", alias)).At("owner")
}
