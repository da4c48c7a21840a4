package nuget

import (
	"net/http"

	"ingot.dev/modules/format"
)

// resource is a line of the service index.
type resource struct {
	ID      string `json:"@id"`
	Type    string `json:"@type"`
	Comment string `json:"comment,omitempty"`
	Client  string `json:"clientVersion,omitempty"` // from which on clients look at it
}

// resources are what the service index tells of, with all names that clients
// look for. The registrations that are "gzip" there come from the places of
// the others, packed as a client asks.
var resources = []struct {
	path, comment string
	types         []string
}{
	{flatPath, "Packages and their manifests", []string{"PackageBaseAddress/3.0.0"}},
	{registrationPath, "Registrations without versions of SemVer 2.0.0", []string{"RegistrationsBaseUrl", "RegistrationsBaseUrl/3.0.0-beta", "RegistrationsBaseUrl/3.0.0-rc", "RegistrationsBaseUrl/3.4.0"}},
	{registration2Path, "Registrations with versions of SemVer 2.0.0", []string{"RegistrationsBaseUrl/3.6.0", "RegistrationsBaseUrl/Versioned"}},
	{"v3/query", "Search", []string{"SearchQueryService", "SearchQueryService/3.0.0-beta", "SearchQueryService/3.0.0-rc", "SearchQueryService/3.5.0", "SearchQueryService/Versioned"}},
	{"v3/autocomplete", "Ids by how they begin, and versions", []string{"SearchAutocompleteService", "SearchAutocompleteService/3.0.0-beta", "SearchAutocompleteService/3.0.0-rc", "SearchAutocompleteService/3.5.0", "SearchAutocompleteService/Versioned"}},
	{"", "Push, unlist and list again", []string{"PackagePublish/2.0.0", "PackagePublish/Versioned"}},
	{"v3/symbolpackage", "Push symbols", []string{"SymbolPackagePublish/4.9.0"}},
	{vulnerabilityPath + "index.json", "Known vulnerabilities", []string{"VulnerabilityInfo/6.7.0"}},
	{flatPath + "{lower_id}/{lower_version}/readme", "README of a version", []string{"ReadmeUriTemplate/6.13.0"}},
	{detailsPath + "{id}/{version}", "Page of a version", []string{"PackageDetailsUriTemplate/5.1.0"}},
	{"", "Version 2 of the protocol", []string{"LegacyGallery", "LegacyGallery/2.0.0"}},
}

// versioned names the resources that clients look for by their own version.
var versioned = map[string]string{
	"RegistrationsBaseUrl/Versioned":      "4.3.0-alpha",
	"SearchQueryService/Versioned":        "4.3.0-alpha",
	"SearchAutocompleteService/Versioned": "4.3.0-alpha",
	"PackagePublish/Versioned":            "4.3.0-alpha",
}

// serviceIndex answers with what there is and where ("Service index").
func (*NuGet) serviceIndex(q *format.Request) error {
	out := struct {
		Version   string     `json:"version"`
		Resources []resource `json:"resources"`
	}{Version: "3.0.0"}
	for _, r := range resources {
		address := q.Base
		if r.path != "" {
			address += "/" + r.path
		}
		for _, t := range r.types {
			out.Resources = append(out.Resources, resource{address, t, r.comment, versioned[t]})
		}
	}
	return q.JSON(http.StatusOK, out)
}
