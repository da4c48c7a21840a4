package nuget

import (
	"encoding/xml"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/golden"
)

// parsedFeed is a feed as clients read it.
type parsedFeed struct {
	Count   string `xml:"http://schemas.microsoft.com/ado/2007/08/dataservices/metadata count"`
	Entries []struct {
		Title   string `xml:"title"`
		Content struct {
			Source string `xml:"src,attr"`
		} `xml:"content"`
		Properties struct {
			ID      string `xml:"http://schemas.microsoft.com/ado/2007/08/dataservices Id"`
			Version string `xml:"http://schemas.microsoft.com/ado/2007/08/dataservices Version"`
		} `xml:"http://schemas.microsoft.com/ado/2007/08/dataservices/metadata properties"`
	} `xml:"entry"`
	Links []struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	} `xml:"link"`
}

func (s *shelf) feed(t *testing.T, path string) (parsedFeed, []string) {
	t.Helper()
	name, query, _ := strings.Cut(path, "?")
	values := url.Values{}
	for _, pair := range strings.Split(query, "&") {
		k, v, _ := strings.Cut(pair, "=")
		values.Set(k, v)
	}
	text := s.get(t, name+"?"+values.Encode())
	var f parsedFeed
	if err := xml.Unmarshal([]byte(text), &f); err != nil {
		t.Fatalf("%s: %v in %s", path, err, text)
	}
	got := []string{}
	for _, e := range f.Entries {
		got = append(got, e.Properties.ID+" "+e.Properties.Version)
	}
	return f, got
}

func TestFeeds(t *testing.T) {
	t.Parallel()
	s := shop(t)
	for _, c := range [][2]string{
		{"Packages", "Acme.Decimals 1.0.0,Acme.Money 2.0.0-beta,Acme.Money 1.0.0,acme.tool 0.1.0-alpha"},
		{"Packages()?semVerLevel=2.0.0&$top=2", "Acme.Decimals 1.0.0,acme.later 1.0.0-a.b"},
		{"Packages()?$filter=IsLatestVersion", "Acme.Decimals 1.0.0,Acme.Money 1.0.0"},
		{"Packages()?$filter=IsAbsoluteLatestVersion eq true", "Acme.Decimals 1.0.0,Acme.Money 2.0.0-beta,acme.tool 0.1.0-alpha"},
		{"Packages()?$filter=Id eq 'Acme.Money' and Version eq '1.0'", "Acme.Money 1.0.0"},
		{"Packages()?$filter=tolower(Id) eq 'acme.money' and NormalizedVersion gt '1.0.0'", "Acme.Money 2.0.0-beta"},
		{"Packages()?$filter=(((Id ne null) and substringof('mon',tolower(Id))) or ((Tags ne null) and substringof(' exact ',tolower(Tags)))) and IsLatestVersion", "Acme.Decimals 1.0.0,Acme.Money 1.0.0"},
		{"Packages()?$filter=not IsPrerelease&$orderby=DownloadCount desc,Id", "Acme.Money 1.0.0,Acme.Decimals 1.0.0"},
		{"Packages()?$orderby=Published desc&$top=1", "Acme.Money 2.0.0-beta"},
		{"Packages()?$orderby=Version desc,Id desc&$skip=1&$top=2", "Acme.Money 1.0.0,Acme.Decimals 1.0.0"},
		{"FindPackagesById()?id='acme.money'&$orderby=IsLatestVersion desc,Version", "Acme.Money 1.0.0,Acme.Money 1.1.0,Acme.Money 2.0.0-beta"},
		{"Packages()?$filter=false", ""},
		{"FindPackagesById()?id='acme.money'", "Acme.Money 2.0.0-beta,Acme.Money 1.1.0,Acme.Money 1.0.0"},
		{"FindPackagesById()?id='acme.money'&semVerLevel=2.0.0&$orderby=Version", "Acme.Money 1.0.0,Acme.Money 1.1.0,Acme.Money 2.0.0-beta,Acme.Money 2.0.0-rc.1+sha"},
		{"FindPackagesById()?id='acme.money'&$filter=Listed&$orderby=Version desc&$top=1", "Acme.Money 2.0.0-beta"},
		{"FindPackagesById()?id=acme.unheard", ""},
		{"FindPackagesById()?id='a''b'", ""},
		{"FindPackagesById()", ""},
		{"Search()?searchTerm=''&$filter=IsLatestVersion", "Acme.Decimals 1.0.0,Acme.Money 1.0.0"},
		{"Search()?searchTerm='money'&includePrerelease=true&$filter=IsAbsoluteLatestVersion", "Acme.Money 2.0.0-beta"},
		{"Search()?searchTerm='tags:exact'&includePrerelease=false", "Acme.Decimals 1.0.0,Acme.Money 1.0.0"},
		{"Search()?searchTerm='nothing'", ""},
		{"GetUpdates()?packageIds='Acme.Money|Acme.Decimals'&versions='0.5|1.0'", "Acme.Money 1.0.0"},
		{"GetUpdates()?packageIds='acme.money'&versions='0.5'&includePrerelease=true", "Acme.Money 2.0.0-beta,Acme.Money 1.0.0"},
		{"GetUpdates()?packageIds='Acme.Money'&versions='1.0'&includeAllVersions=true&includePrerelease=true&semVerLevel=2.0.0", "Acme.Money 2.0.0-rc.1+sha,Acme.Money 2.0.0-beta"},
	} {
		path, want := c[0], c[1]
		_, got := s.feed(t, path)
		if diff := cmp.Diff(want, strings.Join(got, ",")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

// A page leads to the next one, and tells the number of all to who asks.
func TestFeedPages(t *testing.T) {
	t.Parallel()
	s := shop(t)
	for _, more := range []string{"", "&$orderby=Version", "&$inlinecount=allpages"} {
		var all []string
		path := "FindPackagesById()?id='Acme.Money'&$top=2" + more
		for range 3 {
			f, got := s.feed(t, path)
			all = append(all, got...)
			if counted := strings.Contains(more, "count"); counted != (f.Count == "3") {
				t.Errorf("%s: the number is %q", path, f.Count)
			}
			path = ""
			for _, l := range f.Links {
				if l.Rel == "next" {
					query, err := url.QueryUnescape(strings.TrimPrefix(l.Href, base+"/"))
					if err != nil {
						t.Fatal(err)
					}
					path = query
				}
			}
			if path == "" {
				break
			}
		}
		if len(all) != 3 {
			t.Errorf("%q: %q", more, all)
		}
	}
	for path, want := range map[string]string{
		"Packages()/$count": "4", "Packages/$count?$filter=IsLatestVersion": "2", "FindPackagesById()/$count?id='Acme.Money'": "3", "Search()/$count?searchTerm='none'": "0",
	} {
		if got := s.get(t, path); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
}

func TestEntries(t *testing.T) {
	t.Parallel()
	s := shop(t)
	lines := func(text string) string { return strings.ReplaceAll(text, "><", ">\n<") + "\n" }
	golden.Equal(t, "entry.xml", lines(s.get(t, "Packages(Id='acme.money',Version='1.0')")))
	golden.Equal(t, "service.xml", lines(s.get(t, "")))
	golden.Equal(t, "model.xml", lines(s.get(t, "$metadata")))
	for _, key := range []string{"Id='Acme.Money'", "Id='Acme.Money',Version='9.9'", "Version='1.0'", "'Acme.Money'", "Id='x',Version=''"} {
		if got := s.get(t, "Packages("+key+")"); !strings.HasPrefix(got, "not found: ") {
			t.Errorf("%s: %s", key, got)
		}
	}
	for _, path := range []string{
		"Packages()?$filter=Unheard eq 1", "Packages()?$orderby=Unheard", "Packages()?$orderby=Id sideways", "Packages()?$orderby=Id,Id,Id,Id,Id",
		"Packages()?$orderby=Version&$skip=100000", "GetUpdates()?packageIds='A|B'&versions='1'", "GetUpdates()?packageIds='A'&versions='x'",
	} {
		name, query, _ := strings.Cut(path, "?")
		if got := s.get(t, name+"?"+strings.ReplaceAll(query, " ", "+")); !strings.HasPrefix(got, "invalid: ") {
			t.Errorf("%s: %s", path, got)
		}
	}
	if got := s.get(t, "package/Acme.Money/1.0"); got[:2] != "PK" {
		t.Errorf("the package is %.40q", got)
	}
}

// Feeds that go through the registry take turns; one of a package does not.
func TestFeedsTakeTurns(t *testing.T) {
	t.Parallel()
	s := shop(t)
	synctest.Test(t, func(t *testing.T) {
		n := New()
		var leave []func()
		for range maxWalks {
			free, err := n.enter(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			leave = append(leave, free)
		}
		everywhere := selection{takes: func(row) bool { return true }}
		if _, _, err := n.walk(t.Context(), s, everywhere, options{top: 1}); !fault.Is(err, fault.Busy) {
			t.Errorf("one too many: %v", err)
		}
		here := selection{ids: []string{"Acme.Money"}, takes: everywhere.takes}
		if rows, _, err := n.walk(t.Context(), s, here, options{top: 1}); err != nil || len(rows) != 2 {
			t.Errorf("of one package: %d, %v", len(rows), err)
		}
		time.AfterFunc(queue/2, leave[0])
		if rows, _, err := n.walk(t.Context(), s, everywhere, options{top: 1}); err != nil || len(rows) != 2 {
			t.Errorf("after its turn: %d, %v", len(rows), err)
		}
		if free, err := n.enter(t.Context()); err != nil {
			t.Errorf("a walk that is over keeps its place: %v", err)
		} else {
			free()
		}
	})
}

// A page in another order than the registry's is right however much is sorted,
// and what goes meanwhile is left out of it.
func TestSorted(t *testing.T) {
	t.Parallel()
	s := newShelf()
	p := &kept{Package: format.Package{Name: "A"}}
	const versions = 2*maxSorted + 500
	for i := range versions {
		v := fmt.Sprintf("%d.0.0", versions-i)
		p.versions = append(p.versions, &format.Version{
			Package: "A", Name: v, Canon: v, Downloads: int64(i % 7), Files: []*format.File{{Name: "a" + packageExtension}},
			Metadata: fmt.Appendf(nil, `{"id":"A","version":%q,"title":%q}`, v, strings.Repeat("x", i%3)),
		})
	}
	s.packages["a"] = p
	for order, want := range map[string]string{
		"Version": "A 3.0.0,A 4.0.0", "Version desc": "A 10498.0.0,A 10497.0.0",
		"Title desc,Version": "A 7.0.0,A 10.0.0", "VersionDownloadCount desc,Title,Version desc": "A 10452.0.0,A 10431.0.0",
	} {
		f, got := s.feed(t, "FindPackagesById()?id=A&$skip=2&$top=2&$inlinecount=allpages&$orderby="+order)
		if strings.Join(got, ",") != want || f.Count != strconv.Itoa(versions) {
			t.Errorf("%s: %q of %s", order, got, f.Count)
		}
	}
	page := []place{{"A", "1.0.0", nil}, {"A", "1.5.0", nil}, {"B", "1.0.0", nil}}
	if rows, err := (selection{}).again(t.Context(), s, page); err != nil || len(rows) != 1 || rows[0].Canon != "1.0.0" {
		t.Errorf("of what is left there are %d, %v", len(rows), err)
	}
}

// Sorting needs an order of all values, or it gives any.
func TestRank(t *testing.T) {
	t.Parallel()
	early, late := time.Unix(1, 0), time.Unix(2, 0)
	for _, rising := range [][]any{{nil, false, true}, {nil, "a", "b"}, {nil, 1.0, 2.0}, {nil, early, late}} {
		for i, a := range rising {
			for j, b := range rising {
				if got := rank(a, b); got < 0 != (i < j) || got > 0 != (i > j) {
					t.Errorf("%v and %v: %d", a, b, got)
				}
			}
		}
	}
}

func TestFilterRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"Id eq", "eq 'x'", "(Id eq 'x'", "Id eq 'x')", "Id eq 'x", "Id Id", "Id eq 'x' and", "not", "substringof('x')", "substringof('x',Id,Id)",
		"tolower Id", "datetime'yesterday' eq null", "'a' 'b'", "Id.Length gt 1", "Unheard(Id)", ",", "'",
		strings.Repeat("(", 100) + "true" + strings.Repeat(")", 100), strings.Repeat("not ", 100) + "true",
		strings.Repeat("tolower(", 100) + "Id" + strings.Repeat(")", 100), "true" + strings.Repeat(" or true", 1000),
	} {
		if _, _, err := parseFilter(text); !fault.Is(err, fault.Invalid) {
			t.Errorf("%.60q: %v", text, err)
		}
	}
}

func TestFilterIDs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":                             nil,
		"Id eq 'A'":                    {"A"},
		"'A' eq tolower(Id)":           {"A"},
		"Id eq 'A' or Id eq 'B'":       {"A", "B"},
		"(Id eq 'A') and IsPrerelease": {"A"},
		"IsPrerelease and Id eq 'A'":   {"A"},
		"Id eq 'A' or IsPrerelease":    nil,
		"not Id eq 'A'":                nil,
		"Id ne 'A'":                    nil,
		"Title eq 'A'":                 nil,
	} {
		_, ids, err := parseFilter(text)
		if diff := cmp.Diff(want, ids); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got)\n%s", text, err, diff)
		}
	}
}

func TestFilterValues(t *testing.T) {
	t.Parallel()
	s := shop(t)
	rows, err := selection{semVer2: true}.of(s.packages["acme.money"].versions)
	if err != nil {
		t.Fatal(err)
	}
	r := rows[3] // 1.0.0
	if err := r.read(); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		"Id eq 'Acme.Money'": true, "Id eq 'acme.money'": false, "startswith(Id,'Acme')": true, "endswith(Id,'Acme')": false, "indexof(Id,'M') eq 5": true,
		"Version ge '1.0.0.0'": true, "'1.0' lt Version": false, "Version eq 'x'": false, "Version ne 'x'": true, "Version lt '1.0.1-beta'": true,
		"DownloadCount gt 5": true, "VersionDownloadCount eq 3L": true, "DownloadCount lt 1.5e1": true,
		"Published lt datetime'2026-01-03'": true, "Created ge datetime'2026-01-02T12:00:00Z'": true, "LastUpdated gt datetimeoffset'2027-01-01T00:00'": false,
		"Copyright eq null": true, "Title ne null": true, "null eq Language": true, "Listed eq true": true, "Listed ne false": true, "Listed": true, "Id": false,
		"toupper(trim(' a ')) eq 'A'": true, "'it''s' eq 'it''s'": true, "true AND NOT false": true, "Id gt 5": false,
	} {
		f, _, err := parseFilter(text)
		if err != nil || f(r) != want {
			t.Errorf("%s: %t, %v", text, !want, err)
		}
	}
}
