package git

import (
	"archive/tar"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/fault"
)

func TestParseAttributes(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		line    string
		pattern string
		ignore  bool
		ok      bool
	}{
		{"a export-ignore", "a", true, true},
		{"  a\t export-ignore \r\n", "a", true, true},
		{"a -export-ignore", "a", false, true},
		{"a !export-ignore", "a", false, true},
		{"a export-ignore=yes", "a", false, true},
		{"a export-ignore -export-ignore", "a", false, true},
		{"a -export-ignore text=auto export-ignore", "a", true, true},
		{`"a b" export-ignore`, "a b", true, true},
		{`"a\tb\"\\\101" export-ignore`, "a\tb\"\\A", true, true},
		{`"a b export-ignore`, `"a`, true, true}, // an open quote is a letter, b an attribute
		{`"a" "b" export-ignore`, "", false, false},
		{"a text", "", false, false},
		{"a", "", false, false},
		{"# a export-ignore", "", false, false},
		{"[attr]a export-ignore", "", false, false},
		{"a export-ignore ?", "", false, false},
		{"a export-ignore builtin_x", "", false, false},
		{"a export-ignore --x", "", false, false},
		{"", "", false, false},
		{"a export-ignore" + strings.Repeat(" ", maxLine), "", false, false},
	} {
		pattern, ignore, ok := parseAttributes(tc.line)
		if ok != tc.ok || ok && (pattern != tc.pattern || ignore != tc.ignore) {
			t.Errorf("%q: got %q %v %v", tc.line, pattern, ignore, ok)
		}
	}
}

// TestExportAsGit compares an export with what git archive takes of a tree
// that has it all.
func TestExportAsGit(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	for path, content := range map[string]string{
		".gitattributes": strings.Join([]string{
			"/tests export-ignore",
			".gitattributes export-ignore",
			"*.dist export-ignore",
			"keep.dist -export-ignore",
			"unset.dist !export-ignore",
			"valued.dist export-ignore=please",
			"docs/** export-ignore",
			"docs/index.md -export-ignore", // below a directory that stays
			"build/ export-ignore",
			"build/keep -export-ignore", // cannot come back: the directory is gone
			"**/cache/*.tmp export-ignore",
			"!src/never export-ignore",
			`\!bang export-ignore`,
			`"with space" export-ignore`,
			"trailing/slash/ export-ignore",
			"a[[:digit:]].txt export-ignore",
			"[unclosed export-ignore",
			"* text=auto",
			"bad export-ignore @@",
			"Case export-ignore",
			"[attr]mine text",
			"crlf export-ignore\r",
			"link export-ignore",
			"deep/*/x export-ignore",
		}, "\n"),
		"src/.gitattributes":     "Foo.php export-ignore\n/Bar.php export-ignore\nsub/*.php export-ignore\n",
		"src/sub/.gitattributes": "Kept.php -export-ignore\n../Bar.php -export-ignore\n.gitattributes -export-ignore\n",
		"tests/a":                "", "src/tests/a": "", "x.dist": "", "keep.dist": "", "unset.dist": "", "valued.dist": "", "src/y.dist": "",
		"docs/index.md": "", "docs/a/b.md": "", "build/keep": "", "build/out": "", "src/build": "", "cache/a.tmp": "", "src/cache/b.tmp": "",
		"src/cache/c": "", "src/never": "", "!bang": "", "with space": "", "trailing/slash/x": "", "a1.txt": "", "ab.txt": "",
		"[unclosed": "", "bad": "", "case": "", "Case": "", "crlf": "", "deep/a/x": "", "deep/a/b/x": "", "deep/x": "",
		"src/Foo.php": "", "src/Bar.php": "", "src/sub/Foo.php": "", "src/sub/Kept.php": "", "src/sub/Bar.php": "", "src/sub/deeper/Foo.php": "",
		"-dash": "", "ümlaut": "", "a/b": "", "a.b": "", "a-b": "",
	} {
		r.write(path, content)
	}
	for name, target := range map[string]string{"link": "keep.dist", "other-link": "a/b", "src/linkdir": "../docs"} {
		if err := os.Symlink(target, filepath.Join(r.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(r.dir, "a.b"), 0o755); err != nil {
		t.Fatal(err)
	}
	r.commit("everything")

	type entry struct{ Path, Mode, Content string }
	var want []entry
	files := tar.NewReader(strings.NewReader(r.git("archive", "--format=tar", "HEAD")))
	for {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		e := entry{h.Name, "0644", string(must(io.ReadAll(files))(t))}
		switch {
		case h.Typeflag == tar.TypeDir, h.Typeflag == tar.TypeXGlobalHeader:
			continue
		case h.Typeflag == tar.TypeSymlink:
			e.Mode, e.Content = "link", h.Linkname
		case h.Mode&0o100 != 0:
			e.Mode = "0755"
		}
		want = append(want, e)
	}
	if len(want) < 20 {
		t.Fatalf("git archived only %d files", len(want))
	}

	var got []entry
	err := r.tree().Export(context.Background(), DefaultLimits(), func(f File) error {
		e := entry{f.Path, "0644", readFile(t, f)}
		switch {
		case f.Mode&os.ModeSymlink != 0:
			e.Mode = "link"
		case f.Mode&0o100 != 0:
			e.Mode = "0755"
		}
		got = append(got, e)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("git archive and the export differ (-git +export):\n%s", diff)
	}
}

func readFile(t testing.TB, f File) string {
	t.Helper()
	r := must(f.Open())(t)
	defer r.Close()
	content := must(io.ReadAll(r))(t)
	if int64(len(content)) != f.Size {
		t.Errorf("%s: %d bytes, announced %d", f.Path, len(content), f.Size)
	}
	return string(content)
}

func TestExportBounds(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	r.write(".gitattributes", strings.Repeat("some-pattern-or-other export-ignore\n", 4000))
	r.commit("many patterns")
	err := r.tree().Export(context.Background(), DefaultLimits(), func(File) error { return nil })
	wantKind(t, err, fault.Unprocessable)

	r.write(".gitattributes", strings.Repeat("#", maxAttributes+1))
	r.commit("much text")
	err = r.tree().Export(context.Background(), DefaultLimits(), func(File) error { return nil })
	wantKind(t, err, fault.TooLarge)
}
