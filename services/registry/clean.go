package registry

import (
	"context"
	"time"

	"ingot.dev/models/packages"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
)

// Superfluous are versions of a package that a rule of its registry removes.
type Superfluous struct {
	Scope    scope.Ref
	Format   string
	Package  *format.Package
	Versions []*format.Version
}

// cleanBatch is how many versions go in one transaction.
const cleanBatch = 100

// Clean removes what the settings of registries call superfluous: of one
// registry, or of all where k is nil. report is called for each package, when
// its versions are gone or, with dry, would go. A package that somebody changes
// meanwhile is left for the next time, for a tag may have been set on what is
// superfluous now.
func (s *Service) Clean(ctx context.Context, sc scope.Ref, k *Kind, dry bool, report func(Superfluous)) error {
	for _, kind := range s.kinds {
		if kind.Cleaning == nil || kind.Configured == nil || k != nil && kind != k {
			continue
		}
		refs, err := packages.Configured(ctx, s.db, kind.Info.ID)
		if err != nil {
			return err
		}
		for _, ref := range refs {
			if k != nil && ref != sc {
				continue
			}
			if err := s.cleanRegistry(ctx, ref, kind, dry, report); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) cleanRegistry(ctx context.Context, sc scope.Ref, k *Kind, dry bool, report func(Superfluous)) error {
	settings, err := packages.Settings(ctx, s.db, sc, k.Info.ID)
	if err != nil {
		return err
	}
	names, err := packages.Names(ctx, s.db, sc, k.Info.ID)
	if err != nil {
		return err
	}
	b := &bound{s: s, k: k, scope: scope.Scope{Ref: sc}, need: forge.DeletePackages}
	for _, name := range names {
		p, err := b.Package(ctx, name)
		if err != nil {
			if fault.Is(err, fault.NotFound) {
				continue
			}
			return err
		}
		versions, err := b.Versions(ctx, name)
		if err != nil {
			return err
		}
		tags, err := b.Tags(ctx, name)
		if err != nil {
			return err
		}
		found := k.Cleaning.Superfluous(versions, tags, func(name string) string { return settings[name] }, time.Now())
		if len(found) == 0 {
			continue
		}
		gone := Superfluous{Scope: sc, Format: k.Info.ID, Package: p}
		byName := make(map[string]*format.Version, len(versions))
		for _, v := range versions {
			byName[v.Name] = v
		}
		for _, name := range found {
			gone.Versions = append(gone.Versions, byName[name])
		}
		if !dry {
			if err := b.clean(ctx, p, found); err != nil {
				if fault.Is(err, fault.Precondition) || fault.Is(err, fault.NotFound) {
					continue
				}
				return err
			}
		}
		report(gone)
	}
	return nil
}

// clean deletes versions of a package unless it is another one than p by now.
func (b *bound) clean(ctx context.Context, p *format.Package, versions []string) error {
	for len(versions) > 0 {
		n := min(len(versions), cleanBatch)
		changes := []format.Change{format.Unchanged{Revision: p.Revision}}
		for _, v := range versions[:n] {
			changes = append(changes, format.Remove{Version: v})
		}
		if err := b.Edit(ctx, p.Name, changes...); err != nil {
			return err
		}
		if versions = versions[n:]; len(versions) > 0 {
			now, err := b.Package(ctx, p.Name)
			if err != nil {
				return err
			}
			if now.Revision != p.Revision+1 {
				return fault.New(fault.Precondition, "%s was changed meanwhile", p.Name)
			}
			p = now
		}
	}
	return nil
}
