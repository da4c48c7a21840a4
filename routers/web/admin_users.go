package web

import (
	embedded "ingot.dev/services/forge"
	"ingot.dev/templates"
)

// adminUsersPage lists all users and adds new ones.
type adminUsersPage struct {
	templates.Page
	Tabs   []templates.Tab
	Search string
	Users  []embedded.User
	Pager  templates.Pager
	Form   templates.Form
}

func (c *call) adminUsers() error {
	search, from := c.r.URL.Query().Get("q"), c.number("from", 0, 0)
	list, total, err := c.p.Forge.Users(c.r.Context(), embedded.Page{Search: search, Limit: perPage, Offset: from})
	if err != nil {
		return err
	}
	fields := c.accountFields()
	for i := range fields {
		fields[i].Autocomplete = "off" // it is somebody else's account
	}
	return c.show("admin/users", adminUsersPage{
		Page: c.page(c.tr("admin.users")), Tabs: c.adminTabs("users"), Search: search, Users: list,
		Pager: c.pager(from, len(list), total),
		Form: c.ask("/admin/users", c.tr("admin.add_user"), append(fields,
			templates.Field{Name: "admin", Label: c.tr("admin.is_admin"), Hint: c.tr("admin.is_admin_hint"), Type: "check"})...),
	})
}

// adminPasswordPage shows a generated password, for the only time.
type adminPasswordPage struct {
	templates.Page
	Tabs     []templates.Tab
	User     string
	Password string
}

func (c *call) showPassword(user, password string) error {
	c.secretly()
	return c.show("admin/password", adminPasswordPage{
		Page: c.page(c.tr("admin.password_of", user)), Tabs: c.adminTabs("users"), User: user, Password: password,
	})
}

func (c *call) adminAddUser() error {
	password := embedded.GeneratePassword()
	user, err := c.p.Forge.CreateUser(c.r.Context(), embedded.NewUser{
		Alias: c.form.Get("alias"), Email: c.form.Get("email"), Title: c.form.Get("title"),
		Password: password, Admin: c.form.Get("admin") != "",
	})
	if err != nil {
		return c.again(err, (*call).adminUsers)
	}
	return c.showPassword(user.Alias, password)
}

// adminUserPage shows one user and what can be done with the account.
type adminUserPage struct {
	templates.Page
	Tabs []templates.Tab
	User embedded.User
	Base string // address of the actions
}

// account finds the user that the address names.
func (c *call) account() (embedded.User, error) {
	sc, err := c.named(c.params.Value("account"))
	if err != nil {
		return embedded.User{}, err
	}
	return c.p.Forge.UserByID(c.r.Context(), sc.ID)
}

func (c *call) adminUser() error {
	user, err := c.account()
	if err != nil {
		return err
	}
	return c.show("admin/user", adminUserPage{
		Page: c.page(user.Alias), Tabs: c.adminTabs("users"), User: user, Base: "/admin/users/" + user.Alias,
	})
}

func (c *call) adminSetAdmin() error {
	user, err := c.account()
	if err != nil {
		return err
	}
	back := "/admin/users/" + user.Alias
	if err := c.p.Forge.SetAdmin(c.r.Context(), user.ID, c.form.Get("admin") != ""); err != nil {
		return c.refuse(back, err)
	}
	return c.done(back, c.tr("form.saved"))
}

func (c *call) adminAskBlock() error {
	user, err := c.account()
	if err != nil {
		return err
	}
	return c.confirm(confirmPage{
		Page: c.page(c.tr("admin.block_title", user.Alias)), Text: c.tr("admin.block_text"),
		Form: c.ask("/admin/users/"+user.Alias+"/block", c.tr("admin.block")),
	}, "/admin/users/"+user.Alias)
}

func (c *call) adminBlock() error   { return c.setBlocked(true) }
func (c *call) adminUnblock() error { return c.setBlocked(false) }

func (c *call) setBlocked(blocked bool) error {
	user, err := c.account()
	if err != nil {
		return err
	}
	back := "/admin/users/" + user.Alias
	if err := c.p.Forge.SetBlocked(c.r.Context(), user.ID, blocked); err != nil {
		return c.refuse(back, err)
	}
	if blocked {
		return c.done(back, c.tr("admin.blocked", user.Alias))
	}
	return c.done(back, c.tr("admin.unblocked", user.Alias))
}

func (c *call) adminAskPassword() error {
	user, err := c.account()
	if err != nil {
		return err
	}
	return c.confirm(confirmPage{
		Page: c.page(c.tr("admin.password_title", user.Alias)), Text: c.tr("admin.password_text"),
		Form: c.ask("/admin/users/"+user.Alias+"/password", c.tr("admin.password")),
	}, "/admin/users/"+user.Alias)
}

func (c *call) adminSetPassword() error {
	user, err := c.account()
	if err != nil {
		return err
	}
	password := embedded.GeneratePassword()
	if err := c.p.Forge.SetPassword(c.r.Context(), user.ID, password); err != nil {
		return err
	}
	return c.showPassword(user.Alias, password)
}

func (c *call) adminAskDelete() error {
	user, err := c.account()
	if err != nil {
		return err
	}
	return c.confirm(confirmPage{
		Page: c.page(c.tr("admin.delete_title", user.Alias)), Text: c.tr("admin.delete_text"),
		Goes: []string{c.tr("admin.goes_tokens"), c.tr("admin.goes_roles"), c.tr("company.goes_name", user.Alias)},
		Form: c.ask("/admin/users/"+user.Alias+"/delete", c.tr("admin.delete"), c.typed(user.Alias)),
	}, "/admin/users/"+user.Alias)
}

func (c *call) adminDelete() error {
	user, err := c.account()
	if err != nil {
		return err
	}
	if err := c.checkTyped(user.Alias); err != nil {
		return c.again(err, (*call).adminAskDelete)
	}
	if err := c.p.Forge.DeleteUser(c.r.Context(), user.ID); err != nil {
		return c.again(err, (*call).adminAskDelete)
	}
	return c.done("/admin/users", c.tr("form.deleted", user.Alias))
}
