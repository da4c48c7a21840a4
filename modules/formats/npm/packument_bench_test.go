package npm

import (
	"fmt"
	"io"
	"testing"

	"ingot.dev/modules/format"
)

// BenchmarkPackument builds the documents of a package with many versions.
func BenchmarkPackument(b *testing.B) {
	for _, n := range []int{100, 1_000, 5_000} {
		versions := make([]string, n)
		for i := range versions {
			versions[i] = fmt.Sprintf("1.%d.0", i)
		}
		s := newShelf("@acme/money", versions...)
		for _, d := range New().Documents() {
			b.Run(fmt.Sprintf("%s/%d", d.Kind, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if err := d.Build(b.Context(), format.Build{Reg: s, Base: "http://h/npm", Key: "@acme/money"}, io.Discard); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
