package nuget

import (
	"fmt"
	"io"
	"testing"

	"ingot.dev/modules/format"
)

// BenchmarkRegistration builds the index and the pages of packages of more and
// more versions. The time for a version is to stay the same.
func BenchmarkRegistration(b *testing.B) {
	for _, n := range []int{100, 1000, 5000} {
		s := shop(b)
		p := s.packages["acme.money"]
		v := *p.versions[3]
		p.versions = nil
		for i := range n {
			w := v
			w.Name = fmt.Sprintf("1.0.%d", n-i)
			w.Canon = w.Name
			p.versions = append(p.versions, &w)
		}
		h := hive{registration2Path, true}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if err := h.buildIndex(b.Context(), format.Build{Reg: s, Base: base, Key: "acme.money"}, io.Discard); err != nil {
					b.Fatal(err)
				}
				if err := h.buildPage(b.Context(), format.Build{Reg: s, Base: base, Key: "acme.money/0"}, io.Discard); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/version")
		})
	}
}
