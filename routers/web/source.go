package web

import (
	"net/url"
	"path"
	"slices"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/git"
	"ingot.dev/templates"
)

// source is a project's repository as one page shows it: at one revision.
type source struct {
	*git.Repository
	home     string // address of the project
	ref      string // as the address names it, empty for the default branch
	rev      string // what that means to git; empty where nothing was pushed yet
	branches []git.Branch
}

// source opens the repository of the call's project. It is for the caller to
// close. The query ref chooses a branch, a tag or a commit, which may have
// slashes in it.
func (c *call) source() (_ *source, err error) {
	ctx := c.r.Context()
	dir, err := c.p.Forge.Repository(ctx, c.scope)
	if err != nil {
		return nil, err
	}
	repo, err := git.Open(dir)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = repo.Close() // it was read only
		}
	}()
	s := &source{Repository: repo, home: c.home(), ref: c.r.URL.Query().Get("ref")}
	if s.branches, err = repo.Branches(ctx); err != nil {
		return nil, err
	}
	head, err := repo.Head(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case s.ref != "":
		// A branch and a tag may share a name; the menu means the branch.
		s.rev = s.ref
		if s.branch(s.ref) {
			s.rev = "refs/heads/" + s.ref
		}
	case head.Commit != "":
		s.rev = "HEAD"
	case len(s.branches) > 0:
		// What was pushed has another name than the default branch.
		s.ref = s.branches[0].Name
		s.rev = "refs/heads/" + s.ref
	}
	if s.ref != "" && s.ref == head.Name {
		s.ref = "" // one address for one page
	}
	return s, nil
}

func (s *source) branch(name string) bool {
	return slices.ContainsFunc(s.branches, func(b git.Branch) bool { return b.Name == name })
}

// at gives the address of a page of the repository for a path in its tree, at
// the same revision. The page is "tree" or "raw"; "" and no path is the root.
func (s *source) at(page, file string) string {
	to := s.home
	if page != "" && (file != "" || page != "tree") {
		to += "/" + page
	}
	if file != "" {
		for segment := range strings.SplitSeq(file, "/") {
			to += "/" + url.PathEscape(segment)
		}
	}
	return s.withRef(to)
}

func (s *source) withRef(to string) string {
	if s.ref != "" {
		to += "?ref=" + url.QueryEscape(s.ref)
	}
	return to
}

// menuBranches is how many branches the menu offers.
const menuBranches = 100

// menu lets the reader choose another branch, on the page that address makes
// for a source.
func (s *source) menu(c *call, head string, address func(*source) string) templates.Menu {
	m := templates.Menu{Label: c.tr("code.branch")}
	found := false
	for i, b := range s.branches {
		other := &source{home: s.home, ref: b.Name}
		if b.Name == head {
			other.ref = ""
		}
		active := other.ref == s.ref
		found = found || active
		if i < menuBranches || active {
			m.Items = append(m.Items, templates.Choice{Text: b.Name, URL: address(other), Active: active})
		}
	}
	if !found && s.ref != "" { // a tag or a commit
		text := s.ref
		if len(text) == 40 {
			text = text[:7]
		}
		m.Items = append([]templates.Choice{{Text: text, URL: address(s), Active: true}}, m.Items...)
	}
	return m
}

// crumbs lead from the root of the tree to a path in it.
func (s *source) crumbs(root, file string) []templates.Crumb {
	if file == "" {
		return nil
	}
	crumbs := []templates.Crumb{{Text: root, URL: s.at("tree", "")}}
	segments := strings.Split(file, "/")
	for i, name := range segments {
		crumb := templates.Crumb{Text: name}
		if i < len(segments)-1 {
			crumb.URL = s.at("tree", path.Join(segments[:i+1]...))
		}
		crumbs = append(crumbs, crumb)
	}
	return crumbs
}

// inline are the kinds of picture that a browser may show: none of them can
// hold a script.
var inline = []string{"image/png", "image/jpeg", "image/gif", "image/webp"}

// picture tells by its name whether a file is to be shown as a picture.
func picture(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".png", ".jpg", ".jpeg", ".gif", ".webp":
		return true
	}
	return false
}

// notPushed is the fault of an address that needs a commit where there is none.
func notPushed() error {
	return fault.New(fault.NotFound, "nothing was pushed to this project yet")
}
