package helm

import (
	"regexp"
	"strings"

	"github.com/Masterminds/semver/v3"

	"ingot.dev/modules/fault"
)

const (
	maxName = 250 // bytes, as Helm has it
	maxFile = 255 // bytes of a file's name, which is that of a file at the client's
)

// What the names of files end in.
const (
	chartSuffix = ".tgz"
	proofSuffix = ".tgz.prov"
)

var (
	nameForm = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$`)

	// startOfVersion is what every version begins with, and the dash before it.
	// No name has it, so that a file's name can be split in one way only.
	startOfVersion = regexp.MustCompile(`-v?[0-9]+\.[0-9]+\.[0-9]`)
)

// CanonicalName gives the form under which a chart is unique: without letter
// case. fault.Invalid for a name that Helm or this registry does not allow.
func CanonicalName(name string) (string, error) {
	switch {
	case len(name) > maxName:
		return "", fault.New(fault.Invalid, "the name of a chart has at most %d characters; %.40q has %d", maxName, name, len(name)).At("name")
	case !nameForm.MatchString(name):
		return "", fault.New(fault.Invalid, "the chart name %q is not allowed: letters a to z, digits and, between them, - . _", name).At("name")
	case startOfVersion.MatchString(name):
		return "", fault.New(fault.Invalid, "the chart name %q is not allowed: it reads as a name with a version behind it", name).At("name")
	}
	return strings.ToLower(name), nil
}

// CanonicalVersion gives the form under which a version is unique: without the
// v that may stand in front. fault.Invalid for what is no semantic version.
func CanonicalVersion(version string) (string, error) {
	bare := strings.TrimPrefix(version, "v")
	if len(version) > maxFile {
		return "", fault.New(fault.Invalid, "the version %.40q is too long", version).At("version")
	}
	if _, err := semver.StrictNewVersion(bare); err != nil {
		return "", fault.New(fault.Invalid, "%q is no semantic version: write MAJOR.MINOR.PATCH, as 1.0.0 or 1.0.0-rc.1", version).At("version")
	}
	return bare, nil
}

// fileName is that of a chart's archive, as helm package calls it.
func fileName(name, version string) string { return name + "-" + version + chartSuffix }

// splitFile splits the name of a chart's archive, without its suffix. Incident
// 18 (RubyGems CVE-2022-29176): there is one way to do so.
func splitFile(stem string) (name, version string, ok bool) {
	at := startOfVersion.FindStringIndex(stem)
	if at == nil {
		return "", "", false
	}
	return stem[:at[0]], stem[at[0]+1:], true
}
