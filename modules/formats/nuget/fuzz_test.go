package nuget

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format/formattest"
	"ingot.dev/modules/formats/nuget/nugettest"
)

// classified fails where a client would be told of an error of the server.
func classified(t *testing.T, err error) {
	t.Helper()
	if err != nil && !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.TooLarge) {
		t.Fatalf("%T %v", err, err)
	}
}

func FuzzParseVersion(f *testing.F) {
	for _, line := range ordered {
		f.Add(line[0])
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := ParseVersion(text)
		if err != nil {
			classified(t, err)
			return
		}
		for _, form := range []string{v.String(), v.Full(), v.Canonical()} {
			w, err := ParseVersion(form)
			if err != nil || v.Compare(w) != 0 || w.Canonical() != v.Canonical() || strings.ContainsAny(form, "/\\ \n'") {
				t.Fatalf("%q becomes %q: %v", text, form, err)
			}
		}
	})
}

func FuzzParseRange(f *testing.F) {
	f.Add("[1.0,2.0)")
	f.Add("1.0-beta")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseRange(text)
		if err != nil {
			classified(t, err)
			return
		}
		if again, err := ParseRange(r.String()); err != nil || again.String() != r.String() {
			t.Fatalf("%q becomes %q, then %q: %v", text, r, again, err)
		}
	})
}

func FuzzParseNuspec(f *testing.F) {
	f.Add([]byte(nugettest.Nuspec("Acme.Money", "1.0.0", `<dependencies><group targetFramework="net45"><dependency id="A" version="1"/></group></dependencies>`)))
	f.Fuzz(func(t *testing.T, body []byte) {
		n, err := ParseNuspec(body)
		if err != nil {
			classified(t, err)
			return
		}
		b, err := json.Marshal(n)
		if _, wrong := CanonicalName(n.ID); err != nil || wrong != nil || len(b) > 16<<20 {
			t.Fatalf("%s: %v, %v", b, err, wrong)
		}
	})
}

func FuzzReadPackage(f *testing.F) {
	f.Add(nugettest.Package("Acme.Money", "1.0.0", "<icon>i.png</icon>", formattest.Entry{Name: "i.png", Text: "\x89PNG\r\n\x1a\n"}))
	f.Fuzz(func(t *testing.T, body []byte) {
		_, err := readPackage(t.Context(), bytes.NewReader(body), int64(len(body)))
		classified(t, err)
	})
}

func FuzzParsePDB(f *testing.F) {
	f.Add([]byte(nugettest.PDB(guid)))
	f.Fuzz(func(t *testing.T, body []byte) {
		signature, err := ParsePDB(bytes.NewReader(body), int64(len(body)))
		classified(t, err)
		if err == nil && (len(signature) != 40 || strings.Trim(signature, "0123456789abcdef") != "") {
			t.Fatalf("the signature is %q", signature)
		}
	})
}

func FuzzParseFilter(f *testing.F) {
	f.Add("(tolower(Id) eq 'x' or startswith(Title,'it''s')) and not IsPrerelease")
	f.Add("Published gt datetime'2026-01-01T00:00:00'")
	s := shop(f)
	rows, err := selection{semVer2: true}.of(s.packages["acme.money"].versions)
	if err != nil {
		f.Fatal(err)
	}
	for i := range rows {
		if err := rows[i].read(); err != nil {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		passes, _, err := parseFilter(text)
		if err != nil {
			classified(t, err)
		}
		if passes == nil {
			return
		}
		for _, r := range rows {
			passes(r)
		}
	})
}
