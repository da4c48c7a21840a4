package opm

import (
	"encoding/json"
	"strings"
	"testing"

	"ingot.dev/modules/format"
	"ingot.dev/modules/golden"
	"ingot.dev/modules/scope"
)

func TestPresent(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.push(t, "/", built("Деньги", "1.0.0", everything), "CHANNEL", "dev")
	version, err := s.Version(t.Context(), "Деньги", "1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	in := format.View{
		Package: &format.Package{Name: "Деньги"}, Version: version, Base: "https://ingot.example/project/acme/libs/package/-/opm", Host: "ingot.example",
		Path: scope.Path{Kind: scope.Project, Owner: "acme", Name: "libs"}, Private: true, User: "ann",
	}
	views := map[string]format.View{"version": in}
	in.Package, in.Version, in.Private, in.Path, in.Base = nil, nil, false, scope.Path{Kind: scope.Service}, "http://127.0.0.1:8080/package/-/opm"
	views["registry"] = in
	for what, view := range views {
		var text strings.Builder
		out := json.NewEncoder(&text)
		out.SetIndent("", "\t")
		out.SetEscapeHTML(false)
		if err := out.Encode(New().Present(view)); err != nil {
			t.Fatal(err)
		}
		golden.Equal(t, "present-"+what+".json", text.String())
	}
}
