package cran

import (
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// Fields of a DESCRIPTION that list packages, in the order of the page.
var requiring = []string{"Depends", "Imports", "LinkingTo", "Suggests", "Enhances"}

// The columns of PACKAGES that are fields of the DESCRIPTION, as
// tools::write_PACKAGES has them; built packages have Built in the end.
var (
	columns = []string{
		"Package", "Version", "Priority", "Depends", "Imports", "LinkingTo", "Suggests", "Enhances", "License",
		"License_is_FOSS", "License_restricts_use", "OS_type", "Archs", md5Column, "NeedsCompilation", "Built", sha256Column,
	}
	// told are the fields that the page tells of besides.
	told = []string{"Title", "URL", "BugReports", "Author", "Maintainer", "SystemRequirements", "Date/Publication", "Date"}
)

// Columns that the DESCRIPTION does not know.
const (
	md5Column    = "MD5sum"
	sha256Column = "SHA256sum" // R 4.2 passes it over
)

// description holds the fields of a DESCRIPTION, each on one line.
type description map[string]string

// parseDescription reads a DESCRIPTION and puts its lists of packages into the
// form that R writes. Every error is fault.Invalid or fault.TooLarge.
func parseDescription(text []byte) (description, error) {
	fields, err := parseDCF(text)
	if err != nil {
		return nil, err
	}
	d := description(fields)
	for _, field := range []string{"Package", "Version"} {
		if d[field] == "" {
			return nil, fault.New(fault.Invalid, "the DESCRIPTION has no field %s", field)
		}
	}
	if _, err := CanonicalName(d["Package"]); err != nil {
		return nil, err
	}
	if _, err := CanonicalVersion(d["Version"]); err != nil {
		return nil, err
	}
	for _, field := range requiring {
		list, err := parseRequirements(field, d[field])
		if err != nil {
			return nil, err
		}
		d[field] = joined(list)
	}
	return d, nil
}

// only gives the fields of some names that are not empty.
func (d description) only(names ...string) description {
	out := description{}
	for _, name := range names {
		if d[name] != "" {
			out[name] = d[name]
		}
	}
	return out
}

// readme gives the description for want of a readme.
func (d description) readme() format.Readme {
	if d["Description"] == "" {
		return format.Readme{}
	}
	return format.Readme{Name: "DESCRIPTION.txt", Text: d["Description"]}
}
