package documents

import (
	"fmt"
	"strings"
	"testing"
)

func BenchmarkPack(b *testing.B) {
	for _, size := range []int{1 << 10, 64 << 10, 1 << 20, 16 << 20} {
		var text strings.Builder
		for i := 0; text.Len() < size; i++ {
			fmt.Fprintf(&text, `{"name":"package-%d","version":"1.%d.0"},`, i, i%7)
		}
		content := []byte(text.String()[:size])
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(size))
			for b.Loop() {
				p, err := newPacker(false)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := p.Write(content); err != nil {
					b.Fatal(err)
				}
				if _, err := p.body(validator{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
