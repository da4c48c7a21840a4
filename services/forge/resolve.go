package forge

import (
	"context"
	"strings"

	"ingot.dev/models/accounts"
	"ingot.dev/modules/fault"
	host "ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
)

// service is the scope of the whole service: there is one, without a row.
var service = scope.Scope{
	Ref:  scope.Ref{Kind: scope.Service},
	UUID: "00000000-0000-0000-0000-000000000000",
	Path: scope.Path{Kind: scope.Service},
}

func userScope(a *accounts.Account) scope.Scope {
	return scope.Scope{
		Ref:   scope.Ref{Kind: scope.User, ID: a.ID},
		UUID:  a.UUID,
		Path:  scope.Path{Kind: scope.User, Owner: a.Alias},
		Title: a.Title,
	}
}

func companyScope(c *accounts.Company) scope.Scope {
	return scope.Scope{
		Ref:     scope.Ref{Kind: scope.Company, ID: c.ID},
		UUID:    c.UUID,
		Path:    scope.Path{Kind: scope.Company, Owner: c.Alias},
		Title:   c.Title,
		Private: c.Private,
	}
}

func projectScope(p *accounts.Project) scope.Scope {
	return scope.Scope{
		Ref:     scope.Ref{Kind: scope.Project, ID: p.ID},
		UUID:    p.UUID,
		Path:    scope.Path{Kind: scope.Project, Owner: p.OwnerAlias, Name: p.Alias},
		Title:   p.Title,
		Private: p.Private || p.OwnerPrivate,
		Parent:  p.Owner(),
	}
}

// Resolve implements the port.
func (f *Forge) Resolve(ctx context.Context, path scope.Path) (scope.Scope, error) {
	if path.Kind == scope.Service {
		return service, nil
	}
	g, err := f.generation(ctx)
	if err != nil {
		return scope.Scope{}, err
	}
	key := scope.Path{Kind: path.Kind, Owner: strings.ToLower(path.Owner), Name: strings.ToLower(path.Name)}
	if s, ok := g.paths.load(key); ok {
		return s, nil
	}
	s, ok, err := f.find(ctx, key)
	switch {
	case err != nil:
		return scope.Scope{}, err
	case !ok:
		return scope.Scope{}, fault.New(fault.NotFound, "there is no %s", path)
	}
	g.paths.store(key, s)
	g.scopes.store(s.Ref, s)
	return s, nil
}

func (f *Forge) find(ctx context.Context, path scope.Path) (scope.Scope, bool, error) {
	if !alias.MatchString(path.Owner) || path.Kind == scope.Project && !alias.MatchString(path.Name) {
		return scope.Scope{}, false, nil
	}
	owner, ok, err := accounts.ByAlias(ctx, f.db, path.Owner)
	if err != nil || !ok {
		return scope.Scope{}, false, err
	}
	switch {
	case path.Kind == scope.Project:
		p, ok, err := accounts.ProjectByAlias(ctx, f.db, owner, path.Name)
		return projectScope(p), ok, err
	case owner.Kind != path.Kind:
		return scope.Scope{}, false, nil
	case path.Kind == scope.Company:
		c, ok, err := accounts.CompanyByID(ctx, f.db, owner.ID)
		return companyScope(c), ok, err
	default:
		a, ok, err := accounts.AccountByID(ctx, f.db, owner.ID)
		return userScope(a), ok, err
	}
}

// scope finds a scope among those that were read already.
func (g *generation) scope(ref scope.Ref) (scope.Scope, bool) {
	if ref == service.Ref {
		return service, true
	}
	return g.scopes.load(ref)
}

// Scopes implements the port.
func (f *Forge) Scopes(ctx context.Context, refs []scope.Ref) (map[scope.Ref]scope.Scope, error) {
	g, err := f.generation(ctx)
	if err != nil {
		return nil, err
	}
	out := make(map[scope.Ref]scope.Scope, len(refs))
	var missing []scope.Ref
	for _, ref := range refs {
		if s, ok := g.scope(ref); ok {
			out[ref] = s
		} else {
			missing = append(missing, ref)
		}
	}
	found, err := f.load(ctx, g, missing)
	for ref, s := range found {
		out[ref] = s
	}
	return out, err
}

// load reads scopes from the database, with one query for each kind of them.
func (f *Forge) load(ctx context.Context, g *generation, refs []scope.Ref) (map[scope.Ref]scope.Scope, error) {
	ids := make(map[scope.Kind][]int64)
	for _, ref := range refs {
		ids[ref.Kind] = append(ids[ref.Kind], ref.ID)
	}
	out := make(map[scope.Ref]scope.Scope, len(refs))
	keep := func(s scope.Scope) {
		out[s.Ref] = s
		g.scopes.store(s.Ref, s)
	}
	projects, err := accounts.ProjectsByID(ctx, f.db, ids[scope.Project])
	if err != nil {
		return nil, err
	}
	for _, p := range projects {
		keep(projectScope(p))
	}
	companies, err := accounts.CompaniesByID(ctx, f.db, ids[scope.Company])
	if err != nil {
		return nil, err
	}
	for _, c := range companies {
		keep(companyScope(c))
	}
	users, err := accounts.AccountsByID(ctx, f.db, ids[scope.User])
	for _, a := range users {
		keep(userScope(a))
	}
	return out, err
}

// Shown implements the port: a company shows the projects that are not private
// themselves. Those of a private company are among them; whoever sees the
// company is a member and sees its projects too.
func (f *Forge) Shown(ctx context.Context, s scope.Scope) ([]scope.Ref, error) {
	if s.Kind != scope.Company {
		return nil, nil
	}
	ids, err := accounts.PublicProjects(ctx, f.db, s.Ref)
	refs := make([]scope.Ref, len(ids))
	for i, id := range ids {
		refs[i] = scope.Ref{Kind: scope.Project, ID: id}
	}
	return refs, err
}

// account finds an account by its ID.
func (f *Forge) account(ctx context.Context, g *generation, id int64) (*accounts.Account, bool, error) {
	if a, ok := g.accounts.load(id); ok {
		return a, true, nil
	}
	a, ok, err := accounts.AccountByID(ctx, f.db, id)
	if ok {
		g.accounts.store(id, a)
	}
	return a, ok, err
}

// named finds an account by its alias or e-mail address in lower case.
func (f *Forge) named(ctx context.Context, g *generation, name string) (*accounts.Account, bool, error) {
	if id, ok := g.names.load(name); ok {
		return f.account(ctx, g, id)
	}
	a, ok, err := accountNamed(ctx, f.db, name)
	if ok {
		g.names.store(name, a.ID)
		g.accounts.store(a.ID, a)
	}
	return a, ok, err
}

func actor(a *accounts.Account) host.Actor {
	return host.Actor{ID: a.ID, UUID: a.UUID, Name: a.Alias, Title: a.Title, Admin: a.Admin}
}

// Actors implements the port.
func (f *Forge) Actors(ctx context.Context, ids []int64) (map[int64]host.Actor, error) {
	g, err := f.generation(ctx)
	if err != nil {
		return nil, err
	}
	out := make(map[int64]host.Actor, len(ids))
	var missing []int64
	for _, id := range ids {
		if a, ok := g.accounts.load(id); ok {
			out[id] = actor(a)
		} else {
			missing = append(missing, id)
		}
	}
	rows, err := accounts.AccountsByID(ctx, f.db, missing)
	for _, a := range rows {
		g.accounts.store(a.ID, a)
		out[a.ID] = actor(a)
	}
	return out, err
}
