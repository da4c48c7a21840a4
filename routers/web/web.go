// Package web is the pages: the forge's own, and those of packages. Each page
// is a file with a handler and a typed struct that its template shows. Pages
// work without script; every action is a form.
package web

import (
	"net/http"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
	"ingot.dev/modules/setting"
	"ingot.dev/routers/gate"
	"ingot.dev/routers/middleware"
	"ingot.dev/routers/packages"
	embedded "ingot.dev/services/forge"
	"ingot.dev/services/registry"
	"ingot.dev/services/tags"
)

// Options is what the pages are made from.
type Options struct {
	Gate     *gate.Gate
	Forge    *embedded.Forge
	Registry *registry.Service
	Tags     *tags.Service
	Packages *packages.Mount
	Config   *setting.Config
	Root     string // absolute address of the server, no slash at the end
}

// Pages serves the pages. It is safe for concurrent use.
type Pages struct {
	Options
	table format.Table[Route]
}

// Route is the address of a page or of an action.
type Route struct {
	Name    string
	Method  string
	Pattern string
	// Of is the kind of scope that the pattern's parameters owner and project,
	// company or user name; zero where it names none, Service for pages of the
	// whole service.
	Of     scope.Kind
	Need   forge.Permission
	handle func(*call) error
}

// call is one request of a page.
type call struct {
	w      http.ResponseWriter
	r      *http.Request
	actor  forge.Actor
	scope  scope.Scope
	params format.Params
}

// New makes the pages. It panics on a route without a permission or handler:
// such a program must not start.
func New(o Options) (*Pages, error) {
	p := &Pages{Options: o}
	for _, r := range p.Routes() {
		if r.Need == 0 || r.handle == nil || r.Name == "" {
			panic("page " + r.Name + " has no permission, handler or name")
		}
		p.table.Add(r.Method, r.Pattern, r)
	}
	return p, nil
}

// Routes lists all pages and actions, for the table and for tests that walk them.
func (p *Pages) Routes() []Route {
	return nil
}

// Serve answers a page. It is false where no page has this address.
func (p *Pages) Serve(w http.ResponseWriter, r *http.Request, segments []string) bool {
	return false
}

// Fail answers with an error page, or with text where no browser asks.
func (p *Pages) Fail(w http.ResponseWriter, r *http.Request, f *fault.Fault) {
	f = p.Gate.Explain(r, f)
	gate.Headers(w.Header(), f)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(gate.Status(f.Kind))
	if r.Method != http.MethodHead {
		_, _ = w.Write([]byte(f.Message + "\n"))
	}
	_ = middleware.RequestID
}
