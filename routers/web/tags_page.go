package web

import (
	"net/http"
	"regexp"
	"time"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/routers/gate"
	"ingot.dev/services/tags"
	"ingot.dev/templates"
)

// tagsPage is the tags of a project with what can be made of them.
type tagsPage struct {
	templates.Page
	Filter   string
	OnPush   string // the pattern of publish on push, empty where that is off
	Settings string // where to change it, empty for those who may not
	Publish  string // where the buttons send to
	Rows     []tagRow
	Pager    templates.Pager
	Empty    bool
	Begin    string // what to type to make a tag
}

type tagRow struct {
	Name, URL         string
	Annotated         bool
	Tagger            string
	When              time.Time
	Commit, CommitURL string
	Subject           string
	Outlooks          []outlookRow
}

// outlookRow is what becomes of a tag in one format.
type outlookRow struct {
	Format, Title    string
	Package, Version string
	URL              string // of the published version
	Downloads        int64
	Moved            bool
	Made             string // commit that it was made from
	Trouble          string
	File             string // the page of the file that the trouble is in
	Offer            bool   // whether the reader may publish it now
}

func (c *call) tags() error {
	ctx := c.r.Context()
	filter, offset := c.r.URL.Query().Get("q"), c.number("from", 0, 0)
	list, total, err := c.p.Tags.Page(ctx, c.scope, filter, perPage, offset)
	if err != nil {
		return err
	}
	rule, err := c.p.Tags.Rule(ctx, c.scope.Ref)
	if err != nil {
		return err
	}
	home := scopeURL(c.scope.Path)
	page := tagsPage{
		Page: c.page(c.tr("tag.title", c.scope.Path.Owner+"/"+c.scope.Path.Name)), Filter: filter,
		Publish: home + "/tags/publish", Pager: c.pager(offset, len(list), total),
		Empty: total == 0 && filter == "", Begin: "git tag v1.0.0\ngit push origin v1.0.0",
	}
	page.Pager.ByTime = true
	if rule.Enabled {
		page.OnPush = rule.Pattern
	}
	if c.may(forge.Manage) {
		page.Settings = home + "/settings"
	}
	publish := c.may(forge.PublishPackages)
	for _, t := range list {
		page.Rows = append(page.Rows, c.tagRow(t, publish))
	}
	if page.Place, err = c.place(tabTags); err != nil {
		return err
	}
	return c.render(http.StatusOK, "tag/list", page)
}

func (c *call) tagRow(t tags.Tag, publish bool) tagRow {
	row := tagRow{
		Name: t.Name, URL: c.treeURL("", t.Name), Annotated: t.Annotated, Tagger: t.Tagger.Name, When: t.Tagger.When,
		Commit: t.Commit, Subject: t.Subject,
	}
	if t.Commit != "" {
		row.CommitURL = c.treeURL("", t.Commit)
	}
	for _, o := range t.Outlooks {
		one := outlookRow{
			Format: o.Kind.Info.ID, Title: o.Kind.Info.Title, Package: o.Coordinates.Package, Version: o.Coordinates.Version,
			Offer: publish && o.Made == nil && o.Trouble == nil,
		}
		if o.Made != nil {
			one.URL = versionURL(packageURL(c.scope.Path, o.Kind.Info.ID, o.Made.UUID), o.Made.Version)
			one.Downloads, one.Moved, one.Made = o.Made.Downloads, o.Moved, o.Made.Commit
		}
		if o.Trouble != nil {
			f := c.p.Gate.Explain(c.r, o.Trouble)
			one.Trouble = f.Message
			if file, line := troubled(f); file != "" {
				one.File = c.treeURL(file, t.Name) + line
			}
		}
		row.Outlooks = append(row.Outlooks, one)
	}
	return row
}

// faultPlace is how a format says where in a file it found a fault:
// "composer.json, line 12: ...".
var faultPlace = regexp.MustCompile(`^([\w@+-][\w@+./-]*\.\w+)(?:, line (\d+)| )`)

// troubled gives the file that a fault is about and the place in its page.
func troubled(f *fault.Fault) (file, line string) {
	m := faultPlace.FindStringSubmatch(f.Message)
	if m == nil || f.Kind != fault.Unprocessable {
		return "", ""
	}
	if m[2] != "" {
		line = "#L" + m[2]
	}
	return m[1], line
}

// publishTag makes the package of a tag and leads back to the tags.
func (c *call) publishTag() error {
	to := c.back(scopeURL(c.scope.Path) + "/tags")
	k := c.p.Registry.Kind(c.form.Get("format"))
	if k == nil || k.Tagged == nil {
		return errNoFormat(c.form.Get("format"))
	}
	reg := c.p.Registry.Bind(k, c.scope, c.actor, forge.PublishPackages, format.Transport)
	v, err := c.p.Tags.Publish(c.r.Context(), c.scope, reg, k, c.form.Get("tag"))
	if err != nil {
		f := c.p.Gate.Explain(c.r, err)
		if gate.Status(f.Kind) >= http.StatusInternalServerError {
			return err
		}
		c.flash("bad", f.Message)
		c.redirect(to)
		return nil
	}
	return c.done(to, c.tr("tag.done", v.Package, v.Name))
}

func errNoFormat(name string) error {
	return fault.New(fault.NotFound, "there is no package format %q here", name)
}
