package cargo

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/format"
	"ingot.dev/modules/golden"
)

func TestWebAPI(t *testing.T) {
	t.Parallel()
	s := newShelf(t, "Acme-money", "1.1.0", "1.0.0")
	s.versions[1].Yanked, s.versions[1].YankReason = true, "rounds down"
	for path, file := range map[string]string{
		"config.json":                                 "config.json",
		"api/v1/crates?q=acme-Money":                  "search.json",
		"api/v1/crates/acme_money":                    "crate.json",
		"api/v1/crates/acme_money/versions":           "versions.json",
		"api/v1/crates/acme_money/owners":             "owners.json",
		"api/v1/crates/acme_money/1.1.0":              "version.json",
		"api/v1/crates/acme_money/1.1.0/dependencies": "dependencies.json",
	} {
		status, answer := call(t, s, http.MethodGet, path, nil)
		if status != 200 {
			t.Errorf("%s: %d %s", path, status, answer)
			continue
		}
		golden.Equal(t, file, indented(t, answer))
	}
	if status, answer := call(t, s, http.MethodGet, "api/v1/crates/acme_money/1.1.0/readme", nil); status != 200 || answer != "# Money\n" {
		t.Errorf("%d %s", status, answer)
	}
}

func TestSearchAsks(t *testing.T) {
	t.Parallel()
	s := newShelf(t, "money", "1.0.0")
	for query, want := range map[string]format.Query{
		"":                              {Limit: 10},
		"?q=Acme-Money":                 {Text: "Acme-Money", Limit: 10},
		"?q=exact%20amounts&per_page=5": {Text: "exact amounts", Limit: 5},
		"?per_page=1000&page=3":         {Limit: 100, Offset: 200},
		"?per_page=-1&page=x":           {Limit: 10},
		"?page=99999999999999999999":    {Limit: 10},
		"?page=999999999&per_page=100":  {Limit: 100, Offset: (maxPage - 1) * 100},
	} {
		s.asked, want.Listed = nil, true
		if status, answer := call(t, s, http.MethodGet, "api/v1/crates"+query, nil); status != 200 || cmp.Diff([]format.Query{want}, s.asked) != "" {
			t.Errorf("%s asks %+v: %d %s", query, s.asked, status, answer)
		}
	}
}

// A crate of which all is yanked still tells what there was.
func TestAllYanked(t *testing.T) {
	t.Parallel()
	s := newShelf(t, "money", "1.1.0", "1.0.0")
	for _, v := range s.versions {
		v.Yanked = true
	}
	status, answer := call(t, s, http.MethodGet, "api/v1/crates/money", nil)
	if status != 200 || !strings.Contains(answer, `"max_version":"1.1.0","newest_version":"1.1.0"`) {
		t.Errorf("%d %s", status, answer)
	}
}

func TestYank(t *testing.T) {
	t.Parallel()
	s := newShelf(t, "acme-money", "1.0.0")
	for _, c := range []struct{ method, word string }{{http.MethodDelete, "yank"}, {http.MethodPut, "unyank"}} {
		if status, answer := call(t, s, c.method, "api/v1/crates/Acme_Money/1.0.0/"+c.word, nil); status != 200 || answer != `{"ok":true}` {
			t.Errorf("%s: %d %s", c.word, status, answer)
		}
	}
	if diff := cmp.Diff([]format.Change{format.Yank{Version: "1.0.0", On: true}, format.Yank{Version: "1.0.0"}}, s.edits); diff != "" {
		t.Error(diff)
	}
}

func TestAbsent(t *testing.T) {
	t.Parallel()
	s := newShelf(t, "money", "1.0.0")
	for _, c := range []struct{ method, path string }{
		{http.MethodGet, "api/v1/crates/other"},
		{http.MethodGet, "api/v1/crates/1x"},
		{http.MethodGet, "api/v1/crates/other/owners"},
		{http.MethodGet, "api/v1/crates/1x/versions"},
		{http.MethodGet, "api/v1/crates/money/2.0.0"},
		{http.MethodGet, "api/v1/crates/money/latest/download"},
		{http.MethodGet, "api/v1/crates/1x/1.0.0/readme"},
		{http.MethodDelete, "api/v1/crates/money/2.0.0/yank"},
		{http.MethodPut, "api/v1/crates/other/owners"},
	} {
		if status, answer := call(t, s, c.method, c.path, nil); status != 404 || !strings.HasPrefix(answer, `{"errors":[{"detail":"`) {
			t.Errorf("%s %s: %d %s", c.method, c.path, status, answer)
		}
	}
	s.readme = format.Readme{}
	if status, _ := call(t, s, http.MethodGet, "api/v1/crates/money/1.0.0/readme", nil); status != 404 {
		t.Errorf("a README that is not there: %d", status)
	}
}

// Who owns what, the forge decides.
func TestChangeOwners(t *testing.T) {
	t.Parallel()
	for _, method := range []string{http.MethodPut, http.MethodDelete} {
		status, answer := call(t, newShelf(t, "money", "1.0.0"), method, "api/v1/crates/money/owners", []byte(`{"users":["eve"]}`))
		if status != 403 || !strings.Contains(answer, "http://h/project/acme/crates/settings") {
			t.Errorf("%s: %d %s", method, status, answer)
		}
	}
}
