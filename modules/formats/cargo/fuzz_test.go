package cargo

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format/formattest"
)

// classified fails where the publisher would be told of an error of the server.
func classified(t *testing.T, err error) {
	t.Helper()
	if err != nil && !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Unprocessable) && !fault.Is(err, fault.TooLarge) {
		t.Fatalf("%T %v", err, err)
	}
}

func FuzzCanonicalName(f *testing.F) {
	f.Add("Acme-Money")
	f.Add("nul")
	f.Fuzz(func(t *testing.T, text string) {
		name, err := CanonicalName(text)
		if err != nil {
			classified(t, err)
			return
		}
		if again, err := CanonicalName(name); err != nil || again != name || strings.ContainsAny(name, "-/. \n") || strings.Contains(folder(strings.ToLower(text)), "//") {
			t.Fatalf("%q becomes %q, then %q: %v", text, name, again, err)
		}
	})
}

func FuzzRequirement(f *testing.F) {
	for _, text := range []string{"1.2", ">=1, <2", "1.0.*", "=1.2.3-a+b", "*"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := requirement(text)
		if err != nil {
			classified(t, err)
			return
		}
		if again, err := requirement(got); err != nil || again != got || strings.ContainsAny(got, "\n\"\\") {
			t.Fatalf("%q becomes %q, then %q: %v", text, got, again, err)
		}
	})
}

func FuzzParseManifest(f *testing.F) {
	f.Add(fixture(f, "Cargo.toml"))
	f.Add([]byte("[package]\nname = \"a\"\nversion = \"1.0.0\"\n[[bin]]\nname = \"b\"\n[target.x.dev_dependencies]\nc = { version = \"1\", default_features = false }\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := parseManifest(text)
		if err != nil {
			classified(t, err)
			return
		}
		m.settle(base)
		index, err := json.Marshal(m.line)
		if err != nil || bytes.ContainsAny(index, "\n\x00") {
			t.Fatalf("%q, %v", index, err)
		}
		if len(m.indexes) != len(m.Deps) {
			t.Fatalf("%d registries of %d dependencies", len(m.indexes), len(m.Deps))
		}
		again, err := parseManifest(text)
		if err != nil {
			t.Fatal(err)
		}
		again.settle(base)
		if other, _ := json.Marshal(again.line); !bytes.Equal(index, other) {
			t.Fatalf("%s, then %s", index, other)
		}
	})
}

func FuzzParsePublished(f *testing.F) {
	f.Add(fixture(f, "published.json"))
	f.Add([]byte(`{"name":"Acme_money","vers":"1.2.0+linux","deps":null,"features":{"f2":["x/y"]}}`))
	text := fixture(f, "Cargo.toml")
	f.Fuzz(func(t *testing.T, said []byte) {
		p, err := parsePublished(said)
		if err != nil {
			classified(t, err)
			return
		}
		m, err := parseManifest(text)
		if err != nil {
			t.Fatal(err)
		}
		m.settle(base)
		classified(t, m.agree(p, nil))
	})
}

func FuzzOpenCrate(f *testing.F) {
	f.Add(crateOfFiles("Cargo.toml", manifestText(""), "README.md", "# Money", ".cargo_vcs_info.json", "{}"))
	for _, crate := range formattest.HostileTarballs(folderOf+"Cargo.toml", manifestText("")) {
		if len(crate) < 4<<10 {
			f.Add(crate)
		}
	}
	f.Fuzz(func(t *testing.T, crate []byte) {
		c, err := openCrate(bytes.NewReader(crate), int64(len(crate)))
		if err != nil {
			classified(t, err)
			return
		}
		if c.Name == "" || strings.ContainsAny(c.Readme.Text+c.Readme.Name, "\x00") {
			t.Fatalf("%+v", c)
		}
	})
}
