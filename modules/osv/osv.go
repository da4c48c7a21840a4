// Package osv reads records of known weaknesses in the Open Source
// Vulnerability format (https://ossf.github.io/osv-schema/, version 1.7), and
// files of many such records. It reads what tells which versions of a package
// are affected and how badly; ranges of git commits are passed over.
package osv

import (
	"cmp"
	"encoding/json"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ingot.dev/modules/cvss"
	"ingot.dev/modules/fault"
)

// MaxRecord bounds the bytes of a record.
const MaxRecord = 8 << 20

// Bounds of what a record holds.
const (
	maxID       = 255    // bytes
	maxName     = 1024   // bytes, of a package
	maxVersion  = 255    // bytes
	maxPackages = 10_000 // of a record
	maxAffected = 50_000 // intervals of a package
)

// Record is one weakness.
type Record struct {
	ID        string
	Modified  time.Time
	Published time.Time // as Modified where nobody says
	Withdrawn bool
	Aliases   []string
	Summary   string
	Details   string
	URL       string // of the best reference; may be empty
	CWE       []string
	Packages  []Package // in the order of the record, each once
}

// Package is a package that a record is about.
type Package struct {
	Ecosystem string // "PyPI", without what may stand behind a colon
	Name      string
	Severity  string // "low", "moderate", "high", "critical", or empty
	CVSS      string // vector; may be empty
	Affected  []Interval
}

// Interval is a range of versions: from Introduced to before Fixed, or to Last
// and that one too. What is empty is open.
type Interval struct{ Introduced, Fixed, Last string }

// wire is the part of the schema that is read.
type wire struct {
	ID         string     `json:"id"`
	Modified   string     `json:"modified"`
	Published  string     `json:"published"`
	Withdrawn  string     `json:"withdrawn"`
	Aliases    []string   `json:"aliases"`
	Summary    string     `json:"summary"`
	Details    string     `json:"details"`
	Severity   []severity `json:"severity"`
	Affected   []affected `json:"affected"`
	References []struct {
		Type string `json:"type"`
		URL  string `json:"url"`
	} `json:"references"`
	Specific json.RawMessage `json:"database_specific"`
}

type severity struct {
	Type  string `json:"type"`
	Score string `json:"score"`
}

type affected struct {
	Package struct {
		Ecosystem string `json:"ecosystem"`
		Name      string `json:"name"`
	} `json:"package"`
	Severity []severity `json:"severity"`
	Ranges   []struct {
		Type   string  `json:"type"`
		Events []event `json:"events"`
	} `json:"ranges"`
	Versions []string `json:"versions"`
}

// specific is what some databases add. Its shape is theirs, so what does not
// fit is passed over.
type specific struct {
	Severity json.RawMessage `json:"severity"`
	CWE      json.RawMessage `json:"cwe_ids"`
}

// Parse reads one record. The fault is Invalid, or TooLarge for more than
// MaxRecord bytes.
func Parse(text []byte) (Record, error) {
	if len(text) > MaxRecord {
		return Record{}, fault.New(fault.TooLarge, "a record has at most %d bytes, this one has %d", MaxRecord, len(text))
	}
	var w wire
	if err := json.Unmarshal(text, &w); err != nil {
		return Record{}, fault.New(fault.Invalid, "this is no OSV record: %v", err)
	}
	if !plain(w.ID, maxID) || strings.ContainsFunc(w.ID, unicode.IsSpace) {
		return Record{}, fault.New(fault.Invalid, "a record needs an id of at most %d bytes without spaces", maxID)
	}
	r := Record{ID: w.ID, Summary: w.Summary, Details: w.Details, Withdrawn: w.Withdrawn != "", URL: w.link()}
	var err error
	if r.Modified, err = time.Parse(time.RFC3339, w.Modified); err != nil {
		return Record{}, fault.New(fault.Invalid, "%s: modified is no time: %q", r.ID, clip(w.Modified))
	}
	r.Published = r.Modified
	if w.Published != "" {
		if r.Published, err = time.Parse(time.RFC3339, w.Published); err != nil {
			return Record{}, fault.New(fault.Invalid, "%s: published is no time: %q", r.ID, clip(w.Published))
		}
	}
	for _, alias := range w.Aliases {
		if plain(alias, maxID) {
			r.Aliases = append(r.Aliases, alias)
		}
	}
	word, cwe := w.specific()
	r.CWE = cwe
	if r.Packages, err = w.packages(word); err != nil {
		return Record{}, err
	}
	return r, nil
}

// packages joins what the record says of each package in several places.
func (w *wire) packages(word string) ([]Package, error) {
	if len(w.Affected) > maxPackages {
		return nil, fault.New(fault.Invalid, "%s: at most %d packages, this record has %d", w.ID, maxPackages, len(w.Affected))
	}
	var out []Package
	index := map[[2]string]int{}
	general := vector(w.Severity)
	for _, a := range w.Affected {
		ecosystem, _, _ := strings.Cut(a.Package.Ecosystem, ":")
		if ecosystem == "" && a.Package.Name == "" {
			continue // of commits alone
		}
		if !plain(ecosystem, maxName) || !plain(a.Package.Name, maxName) {
			return nil, fault.New(fault.Invalid, "%s: a package needs an ecosystem and a name of at most %d bytes", w.ID, maxName)
		}
		ranges, err := a.intervals()
		if err != nil {
			return nil, fault.New(fault.Invalid, "%s: %s: %v", w.ID, a.Package.Name, err)
		}
		if len(ranges) == 0 {
			continue
		}
		key := [2]string{ecosystem, a.Package.Name}
		i, known := index[key]
		if !known {
			i = len(out)
			index[key] = i
			p := Package{Ecosystem: ecosystem, Name: a.Package.Name, Severity: word}
			p.CVSS = cmp.Or(vector(a.Severity), general)
			if score, ok := cvss.Score(p.CVSS); ok && p.Severity == "" {
				p.Severity = cvss.Severity(score)
			}
			out = append(out, p)
		}
		if out[i].Affected = append(out[i].Affected, ranges...); len(out[i].Affected) > maxAffected {
			return nil, fault.New(fault.Invalid, "%s: %s: at most %d ranges", w.ID, a.Package.Name, maxAffected)
		}
	}
	return out, nil
}

// specific reads the word of severity and the classes of weakness that a
// database gives in its own part of the record.
func (w *wire) specific() (word string, cwe []string) {
	var s specific
	if json.Unmarshal(w.Specific, &s) != nil {
		return "", nil
	}
	var text string
	if json.Unmarshal(s.Severity, &text) == nil {
		switch text = strings.ToLower(text); text {
		case "low", "moderate", "high", "critical":
			word = text
		case "medium":
			word = "moderate"
		}
	}
	var all []string
	if json.Unmarshal(s.CWE, &all) == nil {
		for _, c := range all {
			if plain(c, maxID) {
				cwe = append(cwe, c)
			}
		}
	}
	return word, cwe
}

// vector chooses among scores: one of CVSS 3, whose base score can be computed,
// else the first that is a vector.
func vector(all []severity) string {
	first := ""
	for _, s := range all {
		if !strings.HasPrefix(s.Type, "CVSS_") || !plain(s.Score, maxID) {
			continue
		}
		if _, ok := cvss.Score(s.Score); ok {
			return s.Score
		}
		if first == "" {
			first = s.Score
		}
	}
	return first
}

// link chooses the reference that explains most.
func (w *wire) link() string {
	best, rank := "", 0
	for _, ref := range w.References {
		n := 1
		switch ref.Type {
		case "ADVISORY":
			n = 4
		case "WEB":
			n = 3
		case "ARTICLE", "REPORT":
			n = 2
		}
		if n <= rank || !plain(ref.URL, 2048) {
			continue
		}
		if u, err := url.Parse(ref.URL); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" {
			best, rank = ref.URL, n
		}
	}
	return best
}

// plain tells whether text is there, is not too long and has nothing in it
// that is not seen.
func plain(s string, most int) bool {
	return s != "" && len(s) <= most && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// clip shortens foreign text that a message shows.
func clip(s string) string {
	if len(s) > 64 {
		return strings.ToValidUTF8(s[:64], "") + "..."
	}
	return s
}
