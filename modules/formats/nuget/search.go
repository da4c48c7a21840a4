package nuget

import (
	"context"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

const (
	maxFound    = 100   // packages in an answer
	maxSearched = 1_000 // packages that are looked at for what no query asks for
	scanPage    = 250   // packages that are read at once
	maxTerms    = 20    // words of a search
)

// terms are what a search asks for: words that have to be in the id or the
// description, parts of the id, the id itself, tags.
type terms struct {
	words, parts, tags []string
	id                 string
}

// readTerms takes a search apart ("Search", nuget.org's search syntax): what
// stands behind id:, packageid: and tags: is looked for there, other words in
// ids and descriptions.
func readTerms(text string) terms {
	var t terms
	for i, word := range strings.Fields(strings.ToLower(text)) {
		if i == maxTerms {
			break
		}
		field, value, ok := strings.Cut(word, ":")
		value = strings.Trim(value, `"'`)
		switch {
		case ok && value != "" && field == "id":
			t.parts = append(t.parts, value)
		case ok && value != "" && field == "packageid":
			t.id = value
		case ok && value != "" && (field == "tags" || field == "tag"):
			t.tags = append(t.tags, value)
		default:
			t.words = append(t.words, strings.Trim(word, `"'`))
		}
	}
	return t
}

// exact tells whether a query finds nothing that does not fit.
func (t terms) exact() bool { return t.id == "" && len(t.parts) == 0 && len(t.words) <= 1 }

func (t terms) fits(p *format.Package) bool {
	id, description := strings.ToLower(p.Name), strings.ToLower(p.Description)
	outside := func(part string) bool { return !strings.Contains(id, part) }
	unsaid := func(word string) bool { return outside(word) && !strings.Contains(description, word) }
	return (t.id == "" || t.id == id) && !slices.ContainsFunc(t.parts, outside) && !slices.ContainsFunc(t.words, unsaid)
}

// wanted is what a search wants of packages and their versions.
type wanted struct {
	terms
	prerelease, semVer2 bool
	packageType         string // in lower case; empty: any
}

func readWanted(q *format.Request, text string) wanted {
	v, err := ParseVersion(q.Query("semVerLevel"))
	return wanted{
		terms: readTerms(text), prerelease: isTrue(q.Query("prerelease")),
		semVer2: err == nil && v.numbers[0] >= 2, packageType: strings.ToLower(strings.TrimSpace(q.Query("packageType"))),
	}
}

// takes tells whether a version is wanted.
func (w wanted) takes(v listing) bool {
	return !v.Yanked && (w.prerelease || !v.Prerelease) && (w.semVer2 || !v.SemVer2)
}

// query asks for the packages that may be meant.
func (w wanted) query() format.Query {
	q := format.Query{Listed: w.prerelease, Released: !w.prerelease}
	for _, tag := range w.tags {
		q.Has = append(q.Has, tagProperty+tag)
	}
	if w.packageType != "" {
		q.Has = append(q.Has, typeProperty+w.packageType)
	}
	if !w.semVer2 {
		q.Has = append(q.Has, plainProperty)
	}
	switch {
	case len(w.parts) > 0:
		q.Text = w.parts[0]
	case len(w.words) > 0:
		q.Text = w.words[0]
	}
	return q
}

// find gives a page of the packages that are wanted, and the number of all:
// of those that it looked at, where it has to look at each.
func (w wanted) find(ctx context.Context, reg format.Reader, skip, take int) ([]*format.Package, int, error) {
	if w.exact() {
		query := w.query()
		query.Offset, query.Limit = skip, max(take, 1)
		found, total, err := reg.Search(ctx, query)
		return found[:min(take, len(found))], total, err
	}
	found, err := w.all(ctx, reg)
	skip = min(skip, len(found))
	return found[skip:min(skip+take, len(found))], len(found), err
}

// all gives the packages that are wanted, of the first maxSearched that may be.
func (w wanted) all(ctx context.Context, reg format.Reader) (found []*format.Package, err error) {
	if w.id != "" {
		return w.one(ctx, reg)
	}
	query := w.query()
	query.Limit = scanPage
	for ; query.Offset < maxSearched; query.Offset += scanPage {
		part, total, err := reg.Search(ctx, query)
		if err != nil {
			return nil, err
		}
		for _, p := range part {
			if w.fits(p) {
				found = append(found, p)
			}
		}
		if query.Offset+scanPage >= total {
			break
		}
	}
	return found, nil
}

// one gives the package whose id is searched for, where it is what query asks
// for besides.
func (w wanted) one(ctx context.Context, reg format.Reader) ([]*format.Package, error) {
	p, err := reg.Package(ctx, w.id)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	newest, err := ParseVersion(p.Latest)
	listed := err == nil && (w.prerelease || !newest.Prerelease())
	lacks := func(property string) bool { return p.Properties[property] == "" }
	if !listed || !w.fits(p) || slices.ContainsFunc(w.query().Has, lacks) {
		return nil, nil
	}
	return []*format.Package{p}, nil
}

// versions goes through the versions of some packages that are wanted, those of
// a package with the newest first, in one question.
func (w wanted) versions(ctx context.Context, reg format.Reader, names []string) iter.Seq2[[]listing, error] {
	return func(yield func([]listing, error) bool) {
		for versions, err := range reg.Each(ctx, format.Filter{Packages: names}) {
			var list []listing
			if err == nil {
				list, err = listings(versions)
			}
			list = slices.DeleteFunc(list, func(v listing) bool { return !w.takes(v) })
			if (err != nil || len(list) > 0) && !yield(list, err) || err != nil {
				return
			}
		}
	}
}

// The members of a search's answer ("Search").
type (
	foundPackage struct {
		ID           string         `json:"@id"`
		Type         string         `json:"@type"`
		Registration string         `json:"registration"`
		PackageID    string         `json:"id"`
		Version      string         `json:"version"`
		Description  string         `json:"description"`
		Summary      string         `json:"summary"`
		Title        string         `json:"title"`
		IconURL      string         `json:"iconUrl,omitempty"`
		LicenceURL   string         `json:"licenseUrl,omitempty"`
		ProjectURL   string         `json:"projectUrl,omitempty"`
		Tags         []string       `json:"tags"`
		Authors      []string       `json:"authors"`
		Owners       []string       `json:"owners"`
		Downloads    int64          `json:"totalDownloads"`
		Verified     bool           `json:"verified"`
		Types        []Type         `json:"packageTypes"`
		Versions     []foundVersion `json:"versions"`
	}
	foundVersion struct {
		Version   string `json:"version"`
		Downloads int64  `json:"downloads"`
		ID        string `json:"@id"`
	}
)

// search answers with packages and their versions.
func (*NuGet) search(q *format.Request) error {
	w := readWanted(q, q.Query("q"))
	found, total, err := w.find(q.Context(), q.Reg, count(q.Query("skip"), 0, maxOffset), count(q.Query("take"), 20, maxFound))
	if err != nil {
		return err
	}
	names := make([]string, len(found))
	for i, p := range found {
		names[i] = p.Name
	}
	h := hive{registrationPath, false}
	if w.semVer2 {
		h = hive{registration2Path, true}
	}
	lines := make(map[string]*foundPackage, len(found))
	for versions, err := range w.versions(q.Context(), q.Reg, names) {
		if err != nil {
			return err
		}
		if lines[versions[0].Package], err = h.found(q.Base, versions); err != nil {
			return err
		}
	}
	data := make([]*foundPackage, 0, len(found))
	for _, p := range found {
		if line := lines[p.Name]; line != nil { // else no version is wanted
			line.Downloads = p.Downloads
			data = append(data, line)
		}
	}
	return q.JSON(http.StatusOK, map[string]any{"totalHits": total, "data": data})
}

// found tells of a package by the newest of its versions that are wanted, which
// is the only one that is read.
func (h hive) found(base string, versions []listing) (*foundPackage, error) {
	v := versions[0]
	if err := v.read(); err != nil {
		return nil, err
	}
	registration := h.at(base, v.Package, "index.json")
	out := &foundPackage{
		ID: registration, Type: "Package", Registration: registration, PackageID: v.Nuspec.ID, Version: v.Nuspec.Version,
		Description: v.Description, Summary: v.Summary, Title: v.Title, IconURL: iconURL(base, v), LicenceURL: v.LicenceURL,
		ProjectURL: v.ProjectURL, Tags: v.Tags, Authors: people(v.Authors), Owners: people(v.Owners), Types: v.Types,
	}
	if out.Tags == nil {
		out.Tags = []string{}
	}
	if out.Types == nil {
		out.Types = []Type{{Name: dependencyType}}
	}
	for _, v := range slices.Backward(versions) {
		out.Versions = append(out.Versions, foundVersion{v.Nuspec.Version, v.Downloads, h.at(base, v.Package, v.Canon+".json")})
	}
	return out, nil
}

// people splits a list of names.
func people(s string) []string {
	out := []string{}
	for name := range strings.SplitSeq(s, ",") {
		if name = strings.TrimSpace(name); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// autocomplete answers with ids by how they begin, or with the versions of one
// ("Autocomplete").
func (*NuGet) autocomplete(q *format.Request) error {
	w := readWanted(q, "")
	if id := q.Query("id"); id != "" {
		data := []string{}
		for versions, err := range w.versions(q.Context(), q.Reg, []string{id}) {
			if err != nil {
				return err
			}
			for _, v := range slices.Backward(versions) {
				data = append(data, v.Nuspec.Version)
			}
		}
		return q.JSON(http.StatusOK, map[string]any{"data": data})
	}
	query := w.query()
	query.Prefix = strings.ToLower(strings.TrimSpace(q.Query("q")))
	query.Offset, query.Limit = count(q.Query("skip"), 0, maxOffset), max(count(q.Query("take"), 20, maxFound), 1)
	found, total, err := q.Reg.Search(q.Context(), query)
	if err != nil {
		return err
	}
	data := make([]string, 0, len(found))
	for _, p := range found {
		data = append(data, p.Name)
	}
	return q.JSON(http.StatusOK, map[string]any{"totalHits": total, "data": data})
}

// maxOffset bounds how far into a list a client may look.
const maxOffset = 1_000_000

// count reads a number of the query, from zero to most.
func count(s string, otherwise, most int) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return otherwise
	}
	return min(n, most)
}
