package conda

import (
	"encoding/json"
	"strings"
	"testing"

	"ingot.dev/modules/format"
	"ingot.dev/modules/formats/conda/condatest"
	"ingot.dev/modules/golden"
)

func TestPresent(t *testing.T) {
	t.Parallel()
	s := furnished(t)
	v := s.packages["money"][0]
	s.must(t, "main/", condatest.Build{Name: "money", Version: "2.1", Build: "0"})
	view := format.View{Base: "http://ingot.example/project/ann/vault/package/-/conda", Host: "ingot.example:8080", Private: true, User: "ann"}
	for file, pages := range map[string][2]any{"connect.json": {nil, nil}, "page.json": {&format.Package{Name: "money"}, v}} {
		view := view
		if p, ok := pages[0].(*format.Package); ok {
			view.Package, view.Version = p, v
		}
		text, err := json.MarshalIndent(New().Present(view), "", " ")
		if err != nil {
			t.Fatal(err)
		}
		golden.Equal(t, file, strings.ReplaceAll(string(text), `\u003e`, ">"))
	}
	// A version that another program wrote shows what is known of it.
	view.Version = &format.Version{Package: "money", Name: "1", Metadata: []byte("{}"), Files: []*format.File{{Name: "noarch/x", Metadata: []byte("{}")}, {Name: "noarch/money-1-0.conda"}}}
	view.Package = &format.Package{Name: "money"}
	if p := New().Present(view); len(p.Tasks) != 3 || p.Dependencies != nil {
		t.Errorf("%+v", p)
	}
}
