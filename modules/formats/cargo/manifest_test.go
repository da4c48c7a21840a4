package cargo

import (
	"strings"
	"testing"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/golden"
)

// Cargo.toml in testdata is what cargo 1.95 made of a manifest with inherited,
// renamed, optional, target-specific, build and development dependencies.
func TestParseManifest(t *testing.T) {
	t.Parallel()
	m := manifestOf(t, "Cargo.toml")
	m.settle(base)
	golden.Equal(t, "manifest.json", indented(t, map[string]any{"about": m.about, "line": m.line, "readme": m.ReadmeFile}))
}

func TestParseManifestOfOld(t *testing.T) {
	t.Parallel()
	m, err := parseManifest([]byte(`
package.name = "old"
package.version = " 0.1.0 "
package.readme = false
lib.proc_macro = true
[dependencies]
a = "1"
b = { version = "2", default_features = false }
[dev_dependencies]
c = "*"
[target.x86_64-pc-windows-gnu.build_dependencies]
d = "=3.0.0"
`))
	if err != nil {
		t.Fatal(err)
	}
	m.settle(base)
	if m.Version != "0.1.0" || !m.NoReadme || !m.Macros || len(m.Deps) != 4 || m.Deps[1].DefaultFeatures || m.Deps[2].Kind != "dev" || *m.Deps[3].Target != "x86_64-pc-windows-gnu" || m.Deps[3].Kind != "build" {
		t.Errorf("%+v", m)
	}
	for _, d := range m.Deps {
		if d.Registry == nil || *d.Registry != cratesIO {
			t.Errorf("%s is not of crates.io", d.Name)
		}
	}
}

// What has the same letters in another case says nothing to cargo.
func TestParseManifestIsExact(t *testing.T) {
	t.Parallel()
	m, err := parseManifest([]byte("[package]\nname = \"a\"\nversion = \"1.0.0\"\nNAME = \"b\"\n[Dependencies]\nevil = \"1\"\n[PACKAGE]\nname = \"c\"\n"))
	if err != nil || m.Name != "a" || len(m.Deps) != 0 {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestParseManifestRefuses(t *testing.T) {
	t.Parallel()
	const right = "[package]\nname = \"a\"\nversion = \"1.0.0\"\n"
	for what, text := range map[string]string{
		"Cargo.toml is no TOML at line 2, column":                     "[package]\nname",
		"has no table package":                                        "[lib]\n",
		"is no name of a crate":                                       "[package]\nname = \"../a\"\nversion = \"1.0.0\"\n",
		"is no version":                                               "[package]\nname = \"a\"\nversion = \"1\"\n",
		"package in Cargo.toml has to be a table":                     "package = 1\n",
		"package.name in Cargo.toml has to be a string":               "[package]\nname = 1\n",
		"package.version in Cargo.toml is that of a workspace":        "[package]\nname = \"a\"\nversion.workspace = true\n",
		"package.authors in Cargo.toml has to be a list of strings":   right + "authors = [1]\n",
		"package.description in Cargo.toml has a NUL":                 right + "description = \"a\\u0000b\"\n",
		"dependencies.x in Cargo.toml has to be a version or a table": right + "[dependencies]\nx = 1\n",
		"dependencies.x in Cargo.toml is that of a workspace":         right + "[dependencies]\nx.workspace = true\n",
		"is no version requirement":                                   right + "[dependencies.x]\n",
		`dependencies.x in Cargo.toml has "path"`:                     right + "[dependencies]\nx = { path = \"x\" }\n",
		`has "git"`:      right + "[dependencies]\nx = { git = \"x\", version = \"1\" }\n",
		`has "registry"`: right + "[dependencies]\nx = { registry = \"x\", version = \"1\" }\n",
		`has "artifact"`: right + "[dependencies]\nx = { artifact = \"bin\", version = \"1\" }\n",
		"dependencies.x.features in Cargo.toml has to be a list":        right + "[dependencies]\nx = { features = \"y\", version = \"1\" }\n",
		"dependencies.x.optional in Cargo.toml has to be true or false": right + "[dependencies]\nx = { optional = 1, version = \"1\" }\n",
		"dependencies.x.registry-index in Cargo.toml is no address":     right + "[dependencies]\nx = { registry-index = \"a b\", version = \"1\" }\n",
		`"a b" in Cargo.toml is no name of a crate`:                     right + "[dependencies]\n\"a b\" = \"1\"\n",
		`"../x" in Cargo.toml is no name of a crate`:                    right + "[dependencies]\nx = { package = \"../x\", version = \"1\" }\n",
		"target.unix.dependencies in Cargo.toml has to be a table":      right + "[target.unix]\ndependencies = 1\n",
		`"a\nb" in Cargo.toml is no name of a feature`:                  right + "[features]\n\"a\\nb\" = []\n",
		`the feature a in Cargo.toml turns on "b c"`:                    right + "[features]\na = [\"b c\"]\n",
		"features.a in Cargo.toml has to be a list":                     right + "[features]\na = \"b\"\n",
		"has more keys than are read":                                   right + "[features]\n" + strings.Repeat("a = []\n", 11_000),
		"a version requirement has at most 32 conditions":               right + "[dependencies]\nx = \"" + strings.Repeat(">1, ", 32) + "<2\"\n",
	} {
		if _, err := parseManifest([]byte(text)); err == nil || !strings.Contains(fault.From(err).Message, what) || !fault.Is(err, fault.Unprocessable) && !fault.Is(err, fault.Invalid) {
			t.Errorf("%.80q gives %v, not %q", text, err, what)
		}
	}
}
