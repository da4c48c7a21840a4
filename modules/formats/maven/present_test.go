package maven

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"ingot.dev/modules/format"
	"ingot.dev/modules/golden"
	"ingot.dev/modules/scope"
)

// shown is a presentation as text.
func shown(p format.Presentation) []byte {
	var out strings.Builder
	for _, task := range p.Tasks {
		fmt.Fprintf(&out, "== %s: %s\n", task.Name, task.Title.Ru)
		for _, s := range task.Steps {
			fmt.Fprintf(&out, "-- %s %s: %s\n%s\n", s.Name, s.File, s.Title.En, s.Code)
		}
	}
	fmt.Fprintf(&out, "== licence %q, notice %q\n", p.Licence, p.Notice.En)
	for _, d := range p.Dependencies {
		fmt.Fprintf(&out, "%s %+v\n", d.Title.En, d.Items)
	}
	for _, l := range p.Links {
		fmt.Fprintf(&out, "%s %s\n", l.Title.En, l.URL)
	}
	for _, f := range p.Facts {
		fmt.Fprintf(&out, "%s %s\n", f.Title.En, f.Value)
	}
	return []byte(out.String())
}

func record(t *testing.T, file string, p Path) json.RawMessage {
	t.Helper()
	body, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	pom, err := ParsePom(body, p)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(pom)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestPresent(t *testing.T) {
	t.Parallel()
	registry := format.View{
		Base: "https://forge.example/project/acme/money/package/-/maven", User: "ann",
		Path: scope.Path{Kind: scope.Project, Owner: "acme", Name: "money"},
	}
	private := registry
	private.Base, private.Private = "http://127.0.0.1/registry/package/-/maven", true
	private.Path = scope.Path{Kind: scope.Service}
	of := func(v format.View, metadata json.RawMessage) format.View {
		v.Package = &format.Package{Name: "org.example:lib", Latest: "1.0"}
		v.Version = &format.Version{Package: "org.example:lib", Name: "1.0", Metadata: metadata}
		return v
	}
	for name, v := range map[string]format.View{
		"registry":  registry,
		"version":   of(registry, record(t, "full.pom", lib)),
		"private":   of(private, nil),
		"plugin":    of(registry, record(t, "inherited.pom", lib)),
		"relocated": of(registry, record(t, "relocated.pom", lib)),
		"archetype": of(registry, json.RawMessage(`{"packaging":"maven-archetype"}`)),
		"war":       of(registry, json.RawMessage(`{"packaging":"war"}`)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.Equal(t, "present-"+name+".txt", shown(New().Present(v)))
		})
	}
}
