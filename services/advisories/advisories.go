// Package advisories knows what is wrong with packages of the world outside:
// an administrator imports records, and the registries tell their clients. It
// asks nobody itself, so that no one learns which packages are used here.
package advisories

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"ingot.dev/models/advisories"
	"ingot.dev/models/db"
	"ingot.dev/modules/format"
	"ingot.dev/modules/osv"
)

// ecosystems gives the ecosystem, as OSV calls it, of the packages of a format.
var ecosystems = map[string]string{
	"cargo":    "crates.io",
	"composer": "Packagist",
	"cran":     "CRAN",
	"go":       "Go",
	"hex":      "Hex",
	"maven":    "Maven",
	"npm":      "npm",
	"nuget":    "NuGet",
	"pub":      "Pub",
	"pypi":     "PyPI",
	"rubygem":  "RubyGems",
	"swift":    "SwiftURL",
}

// known are the ecosystems of ecosystems.
func known() map[string]bool {
	m := make(map[string]bool, len(ecosystems))
	for _, e := range ecosystems {
		m[e] = true
	}
	return m
}

// Service keeps advisories. It is safe for concurrent use.
type Service struct{ db *db.DB }

// New makes the service.
func New(d *db.DB) *Service { return &Service{db: d} }

// entry is what a record says of a package, as rows hold it.
type entry struct {
	Package  string     `json:"package"`
	Aliases  []string   `json:"aliases,omitempty"`
	Summary  string     `json:"summary,omitempty"`
	Details  string     `json:"details,omitempty"`
	URL      string     `json:"url,omitempty"`
	Severity string     `json:"severity,omitempty"`
	CVSS     string     `json:"cvss,omitempty"`
	CWE      []string   `json:"cwe,omitempty"`
	Affected []interval `json:"affected"`
	Created  int64      `json:"created"`
}

type interval struct {
	Introduced string `json:"introduced,omitempty"`
	Fixed      string `json:"fixed,omitempty"`
	Last       string `json:"last,omitempty"`
}

// fold gives names a form that is the same for all spellings of a name in any
// ecosystem, and for some names that are not. Rows are found by it; whether a
// name is really meant, the format's canonical form decides.
func fold(name string) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(name) {
		if r == '-' || r == '_' || r == '.' {
			if !gap {
				b.WriteByte('-')
			}
			gap = true
			continue
		}
		gap = false
		b.WriteRune(r)
	}
	return b.String()
}

// batch bounds the names of a query.
const batch = 500

// For gives what is known to be wrong with packages of a format: for each name
// in the order of names, by id. Names are the same where canon, the format's
// canonical form, says so; one that has none is passed over. Package of what
// is returned is the name as it was asked for. A format whose packages nobody
// writes advisories about has none.
func (s *Service) For(ctx context.Context, formatID string, names []string, canon func(string) (string, error)) ([]format.Advisory, error) {
	ecosystem, ok := ecosystems[formatID]
	if !ok {
		return nil, nil
	}
	forms := make([]string, len(names)) // canonical; empty: none
	folded := make([]string, 0, len(names))
	for i, name := range names {
		if c, err := canon(name); err == nil {
			forms[i] = c
			folded = append(folded, fold(c))
		}
	}
	slices.Sort(folded)
	found := map[string][]format.Advisory{} // by canonical form
	for part := range slices.Chunk(slices.Compact(folded), batch) {
		rows, err := advisories.Find(ctx, s.db, ecosystem, part)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			var entries []entry
			if err := json.Unmarshal(row.Body, &entries); err != nil {
				return nil, err
			}
			for _, e := range entries {
				if c, err := canon(e.Package); err == nil {
					found[c] = append(found[c], e.advisory(row))
				}
			}
		}
	}
	var out []format.Advisory
	told := make(map[string]bool, len(names))
	for i, name := range names {
		if forms[i] == "" || told[name] {
			continue
		}
		told[name] = true
		for _, a := range found[forms[i]] {
			a.Package = name
			out = append(out, a)
		}
	}
	return out, nil
}

func (e entry) advisory(row advisories.Row) format.Advisory {
	a := format.Advisory{
		ID: row.Name, Aliases: e.Aliases, Package: e.Package, Summary: e.Summary, Details: e.Details, URL: e.URL,
		Severity: e.Severity, CVSS: e.CVSS, CWE: e.CWE, Created: db.Time(e.Created), Modified: db.Time(row.Modified),
	}
	for _, i := range e.Affected {
		a.Affected = append(a.Affected, format.Affected(i))
	}
	return a
}

// rowsOf writes a record as rows hold it: a row for each package of a known
// ecosystem.
func rowsOf(r osv.Record, known map[string]bool) ([]advisories.Row, error) {
	type key struct{ ecosystem, name string }
	var order []key
	entries := map[key][]entry{}
	for _, p := range r.Packages {
		if !known[p.Ecosystem] {
			continue
		}
		e := entry{
			Package: p.Name, Aliases: r.Aliases, Summary: r.Summary, Details: r.Details, URL: r.URL,
			Severity: p.Severity, CVSS: p.CVSS, CWE: r.CWE, Created: r.Published.UnixMicro(),
		}
		for _, i := range p.Affected {
			e.Affected = append(e.Affected, interval(i))
		}
		k := key{p.Ecosystem, fold(p.Name)}
		if entries[k] == nil {
			order = append(order, k)
		}
		entries[k] = append(entries[k], e)
	}
	var rows []advisories.Row
	for _, k := range order {
		body, err := json.Marshal(entries[k])
		if err != nil {
			return nil, err
		}
		rows = append(rows, advisories.Row{Ecosystem: k.ecosystem, Package: k.name, Name: r.ID, Body: body, Modified: r.Modified.UnixMicro()})
	}
	return rows, nil
}

// Status is how much is known of an ecosystem.
type Status struct {
	Ecosystem  string
	Advisories int
	Packages   int
	Modified   time.Time // of the record that was modified last
}

// Status tells how much is known, by ecosystem.
func (s *Service) Status(ctx context.Context) ([]Status, error) {
	counts, err := advisories.Counts(ctx, s.db)
	if err != nil {
		return nil, err
	}
	out := make([]Status, len(counts))
	for i, c := range counts {
		out[i] = Status{Ecosystem: c.Ecosystem, Advisories: c.Advisories, Packages: c.Packages, Modified: db.Time(c.Modified)}
	}
	return out, nil
}
