package pypi

import (
	"net/http"
	"strings"
	"testing"
)

// Incidents 26 (dependency confusion, 2021) and 27 (deleting while forwarding):
// a name that is or was ours is never looked up elsewhere.
func TestFallback(t *testing.T) {
	t.Parallel()
	s := furnished(t)
	s.owned["was-ours"] = true
	if w := s.get(t, "/simple/other/"); !strings.HasPrefix(w.Body.String(), "not found: ") {
		t.Errorf("without a setting: %d %s", w.Code, w.Body)
	}
	for _, index := range []string{"https://mirror.example/simple/", "https://mirror.example/simple", "http://127.0.0.1:1/simple/"} {
		s.settings["fallback"] = index
		w := s.get(t, "/simple/other/")
		if want := strings.TrimSuffix(index, "/") + "/other/"; w.Code != http.StatusFound || w.Header().Get("Location") != want || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d to %q", index, w.Code, w.Header().Get("Location"))
		}
		if w := s.get(t, "/simple/was-ours/"); !strings.HasPrefix(w.Body.String(), "not found: ") {
			t.Errorf("a name of ours: %d to %q", w.Code, w.Header().Get("Location"))
		}
		if w := s.get(t, "/simple/was__OURS/"); w.Header().Get("Location") != "../was-ours/" {
			t.Errorf("another spelling of it: %d to %q", w.Code, w.Header().Get("Location"))
		}
		if w := s.get(t, "/simple/acme-money/"); w.Code != http.StatusOK {
			t.Errorf("what is here: %d", w.Code)
		}
		if w := s.get(t, "/files/other/1.0/other-1.0.tar.gz"); !strings.HasPrefix(w.Body.String(), "not found: ") {
			t.Errorf("a file: %d", w.Code)
		}
	}
}

func TestCheckSettings(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{
		"x", "//mirror.example/", "http://mirror.example/simple/", "ftp://mirror.example/", "https://", "https://user:secret@mirror.example/",
		"https://mirror.example/?a=b", "https://mirror.example/#a", "javascript:alert(1)", "https://mirror.example/\n",
	} {
		if checkFallback(bad) == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	for _, good := range []string{"https://mirror.example/simple/", "http://localhost:8080/simple", "http://[::1]/simple/"} {
		if err := checkFallback(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for text, good := range map[string]bool{"moved to acme-amounts": true, "two\nlines": false, strings.Repeat("x", 501): false, "\xff": false} {
		if err := checkReason(text); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
	names := map[string]bool{}
	for _, s := range New().Settings() {
		if s.Name == "" || s.Of == 0 || s.Label.En == "" || s.Label.Ru == "" || names[s.Name] {
			t.Errorf("%+v", s)
		}
		names[s.Name] = true
	}
}
