package cargo

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"testing"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/golden"
)

func TestEntry(t *testing.T) {
	t.Parallel()
	s := newShelf(t, "Acme-money", "1.1.0", "1.0.0")
	s.versions[0].Yanked = true
	s.versions = append(s.versions, &format.Version{Package: "Acme-money", Name: "0.9.0"}) // has lost its file
	build := New().Documents()[0].Build
	var b bytes.Buffer
	if err := build(t.Context(), format.Build{Reg: s, Base: base, Key: "acme-money"}, &b); err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, "entry.jsonl", b.String())
	for _, key := range []string{"acme_money", "other"} {
		if err := build(t.Context(), format.Build{Reg: s, Base: base, Key: key}, io.Discard); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: %v", key, err)
		}
	}
	s.versions = s.versions[2:]
	if err := build(t.Context(), format.Build{Reg: s, Base: base, Key: "acme-money"}, io.Discard); !fault.Is(err, fault.NotFound) {
		t.Errorf("without files: %v", err)
	}
}

// asked is a server that tells which document was asked for.
type asked struct {
	format.Server
	kind, key string
}

func (a *asked) Document(_ *format.Request, kind, key string) error {
	a.kind, a.key = kind, key
	return nil
}

func TestEntryAddress(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"1/a": "a", "2/ab": "ab", "3/a/abc": "abc", "ab/cd/abcd": "abcd", "ac/me/acme-money": "acme-money", "ac/me/acme_money": "acme_money",
		"1/ab": "", "2/a": "", "3/b/abc": "", "ab/ce/abcd": "", "AB/cd/ABcd": "", "ab/cd/abcD": "", "3/abc": "", "ab/cd": "", "nu/l": "", "3/n/nul": "", "a./b/a.b": "",
	} {
		var table format.Table[format.Route]
		for _, r := range New().Routes() {
			table.Add(r.Method, r.Pattern, r)
		}
		segments, _ := format.Segments(path)
		route, params, _, ok := table.Match(http.MethodGet, segments)
		if !ok {
			t.Fatalf("%s leads nowhere", path)
		}
		a := &asked{}
		err := route.Handle(&format.Request{Params: params, Server: a})
		if a.key != want || (want == "") != fault.Is(err, fault.NotFound) || want != "" && a.kind != entryKind {
			t.Errorf("%s leads to %q, %v; want %q", path, a.key, err, want)
		}
	}
}

// BenchmarkEntry builds the entry of a crate with many versions.
func BenchmarkEntry(b *testing.B) {
	for _, n := range []int{100, 1_000, 5_000} {
		versions := make([]string, n)
		for i := range versions {
			versions[i] = fmt.Sprintf("1.%d.0", n-i)
		}
		s, build := newShelf(b, "money", versions...), New().Documents()[0].Build
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := build(b.Context(), format.Build{Reg: s, Base: base, Key: "money"}, io.Discard); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/version")
		})
	}
}
