package nuget

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/golden"
)

func TestParseNuspec(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"full", "old"} {
		body, err := os.ReadFile("testdata/" + name + ".nuspec")
		if err != nil {
			t.Fatal(err)
		}
		n, err := ParseNuspec(body)
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.MarshalIndent(n, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		golden.Equal(t, name+".json", append(got, '\n'))
	}
}

// spec writes a nuspec with elements in its metadata.
func spec(elements ...string) string {
	return "<package><metadata>" + strings.Join(elements, "") + "</metadata></package>"
}

const named = "<id>Acme.Money</id><version>1.0</version>"

func TestParseNuspecRefuses(t *testing.T) {
	t.Parallel()
	dependency := func(id, version string) string {
		return fmt.Sprintf(`<dependencies><dependency id="%s" version="%s"/></dependencies>`, id, version)
	}
	for what, c := range map[string]struct {
		text string
		kind fault.Kind
		says string
	}{
		"nothing":              {"", fault.Invalid, "broken"},
		"no metadata":          {"<package/>", fault.Invalid, "one <metadata>"},
		"two metadata":         {"<package><metadata>" + named + "</metadata><metadata>" + named + "</metadata></package>", fault.Invalid, "one <metadata>"},
		"two ids":              {spec(named, "<id>Acme.Other</id>"), fault.Invalid, "one <id>"},
		"two versions":         {spec(named, "<version>2.0</version>"), fault.Invalid, "one <version>"},
		"no id":                {spec("<id/><version>1.0</version>"), fault.Invalid, "no package id"},
		"an id that climbs":    {spec("<id>../x</id><version>1.0</version>"), fault.Invalid, "no package id"},
		"no version":           {spec("<id>A</id><version/>"), fault.Invalid, "no version"},
		"a dependency's id":    {spec(named, dependency("a/b", "1.0")), fault.Invalid, "no package id"},
		"a dependency's range": {spec(named, dependency("A", "1.*")), fault.Invalid, "the dependency on A"},
		"a DOCTYPE":            {"<!DOCTYPE package>" + spec(named), fault.Invalid, "DOCTYPE"},
		"long":                 {spec(named, strings.Repeat(" ", maxNuspec)), fault.TooLarge, "bytes"},
		"deep":                 {spec(named, strings.Repeat("<a>", 100), strings.Repeat("</a>", 100)), fault.TooLarge, "deep"},
		"many dependencies":    {spec(named, "<dependencies>", strings.Repeat(`<dependency id="A"/>`, maxDependencies+1), "</dependencies>"), fault.TooLarge, "dependencies"},
		"many groups":          {spec(named, "<dependencies>", strings.Repeat(`<group/>`, maxGroups+1), "</dependencies>"), fault.TooLarge, "groups"},
		"many types":           {spec(named, "<packageTypes>", strings.Repeat(`<packageType/>`, maxTypes+1), "</packageTypes>"), fault.TooLarge, "types"},
	} {
		_, err := ParseNuspec([]byte(c.text))
		if !fault.Is(err, c.kind) || !strings.Contains(fault.From(err).Message, c.says) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// What is only shown is cut or left out, and is no reason to refuse.
func TestParseNuspecBounds(t *testing.T) {
	t.Parallel()
	n, err := ParseNuspec([]byte(spec(named,
		"<description>", strings.Repeat("é", maxText), "</description>",
		"<title>", strings.Repeat("a", 2*maxWord), "</title>",
		"<projectUrl>javascript:alert(1)</projectUrl><iconUrl>data:image/png,x</iconUrl><licenseUrl>//evil</licenseUrl>",
		"<tags>", strings.Repeat("t ", 2*maxTags), strings.Repeat("x", 2*maxTag), "</tags>",
	)))
	if err != nil {
		t.Fatal(err)
	}
	if len(n.Description) > maxText || len(n.Title) > maxWord || n.ProjectURL+n.IconURL+n.LicenceURL != "" || len(n.Tags) != maxTags {
		t.Errorf("it is %+v", n)
	}
	if n.title() != n.Description {
		t.Errorf("the line for lists is %.40q", n.title())
	}
}

func TestKinds(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]map[string]bool{
		"": {"Dependency": true, "dependency": true, "SymbolsPackage": false},
		`<packageTypes><packageType name="DotnetTool"/></packageTypes>`:     {"dotnettool": true, "Dependency": false},
		`<packageTypes><packageType name="symbolspackage"/></packageTypes>`: {"SymbolsPackage": true},
	} {
		n, err := ParseNuspec([]byte(spec(named, text)))
		if err != nil {
			t.Fatal(err)
		}
		for kind, is := range want {
			if n.Is(kind) != is {
				t.Errorf("%s is a %s: %t", text, kind, !is)
			}
		}
	}
}
