package registry

import (
	"context"
	"slices"

	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/hal"
	"ingot.dev/modules/scope"
	"ingot.dev/services/registry"
)

// packageModel is a package. The order of fields here and in the other models
// is the order of keys in replies.
type packageModel struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Version    string `json:"version"` // the newest
	GroupID    string `json:"groupId"`
	ArtifactID string `json:"artifactId"`
	Type       string `json:"type"`
	OwnerUUID  string `json:"ownerUuid"`
	OwnerType  string `json:"ownerType"`
}

func (a *API) packageModel(p *format.Package, owner scope.Scope) packageModel {
	m := packageModel{
		ID: p.UUID, Name: p.Name, Version: p.Latest, GroupID: p.Name, ArtifactID: p.Name,
		Type: p.Format, OwnerUUID: owner.UUID,
	}
	if grouped := a.groups[p.Format]; grouped != nil {
		m.GroupID, m.ArtifactID = grouped.Group(p.Name)
	}
	for _, o := range owners {
		if o.kind == owner.Kind {
			m.OwnerType = o.word
		}
	}
	return m
}

// listPackages lists the packages of a scope, newest publication first. A
// company's list holds those of its public projects too, which keep their own
// owner.
func (a *API) listPackages(q *format.Request) error {
	shown, err := a.gate.Forge.Shown(q.Context(), q.Scope)
	if err != nil {
		return err
	}
	w := hal.ParseWindow(q.R.URL.Query())
	found, total, err := a.reg.List(q.Context(), registry.List{
		Scopes: append([]scope.Ref{q.Scope.Ref}, shown...), Limit: w.Size, Offset: w.Offset(),
	})
	if err != nil {
		return err
	}
	byRef, err := a.ownersOf(q.Context(), q.Scope, found)
	if err != nil {
		return err
	}
	if err := a.recall(q.Context(), found...); err != nil {
		return err
	}
	list := make([]packageModel, 0, len(found))
	for _, p := range found {
		if owner, ok := byRef[p.Scope]; ok { // else the project went meanwhile
			list = append(list, a.packageModel(p, owner))
		}
	}
	return reply(q, hal.NewPage("simplePackageInfoModelList", list, w, total))
}

// ownersOf finds the owners of packages, of which known is one, at once.
func (a *API) ownersOf(ctx context.Context, known scope.Scope, list []*format.Package) (map[scope.Ref]scope.Scope, error) {
	var others []scope.Ref
	for _, p := range list {
		if p.Scope != known.Ref && !slices.Contains(others, p.Scope) {
			others = append(others, p.Scope)
		}
	}
	found := map[scope.Ref]scope.Scope{}
	if len(others) > 0 {
		var err error
		if found, err = a.gate.Forge.Scopes(ctx, others); err != nil {
			return nil, err
		}
	}
	found[known.Ref] = known
	return found, nil
}

func (a *API) showPackage(q *format.Request) error {
	p, _, err := a.subject(q)
	if err != nil {
		return err
	}
	if err := a.recall(q.Context(), p); err != nil {
		return err
	}
	return reply(q, a.packageModel(p, q.Scope))
}

// recall fills in the version of packages of which all versions were taken back:
// the one published last, for a package is shown with a version.
func (a *API) recall(ctx context.Context, list ...*format.Package) error {
	var all []*format.Package
	for _, p := range list {
		if p.Latest == "" {
			all = append(all, p)
		}
	}
	if len(all) == 0 {
		return nil
	}
	words, err := a.reg.Words(ctx, all)
	for _, p := range all {
		p.Latest = words[p.UUID].Yanked
	}
	return err
}

// subject finds the package that an address names by its public id. That of
// another scope is absent, even if a list shows it.
func (a *API) subject(q *format.Request) (*format.Package, *registry.Kind, error) {
	return a.reg.ByUUID(q.Context(), q.Scope.Ref, q.Param("packageUuid"))
}

// open finds the subject and gives q the registry that it is in.
func (a *API) open(q *format.Request, need forge.Permission) (*format.Package, error) {
	p, k, err := a.subject(q)
	if err != nil {
		return nil, err
	}
	a.mount.Equip(q, k, need, format.API)
	return p, nil
}
