package registry

import (
	"context"
	"slices"
	"strings"

	"ingot.dev/models/packages"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
)

// Catalog lists the packages of a format in all scopes that a reader may see,
// by subject, which says in one string where a package is: at most n of those
// that come after last. The number of queries does not depend on how many
// packages there are.
func (s *Service) Catalog(ctx context.Context, k *Kind, f forge.Forge, visible Visible, subject func(scope.Path, string) string, last string, n int) ([]string, error) {
	refs, err := packages.ScopesOf(ctx, s.db, k.Info.ID)
	if err != nil || len(refs) == 0 {
		return nil, err
	}
	found, err := f.Scopes(ctx, refs)
	if err != nil {
		return nil, err
	}
	list := make([]scope.Scope, 0, len(found))
	for _, sc := range found {
		list = append(list, sc)
	}
	allowed, err := visible(ctx, list)
	if err != nil {
		return nil, err
	}
	seen := map[scope.Ref]scope.Path{}
	for i, sc := range list {
		if allowed[i] {
			seen[sc.Ref] = sc.Path
		}
	}
	rows, err := packages.NamesOf(ctx, s.db, k.Info.ID)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, r := range rows {
		if path, ok := seen[r.Scope()]; ok {
			if name := subject(path, r.Name); name > last {
				out = append(out, name)
			}
		}
	}
	slices.SortFunc(out, strings.Compare)
	return out[:min(n, len(out))], nil
}
