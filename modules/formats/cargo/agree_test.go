package cargo

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/fault"
)

// published.json in testdata is what cargo 1.95 sends with the Cargo.toml
// beside it.
func TestAgree(t *testing.T) {
	t.Parallel()
	right := string(fixture(t, "published.json"))
	for what, change := range map[string][2]string{
		"as cargo sends it":          {},
		"of a cargo that is older":   {`"rust_version": "1.56"`, `"rust_version": null`},
		"crates.io by its other way": {cratesIO, sparseCratesIO},
		"features in another order":  {`"y",` + "\n        " + `"x"`, `"x","y"`},
		"of what is left out":        {`"f2": []`, `"f2": ["devonly/zz", "dep:devonly", "devonly?/x"]`},
	} {
		m := manifestOf(t, "Cargo.toml")
		m.settle(base)
		before := cmp.Diff(m.line, line{})
		p, err := parsePublished([]byte(replaced(t, right, change)))
		if err != nil {
			t.Fatal(err)
		}
		if err := m.agree(p, nil); err != nil || cmp.Diff(m.line, line{}) != before {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, change := range map[string][2]string{
		"the name is":                      {`"Acme_money"`, `"acme_money"`},
		"the version is":                   {`"1.2.0+linux"`, `"1.2.0"`},
		"links is":                         {`"links": "money"`, `"links": null`},
		"rust-version is":                  {`"1.56"`, `"1.57"`},
		"the dependency acme-leaf =1.2.3":  {`"=1.2.3"`, `"^1.2.3"`},
		"the dependency acme-leaf-two":     {`target_os = \"linux\"`, `target_os = \"macos\"`},
		"the dependency real":              {`"explicit_name_in_toml": "real"`, `"explicit_name_in_toml": "other"`},
		"the dependency acme-real *":       {`"kind": "dev"`, `"kind": "normal"`},
		"the dependency serde 1.0.*":       {`"optional": true,` + "\n      " + `"default_features": true,` + "\n      " + `"name": "serde"`, `"name": "serde"`},
		"the dependency serde is of this":  {`"registry": "` + cratesIO + `"`, `"registry": null`},
		"the dependency serde is of":       {cratesIO, "https://evil.example"},
		`the feature f1 turns on`:          {`"dep:serde",`, ``},
		"has a feature f3":                 {`"f2": []`, `"f2": [], "f3": []`},
		"the request lacks the feature f1": {`"default": [],`, `"default": [] } , "x": {`},
		"a dependency evil":                {`"deps": [`, `"deps": [{"name": "evil", "version_req": "*", "kind": "normal", "default_features": true},`},
	} {
		m := manifestOf(t, "Cargo.toml")
		m.settle(base)
		p, err := parsePublished([]byte(replaced(t, right, change)))
		if err == nil {
			err = m.agree(p, nil)
		}
		if !fault.Is(err, fault.Unprocessable) || !strings.Contains(fault.From(err).Message, what) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func replaced(t *testing.T, text string, change [2]string) string {
	t.Helper()
	if change[0] == "" {
		return text
	}
	if !strings.Contains(text, change[0]) {
		t.Fatalf("there is no %q", change[0])
	}
	return strings.Replace(text, change[0], change[1], 1)
}

// A registry may be reached by another address than its own: then only the
// client knows that it is the one that is published to.
func TestAgreeOnRegistries(t *testing.T) {
	t.Parallel()
	const other = "sparse+http://other/index/"
	for _, c := range []struct{ packed, said, want string }{
		{"sparse+" + base + "/", "", ""},
		{"sparse+" + base + "/", "sparse+" + base + "/", ""},
		{base, "sparse+" + base + "/", ""},
		{"sparse+http://127.0.0.1/cargo/", "", ""},
		{"sparse+http://127.0.0.1/project/ACME/crates/package/-/cargo", "", ""},
		{"sparse+http://127.0.0.1/project/acme/other/package/-/", "", "refused"},
		{other, "", "refused"},
		{other, other, other},
		{other, "sparse+http://other/index", other},
		{other, cratesIO, "refused"},
		{other, "sparse+" + base + "/", "refused"},
		{"", cratesIO, cratesIO},
		{"", "", "refused"},
		{"", other, "refused"},
	} {
		index := ""
		if c.packed != "" {
			index = `, registry-index = "` + c.packed + `"`
		}
		m, err := parseManifest([]byte("[package]\nname = \"a\"\nversion = \"1.0.0\"\n[dependencies]\nx = { version = \"1\"" + index + " }\n"))
		if err != nil {
			t.Fatal(err)
		}
		m.settle(base)
		d := publishedDep{Name: "x", Req: "^1", Kind: "normal", DefaultFeatures: true}
		if c.said != "" {
			d.Registry = &c.said
		}
		err = m.agree(&published{Name: "a", Version: "1.0.0", deps: []publishedDep{d}}, []string{"/project/acme/crates/package/-/cargo", "/cargo"})
		got := ""
		if r := m.Deps[0].Registry; r != nil {
			got = *r
		}
		if err != nil {
			got = "refused"
		}
		if got != c.want {
			t.Errorf("%q packed, %q said: %q, want %q (%v)", c.packed, c.said, got, c.want, err)
		}
	}
}

func TestParsePublishedRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "[]", `{"name": 1}`, `{"deps": {}}`, `{"deps": [1]}`, `{"features": []}`, `{"deps": ` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`,
		`{"deps": [` + strings.Repeat("{},", maxDependencies) + `{}]}`,
	} {
		if p, err := parsePublished([]byte(text)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%.60q is taken as %+v, %v", text, p, err)
		}
	}
}
