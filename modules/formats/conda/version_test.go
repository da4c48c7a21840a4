package conda

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// ascending are versions in their order; those of one line are equal to conda. It
// is the vector of conda's own documentation and tests, that of openssl, and CEP 33.
var ascending = [][]string{
	{"0.4", "0.4.0"},
	{"0.4.1a.vc11"},
	{"0.4.1.rc", "0.4.1.RC", "0.4.1_rc", "0.4.1.0rc"},
	{"0.4.1.vc11"},
	{"0.4.1+local"},
	{"0.4.1+0.local"},
	{"0.4.1", "0.4.1+0", "0.4.01"},
	{"0.4.1+1.local"},
	{"0.5a1"},
	{"0.5b3"},
	{"0.5C1"},
	{"0.5z"},
	{"0.5za"},
	{"0.5"},
	{"0.5_5", "0.5.5"},
	{"0.9.6"},
	{"0.960923"},
	{"1.0"},
	{"1.0.1dev"},
	{"1.0.1_"},
	{"1.0.1a"},
	{"1.0.1rc"},
	{"1.0.1rc1"},
	{"1.0.1s"},
	{"1.0.1"},
	{"1.0.1post.a"},
	{"1.0.1post.za"},
	{"1.0.2"},
	{"1.0.4a3"},
	{"1.0.4b1"},
	{"1.0.4"},
	{"1.1dev1"},
	{"1.1_"},
	{"1.1a1"},
	{"1.1.0dev1", "1.1.dev1"},
	{"1.1.a1"},
	{"1.1.0rc1", "1.1.rc1"},
	{"1.1", "1.1.0", "1.1.0.0"},
	{"1.1.post1", "1.1.0post1"},
	{"1.1.1dev1"},
	{"1.1.1rc1"},
	{"1.1.1"},
	{"1.1.1post1"},
	{"1.1post1"},
	{"2g6"},
	{"2.0b1pr0"},
	{"2.2be.ta29"},
	{"2.2be5ta29"},
	{"2.2beta29"},
	{"2.2.0.1"},
	{"3.1.1.6"},
	{"3.2.p.r0"},
	{"3.2.pr0"},
	{"3.2.pr.1"},
	{"5.5.kw"},
	{"11g"},
	{"14.3.1"},
	{"14.3.1.post26.g9d75ca2"},
	{"1996.07.12"},
	{"1!0.4.1"},
	{"1!3.1.1.6"},
	{"2!0.4.1"},
}

func canonical(t testing.TB, version string) string {
	t.Helper()
	canon, err := New().CanonicalVersion(version)
	if err != nil {
		t.Fatalf("%s: %v", version, err)
	}
	return canon
}

func TestOrder(t *testing.T) {
	t.Parallel()
	for i, line := range ascending {
		for _, a := range line {
			x := parseVersion(canonical(t, a))
			for j, other := range ascending {
				for _, b := range other {
					got, want := x.compare(parseVersion(canonical(t, b))), min(max(i-j, -1), 1)
					if got != want {
						t.Errorf("%s and %s: %d, want %d", a, b, got, want)
					}
				}
			}
		}
	}
}

func TestOrderIsTotal(t *testing.T) {
	t.Parallel()
	var all []string
	for _, line := range ascending {
		for _, v := range line {
			all = append(all, canonical(t, v))
		}
	}
	compare := New().Compare
	rapid.Check(t, func(t *rapid.T) {
		version := rapid.OneOf(rapid.SampledFrom(all), rapid.StringMatching(`([0-9]!)?[0-9a-c]{1,3}([._](dev|post|rc|[0-9a-c]{1,2})){0,2}_?(\+[0-9a]{1,2})?`))
		a, b, c := version.Draw(t, "a"), version.Draw(t, "b"), version.Draw(t, "c")
		if (compare(a, b) == 0) != (a == b) {
			t.Fatalf("%s and %s: %d", a, b, compare(a, b))
		}
		if compare(a, b) != -compare(b, a) {
			t.Fatalf("%s and %s are each before the other", a, b)
		}
		if compare(a, b) <= 0 && compare(b, c) <= 0 && compare(a, c) > 0 {
			t.Fatalf("%s <= %s <= %s, and %s < %s", a, b, c, c, a)
		}
	})
}

func TestVersionsThatAreNone(t *testing.T) {
	t.Parallel()
	for _, v := range []string{
		"", " ", "1 0", "3.5&1", "5.5++", "5.5..mw", "!", "a!1.0", "a!b!1.0", "1!2!3", "1-2", "1.", ".1", "1._2", "+1", "1+", "1+a+b", "1__", "_1",
		"1.0\n", "1/2", "..", "1.ü", strings.Repeat("1.", 32) + "1", "1" + strings.Repeat("0", maxDigits),
	} {
		if canon, err := New().CanonicalVersion(v); err == nil {
			t.Errorf("%q is taken for %s", v, canon)
		}
	}
}

func TestPrereleases(t *testing.T) {
	t.Parallel()
	var got []string
	for _, v := range []string{"1.0", "1.0a1", "1.0.b2", "2.0rc", "1.dev3", "3_alpha", "2024a", "1.1.1w", "9b", "1.0post1", "1.0+dev", "14.3.1.post26.g9d75ca2"} {
		if prerelease(v) {
			got = append(got, v)
		}
	}
	if want := []string{"1.0a1", "1.0.b2", "2.0rc", "1.dev3", "3_alpha"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestStartsWith(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		version, prefix string
		want            bool
	}{
		{"0.4.1", "0", true},
		{"0.4.1", "0.4", true},
		{"0.4.1p1", "0.4", true},
		{"0.4.1p1", "0.4.1p", true},
		{"0.4.1p1", "0.4.1q1", false},
		{"0.4", "0.4.1", false},
		{"0.4.1+1.3", "0.4.1", true},
		{"0.4.1+1.3", "0.4.1+1", true},
		{"0.4.1", "0.4.1+1.3", false},
		{"0.4.1+1", "0.4.1+1.3", false},
		{"1!1.0", "1", false},
		{"1!1.0", "1!1", true},
		{"1.10", "1.1", false},
		{"1.rc2", "1.r", true},
	} {
		if got := parseVersion(test.version).startsWith(parseVersion(test.prefix)); got != test.want {
			t.Errorf("%s begins with %s: %t", test.version, test.prefix, got)
		}
	}
}
