package nuget

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

const (
	maxEntries = 100   // entries of a page of a feed
	maxSorted  = 5_000 // entries that a feed in another order than its own looks up

	feedType  = "application/atom+xml;type=feed;charset=utf-8"
	entryKind = "application/atom+xml;type=entry;charset=utf-8"
)

// selection is what a feed chooses from.
type selection struct {
	ids     []string // of packages; nil: all
	semVer2 bool
	takes   func(row) bool
}

// feeds are the feeds of version 2 and what each chooses from.
var feeds = []struct {
	name, path string
	find       func(*format.Request) (selection, error)
}{
	{"packages", "Packages", allPackages},
	{"packagesCall", "Packages()", allPackages},
	{"findPackage", "FindPackagesById()", packageByID},
	{"searchV2", "Search()", searchPackages},
	{"updates", "GetUpdates()", updates},
}

func allPackages(q *format.Request) (selection, error) {
	return selection{nil, semVer2(q), func(r row) bool { return !r.Yanked }}, nil
}

// packageByID chooses all versions of a package, those that are unlisted among
// them: clients find by it what a project names.
func packageByID(q *format.Request) (selection, error) {
	return selection{[]string{quoted(q, "id")}, semVer2(q), func(row) bool { return true }}, nil
}

func searchPackages(q *format.Request) (selection, error) {
	w := wanted{terms: readTerms(quoted(q, "searchTerm")), prerelease: isTrue(quoted(q, "includePrerelease")), semVer2: semVer2(q)}
	s := selection{nil, w.semVer2, func(r row) bool { return w.takes(r.listing) }}
	if w.exact() && len(w.words)+len(w.tags) == 0 {
		return s, nil
	}
	found, err := w.all(q)
	s.ids = make([]string, len(found))
	for i, p := range found {
		s.ids[i] = p.Name
	}
	return s, err
}

// updates chooses versions that are newer than those that a client has.
func updates(q *format.Request) (selection, error) {
	ids, versions := strings.Split(quoted(q, "packageIds"), "|"), strings.Split(quoted(q, "versions"), "|")
	if len(ids) != len(versions) || len(ids) > scanPage {
		return selection{}, fault.New(fault.Invalid, "send as many versions as packageIds, between bars, and at most %d", scanPage)
	}
	have := map[string]Version{}
	for i, id := range ids {
		v, err := ParseVersion(versions[i])
		if err != nil {
			return selection{}, err
		}
		if w, twice := have[strings.ToLower(id)]; !twice || v.Compare(w) < 0 {
			have[strings.ToLower(id)] = v
		}
	}
	w := wanted{prerelease: isTrue(quoted(q, "includePrerelease")), semVer2: semVer2(q)}
	every := isTrue(quoted(q, "includeAllVersions"))
	return selection{ids, w.semVer2, func(r row) bool {
		newest := every || r.latest || w.prerelease && r.absolute
		return newest && w.takes(r.listing) && r.version.Compare(have[strings.ToLower(r.Package)]) > 0
	}}, nil
}

func semVer2(q *format.Request) bool {
	v, err := ParseVersion(q.Query("semVerLevel"))
	return err == nil && v.numbers[0] >= 2
}

// quoted gives a parameter of a function, which OData puts into quotes.
func quoted(q *format.Request, name string) string {
	s := strings.TrimSpace(q.Query(name))
	if len(s) > 1 && s[0] == '\'' && s[len(s)-1] == '\'' {
		s = strings.ReplaceAll(s[1:len(s)-1], "''", "'")
	}
	return s
}

// options are what a client wants of a feed.
type options struct {
	filter func(row) bool
	order  []order
	skip   int
	top    int
	total  bool // the number of all entries
}

// order is one key of a feed's order.
type order struct {
	by   filter
	down bool
}

func readOptions(q *format.Request, s *selection) (o options, err error) {
	var ids []string
	if o.filter, ids, err = parseFilter(q.Query("$filter")); err != nil {
		return o, err
	}
	if s.ids == nil {
		s.ids = ids
	}
	o.skip, o.top = count(q.Query("$skip"), 0, maxOffset), count(q.Query("$top"), maxEntries, maxEntries)
	o.total = q.Query("$inlinecount") == "allpages"
	if o.order, err = readOrder(q.Query("$orderby")); err != nil {
		return o, err
	}
	if o.order != nil && o.skip+o.top > maxSorted {
		return o, fault.New(fault.Invalid, "a feed in this order has at most %d entries; ask for it by $orderby=Id", maxSorted)
	}
	return o, nil
}

// readOrder reads an $orderby. None is the order that the registry has by
// itself: by id, then the newest version first.
func readOrder(text string) ([]order, error) {
	var out []order
	for key := range strings.SplitSeq(text, ",") {
		name, way, _ := strings.Cut(strings.TrimSpace(key), " ")
		if name == "" {
			continue
		}
		by, ok := fields[name]
		way = strings.ToLower(strings.TrimSpace(way))
		if !ok || way != "" && way != "asc" && way != "desc" {
			return nil, fault.New(fault.Invalid, "the $orderby %.60q is not understood", key)
		}
		if len(out) == 0 && name == "Id" && way != "desc" && !strings.Contains(text, ",") {
			return nil, nil
		}
		out = append(out, order{by, way == "desc"})
	}
	return out, nil
}

// feed answers with the entries of a selection, or with their number.
func (*NuGet) feed(q *format.Request, find func(*format.Request) (selection, error), number bool) error {
	s, err := find(q)
	if err != nil {
		return err
	}
	o, err := readOptions(q, &s)
	if err != nil {
		return err
	}
	if number {
		o.total = true
	}
	rows, total, err := s.rows(q, o)
	if err != nil {
		return err
	}
	if number {
		return q.Bytes(http.StatusOK, "text/plain; charset=utf-8", []byte(strconv.Itoa(total)))
	}
	more := len(rows) > o.top
	rows = rows[:min(len(rows), o.top)]
	updated := time.Unix(0, 0)
	for _, r := range rows {
		if r.Created.After(updated) {
			updated = r.Created
		}
	}
	self := q.Base + strings.TrimPrefix(q.R.URL.Path, pathOf(q.Base))
	a := newFeed(q.Base, self, updated)
	if o.total {
		a.text("m:count", "", strconv.Itoa(total))
	}
	for _, r := range rows {
		a.entry(q.Base, "", r)
	}
	if more {
		query := q.R.URL.Query()
		query.Set("$skip", strconv.Itoa(o.skip+o.top))
		a.put(`<link rel="next" href="`, escaped(self+"?"+query.Encode()), `"/>`)
	}
	a.put("</feed>")
	return q.Bytes(http.StatusOK, feedType, a.Bytes())
}

func pathOf(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	return u.Path
}

// rows gives the entries of a page and one more where there is one, and the
// number of all where it is asked for. It asks the registry one question and
// goes through the answer as far as it has to.
func (s selection) rows(q *format.Request, o options) (out []row, total int, err error) {
	need := o.skip + o.top + 1
	for versions, err := range q.Reg.Each(q.Context(), format.Filter{Packages: s.ids}) {
		if err != nil {
			return nil, 0, err
		}
		all, err := s.of(versions)
		if err != nil {
			return nil, 0, err
		}
		for _, r := range all {
			if !s.takes(r) || !o.filter(r) {
				continue
			}
			total++
			if o.order != nil || total > o.skip && total <= need {
				out = append(out, r)
			}
		}
		if o.order == nil && !o.total && total >= need {
			return out, total, nil
		}
		if o.order != nil && len(out) > 2*maxSorted {
			out = sorted(out, o.order)[:need]
		}
	}
	if o.order != nil {
		out = sorted(out, o.order)
		out = out[min(o.skip, len(out)):min(need, len(out))]
	}
	return out, total, nil
}

func sorted(rows []row, by []order) []row {
	slices.SortStableFunc(rows, func(a, b row) int {
		for _, o := range by {
			c := rank(o.by(a), o.by(b))
			if o.down {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
	return rows
}

// rank orders two values of one property: null comes before any other.
func rank(a, b any) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	}
	c, _ := compare(a, b)
	return c
}

// of makes rows of the versions of one package, the newest first.
func (s selection) of(versions []*format.Version) ([]row, error) {
	list, err := listings(versions)
	if err != nil {
		return nil, err
	}
	out := make([]row, 0, len(list))
	var downloads int64
	latest, absolute := false, false
	for _, v := range list {
		downloads += v.Downloads
		if v.SemVer2 && !s.semVer2 {
			continue
		}
		r := row{listing: v}
		if r.version, err = ParseVersion(v.Version.Name); err != nil {
			return nil, err
		}
		if !v.Yanked {
			r.absolute, absolute = !absolute, true
			if !v.Prerelease {
				r.latest, latest = !latest, true
			}
		}
		out = append(out, r)
	}
	for i := range out {
		out[i].downloads = downloads
	}
	return out, nil
}

// entry answers with one version: Packages(Id='Acme.Money',Version='1.0.0').
func (*NuGet) entry(q *format.Request) error {
	key := map[string]string{}
	for part := range strings.SplitSeq(q.Param("key"), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		key[name] = strings.Trim(value, "'")
	}
	v, err := q.Reg.Version(q.Context(), key["Id"], key["Version"])
	if err != nil {
		return err
	}
	s := selection{ids: []string{v.Package}, semVer2: true, takes: func(r row) bool { return r.Canon == v.Canon }}
	found, _, err := s.rows(q, options{filter: func(row) bool { return true }, top: 1})
	if err == nil && len(found) == 0 { // it went meanwhile
		err = fault.New(fault.NotFound, "%s %s has no package", v.Package, v.Name)
	}
	if err != nil {
		return err
	}
	a := &atom{}
	a.put(`<?xml version="1.0" encoding="UTF-8"?>`, "\n")
	a.entry(q.Base, ` xml:base="`+escaped(q.Base)+`/"`+namespaces, found[0])
	return q.Bytes(http.StatusOK, entryKind, a.Bytes())
}

// service answers with what feeds there are (RFC 5023, section 8).
func (*NuGet) service(q *format.Request) error {
	a := &atom{}
	a.put(`<?xml version="1.0" encoding="UTF-8"?>`, "\n", `<service xml:base="`, escaped(q.Base),
		`/" xmlns="http://www.w3.org/2007/app" xmlns:atom="http://www.w3.org/2005/Atom"><workspace>`,
		`<atom:title type="text">Default</atom:title><collection href="Packages"><atom:title type="text">Packages</atom:title></collection>`,
		`</workspace></service>`)
	return q.Bytes(http.StatusOK, "application/atomsvc+xml;charset=utf-8", a.Bytes())
}

// model answers with the properties and functions of the feeds (Common Schema
// Definition Language).
func (*NuGet) model(q *format.Request) error {
	a := &atom{}
	a.put(`<?xml version="1.0" encoding="UTF-8"?>`, "\n",
		`<edmx:Edmx Version="1.0" xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx">`,
		`<edmx:DataServices m:DataServiceVersion="2.0" m:MaxDataServiceVersion="2.0" xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata">`,
		`<Schema Namespace="NuGetGallery.OData" xmlns="http://schemas.microsoft.com/ado/2006/04/edm">`,
		`<EntityType Name="V2FeedPackage" m:HasStream="true"><Key><PropertyRef Name="Id"/><PropertyRef Name="Version"/></Key>`)
	for _, p := range properties {
		nullable := "true"
		if p.name == "Id" || p.name == "Version" || p.kind != edmString {
			nullable = "false"
		}
		a.put(`<Property Name="`, p.name, `" Type="`, p.kind, `" Nullable="`, nullable, `"/>`)
	}
	a.put(`</EntityType><EntityContainer Name="V2FeedContext" m:IsDefaultEntityContainer="true">`,
		`<EntitySet Name="Packages" EntityType="NuGetGallery.OData.V2FeedPackage"/>`)
	for _, f := range []struct{ name, parameters string }{
		{"FindPackagesById", "id semVerLevel"},
		{"Search", "searchTerm targetFramework includePrerelease semVerLevel"},
		{"GetUpdates", "packageIds versions includePrerelease includeAllVersions targetFrameworks versionConstraints semVerLevel"},
	} {
		a.put(`<FunctionImport Name="`, f.name, `" ReturnType="Collection(NuGetGallery.OData.V2FeedPackage)" EntitySet="Packages" m:HttpMethod="GET">`)
		for name := range strings.FieldsSeq(f.parameters) {
			kind := edmString
			if strings.HasPrefix(name, "include") {
				kind = edmBoolean
			}
			a.put(`<Parameter Name="`, name, `" Type="`, kind, `"/>`)
		}
		a.put(`</FunctionImport>`)
	}
	a.put(`</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>`)
	return q.Bytes(http.StatusOK, "application/xml; charset=utf-8", a.Bytes())
}
