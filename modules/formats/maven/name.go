package maven

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"ingot.dev/modules/ascii"
	"ingot.dev/modules/fault"
)

// snapshot ends every version that is still being made.
const snapshot = "SNAPSHOT"

// IsSnapshot tells whether files of a version may change.
func IsSnapshot(version string) bool { return strings.HasSuffix(version, snapshot) }

// BaseVersion gives the version whose build another is: 1.0-SNAPSHOT of
// 1.0-20240101.120000-1. Any other is its own.
func BaseVersion(version string) string {
	at := len(version)
	for range 2 { // the build number is behind the last hyphen, the time before it
		if at = strings.LastIndexByte(version[:at], '-'); at < 0 {
			break
		}
	}
	if _, rest, ok := parseBuild(version[at+1:]); ok && rest == "" {
		return version[:at+1] + snapshot
	}
	return version
}

// Build is what tells the builds of a SNAPSHOT from each other. The zero Build
// is of a file that is called SNAPSHOT itself.
type Build struct {
	Time   string // yyyyMMdd.HHmmss, UTC
	Number int
}

// String writes the build as file names have it.
func (b Build) String() string {
	if b == (Build{}) {
		return snapshot
	}
	return b.Time + "-" + strconv.Itoa(b.Number)
}

func (b Build) compare(o Build) int {
	return cmp.Or(strings.Compare(b.Time, o.Time), cmp.Compare(b.Number, o.Number))
}

// maxBuild is far beyond any build number, and within an int of 32 bits.
const maxBuild = 1_000_000_000

// parseBuild reads a build at the start of s and gives what follows it.
func parseBuild(s string) (b Build, rest string, ok bool) {
	const layout = "yyyyMMdd.HHmmss"
	if len(s) < len(layout)+2 || s[len(layout)] != '-' {
		return b, s, false
	}
	for i := range layout {
		if dot := layout[i] == '.'; dot != (s[i] == '.') || !dot && !ascii.IsDigit(s[i]) {
			return b, s, false
		}
	}
	end := len(layout) + 1
	for end < len(s) && ascii.IsDigit(s[end]) {
		end++
	}
	digits := s[len(layout)+1 : end]
	n, err := strconv.Atoi(digits)
	if err != nil || n > maxBuild || strconv.Itoa(n) != digits {
		return b, s, false
	}
	return Build{s[:len(layout)], n}, s[end:], true
}

// Name is the name of a file of a version, taken apart.
type Name struct {
	File       string // all of it
	Build      Build  // of a SNAPSHOT's file
	Classifier string // "sources", often empty
	Extension  string // "jar", "tar.gz", "jar.asc"
}

// ParseName reads the name of a file in the folder of a version: artifact,
// version or build of it, classifier where there is one, extension.
// fault.Invalid for any other name.
func ParseName(artifact, version, file string) (Name, error) {
	n := Name{File: file}
	rest, ok := strings.CutPrefix(file, artifact+"-")
	if ok {
		rest, ok = n.cutVersion(rest, version)
	}
	switch {
	case !ok:
	case strings.HasPrefix(rest, "."):
		n.Extension = rest[1:]
	case strings.HasPrefix(rest, "-"):
		n.Classifier, n.Extension = splitExtension(rest[1:])
		ok = n.Classifier != ""
	}
	if !ok || !isExtension(n.Extension) || !isVersion(file) || len(file) > maxName {
		return Name{}, fault.New(fault.Invalid, "the file name %q does not fit its folder: it has to be %s-%s.EXTENSION or %s-%s-CLASSIFIER.EXTENSION",
			file, artifact, version, artifact, version)
	}
	return n, nil
}

// maxName is what the registry keeps of a file's name, in bytes.
const maxName = 255

// isExtension takes no checksum's: a file of that name would stand in the way
// of the checksum of another.
func isExtension(s string) bool {
	for part := range strings.SplitSeq(s, ".") {
		if part == "" {
			return false
		}
	}
	return !slices.Contains(checksums[:], s[strings.LastIndexByte(s, '.')+1:])
}

func (n *Name) cutVersion(s, version string) (rest string, ok bool) {
	if rest, ok = strings.CutPrefix(s, version); ok || !IsSnapshot(version) {
		return rest, ok
	}
	if rest, ok = strings.CutPrefix(s, strings.TrimSuffix(version, snapshot)); !ok {
		return s, false
	}
	n.Build, rest, ok = parseBuild(rest)
	return rest, ok
}

// signatures are extensions that files get beside those of their own.
var signatures = [...]string{".asc", ".sigstore.json", ".sigstore", ".sig"}

// splitExtension parts a classifier from the extension. Both may have dots in
// them and nothing in the name tells where the one ends, so this knows of the
// extensions of two parts that Maven's own plugins make.
func splitExtension(s string) (classifier, extension string) {
	end := len(s)
	for _, signature := range signatures {
		if rest, ok := strings.CutSuffix(s, signature); ok {
			end = len(rest)
			break
		}
	}
	at := strings.LastIndex(s[:end], ".tar.")
	if at < 0 {
		at = strings.LastIndexByte(s[:end], '.')
	}
	if at < 0 {
		at = strings.LastIndexByte(s, '.')
	}
	if at < 0 {
		return s, ""
	}
	return s[:at], s[at+1:]
}

// IsPom tells whether the file describes the version.
func (n Name) IsPom() bool { return n.Classifier == "" && n.Extension == "pom" }

// IsMain tells whether the file is the version's own jar.
func (n Name) IsMain() bool { return n.Classifier == "" && n.Extension == "jar" }

// value gives the version as a SNAPSHOT's index has it: that of the file's name.
func (n Name) value(version string) string {
	return strings.TrimSuffix(version, snapshot) + n.Build.String()
}

// mediaTypes are those of the commonest extensions.
var mediaTypes = map[string]string{
	"jar": "application/java-archive", "war": "application/java-archive", "ear": "application/java-archive",
	"zip": "application/zip", "module": "application/json", "json": "application/json", "asc": "application/pgp-signature",
	"pom": "application/xml", "xml": "application/xml", "gz": "application/gzip",
}

func (n Name) mediaType() string {
	return mediaTypes[n.Extension[strings.LastIndexByte(n.Extension, '.')+1:]]
}
