package pypi

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"ingot.dev/modules/fault"
)

// classified fails where the uploader would be told of an error of the server.
func classified(t *testing.T, err error) {
	t.Helper()
	if err != nil && !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.TooLarge) {
		t.Fatalf("%T %v", err, err)
	}
}

func FuzzParseVersion(f *testing.F) {
	for _, v := range ordered440 {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := ParseVersion(text)
		if err != nil {
			classified(t, err)
			return
		}
		for _, form := range []string{v.String(), v.Canonical()} {
			w, err := ParseVersion(form)
			if err != nil || v.Compare(w) != 0 || w.Canonical() != v.Canonical() || strings.ContainsAny(form, "/\\ \n") {
				t.Fatalf("%q becomes %q: %v", text, form, err)
			}
		}
	})
}

func FuzzCanonicalName(f *testing.F) {
	f.Add("Acme.Money")
	f.Fuzz(func(t *testing.T, text string) {
		name, err := CanonicalName(text)
		if err != nil {
			classified(t, err)
			return
		}
		if again, err := CanonicalName(name); err != nil || again != name || strings.Contains(name, "--") || strings.ContainsAny(name, "/._ \n") {
			t.Fatalf("%q becomes %q, then %q: %v", text, name, again, err)
		}
	})
}

func FuzzParseFileName(f *testing.F) {
	f.Add("money-1.0-py3-none-any.whl")
	f.Add("acme-money-1.0.tar.gz")
	f.Fuzz(func(t *testing.T, text string) {
		name, err := parseFileName(text)
		if err != nil {
			classified(t, err)
			return
		}
		if strings.ContainsAny(text, "/\\\x00\n") || name.of("..", "1") || !name.twin(&name) {
			t.Fatalf("%q is taken as %+v", text, name)
		}
	})
}

func FuzzParseMetadata(f *testing.F) {
	f.Add([]byte(metadataText("money", "1.0", "Requires-Dist: x\n", "License: a\n  b\n")))
	f.Add([]byte("Metadata-Version: 1.0\r\nName: a\r\nVersion: 1\r\nDescription: x\r\n        |y\r\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := ParseMetadata(text)
		if err != nil {
			classified(t, err)
			return
		}
		raw, err := json.Marshal(m)
		if err != nil || !utf8.Valid(raw) || !utf8.ValidString(m.description) || strings.Contains(m.description, "\x00") {
			t.Fatalf("%q, %v", raw, err)
		}
		New().Present(view(t, "Metadata-Version: 2.1\nName: "+m.canon+"\nVersion: "+m.version.String()+"\n"))
		m.dependencies()
		m.addresses()
	})
}

func FuzzParseRecord(f *testing.F) {
	for _, e := range wheelEntries("money", "1.0") {
		f.Add([]byte(e.text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		_, err := ParseRecord(text)
		classified(t, err)
	})
}

func FuzzParseAttestations(f *testing.F) {
	sum := strings.Repeat("a", 64)
	f.Add([]byte("[" + attestation(certificate(f), statement("f", sum, publishPredicate)) + "]"))
	f.Add([]byte(statement("f", sum, publishPredicate)))
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := ParseAttestations(text, "f", sum)
		classified(t, err)
		if b, wrong := provenance(list); wrong != nil || !json.Valid(b) {
			t.Fatalf("%q, %v", b, wrong)
		}
		_, _ = checkStatement(text, "f", sum)
	})
}

func FuzzReadDistribution(f *testing.F) {
	f.Add(true, zipped(f, wheelEntries("money", "1.0")...))
	f.Add(false, tarred(f, entry{"money-1.0/PKG-INFO", metadataText("money", "1.0")}))
	f.Fuzz(func(t *testing.T, isWheel bool, content []byte) {
		file := "money-1.0.tar.gz"
		if isWheel {
			file = wheelOf("money", "1.0")
		}
		d, err := read(t, file, content)
		classified(t, err)
		if err == nil && (d.canon != "money" || d.version.Canonical() != "1") {
			t.Fatalf("%+v", d)
		}
	})
}

func FuzzNegotiate(f *testing.F) {
	f.Add("application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01")
	f.Fuzz(func(t *testing.T, accept string) {
		if got := negotiate(accept); got < 0 || got >= forms {
			t.Fatal(got)
		}
	})
}
