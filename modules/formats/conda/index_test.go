package conda

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"ingot.dev/modules/format"
	"ingot.dev/modules/format/formattest"
	"ingot.dev/modules/formats/conda/condatest"
	"ingot.dev/modules/golden"
)

// furnished is a channel with packages of all kinds.
func furnished(t testing.TB) *shelf {
	t.Helper()
	s := newShelf()
	s.must(t, "", simple("round", "1.0"))
	s.must(t, "", simple("round", "1.5"))
	s.must(t, "", simple("round", "2.0"))
	s.must(t, "", simple("round", "3.0rc1", "sums"))
	s.must(t, "main/", simple("round", "9.0"))
	s.must(t, "label/dev/", simple("sums", "0.1"))
	odd := simple("odd", "1")
	odd.Index = `{"name":"odd","version":"1","build":"0","depends":null,"noarch":"generic","novel":"<&>"}`
	odd.Info = []formattest.Entry{
		{Name: "info/about.json", Text: `{"summary":"Odd","license":"MIT","home":"https://odd.example","dev_url":"https://odd.example/dev"}`},
		{Name: "info/run_exports.json", Text: `{"weak":["odd >=1"]}`},
	}
	odd.Files = []formattest.Entry{{Name: "etc/conda/activate.d/odd.sh"}}
	s.must(t, "", odd)
	money := condatest.Build{Name: "money", Version: "2.1", Build: "py_1", Index: indexText("money", "2.1", "py_1", `"subdir":"linux-64","timestamp":1700000000123`, "round >=1.0,<2", "__glibc >=2.17")}
	if got := s.put(t, "money-2.1-py_1.tar.bz2", testdata(t, "money-2.1-py_1.tar.bz2")); got != "published\n" {
		t.Fatal(got)
	}
	s.must(t, "linux-64/", money)
	s.must(t, "", simple("uses", "1.0", "round >=1.0,<2", "absent", "round 2.0"))
	return s
}

// TestDocuments holds all indexes against what they were; run it with -update
// and look at them.
func TestDocuments(t *testing.T) {
	t.Parallel()
	s := furnished(t)
	for file, path := range map[string]string{
		"repodata.json": "noarch/repodata.json", "linux.json": "linux-64/repodata.json", "current.json": "noarch/current_repodata.json",
		"run_exports.json": "noarch/run_exports.json", "channeldata.json": "channeldata.json", "main.json": "main/channeldata.json",
		"empty.json": "win-64/repodata.json",
	} {
		text := s.get(t, path)
		var b bytes.Buffer
		if err := json.Indent(&b, []byte(text), "", " "); err != nil {
			t.Errorf("%s: %v in %s", path, err, text)
			continue
		}
		golden.Equal(t, file, b.String())
	}
}

func TestFoldersThatAreNone(t *testing.T) {
	t.Parallel()
	s := furnished(t)
	empty := `{"info":{"subdir":"`
	for path, want := range map[string]string{
		"main/linux-64/repodata.json":        empty,
		"label/dev/osx-64/repodata.json":     empty,
		"amiga-68k/repodata.json":            "not found",
		"main/amiga-68k/repodata.json":       "not found",
		"label/noarch/repodata.json":         "not found", // though a channel lies below it
		"other/noarch/repodata.json":         "not found",
		"other/noarch/run_exports.json":      "not found",
		"other/linux-64/repodata.json":       "not found",
		"other/channeldata.json":             "not found",
		"Main/noarch/repodata.json":          "not found",
		"linux-64/noarch/repodata.json":      "not found",
		"noarch/repodata.json.bz2":           "not found",
		"noarch/patch_instructions.json":     "not found",
		"noarch/round-9.0-0.conda":           "not found",
		"main/noarch/round-1.0-0.conda":      "not found",
		"other/noarch/current_repodata.json": "not found",
	} {
		if got := s.get(t, path); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %.200s", path, got)
		}
	}
	void := newShelf()
	for _, path := range []string{"noarch/repodata.json", "noarch/current_repodata.json", "linux-64/run_exports.json", "noarch/repodata.json.zst"} {
		if got := void.get(t, path); !strings.HasPrefix(got, empty) {
			t.Errorf("%s of an empty channel: %s", path, got)
		}
	}
}

// TestQuestions: the number of questions to the database does not depend on the
// number of packages.
func TestQuestions(t *testing.T) {
	t.Parallel()
	for _, n := range []int{3, 300} {
		s := crowd(n)
		for _, d := range New().Documents() {
			if d.Packed.Of != "" {
				continue
			}
			s.asked = 0
			key := noarch
			if d.Kind == channeldataKind {
				key = ""
			}
			if err := d.Build(t.Context(), format.Build{Reg: s, Key: key}, &bytes.Buffer{}); err != nil {
				t.Fatal(err)
			}
			if want := map[string]int{currentKind: 2}[d.Kind]; s.asked != max(want, 1) {
				t.Errorf("%s of %d packages asked %d times", d.Kind, n, s.asked)
			}
		}
	}
}

// TestTwinsGoOneByOne: the older form comes back where the newer is deleted.
func TestTwinsGoOneByOne(t *testing.T) {
	t.Parallel()
	s := furnished(t)
	v := s.packages["money"][0]
	v.Files = v.Files[1:] // without the .conda
	if got := s.get(t, "linux-64/repodata.json"); !strings.Contains(got, `"packages.conda":{},"packages":{"money-2.1-py_1.tar.bz2":{`) {
		t.Error(got)
	}
	if got := s.get(t, "linux-64/money-2.1-py_1.tar.bz2"); got != string(testdata(t, "money-2.1-py_1.tar.bz2")) {
		t.Errorf("%.100q", got)
	}
}
