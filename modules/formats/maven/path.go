package maven

import (
	"strings"

	"ingot.dev/modules/fault"
)

// Kind is what a path of the repository means.
type Kind uint8

// The kinds.
const (
	File     Kind = iota + 1 // a file of a version
	Metadata                 // the index of an artifact, of a group of plugins, or of both
	Snapshot                 // the index of a SNAPSHOT version
	Catalog                  // the list of archetypes
)

// Names of files that mean an index.
const (
	metadataFile = "maven-metadata.xml"
	catalogFile  = "archetype-catalog.xml"
)

// checksums are the algorithms of checksum files, by their extensions.
var checksums = [...]string{"md5", "sha1", "sha256", "sha512"}

// Path is a path of a repository in Maven's layout, taken apart.
type Path struct {
	Kind Kind
	// Sum is the algorithm where the path means the checksum of what the rest
	// of it means: "sha1".
	Sum      string
	Group    string // "org.example"
	Artifact string
	Version  string // the folder's: "1.0-SNAPSHOT" of every build of it
	Name     Name   // of a file
	// Plugins is the group whose plugins an index is of as well: a/b/c is both
	// the artifact c of the group a.b and the group a.b.c.
	Plugins string
}

// Package gives the name of the package that a path is about, empty where it
// can only be a group.
func (p Path) Package() string {
	if p.Artifact == "" {
		return ""
	}
	return p.Group + ":" + p.Artifact
}

// ParsePath reads a path below the root of the repository, without slashes at
// its ends. fault.Invalid for one that Maven's layout does not have.
func ParsePath(path string) (Path, error) {
	segments := strings.Split(path, "/")
	last := len(segments) - 1
	p := Path{}
	for _, sum := range checksums {
		if name, ok := strings.CutSuffix(segments[last], "."+sum); ok {
			p.Sum, segments[last] = sum, name
			break
		}
	}
	switch name, dirs := segments[last], segments[:last]; {
	case name == catalogFile && len(dirs) == 0:
		p.Kind = Catalog
		return p, nil
	case name == metadataFile && len(dirs) > 0:
		return p.index(dirs)
	case len(dirs) >= 3:
		return p.file(dirs, name)
	default:
		return Path{}, fault.New(fault.Invalid, "%q is no path of a Maven repository: write GROUP/WITH/SLASHES/ARTIFACT/VERSION/FILE", path)
	}
}

func (p Path) file(dirs []string, name string) (Path, error) {
	n := len(dirs) - 2
	p.Kind, p.Artifact, p.Version = File, dirs[n], dirs[n+1]
	group, err := groupOf(dirs[:n])
	if err != nil {
		return Path{}, err
	}
	p.Group = group
	if err := checkArtifact(p.Artifact); err != nil {
		return Path{}, err
	}
	if err := checkVersion(p.Version); err != nil {
		return Path{}, err
	}
	p.Name, err = ParseName(p.Artifact, p.Version, name)
	return p, err
}

func (p Path) index(dirs []string) (Path, error) {
	p.Kind = Metadata
	n := len(dirs)
	if n >= 3 && IsSnapshot(dirs[n-1]) {
		p.Kind, p.Version = Snapshot, dirs[n-1]
		dirs = dirs[:n-1]
		if err := checkVersion(p.Version); err != nil {
			return Path{}, err
		}
	}
	n = len(dirs)
	plugins, err := groupOf(dirs)
	if err == nil && p.Kind == Metadata {
		p.Plugins = plugins
	}
	if n < 2 {
		return p, err
	}
	if p.Group, err = groupOf(dirs[:n-1]); err != nil {
		return Path{}, err
	}
	p.Artifact = dirs[n-1]
	return p, checkArtifact(p.Artifact)
}

// groupOf joins the folders of a group. A folder with a dot in it is of no
// group: it would be another spelling of two folders.
func groupOf(dirs []string) (string, error) {
	for _, dir := range dirs {
		if !isID(dir) || strings.Contains(dir, ".") {
			return "", fault.New(fault.Invalid, "the folder %q of a groupId is not allowed: letters, digits, _ and - only", dir)
		}
	}
	return strings.Join(dirs, "."), nil
}

func checkGroup(group string) error {
	for part := range strings.SplitSeq(group, ".") {
		if !isID(part) {
			return fault.New(fault.Invalid, "the groupId %q is not allowed: letters, digits, _ and -, with single dots between them", group)
		}
	}
	return nil
}

func checkArtifact(artifact string) error {
	if !isID(artifact) || artifact == "." || artifact == ".." {
		return fault.New(fault.Invalid, "the artifactId %q is not allowed: letters, digits, _ - and . only", artifact)
	}
	return nil
}

// isID tells whether s is of the characters that Maven allows in a groupId or
// artifactId.
func isID(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '-', c == '.':
		default:
			return false
		}
	}
	return s != ""
}

// checkVersion keeps to characters that mean nothing to a file system, a URL,
// a shell or a build script; Maven itself forbids most of the others. A build of
// a SNAPSHOT is no version but a file of one.
func checkVersion(version string) error {
	if !isVersion(version) || version == "." || version == ".." {
		return fault.New(fault.Invalid, "the version %q is not allowed: letters, digits and . _ - + ~ = @ only", version)
	}
	if base := BaseVersion(version); base != version {
		return fault.New(fault.Invalid, "%s is a build of the version %s: publish its files under that", version, base)
	}
	return nil
}

// isVersion tells whether s is of the characters of versions and file names.
func isVersion(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isID(s[i:i+1]) && c != '+' && c != '~' && c != '=' && c != '@' {
			return false
		}
	}
	return s != ""
}
