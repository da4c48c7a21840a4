package cran

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"ingot.dev/modules/fault"
)

func TestCanonicalName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"Rcpp": "rcpp", "data.table": "data.table", "R6": "r6", "a1.b": "a1.b"} {
		if got, err := CanonicalName(name); got != want || err != nil {
			t.Errorf("%q is %q, %v", name, got, err)
		}
	}
	// Incident 19 (RubyGems CVE-2019-8324): a name had several lines.
	for _, name := range []string{"", "R", "6R", ".a", "a.", "a_b", "a-b", "a b", "a\nb", "пакет", "a/b", "a\x00b", strings.Repeat("a", 101)} {
		if got, err := CanonicalName(name); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q is %q, %v", name, got, err)
		}
	}
}

func TestCanonicalVersion(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"1.0": "1.0", "1.0.0": "1.0", "1.0-1": "1.0.1", "1.0.1": "1.0.1", "1.00.01": "1.0.1", "0.0": "0.0", "00.0-0": "0.0",
		"2026-11-22": "2026.11.22", "1.2.0.9000": "1.2.0.9000", "1.10": "1.10", "2147483647.1": "2147483647.1",
	} {
		got, err := CanonicalVersion(version)
		if got != want || err != nil {
			t.Errorf("%q is %q, %v", version, got, err)
		}
		if again, err := CanonicalVersion(got); again != got || err != nil {
			t.Errorf("%q, which is canonical, is %q, %v", got, again, err)
		}
	}
	for _, version := range []string{
		"", "1", "1.", ".1", "1..0", "1.-0", "-1.0", "1.0-", "1.0a", "v1.0", "1.0+1", "1.+1", "1.0\n", " 1.0", "1.٣",
		"2147483648.0", "1.99999999999999999999", strings.Repeat("1.", 40) + "1",
	} {
		if got, err := CanonicalVersion(version); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q is %q, %v", version, got, err)
		}
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	// As R 4.2.2 sorts them by package_version.
	order := []string{"0.0", "0.0.0.9000", "0.1", "0.9-12", "0.10", "1.0", "1.0.1", "1.0-2", "1.0.10", "1.2.9", "1.10", "9.0", "10.0", "2026-11-22"}
	for i, a := range order {
		for j, b := range order {
			x, err := CanonicalVersion(a)
			y, wrong := CanonicalVersion(b)
			if err != nil || wrong != nil {
				t.Fatal(err, wrong)
			}
			if got := New().Compare(x, y); got != cmp.Compare(i, j) {
				t.Errorf("%s to %s is %d", a, b, got)
			}
		}
	}
}

// Incident 18 (RubyGems 2016): a name and a version are told apart in one way.
func TestFileNames(t *testing.T) {
	t.Parallel()
	for file, want := range map[string][]string{
		"Rcpp_1.0-1.tar.gz": {"Rcpp", "1.0-1"}, "data.table_1.14.2.zip": {"data.table", "1.14.2"}, "R6_2.5.tgz": {"R6", "2.5"},
	} {
		name, version, k, ok := splitFileName(file)
		if !ok || !slices.Equal([]string{name, version}, want) || fileName(name, version, k) != file {
			t.Errorf("%s is %q %q of kind %d, %t", file, name, version, k, ok)
		}
	}
	for _, file := range []string{"", "Rcpp.tar.gz", "Rcpp_1.0", "Rcpp_1.tar.gz", "Rcpp_1.0_R_x86_64-pc-linux-gnu.tar.gz", "_1.0.zip", "PACKAGES", "a/b_1.0.zip", "Rcpp_1.0.tar"} {
		if name, version, _, ok := splitFileName(file); ok {
			t.Errorf("%s is %q %q", file, name, version)
		}
	}
}
