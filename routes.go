package ingot

import (
	"net/http"
	"strings"

	"ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
	gitrouter "ingot.dev/routers/git"
)

// Route is one address of an Ingot with what it needs.
type Route struct {
	Area   string // packages, rest, git, web, or server for what machines ask
	Format string // of the native ones
	Name   string
	Method string // GET also answers HEAD
	// Pattern is from the root of the server; see format.Table. The parameters
	// owner and project, company or user name the scope of a page,
	// ownerAlias and projectAlias, companyAlias or userAlias that of the others.
	Pattern string
	Of      scope.Kind // of the scope that the pattern names; zero where it names none
	Need    forge.Permission
}

// Routes lists every address that a serves, in the order in which they are
// looked for within an area.
func (a *App) Routes() []Route {
	var out []Route
	for _, r := range a.areas.packages.Routes() {
		out = append(out, Route{"packages", r.Format, r.Name, r.Method, r.Pattern, r.Of, r.Need})
	}
	for _, r := range a.areas.rest.Routes() {
		out = append(out, Route{"rest", "", r.Name, r.Method, strings.TrimPrefix(r.Pattern, "/"), r.Of, r.Need})
	}
	for _, r := range a.gitRoutes() {
		out = append(out, Route{"git", "", r.Name, r.Method, "project/{ownerAlias}/{projectAlias}.git/" + r.Path, scope.Project, r.Need})
	}
	for _, r := range a.areas.web.Routes() {
		out = append(out, Route{"web", "", r.Name, r.Method, strings.TrimPrefix(r.Pattern, "/"), r.Of, r.Need})
	}
	for _, name := range []string{"healthz", "readyz", "metrics"} {
		out = append(out, Route{Area: "server", Name: name, Method: http.MethodGet, Pattern: name, Need: forge.Public})
	}
	return out
}

func (a *App) gitRoutes() []gitrouter.Route {
	if a.areas.git == nil {
		return nil
	}
	return a.areas.git.Routes()
}
