package pypi

import (
	"strings"

	"ingot.dev/modules/ascii"
	"ingot.dev/modules/fault"
)

// Kinds of files, in the words of the upload protocol.
const (
	wheel = "bdist_wheel"
	sdist = "sdist"
)

// fileName is the name of a distribution ("Binary distribution format",
// "Source distribution format").
type fileName struct {
	text string
	kind string
	stem string // name and version, in a source distribution all but the extension
	zip  bool

	name, version               string // of a wheel, as they stand there
	build, python, abi, machine string // of a wheel; build may be empty
}

// parseFileName reads the name of a wheel or a source distribution.
func parseFileName(text string) (fileName, error) {
	f := fileName{text: text}
	if text == "" {
		return f, fault.New(fault.Invalid, "the file has no name: send it as a file of the form, with its name")
	}
	for i := range len(text) {
		if c := text[i]; !ascii.IsAlphanumeric(c) && !strings.ContainsRune("._+!-", rune(c)) {
			return f, fault.New(fault.Invalid, "the file name %.220q is not allowed: letters, digits and . _ + ! - only", text)
		}
	}
	switch {
	case strings.HasSuffix(text, ".whl"):
		return f, f.parseWheel(strings.TrimSuffix(text, ".whl"))
	case strings.HasSuffix(text, ".tar.gz"):
		f.kind, f.stem = sdist, strings.TrimSuffix(text, ".tar.gz")
	case strings.HasSuffix(text, ".zip"):
		f.kind, f.stem, f.zip = sdist, strings.TrimSuffix(text, ".zip"), true
	default:
		return f, fault.New(fault.Invalid, "the file %q is neither a wheel (.whl) nor a source distribution (.tar.gz)", text)
	}
	return f, nil
}

func (f *fileName) parseWheel(text string) error {
	parts := strings.Split(text, "-")
	malformed := fault.New(fault.Invalid, "the file name %q is not that of a wheel: name-version-python-abi-platform.whl", f.text)
	if len(parts) == 6 {
		f.build = parts[2]
		if f.build == "" || !ascii.IsDigit(f.build[0]) {
			return fault.New(fault.Invalid, "the build number %q in the file name %q does not begin with a digit", f.build, f.text)
		}
		parts = append(parts[:2:2], parts[3:]...)
	}
	if len(parts) != 5 {
		return malformed
	}
	for _, p := range parts {
		if p == "" {
			return malformed
		}
	}
	f.kind, f.zip, f.stem = wheel, true, parts[0]+"-"+parts[1]
	f.name, f.version = parts[0], strings.ReplaceAll(parts[1], "_", "-")
	f.python, f.abi, f.machine = parts[2], parts[3], parts[4]
	return nil
}

// of tells whether the file is named after a version of a project, both in
// canonical form. Of a source distribution only this can be told: where its
// name ends and its version begins, its own text does not say.
func (f *fileName) of(project, version string) bool {
	if f.kind == sdist {
		return stemOf(f.stem, project, version)
	}
	name, err := CanonicalName(f.name)
	v, wrong := ParseVersion(f.version)
	return err == nil && wrong == nil && name == project && v.Canonical() == version
}

// stemOf tells whether a text is the name and the version, with a dash between.
func stemOf(stem, project, version string) bool {
	for i := range len(stem) {
		if stem[i] != '-' {
			continue
		}
		name, err := CanonicalName(stem[:i])
		if err != nil || name != project {
			continue
		}
		if v, err := ParseVersion(strings.ReplaceAll(stem[i+1:], "_", "-")); err == nil && v.Canonical() == version {
			return true
		}
	}
	return false
}

// twin tells whether two files would be the same to an installer: a version has
// one source distribution, and one wheel of each kind.
func (f *fileName) twin(g *fileName) bool {
	same := func(a, b string) bool { return strings.EqualFold(a, b) }
	return f.kind == g.kind && same(f.build, g.build) && same(f.python, g.python) && same(f.abi, g.abi) && same(f.machine, g.machine)
}

// pyversion gives what the protocol calls so.
func (f *fileName) pyversion() string {
	if f.kind == sdist {
		return "source"
	}
	return f.python
}
