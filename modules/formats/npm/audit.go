package npm

import (
	"cmp"
	"compress/gzip"
	"encoding/json"
	"hash/fnv"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"

	"ingot.dev/modules/cvss"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

const (
	maxAudit    = 32 << 20 // bytes of what a client has installed, unpacked
	maxAudited  = 20_000   // packages
	maxFindings = 100      // places of one version in a tree
)

// readInstalled reads what a client asks about, which comes packed as a rule.
func readInstalled(q *format.Request, v any) error {
	body := io.Reader(http.MaxBytesReader(q.W, q.R.Body, maxAudit))
	if strings.EqualFold(q.R.Header.Get("Content-Encoding"), "gzip") {
		unpacked, err := gzip.NewReader(body)
		if err != nil {
			return fault.Wrap(fault.Invalid, err, "the body is not compressed by gzip, as its Content-Encoding says")
		}
		body = unpacked
	}
	return readJSON(body, maxAudit, v, `the body has to list versions by package, as in {"name": ["1.0.0"]}`)
}

// finding is a known weakness as clients read of it.
type finding struct {
	ID         uint32   `json:"id"`
	URL        string   `json:"url"`
	Title      string   `json:"title"`
	Severity   string   `json:"severity"`
	Vulnerable string   `json:"vulnerable_versions"`
	CWE        []string `json:"cwe"`
	CVSS       score    `json:"cvss"`
}

type score struct {
	Score  float64 `json:"score"`
	Vector *string `json:"vectorString"`
}

func newFinding(a format.Advisory) finding {
	f := finding{
		ID: findingID(a.ID), URL: a.URL, Title: cmp.Or(a.Summary, a.ID), Severity: a.Severity,
		Vulnerable: ranges(a.Affected), CWE: a.CWE,
	}
	if a.CVSS != "" {
		f.CVSS.Vector = &a.CVSS
		f.CVSS.Score, _ = cvss.Score(a.CVSS)
	}
	if f.Severity == "" {
		f.Severity = cmp.Or(cvss.Severity(f.CVSS.Score), "moderate")
	}
	if f.CWE == nil {
		f.CWE = []string{}
	}
	return f
}

// findingID makes a number of an advisory's id: pnpm and yarn want one.
func findingID(id string) uint32 {
	h := fnv.New32a()
	_, _ = io.WriteString(h, id) // never fails
	return h.Sum32() &^ (1 << 31)
}

// ranges writes the affected versions as a range of npm's.
func ranges(affected []format.Affected) string {
	var all []string
	for _, a := range affected {
		var r []string
		if a.Introduced != "" && a.Introduced != "0" {
			r = append(r, ">="+a.Introduced)
		}
		switch {
		case a.Fixed != "":
			r = append(r, "<"+a.Fixed)
		case a.Last != "":
			r = append(r, "<="+a.Last)
		}
		all = append(all, cmp.Or(strings.Join(r, " "), "*"))
	}
	return cmp.Or(strings.Join(all, " || "), "*")
}

// affects tells whether a version is in one of the ranges. What cannot be
// compared is for the client to judge.
func affects(affected []format.Affected, version string) bool {
	v, err := semver.NewVersion(version)
	if err != nil || len(affected) == 0 {
		return true
	}
	side := func(bound string) (int, bool) {
		b, err := semver.NewVersion(bound)
		if bound == "" || bound == "0" || err != nil {
			return 0, false
		}
		return v.Compare(b), true
	}
	for _, a := range affected {
		if c, ok := side(a.Introduced); ok && c < 0 {
			continue
		}
		if c, ok := side(a.Fixed); ok && c >= 0 {
			continue
		}
		if c, ok := side(a.Last); ok && a.Fixed == "" && c > 0 {
			continue
		}
		return true
	}
	return false
}

// known gives the advisories about some versions of packages, and no others.
func known(q *format.Request, installed map[string][]string) ([]format.Advisory, error) {
	names := slices.Sorted(maps.Keys(installed))
	if len(names) > maxAudited {
		return nil, fault.New(fault.TooLarge, "the body lists %d packages; the limit is %d", len(names), maxAudited)
	}
	all, err := q.Server.Advisories(q, names)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(a format.Advisory) bool {
		return !slices.ContainsFunc(installed[a.Package], func(v string) bool { return affects(a.Affected, v) })
	}), nil
}

// advisories answers npm audit, yarn npm audit and bun audit.
func (*NPM) advisories(q *format.Request) error {
	var installed map[string][]string
	if err := readInstalled(q, &installed); err != nil {
		return err
	}
	list, err := known(q, installed)
	if err != nil {
		return err
	}
	out := map[string][]finding{}
	for _, a := range list {
		out[a.Package] = append(out[a.Package], newFinding(a))
	}
	return q.JSON(http.StatusOK, out)
}

// lockTree is what older clients send: the tree that they have installed.
type lockTree struct {
	Version      string              `json:"version"`
	Dependencies map[string]lockTree `json:"dependencies"`
}

// lockFinding is where in a tree a version is.
type lockFinding struct {
	Version string   `json:"version"`
	Paths   []string `json:"paths"`
}

// visit calls fn for each package of a tree with the path to it.
func (t lockTree) visit(path string, fn func(name, version, path string)) {
	for _, name := range slices.Sorted(maps.Keys(t.Dependencies)) {
		d := t.Dependencies[name]
		fn(name, d.Version, path+name)
		d.visit(path+name+">", fn)
	}
}

// audit answers pnpm audit and yarn audit, whose trees npm 6 sent too.
func (*NPM) audit(q *format.Request) error {
	var tree lockTree
	if err := readInstalled(q, &tree); err != nil {
		return err
	}
	installed := map[string][]string{}
	places := map[string]map[string][]string{} // of names and versions
	total := 0
	tree.visit("", func(name, version, path string) {
		total++
		if places[name] == nil {
			places[name] = map[string][]string{}
		}
		if places[name][version] == nil {
			installed[name] = append(installed[name], version)
		}
		if len(places[name][version]) < maxFindings {
			places[name][version] = append(places[name][version], path)
		}
	})
	list, err := known(q, installed)
	if err != nil {
		return err
	}
	type advisory struct {
		finding
		Module     string        `json:"module_name"`
		Findings   []lockFinding `json:"findings"`
		Overview   string        `json:"overview"`
		Patched    string        `json:"patched_versions"`
		CVEs       []string      `json:"cves"`
		References string        `json:"references"`
		Advice     string        `json:"recommendation"`
		Access     string        `json:"access"`
		Created    string        `json:"created"`
		Updated    string        `json:"updated"`
	}
	advisories := map[string]advisory{}
	counts := map[string]int{"info": 0, "low": 0, "moderate": 0, "high": 0, "critical": 0}
	for _, a := range list {
		e := advisory{
			finding: newFinding(a), Module: a.Package, Findings: []lockFinding{}, Overview: a.Details, Patched: patched(a.Affected),
			CVEs: []string{}, References: a.URL, Access: "public",
			Created: a.Created.UTC().Format(timeForm), Updated: a.Modified.UTC().Format(timeForm),
		}
		if e.Patched != "<0.0.0" {
			e.Advice = "Upgrade to version " + strings.TrimPrefix(e.Patched, ">=") + " or later"
		}
		for _, alias := range a.Aliases {
			if strings.HasPrefix(alias, "CVE-") {
				e.CVEs = append(e.CVEs, alias)
			}
		}
		for _, v := range installed[a.Package] {
			if affects(a.Affected, v) {
				e.Findings = append(e.Findings, lockFinding{v, places[a.Package][v]})
				counts[e.Severity]++
			}
		}
		advisories[a.ID] = e
	}
	return q.JSON(http.StatusOK, map[string]any{
		"actions": []json.RawMessage{}, "muted": []json.RawMessage{}, "advisories": advisories,
		"metadata": map[string]any{
			"vulnerabilities": counts, "dependencies": total, "devDependencies": 0,
			"optionalDependencies": 0, "totalDependencies": total,
		},
	})
}

// patched gives the range of versions that are no longer affected, one that
// nothing is in where there is none.
func patched(affected []format.Affected) string {
	for _, a := range slices.Backward(affected) {
		if a.Fixed != "" {
			return ">=" + a.Fixed
		}
	}
	return "<0.0.0"
}
