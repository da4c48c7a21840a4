package web

import (
	"ingot.dev/modules/fault"
	"ingot.dev/services/tags"
	"ingot.dev/templates"
)

// projectSettingsPage holds the settings of a project.
type projectSettingsPage struct {
	templates.Page
	General templates.Form
	Publish templates.Form
	Members memberList
	Delete  string // address of the question whether to delete it
}

func (c *call) projectSettings() error {
	ctx := c.r.Context()
	project, err := c.p.Forge.ProjectByID(ctx, c.scope.ID)
	if err != nil {
		return err
	}
	rule, err := c.p.Tags.Rule(ctx, c.scope.Ref)
	if err != nil {
		return err
	}
	home := c.home()
	data := projectSettingsPage{
		Page:   c.page(c.tr("settings.of", c.scope.Path.Owner+"/"+c.scope.Path.Name)),
		Delete: home + "/settings/delete",
		General: c.ask(home+"/settings", c.tr("form.save"),
			templates.Field{Name: "title", Label: c.tr("form.title"), Value: project.Title, Autocomplete: "off"},
			templates.Field{Name: "description", Label: c.tr("form.description"), Value: project.Description, Autocomplete: "off"},
			templates.Field{Name: "private", Label: c.tr("project.private"), Hint: c.tr("project.private_hint"), Type: "check", Value: ticked(project.Private)},
		),
		Publish: c.ask(home+"/settings/publish-on-push", c.tr("form.save"),
			templates.Field{Name: "enabled", Label: c.tr("project.publish_enabled"), Type: "check", Value: ticked(rule.Enabled)},
			templates.Field{Name: "pattern", Label: c.tr("project.publish_pattern"), Hint: c.tr("project.publish_hint"), Value: rule.Pattern, Placeholder: tags.DefaultPattern, Autocomplete: "off"},
		),
	}
	if data.Members, err = c.members(home + "/settings/members"); err != nil {
		return err
	}
	if data.Place, err = c.place(tabSettings); err != nil {
		return err
	}
	return c.show("project/settings", data)
}

func (c *call) saveProject() error {
	if err := c.p.Forge.UpdateProject(c.r.Context(), c.scope.ID, c.face()); err != nil {
		return c.again(err, (*call).projectSettings)
	}
	return c.done(c.home()+"/settings", c.tr("form.saved"))
}

func (c *call) savePublishOnPush() error {
	err := c.p.Tags.SetRule(c.r.Context(), c.scope.Ref, tags.Rule{Enabled: c.form.Get("enabled") != "", Pattern: c.form.Get("pattern")})
	if err != nil {
		if fault.Is(err, fault.Invalid) {
			err = fault.From(err).At("pattern")
		}
		return c.again(err, (*call).projectSettings)
	}
	return c.done(c.home()+"/settings", c.tr("form.saved"))
}

func (c *call) askDeleteProject() error {
	name := c.scope.Path.Owner + "/" + c.scope.Path.Name
	return c.confirm(confirmPage{
		Page: c.page(c.tr("project.delete_title", name)), Text: c.tr("project.delete_text"),
		Goes: []string{c.tr("project.goes_repository"), c.tr("project.goes_members"), c.tr("project.goes_tokens")},
		Form: c.ask(c.home()+"/settings/delete", c.tr("project.delete"), c.typed(name)),
	}, c.home()+"/settings")
}

func (c *call) deleteProject() error {
	name := c.scope.Path.Owner + "/" + c.scope.Path.Name
	if err := c.checkTyped(name); err != nil {
		return c.again(err, (*call).askDeleteProject)
	}
	if err := c.p.Forge.DeleteProject(c.r.Context(), c.scope.ID); err != nil {
		return c.again(err, (*call).askDeleteProject)
	}
	return c.done(c.ownerURL(), c.tr("form.deleted", name))
}
