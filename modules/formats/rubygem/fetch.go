package rubygem

import (
	"context"
	"net/http"
	"slices"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// find gives the version whose gem has a full name, with that one file and
// without properties. Of several it is the oldest.
func find(ctx context.Context, reg format.Reader, full string) (*format.Version, error) {
	var found *format.Version
	may := places(full)
	if len(may) > 0 {
		names := make([]string, len(may))
		for i, p := range may {
			names[i] = p.name
		}
		for versions, err := range reg.Each(ctx, format.Filter{Packages: names, Files: full + extension}) {
			if err != nil {
				return nil, err
			}
			for _, v := range versions {
				if slices.Contains(may, place{v.Package, v.Name}) && (found == nil || v.Created.Before(found.Created)) {
					found = v
				}
			}
		}
	}
	if found == nil {
		return nil, fault.New(fault.NotFound, "there is no gem %.220s here", full)
	}
	return found, nil
}

func (g *RubyGems) gem(q *format.Request) error {
	v, err := find(q.Context(), q.Reg, q.Param("gem"))
	if err != nil {
		return err
	}
	f, err := gemOf(v)
	if err != nil {
		return err
	}
	return q.File(f)
}

// quick answers with the specification of one gem.
func (g *RubyGems) quick(q *format.Request) error {
	v, err := find(q.Context(), q.Reg, q.Param("gem"))
	if err != nil {
		return err
	}
	return q.Document(quickKind, v.Package+"/"+v.Name)
}

// root tells that there is a registry: clients ask it before anything.
func (g *RubyGems) root(q *format.Request) error {
	return q.Text(http.StatusOK, "Gems. Add this address to your sources: gem sources --add "+q.Base+"/\n")
}
