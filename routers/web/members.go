package web

import (
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
	embedded "ingot.dev/services/forge"
	"ingot.dev/templates"
)

// memberList is the members of a company or a project, and, for who manages
// them, what can be done with them.
type memberList struct {
	Base   string // address of the list's actions
	Rows   []memberRow
	Pager  templates.Pager
	Manage bool
	// The form that adds a member.
	Trouble string
	Alias   templates.Field
	Role    templates.Field
}

type memberRow struct {
	embedded.Member
	Roles []templates.Option // that the reader can give it; none: the reader cannot change it
}

// members reads the list. Base is where its actions are.
func (c *call) members(base string) (memberList, error) {
	from := c.number("from", 0, 0)
	list, total, err := c.p.Forge.Members(c.r.Context(), c.scope.Ref, embedded.Page{Limit: perPage, Offset: from})
	if err != nil {
		return memberList{}, err
	}
	m := memberList{Base: base, Pager: c.pager(from, len(list), total), Manage: c.may(forge.Manage)}
	var options []templates.Option
	var own forge.Role
	if m.Manage {
		if own, err = c.role(); err != nil {
			return m, err
		}
		for r := forge.Guest; r <= own; r++ {
			options = append(options, templates.Option{Value: r.String(), Text: c.tr("role." + r.String())})
		}
		form := c.ask(base, "",
			templates.Field{Name: "alias", Label: c.tr("member.alias"), Autocomplete: "off", Required: true},
			templates.Field{Name: "role", Label: c.tr("member.role"), Value: forge.Developer.String(), Options: options},
		)
		m.Trouble, m.Alias, m.Role = form.Trouble, form.Fields[0], form.Fields[1]
	}
	for _, member := range list {
		row := memberRow{Member: member}
		if member.Role <= own {
			row.Roles = options
		}
		m.Rows = append(m.Rows, row)
	}
	return m, nil
}

// role is the reader's in the call's scope.
func (c *call) role() (forge.Role, error) {
	roles, err := c.p.Forge.Roles(c.r.Context(), c.actor, c.scope)
	if err != nil {
		return forge.Nobody, err
	}
	return roles[0], nil
}

// companyMembersPage shows a company's members.
type companyMembersPage struct {
	templates.Page
	Members memberList
}

func (c *call) companyMembers() error {
	c.nav = "companies"
	data := companyMembersPage{Page: c.page(c.tr("member.of", c.title()))}
	var err error
	if data.Members, err = c.members(c.home() + "/members"); err != nil {
		return err
	}
	if data.Place, err = c.place(tabMembers); err != nil {
		return err
	}
	return c.show("company/members", data)
}

// crew is the members of a kind of scope, where they are managed.
type crew struct {
	page string // that shows them, below the scope's address
	show func(*call) error
}

// add gives an account that is named by its alias a role.
func (m crew) add(c *call) error {
	role, err := c.wantedRole()
	if err != nil {
		return c.again(err, m.show)
	}
	user, err := c.named(c.form.Get("alias"))
	if fault.Is(err, fault.NotFound) {
		return c.again(fault.New(fault.Invalid, "%s", c.tr("member.unknown", c.form.Get("alias"))).At("alias"), m.show)
	}
	if err != nil {
		return err
	}
	by, err := c.role()
	if err != nil {
		return err
	}
	if err := c.p.Forge.SetMember(c.r.Context(), by, c.scope.Ref, user.ID, role); err != nil {
		return c.again(err, m.show)
	}
	return c.done(c.home()+m.page, c.tr("member.added", user.Path.Owner, c.tr("role."+role.String())))
}

func (c *call) wantedRole() (forge.Role, error) {
	role, ok := forge.ParseRole(c.form.Get("role"))
	if !ok {
		return role, fault.New(fault.Invalid, "%s", c.tr("member.no_role")).At("role")
	}
	return role, nil
}

// change gives the member that the address names another role.
func (m crew) change(c *call) error {
	role, err := c.wantedRole()
	if err != nil {
		return c.refuse(c.home()+m.page, err)
	}
	user, by, err := c.member()
	if err != nil {
		return err
	}
	if err := c.p.Forge.SetMember(c.r.Context(), by, c.scope.Ref, user.ID, role); err != nil {
		return c.refuse(c.home()+m.page, err)
	}
	return c.done(c.home()+m.page, c.tr("member.changed", user.Path.Owner, c.tr("role."+role.String())))
}

// named finds a user by alias. It takes no e-mail address, so that nobody can
// ask whose it is.
func (c *call) named(alias string) (scope.Scope, error) {
	return c.p.Forge.Resolve(c.r.Context(), scope.Path{Kind: scope.User, Owner: alias})
}

// member finds the account that the address names, and the reader's own role.
func (c *call) member() (user scope.Scope, by forge.Role, err error) {
	if user, err = c.named(c.params.Value("member")); err != nil {
		return user, by, err
	}
	by, err = c.role()
	return user, by, err
}

func (m crew) askRemove(c *call) error {
	user, _, err := c.member()
	if err != nil {
		return err
	}
	return c.confirm(confirmPage{
		Page: c.page(c.tr("member.remove_title", user.Path.Owner)), Text: c.tr("member.remove_text", user.Path.Owner, c.scope.Path.String()),
		Form: c.ask(c.r.URL.EscapedPath(), c.tr("member.remove")),
	}, c.home()+m.page)
}

func (m crew) remove(c *call) error {
	user, by, err := c.member()
	if err != nil {
		return err
	}
	if err := c.p.Forge.RemoveMember(c.r.Context(), by, c.scope.Ref, user.ID); err != nil {
		return c.refuse(c.home()+m.page, err)
	}
	to := c.home() + m.page
	if user.ID == c.actor.ID {
		to = "/" // who went may not see the list any more
	}
	return c.done(to, c.tr("member.removed", user.Path.Owner))
}
