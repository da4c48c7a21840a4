package cran

import (
	"path"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// tree is a folder of packages that were built for one R. The zero tree is
// that of the sources.
type tree struct {
	system  string // "windows" or "macosx"
	flavour string // a build of R for macOS, such as big-sur-arm64; empty for the one without a name
	r       string // x.y
}

const (
	windows = "windows"
	macOS   = "macosx"
	sources = "src/contrib"
)

// String gives the folder of the tree, empty for that of the sources, whose
// files lie in none.
func (t tree) String() string {
	if t == (tree{}) {
		return ""
	}
	return path.Join("bin", t.system, t.flavour, "contrib", t.r)
}

// kind gives what kind of packages the tree holds.
func (t tree) kind() kind {
	switch t.system {
	case windows:
		return zipped
	case macOS:
		return tarred
	}
	return source
}

// parseTree reads what String gives. It is not ok for what is no tree.
func parseTree(folder string) (t tree, ok bool) {
	if folder == "" {
		return tree{}, true
	}
	parts := strings.Split(folder, "/")
	switch len(parts) {
	case 4:
		t = tree{parts[1], "", parts[3]}
	case 5:
		t = tree{parts[1], parts[2], parts[4]}
	}
	known := t.system == macOS && (t.flavour == "" || isFlavour(t.flavour)) || t.system == windows && t.flavour == ""
	return t, known && t.String() == folder && minor(t.r) == t.r
}

// treeOf gives the tree that a file lies in.
func treeOf(f *format.File) (tree, bool) {
	if !strings.Contains(f.Name, "/") {
		return tree{}, true
	}
	return parseTree(path.Dir(f.Name))
}

// newTree gives the tree that somebody means by a platform and a version of R.
// A platform is "windows", "macosx", or a build of R for macOS by itself, after
// "macosx/", or as R calls it: mac.binary.big-sur-arm64.
func newTree(platform, version string) (tree, error) {
	t := tree{system: macOS, r: minor(version)}
	if t.r == "" {
		return tree{}, fault.New(fault.Invalid, "the R version %.20q is none: give it like 4.2", version).At("rversion")
	}
	flavour, said := strings.CutPrefix(platform, macOS+"/")
	if !said {
		flavour, said = strings.CutPrefix(platform, "mac.binary.")
	}
	switch {
	case platform == windows || platform == "win.binary":
		t.system = windows
	case platform == macOS || platform == "mac.binary":
	case isFlavour(flavour) && (said || architecture(flavour) != "" || flavour == "el-capitan" || flavour == "mavericks"):
		t.flavour = flavour
	default:
		return tree{}, fault.New(fault.Invalid, "the platform %.60q is not known here: give windows, macosx, or a build of R for macOS such as big-sur-arm64", platform).At("platform")
	}
	return t, nil
}

func isFlavour(s string) bool {
	return s != "" && len(s) <= 32 && s != "contrib" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

// minor gives x.y of a version of R, empty for what is none.
func minor(version string) string {
	if !isVersion(version) || strings.Contains(version, "-") || len(version) > 10 {
		return ""
	}
	return strings.Join(numbers(version)[:2], ".")
}

// architecture gives the processor in the name of a build of R for macOS, empty
// where it has none.
func architecture(flavour string) string {
	for _, a := range []string{"arm64", "x86_64"} {
		if strings.HasSuffix(flavour, "-"+a) {
			return a
		}
	}
	return ""
}

// runs tells whether a package that was built for a platform, as R says it, runs
// with the R of the tree. No platform stands for a package without compiled
// code.
func (t tree) runs(platform string) bool {
	want := architecture(t.flavour)
	if platform == "" || want == "" {
		return true
	}
	processor, _, _ := strings.Cut(platform, "-")
	if processor == "aarch64" {
		processor = "arm64"
	}
	return processor == want
}

// common gives the tree of the builds for macOS without a name. What is in it
// is for every build that can run it: the REST API knows no other platform.
func (t tree) common() tree { return tree{t.system, "", t.r} }
