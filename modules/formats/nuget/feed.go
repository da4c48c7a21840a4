package nuget

import (
	"context"
	"io"
	"maps"
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
	maxSorted  = 5_000 // entries that a feed in another order than its own has
	maxKeys    = 4     // properties that make an order

	feedType  = "application/atom+xml;type=feed;charset=utf-8"
	entryKind = "application/atom+xml;type=entry;charset=utf-8"
)

// selection is what a feed chooses from.
type selection struct {
	ids     []string // of packages; nil: all
	semVer2 bool
	takes   func(row) bool
}

// finder finds out what is asked for.
type finder func(ctx context.Context, reg format.Reader, query url.Values) (selection, error)

// feeds are the feeds of version 2 and what each chooses from.
var feeds = []struct {
	name, path string
	find       finder
}{
	{"packages", "Packages", allPackages},
	{"packagesCall", "Packages()", allPackages},
	{"findPackage", "FindPackagesById()", packageByID},
	{"searchV2", "Search()", searchPackages},
	{"updates", "GetUpdates()", updates},
}

func allPackages(_ context.Context, _ format.Reader, query url.Values) (selection, error) {
	return selection{nil, semVer2(query), func(r row) bool { return !r.Yanked }}, nil
}

// packageByID chooses all versions of a package, those that are unlisted among
// them: clients find by it what a project names.
func packageByID(_ context.Context, _ format.Reader, query url.Values) (selection, error) {
	return selection{[]string{quoted(query, "id")}, semVer2(query), func(row) bool { return true }}, nil
}

func searchPackages(ctx context.Context, reg format.Reader, query url.Values) (selection, error) {
	w := wanted{terms: readTerms(quoted(query, "searchTerm")), prerelease: isTrue(quoted(query, "includePrerelease")), semVer2: semVer2(query)}
	s := selection{nil, w.semVer2, func(r row) bool { return w.takes(r.listing) }}
	if w.exact() && len(w.words)+len(w.tags) == 0 {
		return s, nil
	}
	found, err := w.all(ctx, reg)
	s.ids = make([]string, len(found))
	for i, p := range found {
		s.ids[i] = p.Name
	}
	return s, err
}

// updates chooses versions that are newer than those that a client has.
func updates(_ context.Context, _ format.Reader, query url.Values) (selection, error) {
	ids, versions := strings.Split(quoted(query, "packageIds"), "|"), strings.Split(quoted(query, "versions"), "|")
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
	w := wanted{prerelease: isTrue(quoted(query, "includePrerelease")), semVer2: semVer2(query)}
	every := isTrue(quoted(query, "includeAllVersions"))
	return selection{ids, w.semVer2, func(r row) bool {
		newest := every || r.latest || w.prerelease && r.absolute
		return newest && w.takes(r.listing) && r.version.Compare(have[strings.ToLower(r.Package)]) > 0
	}}, nil
}

func semVer2(query url.Values) bool {
	v, err := ParseVersion(query.Get("semVerLevel"))
	return err == nil && v.numbers[0] >= 2
}

// quoted gives a parameter of a function, which OData puts into quotes.
func quoted(query url.Values, name string) string {
	s := strings.TrimSpace(query.Get(name))
	if len(s) > 1 && s[0] == '\'' && s[len(s)-1] == '\'' {
		s = strings.ReplaceAll(s[1:len(s)-1], "''", "'")
	}
	return s
}

// options are what a client wants of a feed.
type options struct {
	filter func(row) bool // nil: all pass
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

func readOptions(query url.Values, s *selection) (o options, err error) {
	var ids []string
	if o.filter, ids, err = parseFilter(query.Get("$filter")); err != nil {
		return o, err
	}
	if s.ids == nil {
		s.ids = ids
	}
	o.skip, o.top = count(query.Get("$skip"), 0, maxOffset), count(query.Get("$top"), maxEntries, maxEntries)
	o.total = query.Get("$inlinecount") == "allpages"
	if o.order, err = readOrder(query.Get("$orderby")); err != nil {
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
		if len(out) == maxKeys {
			return nil, fault.New(fault.Invalid, "the $orderby has more than %d properties", maxKeys)
		}
		out = append(out, order{by, way == "desc"})
	}
	return out, nil
}

// totalKind is the number of a feed's entries, for each of feeds. The key is
// what is asked of it.
const totalKind = "total."

// totalled are the parameters that it depends on.
var totalled = []string{"$filter", "id", "searchTerm", "includePrerelease", "packageIds", "versions", "includeAllVersions", "semVerLevel"}

// totalOf answers with how many entries a feed has.
func totalOf(q *format.Request, feed string) error {
	query := q.R.URL.Query()
	maps.DeleteFunc(query, func(name string, _ []string) bool { return !slices.Contains(totalled, name) })
	return q.Document(totalKind+feed, query.Encode())
}

func (n *NuGet) buildTotal(find finder) func(context.Context, format.Build, io.Writer) error {
	return func(ctx context.Context, b format.Build, w io.Writer) error {
		query, err := url.ParseQuery(b.Key)
		if err != nil {
			return err
		}
		s, err := find(ctx, b.Reg, query)
		if err != nil {
			return err
		}
		o, err := readOptions(query, &s)
		if err != nil {
			return err
		}
		_, total, err := n.walk(ctx, b.Reg, s, options{filter: o.filter, total: true, top: -1}) // and no entry
		if err != nil {
			return err
		}
		_, err = io.WriteString(w, strconv.Itoa(total))
		return err
	}
}

// feed answers with the entries of a selection.
func (n *NuGet) feed(q *format.Request, find finder) error {
	query := q.R.URL.Query()
	s, err := find(q.Context(), q.Reg, query)
	if err != nil {
		return err
	}
	o, err := readOptions(query, &s)
	if err != nil {
		return err
	}
	rows, total, err := n.walk(q.Context(), q.Reg, s, o)
	if err != nil {
		return err
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

// entry answers with one version: Packages(Id='Acme.Money',Version='1.0.0').
func (n *NuGet) entry(q *format.Request) error {
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
	found, _, err := n.walk(q.Context(), q.Reg, s, options{top: 1})
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
