package forge

import (
	"context"

	"ingot.dev/models/accounts"
	host "ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
)

// standing is all that an account's roles follow from.
type standing struct {
	id      int64 // 0: nobody who signed in
	admin   bool
	barred  bool // blocked, or gone
	members map[scope.Ref]host.Role
}

// role is the table of rights in doc.go. models/accounts says the same of
// reading in SQL, to list what a viewer sees.
func (s standing) role(in scope.Scope, servicePublic bool) host.Role {
	switch {
	case s.barred:
		return host.Nobody
	case s.admin:
		return host.Owner
	}
	role := s.members[in.Ref]
	public := !in.Private
	switch in.Kind {
	case scope.Service:
		public = s.id != 0 || servicePublic
	case scope.User:
		role = s.own(in.Ref)
	case scope.Company:
	case scope.Project:
		role = max(role, s.members[in.Parent], s.own(in.Parent))
	default:
		return host.Nobody
	}
	if public {
		role = max(role, host.Guest)
	}
	return role
}

// own is the role of a user in what is the user's own.
func (s standing) own(owner scope.Ref) host.Role {
	if s.id != 0 && owner == (scope.Ref{Kind: scope.User, ID: s.id}) {
		return host.Owner
	}
	return host.Nobody
}

// standing finds an account's. It goes by the account's ID alone: what an
// actor was when it was made may not hold any more.
func (f *Forge) standing(ctx context.Context, g *generation, id int64) (standing, error) {
	if id == 0 {
		return standing{}, nil
	}
	a, ok, err := f.account(ctx, g, id)
	if err != nil {
		return standing{}, err
	}
	if !ok || a.Blocked {
		return standing{id: id, barred: true}, nil
	}
	members, ok := g.members.load(id)
	if !ok {
		rows, err := accounts.Memberships(ctx, f.db, id)
		if err != nil {
			return standing{}, err
		}
		members = make(map[scope.Ref]host.Role, len(rows))
		for ref, role := range rows {
			members[ref] = host.Role(role)
		}
		g.members.store(id, members)
	}
	return standing{id: id, admin: a.Admin, members: members}, nil
}

// Roles implements the port. A scope that is gone has no roles; of the scopes
// only their identity is trusted, the rest is looked up.
func (f *Forge) Roles(ctx context.Context, a host.Actor, scopes ...scope.Scope) ([]host.Role, error) {
	g, err := f.generation(ctx)
	if err != nil {
		return nil, err
	}
	who, err := f.standing(ctx, g, a.ID)
	if err != nil {
		return nil, err
	}
	roles := make([]host.Role, len(scopes))
	var missing []scope.Ref
	for i, s := range scopes {
		if in, ok := g.scope(s.Ref); ok {
			roles[i] = who.role(in, f.cfg.ServicePublic)
		} else {
			missing = append(missing, s.Ref)
		}
	}
	if missing == nil {
		return roles, nil
	}
	found, err := f.load(ctx, g, missing)
	if err != nil {
		return nil, err
	}
	for i, s := range scopes {
		if in, ok := found[s.Ref]; ok {
			roles[i] = who.role(in, f.cfg.ServicePublic)
		}
	}
	return roles, nil
}

// viewer is for whom a list is made. False where it has to be empty.
func (f *Forge) viewer(ctx context.Context, a host.Actor) (accounts.Viewer, bool, error) {
	g, err := f.generation(ctx)
	if err != nil {
		return accounts.Viewer{}, false, err
	}
	who, err := f.standing(ctx, g, a.ID)
	return accounts.Viewer{Account: who.id, All: who.admin}, !who.barred, err
}
