package composer

import (
	"archive/zip"
	"bytes"
	"context"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/fault"
)

// pack makes a zip of pairs of name and content.
func pack(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(b []byte) (*Package, error) {
	return OpenPackage(context.Background(), bytes.NewReader(b), int64(len(b)))
}

func TestOpenPackage(t *testing.T) {
	t.Parallel()
	const manifest = `{"name":"acme/lib"}`
	for _, c := range []struct {
		name       string
		files      []string
		readmeName string
		readme     string
	}{
		{"at the top", []string{"composer.json", manifest, "src/a.php", "<?php"}, "", ""},
		{"in a folder", []string{"lib-1.0/", "", "lib-1.0/composer.json", manifest, "lib-1.0/README.md", "# Lib"}, "README.md", "# Lib"},
		{"in a folder packed by a Mac", []string{".DS_Store", "x", "lib/composer.json", manifest}, "", ""},
		{"a readme by preference", []string{"composer.json", manifest, "readme", "plain", "Readme.MD", "# Lib", "docs/README.md", "other"}, "Readme.MD", "# Lib"},
		{"a readme that composer.json names", []string{"composer.json", `{"name":"acme/lib","readme":"docs/intro.md"}`, "README.md", "# Lib", "docs/intro.md", "# Intro"}, "docs/intro.md", "# Intro"},
		{"a readme that is not there", []string{"composer.json", `{"name":"acme/lib","readme":"../../etc/passwd"}`, "README.txt", "Lib"}, "README.txt", "Lib"},
		{"a readme that is too large", []string{"composer.json", manifest, "README.md", strings.Repeat("x", maxReadme+1), "README.txt", "short"}, "README.txt", "short"},
		{"a readme of any bytes", []string{"composer.json", manifest, "README.md", "a\x00b\xff"}, "README.md", "ab\uFFFD"},
		{"readme of the folder above", []string{"composer.json", manifest, "lib/README.md", "# Other"}, "", ""},
		{"a second composer.json below", []string{"composer.json", manifest, "lib/composer.json", "{"}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p, err := open(pack(t, c.files...))
			if err != nil {
				t.Fatal(err)
			}
			if p.Manifest.Name != "acme/lib" || p.ReadmeName != c.readmeName || p.Readme != c.readme {
				t.Errorf("got %q with readme %q: %q", p.Manifest.Name, p.ReadmeName, p.Readme)
			}
		})
	}
}

func TestOpenPackageRefuses(t *testing.T) {
	t.Parallel()
	const noManifest = "the zip has no composer.json at its top, nor in the only folder there; pack the folder that holds composer.json"
	for _, c := range []struct {
		name string
		body []byte
		kind fault.Kind
		want string
	}{
		{"no manifest", pack(t, "README.md", "x"), fault.Invalid, noManifest},
		{"empty zip", pack(t), fault.Invalid, noManifest},
		{"two folders", pack(t, "a/composer.json", "{}", "b/x", "y"), fault.Invalid, noManifest},
		{"two deep", pack(t, "a/b/composer.json", "{}"), fault.Invalid, noManifest},
		{"folder and file", pack(t, "a/composer.json", "{}", "x", "y"), fault.Invalid, noManifest},
		{"a folder of that name", pack(t, "composer.json/x", "y"), fault.Invalid, noManifest},
		{"two spellings", pack(t, "COMPOSER.JSON", "{}", "composer.json", `{"name":"acme/lib"}`), fault.Invalid, `the zip has a file "COMPOSER.JSON", which some systems take for composer.json; remove it`},
		{"broken manifest", pack(t, "composer.json", "{\n\"name\" }"), fault.Unprocessable, "composer.json, line 2, column 8: expected a colon after the key, found '}'"},
		{"large manifest", pack(t, "composer.json", strings.Repeat(" ", maxManifest+1)), fault.Unprocessable, "composer.json is larger than 1 MiB, the most that is taken"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := open(c.body)
			if err == nil {
				t.Fatal("passes")
			}
			if !fault.Is(err, c.kind) {
				t.Errorf("fails as %v", fault.KindOf(err))
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" {
				t.Error(diff)
			}
		})
	}
	good := pack(t, "composer.json", `{"name":"acme/lib"}`)
	for name, body := range map[string][]byte{
		"nothing": nil, "text": []byte("hello"), "a tarball": []byte("\x1f\x8b\x08\x00"),
		"cut short": good[:len(good)-10], "cut at the front": good[10:],
	} {
		if _, err := open(body); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOpenPackageOverlooksALinkForReadme(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, content := range map[string]string{"composer.json": `{"name":"acme/lib"}`, "docs/README.md": "# Lib", "README.md": "docs/README.md"} {
		h := &zip.FileHeader{Name: name}
		h.SetMode(0o644)
		if name == "README.md" {
			h.SetMode(fs.ModeSymlink | 0o777)
		}
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	p, err := open(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if p.ReadmeName != "" {
		t.Errorf("the link's target passes for the readme: %q", p.Readme)
	}
}

func FuzzOpenPackage(f *testing.F) {
	for _, b := range manifests(f) {
		f.Add(pack(f, "composer.json", string(b), "README.md", "# Read"))
		f.Add(pack(f, "lib-1.0/composer.json", string(b), "lib-1.0/src/a.php", "<?php"))
	}
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := open(b)
		if err != nil {
			if k := fault.KindOf(err); k != fault.Invalid && k != fault.Unprocessable && k != fault.TooLarge {
				t.Fatalf("%v: %v", k, err)
			}
			return
		}
		if err := CheckName(p.Manifest.Name); err != nil {
			t.Fatal(err)
		}
		if len(p.Readme) > 3*maxReadme || p.ReadmeName == "" && p.Readme != "" {
			t.Fatalf("readme %q of %d bytes", p.ReadmeName, len(p.Readme))
		}
	})
}
