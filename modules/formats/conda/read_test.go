package conda

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format/formattest"
	"ingot.dev/modules/formats/conda/condatest"
)

func read(t testing.TB, name string, body []byte) (*contents, error) {
	t.Helper()
	file, err := parseFileName(name)
	if err != nil {
		t.Fatal(err)
	}
	return readPackage(t.Context(), blob.FromBytes(body), file)
}

func testdata(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestReadPackage(t *testing.T) {
	t.Parallel()
	b := condatest.Build{
		Name: "money", Version: "2.1", Build: "py_1", Index: indexText("money", "2.1", "py_1", `"subdir":"linux-64"`, "round"),
		Info: []formattest.Entry{
			{Name: "info/about.json", Text: `{"summary":"Sums","license":"MIT"}`},
			{Name: "info/run_exports.json", Text: `["money"]`},
			{Name: "info/paths.json", Text: `{"paths_version":1,"x":{"y":[1]},"paths":[{"_path":"a"},{"_path":"b","prefix_placeholder":"/p","file_mode":"binary"}]}`},
			{Name: "info/recipe/meta.yaml", Text: "package:\n"},
		},
		Files: []formattest.Entry{
			{Name: "etc/conda/deactivate.d/money.sh"}, {Name: "Scripts/.money-pre-unlink.bat"}, {Name: "bin/.money-pre-link.sh"}, {Name: "bin/.other-post-link.sh"},
		},
	}
	got, err := read(t, b.File(), b.Conda())
	if err != nil {
		t.Fatal(err)
	}
	if got.subdir != "linux-64" || got.about.Summary != "Sums" || string(got.exports) != `{"weak":["money"]}` ||
		!slices.Equal(got.traits, []string{binaryPrefix, deactivates, preLink, preUnlink}) {
		t.Errorf("%+v", got)
	}
	got, err = read(t, "money-2.1-py_1.tar.bz2", testdata(t, "money-2.1-py_1.tar.bz2"))
	if err != nil {
		t.Fatal(err)
	}
	if got.subdir != "linux-64" || got.text("license") != "MIT" || !slices.Equal(got.traits, []string{activates, binaryPrefix, postLink, textPrefix}) {
		t.Errorf("%+v", got)
	}
}

// TestHostilePackages: what two readers could read in different ways, what leads
// out of the folder, what is small only while it is packed, what says something
// else than its name. Incidents 7, 18, 20, 22, 23.
func TestHostilePackages(t *testing.T) {
	t.Parallel()
	b := condatest.Build{Name: "money", Version: "1.0.0", Build: "0"}
	for what, body := range b.Hostile() {
		if _, err := read(t, b.File(), body); !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.TooLarge) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, name := range []string{"Info/index.json", "INFO/repodata_record.json", "info./paths.json", "info ", "Info/x"} {
		b := b
		b.Files = []formattest.Entry{{Name: name, Text: "{}"}}
		if _, err := read(t, b.File(), b.Conda()); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "which some systems take for info") {
			t.Errorf("%s among the files: %v", name, err)
		}
	}
	for _, name := range []string{"info/Index.json", "info/repodata_record.json.", "info/ABOUT.json", "info/files "} {
		b := b
		b.Info = []formattest.Entry{{Name: name, Text: "{}"}}
		if _, err := read(t, b.File(), b.Conda()); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "which some systems take for info/") {
			t.Errorf("%s: %v", name, err)
		}
	}
	older := testdata(t, "money-2.1-py_1.tar.bz2")
	for what, test := range map[string]struct {
		name string
		body []byte
		why  string
	}{
		"more than 8 GiB":      {"large-1-0.tar.bz2", testdata(t, "large-1-0.tar.bz2"), "unpacks to more than 8589934592 bytes"},
		"a bomb":               {"bomb-1-0.tar.bz2", testdata(t, "bomb-1-0.tar.bz2"), "200 times"},
		"another name":         {"other-2.1-py_1.tar.bz2", older, "is that of money-2.1-py_1"},
		"another version":      {"money-2.2-py_1.tar.bz2", older, "is that of money-2.1-py_1"},
		"half":                 {"money-2.1-py_1.tar.bz2", older[:len(older)/2], ""},
		"something behind it":  {"money-2.1-py_1.tar.bz2", append(bytes.Clone(older), "garbage"...), ""},
		"the other form":       {"money-2.1-py_1.conda", older, "zip"},
		"nothing":              {"money-2.1-py_1.tar.bz2", nil, ""},
		"a .conda as .tar.bz2": {"money-1.0.0-0.tar.bz2", b.Conda(), ""},
	} {
		_, err := read(t, test.name, test.body)
		if !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.TooLarge) || !strings.Contains(err.Error(), test.why) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// leaving is a body of which somebody leaves while its middle is read.
type leaving struct {
	blob.Staged
	leave func()
}

func (l leaving) ReadAt(p []byte, at int64) (int, error) {
	if l.Size()/3 < at && at < l.Size()/3*2 {
		l.leave()
	}
	return l.Staged.ReadAt(p, at)
}

// TestReadingEnds: nobody waits for the package any more while a large file of it
// is read.
func TestReadingEnds(t *testing.T) {
	t.Parallel()
	b := condatest.Build{Name: "money", Version: "1.0.0", Build: "0", Files: []formattest.Entry{{Name: "big", Text: formattest.Noise(1 << 20)}}}
	for file, body := range map[string][]byte{b.File(): b.Conda(), "noise-1-0.tar.bz2": testdata(t, "noise-1-0.tar.bz2")} {
		name, err := parseFileName(file)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		if _, err := readPackage(ctx, blob.FromBytes(body), name); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		if _, err := readPackage(ctx, leaving{blob.FromBytes(body), cancel}, name); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", file, err)
		}
	}
}
