package conda

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"ingot.dev/modules/fault"
)

// The bounds of names (CEP 26), in characters.
const (
	maxName    = 64
	maxBuild   = 64
	maxFile    = 211
	maxSubdir  = 32
	maxPart    = 128 // of a channel's name
	maxChannel = 200 // of all parts, so that a folder has no more than 255
)

var (
	nameForm   = regexp.MustCompile(`^_?[a-z0-9]+([._-][a-z0-9]+)*[._-]?$`)
	buildForm  = regexp.MustCompile(`^[a-zA-Z0-9_.+]+$`)
	subdirForm = regexp.MustCompile(`^(noarch|[a-z0-9]+-[a-z0-9]+)$`)
	partForm   = regexp.MustCompile(`^[a-z0-9_][a-z0-9_.-]*$`)
)

// noarch is the subdir of packages for every platform.
const noarch = "noarch"

// platforms are the subdirs that clients ask every channel for, whatever is in it.
var platforms = []string{
	noarch, "emscripten-wasm32", "freebsd-64", "linux-32", "linux-64", "linux-aarch64", "linux-armv6l", "linux-armv7l",
	"linux-loong64", "linux-ppc64", "linux-ppc64le", "linux-riscv32", "linux-riscv64", "linux-s390x", "osx-64", "osx-arm64",
	"wasi-wasm32", "win-32", "win-64", "win-arm64", "zos-z",
}

// CanonicalName implements format.Naming (CEP 26).
func (*Conda) CanonicalName(name string) (string, error) {
	low := strings.Map(lower, name)
	switch {
	case len(name) > maxName:
		return "", fault.New(fault.Invalid, "the package name has %d characters; at most %d are allowed", len(name), maxName)
	case strings.HasPrefix(name, "__"):
		return "", fault.New(fault.Invalid, "the package name %q is not allowed: two underscores in front stand for virtual packages, which have no file", name)
	case !nameForm.MatchString(low):
		return "", fault.New(fault.Invalid, "the package name %q is not allowed: letters and digits, parted by single . _ or -", name)
	}
	return low, nil
}

// lower is for ASCII alone: beyond it letters exist whose lower case is in it.
func lower(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		return r + ('a' - 'A')
	}
	return r
}

// The extensions of packages: the second form hides the first.
const (
	second = ".conda"
	first  = ".tar.bz2"
)

// fileName is the name of a build's file: {name}-{version}-{build}.{extension}.
type fileName struct {
	name, version, build, extension string
}

// stem is the file's name without its extension.
func (f fileName) stem() string { return f.name + "-" + f.version + "-" + f.build }

func (f fileName) String() string { return f.stem() + f.extension }

// parseFileName reads a file's name. Its parts are not checked beyond their
// presence, for index.json has them too.
func parseFileName(s string) (fileName, error) {
	var f fileName
	if len(s) > maxFile {
		return f, fault.New(fault.Invalid, "the file name has %d characters; at most %d are allowed", len(s), maxFile)
	}
	stem, ok := "", false
	for _, f.extension = range []string{second, first} {
		if stem, ok = strings.CutSuffix(s, f.extension); ok {
			break
		}
	}
	build := strings.LastIndexByte(stem, '-')
	if ok && build > 0 {
		if version := strings.LastIndexByte(stem[:build], '-'); version > 0 {
			f.name, f.version, f.build = stem[:version], stem[version+1:build], stem[build+1:]
		}
	}
	if f.name == "" || f.version == "" || f.build == "" {
		return f, fault.New(fault.Invalid, "%.220q is no file of a conda package: the name has to be NAME-VERSION-BUILD.conda or NAME-VERSION-BUILD.tar.bz2", s)
	}
	return f, nil
}

// folder is a subdir of a channel. The empty channel is the registry's root.
type folder struct{ channel, subdir string }

// String is the folder in which the registry keeps the files.
func (f folder) String() string { return path.Join(f.channel, f.subdir) }

// checkChannel refuses what cannot be a channel's name: parts as CEP 26 has them,
// of which none is a platform's name, for then addresses had two meanings.
func checkChannel(channel string) error {
	if channel == "" {
		return nil
	}
	if len(channel) > maxChannel {
		return fault.New(fault.Invalid, "the name of the channel has %d characters; at most %d are allowed", len(channel), maxChannel).At("channel")
	}
	for part := range strings.SplitSeq(channel, "/") {
		switch {
		case len(part) > maxPart || !partForm.MatchString(part):
			return fault.New(fault.Invalid, "the channel %.110q is not allowed: its parts have lower-case letters, digits and . _ -, and begin with a letter, a digit or _", channel).At("channel")
		case slices.Contains(platforms, part):
			return fault.New(fault.Invalid, "the channel %.110q is not allowed: %s is a platform", channel, part).At("channel")
		}
	}
	return nil
}

func isSubdir(s string) bool { return len(s) <= maxSubdir && subdirForm.MatchString(s) }

// check refuses, as not found, what no folder is called.
func (f folder) check() error {
	if checkChannel(f.channel) != nil || !isSubdir(f.subdir) {
		return fault.New(fault.NotFound, "there is no channel with a folder %.110q here", f.String())
	}
	return nil
}

// place gives the folder of a package that was sent to an address: the channel
// that a parameter names, the folders before the file, of which the last may be
// the subdir, and the subdir that the package itself names.
func place(channel, folders, subdir string) (folder, error) {
	channel = strings.Trim(channel, "/")
	switch last := path.Base(folders); {
	case last == subdir:
		folders, _ = strings.CutSuffix(folders, last)
		folders = strings.TrimSuffix(folders, "/")
	case slices.Contains(platforms, last):
		return folder{}, fault.New(fault.Invalid, "the package is for %s, and was sent to %s", subdir, last)
	}
	if folders != "" && channel != "" && folders != channel {
		return folder{}, fault.New(fault.Invalid, "the address names the channel %.110q and the parameter %.110q", folders, channel).At("channel")
	}
	if channel == "" {
		channel = folders
	}
	return folder{channel, subdir}, checkChannel(channel)
}
