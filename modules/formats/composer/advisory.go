package composer

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// Bounds of a question about advisories.
const (
	maxQuestion = 1 << 20 // bytes
	maxAsked    = 5000    // packages
)

// advisories answers which weaknesses are known of packages ("Repositories",
// section security-advisories). It tells of packages that are here alone:
// others are another repository's to tell of, and not every Composer leaves
// them out of its question.
func (Composer) advisories(q *format.Request) error {
	asked, err := askedFor(q)
	if err != nil {
		return err
	}
	here, err := q.Reg.Names(q.Context())
	if err != nil {
		return err
	}
	known := make(map[string]bool, len(here))
	for _, name := range here {
		known[lower(name)] = true
	}
	var names []string
	for _, name := range asked {
		if known[lower(name)] {
			names = append(names, name)
		}
	}
	out := map[string][]advisory{}
	if len(names) > 0 {
		found, err := q.Server.Advisories(q, names)
		if err != nil {
			return err
		}
		for _, a := range found {
			if told, ok := advise(a); ok {
				out[a.Package] = append(out[a.Package], told)
			}
		}
	}
	return q.JSON(http.StatusOK, map[string]any{"advisories": out})
}

// askedFor reads the names of packages from the query or, of a POST, from the
// form: packages[], or packages[0] as PHP writes it.
func askedFor(q *format.Request) ([]string, error) {
	values := q.R.URL.Query()
	if q.R.Method == http.MethodPost {
		q.R.Body = http.MaxBytesReader(q.W, q.R.Body, maxQuestion)
		err := q.R.ParseForm()
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return nil, fault.New(fault.TooLarge, "a question about advisories has at most 1 MiB")
		}
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "a question about advisories is a form: packages[]=acme/money")
		}
		values = q.R.Form
	}
	var names []string
	for key, list := range values {
		if index, ok := strings.CutPrefix(key, "packages["); ok && strings.HasSuffix(index, "]") {
			names = append(names, list...)
		}
	}
	if len(names) > maxAsked {
		return nil, fault.New(fault.TooLarge, "a question about advisories names at most %d packages", maxAsked)
	}
	return names, nil
}

// advisory is a weakness in Composer's words.
type advisory struct {
	ID       string   `json:"advisoryId"`
	Package  string   `json:"packageName"`
	RemoteID string   `json:"remoteId"`
	Title    string   `json:"title"`
	Link     *string  `json:"link"`
	CVE      *string  `json:"cve"`
	Affected string   `json:"affectedVersions"`
	Source   string   `json:"source"`
	Sources  []source `json:"sources"`
	Reported string   `json:"reportedAt"`
	Severity *string  `json:"severity"`
}

type source struct {
	Name     string `json:"name"`
	RemoteID string `json:"remoteId"`
}

// advise writes an advisory in Composer's words; false where it has no
// versions that Composer understands.
func advise(a format.Advisory) (advisory, bool) {
	out := advisory{
		ID: a.ID, RemoteID: a.ID, Package: a.Package, Title: a.Summary, Affected: constraint(a.Affected),
		Reported: a.Created.UTC().Format(time.RFC3339),
	}
	if out.Title == "" {
		out.Title = a.ID
	}
	if a.URL != "" {
		out.Link = &a.URL
	}
	for _, id := range append([]string{a.ID}, a.Aliases...) {
		if strings.HasPrefix(id, "CVE-") {
			out.CVE = &id
			break
		}
	}
	if severity := a.Severity; severity != "" {
		if severity == "moderate" {
			severity = "medium"
		}
		out.Severity = &severity
	}
	out.Source, _, _ = strings.Cut(a.ID, "-") // the database's prefix
	out.Sources = []source{{Name: out.Source, RemoteID: a.ID}}
	return out, out.Affected != ""
}

// constraint writes intervals of versions as a constraint ("Versions and
// constraints"). An interval with an end that Composer cannot read is left
// out: it would fail the audit of everything else.
func constraint(all []format.Affected) string {
	var out []string
	for _, a := range all {
		switch {
		case !ordinal(a.Introduced) || !ordinal(a.Fixed) || !ordinal(a.Last):
		case a == format.Affected{}:
			return "*"
		case a.Introduced != "" && a.Introduced == a.Last:
			out = append(out, "="+a.Introduced)
		default:
			var ends []string
			if a.Introduced != "" {
				ends = append(ends, ">="+a.Introduced)
			}
			if a.Fixed != "" {
				ends = append(ends, "<"+a.Fixed)
			}
			if a.Last != "" {
				ends = append(ends, "<="+a.Last)
			}
			out = append(out, strings.Join(ends, ","))
		}
	}
	return strings.Join(out, "|")
}

// ordinal tells whether a version, or none, can stand behind a sign of
// comparison: a branch cannot.
func ordinal(version string) bool {
	if version == "" {
		return true
	}
	normal, ok := normalize(version)
	return ok && !strings.HasPrefix(normal, "dev-")
}
