package helm

import (
	"encoding/json"
	"testing"

	"ingot.dev/modules/format"
	"ingot.dev/modules/golden"
	"ingot.dev/modules/scope"
)

func TestPresent(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	s.add(t, fullChart, "money-1.2.0-rc.1+build.7.tgz.prov")
	version := s.packages[0][0]
	library := *version
	library.Metadata = json.RawMessage(`{"apiVersion":"v2","name":"money","version":"1.0.0","type":"library","dependencies":[{"name":"a","repository":"https://ingot.example/base"}]}`)
	in := format.View{
		Package: &format.Package{Name: "money"}, Version: version, Base: "https://ingot.example/base", Host: "ingot.example",
		Path: scope.Path{Kind: scope.Project, Owner: "acme", Name: "charts"}, Private: true, User: "ann",
	}
	views := map[string]format.View{"version": in}
	in.Version = &library
	views["library"] = in
	in.Package, in.Version, in.Private, in.Path = nil, nil, false, scope.Path{Kind: scope.Service}
	views["registry"] = in
	for what, view := range views {
		text, err := json.MarshalIndent(New().Present(view), "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		golden.Equal(t, "present-"+what+".json", append(text, '\n'))
	}
}
