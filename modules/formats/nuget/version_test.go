package nuget

import (
	"strings"
	"testing"

	"ingot.dev/modules/fault"
)

// ordered is in NuGet's order ("Package versioning", section pre-release
// versions, and SemVer 2.0.0 section 11); those of one line are equal.
var ordered = [][]string{
	{"0.0.0", "0", "0.0", "0.0.0.0", "000"},
	{"0.0.0.1"},
	{"0.9-beta"},
	{"0.9"},
	{"1.0.0-0"},
	{"1.0.0-1", "1.0.0-01"},
	{"1.0.0-2"},
	{"1.0.0-10"},
	{"1.0.0--"},
	{"1.0.0-99999999999"}, // too large for a number of .NET's, so a text
	{"1.0.0-alpha", "1.0-ALPHA", "1.0.0.0-Alpha+build"},
	{"1.0.0-alpha.1"},
	{"1.0.0-alpha.1.0"},
	{"1.0.0-alpha.beta"},
	{"1.0.0-alpha1"},
	{"1.0.0-alpha10"},
	{"1.0.0-alpha2"},
	{"1.0.0-beta", "1.0.0-BETA"},
	{"1.0.0-beta.2", "1.0.0-beta.02"},
	{"1.0.0-beta.11"},
	{"1.0.0-rc"},
	{"1.0.0-rc.1"},
	{"1.0.0-rc-1"},
	{"1.0.0", "1", "1.0", "01.00.000", "1.0.0.0", " 1.0.0 ", "1.0.0+sha.5114f85", "1+a-b"},
	{"1.0.0.1-rc"},
	{"1.0.0.1"},
	{"1.0.0.2"},
	{"1.0.0.10"},
	{"1.0.1"},
	{"1.2"},
	{"1.10"},
	{"2.0.0-alpha"},
	{"2.0.0"},
	{"10.0.0"},
	{"2147483647.2147483647.2147483647.2147483647"},
}

func TestOrder(t *testing.T) {
	t.Parallel()
	for i, line := range ordered {
		for j, other := range ordered {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			for _, a := range line {
				for _, b := range other {
					v, w := parsed(t, a), parsed(t, b)
					if got := v.Compare(w); got != want {
						t.Errorf("%s and %s: %d, want %d", a, b, got, want)
					}
					if got := New().Compare(v.Canonical(), w.Canonical()); got != want {
						t.Errorf("%s and %s: %d in their canonical forms, want %d", a, b, got, want)
					}
					if same := v.Canonical() == w.Canonical(); same != (want == 0) {
						t.Errorf("%s and %s are unique as %s and %s", a, b, v.Canonical(), w.Canonical())
					}
				}
			}
		}
	}
}

func parsed(t *testing.T, text string) Version {
	t.Helper()
	v, err := ParseVersion(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestVersionForms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, normal, full, canonical string
		pre, semVer2                  bool
	}{
		{"1", "1.0.0", "1.0.0", "1.0.0", false, false},
		{"1.2.3.0", "1.2.3", "1.2.3", "1.2.3", false, false},
		{"1.02.3.4", "1.2.3.4", "1.2.3.4", "1.2.3.4", false, false},
		{"1.0-Beta", "1.0.0-Beta", "1.0.0-Beta", "1.0.0-beta", true, false},
		{"1.0-Beta.01", "1.0.0-Beta.1", "1.0.0-Beta.1", "1.0.0-beta.1", true, true},
		{"1.0+SHA", "1.0.0", "1.0.0+SHA", "1.0.0", false, true},
		{"1.2.3.4-rc+7", "1.2.3.4-rc", "1.2.3.4-rc+7", "1.2.3.4-rc", true, true},
	} {
		v := parsed(t, c.text)
		if v.String() != c.normal || v.Full() != c.full || v.Canonical() != c.canonical || v.Prerelease() != c.pre || v.SemVer2() != c.semVer2 {
			t.Errorf("%s: %s, %s, %s, %t, %t", c.text, v, v.Full(), v.Canonical(), v.Prerelease(), v.SemVer2())
		}
	}
}

func TestNoVersions(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " ", "a", "v1.0", "1.", ".1", "1..2", "1.2.3.4.5", "1.-1", "-1", "1.0-", "1.0-a..b", "1.0-a_b", "1.0+", "1.0+a..b", "1.0-é",
		"1.2147483648", "1.99999999999999999999", "1.0\n", "1.0\x00", "1,0", "1.*", "1.0 -beta", "1.0/2", "١.٠", "1.0-" + strings.Repeat("a", 64),
	} {
		if v, err := ParseVersion(text); !fault.Is(err, fault.Invalid) && strings.TrimSpace(text) != "1.0" {
			t.Errorf("%q is %s, %v", text, v, err)
		}
	}
}

func TestRanges(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "(, )", " ": "(, )", "(,)": "(, )", "[,]": "(, )", "1.0": "[1.0.0, )", "[1.0]": "[1.0.0, 1.0.0]", "[1.0,2.0)": "[1.0.0, 2.0.0)",
		"(1.0, 2.0]": "(1.0.0, 2.0.0]", "(,1.0]": "(, 1.0.0]", "[1.0,)": "[1.0.0, )", "(1.0,)": "(1.0.0, )", "1.0-beta.1+x": "[1.0.0-beta.1, )",
	} {
		r, err := ParseRange(text)
		if err != nil || r.String() != want {
			t.Errorf("%q is %q, %v; want %q", text, r, err, want)
		}
	}
	for _, text := range []string{"(1.0)", "[1.0)", "(1.0]", "[]", "[", "(", "]", "1.*", "[1.0,2.0,3.0]", "[1.0", "1.0]", ">=1.0", "[a,b]", "1.0 2.0"} {
		if r, err := ParseRange(text); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q is %q, %v", text, r, err)
		}
	}
	for text, want := range map[string]bool{"1.0": false, "[1.0-a.b,2.0)": true, "(,1.0+a)": true, "": false} {
		if r, err := ParseRange(text); err != nil || r.SemVer2() != want {
			t.Errorf("%q: %t, %v", text, r.SemVer2(), err)
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Acme.Money": "acme.money", "a": "a", "A_b-c.D": "a_b-c.d", "_": "_", "3D": "3d", strings.Repeat("a", 100): strings.Repeat("a", 100),
	} {
		if got, err := CanonicalName(name); err != nil || got != want {
			t.Errorf("%q is %q, %v", name, got, err)
		}
	}
	for _, name := range []string{
		"", ".", "a.", ".a", "a..b", "a-.b", "-a", "a b", "a/b", `a\b`, "a\x00", "é", "пакет", "a\n", "a+b", "..", strings.Repeat("a", 101),
	} {
		if got, err := CanonicalName(name); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q is %q, %v", name, got, err)
		}
	}
}
