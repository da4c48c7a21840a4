package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ingot.dev/modules/format"
)

// Whoever follows the links of the pages arrives somewhere.
func TestEveryLinkLeadsSomewhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, version := range []string{"1.0.0", "1.1.0+a&b"} {
		w.publish(t, w.open, "generic", format.Release{Package: "tool", Version: version, Existing: format.Refuse})
	}
	for _, who := range []string{"nobody", "adm"} {
		seen := map[string]bool{"/": true}
		for todo := []string{"/"}; len(todo) > 0; todo = todo[1:] {
			at, err := url.Parse(todo[0])
			if err != nil {
				t.Fatal(err)
			}
			r := w.get(t, who, todo[0])
			if r.Status >= 400 {
				t.Errorf("%s as %s: %d", todo[0], who, r.Status)
			}
			if r.Status != http.StatusOK || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
				continue
			}
			for _, a := range anchors(t, string(r.Body)) {
				to, err := at.Parse(a)
				if err != nil {
					t.Errorf("%s as %s leads to %q: %v", todo[0], who, a, err)
					continue
				}
				to.Fragment = ""
				if next := to.RequestURI(); to.Host == "" && !seen[next] && len(seen) < 300 {
					seen[next] = true
					todo = append(todo, next)
				}
			}
		}
		if len(seen) < 20 {
			t.Errorf("%s found %d pages", who, len(seen))
		}
	}
}
