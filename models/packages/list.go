package packages

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"ingot.dev/models/db"
	"ingot.dev/modules/scope"
)

// Order is the order of a list of packages.
type Order uint8

// The orders.
const (
	Newest Order = iota // newest publication first
	ByNameAscending
	MostDownloaded
)

var orders = [...]string{"updated DESC, id DESC", "canon ASC, id ASC", "downloads DESC, id DESC"}

// List chooses packages.
type List struct {
	Scopes []scope.Ref // of these owners; nil: of all
	Format string      // empty: any
	Text   string      // part of the name or description, letter case aside
	Spelt  string      // Text as canonical names have it; empty: as it is
	Prefix string      // start of the canonical name
	Has    []string    // names of properties that the package has
	Listed bool        // with a version that is not yanked
	// Released is Listed, and the version is no pre-release.
	Released bool
	Before   int64 // published last before this time; 0: at any
	Order    Order
	Limit    int
	Offset   int
}

// few is the number of owners up to which a list reads the top of each one's
// index instead of sorting all their packages.
const few = 40

// Find gives the packages of a page.
func (l List) Find(ctx context.Context, q db.Reader) ([]Package, error) {
	var rows []Package
	if l.nowhere() {
		return nil, nil
	}
	query, args := l.query()
	return rows, q.Find(ctx, &rows, query, args...)
}

func (l List) query() (string, []any) {
	const page = " LIMIT ? OFFSET ?"
	where, args := l.filter()
	order := " ORDER BY " + orders[l.Order]
	switch n := len(l.Scopes); {
	case n == 0 || n > few:
		if l.Format != "" {
			where, args = where+" AND format = ?", append(args, l.Format)
		}
		if n > 0 {
			kinds, more := inScopes(l.Scopes)
			where, args = where+" AND "+kinds, append(args, more...)
		}
		return "SELECT * FROM package WHERE " + where + order + page, append(args, l.Limit, l.Offset)
	case n == 1:
		owner, more := l.of(l.Scopes[0])
		return "SELECT * FROM package WHERE " + owner + " AND " + where + order + page, append(append(more, args...), l.Limit, l.Offset)
	}
	// Each branch walks its owner's index in order and stops early, so the cost
	// follows the page and not the number of packages.
	var text strings.Builder
	var all []any
	for i, s := range l.Scopes {
		if i > 0 {
			text.WriteString(" UNION ALL ")
		}
		owner, more := l.of(s)
		text.WriteString("SELECT * FROM (SELECT * FROM package WHERE " + owner + " AND " + where + order + " LIMIT ?) AS s")
		all = append(append(append(all, more...), args...), l.Limit+l.Offset)
	}
	return "SELECT * FROM (" + text.String() + ") AS t" + order + page, append(all, l.Limit, l.Offset)
}

// nowhere tells whether nothing can be in the list: it is of no owner at all,
// which is not every one, or asks for a text that no column holds.
func (l List) nowhere() bool {
	return l.Scopes != nil && len(l.Scopes) == 0 || slices.ContainsFunc(append([]string{l.Text, l.Prefix}, l.Has...), func(s string) bool { return !db.IsText(s) })
}

// of is the condition on the owner, and on the format where there is one. Each
// has an index for each order.
func (l List) of(s scope.Ref) (string, []any) {
	if l.Format == "" {
		return "scope_kind = ? AND scope_id = ?", []any{s.Kind, s.ID}
	}
	return "registry_id = (SELECT id FROM registry WHERE scope_kind = ? AND scope_id = ? AND format = ?)", []any{s.Kind, s.ID, l.Format}
}

// Count gives the number of all packages the list is a page of. Without a
// filter it is read from the registries' own counts.
func (l List) Count(ctx context.Context, q db.Reader) (int, error) {
	var n []struct{ N int }
	if l.nowhere() {
		return 0, nil
	}
	if where, _ := l.filter(); where == everything {
		query, args := "SELECT COALESCE(sum(packages), 0) AS n FROM registry WHERE 1 = 1", []any(nil)
		if l.Format != "" {
			query, args = query+" AND format = ?", append(args, l.Format)
		}
		if len(l.Scopes) > 0 {
			kinds, more := inScopes(l.Scopes)
			query, args = query+" AND "+kinds, append(args, more...)
		}
		if err := q.Find(ctx, &n, query, args...); err != nil || len(n) == 0 {
			return 0, err
		}
		return n[0].N, nil
	}
	where, args := l.filter()
	if l.Format != "" {
		where, args = where+" AND format = ?", append(args, l.Format)
	}
	if len(l.Scopes) > 0 {
		kinds, more := inScopes(l.Scopes)
		where, args = where+" AND "+kinds, append(args, more...)
	}
	if err := q.Find(ctx, &n, "SELECT count(*) AS n FROM package WHERE "+where, args...); err != nil || len(n) == 0 {
		return 0, err
	}
	return n[0].N, nil
}

// everything is the filter of a list that has none.
const everything = "1 = 1"

// filter is the condition on the packages themselves.
func (l List) filter() (where string, args []any) {
	where = everything
	if l.Prefix != "" {
		where, args = where+` AND canon LIKE ? ESCAPE '!'`, append(args, like(l.Prefix)+"%")
	}
	switch {
	case l.Released:
		where += " AND latest <> ''"
	case l.Listed:
		where += " AND (latest <> '' OR latest_pre <> '')"
	}
	for _, name := range l.Has {
		where += " AND EXISTS (SELECT 1 FROM property r WHERE r.owner = 'package' AND r.owner_id = package.id AND r.name = ?)"
		args = append(args, name)
	}
	if l.Before != 0 {
		where, args = where+" AND updated < ?", append(args, l.Before)
	}
	if l.Text != "" {
		low := strings.ToLower(l.Text)
		name, text := "%"+like(cmp.Or(l.Spelt, low))+"%", "%"+like(low)+"%"
		where, args = where+` AND (canon LIKE ? ESCAPE '!' OR lower(description) LIKE ? ESCAPE '!')`, append(args, name, text)
	}
	return where, args
}

// like escapes what LIKE would read as a wildcard. The escape sign is not a
// backslash, which PostgreSQL treats in ways of its own.
func like(s string) string { return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s) }

func inScopes(refs []scope.Ref) (string, []any) {
	byKind := map[scope.Kind][]any{}
	for _, r := range refs {
		byKind[r.Kind] = append(byKind[r.Kind], r.ID)
	}
	var parts []string
	var args []any
	for kind := scope.Project; kind <= scope.Service; kind++ {
		if ids := byKind[kind]; len(ids) > 0 {
			parts = append(parts, "(scope_kind = ? AND scope_id IN ("+db.In(len(ids))+"))")
			args = append(append(args, kind), ids...)
		}
	}
	return "(" + strings.Join(parts, " OR ") + ")", args
}

// Usage is the storage that a registry uses.
type Usage struct {
	ScopeKind scope.Kind
	ScopeID   int64
	Format    string
	Packages  int64
	Size      int64
}

// Used lists the registries of some owners, of all where scopes is nil, the
// largest first.
func Used(ctx context.Context, q db.Reader, scopes []scope.Ref, limit int) ([]Usage, error) {
	where, args := "1 = 1", []any(nil)
	if scopes != nil {
		if len(scopes) == 0 {
			return nil, nil
		}
		where, args = inScopes(scopes)
	}
	var rows []Usage
	return rows, q.Find(ctx, &rows, "SELECT scope_kind, scope_id, format, packages, size FROM registry WHERE packages > 0 AND "+where+
		" ORDER BY size DESC, id LIMIT ?", append(args, limit)...)
}

// Day is the number of downloads on a day since 1970.
type Day struct{ Day, Count int64 }

// Downloads gives the downloads per day since a day, of one version or, where
// versionID is 0, of the whole package. Days without any are left out.
func Downloads(ctx context.Context, q db.Reader, packageID, versionID, since int64) ([]Day, error) {
	var rows []Day
	if versionID != 0 {
		return rows, q.Find(ctx, &rows, "SELECT day, count FROM download WHERE version_id = ? AND day >= ? ORDER BY day", versionID, since)
	}
	return rows, q.Find(ctx, &rows, `SELECT d.day AS day, sum(d.count) AS count FROM version v JOIN download d ON d.version_id = v.id
		WHERE v.package_id = ? AND d.day >= ? GROUP BY d.day ORDER BY d.day`, packageID, since)
}

// Named is where a package is and what it is called.
type Named struct {
	ScopeKind scope.Kind
	ScopeID   int64
	Name      string
}

// Scope gives the owner.
func (n *Named) Scope() scope.Ref { return scope.Ref{Kind: n.ScopeKind, ID: n.ScopeID} }

// NamesOf lists all packages of a format.
func NamesOf(ctx context.Context, q db.Reader, format string) ([]Named, error) {
	var rows []Named
	return rows, q.Find(ctx, &rows, "SELECT scope_kind, scope_id, name FROM package WHERE format = ?", format)
}

// ScopesOf lists the owners of packages of a format.
func ScopesOf(ctx context.Context, q db.Reader, format string) ([]scope.Ref, error) {
	return owners(ctx, q, "SELECT scope_kind, scope_id FROM registry WHERE format = ? AND packages > 0", format)
}

// Configured lists the owners of registries of a format that have settings.
func Configured(ctx context.Context, q db.Reader, format string) ([]scope.Ref, error) {
	return owners(ctx, q, "SELECT DISTINCT scope_kind, scope_id FROM setting WHERE format = ?", format)
}

func owners(ctx context.Context, q db.Reader, query string, args ...any) ([]scope.Ref, error) {
	var rows []struct {
		ScopeKind scope.Kind
		ScopeID   int64
	}
	err := q.Find(ctx, &rows, query, args...)
	refs := make([]scope.Ref, len(rows))
	for i, r := range rows {
		refs[i] = scope.Ref{Kind: r.ScopeKind, ID: r.ScopeID}
	}
	return refs, err
}
