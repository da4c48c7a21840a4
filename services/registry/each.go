package registry

import (
	"context"
	"errors"
	"iter"
	"slices"

	"ingot.dev/models/packages"
	"ingot.dev/modules/format"
)

// errEnough ends a walk that nobody goes on with.
var errEnough = errors.New("enough")

// Each implements format.Reader.
func (b *bound) Each(ctx context.Context, f format.Filter) iter.Seq2[[]*format.Version, error] {
	w := packages.Walk{Scope: b.scope.Ref, Format: b.k.Info.ID, Files: canonicalFile(f.Files), File: canonicalFile(f.File)}
	if f.Packages != nil {
		w.Packages = make([]string, 0, len(f.Packages))
		for _, name := range f.Packages {
			// What is no name is no package either.
			if canon, err := b.k.CanonicalName(name); err == nil {
				w.Packages = append(w.Packages, canon)
			}
		}
	}
	return func(yield func([]*format.Version, error) bool) {
		err := w.Do(ctx, b.s.db, func(p *packages.Package, rows []packages.Version, files []packages.File) error {
			versions := join(p, rows, files)
			slices.SortFunc(versions, func(x, y *format.Version) int { return b.k.Compare(y.Canon, x.Canon) })
			if !yield(versions, nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(nil, err)
		}
	}
}
