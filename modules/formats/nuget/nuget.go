package nuget

import (
	"net/http"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
)

// NuGet implements format.Format.
type NuGet struct {
	walks chan struct{} // a place for each walk that goes on, see enter
}

var (
	_ format.Format       = (*NuGet)(nil)
	_ format.Naming       = (*NuGet)(nil)
	_ format.Ordering     = (*NuGet)(nil)
	_ format.Credentialed = (*NuGet)(nil)
	_ format.Complaining  = (*NuGet)(nil)
	_ format.Configured   = (*NuGet)(nil)
	_ format.Indexed      = (*NuGet)(nil)
	_ format.Uploading    = (*NuGet)(nil)
	_ format.Presented    = (*NuGet)(nil)
)

// New makes the format.
func New() *NuGet { return &NuGet{walks: make(chan struct{}, maxWalks)} }

// Info implements format.Format.
func (*NuGet) Info() format.Info {
	return format.Info{ID: "nuget", Title: "NuGet", Short: "nget", PURL: "nuget", Yanks: true}
}

// Places below the format's address that the service index names.
const (
	flatPath          = "v3/flatcontainer/"
	registrationPath  = "v3/registration/"
	registration2Path = "v3/registration-semver2/"
	vulnerabilityPath = "v3/vulnerability/"
	symbolPath        = "v3/symbols/"
	detailsPath       = "v3/details/"
)

// Routes implements format.Format. Version 3 of the protocol ("NuGet Server
// API") comes first, then version 2, which is OData.
func (n *NuGet) Routes() []format.Route {
	const (
		get, put, post, del = http.MethodGet, http.MethodPut, http.MethodPost, http.MethodDelete
		read, publish       = forge.ReadPackages, forge.PublishPackages
		version             = "{package}/{version}"
	)
	routes := []format.Route{
		{Name: "index", Method: get, Pattern: "index.json", Need: read, Handle: n.serviceIndex},
		{Name: "indexV3", Method: get, Pattern: "v3/index.json", Need: read, Handle: n.serviceIndex},

		{Name: "flatIndex", Method: get, Pattern: flatPath + "{package}/index.json", Need: read, Handle: document(flatKind)},
		{Name: "readme", Method: get, Pattern: flatPath + version + "/readme", Need: read, Handle: n.readme},
		{Name: "icon", Method: get, Pattern: flatPath + version + "/icon", Need: read, Handle: n.icon},
		{Name: "nuspec", Method: get, Pattern: flatPath + version + "/{file}.nuspec", Need: read, Handle: n.nuspec},
		{Name: "file", Method: get, Pattern: flatPath + version + "/{file}", Need: read, Handle: n.file},

		{Name: "search", Method: get, Pattern: "v3/query", Need: read, Handle: n.search},
		{Name: "autocomplete", Method: get, Pattern: "v3/autocomplete", Need: read, Handle: n.autocomplete},
		{Name: "details", Method: get, Pattern: detailsPath + version, Need: read, Handle: n.details},
		{Name: "vulnerabilities", Method: get, Pattern: vulnerabilityPath + "index.json", Need: read, Handle: n.vulnerabilities},
		{Name: "vulnerabilityPage", Method: get, Pattern: vulnerabilityPath + "all.json", Need: read, Handle: n.vulnerabilityPage},

		{Name: "pushSymbols", Method: put, Pattern: "v3/symbolpackage/", Need: publish, Handle: n.pushSymbols},
		{Name: "symbols", Method: get, Pattern: symbolPath + "{file}/{signature}/{name}", Need: read, Handle: n.symbols},
	}
	for i, kind := range registrationKinds {
		name, path := [...]string{"registration", "registration2"}[i], [...]string{registrationPath, registration2Path}[i]
		routes = append(routes,
			format.Route{Name: name, Method: get, Pattern: path + "{package}/index.json", Need: read, Handle: document(kind.index)},
			format.Route{Name: name + "Page", Method: get, Pattern: path + "{package}/page/{page}.json", Need: read, Handle: document(kind.page, "page")},
			format.Route{Name: name + "Leaf", Method: get, Pattern: path + "{package}/{version}.json", Need: read, Handle: n.leaf(kind.leaf)},
		)
	}
	for _, feed := range feeds {
		routes = append(routes,
			format.Route{Name: feed.name, Method: get, Pattern: feed.path, Need: read, Handle: func(q *format.Request) error { return n.feed(q, feed.find) }},
			format.Route{Name: feed.name + "Count", Method: get, Pattern: feed.path + "/$count", Need: read, Handle: func(q *format.Request) error { return totalOf(q, feed.name) }},
		)
	}
	routes = append(routes,
		format.Route{Name: "service", Method: get, Pattern: "", Need: read, Handle: n.service},
		format.Route{Name: "model", Method: get, Pattern: "$metadata", Need: read, Handle: n.model},
		format.Route{Name: "entry", Method: get, Pattern: "Packages({key})", Need: read, Handle: n.entry},
		format.Route{Name: "download", Method: get, Pattern: "package/" + version, Need: read, Handle: n.download},
	)
	for i, prefix := range []string{"", "api/v2/package/"} {
		suffix := [...]string{"", "V2"}[i]
		routes = append(routes,
			format.Route{Name: "push" + suffix, Method: put, Pattern: prefix, Need: publish, Handle: n.push},
			format.Route{Name: "unlist" + suffix, Method: del, Pattern: prefix + version, Need: publish, Handle: n.unlist},
			format.Route{Name: "relist" + suffix, Method: post, Pattern: prefix + version, Need: publish, Handle: n.relist},
		)
	}
	return routes
}

// CanonicalName implements format.Naming.
func (*NuGet) CanonicalName(name string) (string, error) { return CanonicalName(name) }

// CanonicalVersion implements format.Naming.
func (*NuGet) CanonicalVersion(version string) (string, error) { return CanonicalVersion(version) }

// Compare implements format.Ordering.
func (*NuGet) Compare(a, b string) int { return compareCanonical(a, b) }

// Credential implements format.Credentialed. A key that is there only because a
// client insists on one, beside the credential of a source, is passed over.
func (*NuGet) Credential(r *http.Request) (forge.Credential, bool) {
	key := r.Header.Get("X-NuGet-ApiKey")
	return forge.Credential{Scheme: forge.Raw, Secret: key}, key != "" && r.Header.Get("Authorization") == ""
}

// Complain implements format.Complaining. Clients show the reason phrase of the
// status, which net/http keeps to itself, and the header X-NuGet-Warning of
// any answer. A read that finds nothing is no news to them.
func (*NuGet) Complain(q *format.Request, status int, f *fault.Fault) {
	if m := q.R.Method; m != http.MethodGet && m != http.MethodHead {
		q.W.Header().Set("X-NuGet-Warning", printable(f.Message))
	}
	_ = q.Text(status, f.Message+"\n")
}

// printable makes a text that a header can hold.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < ' ':
			return ' '
		case r > '~':
			return '?'
		}
		return r
	}, s)
}
