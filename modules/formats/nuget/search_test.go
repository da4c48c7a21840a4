package nuget

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/format"
	"ingot.dev/modules/golden"
)

func TestSearch(t *testing.T) {
	t.Parallel()
	s := shop(t)
	golden.Equal(t, "search.json", indented(t, s.get(t, "v3/query?q=money&prerelease=true&semVerLevel=2.0.0")))
	for query, want := range map[string][]string{
		"":                        {"Acme.Decimals 1.0.0", "Acme.Money 1.0.0"},
		"q=ACME":                  {"Acme.Decimals 1.0.0", "Acme.Money 1.0.0"},
		"q=amounts":               {"Acme.Decimals 1.0.0", "Acme.Money 1.0.0"},
		"q=money&prerelease=true": {"Acme.Money 2.0.0-beta"},
		"q=money&prerelease=true&semVerLevel=2.0.0": {"Acme.Money 2.0.0-rc.1+sha"},
		"prerelease=true": {"Acme.Decimals 1.0.0", "Acme.Money 2.0.0-beta", "acme.tool 0.1.0-alpha"},
		"q=later&prerelease=true&semVerLevel=2.0.0": {"acme.later 1.0.0-a.b"},
		"q=id:dec":                               {"Acme.Decimals 1.0.0"},
		"q=id:amounts":                           {},
		"q=packageid:acme.money":                 {"Acme.Money 1.0.0"},
		"q=PackageId:Acme.Mone":                  {},
		"q=packageid:acme.money+amounts":         {"Acme.Money 1.0.0"},
		"q=packageid:acme.money+rates":           {},
		"q=packageid:acme.money+tags:exact":      {"Acme.Money 1.0.0"},
		"q=packageid:acme.money+tags:other":      {},
		"q=packageid:acme.tool":                  {},
		"q=packageid:acme.tool&prerelease=true":  {"acme.tool 0.1.0-alpha"},
		"q=packageid:acme.later&prerelease=true": {},
		"q=packageid:acme..tool":                 {},
		"q=tags:exact":                           {"Acme.Decimals 1.0.0", "Acme.Money 1.0.0"},
		"q=tags:exact+tag:money":                 {"Acme.Money 1.0.0"},
		"q=tags:\"exact\"+decimals":              {"Acme.Decimals 1.0.0"},
		"q=amounts+acme+decimals":                {"Acme.Decimals 1.0.0"},
		"q=nothing+acme":                         {},
		"packageType=dotnettool&prerelease=true": {"acme.tool 0.1.0-alpha"},
		"packageType=Dependency":                 {"Acme.Decimals 1.0.0", "Acme.Money 1.0.0"},
		"packageType=Template":                   {},
		"skip=1":                                 {"Acme.Money 1.0.0"},
		"take=1":                                 {"Acme.Decimals 1.0.0"},
		"skip=x&take=-1":                         {"Acme.Decimals 1.0.0", "Acme.Money 1.0.0"},
		"q=id:acme&skip=1&take=1":                {"Acme.Money 1.0.0"},
		"skip=100":                               {},
	} {
		var answer struct {
			Total int `json:"totalHits"`
			Data  []struct{ ID, Version string }
		}
		if err := json.Unmarshal([]byte(s.get(t, "v3/query?"+query)), &answer); err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, d := range answer.Data {
			got = append(got, d.ID+" "+d.Version)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
		if !strings.Contains(query, "skip") && !strings.Contains(query, "take") && answer.Total != len(want) {
			t.Errorf("%s: %d of all", query, answer.Total)
		}
	}
	if total := `"totalHits":2`; !strings.Contains(s.get(t, "v3/query?take=0"), total) || !strings.Contains(s.get(t, "v3/query?take=1"), total) {
		t.Error("a page does not tell the number of all")
	}
}

// An id that is searched for is looked up: among more than are looked at with
// the same beginning, it would be missed.
func TestSearchID(t *testing.T) {
	t.Parallel()
	s := shop(t)
	if got := s.get(t, "v3/query?q=packageid:acme.money"); !strings.Contains(got, `"totalHits":1`) || s.asked.Limit != 0 {
		t.Errorf("%s, and %+v was asked for", got, s.asked)
	}
	for _, v := range s.packages["acme.money"].versions {
		v.Yanked = true
	}
	if got := s.get(t, "v3/query?q=packageid:acme.money&prerelease=true"); got != `{"data":[],"totalHits":0}` {
		t.Errorf("of a package that is unlisted: %s", got)
	}
}

// An answer reads the manifests that it tells of: the newest of a search's
// packages, the page of a feed, and none to count.
func TestManifestsAreReadSparingly(t *testing.T) {
	t.Parallel()
	s := shop(t)
	// No manifest, if anybody reads it whole.
	s.packages["acme.money"].versions[3].Metadata = []byte(`{"id":"Acme.Money","version":"1.0.0","tags":5}`)
	for path, want := range map[string]string{
		"v3/query?q=money&prerelease=true":          `"versions":[{"version":"1.0.0",`,
		"v3/autocomplete?id=acme.money":             `"1.0.0"`,
		"Packages()/$count":                         "4",
		"FindPackagesById()?id='Acme.Money'&$top=1": "<d:Version>2.0.0-beta</d:Version>",
		"Packages()?$top=1&$inlinecount=allpages":   "<m:count>4</m:count>",
	} {
		if got := s.get(t, path); !strings.Contains(got, want) {
			t.Errorf("%s: %s", path, got)
		}
	}
}

func TestAutocomplete(t *testing.T) {
	t.Parallel()
	s := shop(t)
	for query, want := range map[string]string{
		"":                         `["Acme.Decimals","Acme.Money"],"totalHits":2`,
		"q=Acme.M":                 `["Acme.Money"],"totalHits":1`,
		"q=money":                  `[],"totalHits":0`,
		"prerelease=true&q=acme.t": `["acme.tool"],"totalHits":1`,
		"prerelease=true&packageType=Dependency&semVerLevel=2": `["Acme.Decimals","acme.later","Acme.Money"],"totalHits":3`,
		"id=ACME.money":                                   `["1.0.0"]`,
		"id=acme.money&prerelease=true":                   `["1.0.0","2.0.0-beta"]`,
		"id=acme.money&prerelease=true&semVerLevel=2.0.0": `["1.0.0","2.0.0-beta","2.0.0-rc.1+sha"]`,
		"id=acme.unheard":                                 `[]`,
		"id=../x":                                         `[]`,
	} {
		got := s.get(t, "v3/autocomplete?"+query)
		if got != `{"data":`+want+`}` {
			t.Errorf("%s: %s", query, got)
		}
	}
}

// Advisories are told of packages that are here.
func TestVulnerabilities(t *testing.T) {
	t.Parallel()
	s := shop(t)
	if got := s.get(t, "v3/vulnerability/index.json"); !strings.Contains(got, `"@updated":"1970-01-01T00:00:00.000Z"`) {
		t.Errorf("of nothing: %s", got)
	}
	s.advisories = []format.Advisory{
		{Package: "Acme.Money", URL: "https://x.example/1", Severity: "high", Modified: noon, Affected: []format.Affected{{Introduced: "1.0", Fixed: "1.1"}, {Last: "0.9"}}},
		{Package: "Acme.Money", URL: "https://x.example/2", CVSS: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Modified: noon.Add(time.Hour), Affected: []format.Affected{{Introduced: "0"}}},
		{Package: "Acme.Decimals", URL: "https://x.example/3"},
	}
	if got := s.get(t, "v3/vulnerability/index.json"); !strings.HasPrefix(got, `[{"@name":"all","@id":"`+base+`/v3/vulnerability/all.json","@updated":"2026-01-02T13:00:00.000Z"`) {
		t.Errorf("the index is %s", got)
	}
	want := `{"acme.decimals":[{"url":"https://x.example/3","severity":1,"versions":"(, )"}],` +
		`"acme.money":[{"url":"https://x.example/1","severity":2,"versions":"[1.0.0, 1.1.0)"},{"url":"https://x.example/1","severity":2,"versions":"(, 0.9.0]"},` +
		`{"url":"https://x.example/2","severity":3,"versions":"(, )"}]}`
	if got := s.get(t, "v3/vulnerability/all.json"); got != want {
		t.Errorf("the page is %s", got)
	}
}

func TestDetails(t *testing.T) {
	t.Parallel()
	s := shop(t)
	w := s.send(t, http.MethodGet, "v3/details/acme.money/2.0-BETA", nil)
	if got := w.Header().Get("Location"); w.Code != http.StatusFound || got != "https://ingot.example/project/ann/shop/package/nuget/u-acme.money/2.0.0-beta" {
		t.Errorf("%d to %q", w.Code, got)
	}
	if got := s.get(t, "v3/details/acme.unheard/1.0"); !strings.HasPrefix(got, "not found: ") {
		t.Errorf("of nothing: %s", got)
	}
}
