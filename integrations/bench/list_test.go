package bench

import (
	"fmt"
	"net/http"
	"testing"

	"ingot.dev/modules/format"
)

// list compares the pages of a scope with 10,000 packages with those of one
// with 100.
func list(b *testing.B, t *table) {
	many, few := int(smaller(10_000)), 100
	h := build(b, func(h *house) {
		for _, owner := range []struct {
			name     string
			packages int
		}{{"many", many}, {"few", few}} {
			h.publish("generic", h.member(owner.name), owner.packages, func(i int) format.Release {
				return format.Release{Package: fmt.Sprintf("package-%d", i), Version: "1.0.0", Description: "A package of the bench"}
			})
		}
	})
	const page = "/user/%s/package"
	for _, c := range []struct{ name, many, few string }{
		{"REST list", "/registry" + page, ""},
		{"list page", page, ""},
		{"list page by name", page + "?order=name", ""},
		{"list page by downloads", page + "?order=downloads", ""},
		{"list page of a format by downloads", page + "?order=downloads&format=generic", ""},
		{"last list page", page + fmt.Sprintf("?from=%d", many-50), page + fmt.Sprintf("?from=%d", few-50)},
	} {
		path := func(owner string) string {
			if owner == "few" && c.few != "" {
				return fmt.Sprintf(c.few, owner)
			}
			return fmt.Sprintf(c.many, owner)
		}
		ask := func(owner string) target { return h.get(path(owner), http.StatusOK) }
		probe, err := http.Get("http://" + h.addr + path("few"))
		if err != nil {
			b.Fatal(err)
		}
		probe.Body.Close()
		if probe.StatusCode == http.StatusNotFound {
			b.Logf("there is no %s", c.name)
			continue
		}
		s := versus(b, 4, ask("many"), ask("few"))
		big, small := median(latency(s.ingot)), median(latency(s.reference))
		t.ratio(b, fmt.Sprintf("%s, p50 with %d packages", c.name, many), short(big),
			fmt.Sprintf("%d packages %s", few, short(small)), float64(big)/float64(small), atMost(1.5))
	}
}
