package forge

import (
	"strings"

	"ingot.dev/models/accounts"
	"ingot.dev/modules/scope"
)

const (
	pageDefault = 20
	pageMax     = 100
	searchMax   = 100 // bytes
)

// Page says which part of a list is wanted: what contains Search in any letter
// case, Limit entries after Offset. Limit is 20 by default and 100 at most.
type Page struct {
	Search        string
	Limit, Offset int
}

func (p Page) rows() accounts.Page {
	search := strings.TrimSpace(p.Search)
	search = cleaned(search[:min(len(search), searchMax)])
	if p.Limit <= 0 {
		p.Limit = pageDefault
	}
	return accounts.Page{Search: search, Limit: min(p.Limit, pageMax), Offset: max(p.Offset, 0)}
}

// Filter narrows a list of companies or projects.
type Filter struct {
	Page
	// Mine leaves only what the actor owns or is a member of.
	Mine bool
	// Owner leaves only the projects of a user or a company.
	Owner scope.Ref
}

// cleaned leaves out of a foreign text what is no text.
func cleaned(text string) string {
	return strings.Map(func(r rune) rune {
		if !printable(string(r)) || r == '\uFFFD' {
			return -1
		}
		return r
	}, text)
}

func each[R, T any](rows []R, of func(R) T) []T {
	out := make([]T, len(rows))
	for i, row := range rows {
		out[i] = of(row)
	}
	return out
}
