package bench

import (
	"fmt"
	"net/http"
	"testing"

	"ingot.dev/modules/format"
)

// list compares the first page of a scope with 10,000 packages with that of
// one with 100.
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
	for _, c := range []struct{ name, path, accept string }{
		{"REST list", "/registry/user/%s/package", "application/json"},
		{"list page", "/user/%s/package", "text/html"},
	} {
		ask := func(owner string) target {
			return h.get(fmt.Sprintf(c.path, owner), http.StatusOK, "Accept: "+c.accept)
		}
		probe, err := http.Get("http://" + h.addr + fmt.Sprintf(c.path, "few"))
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
