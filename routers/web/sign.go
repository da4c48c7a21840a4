package web

import (
	"net/http"
	"time"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/routers/middleware"
	embedded "ingot.dev/services/forge"
	"ingot.dev/templates"
)

// signPage holds the form to sign in or up.
type signPage struct {
	templates.Page
	Form         templates.Form
	Registration bool
	Back         string
}

func (c *call) signIn() error {
	back := c.back("/")
	if !c.actor.Anonymous() {
		c.redirect(back)
		return nil
	}
	form := c.ask("/sign-in", c.tr("frame.sign_in"),
		templates.Field{Name: "name", Label: c.tr("sign.name"), Autocomplete: "username", Required: true},
		templates.Field{Name: "password", Label: c.tr("sign.password"), Type: "password", Autocomplete: "current-password", Required: true},
	)
	form.Hidden = []templates.Option{{Value: "back", Text: back}}
	return c.show("sign/in", signPage{Page: c.page(c.tr("frame.sign_in")), Form: form, Registration: c.p.Config.Security.Registration, Back: back})
}

func (c *call) enter() error {
	actor, err := c.p.Forge.SignIn(c.r.Context(), c.form.Get("name"), c.form.Get("password"), middleware.ClientAddr(c.r))
	if err != nil {
		c.actor = forge.Actor{} // whoever was signed in meant to be somebody else
		return c.again(err, (*call).signIn)
	}
	return c.startSession(actor)
}

// startSession starts a session of an account, with the display the account likes,
// and leads on.
func (c *call) startSession(actor forge.Actor) error {
	if err := c.newSession(actor.ID); err != nil {
		return err
	}
	user, err := c.p.Forge.UserByID(c.r.Context(), actor.ID)
	if err != nil {
		return err
	}
	if user.Locale != "" {
		c.setCookie(languageCookie, user.Locale, displayAge)
	}
	if user.Theme != "" {
		c.setCookie(themeCookie, user.Theme, displayAge)
	}
	c.redirect(c.back("/"))
	return nil
}

// newSession takes the place of the browser's session, if it has one.
func (c *call) newSession(account int64) error {
	if err := c.p.Forge.SignOut(c.r.Context(), c.r); err != nil {
		return err
	}
	session, err := c.p.Forge.CreateSession(c.r.Context(), account, c.r.UserAgent(), middleware.ClientAddr(c.r))
	if err != nil {
		return err
	}
	http.SetCookie(c.w, session)
	return nil
}

func (c *call) signOut() error {
	if err := c.p.Forge.SignOut(c.r.Context(), c.r); err != nil {
		return err
	}
	http.SetCookie(c.w, c.p.Forge.ClearCookie())
	c.redirect("/")
	return nil
}

func (c *call) signUp() error {
	if !c.actor.Anonymous() {
		c.redirect("/")
		return nil
	}
	form := c.ask("/sign-up", c.tr("sign.up"), append(c.accountFields(), templates.Field{
		Name: "password", Label: c.tr("sign.password"), Hint: c.tr("password.rule"), Type: "password", Autocomplete: "new-password", Required: true,
	})...)
	return c.show("sign/up", signPage{Page: c.page(c.tr("sign.up_title")), Form: form, Registration: true})
}

// accountFields are what every new account is asked for.
func (c *call) accountFields() []templates.Field {
	return []templates.Field{
		{Name: "alias", Label: c.tr("sign.alias"), Hint: c.tr("form.alias_rule"), Autocomplete: "username", Required: true},
		{Name: "email", Label: c.tr("sign.email"), Type: "email", Autocomplete: "email", Required: true},
		{Name: "title", Label: c.tr("sign.full_name"), Autocomplete: "name"},
	}
}

func (c *call) register() error {
	user, err := c.p.Forge.CreateUser(c.r.Context(), embedded.NewUser{
		Alias: c.form.Get("alias"), Email: c.form.Get("email"), Title: c.form.Get("title"), Password: c.form.Get("password"),
	})
	if err != nil {
		return c.again(err, (*call).signUp)
	}
	return c.startSession(forge.Actor{ID: user.ID})
}

// displayAge is how long a browser keeps the reader's language and theme.
const displayAge = 365 * 24 * time.Hour

// display changes the reader's language or theme, and that of the account of
// whoever signed in.
func (c *call) display() error {
	var profile func(*embedded.Profile)
	switch language, theme := c.form.Get("language"), c.form.Get("theme"); {
	case c.form.Has("language"):
		if c.p.languages.Match("", language).Code() != language {
			return fault.New(fault.Invalid, "there is no language %q here", language)
		}
		c.setCookie(languageCookie, language, displayAge)
		profile = func(p *embedded.Profile) { p.Locale = language }
	case theme == "" || theme == "light" || theme == "dark":
		c.setCookie(themeCookie, theme, displayAge)
		profile = func(p *embedded.Profile) { p.Theme = theme }
	default:
		return fault.New(fault.Invalid, "there is no theme %q: light, dark, or none to follow the system", theme)
	}
	if !c.actor.Anonymous() {
		user, err := c.p.Forge.UserByID(c.r.Context(), c.actor.ID)
		if err != nil {
			return err
		}
		p := embedded.Profile{Title: user.Title, Email: user.Email, Locale: user.Locale, Theme: user.Theme}
		profile(&p)
		if err := c.p.Forge.UpdateUser(c.r.Context(), user.ID, p); err != nil {
			return err
		}
	}
	c.redirect(c.back("/"))
	return nil
}
