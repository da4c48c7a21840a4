package format_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/format"
)

func table() *format.Table[string] {
	var t format.Table[string]
	for _, e := range [][3]string{
		{"GET", "", "root"},
		{"POST", "", "post"},
		{"GET", "packages.json", "index"},
		{"GET", "p2/{vendor}/{name}~dev.json", "dev"},
		{"GET", "p2/{vendor}/{name}.json", "stable"},
		{"PUT", "{package}/{version}/{file}", "put"},
		{"GET", "{package}/latest/{file}", "latest"},
		{"GET", "{package}/{version}/{file}", "get"},
		{"GET", "v2/{name...}/manifests/{ref}", "manifest"},
		{"GET", "tree/{rest...}", "tree"},
	} {
		t.Add(e[0], e[1], e[2])
	}
	return &t
}

func TestMatch(t *testing.T) {
	tbl := table()
	for _, c := range []struct {
		method, path, want string
		params             format.Params
	}{
		{"GET", "", "root", nil},
		{"HEAD", "/", "root", nil},
		{"GET", "/packages.json", "index", nil},
		{"GET", "/packages.json/", "index", nil},
		{"GET", "/p2/acme/money.json", "stable", format.Params{{"vendor", "acme"}, {"name", "money"}}},
		{"GET", "/p2/acme/money~dev.json", "dev", format.Params{{"vendor", "acme"}, {"name", "money"}}},
		{"GET", "/p2/acme/money%7Edev.json", "dev", format.Params{{"vendor", "acme"}, {"name", "money"}}},
		{"GET", "/a/latest/f", "latest", format.Params{{"package", "a"}, {"file", "f"}}},
		{"GET", "/a/1%2B2/f%20g", "get", format.Params{{"package", "a"}, {"version", "1+2"}, {"file", "f g"}}},
		{"PUT", "/a/latest/f", "put", format.Params{{"package", "a"}, {"version", "latest"}, {"file", "f"}}},
		{"GET", "/v2/x/manifests/y", "manifest", format.Params{{"name", "x"}, {"ref", "y"}}},
		{"GET", "/v2/x/y/manifests/manifests/z", "manifest", format.Params{{"name", "x/y/manifests"}, {"ref", "z"}}},
		{"GET", "/tree/a/b/c", "tree", format.Params{{"rest", "a/b/c"}}},
		{"GET", "/p2/acme/.json", "get", format.Params{{"package", "p2"}, {"version", "acme"}, {"file", ".json"}}},
		{"GET", "/tree", "", nil},
		{"GET", "/nowhere", "", nil},
	} {
		segments, ok := format.Segments(c.path)
		if !ok {
			t.Errorf("%s: no segments", c.path)
			continue
		}
		got, params, _, found := tbl.Match(c.method, segments)
		if got != c.want || found != (c.want != "") {
			t.Errorf("%s %s: %q, want %q", c.method, c.path, got, c.want)
		}
		if diff := cmp.Diff(c.params, params); diff != "" {
			t.Errorf("%s %s: %s", c.method, c.path, diff)
		}
	}
}

func TestMatchTellsMethods(t *testing.T) {
	segments, _ := format.Segments("/a/1/f")
	_, _, allow, ok := table().Match(http.MethodDelete, segments)
	if want := []string{"PUT", "GET", "HEAD"}; ok || !slices.Equal(allow, want) {
		t.Errorf("allow %v, want %v", allow, want)
	}
}

// Incident 10 (Nexus CVE-2024-4956): a file outside was read through encoded
// separators. A path is decoded once, and no segment can climb or hide a
// separator.
func TestSegmentsRefuseIncident10(t *testing.T) {
	for _, path := range []string{
		"/a/../b", "/a/./b", "/a//b", "//a", "/%2e%2e/b", "/a/%2E/b", "/a%2Fb", "/a%5cb", "/a\\b",
		"/a%00b", "/a%0ab", "/%", "/%zz", "/a%7f", "/%2F%2F..%2F", "/a/%ff",
	} {
		if segments, ok := format.Segments(path); ok {
			t.Errorf("%q gave %q", path, segments)
		}
	}
	if segments, ok := format.Segments("/a%252Fb"); !ok || segments[0] != "a%2Fb" {
		t.Errorf("decoded %q twice", segments)
	}
}

func TestAddPanics(t *testing.T) {
	for _, pattern := range []string{"{a", "{}", "{a}{b}", "x{a...}", "{a...}/{b...}"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%q was taken", pattern)
				}
			}()
			var tbl format.Table[int]
			tbl.Add("GET", pattern, 1)
		}()
	}
}

func FuzzMatch(f *testing.F) {
	for _, s := range []string{"/", "/p2/a/b.json", "/v2/a/b/manifests/c", "/%2e%2e/%2f", "/a//b", "/tree/a/b"} {
		f.Add(s)
	}
	tbl := table()
	f.Fuzz(func(t *testing.T, path string) {
		segments, ok := format.Segments(path)
		if !ok {
			return
		}
		for _, s := range segments {
			if s == "" || s == "." || s == ".." || strings.ContainsAny(s, "/\\\x00\n") {
				t.Fatalf("%q has the segment %q", path, s)
			}
		}
		_, params, _, ok := tbl.Match("GET", segments)
		if !ok {
			return
		}
		for _, p := range params {
			if p.Value == "" {
				t.Fatalf("%q: %s is empty", path, p.Name)
			}
			if !strings.Contains(strings.Join(segments, "/"), p.Value) {
				t.Fatalf("%q: %s is %q, which is not in it", path, p.Name, p.Value)
			}
		}
		// Written again and escaped, it leads to the same place.
		again := make([]string, len(segments))
		for i, s := range segments {
			again[i] = url.PathEscape(s)
		}
		second, ok := format.Segments("/" + strings.Join(again, "/"))
		if !ok || !slices.Equal(second, segments) {
			t.Fatalf("%q: %q, then %q", path, segments, second)
		}
	})
}

// npm's clients write the slash of a scoped name as %2f, and nobody else may.
func TestSegmentsOfScopedNames(t *testing.T) {
	t.Parallel()
	for path, want := range map[string][]string{
		"/@acme%2fmoney":            {"@acme", "money"},
		"/%40acme%2Fmoney/-/a.tgz":  {"@acme", "money", "-", "a.tgz"},
		"/@acme/money":              {"@acme", "money"},
		"/@a%2fb%2fc":               nil,
		"/@%2f..":                   nil,
		"/@acme%2f..":               nil,
		"/@acme%2f":                 nil,
		"/acme%2fmoney":             nil,
		"/@acme%5cmoney":            nil,
		"/@acme%252fmoney":          {"@acme%2fmoney"},
		"/x/@acme%2fmoney/dist-tag": {"x", "@acme", "money", "dist-tag"},
	} {
		got, ok := format.Segments(path)
		if ok != (want != nil) || ok && !slices.Equal(got, want) {
			t.Errorf("%s: %q, %t, want %q", path, got, ok, want)
		}
	}
}

func TestReadersAreNotToldOfUploadsByName(t *testing.T) {
	t.Parallel()
	var table format.Table[string]
	table.Add(http.MethodPut, "{file}", "put")
	table.Add(http.MethodPost, "api/charts", "post")
	table.Add(http.MethodDelete, "{package}/{version}", "delete")
	table.Add(http.MethodGet, "index.yaml", "index")
	for _, c := range []struct{ method, path, allow string }{
		{http.MethodGet, "health", ""},
		{http.MethodHead, "health", ""},
		{http.MethodPost, "health", "PUT"},
		{http.MethodGet, "api/v2", ""},
		{http.MethodGet, "api/charts", "POST"},
		{http.MethodPut, "index.yaml", "put"},
		{http.MethodPost, "index.yaml", "PUT GET HEAD"},
	} {
		segments, _ := format.Segments(c.path)
		value, _, allow, _ := table.Match(c.method, segments)
		if got := value + strings.Join(allow, " "); got != c.allow {
			t.Errorf("%s %s: %q, want %q", c.method, c.path, got, c.allow)
		}
	}
}
