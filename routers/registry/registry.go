// Package registry is the REST API: the packages of all formats in one shape,
// beside the native protocols. Its addresses are data; options/openapi
// describes them, and API serves that description with the addresses of each
// format in it.
package registry

import (
	"net/http"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
	"ingot.dev/routers/gate"
	"ingot.dev/routers/middleware"
	"ingot.dev/routers/packages"
	"ingot.dev/services/registry"
)

// API serves the REST API. It is safe for concurrent use.
type API struct {
	gate     *gate.Gate
	reg      *registry.Service
	mount    *packages.Mount
	groups   map[string]format.Grouped // by format
	routes   []Route
	table    format.Table[Route]
	document []byte
}

// Route is one address of the API.
type Route struct {
	Name    string // for logs and metrics
	Method  string // GET also answers HEAD
	Pattern string // from the root of the server, see format.Table
	// Of is the kind of scope that the pattern's parameters ownerAlias and
	// projectAlias, companyAlias or userAlias name; zero where it names none.
	Of     scope.Kind
	Need   forge.Permission
	handle func(*format.Request) error
}

// bases are what stands before every address: nothing, and what the
// self-hosted editions of the original have there.
var bases = [...]string{"", "/rest-api"}

// owners are the kinds of scope with their prefix and their ownerType.
var owners = [...]struct {
	kind   scope.Kind
	prefix string
	word   string
}{
	{scope.Project, "/registry/project/{ownerAlias}/{projectAlias}/package", "PROJECT"},
	{scope.Company, "/registry/company/{companyAlias}/package", "COMPANY"},
	{scope.User, "/registry/user/{userAlias}/package", "USER"},
	{scope.Service, "/registry/package", "GLOBAL"},
}

// New makes the API of all formats of reg; mount sends files and equips the
// requests that formats handle. It panics on a format that names addresses
// without handling them, and on a permission that nothing decides: such a
// program must not start.
func New(g *gate.Gate, reg *registry.Service, mount *packages.Mount) *API {
	a := &API{gate: g, reg: reg, mount: mount, groups: map[string]format.Grouped{}, document: describe(reg.Kinds())}
	for _, k := range reg.Kinds() {
		if grouped, ok := k.Format.(format.Grouped); ok {
			a.groups[k.Info.ID] = grouped
		}
	}
	for _, base := range bases {
		for _, o := range owners {
			// A type word wins over a package's id: formats come first.
			for _, k := range reg.Kinds() {
				a.addFormat(base+o.prefix, o.kind, k)
			}
			for _, r := range a.common() {
				r.Pattern, r.Of = join(base+o.prefix, r.Pattern), o.kind
				a.add(r)
			}
		}
	}
	for _, pattern := range []string{"/registry/openapi.yaml", "/rest-api/openapi.yaml"} {
		a.add(Route{Name: "rest.openapi", Method: http.MethodGet, Pattern: pattern, Need: forge.Public, handle: a.openapi})
	}
	return a
}

// common are the methods that all formats share. Fixed words stand before the
// version that they would be taken for.
func (a *API) common() []Route {
	return []Route{
		{Name: "rest.listPackages", Method: http.MethodGet, Pattern: "", Need: forge.ReadPackages, handle: a.listPackages},
		{Name: "rest.package", Method: http.MethodGet, Pattern: "{packageUuid}", Need: forge.ReadPackages, handle: a.showPackage},
		{Name: "rest.listVersions", Method: http.MethodGet, Pattern: "{packageUuid}/version-list", Need: forge.ReadPackages, handle: a.listVersions},
		{Name: "rest.listFiles", Method: http.MethodGet, Pattern: "{packageUuid}/package-file", Need: forge.ReadPackages, handle: a.listFiles},
		{Name: "rest.version", Method: http.MethodGet, Pattern: "{packageUuid}/{packageVersion}", Need: forge.ReadPackages, handle: a.showVersion},
		{Name: "rest.deletePackage", Method: http.MethodPost, Pattern: "{packageUuid}/delete", Need: forge.DeletePackages, handle: a.deletePackage},
		{Name: "rest.deleteVersion", Method: http.MethodPost, Pattern: "{packageUuid}/{packageVersion}/delete", Need: forge.DeletePackages, handle: a.deleteVersion},
		{Name: "rest.deleteFile", Method: http.MethodPost, Pattern: "{packageUuid}/{packageVersion}/{fileUuid}/delete", Need: forge.DeletePackages, handle: a.deleteFile},
	}
}

// addFormat adds the addresses of a format below a prefix. Those under its
// aliases work, but are not told of.
func (a *API) addFormat(prefix string, of scope.Kind, k *registry.Kind) {
	if k.Uploading == nil {
		return
	}
	up := k.Uploading.Upload()
	if len(up.Put) > 0 && up.Receive == nil || len(up.Get) > 0 && up.Locate == nil {
		panic("the format " + k.Info.ID + " has addresses in the REST API that it does not handle")
	}
	add := func(r Route, pattern string) {
		r.Name, r.Of, r.Pattern = "rest."+k.Info.ID+"."+r.Name, of, join(prefix, k.Info.ID, pattern)
		a.add(r)
		for _, alias := range k.Info.Aliases {
			a.table.Add(r.Method, join(prefix, alias, pattern), r)
		}
	}
	for _, pattern := range up.Put {
		add(Route{
			Name: "put", Method: http.MethodPut, Need: forge.PublishPackages,
			handle: func(q *format.Request) error { return a.put(q, k, up) },
		}, pattern)
	}
	for _, pattern := range up.Get {
		add(Route{
			Name: "get", Method: http.MethodGet, Need: forge.ReadPackages,
			handle: func(q *format.Request) error { return a.get(q, k, up) },
		}, pattern)
	}
}

func (a *API) add(r Route) {
	if !a.gate.Access.Knows(r.Need) {
		panic("the address " + r.Name + " has no known permission")
	}
	a.routes = append(a.routes, r)
	a.table.Add(r.Method, r.Pattern, r)
}

// join puts parts of a path together, leaving out empty ones.
func join(prefix string, parts ...string) string {
	for _, p := range parts {
		if p != "" {
			prefix += "/" + p
		}
	}
	return prefix
}

// Routes lists all addresses, for tests that walk them.
func (a *API) Routes() []Route { return a.routes }

// Serve answers an address of the API. It is false, and nothing is written,
// where the path is not below /registry or /rest-api. Native addresses below
// /registry have to be taken before.
func (a *API) Serve(w http.ResponseWriter, r *http.Request, segments []string) bool {
	if len(segments) == 0 || segments[0] != "registry" && segments[0] != "rest-api" {
		return false
	}
	if err := a.serve(w, r, segments); err != nil {
		a.fail(w, r, err)
	}
	return true
}

func (a *API) serve(w http.ResponseWriter, r *http.Request, segments []string) error {
	route, params, allow, ok := a.table.Match(r.Method, segments)
	if !ok {
		middleware.SetRoute(r.Context(), "rest.unknown")
		if len(allow) > 0 {
			w.Header().Set("Allow", strings.Join(allow, ", "))
			return fault.New(fault.NotAllowed, "this address takes %s", strings.Join(allow, ", "))
		}
		return fault.New(fault.NotFound, "the REST API has no such address; /registry/openapi.yaml describes those it has")
	}
	middleware.SetRoute(r.Context(), route.Name)
	q := &format.Request{W: w, R: r, Params: params}
	if route.Need == forge.Public {
		return route.handle(q)
	}
	var err error
	if q.Actor, err = a.gate.Client(r, nil); err != nil {
		return err
	}
	if q.Actor.Anonymous() { // even what everybody may read
		return fault.New(fault.Denied, "the REST API needs a credential: send the header Authorization: token YOUR_TOKEN")
	}
	if q.Scope, err = a.gate.Scope(r.Context(), q.Actor, owner(route.Of, params), route.Need); err != nil {
		return err
	}
	return route.handle(q)
}

// owner gives the scope that the parameters of an address name.
func owner(of scope.Kind, p format.Params) scope.Path {
	switch of {
	case scope.Project:
		return scope.Path{Kind: of, Owner: p.Value("ownerAlias"), Name: p.Value("projectAlias")}
	case scope.Company:
		return scope.Path{Kind: of, Owner: p.Value("companyAlias")}
	case scope.User:
		return scope.Path{Kind: of, Owner: p.Value("userAlias")}
	default:
		return scope.Path{Kind: of}
	}
}
