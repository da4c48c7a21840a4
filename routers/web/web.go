// Package web is the pages: the forge's own, and those of packages. Each page
// is a file with a handler and a typed struct that its template shows. Pages
// work without script; every action is a form whose answer leads to a page.
package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/i18n"
	"ingot.dev/modules/scope"
	"ingot.dev/modules/setting"
	"ingot.dev/options"
	"ingot.dev/routers/gate"
	"ingot.dev/routers/middleware"
	"ingot.dev/routers/packages"
	embedded "ingot.dev/services/forge"
	"ingot.dev/services/login"
	"ingot.dev/services/outbox"
	"ingot.dev/services/registry"
	"ingot.dev/services/tags"
	"ingot.dev/templates"
)

// Options is what the pages are made from.
type Options struct {
	Gate     *gate.Gate
	Forge    *embedded.Forge // nil where another forge is mounted, which has pages of its own
	Registry *registry.Service
	Tags     *tags.Service
	Packages *packages.Mount
	Jobs     *outbox.Service
	Logins   *login.Service
	Ready    func(ctx context.Context) error // whether the database answers
	Config   *setting.Config
	Root     string // absolute address of the server, no slash at the end
	Release  string // of the program
}

// Pages serves the pages. It is safe for concurrent use.
type Pages struct {
	Options
	table     format.Table[Route]
	templates *templates.Set
	languages *i18n.Catalogue
	now       func() time.Time
	started   time.Time // about when the server did
}

// Route is the address of a page or of an action.
type Route struct {
	Name    string
	Method  string
	Pattern string
	// Of is the kind of scope that the parameters owner and project, company or
	// user of the pattern name; Service for pages of the whole service, zero
	// for pages that have no scope.
	Of     scope.Kind
	Need   forge.Permission
	handle func(*call) error
}

// New makes the pages. It panics on a route without a permission or handler:
// such a program must not start.
func New(o Options) (*Pages, error) {
	p := &Pages{Options: o, now: time.Now, started: time.Now()}
	var err error
	if p.languages, err = i18n.Load(options.Files); err != nil {
		return nil, err
	}
	if p.templates, err = templates.Parse(p.languages, p.now); err != nil {
		return nil, err
	}
	for _, r := range p.Routes() {
		if !p.Gate.Access.Knows(r.Need) || r.handle == nil || r.Name == "" {
			panic("page " + r.Name + " has no known permission, handler or name")
		}
		p.table.Add(r.Method, r.Pattern, r)
	}
	return p, nil
}

// Routes lists all pages and actions, for the table and for tests that walk
// them. The first that fits an address wins.
func (p *Pages) Routes() []Route {
	if p.Forge == nil {
		return slices.Concat(p.assetRoutes(), p.loginRoutes(), p.packageRoutes())
	}
	return slices.Concat(p.assetRoutes(), p.loginRoutes(), p.forgeRoutes(), p.packageRoutes())
}

// Serve answers a page. It is false where no page has this address.
func (p *Pages) Serve(w http.ResponseWriter, r *http.Request, segments []string) bool {
	route, params, allow, ok := p.table.Match(r.Method, segments)
	if !ok && len(allow) == 0 {
		return false
	}
	c := &call{p: p, w: w, r: r, params: params}
	c.locale = p.languages.Match(r.Header.Get("Accept-Language"), cookie(r, languageCookie))
	if !ok {
		middleware.SetRoute(r.Context(), "page.unknown")
		w.Header().Set("Allow", strings.Join(allow, ", "))
		c.fail(fault.New(fault.NotAllowed, "this address takes %s", strings.Join(allow, ", ")))
		return true
	}
	middleware.SetRoute(r.Context(), "page."+route.Name)
	if err := c.serve(route); err != nil {
		c.fail(err)
	}
	return true
}

// Fail answers a request that no area served: with a page for a browser, with
// text for others.
func (p *Pages) Fail(w http.ResponseWriter, r *http.Request, f *fault.Fault) {
	c := &call{p: p, w: w, r: r}
	c.locale = p.languages.Match(r.Header.Get("Accept-Language"), cookie(r, languageCookie))
	if actor, err := p.Gate.Browser(r); err == nil {
		c.actor = actor
	}
	c.fail(f)
}
