package composer

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ingot.dev/modules/fault"
)

// normalizeCases are versions and their normal form, "" for what is refused.
var normalizeCases = []struct{ version, normal string }{
	{"1.2.3", "1.2.3.0"},
	{"1", "1.0.0.0"},
	{"0", "0.0.0.0"},
	{"1.2.3.4", "1.2.3.4"},
	{"v1.2", "1.2.0.0"},
	{"V1.2.3", "1.2.3.0"},
	{"00.01.03.04", "00.01.03.04"},
	{"99999.1", "99999.1.0.0"},
	{"1.0.0-beta2", "1.0.0.0-beta2"},
	{"1.0.0-BETA.2", "1.0.0.0-beta2"},
	{"1.0.0b2", "1.0.0.0-beta2"},
	{"1.0-RC1", "1.0.0.0-RC1"},
	{"1.0.0rc1", "1.0.0.0-RC1"},
	{"1.0.0-rC15-dev", "1.0.0.0-RC15-dev"},
	{"1.0.0.RC.15-dev", "1.0.0.0-RC15-dev"},
	{"1.0.0-alpha", "1.0.0.0-alpha"},
	{"1.0.0-alpha.3.1", "1.0.0.0-alpha3.1"},
	{"1.0.0-alpha3-1", "1.0.0.0-alpha3-1"},
	{"1.0.0a", "1.0.0.0-alpha"},
	{"1.0.0.0-patch1", "1.0.0.0-patch1"},
	{"1.0.0p1", "1.0.0.0-patch1"},
	{"1.0.0pl3", "1.0.0.0-patch3"},
	{"1.0.0-pl3", "1.0.0.0-patch3"},
	{"1.0-stable", "1.0.0.0"},
	{"1.0-STABLE", "1.0.0.0"},
	{"1.0.0+build", "1.0.0.0"},
	{"1.0.0-beta.5+foo.bar", "1.0.0.0-beta5"},
	{"1.0+fö", "1.0.0.0"},
	{"1.0.0+foo@bar", "1.0.0.0"},
	{"1.2.3-dev", "1.2.3.0-dev"},
	{"1.2.3dev", "1.2.3.0-dev"},
	{"1.0.0-alpha-dev", "1.0.0.0-alpha-dev"},
	{"2010.01", "2010.01.0.0"},
	{"2010.01.02", "2010.01.02.0"},
	{"2010-01-02", "2010.01.02"},
	{"2010-01+build", "2010.01"},
	{"2010.1.555", "2010.1.555.0"},
	{"201001", "201001"},
	{"20100102", "20100102"},
	{"20100102-203040", "20100102.203040"},
	{"20100102.203040-p1", "20100102.203040-patch1"},
	{"2010-01-02.5", "2010.01.02.5"},
	{"2010-01-02-10-20-30.5", "2010.01.02.10.20.30.5"},
	{"2010-01-02-10-20-30.5.8", "2010.01.02.10.20.30.5.8"},
	{"20100102203040-10", "20100102203040.10"},
	{"201903.0", "201903.0"},
	{"dev-main", "dev-main"},
	{"DEV-Main", "dev-Main"},
	{"dev-feature/x", "dev-feature/x"},
	{"dev-feature+issue-1", "dev-feature+issue-1"},
	{"dev-1.0", "dev-1.0"},
	{"dev-a..b/.c", "dev-a..b/.c"},
	{"1.0.0+a/b", "1.0.0.0"},
	{"dev-ветка", "dev-ветка"},
	{"master", "dev-master"},
	{"trunk", "dev-trunk"},
	{"default", "dev-default"},
	{"1.x-dev", "1.9999999.9999999.9999999-dev"},
	{"1.X-DEV", "1.9999999.9999999.9999999-dev"},
	{"1.0.x-dev", "1.0.9999999.9999999-dev"},
	{"v1.0.x-dev", "1.0.9999999.9999999-dev"},
	{"1.*-dev", "1.9999999.9999999.9999999-dev"},
	{"1.2.3.x-dev", "1.2.3.9999999-dev"},
	{"20100102.x-dev", "20100102.9999999.9999999.9999999-dev"},
	{"9999999-dev", "9999999-dev"},

	{"", ""},
	{"a", ""},
	{"p1", ""},
	{"pl1", ""},
	{"x", ""},
	{"1.x", ""},
	{"1.0.0.0.0", ""},
	{"1.0.0-meh", ""},
	{"1.0.0-1", ""},
	{"1.0.0<1", ""},
	{"1.0+", ""},
	{"1.0.0+foo bar", ""},
	{"1.0 as 2.0", ""},
	{"1.0.0@beta", ""},
	{"dev-main@dev", ""},
	{"dev-", ""},
	{"dev-a b", ""},
	{"dev-a,b", ""},
	{"dev-a|b", ""},
	{"dev-a\x00b", ""},
	{"dev-a\\b", ""},
	{"dev-a\ufffdb", ""},
	{"dev-a//b", ""},
	{"dev-a/", ""},
	{"dev-a/../b", ""},
	{"dev-a/.", ""},
	{"1.0.0+a/../b", ""},
	{"dev-a\u200bb", ""},
	{"dev-\xff", ""},
	{" 1.0", ""},
	{"1.0\n", ""},
	{"feature-dev", ""},
	{"1.0.0.0.0-dev", ""},
	{"foo-1.0", ""},
	{"1.0-ſtable", ""},
	{"dev-" + strings.Repeat("x", 252), ""},
}

func TestNormalize(t *testing.T) {
	t.Parallel()
	for _, c := range normalizeCases {
		got, err := Normalize(c.version)
		if got != c.normal || (err == nil) != (c.normal != "") {
			t.Errorf("Normalize(%q) = %q, %v; want %q", c.version, got, err, c.normal)
		}
		if err != nil && !fault.Is(err, fault.Unprocessable) {
			t.Errorf("Normalize(%q) fails as %v", c.version, fault.KindOf(err))
		}
	}
	if _, err := Normalize(strings.Repeat("é", 200)); len(err.Error()) > 300 {
		t.Errorf("the message repeats %d bytes of a bad version", len(err.Error()))
	}
}

// ladder is in ascending order; each step is less than all after it.
var ladder = []string{
	"dev-feature/x", "dev-main",
	"0.0.0.0-dev", "0.0.0.0", "0.0.1.0",
	"1.0.0.0-dev",
	"1.0.0.0-alpha-dev", "1.0.0.0-alpha", "1.0.0.0-alpha1", "1.0.0.0-alpha3-dev", "1.0.0.0-alpha3", "1.0.0.0-alpha3.1", "1.0.0.0-alpha10",
	"1.0.0.0-beta-dev", "1.0.0.0-beta", "1.0.0.0-beta2", "1.0.0.0-beta11",
	"1.0.0.0-RC1-dev", "1.0.0.0-RC1", "1.0.0.0-RC2",
	"1.0.0.0",
	"1.0.0.0-patch1-dev", "1.0.0.0-patch1", "1.0.0.0-patch2",
	"1.0.0.1", "1.0.9999999.9999999-dev",
	"1.1.0.0", "1.2.0.0", "1.10.0.0", "1.9999999.9999999.9999999-dev",
	"2.0.0.0", "2010.01.02", "2010.01.02.0", "20100102", "20100102.203040",
	"99999999999999999999.0.0.0-dev", "99999999999999999999.0.0.0", "100000000000000000000.0.0.0",
}

func TestCompare(t *testing.T) {
	t.Parallel()
	for i, a := range ladder {
		for j, b := range ladder {
			want := min(max(i-j, -1), 1)
			if got := Compare(a, b); got != want {
				t.Errorf("Compare(%q, %q) = %d, want %d", a, b, got, want)
			}
		}
	}
	if Compare("1.01.0.0", "1.1.0.0") == 0 {
		t.Error("two spellings of one number compare as the same text")
	}
}

func TestCompareIsATotalOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var v []string
		for _, text := range rapid.SliceOfN(versionLike(), 3, 12).Draw(t, "versions") {
			if n, err := Normalize(text); err == nil {
				v = append(v, n)
			}
		}
		for _, a := range v {
			for _, b := range v {
				if Compare(a, b) != -Compare(b, a) || (Compare(a, b) == 0) != (a == b) {
					t.Fatalf("%q and %q: %d, %d", a, b, Compare(a, b), Compare(b, a))
				}
				for _, c := range v {
					if Compare(a, b) < 0 && Compare(b, c) < 0 && Compare(a, c) >= 0 {
						t.Fatalf("%q < %q < %q, but not the first < the last", a, b, c)
					}
				}
			}
		}
	})
}

func TestStability(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"1.0.0.0":                       "stable",
		"1.0.0.0-patch1":                "stable",
		"1.0.0.0-RC1":                   "RC",
		"1.0.0.0-beta":                  "beta",
		"1.0.0.0-alpha3.1":              "alpha",
		"1.0.0.0-dev":                   "dev",
		"1.0.0.0-RC1-dev":               "dev",
		"1.9999999.9999999.9999999-dev": "dev",
		"dev-main":                      "dev",
		"20100102.203040":               "stable",
	} {
		if got := Stability(version); got != want {
			t.Errorf("Stability(%q) = %q, want %q", version, got, want)
		}
		if IsDev(version) != (want == "dev") {
			t.Errorf("IsDev(%q) = %v", version, IsDev(version))
		}
	}
}

func TestFromTag(t *testing.T) {
	t.Parallel()
	type result struct {
		Version string
		OK      bool
	}
	for tag, want := range map[string]result{
		"v1.2.3":         {"1.2.3", true},
		"V1.2.3":         {"1.2.3", true},
		"1.2.3":          {"1.2.3", true},
		"v2.0-RC1":       {"2.0-RC1", true},
		"v1.0.0-beta.2":  {"1.0.0-beta.2", true},
		"1.0.0+build":    {"1.0.0+build", true},
		"release-1.0":    {"1.0", true},
		"release-v1.0":   {"1.0", true},
		"2026":           {"2026", true},
		"20260102":       {"20260102", true},
		"docs-2026":      {},
		"my-release-1.0": {},
		"release":        {},
		"release-":       {},
		"":               {},
		"v":              {},
		"latest":         {},
		"1.x":            {},
		"1.0-dev":        {},
		"1.x-dev":        {},
		"dev-main":       {},
		"master":         {},
		"1.0@beta":       {},
		"foo/v1.0":       {},
	} {
		version, ok := FromTag(tag)
		if diff := cmp.Diff(want, result{version, ok}); diff != "" {
			t.Errorf("FromTag(%q): %s", tag, diff)
		}
	}
}

func FuzzNormalize(f *testing.F) {
	for _, c := range normalizeCases {
		f.Add(c.version)
	}
	f.Fuzz(func(t *testing.T, version string) {
		normal, err := Normalize(version)
		if err != nil {
			if !fault.Is(err, fault.Unprocessable) {
				t.Fatal(err)
			}
			return
		}
		again, err := Normalize(normal)
		bare, _, _ := strings.Cut(lower(version), "+")
		if err != nil || again != normal && !dated.MatchString(bare) {
			t.Fatalf("%q: the normal form %q normalises to %q, %v", version, normal, again, err)
		}
		if len(normal) > maxVersion+3*len("."+wild) || strings.ContainsFunc(normal, foreign) {
			t.Fatalf("%q: %q", version, normal)
		}
		if !slices.Contains([]string{"dev", "alpha", "beta", "RC", "stable"}, Stability(normal)) {
			t.Fatalf("Stability(%q) = %q", normal, Stability(normal))
		}
		if v, ok := FromTag(version); ok {
			if n, err := Normalize(v); err != nil || IsDev(n) {
				t.Fatalf("tag %q gives %q, %v", version, n, err)
			}
		}
	})
}

func BenchmarkSortNewestFirst(b *testing.B) {
	versions := make([]string, 0, 5000)
	for i := range 5000 {
		n, err := Normalize(strings.Join([]string{string('0' + byte(i%7)), string('0' + byte(i/7%10)), string('0' + byte(i/70%10))}, "."))
		if err != nil {
			b.Fatal(err)
		}
		versions = append(versions, n)
	}
	b.ReportAllocs()
	for b.Loop() {
		slices.SortFunc(slices.Clone(versions), func(x, y string) int { return Compare(y, x) })
	}
}
