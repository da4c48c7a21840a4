package web

import (
	"net/url"
	"strconv"

	"ingot.dev/modules/git"
	"ingot.dev/templates"
)

// commitsPage shows the history of a revision, the newest commit first.
type commitsPage struct {
	templates.Page
	Refs    templates.Menu
	Commits []listedCommit
	Pager   templates.Pager
}

type listedCommit struct {
	git.Commit
	URL string // of the tree at the commit
}

// maxHistory bounds how far back the pages lead: each has to walk all commits
// before it.
const maxHistory = 10_000

func (c *call) commits() error {
	ctx := c.r.Context()
	s, err := c.source()
	if err != nil {
		return err
	}
	defer s.Close()
	if s.rev == "" {
		return notPushed()
	}
	from := min(c.number("from", 0, 0), maxHistory)
	list, err := s.Log(ctx, s.rev, from+perPage+1)
	if err != nil {
		return err
	}
	list = list[min(from, len(list)):]
	data := commitsPage{Page: c.page(c.tr("code.commits") + " · " + c.scope.Path.Owner + "/" + c.scope.Path.Name)}
	data.Pager.ByTime = true
	at := func(from int) string {
		q := url.Values{}
		if s.ref != "" {
			q.Set("ref", s.ref)
		}
		if from > 0 {
			q.Set("from", strconv.Itoa(from))
		}
		return s.home + "/commits?" + q.Encode()
	}
	if from > 0 {
		data.Pager.Prev = at(max(0, from-perPage))
	}
	if len(list) > perPage {
		list = list[:perPage]
		data.Pager.Next = at(from + perPage)
	}
	for _, commit := range list {
		data.Commits = append(data.Commits, listedCommit{commit, (&source{home: s.home, ref: commit.Hash}).at("tree", "")})
	}
	head, err := s.Head(ctx)
	if err != nil {
		return err
	}
	data.Refs = s.menu(c, head.Name, func(o *source) string { return o.withRef(o.home + "/commits") })
	if data.Place, err = c.place(tabCode); err != nil {
		return err
	}
	return c.show("project/commits", data)
}
