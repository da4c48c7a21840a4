package maven

import (
	"net/http"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
)

// Maven implements format.Format.
type Maven struct{}

var (
	_ format.Format    = Maven{}
	_ format.Ordering  = Maven{}
	_ format.Naming    = Maven{}
	_ format.Grouped   = Maven{}
	_ format.Indexed   = Maven{}
	_ format.Uploading = Maven{}
	_ format.Presented = Maven{}
)

// New makes the format.
func New() Maven { return Maven{} }

// Info implements format.Format.
func (Maven) Info() format.Info {
	return format.Info{ID: "maven", Title: "Maven", Short: "mvn", PURL: "maven"}
}

// Routes implements format.Format.
func (m Maven) Routes() []format.Route {
	return []format.Route{
		{Name: "search", Method: http.MethodGet, Pattern: "solrsearch/select", Need: forge.ReadPackages, Handle: m.search},
		{Name: "putFile", Method: http.MethodPut, Pattern: "{path...}", Need: forge.PublishPackages, Handle: m.put},
		{Name: "getFile", Method: http.MethodGet, Pattern: "{path...}", Need: forge.ReadPackages, Handle: m.fetch},
	}
}

// Compare implements format.Ordering.
func (Maven) Compare(a, b string) int { return Compare(a, b) }

// CanonicalName implements format.Naming. Maven tells upper from lower case,
// and repositories in the wild hold names that differ in nothing else; no name
// becomes a path on this server's disk, where they could collide.
func (Maven) CanonicalName(name string) (string, error) {
	group, artifact, ok := strings.Cut(name, ":")
	if !ok {
		return "", fault.New(fault.Invalid, "the package name %q is not allowed: write GROUPID:ARTIFACTID", name)
	}
	if err := checkGroup(group); err != nil {
		return "", err
	}
	return name, checkArtifact(artifact)
}

// CanonicalVersion implements format.Naming. Versions that order alike, as 1.0
// and 1.0.0 do, have different paths and stay apart.
func (Maven) CanonicalVersion(version string) (string, error) { return version, checkVersion(version) }

// Group implements format.Grouped: groupId and artifactId.
func (Maven) Group(name string) (group, artifact string) {
	group, artifact, _ = strings.Cut(name, ":")
	return group, artifact
}
