package opm

import (
	"encoding/json"
	"strings"
	"testing"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// classified fails where the uploader would be told of an error of the server.
func classified(t *testing.T, err error) {
	t.Helper()
	if err != nil && !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.TooLarge) {
		t.Fatalf("%T %v", err, err)
	}
}

func FuzzParseManifest(f *testing.F) {
	f.Add([]byte(manifest("Деньги", "1.0.0", everything)))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := ParseManifest(text)
		if err != nil {
			classified(t, err)
			return
		}
		record, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		New().Present(format.View{Package: &format.Package{Name: m.Name}, Version: &format.Version{Name: m.Version, Metadata: record}})
	})
}

func FuzzOpenPackage(f *testing.F) {
	f.Add(built("money", "1.0"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, err := read(t, raw)
		classified(t, err)
	})
}

func FuzzCanonicalName(f *testing.F) {
	f.Add("Е\u0308ж")
	f.Fuzz(func(t *testing.T, text string) {
		name, err := CanonicalName(text)
		if err != nil {
			classified(t, err)
			return
		}
		if again, err := CanonicalName(name); err != nil || again != name || strings.ContainsAny(name, "/\\ \n%") {
			t.Fatalf("%q becomes %q, then %q: %v", text, name, again, err)
		}
		if fold(text) != name {
			t.Fatalf("%q is %q in files' names and %q in others", text, fold(text), name)
		}
	})
}

func FuzzCompare(f *testing.F) {
	f.Add("1.0.0-rc.1", "1.0", "1.0.0.1")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		var canon [3]string
		for i, text := range []string{a, b, c} {
			var err error
			if canon[i], err = CanonicalVersion(text); err != nil {
				classified(t, err)
				return
			}
			if again, err := CanonicalVersion(canon[i]); err != nil || again != canon[i] {
				t.Fatalf("%q becomes %q, then %q: %v", text, canon[i], again, err)
			}
		}
		x, y, z := canon[0], canon[1], canon[2]
		if Compare(x, y) != -Compare(y, x) || (Compare(x, y) == 0) != (x == y) || Compare(x, y) <= 0 && Compare(y, z) <= 0 && Compare(x, z) > 0 {
			t.Fatalf("%q, %q, %q have no order", x, y, z)
		}
	})
}
