package maven

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/golden"
)

// lib is where most poms of these tests are published.
var lib = Path{Kind: File, Group: "org.example", Artifact: "lib", Version: "1.0"}

func TestParsePom(t *testing.T) {
	t.Parallel()
	for name, p := range map[string]Path{
		"full":        lib,
		"inherited":   lib,
		"placeholder": {Group: "org.example", Artifact: "lib", Version: "1.2-SNAPSHOT"},
		"relocated":   lib,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body, err := os.ReadFile(filepath.Join("testdata", name+".pom"))
			if err != nil {
				t.Fatal(err)
			}
			pom, err := ParsePom(body, p)
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.MarshalIndent(pom, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden.Equal(t, name+".golden.json", append(got, '\n'))
		})
	}
}

// pom is a pom of lib with more in it.
func pom(more string) string {
	return `<project><groupId>org.example</groupId><artifactId>lib</artifactId><version>1.0</version>` + more + `</project>`
}

func TestParsePomEncodings(t *testing.T) {
	t.Parallel()
	text := func(encoding string) string {
		return `<?xml version="1.0" encoding="` + encoding + `"?>` + pom("<name>Библиотека</name>")
	}
	wide := func(s string) (big, little []byte) {
		for _, u := range utf16.Encode([]rune("\ufeff" + s)) {
			big, little = append(big, byte(u>>8), byte(u)), append(little, byte(u), byte(u>>8))
		}
		return big, little
	}
	big, little := wide(text("UTF-16"))
	cyrillic, err := charmap.Windows1251.NewEncoder().String(text("windows-1251"))
	if err != nil {
		t.Fatal(err)
	}
	for encoding, body := range map[string][]byte{
		"UTF-8": []byte(text("UTF-8")), "none": []byte(pom("<name>Библиотека</name>")), "a mark": []byte("\ufeff" + text("utf-8")),
		"UTF-16 big": big, "UTF-16 little": little, "windows-1251": []byte(cyrillic),
	} {
		p, err := ParsePom(body, lib)
		if err != nil || p.Name != "Библиотека" {
			t.Errorf("%s: %+v, %v", encoding, p, err)
		}
	}
	p, err := ParsePom([]byte("<?xml version='1.0' encoding='ISO-8859-1'?>"+pom("<name>caf\xe9 &copy; &amp;</name>")), lib)
	if err != nil || p.Name != "café © &" {
		t.Errorf("ISO-8859-1: %+v, %v", p, err)
	}
}

// Incident 7 (GitLab CVE-2024-6595): what is in the pom and where it is put
// have to agree.
func TestParsePomRefuses(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		body string
		kind fault.Kind
		says string
	}{
		"nothing":             {"", fault.Invalid, "broken"},
		"no XML":              {"just text", fault.Invalid, "text outside"},
		"HTML":                {"<html></html>", fault.Invalid, "<html>"},
		"cut off":             {"<project><groupId>org", fault.Invalid, "line 1"},
		"another end":         {"<project>\n</projekt>", fault.Invalid, "line 2"},
		"two roots":           {pom("") + pom(""), fault.Invalid, "follows"},
		"text behind":         {pom("") + "x", fault.Invalid, "outside"},
		"another group":       {strings.ReplaceAll(pom(""), "org.example", "org.evil"), fault.Invalid, `groupId "org.evil"`},
		"another artifact":    {strings.ReplaceAll(pom(""), "lib", "evil"), fault.Invalid, `artifactId "evil"`},
		"another version":     {strings.ReplaceAll(pom(""), "1.0", "6.6"), fault.Invalid, `version "6.6"`},
		"two versions":        {pom("<version>1.0</version>"), fault.Invalid, "more than one version"},
		"no artifact":         {"<project><groupId>org.example</groupId><version>1.0</version></project>", fault.Invalid, "no artifactId"},
		"no group":            {"<project><artifactId>lib</artifactId><version>1.0</version></project>", fault.Invalid, "no groupId"},
		"a DTD":               {`<!DOCTYPE project [<!ENTITY a "aaaa">]>` + pom("<name>&a;</name>"), fault.Invalid, "DOCTYPE"},
		"an unknown entity":   {pom("<name>&lol;</name>"), fault.Invalid, "line 1"},
		"an unknown encoding": {`<?xml version="1.0" encoding="klingon"?>` + pom(""), fault.Invalid, "klingon"},
		"bytes of another":    {pom("<name>\xff\xfe</name>"), fault.Invalid, "UTF-8"},
		"deep":                {pom(strings.Repeat("<a>", 100_000)), fault.TooLarge, "deep"},
		"many elements":       {pom(strings.Repeat("<a/>", 300_000)), fault.TooLarge, "elements"},
		"many dependencies":   {pom("<dependencies>" + strings.Repeat("<dependency/>", 3000) + "</dependencies>"), fault.TooLarge, "dependencies"},
	} {
		_, err := ParsePom([]byte(c.body), lib)
		if !fault.Is(err, c.kind) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %v with %q", what, err, c.kind, c.says)
		}
	}
}

func TestParsePomBounds(t *testing.T) {
	t.Parallel()
	properties := "<properties><p0>x</p0>"
	for i := range 30 { // each twice the one before
		properties += fmt.Sprintf("<p%d>${p%d}${p%d}</p%d>", i+1, i, i, i+1)
	}
	p, err := ParsePom([]byte(pom("<name>${p30}</name><description>"+strings.Repeat("long ", 10_000)+"</description>"+properties+"</properties>")), lib)
	if err != nil || len(p.Name) > maxText || len(p.Description) > maxText {
		t.Errorf("a name of %d bytes, a description of %d, %v", len(p.Name), len(p.Description), err)
	}
}

// FuzzParsePom: whatever comes in is refused or makes a record that is small.
func FuzzParsePom(f *testing.F) {
	files, err := filepath.Glob("testdata/*.pom")
	if err != nil || len(files) == 0 {
		f.Fatal("no poms", err)
	}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Add([]byte(pom("<name>${a}</name><properties><a>${a}</a></properties>")))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := ParsePom(body, lib)
		if err != nil {
			if k := fault.KindOf(err); k != fault.Invalid && k != fault.TooLarge {
				t.Fatalf("%v", err)
			}
			return
		}
		if _, err := json.Marshal(p); err != nil || len(p.title()) > maxText {
			t.Fatalf("%+v: %v", p, err)
		}
	})
}
