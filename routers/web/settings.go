package web

import (
	"strconv"

	"ingot.dev/modules/fault"
	"ingot.dev/routers/middleware"
	embedded "ingot.dev/services/forge"
	"ingot.dev/templates"
)

// settingsPage is one of an account's own pages with one form.
type settingsPage struct {
	templates.Page
	Tabs []templates.Tab
	Head string
	Lead string
	Form templates.Form
}

// settingsTabs lead from one page of an account's settings to the others.
func (c *call) settingsTabs(active string) []templates.Tab {
	var tabs []templates.Tab
	for _, t := range []struct{ name, path string }{
		{"profile", ""}, {"password", "/password"}, {"sessions", "/sessions"}, {"tokens", "/tokens"},
	} {
		tabs = append(tabs, templates.Tab{Text: c.tr("settings." + t.name), URL: "/settings" + t.path, Active: t.name == active})
	}
	return tabs
}

func (c *call) askProfile() error {
	user, err := c.p.Forge.UserByID(c.r.Context(), c.actor.ID)
	if err != nil {
		return err
	}
	languages := []templates.Option{{Text: c.tr("settings.as_browser")}}
	for _, l := range c.p.languages.Locales() {
		languages = append(languages, templates.Option{Value: l.Code(), Text: l.Name()})
	}
	return c.show("settings/form", settingsPage{
		Page: c.page(c.tr("settings.profile")), Tabs: c.settingsTabs("profile"), Head: c.tr("settings.profile"),
		Lead: c.tr("settings.profile_lead", user.Alias),
		Form: c.ask("/settings", c.tr("form.save"),
			templates.Field{Name: "title", Label: c.tr("sign.full_name"), Value: user.Title, Autocomplete: "name"},
			templates.Field{Name: "email", Label: c.tr("sign.email"), Hint: c.tr("settings.email_hint"), Value: user.Email, Type: "email", Autocomplete: "email", Required: true},
			templates.Field{Name: "locale", Label: c.tr("frame.language"), Value: user.Locale, Options: languages},
			templates.Field{Name: "theme", Label: c.tr("frame.theme"), Value: user.Theme, Options: []templates.Option{
				{Text: c.tr("frame.theme_auto")}, {Value: "light", Text: c.tr("frame.theme_light")}, {Value: "dark", Text: c.tr("frame.theme_dark")},
			}},
		),
	})
}

func (c *call) saveProfile() error {
	p := embedded.Profile{
		Title: c.form.Get("title"), Email: c.form.Get("email"), Locale: c.form.Get("locale"), Theme: c.form.Get("theme"),
	}
	if err := c.p.Forge.UpdateUser(c.r.Context(), c.actor.ID, p); err != nil {
		return c.again(err, (*call).askProfile)
	}
	c.setCookie(languageCookie, p.Locale, displayAge)
	c.setCookie(themeCookie, p.Theme, displayAge)
	c.locale = c.p.languages.Match(c.r.Header.Get("Accept-Language"), p.Locale)
	return c.done("/settings", c.tr("form.saved"))
}

func (c *call) askPassword() error {
	return c.show("settings/form", settingsPage{
		Page: c.page(c.tr("settings.password")), Tabs: c.settingsTabs("password"), Head: c.tr("settings.password"),
		Lead: c.tr("password.lead"),
		Form: c.ask("/settings/password", c.tr("password.change"),
			templates.Field{Name: "current", Label: c.tr("password.current"), Type: "password", Autocomplete: "current-password", Required: true},
			templates.Field{Name: "password", Label: c.tr("password.new"), Hint: c.tr("password.rule"), Type: "password", Autocomplete: "new-password", Required: true},
			templates.Field{Name: "repeated", Label: c.tr("password.repeat"), Type: "password", Autocomplete: "new-password", Required: true},
		),
	})
}

func (c *call) savePassword() error {
	ctx := c.r.Context()
	if c.form.Get("password") != c.form.Get("repeated") {
		return c.again(fault.New(fault.Invalid, "%s", c.tr("password.differ")).At("repeated"), (*call).askPassword)
	}
	if _, err := c.p.Forge.SignIn(ctx, c.actor.Name, c.form.Get("current"), middleware.ClientAddr(c.r)); err != nil {
		if fault.Is(err, fault.Unauthenticated) {
			err = fault.New(fault.Invalid, "%s", c.tr("password.wrong")).At("current")
		}
		return c.again(err, (*call).askPassword)
	}
	if err := c.p.Forge.SetPassword(ctx, c.actor.ID, c.form.Get("password")); err != nil {
		return c.again(err, (*call).askPassword)
	}
	// All sessions ended with the old password; this browser goes on.
	if err := c.newSession(c.actor.ID); err != nil {
		return err
	}
	return c.done("/settings/password", c.tr("password.changed"))
}

type sessionsPage struct {
	templates.Page
	Tabs     []templates.Tab
	Sessions []embedded.Session
}

func (c *call) sessions() error {
	list, err := c.p.Forge.Sessions(c.r.Context(), c.actor.ID, c.r)
	if err != nil {
		return err
	}
	return c.show("settings/sessions", sessionsPage{Page: c.page(c.tr("settings.sessions")), Tabs: c.settingsTabs("sessions"), Sessions: list})
}

func (c *call) endSession() error {
	id, _ := strconv.ParseInt(c.params.Value("session"), 10, 64) // no session is 0
	if err := c.p.Forge.EndSession(c.r.Context(), c.actor.ID, id); err != nil {
		return err
	}
	return c.done("/settings/sessions", c.tr("session.ended"))
}

// endSessions ends all sessions but that of the browser that asks.
func (c *call) endSessions() error {
	if err := c.p.Forge.EndSessions(c.r.Context(), c.actor.ID); err != nil {
		return err
	}
	if err := c.newSession(c.actor.ID); err != nil {
		return err
	}
	return c.done("/settings/sessions", c.tr("session.others_ended"))
}
