package composer

import (
	"regexp"
	"slices"
	"strings"

	"ingot.dev/modules/fault"
)

// maxName bounds the length of a package's name in bytes.
const maxName = 255

var (
	// nameForm is the grammar of the documentation's "The composer.json
	// schema", section name.
	nameForm = regexp.MustCompile(`^[a-z0-9]([_.-]?[a-z0-9]+)*/[a-z0-9](([_.]|-{1,2})?[a-z0-9]+)*$`)

	camelHump = regexp.MustCompile(`([a-z])([A-Z])|([A-Z])([A-Z][a-z])`)

	// reserved names are devices to Windows, where vendor/name is a folder.
	reserved = []string{
		"nul", "con", "prn", "aux",
		"com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
		"lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
	}
)

// CanonicalName gives the one spelling of a package's name: lower case. It is
// for names that were asked for; a name that is published passes [CheckName].
// The fault is Unprocessable.
func CanonicalName(name string) (string, error) {
	low := lower(name)
	return low, CheckName(low)
}

// CheckName refuses a name that no package may be published under: one that
// breaks the grammar vendor/name, is longer than 255 bytes, has upper-case
// letters, is a device's name on Windows, or ends in .json. The fault is
// Unprocessable.
func CheckName(name string) error {
	if len(name) > maxName {
		return fault.New(fault.Unprocessable, "the package name is %d bytes long; at most %d are taken", len(name), maxName)
	}
	low := lower(name)
	if !nameForm.MatchString(low) {
		return fault.New(fault.Unprocessable,
			"%q is no package name: write the vendor's name, a slash and the package's name in lower case, as in acme/http-client; words of letters and digits may be parted by -, . or _", name)
	}
	if low != name {
		return fault.New(fault.Unprocessable,
			"%q has upper-case letters, which package names may not have; %q would do", name, lower(camelHump.ReplaceAllString(name, "$1$3-$2$4")))
	}
	vendor, pkg, _ := strings.Cut(name, "/")
	for _, part := range []string{vendor, pkg} {
		if slices.Contains(reserved, part) {
			return fault.New(fault.Unprocessable, "%q may not be published: %q is a device on Windows, where no folder can have that name", name, part)
		}
	}
	if strings.HasSuffix(name, ".json") {
		return fault.New(fault.Unprocessable, "%q may not end in .json, which addresses of metadata end in; -json would do", name)
	}
	return nil
}
