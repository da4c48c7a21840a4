package cargo

import (
	"testing"

	"ingot.dev/modules/format"
	"ingot.dev/modules/golden"
)

func TestPresent(t *testing.T) {
	t.Parallel()
	s := newShelf(t, "Acme_money", "1.1.0")
	p, err := s.Package(t.Context(), "acme-money")
	if err != nil {
		t.Fatal(err)
	}
	const at = "http://h/project/acme/my.crates/package/-/cargo"
	for file, v := range map[string]format.View{
		"page-registry.json": {Base: at, User: "ann"},
		"page-version.json":  {Base: at, User: "ann", Private: true, Package: p, Version: s.versions[0]},
	} {
		golden.Equal(t, file, indented(t, New().Present(v)))
	}
}

func TestLabel(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"http://h/project/acme/my.crates/package/-/cargo": "acme-my-crates",
		"http://h/company/acme/package/-/cargo":           "acme",
		"http://h/user/ann.b/package/-/cargo":             "ann-b",
		"http://h/registry/package/-/cargo":               "ingot",
	} {
		if got := label(address); got != want {
			t.Errorf("%s is called %q, want %q", address, got, want)
		}
	}
}
