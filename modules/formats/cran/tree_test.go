package cran

import (
	"testing"

	"ingot.dev/modules/fault"
)

func TestTrees(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"", "bin/windows/contrib/4.2", "bin/macosx/contrib/4.10", "bin/macosx/big-sur-arm64/contrib/4.2", "bin/macosx/el-capitan/contrib/3.6"} {
		if got, ok := parseTree(folder); !ok || got.String() != folder {
			t.Errorf("%q is %q, %t", folder, got, ok)
		}
	}
	for _, folder := range []string{
		"bin", "bin/windows/contrib", "bin/windows/contrib/4", "bin/windows/contrib/4.2.1", "bin/windows/contrib/04.2", "bin/windows/x/contrib/4.2",
		"bin/linux/contrib/4.2", "bin/macosx/contrib/contrib/4.2", "bin/macosx/A/contrib/4.2", "bin/macosx/a/b/contrib/4.2", "bin/macosx/../contrib/4.2",
		"src/macosx/contrib/4.2", "bin/macosx//contrib/4.2", "bin/windows/other/4.2",
	} {
		if got, ok := parseTree(folder); ok {
			t.Errorf("%q is %q", folder, got)
		}
	}
}

func TestNewTree(t *testing.T) {
	t.Parallel()
	for said, want := range map[[2]string]string{
		{"windows", "4.2"}:                        "bin/windows/contrib/4.2",
		{"win.binary", "4.2.3"}:                   "bin/windows/contrib/4.2",
		{"macosx", "4.2"}:                         "bin/macosx/contrib/4.2",
		{"mac.binary", "4.2"}:                     "bin/macosx/contrib/4.2",
		{"big-sur-arm64", "4.2"}:                  "bin/macosx/big-sur-arm64/contrib/4.2",
		{"macosx/big-sur-x86_64", "4.3"}:          "bin/macosx/big-sur-x86_64/contrib/4.3",
		{"mac.binary.big-sur-arm64", "4.3.1"}:     "bin/macosx/big-sur-arm64/contrib/4.3",
		{"mac.binary.el-capitan", "3.6"}:          "bin/macosx/el-capitan/contrib/3.6",
		{"el-capitan", "3.6"}:                     "bin/macosx/el-capitan/contrib/3.6",
		{"macosx/some-later-macos-arm64", "12.0"}: "bin/macosx/some-later-macos-arm64/contrib/12.0",
	} {
		if got, err := newTree(said[0], said[1]); got.String() != want || err != nil {
			t.Errorf("%q is %q, %v", said, got, err)
		}
	}
	for _, said := range [][2]string{
		{"", "4.2"},
		{"linux", "4.2"},
		{"windows", ""},
		{"windows", "4"},
		{"windows", "4.x"},
		{"windows", "4-2"},
		{"macosx/", "4.2"},
		{"macosx/../..", "4.2"},
		{"macosx/contrib", "4.2"},
		{"Windows", "4.2"},
		{"-arm64\n", "4.2"},
	} {
		if got, err := newTree(said[0], said[1]); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q is %q, %v", said, got, err)
		}
	}
}

func TestRuns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		flavour, platform string
		want              bool
	}{
		{"big-sur-arm64", "", true},
		{"big-sur-arm64", "aarch64-apple-darwin20", true},
		{"big-sur-arm64", "x86_64-apple-darwin20", false},
		{"big-sur-x86_64", "x86_64-apple-darwin20", true},
		{"big-sur-x86_64", "aarch64-apple-darwin20", false},
		{"el-capitan", "x86_64-apple-darwin15.6.0", true},
		{"", "aarch64-apple-darwin20", true},
	} {
		if got := (tree{macOS, c.flavour, "4.2"}).runs(c.platform); got != c.want {
			t.Errorf("%q in %q: %t", c.platform, c.flavour, got)
		}
	}
}

// FuzzAddresses: what is taken for a file or a tree is written in one way only.
func FuzzAddresses(f *testing.F) {
	for _, s := range []string{"Rcpp_1.0-1.tar.gz", "a1_1.0.zip", "bin/macosx/big-sur-arm64/contrib/4.2", "windows", "mac.binary.big-sur-arm64", "R 4.2.2; ; 2026; unix"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if name, version, k, ok := splitFileName(s); ok && fileName(name, version, k) != s {
			t.Errorf("%q is %q %q of kind %d", s, name, version, k)
		}
		if got, ok := parseTree(s); ok && got.String() != s {
			t.Errorf("%q is %q", s, got)
		}
		if got, err := newTree(s, "4.2"); err == nil {
			if again, ok := parseTree(got.String()); !ok || again != got {
				t.Errorf("%q is %q, which is %q, %t", s, got, again, ok)
			}
		}
		if b, ok := parseBuilt(s); ok && minor(b.r) != b.r {
			t.Errorf("%q was built for R %q", s, b.r)
		}
	})
}
