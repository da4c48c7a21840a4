package web

import (
	"context"

	"ingot.dev/modules/format"
	"ingot.dev/services/registry"
	"ingot.dev/templates"
)

// registrySettingsPage holds the settings of an owner's registries.
type registrySettingsPage struct {
	templates.Page
	Registry string
	Formats  []formatSettings
}

// formatSettings are those of the registry of one format.
type formatSettings struct {
	ID, Title, Tile string
	Form            templates.Form
	Cleaning        string // where to see what the rules would remove, empty where there are none
}

// configurable tells whether any format has settings of a registry.
func (c *call) configurable() bool {
	for _, k := range c.p.Registry.Kinds() {
		if len(settings(k, format.OfRegistry)) > 0 {
			return true
		}
	}
	return false
}

func (c *call) registrySettings() error {
	c.nav = "packages"
	base := registryURL(c.scope.Path)
	page := registrySettingsPage{Page: c.page(c.tr("manage.registry")), Registry: base}
	for _, k := range c.p.Registry.Kinds() {
		list := settings(k, format.OfRegistry)
		if len(list) == 0 {
			continue
		}
		values := map[string]string{}
		for _, s := range list {
			value, err := c.p.Registry.Setting(c.r.Context(), c.scope.Ref, k, s.Name)
			if err != nil {
				return err
			}
			values[s.Name] = value
		}
		one := formatSettings{ID: k.Info.ID, Title: k.Info.Title, Tile: k.Info.Short, Form: *c.settingsForm(base+"/settings/"+k.Info.ID, list, values)}
		if k.Cleaning != nil {
			one.Cleaning = base + "/settings/" + k.Info.ID + "/cleaning"
		}
		page.Formats = append(page.Formats, one)
	}
	var err error
	if page.Place, err = c.place(tabPackages); err != nil {
		return err
	}
	return c.show("registry/settings", page)
}

func (c *call) saveRegistrySettings() error {
	name := c.params.Value("format")
	k := c.p.Registry.Kind(name)
	if k == nil || len(settings(k, format.OfRegistry)) == 0 {
		return errNoFormat(name)
	}
	list := settings(k, format.OfRegistry)
	values, err := c.settingValues(list)
	if err != nil {
		return c.again(err, (*call).registrySettings)
	}
	if err := c.p.Registry.Configure(c.r.Context(), c.scope.Ref, k, values); err != nil {
		return err
	}
	return c.done(registryURL(c.scope.Path)+"/settings", c.tr("form.saved"))
}

// cleaningPage says what the rules of a registry would remove now.
type cleaningPage struct {
	templates.Page
	Settings string
	Rows     []cleaningRow
	More     int64 // versions that are not shown
	Total    int64
	Size     int64 // bytes, shared ones counted with each version
	Form     templates.Form
}

type cleaningRow struct {
	Package, URL, Version, VersionURL string
	Size                              int64
}

// cleaningShown is how many versions the page of a dry run shows.
const cleaningShown = 200

// cleaned finds the kind whose registry is to be cleaned.
func (c *call) cleaned() (*registry.Kind, error) {
	name := c.params.Value("format")
	k := c.p.Registry.Kind(name)
	if k == nil || k.Cleaning == nil || k.Configured == nil {
		return nil, errNoFormat(name)
	}
	return k, nil
}

func (c *call) cleaning() error {
	c.nav = "packages"
	k, err := c.cleaned()
	if err != nil {
		return err
	}
	at := registryURL(c.scope.Path) + "/settings"
	page := cleaningPage{Page: c.page(c.tr("manage.cleaning", k.Info.Title)), Settings: at}
	if err := c.p.Registry.Clean(c.r.Context(), c.scope.Ref, k, true, func(s registry.Superfluous) {
		pkg := c.packageURL(s.Package)
		for _, v := range s.Versions {
			page.Total++
			page.Size += v.Size
			if len(page.Rows) < cleaningShown {
				page.Rows = append(page.Rows, cleaningRow{s.Package.Name, pkg, v.Name, versionURL(pkg, v.Name), v.Size})
			}
		}
	}); err != nil {
		return err
	}
	page.More = page.Total - int64(len(page.Rows))
	page.Form = c.ask(at+"/"+k.Info.ID+"/cleaning", c.tr("manage.clean_now"))
	page.Form.Danger, page.Form.Cancel = true, at
	if page.Place, err = c.place(tabPackages); err != nil {
		return err
	}
	return c.show("registry/cleaning", page)
}

// clean removes what the rules of a registry call superfluous, now.
func (c *call) clean() error {
	k, err := c.cleaned()
	if err != nil {
		return err
	}
	var n int64
	// Whoever closes the page does not stop it halfway.
	ctx := context.WithoutCancel(c.r.Context())
	if err := c.p.Registry.Clean(ctx, c.scope.Ref, k, false, func(s registry.Superfluous) { n += int64(len(s.Versions)) }); err != nil {
		return err
	}
	return c.done(registryURL(c.scope.Path)+"/settings", c.locale.TrN(n, "manage.cleaned"))
}
