package web

import (
	"net/url"

	"ingot.dev/modules/forge"
	embedded "ingot.dev/services/forge"
	"ingot.dev/templates"
)

// companiesPage lists the companies that the reader sees.
type companiesPage struct {
	templates.Page
	Search    string
	Companies []embedded.Company
	Pager     templates.Pager
	CanCreate bool
}

func (c *call) companies() error {
	c.nav = "companies"
	search, from := c.r.URL.Query().Get("q"), c.number("from", 0, 0)
	list, total, err := c.p.Forge.Companies(c.r.Context(), c.actor, embedded.Filter{
		Page: embedded.Page{Search: search, Limit: perPage, Offset: from},
	})
	if err != nil {
		return err
	}
	return c.show("company/list", companiesPage{
		Page: c.page(c.tr("nav.companies")), Search: search, Companies: list,
		Pager: c.pager(from, len(list), total), CanCreate: !c.actor.Anonymous(),
	})
}

// formPage is a page that holds one form.
type formPage struct {
	templates.Page
	Head string
	Lead string
	Form templates.Form
}

func (c *call) newCompany() error {
	c.nav = "companies"
	title := c.tr("company.new")
	return c.show("home/form", formPage{
		Page: c.page(title), Head: title, Lead: c.tr("company.new_lead"),
		Form: c.ask("/companies/new", c.tr("company.create"),
			templates.Field{Name: "alias", Label: c.tr("form.alias"), Hint: c.tr("form.alias_rule"), Required: true, Autocomplete: "off"},
			templates.Field{Name: "title", Label: c.tr("form.title"), Autocomplete: "off"},
			templates.Field{Name: "description", Label: c.tr("form.description"), Autocomplete: "off"},
			templates.Field{Name: "private", Label: c.tr("company.private"), Hint: c.tr("company.private_hint"), Type: "check"},
		),
	})
}

// face reads how a company or a project is to show itself.
func (c *call) face() embedded.Face {
	return embedded.Face{Title: c.form.Get("title"), Description: c.form.Get("description"), Private: c.form.Get("private") != ""}
}

func (c *call) createCompany() error {
	company, err := c.p.Forge.CreateCompany(c.r.Context(), embedded.NewCompany{
		Alias: c.form.Get("alias"), Owner: c.actor.ID, Face: c.face(),
	})
	if err != nil {
		return c.again(err, (*call).newCompany)
	}
	c.redirect("/company/" + company.Alias)
	return nil
}

// companyPage shows a company's projects.
type companyPage struct {
	templates.Page
	Company   embedded.Company
	Search    string
	Projects  []embedded.Project
	Pager     templates.Pager
	CanManage bool
	New       string // address to make a project of the company
}

func (c *call) companyFront() error {
	c.nav = "companies"
	found, err := c.p.Forge.CompanyByID(c.r.Context(), c.scope.ID)
	if err != nil {
		return err
	}
	search, from := c.r.URL.Query().Get("q"), c.number("from", 0, 0)
	list, total, err := c.p.Forge.Projects(c.r.Context(), c.actor, embedded.Filter{
		Owner: c.scope.Ref, Page: embedded.Page{Search: search, Limit: perPage, Offset: from},
	})
	if err != nil {
		return err
	}
	data := companyPage{
		Page: c.page(c.title()), Company: found, Search: search, Projects: list,
		Pager: c.pager(from, len(list), total), CanManage: c.may(forge.Manage),
		New: "/projects/new?owner=" + url.QueryEscape(found.Alias),
	}
	if data.Place, err = c.place(tabProjects); err != nil {
		return err
	}
	return c.show("company/projects", data)
}

// companySettingsPage holds the settings of a company.
type companySettingsPage struct {
	templates.Page
	General templates.Form
	Delete  string // address of the question whether to delete it
}

func (c *call) companySettings() error {
	c.nav = "companies"
	found, err := c.p.Forge.CompanyByID(c.r.Context(), c.scope.ID)
	if err != nil {
		return err
	}
	home := c.home()
	data := companySettingsPage{
		Page:   c.page(c.tr("settings.of", c.title())),
		Delete: home + "/settings/delete",
		General: c.ask(home+"/settings", c.tr("form.save"),
			templates.Field{Name: "title", Label: c.tr("form.title"), Value: found.Title, Autocomplete: "off"},
			templates.Field{Name: "description", Label: c.tr("form.description"), Value: found.Description, Autocomplete: "off"},
			templates.Field{Name: "private", Label: c.tr("company.private"), Hint: c.tr("company.private_hint"), Type: "check", Value: ticked(found.Private)},
		),
	}
	if data.Place, err = c.place(tabSettings); err != nil {
		return err
	}
	return c.show("company/settings", data)
}

// front is the address of the call's scope.
func (c *call) home() string { return "/" + c.scope.Path.String() }

// ticked is the value of a box.
func ticked(is bool) string {
	if is {
		return "on"
	}
	return ""
}

func (c *call) saveCompany() error {
	if err := c.p.Forge.UpdateCompany(c.r.Context(), c.scope.ID, c.face()); err != nil {
		return c.again(err, (*call).companySettings)
	}
	return c.done(c.home()+"/settings", c.tr("form.saved"))
}

func (c *call) askDeleteCompany() error {
	name := c.scope.Path.Owner
	return c.confirm(confirmPage{
		Page: c.page(c.tr("company.delete_title", name)), Text: c.tr("company.delete_text"),
		Goes: []string{c.tr("company.goes_members"), c.tr("company.goes_tokens"), c.tr("company.goes_name", name)},
		Form: c.ask(c.home()+"/settings/delete", c.tr("company.delete"), c.typed(name)),
	}, c.home()+"/settings")
}

func (c *call) deleteCompany() error {
	if err := c.checkTyped(c.scope.Path.Owner); err != nil {
		return c.again(err, (*call).askDeleteCompany)
	}
	if err := c.p.Forge.DeleteCompany(c.r.Context(), c.scope.ID); err != nil {
		return c.again(err, (*call).askDeleteCompany)
	}
	return c.done("/companies", c.tr("form.deleted", c.scope.Path.Owner))
}
