package npm

import (
	"bytes"
	"strings"
	"testing"

	"ingot.dev/modules/fault"
)

func TestOpenTarball(t *testing.T) {
	t.Parallel()
	b := packed(
		t, "any-folder/", "", "any-folder/package.json", "\xef\xbb\xbf"+`{"name":"a","version":"1.0.0"}`,
		"any-folder/readme", "plain", "any-folder/README.md", "# \xff A\x00", "any-folder/README.rst", "rst",
		"any-folder/lib/README.md", "deeper", "any-folder/binding.gyp", "{}", "any-folder/npm-shrinkwrap.json", "{}",
	)
	c, err := openTarball(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	if c.ReadmeName != "README.md" || c.Readme != "# \uFFFD A" {
		t.Errorf("the README is %s, %q", c.ReadmeName, c.Readme)
	}
	if c.Files != 7 || c.Unpacked == 0 || !c.Shrinkwrap || !c.Addon || c.Manifest.Name != "a" {
		t.Errorf("%+v", c)
	}
	if raw, ok := c.Manifest.object.Lookup("hasInstallScript"); !ok || string(raw) != "true" {
		t.Error("what node-gyp builds is not said to run at installation")
	}
	full := packed(t, "p/package.json", `{"name":"a","version":"1.0.0"}`+strings.Repeat(" ", maxPackageFile-30))
	if _, err := openTarball(bytes.NewReader(full), int64(len(full))); err != nil {
		t.Errorf("package.json of the most bytes: %v", err)
	}
	large := packed(t, "p/package.json", `{"name":"a","version":"1.0.0"}`, "p/README.md", strings.Repeat("x", maxReadme+1), "p/readme.txt", "short")
	if c, err := openTarball(bytes.NewReader(large), int64(len(large))); err != nil || c.Readme != "short" {
		t.Errorf("beside a large README: %v, %v", c, err)
	}
}

func TestOpenTarballRefuses(t *testing.T) {
	t.Parallel()
	const manifest = `{"name":"a","version":"1.0.0"}`
	for what, c := range map[string]struct {
		body []byte
		kind fault.Kind
		want string
	}{
		"no tarball":        {[]byte("hello"), fault.Invalid, "gzip"},
		"nothing":           {nil, fault.Invalid, ""},
		"no package.json":   {packed(t, "p/x", ""), fault.Invalid, "no package.json"},
		"deeper":            {packed(t, "p/q/package.json", manifest), fault.Invalid, "no package.json"},
		"at the top":        {packed(t, "package.json", manifest), fault.Invalid, "at its top"},
		"two folders":       {packed(t, "p/package.json", manifest, "q/x", ""), fault.Invalid, "two folders"},
		"another case":      {packed(t, "p/package.json", manifest, "p/Package.JSON", ""), fault.Invalid, "take for package.json"},
		"another letter":    {packed(t, "p/package.json", manifest, "p/package.j\u017fon", ""), fault.Invalid, "take for package.json"},
		"a dot behind":      {packed(t, "p/package.json", manifest, "p/package.json.", ""), fault.Invalid, "take for package.json"},
		"a blank behind":    {packed(t, "p/package.json", manifest, "p/package.json ", ""), fault.Invalid, "take for package.json"},
		"a large manifest":  {packed(t, "p/package.json", manifest+strings.Repeat(" ", maxPackageFile-len(manifest)+1)), fault.Unprocessable, "more than 262144 bytes"},
		"a broken manifest": {packed(t, "p/package.json", "{"), fault.Unprocessable, "package.json, line 1"},
		"a folder of it":    {packed(t, "p/package.json/", ""), fault.Invalid, "no package.json"},
	} {
		if _, err := openTarball(bytes.NewReader(c.body), int64(len(c.body))); !fault.Is(err, c.kind) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", what, err, c.want)
		}
	}
}

func FuzzOpenTarball(f *testing.F) {
	f.Add(packed(f, "package/package.json", `{"name":"a","version":"1.0.0"}`, "package/README.md", "x"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := openTarball(bytes.NewReader(b), int64(len(b)))
		switch {
		case err == nil && (c.Manifest == nil || checkName(c.Manifest.Name) != nil):
			t.Fatalf("%+v", c)
		case err != nil && fault.KindOf(err) == fault.Internal:
			t.Fatal(err)
		}
	})
}
