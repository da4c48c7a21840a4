package web

import (
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/services/registry"
	"ingot.dev/templates"
)

// managePage is where those who publish a package say more about it and its
// versions: what was taken back, what is deprecated.
type managePage struct {
	templates.Page
	Name    string
	URL     string // of the package or version
	Version string // empty: of the package alone
	Yanked  bool
	Reason  string
	Yank    *templates.Form
	Of      *templates.Form // settings of the version
	Package *templates.Form // and of the package
}

// manageable tells whether there is anything that pages can say of packages of
// a kind.
func manageable(k *registry.Kind) bool {
	return k.Info.Yanks || len(settings(k, format.OfVersion)) > 0 || len(settings(k, format.OfPackage)) > 0
}

// settings gives those of a kind that are of one level.
func settings(k *registry.Kind, of format.Level) []format.Setting {
	if k.Configured == nil {
		return nil
	}
	var out []format.Setting
	for _, s := range k.Configured.Settings() {
		if s.Of == of {
			out = append(out, s)
		}
	}
	return out
}

// manageURL is where more is said about a version, or about the package alone.
func manageURL(pkg, version string) string {
	if version == "" {
		return pkg + "/manage"
	}
	return pkg + "/manage?version=" + url.QueryEscape(version)
}

// managed finds what the address or the form names.
func (c *call) managed() (p *format.Package, k *registry.Kind, v *format.Version, err error) {
	if p, k, err = c.subject(); err != nil {
		return nil, nil, nil, err
	}
	if !manageable(k) {
		return nil, nil, nil, fault.New(fault.NotFound, "%s packages have nothing to be managed", k.Info.Title)
	}
	reg := c.p.Registry.Bind(k, c.scope, c.actor, forge.ReadPackages, format.Manually)
	if p, err = reg.Package(c.r.Context(), p.Name); err != nil { // with its properties
		return nil, nil, nil, err
	}
	version := c.form.Get("version")
	if version == "" {
		version = c.r.URL.Query().Get("version")
	}
	if version != "" {
		v, err = reg.Version(c.r.Context(), p.Name, version)
	}
	return p, k, v, err
}

func (c *call) manage() error {
	c.nav = "packages"
	p, k, v, err := c.managed()
	if err != nil {
		return err
	}
	at := c.packageURL(p)
	page := managePage{Name: p.Name, URL: at}
	page.Page = c.page(c.tr("manage.title", p.Name))
	if v != nil {
		page.Page.Title = c.tr("manage.title", p.Name+" "+templates.Brief(v.Name))
		page.Version, page.URL, page.Yanked, page.Reason = v.Name, versionURL(at, v.Name), v.Yanked, v.YankReason
		hidden := []templates.Option{{Value: "version", Text: v.Name}}
		if k.Info.Yanks {
			page.Yank = c.yankForm(at, v)
			page.Yank.Hidden = hidden
		}
		page.Of = c.settingsForm(at+"/manage/version", settings(k, format.OfVersion), v.Properties)
		if page.Of != nil {
			page.Of.Hidden = hidden
		}
	}
	page.Package = c.settingsForm(at+"/manage/package", settings(k, format.OfPackage), p.Properties)
	if page.Place, err = c.place(tabPackages); err != nil {
		return err
	}
	return c.show("package/manage", page)
}

func (c *call) yankForm(at string, v *format.Version) *templates.Form {
	if v.Yanked {
		form := c.ask(at+"/manage/unyank", c.tr("manage.unyank"))
		return &form
	}
	form := c.ask(at+"/manage/yank", c.tr("manage.yank"),
		templates.Field{Name: "reason", Label: c.tr("manage.reason"), Hint: c.tr("manage.reason_hint"), Autocomplete: "off"})
	form.Danger = true
	return &form
}

// settingsForm asks for some settings; nil where there are none.
func (c *call) settingsForm(action string, list []format.Setting, values map[string]string) *templates.Form {
	if len(list) == 0 {
		return nil
	}
	lang := c.locale.Code()
	var fields []templates.Field
	for _, s := range list {
		f := templates.Field{Name: s.Name, Label: s.Label.In(lang), Hint: s.Hint.In(lang), Value: values[s.Name], Autocomplete: "off"}
		if len(s.Choices) > 0 {
			f.Options = append(f.Options, templates.Option{Text: c.tr("manage.unset")})
		}
		for _, o := range s.Choices {
			f.Options = append(f.Options, templates.Option{Value: o.Value, Text: o.Label.In(lang)})
		}
		fields = append(fields, f)
	}
	form := c.ask(action, c.tr("form.save"), fields...)
	return &form
}

// lineMost is how long a line of text may be, in bytes.
const lineMost = 4 << 10

// line reads a field of one line.
func (c *call) line(name string) (string, error) {
	value := strings.TrimSpace(c.form.Get(name))
	switch {
	case len(value) > lineMost:
		return "", fault.New(fault.Invalid, "%s", c.tr("manage.too_long", lineMost)).At(name)
	case !utf8.ValidString(value) || strings.ContainsFunc(value, unicode.IsControl):
		return "", fault.New(fault.Invalid, "%s", c.tr("manage.one_line")).At(name)
	}
	return value, nil
}

// settingValues reads what a form of settings says, and refuses what cannot be.
func (c *call) settingValues(list []format.Setting) (map[string]string, error) {
	values := map[string]string{}
	for _, s := range list {
		value, err := c.line(s.Name)
		switch {
		case err != nil:
			return nil, err
		case value == "":
		case len(s.Choices) > 0 && !offered(s.Choices, value):
			return nil, fault.New(fault.Invalid, "%s", c.tr("manage.no_choice", value)).At(s.Name)
		case s.Check != nil:
			if err := s.Check(value); err != nil {
				return nil, fault.From(err).At(s.Name)
			}
		}
		values[s.Name] = value
	}
	return values, nil
}

func offered(choices []format.Choice, value string) bool {
	return slices.ContainsFunc(choices, func(o format.Choice) bool { return o.Value == value })
}

// saveManaged does what one of the forms says.
func (c *call) saveManaged() error {
	p, k, v, err := c.managed()
	if err != nil {
		return err
	}
	to, what := c.packageURL(p), p.Name
	if v != nil {
		to, what = versionURL(to, v.Name), what+" "+templates.Brief(v.Name)
	}
	change, err := c.change(k, v)
	if err != nil {
		return c.again(err, (*call).manage)
	}
	reg := c.p.Registry.Bind(k, c.scope, c.actor, forge.PublishPackages, format.Manually)
	if err := reg.Edit(c.r.Context(), p.Name, change); err != nil {
		return c.again(err, (*call).manage)
	}
	return c.done(to, c.tr("manage.done", what))
}

// change reads a form of the page.
func (c *call) change(k *registry.Kind, v *format.Version) (format.Change, error) {
	form := c.params.Value("form")
	switch {
	case form == "package":
		values, err := c.settingValues(settings(k, format.OfPackage))
		return format.Describe{Properties: values}, err
	case v == nil:
	case form == "version":
		values, err := c.settingValues(settings(k, format.OfVersion))
		return format.Describe{Version: v.Name, Properties: values}, err
	case form == "yank" && k.Info.Yanks:
		reason, err := c.line("reason")
		return format.Yank{Version: v.Name, On: true, Reason: reason}, err
	case form == "unyank" && k.Info.Yanks:
		return format.Yank{Version: v.Name}, nil
	}
	return nil, fault.New(fault.NotFound, "there is no form %q", form)
}
