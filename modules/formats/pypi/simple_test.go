package pypi

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"ingot.dev/modules/format"
	"ingot.dev/modules/golden"
)

// furnished has a project with two versions, of which the older is yanked.
func furnished(t *testing.T) *shelf {
	t.Helper()
	s := newShelf()
	for _, version := range []string{"1.0", "1.1rc1"} {
		more := "Requires-Python: >=3.8,<4\nSummary: Amounts\nRequires-Dist: acme-decimal>=1\n"
		s.put(t, "Acme.Money", version, wheelOf("acme_money", version), zipped(t, wheelEntries("acme_money", version, more)...))
		source := tarred(t, entry{"acme_money-" + version + "/PKG-INFO", strings.Replace(metadataText("acme_money", version), "2.1", "2.2", 1)})
		s.put(t, "Acme.Money", version, "acme_money-"+version+".tar.gz", source)
	}
	s.versions[1].Yanked, s.versions[1].YankReason = true, `breaks "everything" <b>`
	return s
}

func TestSimple(t *testing.T) {
	t.Parallel()
	s := furnished(t)
	s.pkg.Properties = map[string]string{"status": "deprecated", "status-reason": "use <other>"}
	const jsonType, htmlType = "application/vnd.pypi.simple.v1+json", "application/vnd.pypi.simple.v1+html"
	for _, c := range []struct{ path, accept, contentType, file string }{
		{"/simple/", jsonType, jsonType, "index.golden.json"},
		{"/simple/", htmlType, htmlType, "index.golden.html"},
		{"/simple/", "text/html", "text/html; charset=utf-8", "index.golden.html"},
		{"/simple/acme-money/", jsonType, jsonType, "project.golden.json"},
		{"/simple/acme-money/", htmlType, htmlType, "project.golden.html"},
		{"/simple/acme-money/", "*/*", "text/html; charset=utf-8", "project.golden.html"},
		{"/simple/acme-money/?format=application/vnd.pypi.simple.v1+json", "text/html", jsonType, "project.golden.json"},
		{"/simple/acme-money/?format=application/vnd.pypi.simple.latest%2Bhtml", jsonType, htmlType, "project.golden.html"},
	} {
		w := s.get(t, c.path, "Accept", c.accept)
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != c.contentType {
			t.Errorf("%s as %s: %d %s of %s", c.path, c.accept, w.Code, w.Body, w.Header().Get("Content-Type"))
		}
		text := w.Body.String()
		if json.Valid([]byte(text)) {
			var v any
			if err := json.Unmarshal([]byte(text), &v); err != nil {
				t.Fatal(err)
			}
			pretty, err := json.MarshalIndent(v, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			text = string(pretty) + "\n"
		}
		golden.Equal(t, c.file, text)
	}
	if w := s.get(t, "/simple/acme-money/?format=text/plain"); !strings.HasPrefix(w.Body.String(), "invalid: ") {
		t.Errorf("an unknown format: %s", w.Body)
	}
}

func TestNormalForm(t *testing.T) {
	t.Parallel()
	s := furnished(t)
	for path, want := range map[string]string{
		"/simple":                  "simple/",
		"/simple?format=x":         "simple/?format=x",
		"/simple/acme-money":       "acme-money/",
		"/simple/Acme.Money":       "acme-money/",
		"/simple/Acme.Money/":      "../acme-money/",
		"/simple/acme__money/?a=b": "../acme-money/?a=b",
	} {
		if w := s.get(t, path); w.Code != http.StatusMovedPermanently || w.Header().Get("Location") != want {
			t.Errorf("%s: %d to %q %s", path, w.Code, w.Header().Get("Location"), w.Body)
		}
	}
	for _, path := range []string{"/simple/other/", "/simple/-/", "/simple/a%20b/", "/files/-/1/x", "/files/acme-money/x/y.metadata", "/files/acme-money/1.0/none.metadata"} {
		if w := s.get(t, path); !strings.HasPrefix(w.Body.String(), "not found: ") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

func TestBesideFiles(t *testing.T) {
	t.Parallel()
	s := furnished(t)
	for _, f := range append(s.versions[0].Files, s.versions[1].Files...) {
		r, err := factsOf(f)
		if err != nil {
			t.Fatal(err)
		}
		address := fmt.Sprintf("/files/acme-money/%s/%s", f.Version, f.Name)
		w := s.get(t, address+".metadata")
		sum := sha256.Sum256(w.Body.Bytes())
		if w.Code != http.StatusOK || hex.EncodeToString(sum[:]) != r.Metadata.SHA256 || !strings.Contains(w.Body.String(), "Version: "+f.Version) {
			t.Errorf("%s: %d %s", f.Name, w.Code, w.Body)
		}
		if w := s.get(t, address); w.Code != http.StatusOK || int64(w.Body.Len()) != f.Size {
			t.Errorf("%s: %d", f.Name, w.Code)
		}
		if w := s.get(t, address+".provenance"); !strings.HasPrefix(w.Body.String(), "not found: ") {
			t.Errorf("%s: %s", f.Name, w.Body)
		}
	}
}

// PEP 792: of a project in quarantine no file is offered.
func TestQuarantine(t *testing.T) {
	t.Parallel()
	s := furnished(t)
	s.pkg.Properties = map[string]string{"status": "quarantined", "status-reason": "malware"}
	for _, accept := range []string{"application/vnd.pypi.simple.v1+json", "text/html"} {
		w := s.get(t, "/simple/acme-money/", "Accept", accept)
		if text := w.Body.String(); w.Code != http.StatusOK || strings.Contains(text, ".whl") || !strings.Contains(text, "quarantined") || !strings.Contains(text, "malware") {
			t.Errorf("%s: %s", accept, text)
		}
	}
	for _, beside := range []string{"", ".metadata", ".provenance"} {
		if w := s.get(t, "/files/acme-money/1.0/"+wheelOf("acme_money", "1.0")+beside); w.Body.String() != "denied: acme_money is in quarantine and is not given out: malware" {
			t.Errorf("%s: %s", beside, w.Body)
		}
	}
	if w := s.get(t, "/pypi/acme-money/json"); w.Code != http.StatusOK || strings.Contains(w.Body.String(), ".whl") {
		t.Errorf("%s", w.Body)
	}
}

func TestLegacy(t *testing.T) {
	t.Parallel()
	s := furnished(t)
	s.advisories = []format.Advisory{
		{ID: "GHSA-1", Aliases: []string{"CVE-2026-1"}, Summary: "Bad", Affected: []format.Affected{{Introduced: "0", Fixed: "1.0.1"}}},
		{ID: "GHSA-2", Summary: "Long ago", Affected: []format.Affected{{Introduced: "0.1", Last: "0.9"}}},
	}
	for path, file := range map[string]string{
		"/pypi/acme.money/json":       "legacy.golden.json",
		"/pypi/Acme_Money/1.0.0/json": "legacy-version.golden.json",
	} {
		w := s.get(t, path)
		var v any
		if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%s: %d %s, %v", path, w.Code, w.Body, err)
		}
		pretty, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		golden.Equal(t, file, string(pretty)+"\n")
	}
	for _, path := range []string{"/pypi/other/json", "/pypi/acme-money/2.0/json", "/pypi/acme-money/x/json"} {
		if w := s.get(t, path); !strings.HasPrefix(w.Body.String(), "not found: ") {
			t.Errorf("%s: %s", path, w.Body)
		}
	}
}

func TestAffects(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		r       format.Affected
		version string
		want    bool
	}{
		{format.Affected{}, "1", true},
		{format.Affected{Introduced: "1.0", Fixed: "1.2"}, "1", true},
		{format.Affected{Introduced: "1.0", Fixed: "1.2"}, "1.2", false},
		{format.Affected{Introduced: "1.0", Fixed: "1.2"}, "1.2rc1", true},
		{format.Affected{Introduced: "1.0", Last: "1.2"}, "1.2", true},
		{format.Affected{Introduced: "1.0", Last: "1.2"}, "1.2.post1", false},
		{format.Affected{Introduced: "1.0"}, "0.9", false},
	} {
		if got := affects(c.r, c.version); got != c.want {
			t.Errorf("%s in %+v: %t", c.version, c.r, got)
		}
	}
}
