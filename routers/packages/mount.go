// Package packages mounts the native protocols of all formats: it turns an
// address into scope, format and route, decides access, and hands the
// handler a request that can do nothing else.
package packages

import (
	"net/http"
	"slices"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
	"ingot.dev/routers/gate"
	"ingot.dev/routers/middleware"
	"ingot.dev/services/advisories"
	"ingot.dev/services/documents"
	"ingot.dev/services/login"
	"ingot.dev/services/pass"
	"ingot.dev/services/registry"
	"ingot.dev/services/tags"
)

// Mount serves the native addresses.
type Mount struct {
	Options
	byKind map[*registry.Kind]*protocol
	byRoot map[string]*registry.Kind
}

// Options is what a Mount is made of.
type Options struct {
	Gate       *gate.Gate
	Registry   *registry.Service
	Documents  *documents.Service
	Tags       *tags.Service
	Logins     *login.Service
	Passes     *pass.Service
	Advisories *advisories.Service
	Root       string // absolute address of the server, no slash at the end
}

// protocol is a format's routes, ready to match.
type protocol struct {
	kind       *registry.Kind
	table      format.Table[format.Route]
	credential func(*http.Request) (forge.Credential, bool)
	complain   func(*format.Request, int, *fault.Fault)
	rooted     format.Rooted // nil for most
}

// New compiles the routes of every format. It panics on a route without a
// handler, or with a permission that nothing decides: such a program must not
// start.
func New(o Options) *Mount {
	m := &Mount{Options: o, byKind: map[*registry.Kind]*protocol{}, byRoot: map[string]*registry.Kind{}}
	for _, k := range m.Registry.Kinds() {
		p := &protocol{kind: k, complain: plain}
		for _, r := range m.routes(k) {
			if !m.Gate.Access.Knows(r.Need) || r.Handle == nil || r.Name == "" {
				panic("route " + k.Info.ID + " " + r.Name + " has no known permission, handler or name")
			}
			p.table.Add(r.Method, r.Pattern, r)
		}
		if c, ok := k.Format.(format.Credentialed); ok {
			p.credential = c.Credential
		}
		if c, ok := k.Format.(format.Complaining); ok {
			p.complain = c.Complain
		}
		if r, ok := k.Format.(format.Rooted); ok {
			if other := m.byRoot[r.Root()]; other != nil {
				panic("the formats " + other.Info.ID + " and " + k.Info.ID + " claim one root")
			}
			p.rooted, m.byRoot[r.Root()] = r, k
		}
		m.byKind[k] = p
	}
	return m
}

// routes gives a format's own routes and, where its packages can be made from
// tags, the address that does so.
func (m *Mount) routes(k *registry.Kind) []format.Route {
	routes := k.Routes()
	if k.Tagged != nil {
		routes = append(slices.Clip(routes), format.Route{
			Name: "fromTag", Method: http.MethodPost, Pattern: "", Need: forge.PublishPackages,
			Handle: func(q *format.Request) error { return m.fromTag(q, k) },
		})
	}
	return routes
}

func (m *Mount) fromTag(q *format.Request, k *registry.Kind) error {
	tag := q.Query("tag")
	if tag == "" {
		return fault.New(fault.Invalid, "say which tag: ?tag=v1.0.0")
	}
	v, err := m.Tags.Publish(q.Context(), q.Scope, q.Reg, k, tag)
	if err != nil {
		return err
	}
	return q.JSON(http.StatusOK, struct {
		Package string `json:"package"`
		Version string `json:"version"`
		Tag     string `json:"tag"`
		Commit  string `json:"commit"`
	}{v.Package, v.Name, tag, v.Origin.Commit})
}

// Route is one native address as the table of rights sees it.
type Route struct {
	format.Route // its Pattern is from the root of the server

	Format string
	// Of is the kind of scope that the pattern's parameters ownerAlias and
	// projectAlias, companyAlias or userAlias name.
	Of scope.Kind
}

// prefixes are the native addresses as locate reads them.
var prefixes = [...]struct {
	of      scope.Kind
	pattern string
}{
	{scope.Project, "project/{ownerAlias}/{projectAlias}/package/-"},
	{scope.Company, "company/{companyAlias}/package/-"},
	{scope.User, "user/{userAlias}/package/-"},
	{scope.Service, "package/-"},
	{scope.Service, "registry/package/-"},
	{scope.Company, "api/packages/{companyAlias}"},
	{scope.User, "api/packages/{userAlias}"},
}

// below are the addresses of a rooted format as locate reads them.
var below = [...]struct {
	of      scope.Kind
	pattern string
}{
	{scope.Project, "project/{ownerAlias}/{projectAlias}"},
	{scope.Company, "company/{companyAlias}"},
	{scope.User, "user/{userAlias}"},
	{scope.Service, ""},
}

// Routes lists all native addresses, for tests that walk them.
func (m *Mount) Routes() []Route {
	var out []Route
	for _, prefix := range prefixes {
		for _, k := range m.Registry.Kinds() {
			for _, r := range m.routes(k) {
				r.Pattern = strings.TrimSuffix(prefix.pattern+"/"+k.Info.ID+"/"+r.Pattern, "/")
				out = append(out, Route{r, k.Info.ID, prefix.of})
			}
		}
	}
	for root, k := range m.byRoot {
		for _, prefix := range below {
			for _, r := range m.routes(k) {
				if prefix.of != scope.Service && (r.Need == forge.Public || r.Need == forge.SignedIn) {
					continue // what is about no scope has one address
				}
				r.Pattern = strings.Trim(strings.ReplaceAll(root+"/"+prefix.pattern+"/"+r.Pattern, "//", "/"), "/")
				out = append(out, Route{r, k.Info.ID, prefix.of})
			}
		}
	}
	return out
}

// address is where a path leads.
type address struct {
	path    scope.Path
	kind    *registry.Kind
	either  bool // Gitea's form: the owner is a company or a user
	rest    []string
	subject string // of a rooted format
	token   string // that stood in front of the path
}

// locate reads the prefixes of native addresses. It is false where the path
// is somebody else's.
func (m *Mount) locate(segments []string) (a address, ok bool) {
	n := len(segments)
	if n > 0 && m.byRoot[segments[0]] != nil {
		a.kind = m.byRoot[segments[0]]
		a.path, a.rest, a.subject = m.byKind[a.kind].rooted.Locate(segments[1:])
		return a, true
	}
	at := func(i int, literal string) bool { return i < n && segments[i] == literal }
	if at(0, "t") && n > 2 && !at(2, "t") {
		a, ok = m.locate(segments[2:])
		a.token = segments[1]
		return a, ok && a.kind != nil && a.kind.Info.TokenInPath
	}
	var name int
	switch {
	case at(0, "project") && at(3, "package") && at(4, "-"):
		a.path, name = scope.Path{Kind: scope.Project, Owner: segments[1], Name: segments[2]}, 5
	case at(0, "company") && at(2, "package") && at(3, "-"):
		a.path, name = scope.Path{Kind: scope.Company, Owner: segments[1]}, 4
	case at(0, "user") && at(2, "package") && at(3, "-"):
		a.path, name = scope.Path{Kind: scope.User, Owner: segments[1]}, 4
	case at(0, "package") && at(1, "-"):
		a.path, name = scope.Path{Kind: scope.Service}, 2
	case at(0, "registry") && at(1, "package") && at(2, "-"):
		a.path, name = scope.Path{Kind: scope.Service}, 3
	case at(0, "api") && at(1, "packages") && n > 2:
		a.path, name, a.either = scope.Path{Kind: scope.Company, Owner: segments[2]}, 3, true
	default:
		return a, false
	}
	if name < n {
		a.kind, a.rest = m.Registry.Kind(segments[name]), segments[name+1:]
	}
	return a, true
}

// Serve answers a native address. It is false, and nothing is written, where
// the path is none.
func (m *Mount) Serve(w http.ResponseWriter, r *http.Request, segments []string) bool {
	a, ok := m.locate(segments)
	if !ok {
		return false
	}
	middleware.Sandbox(w.Header())
	if a.token != "" && r.Header.Get("Authorization") == "" {
		r = r.Clone(r.Context())
		r.Header.Set("Authorization", "token "+a.token)
	}
	q := &format.Request{W: w, R: r, Root: m.Root, Subject: a.subject, Server: server{m, a.kind}}
	complain := plain
	if a.kind != nil {
		complain = m.byKind[a.kind].complain
		q.Base = m.Base(scope.Scope{Ref: scope.Ref{Kind: a.path.Kind}, Path: a.path}, a.kind)
	}
	if err := m.serve(q, a); err != nil {
		f := m.Gate.Explain(r, err)
		gate.Headers(w.Header(), f)
		complain(q, gate.Status(f.Kind), f)
	}
	return true
}

func (m *Mount) serve(q *format.Request, a address) (err error) {
	ctx := q.Context()
	if a.kind == nil {
		middleware.SetRoute(ctx, "packages.unknown")
		return fault.New(fault.NotFound, "there is no package format of that name; there are: %s", strings.Join(m.formats(), ", "))
	}
	p := m.byKind[a.kind]
	route, params, allow, ok := p.table.Match(q.R.Method, a.rest)
	if !ok {
		middleware.SetRoute(ctx, a.kind.Info.ID+".unknown")
		if len(allow) > 0 {
			q.W.Header().Set("Allow", strings.Join(allow, ", "))
			return fault.New(fault.NotAllowed, "this address takes %s", strings.Join(allow, ", "))
		}
		return fault.New(fault.NotFound, "the %s registry has no such address", a.kind.Info.Title)
	}
	middleware.SetRoute(ctx, a.kind.Info.ID+"."+route.Name)
	q.Params = params
	if q.Actor, q.Pass, err = m.actor(q, p, route.Need); err != nil {
		return err
	}
	if route.Need == forge.Public || route.Need == forge.SignedIn {
		// It is about the account and no scope. That there is one must not show,
		// so it is not looked for.
		q.Scope = scope.Scope{Ref: scope.Ref{Kind: a.path.Kind}, Path: a.path}
		err = m.Gate.Access.Check(ctx, q.Actor, q.Scope, route.Need)
	} else {
		q.Scope, err = m.scope(q.R, q.Actor, a, route.Need)
	}
	if err != nil {
		return err
	}
	m.Equip(q, a.kind, route.Need, format.Transport)
	return route.Handle(q)
}

// Equip gives q what a handler of kind k may use: the registry of the kind in
// q's scope, which can do what need permits and marks what it takes as come by
// door, the addresses of the kind, and the server's replies.
func (m *Mount) Equip(q *format.Request, k *registry.Kind, need forge.Permission, door format.UploadType) {
	if q.R.Body != http.NoBody {
		q.R.Body = incoming{q.R.Body}
	}
	q.Reg = m.bind(q, k, need, door)
	q.Root, q.Base, q.Clone = m.Root, m.Base(q.Scope, k), m.Tags.CloneURL(q.Scope)
	q.Server = server{m, k}
}

func (m *Mount) bind(q *format.Request, k *registry.Kind, need forge.Permission, door format.UploadType) format.Registry {
	reg := m.Registry.Bind(k, q.Scope, q.Actor, need, door)
	if need != forge.PublishPackages {
		return reg
	}
	return vigilant{reg, func() error { return m.still(q, m.byKind[k], need) }}
}

func (m *Mount) scope(r *http.Request, actor forge.Actor, a address, need forge.Permission) (scope.Scope, error) {
	sc, err := m.Gate.Scope(r.Context(), actor, a.path, need)
	if !a.either || err == nil {
		return sc, err
	}
	if _, missing := m.Gate.Forge.Resolve(r.Context(), a.path); fault.Is(missing, fault.NotFound) {
		a.path.Kind = scope.User
		sc, err = m.Gate.Scope(r.Context(), actor, a.path, need)
	}
	if fault.Is(err, fault.NotFound) { // that a hidden company is one must not show
		err = fault.New(fault.NotFound, "there is no company or user %q, or you may not see it", a.path.Owner)
	}
	return sc, err
}

// Base gives the absolute address of a format in a scope.
func (m *Mount) Base(sc scope.Scope, k *registry.Kind) string {
	if rooted := m.byKind[k].rooted; rooted != nil {
		if sc.Kind == scope.Service {
			return m.Root + "/" + rooted.Root()
		}
		return m.Root + "/" + rooted.Root() + "/" + sc.Path.String()
	}
	if sc.Kind == scope.Service {
		return m.Root + "/registry/package/-/" + k.Info.ID
	}
	return m.Root + "/" + sc.Path.String() + "/package/-/" + k.Info.ID
}

func (m *Mount) formats() []string {
	var names []string
	for _, k := range m.Registry.Kinds() {
		names = append(names, k.Info.ID)
	}
	return names
}
