package npm

import (
	"regexp"
	"strings"

	"github.com/Masterminds/semver/v3"

	"ingot.dev/modules/fault"
)

const (
	maxName    = 214 // bytes, the scope included
	maxVersion = 256 // bytes
	maxTag     = 128 // bytes
)

var (
	// nameForm is what npm's own registry takes for new packages: what stands
	// in an address as it is.
	nameForm = regexp.MustCompile(`^(@[a-z0-9][a-z0-9._-]*/[a-z0-9_-][a-z0-9._-]*|[a-z0-9][a-z0-9._-]*)$`)

	tagForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

	// rangeForm is what of tagForm is a range of versions to npm.
	rangeForm = regexp.MustCompile(`^v?([0-9]+|[xX])(\.([0-9]+|[xX])(\.([0-9]+|[xX])(-[0-9A-Za-z.-]+)?)?)?$`)
)

// CanonicalName gives the one spelling of a package's name: lower case. It is
// for names that were asked for; a name that is published passes checkName.
func CanonicalName(name string) (string, error) {
	low := strings.ToLower(name)
	if len(name) > maxName || !nameForm.MatchString(low) || low == "node_modules" || low == "favicon.ico" {
		return "", fault.New(fault.Invalid, "%.250q is no package name: write name or @scope/name, at most %d characters, in lower-case letters, digits and . _ -, with a letter or digit first", name, maxName)
	}
	return low, nil
}

// checkName refuses a name that no package may be published under.
func checkName(name string) error {
	low, err := CanonicalName(name)
	if err == nil && low != name {
		err = fault.New(fault.Invalid, "%q has capital letters, which names of packages may not have; %q would do", name, low)
	}
	return err
}

// CanonicalVersion gives a version without its build metadata, by which no two
// versions differ (SemVer 2.0.0, 10).
func CanonicalVersion(version string) (string, error) {
	v, err := parseVersion(version)
	if err != nil {
		return "", err
	}
	return bare(v), nil
}

func parseVersion(version string) (*semver.Version, error) {
	v, err := semver.StrictNewVersion(version)
	if err != nil || len(version) > maxVersion {
		return nil, fault.New(fault.Invalid, "%.300q is no version: write three numbers, as in 1.2.3 or 1.2.3-beta.1 (semver.org)", version)
	}
	return v, nil
}

// bare writes a version without its build metadata.
func bare(v *semver.Version) string {
	b, _ := v.SetMetadata("") // the empty one is always right
	return b.String()
}

// cleanVersion reads the version of a package.json, before which npm's client
// takes a "v" or "=" away.
func cleanVersion(version string) (*semver.Version, error) {
	return parseVersion(strings.TrimLeft(strings.TrimSpace(version), "=v "))
}

// Group gives the scope and the bare name of a package.
func (*NPM) Group(name string) (group, artifact string) {
	if scope, bare, ok := strings.Cut(name, "/"); ok {
		return scope, bare
	}
	return name, name
}

// bareName is a name without its scope.
func bareName(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

const (
	tarballSuffix = ".tgz"
	bundleSuffix  = ".sigstore"
)

// tarballName is the name of a version's tarball.
func tarballName(name, version string) string {
	return bareName(name) + "-" + version + tarballSuffix
}

// bundleName is the name of the provenance of a version's tarball.
func bundleName(name, version string) string {
	return bareName(name) + "-" + version + bundleSuffix
}

// versionOf reads the version out of the name of a tarball of a package.
func versionOf(name, file string) (string, error) {
	rest, ok := strings.CutPrefix(file, bareName(name)+"-")
	version, isTarball := strings.CutSuffix(rest, tarballSuffix)
	if !ok || !isTarball {
		return "", fault.New(fault.NotFound, "there is no file %q of %s; tarballs are called %s", file, name, tarballName(name, "1.0.0"))
	}
	if _, err := parseVersion(version); err != nil {
		return "", fault.Wrap(fault.NotFound, err, "%s has no version %q", name, version)
	}
	return version, nil
}

// checkTag refuses what cannot be a tag: what would be taken for a range of
// versions where clients write name@tag.
func checkTag(tag string) error {
	if len(tag) > maxTag || !tagForm.MatchString(tag) {
		return fault.New(fault.Invalid, "%.150q is no tag: letters, digits and . _ - only, at most %d", tag, maxTag)
	}
	if rangeForm.MatchString(tag) {
		return fault.New(fault.Invalid, "%q is no tag: it reads as a range of versions", tag)
	}
	return nil
}
