package nuget

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"strings"
	"testing"

	"ingot.dev/modules/format"
	"ingot.dev/modules/golden"
	"ingot.dev/modules/scope"
)

func TestPresent(t *testing.T) {
	t.Parallel()
	body, err := os.ReadFile("testdata/full.nuspec")
	if err != nil {
		t.Fatal(err)
	}
	n, err := ParseNuspec(body)
	if err != nil {
		t.Fatal(err)
	}
	metadata, err := json.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	place := scope.Path{Kind: scope.Project, Owner: "ann", Name: "shop"}
	pkg := &format.Package{Name: "Acme.Money", Latest: "1.0.0"}
	v := &format.Version{
		Package: "Acme.Money", Name: "1.2.0-beta.1", Metadata: metadata,
		Properties: map[string]string{deprecatedSetting: "Legacy", reasonSetting: "It rounds.", alternativeSetting: "Acme.Other"},
	}
	for name, view := range map[string]format.View{
		"page":    {Package: pkg, Version: v, Base: base, Path: place, User: "ann"},
		"private": {Package: pkg, Base: strings.Replace(base, "https", "http", 1), Path: place, User: `o'n "x"`, Private: true},
		"connect": {Base: base, Path: scope.Path{Kind: scope.Service}, User: "ann"},
	} {
		got, err := json.MarshalIndent(New().Present(view), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		golden.Equal(t, name+".json", append(got, '\n'))
	}
}

// What the page gives as nuget.config is XML, whoever reads it.
func TestConfig(t *testing.T) {
	t.Parallel()
	v := format.View{Path: scope.Path{Kind: scope.Project, Owner: "3d", Name: "shop"}, Private: true, User: `o'n <"&>`}
	s := steps{View: v, name: v.Label(), url: base, insecure: true}
	var config struct {
		Sources struct {
			Add struct {
				Key      string `xml:"key,attr"`
				Insecure string `xml:"allowInsecureConnections,attr"`
			} `xml:"add"`
		} `xml:"packageSources"`
		Credentials struct {
			Add []struct {
				Value string `xml:"value,attr"`
			} `xml:"ingot-3d-shop>add"`
		} `xml:"packageSourceCredentials"`
	}
	if err := xml.Unmarshal([]byte(s.config()[0].Code), &config); err != nil {
		t.Fatal(err)
	}
	if a := config.Credentials.Add; config.Sources.Add.Key != "ingot-3d-shop" || config.Sources.Add.Insecure != "true" || len(a) != 2 || a[0].Value != s.User || a[1].Value != "TOKEN" {
		t.Errorf("it is %+v", config)
	}
}

func TestKindsOfSteps(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{
		"": "dotnet add package A --version 1.0.0", "DotnetTool": "dotnet tool install A --version 1.0.0", "Template": "dotnet new install A::1.0.0",
	} {
		spec := &Nuspec{}
		if kind != "" {
			spec.Types = []Type{{Name: kind}}
		}
		all := steps{spec: spec, id: "A", version: "1.0.0"}.dotnet()
		if all[1].Code != want {
			t.Errorf("%q: %s", kind, all[1].Code)
		}
	}
}
