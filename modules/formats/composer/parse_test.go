package composer

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/golden"
	"ingot.dev/modules/ordered"
)

func manifests(t testing.TB) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob("testdata/manifest/*.json")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no manifests: %v", err)
	}
	files := make(map[string][]byte)
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files[strings.TrimSuffix(filepath.Base(path), ".json")] = b
	}
	return files
}

func TestParseManifest(t *testing.T) {
	t.Parallel()
	for name, b := range manifests(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := ParseManifest(b)
			if err != nil {
				t.Fatal(err)
			}
			raw := m.Raw
			m.Raw = nil
			var got bytes.Buffer
			enc := json.NewEncoder(&got)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			if err := enc.Encode(m); err != nil {
				t.Fatal(err)
			}
			golden.Equal(t, filepath.Join("manifest", name+".golden"), got.Bytes())
			golden.Equal(t, filepath.Join("manifest", name+".raw.golden"), raw)
		})
	}
}

func TestParseManifestRefuses(t *testing.T) {
	t.Parallel()
	// in puts fields into an otherwise good file, from line 3 on.
	in := func(fields string) string { return "{\n  \"name\": \"acme/lib\",\n" + fields + "\n}\n" }
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "composer.json, line 1, column 1: expected a value, found the end of the text"},
		{"no JSON", in(`  "require": {"php": "^8.2"}` + "\n" + `  "license": "MIT"`), "composer.json, line 3, column 29: expected a comma or a closing brace, found a string"},
		{"BOM", "\xef\xbb\xbf{}", "composer.json, line 1, column 1: the text begins with a byte order mark; save it as UTF-8 without BOM"},
		{"Latin-1", in(`"description": "caf` + "\xe9" + `"`), "composer.json, line 3, column 20: the text is not UTF-8"},
		{"twice", in(`"type": "library", "type": "project"`), `composer.json, line 3, column 20: "type" stands twice, first on line 3; keep one of them`},
		{"deep", in(`"extra": ` + strings.Repeat("[", 64) + strings.Repeat("]", 64)), "composer.json, line 3, column 73: objects and lists stand more than 64 deep in each other"},
		{"large", strings.Repeat(" ", 1<<20+1), "composer.json is larger than 1 MiB, the most that is taken"},
		{"list", "\n[]", `composer.json, line 2: the file must hold an object: { ... }`},
		{"number", "7", `composer.json, line 1: the file must hold an object: { ... }`},

		{"no name", "\n{\"version\": \"1.0\"}", `composer.json, line 2: "name" is missing; a package that is published has one, as in "name": "acme/http-client"`},
		{"null name", "{\n\"name\": null}", `composer.json, line 2: "name" is missing; a package that is published has one, as in "name": "acme/http-client"`},
		{"name without vendor", "{\n\"name\": \"lib\"}", `composer.json, line 2: "lib" is no package name: write the vendor's name, a slash and the package's name in lower case, as in acme/http-client; words of letters and digits may be parted by -, . or _`},
		{"upper-case name", "{\"name\": \"Acme/Lib\"}", `composer.json, line 1: "Acme/Lib" has upper-case letters, which package names may not have; "acme/lib" would do`},
		{"name of the wrong kind", "{\"name\": 5}", `composer.json, line 1: "name" must be a string`},
		{"version as a number", in(`"version": 1.0`), `composer.json, line 3: "version" must be a string`},
		{"bad version", in(`"version": "one"`), `composer.json, line 3: Invalid version string "one": write up to four numbers, as in 1.2.3, with -alpha1, -beta1, -RC1, -patch1 or -dev behind them if needed, or dev- and a branch's name`},
		{"type", in(`"type": "my library"`), `composer.json, line 3: "type" "my library" may hold letters, digits, hyphens, dots and underscores only`},

		{"require as a list", in(`"require": ["php"]`), `composer.json, line 3: "require" must be an object of strings`},
		{"require as text", in("\"require\":\n\"php\""), `composer.json, line 4: "require" must be an object of strings`},
		{"constraint as a number", in("\"require\": {\n\"php\": 8}"), `composer.json, line 4: "require.php" must be a string`},
		{"constraint null", in("\"require\": {\n\"php\": null}"), `composer.json, line 4: "require.php" must be a string`},
		{"requires itself", in("\"require-dev\": {\n\"Acme/lib\": \"*\"}"), `composer.json, line 4: a package cannot set a "require-dev" on itself`},
		{"bad link", in(`"replace": {"a b": "*"}`), `composer.json, line 3: "a b" in "replace" is no package name`},
		{"license", in(`"license": {"MIT": true}`), `composer.json, line 3: "license" must be a string or a list of strings`},
		{"license list", in(`"license": ["MIT", 2]`), `composer.json, line 3: "license.1" must be a string`},
		{"keywords", in(`"keywords": "a, b"`), `composer.json, line 3: "keywords" must be a list of strings`},
		{"authors", in(`"authors": {"name": "A"}`), `composer.json, line 3: "authors" must be a list of objects`},
		{"author", in("\"authors\": [{},\n\"A\"]"), `composer.json, line 4: "authors.1" must be an object`},
		{"author's mail", in(`"authors": [{"email": ["a@b"]}]`), `composer.json, line 3: "authors.0.email" must be a string`},
		{"support", in(`"support": {"source": true}`), `composer.json, line 3: "support.source" must be a string`},
		{"funding", in(`"funding": "https://a.example"`), `composer.json, line 3: "funding" must be a list of objects`},
		{"autoload", in(`"autoload": "src"`), `composer.json, line 3: "autoload" must be an object`},
		{"psr-4", in(`"autoload": {"psr-4": {"A\\": {"b": "c"}}}`), `composer.json, line 3: "autoload.psr-4.A\\" must be a string or a list of strings`},
		{"classmap", in(`"autoload": {"classmap": "src"}`), `composer.json, line 3: "autoload.classmap" must be a list of strings`},
		{"bin", in(`"bin": {"a": "b"}`), `composer.json, line 3: "bin" must be a string or a list of strings`},
		{"bin outside", in(`"bin": ["bin/ok", "a\\..\\..\\evil"]`), `composer.json, line 3: "bin" must not leave the package: "a\\..\\..\\evil" has a ".." in it`},
		{"extra", in(`"extra": "x"`), `composer.json, line 3: "extra" must be an object`},
		{"extra list", in(`"extra": [1]`), `composer.json, line 3: "extra" must be an object`},
		{"abandoned", in(`"abandoned": 1`), `composer.json, line 3: "abandoned" must be true, false or the name of the package to use instead`},
		{"archive", in(`"archive": {"exclude": "/tests"}`), `composer.json, line 3: "archive.exclude" must be a list of strings`},
		{"long exclude", in(`"archive": {"exclude": ["` + strings.Repeat("x", 16385) + `"]}`), `composer.json, line 3: "archive.exclude" is 16385 bytes long; at most 16384 are taken`},
		{"target-dir", in(`"target-dir": []`), `composer.json, line 3: "target-dir" must be a string`},
		{"the word for nothing", in(`"x": "__unset"`), `composer.json, line 3: "x" must not be "__unset": the word means in Composer's metadata that the field is gone`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m, err := ParseManifest([]byte(c.text))
			if err == nil {
				t.Fatalf("passes: %+v", m)
			}
			if !fault.Is(err, fault.Unprocessable) {
				t.Errorf("fails as %v", fault.KindOf(err))
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, b := range manifests(f) {
		f.Add(b)
	}
	f.Add([]byte(`{"name":"a/b","require":{"php":8}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := ParseManifest(b)
		if err != nil {
			if !fault.Is(err, fault.Unprocessable) || !strings.HasPrefix(err.Error(), "composer.json") {
				t.Fatal(err)
			}
			return
		}
		again, err := ParseManifest(m.Raw)
		if err != nil {
			t.Fatalf("%q passes, its canonical form %q not: %v", b, m.Raw, err)
		}
		if diff := cmp.Diff(m, again); diff != "" {
			t.Fatalf("the canonical form says something else: %s", diff)
		}
		o, err := VersionObject(m.Raw, Entry{Name: m.Name, Version: "1", Normalized: "1.0.0.0"})
		if err != nil {
			t.Fatal(err)
		}
		if document := Document(m.Name, []ordered.Object{o, o}); !json.Valid(document) {
			t.Fatalf("%s is no JSON", document)
		}
		CompileExclude(m.ArchiveExclude).Filter("src/a.php", false)
	})
}
