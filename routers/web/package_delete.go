package web

import (
	"net/url"
	"slices"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/services/registry"
	"ingot.dev/templates"
)

// doomed is what is to be deleted: a package, a version or a file of one.
type doomed struct {
	pkg     *format.Package
	kind    *registry.Kind
	version *format.Version // nil for the whole package
	file    *format.File    // nil for a whole version
	files   int             // of the package
	tags    map[string]string
}

// tag tells whether only a tag is to be deleted.
func (d *doomed) tag() bool { return d.version != nil && byTag(d.kind, d.version) }

// doomed finds what the address or the form names: a file by its public id, a
// version by its name, else the package.
func (c *call) doomed() (d doomed, err error) {
	ctx := c.r.Context()
	if d.pkg, d.kind, err = c.subject(); err != nil {
		return d, err
	}
	named := func(field string) string {
		if v := c.form.Get(field); v != "" {
			return v
		}
		return c.r.URL.Query().Get(field)
	}
	reg := c.p.Registry.Bind(d.kind, c.scope, c.actor, forge.ReadPackages, format.Manually)
	if d.tags, err = reg.Tags(ctx, d.pkg.Name); err != nil {
		return d, err
	}
	version := named("version")
	if file := named("file"); file != "" {
		if d.file, err = c.p.Registry.FileOf(ctx, c.scope.Ref, d.pkg.UUID, file); err != nil {
			return d, err
		}
		version = d.file.Version
		if d.kind.Info.ByTag {
			return d, fault.New(fault.NotAllowed, "a file cannot be taken out of %s; delete the version", d.pkg.Name)
		}
	}
	if version != "" {
		d.version, err = reg.Version(ctx, d.pkg.Name, version)
		return d, err
	}
	_, d.files, err = c.p.Registry.FilePage(ctx, c.scope.Ref, d.pkg.UUID, 1, 0)
	return d, err
}

// deletion asks whether to delete and says exactly what goes.
func (c *call) deletion() error {
	c.nav = "packages"
	d, err := c.doomed()
	if err != nil {
		return err
	}
	at := c.packageURL(d.pkg)
	var page confirmPage
	form := c.ask(at+"/delete", c.tr("delete.submit"))
	cancel := at
	if d.version != nil {
		cancel = versionURL(at, d.version.Name)
	}
	switch {
	case d.file != nil:
		page.Page = c.page(c.tr("delete.file", d.file.Name))
		page.Text = c.tr("delete.file_of", d.pkg.Name, d.version.Name)
		form.Hidden = []templates.Option{{Value: "file", Text: d.file.UUID}}
	case d.tag():
		page.Page = c.page(c.tr("delete.tag", d.pkg.Name, d.version.Name))
		page.Text = c.tr("delete.tag_only")
		form.Hidden = []templates.Option{{Value: "version", Text: d.version.Name}}
	case d.version != nil:
		page.Page = c.page(c.tr("delete.version", d.pkg.Name, templates.Brief(d.version.Name)))
		page.Text = c.tr("delete.for_good")
		form.Hidden = []templates.Option{{Value: "version", Text: d.version.Name}}
	default:
		page.Page = c.page(c.tr("delete.package", d.pkg.Name))
		page.Text = c.tr("delete.for_good")
		form = c.ask(at+"/delete", c.tr("delete.submit"), c.typed(d.pkg.Name))
	}
	page.Goes = c.goes(&d)
	page.Form = form
	if page.Place, err = c.place(tabPackages); err != nil {
		return err
	}
	return c.confirm(page, cancel)
}

// goes lists what a deletion takes away, and of a tag what it leaves.
func (c *call) goes(d *doomed) []string {
	l := c.locale
	if d.tag() {
		return c.left(d)
	}
	if d.version == nil {
		out := []string{
			l.TrN(int64(d.pkg.Versions), "delete.versions"),
			l.TrN(int64(d.files), "delete.files") + ", " + l.Size(d.pkg.Size),
			l.TrN(d.pkg.Downloads, "delete.downloads"),
		}
		if len(d.tags) > 0 {
			out = append(out, l.TrN(int64(len(d.tags)), "delete.tags"))
		}
		return out
	}
	var out []string
	if d.file != nil {
		out = append(out, d.file.Name+", "+l.Size(d.file.Size))
		if len(d.version.Files) > 1 {
			return out
		}
		out = append(out, c.tr("delete.with_version", d.version.Name), l.TrN(d.version.Downloads, "delete.downloads"))
	} else {
		out = append(out, l.TrN(int64(len(d.version.Files)), "delete.files")+", "+l.Size(d.version.Size), l.TrN(d.version.Downloads, "delete.downloads"))
	}
	for _, tag := range tagsOf(d.kind, d.version, d.tags) {
		out = append(out, c.tr("delete.with_tag", tag))
	}
	if d.pkg.Versions == 1 {
		out = append(out, c.tr("delete.with_package", d.pkg.Name))
	}
	return out
}

// left tells of a tag what it points at, and how that is found without it.
func (c *call) left(d *doomed) []string {
	out := []string{c.tr("delete.stays", d.version.Canon)}
	tags := slices.DeleteFunc(tagsOf(d.kind, d.version, d.tags), func(tag string) bool { return tag == d.version.Name })
	switch {
	case len(tags) > 0:
		out = append(out, c.tr("delete.stays_as", strings.Join(tags, ", ")))
	case d.kind.Cleaning != nil:
		out = append(out, c.tr("delete.untagged"))
	}
	return out
}

// remove deletes what was confirmed.
func (c *call) remove() error {
	d, err := c.doomed()
	if err != nil {
		return err
	}
	ref := format.FileRef{Package: d.pkg.Name}
	what := d.pkg.Name
	to := registryURL(c.scope.Path)
	if d.version == nil {
		if err := c.checkTyped(d.pkg.Name); err != nil {
			return c.again(err, (*call).deletion)
		}
	} else {
		ref.Version = d.version.Name
		what += " " + templates.Brief(d.version.Name)
		if d.pkg.Versions > 1 || d.tag() {
			to = c.packageURL(d.pkg)
		}
	}
	if d.file != nil {
		ref.File = d.file.Name
		what = d.file.Name
		if len(d.version.Files) > 1 {
			to = versionURL(c.packageURL(d.pkg), d.version.Name)
		}
	}
	reg := c.p.Registry.Bind(d.kind, c.scope, c.actor, forge.DeletePackages, format.Manually)
	if err := reg.Delete(c.r.Context(), ref); err != nil && !fault.Is(err, fault.NotFound) {
		return err // what is gone already was deleted by somebody else
	}
	return c.done(to, c.tr("delete.done", what))
}

// deleteURL is where a version is asked about.
func deleteURL(pkg, version string) string {
	return pkg + "/delete?version=" + url.QueryEscape(version)
}
