package conda

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCanonicalName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"money": "money", "Acme-Money": "acme-money", "_libgcc_mutex": "_libgcc_mutex", "r-base": "r-base", "0ad": "0ad", "c++": "", "a.b_c-d": "a.b_c-d",
		"libstdcxx-ng": "libstdcxx-ng", "__cuda": "", "a--b": "", "a._b": "", "-a": "", ".a": "", "": "", "_": "", "a b": "", "a/b": "", "\u212Aelvin": "",
		"a\n": "", strings.Repeat("a", 64): strings.Repeat("a", 64), strings.Repeat("a", 65): "",
	} {
		got, err := New().CanonicalName(name)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q is %q, %v; want %q", name, got, err, want)
		}
	}
}

// Incident 18: the parts of a joined name are found from its end, for only the
// first may have a dash, and they are held against index.json.
func TestFileNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]fileName{
		"money-2.1-py_1.conda":                  {"money", "2.1", "py_1", second},
		"a-b-c-1!2_+l-h1_0.tar.bz2":             {"a-b-c", "1!2_+l", "h1_0", first},
		"x-1-0.conda.tar.bz2":                   {"x", "1", "0.conda", first},
		"money-2.1.conda":                       {},
		"money.conda":                           {},
		"-2.1-0.conda":                          {},
		"money--0.conda":                        {},
		"money-1-.conda":                        {},
		"money-2.1-py_1.CONDA":                  {},
		"money-2.1-py_1.tar.gz":                 {},
		"repodata.json":                         {},
		".conda":                                {},
		"":                                      {},
		strings.Repeat("a", 210) + "-1-0.conda": {},
	} {
		got, err := parseFileName(name)
		if (err == nil) != (want != fileName{}) || err == nil && got != want {
			t.Errorf("%q is %+v, %v", name, got, err)
		}
		if err == nil && got.String() != name {
			t.Errorf("%q comes back as %q", name, got)
		}
	}
}

func TestPlace(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", maxPart)
	for _, test := range []struct{ channel, folders, subdir, want string }{
		{"", "", noarch, "noarch"},
		{"", "noarch", noarch, "noarch"},
		{"", "main", noarch, "main/noarch"},
		{"", "main/noarch", noarch, "main/noarch"},
		{"", "label/dev/linux-64", "linux-64", "label/dev/linux-64"},
		{"", "conda-forge", "linux-64", "conda-forge/linux-64"},
		{"main", "", "win-64", "main/win-64"},
		{"/main/", "", "win-64", "main/win-64"},
		{"main", "win-64", "win-64", "main/win-64"},
		{"main", "main/win-64", "win-64", "main/win-64"},
		{"", "linux-64", noarch, ""},
		{"", "main/win-64", "linux-64", ""},
		{"main", "other", noarch, ""},
		{"noarch", "", noarch, ""},
		{"a/linux-64/b", "", noarch, ""},
		{"Main", "", noarch, ""},
		{"..", "", noarch, ""},
		{"a//b", "", noarch, ""},
		{".a", "", noarch, ""},
		{long + "a", "", noarch, ""},
		{long + "/" + long, "", noarch, ""},
	} {
		at, err := place(test.channel, test.folders, test.subdir)
		got := at.String()
		if err != nil {
			got = ""
		}
		if got != test.want {
			t.Errorf("%+v leads to %q, %v", test, got, err)
		}
	}
}

func TestSpecs(t *testing.T) {
	t.Parallel()
	versions := []string{"1.9.9", "2.0rc1", "2.0", "2.0.1", "2.1", "2.10", "1!1.0"}
	for text, want := range map[string]string{
		"money":                   "1.9.9 2.0rc1 2.0 2.0.1 2.1 2.10 1!1.0",
		"money *":                 "1.9.9 2.0rc1 2.0 2.0.1 2.1 2.10 1!1.0",
		"money 2.0":               "2.0",
		"money 2.0.0":             "2.0",
		"money ==2.1":             "2.1",
		"money 2.0.*":             "2.0rc1 2.0 2.0.1",
		"money 2.1*":              "2.1",
		"money =2":                "2.0rc1 2.0 2.0.1 2.1 2.10",
		"money >=2.0,<2.10":       "2.0 2.0.1 2.1",
		"money >=2.0,!=2.0.*":     "2.1 2.10 1!1.0",
		"money !=2.0":             "1.9.9 2.0rc1 2.0.1 2.1 2.10 1!1.0",
		"money <2|>=1!0":          "1.9.9 2.0rc1 1!1.0",
		"money ~=2.0":             "2.0 2.0.1 2.1 2.10",
		"money>=2.10":             "2.10 1!1.0",
		"money <=2.0 h*_0":        "1.9.9 2.0rc1 2.0",
		"money <=2.0 py*":         "",
		"money[version='>3']":     "1.9.9 2.0rc1 2.0 2.0.1 2.1 2.10 1!1.0",
		"conda-forge::money 2.1":  "2.1",
		"Money 2.1":               "2.1",
		"money ^2\\.1$":           "1.9.9 2.0rc1 2.0 2.0.1 2.1 2.10 1!1.0",
		"money a b c":             "1.9.9 2.0rc1 2.0 2.0.1 2.1 2.10 1!1.0",
		"money 1.9.9|2.0.1,>=2.0": "1.9.9 2.0.1",
	} {
		s := parseSpec(text)
		if s.name != "money" {
			t.Errorf("%q is of %q", text, s.name)
		}
		var got []string
		for _, v := range versions {
			if s.matches(v, "h1_0") {
				got = append(got, v)
			}
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
	if s := parseSpec("money 2.0 PyH_*"); !s.matches("2.0", "PyH_0") || s.matches("2.0", "0") {
		t.Error("builds are told apart by letter case, or not at all")
	}
}

// matches tells whether a build of a version fits.
func (s *spec) matches(version, build string) bool {
	return s.takes(parseVersion(version)) && s.takesBuild(build)
}

// TestMessagesAreShort: a message repeats the beginning of an address only.
func TestMessagesAreShort(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a/", 20_000) + "a"
	_, err := place("main", long, noarch)
	for _, err := range []error{err, folder{long, noarch}.check(), checkChannel(strings.Repeat("A", maxChannel))} {
		if err == nil || len(err.Error()) > 500 {
			t.Errorf("%.600v", err)
		}
	}
}
