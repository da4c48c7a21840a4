package cran

import (
	"net/http"
	"strings"
	"testing"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/format"
	"ingot.dev/modules/golden"
)

// library has three packages: one of several versions, one with all fields, one
// that was only built. Incident 33: an author writes HTML.
func library(t *testing.T) *shelf {
	s := newShelf()
	for _, version := range []string{"0.9", "0.10", "1.0-1"} {
		s.put(t, "src", sourceOfPackage("acmeMoney", version, "Depends: R (>= 3.5.0)\nImports: acme.decimals (>= 0.5),\n  stats\n"))
	}
	s.put(t, "src", sourceOfPackage("acme.decimals", "1.0", "Priority: optional\nLinkingTo: Rcpp\nSuggests: testthat\nEnhances: xts\nLicense_is_FOSS: yes\n"+
		"License_restricts_use: no\nOS_type: unix\nArchs: x64\nAuthor: Jos\xe9 <b>Doe</b>\nURL: https://example.com/\"><script>alert(1)</script>\nEncoding: latin1\n"))
	s.put(t, "bin", builtPackage(zipped, "acmeMoney", "0.10", "x86_64-w64-mingw32", "Archs: x64\n"))
	s.put(t, "bin?platform=macosx", builtPackage(tarred, "acmeMoney", "0.10", ""))
	s.put(t, "bin?platform=macosx", builtPackage(tarred, "acmeMoney", "1.0-1", "x86_64-apple-darwin20"))
	s.put(t, "bin?platform=big-sur-arm64", builtPackage(tarred, "acmeMoney", "0.9", "aarch64-apple-darwin20"))
	s.put(t, "bin?platform=big-sur-arm64", builtPackage(tarred, "only.built", "1.0", ""))
	for _, versions := range s.packages {
		for _, v := range versions {
			for _, f := range v.Files { // so that they do not depend on how archives are packed
				sums := blob.FromBytes([]byte(f.Name)).Digests()
				s.bodies[sums.SHA256] = s.bodies[f.Digests.SHA256]
				f.Digests, f.Size = sums, 1000
			}
		}
	}
	return s
}

func (s *shelf) fetch(t *testing.T, path string) string {
	t.Helper()
	code, text := s.ask(t, http.MethodGet, path, nil)
	if code != http.StatusOK {
		t.Fatalf("%s: %d %s", path, code, text)
	}
	return text
}

func TestIndexes(t *testing.T) {
	t.Parallel()
	s := library(t)
	for path, file := range map[string]string{
		"src/contrib/PACKAGES":                              "source.dcf",
		"src/contrib/PACKAGES.gz":                           "source.dcf",
		"src/contrib/PACKAGES.rds":                          "source.rds",
		"src/contrib/Meta/archive.rds":                      "archive.rds",
		"src/contrib/Meta/current.rds":                      "current.rds",
		"bin/windows/contrib/4.2/PACKAGES":                  "windows.dcf",
		"bin/macosx/contrib/4.2/PACKAGES":                   "macos.dcf",
		"bin/macosx/big-sur-arm64/contrib/4.2/PACKAGES":     "arm64.dcf",
		"bin/macosx/big-sur-arm64/contrib/4.2/PACKAGES.rds": "arm64.rds",
		"bin/macosx/big-sur-x86_64/contrib/4.2/PACKAGES":    "x86_64.dcf",
		"web/packages/acmemoney/index.html":                 "money.html",
		"web/packages/acme.decimals/index.html":             "decimals.html",
	} {
		s.asked = nil
		golden.Equal(t, file, s.fetch(t, path))
		if len(s.asked) != 1 && !strings.HasPrefix(path, "web/") {
			t.Errorf("%s asked %d questions", path, len(s.asked))
		}
	}
	if got := s.fetch(t, "bin/windows/contrib/9.9/PACKAGES"); got != "" {
		t.Errorf("of an R that nobody has: %q", got)
	}
	for _, path := range []string{
		"bin/linux/contrib/4.2/PACKAGES", "bin/windows/contrib/4.2.1/PACKAGES.gz", "bin/x/PACKAGES.rds", "bin/windows/x/contrib/4.2/acmeMoney_0.10.zip",
		"web/packages/other/index.html", "web/packages/a_b/index.html",
	} {
		if code, text := s.ask(t, http.MethodGet, path, nil); code != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, code, text)
		}
	}
}

func TestFetch(t *testing.T) {
	t.Parallel()
	s := library(t)
	for path, want := range map[string]bool{
		"src/contrib/acmeMoney_1.0-1.tar.gz":                        true,
		"src/contrib/acmeMoney_0.9.tar.gz":                          true,
		"src/contrib/Archive/acmeMoney/acmeMoney_0.9.tar.gz":        true,
		"src/contrib/Archive/acmeMoney/acmeMoney_1.0-1.tar.gz":      true,
		"src/contrib/Archive/acme.decimals/acmeMoney_0.9.tar.gz":    false,
		"src/contrib/Archive/acmeMoney/PACKAGES":                    false,
		"src/contrib/acmeMoney_1.0.1.tar.gz":                        false,
		"src/contrib/acmeMoney_0.10.zip":                            false,
		"src/contrib/README":                                        false,
		"bin/windows/contrib/4.2/acmeMoney_0.10.zip":                true,
		"bin/windows/contrib/4.3/acmeMoney_0.10.zip":                false,
		"bin/windows/contrib/4.2/acmeMoney_0.10.tgz":                false,
		"bin/windows/contrib/4.2/acmeMoney_0.10.tar.gz":             false,
		"bin/macosx/contrib/4.2/acmeMoney_0.10.tgz":                 true,
		"bin/macosx/big-sur-arm64/contrib/4.2/acmeMoney_0.10.tgz":   true,  // has no compiled code
		"bin/macosx/big-sur-arm64/contrib/4.2/acmeMoney_1.0-1.tgz":  false, // is for another processor
		"bin/macosx/big-sur-x86_64/contrib/4.2/acmeMoney_1.0-1.tgz": true,
		"bin/macosx/big-sur-x86_64/contrib/4.2/acmeMoney_0.9.tgz":   false,
	} {
		if code, text := s.ask(t, http.MethodGet, path, nil); (code == http.StatusOK) != want || !want && code != http.StatusNotFound {
			t.Errorf("%s: %d %.80q", path, code, text)
		}
	}
}

// Files that no index can read are told, not passed over.
func TestBrokenRecord(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.packages["a1"] = []*format.Version{{Package: "a1", Name: "1.0", Canon: "1.0", Metadata: []byte("["), Files: []*format.File{{Name: "a1_1.0.tar.gz", Metadata: []byte("[")}}}}
	for _, doc := range New().Documents() {
		if doc.Build == nil || doc.Kind == olderKind || doc.Kind == newestKind { // which do not read it
			continue
		}
		if err := doc.Build(t.Context(), format.Build{Reg: s, Key: map[bool]string{false: "a1"}[doc.Whole]}, &strings.Builder{}); err == nil {
			t.Errorf("%s was built", doc.Kind)
		}
	}
}
