package web

import (
	embedded "ingot.dev/services/forge"
	"ingot.dev/templates"
)

// userPage shows a user and the user's projects.
type userPage struct {
	templates.Page
	User     embedded.User
	Search   string
	Projects []embedded.Project
	Pager    templates.Pager
	Self     bool
}

func (c *call) userFront() error {
	found, err := c.p.Forge.UserByID(c.r.Context(), c.scope.ID)
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
	data := userPage{
		Page: c.page(c.title()), User: found, Search: search, Projects: list,
		Pager: c.pager(from, len(list), total), Self: found.ID == c.actor.ID,
	}
	if data.Place, err = c.place(tabProjects); err != nil {
		return err
	}
	return c.show("user/projects", data)
}
