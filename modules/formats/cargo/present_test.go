package cargo

import (
	"strings"
	"testing"

	"ingot.dev/modules/format"
	"ingot.dev/modules/golden"
	"ingot.dev/modules/scope"
)

func TestPresent(t *testing.T) {
	t.Parallel()
	s := newShelf(t, "Acme_money", "1.1.0")
	p, err := s.Package(t.Context(), "acme-money")
	if err != nil {
		t.Fatal(err)
	}
	place := scope.Path{Kind: scope.Project, Owner: "acme", Name: "my.crates"}
	const at = "http://h/project/acme/my.crates/package/-/cargo"
	for file, v := range map[string]format.View{
		"page-registry.json": {Base: at, Path: place, User: "ann"},
		"page-version.json":  {Base: at, Path: place, User: "ann", Private: true, Package: p, Version: s.versions[0]},
	} {
		golden.Equal(t, file, indented(t, New().Present(v)))
	}
	taken := *s.versions[0]
	taken.Yanked = true
	text := string(indented(t, New().Present(format.View{Base: at, Path: place, User: "ann", Package: p, Version: &taken})))
	if !strings.Contains(text, "cargo add Acme_money --registry") || !strings.Contains(text, "cargo yank --undo Acme_money@1.1.0") {
		t.Errorf("of a version that was taken back: %s", text)
	}
}
