package conda

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/format"
)

// crowd is a channel of n packages of three versions, as they are after their
// publication.
func crowd(n int) *shelf {
	s := newShelf()
	for i := range n {
		name := fmt.Sprintf("package-%05d", i)
		for _, version := range []string{"3.0", "2.0", "1.0"} {
			x, err := parseIndex(fmt.Appendf(nil, `{"name":%q,"version":%q,"build":"py_0","build_number":0,"depends":["python >=3.8","package-%05d >=1.0,<2","numpy","zlib 1.2.*"],`+
				`"constrains":["other <2"],"license":"BSD-3-Clause","license_family":"BSD","noarch":"python","subdir":"noarch","timestamp":1700000000000}`, name, version, i/2))
			if err != nil {
				panic(err)
			}
			sum := fmt.Sprintf("%064x", i)
			kept := build{Record: x.record(12345, blob.Digests{MD5: sum[:32], SHA256: sum})}.text()
			v := &format.Version{Package: name, Name: version, Canon: version}
			v.Files = []*format.File{{Package: name, Version: version, Name: noarch + "/" + x.fileName.String() + second, Metadata: kept, Created: s.now.Add(time.Duration(i) * time.Second)}}
			s.packages[name] = append(s.packages[name], v)
		}
	}
	return s
}

// BenchmarkDocuments shows that the time of each package does not grow with their
// number.
func BenchmarkDocuments(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		s := crowd(n)
		for _, d := range New().Documents() {
			if d.Packed.Of != "" {
				continue
			}
			b.Run(fmt.Sprintf("%s/%d", d.Kind, n), func(b *testing.B) {
				b.ReportAllocs()
				key := strings.TrimPrefix(noarch, map[string]string{channeldataKind: noarch}[d.Kind])
				for b.Loop() {
					if err := d.Build(b.Context(), format.Build{Reg: s, Key: key}, io.Discard); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/package")
			})
		}
	}
}

// BenchmarkShard is one shard, found by its digest in the index of 10,000. The
// server has that index at hand; here it is made beforehand.
func BenchmarkShard(b *testing.B) {
	s := crowd(10_000)
	index := []byte(s.get(b, "noarch/repodata_shards.msgpack.zst"))
	digest := digestsOf(b, index)["package-09999"]
	b.ReportAllocs()
	for b.Loop() {
		name := nameOf(index, digest)
		shard, err := shardOf(b.Context(), s, folder{"", noarch}, name, digest)
		if err != nil || sha256.Sum256(shard) != digest {
			b.Fatal(name, err)
		}
	}
}

// BenchmarkUnknownShard is a digest that there never was, where all packages that
// it is looked for among have thousands of builds.
func BenchmarkUnknownShard(b *testing.B) {
	s := newShelf()
	for range maxRecent {
		s.large(fmt.Sprintf("large%d", len(s.updated)), 2_000)
	}
	q := &format.Request{R: httptest.NewRequest(http.MethodGet, "/", nil), Reg: s}
	c := New()
	for b.Loop() {
		if shard, err := c.older(q, folder{"", noarch}, [sha256.Size]byte{}); shard != nil || err != nil {
			b.Fatal(err)
		}
	}
}
