package rubygem

import (
	"encoding/json"
	"net/http"

	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
)

// RubyGems implements format.Format.
type RubyGems struct{}

var (
	_ format.Format    = (*RubyGems)(nil)
	_ format.Naming    = (*RubyGems)(nil)
	_ format.Ordering  = (*RubyGems)(nil)
	_ format.Indexed   = (*RubyGems)(nil)
	_ format.Uploading = (*RubyGems)(nil)
	_ format.Presented = (*RubyGems)(nil)
)

// New makes the format.
func New() *RubyGems { return &RubyGems{} }

// Info implements format.Format.
func (g *RubyGems) Info() format.Info {
	return format.Info{ID: "rubygem", Aliases: []string{"rubygems"}, Title: "RubyGems", Short: "gem", PURL: "gem", Yanks: true, OneSpelling: true}
}

// CanonicalName implements format.Naming.
func (g *RubyGems) CanonicalName(name string) (string, error) { return CanonicalName(name) }

// CanonicalVersion implements format.Naming.
func (g *RubyGems) CanonicalVersion(version string) (string, error) { return CanonicalVersion(version) }

// Compare implements format.Ordering.
func (g *RubyGems) Compare(a, b string) int { return compare(a, b) }

// Routes implements format.Format.
func (g *RubyGems) Routes() []format.Route {
	const (
		get, post       = http.MethodGet, http.MethodPost
		put, del        = http.MethodPut, http.MethodDelete
		read, publish   = forge.ReadPackages, forge.PublishPackages
		marshalled, api = "quick/Marshal.4.8/", "api/v1/"
	)
	return []format.Route{
		{Name: "root", Method: get, Pattern: "", Need: read, Handle: g.root},
		{Name: "versions", Method: get, Pattern: "versions", Need: read, Handle: whole(versionsKind)},
		{Name: "names", Method: get, Pattern: "names", Need: read, Handle: whole(namesKind)},
		{Name: "info", Method: get, Pattern: "info/{package}", Need: read, Handle: g.info},
		{Name: "specs", Method: get, Pattern: "specs.4.8", Need: read, Handle: whole(specsKind)},
		{Name: "latestSpecs", Method: get, Pattern: "latest_specs.4.8", Need: read, Handle: whole(latestKind)},
		{Name: "prereleaseSpecs", Method: get, Pattern: "prerelease_specs.4.8", Need: read, Handle: whole(prereleaseKind)},
		{Name: "packedSpecs", Method: get, Pattern: "specs.4.8.gz", Need: read, Handle: whole(specsKind + packed)},
		{Name: "packedLatestSpecs", Method: get, Pattern: "latest_specs.4.8.gz", Need: read, Handle: whole(latestKind + packed)},
		{Name: "packedPrereleaseSpecs", Method: get, Pattern: "prerelease_specs.4.8.gz", Need: read, Handle: whole(prereleaseKind + packed)},
		{Name: "quick", Method: get, Pattern: marshalled + "{gem}.gemspec.rz", Need: read, Handle: g.quick},
		{Name: "gem", Method: get, Pattern: "gems/{gem}.gem", Need: read, Handle: g.gem},

		{Name: "push", Method: post, Pattern: api + "gems", Need: publish, Handle: g.push},
		{Name: "yank", Method: del, Pattern: api + "gems/yank", Need: publish, Handle: g.yank},
		{Name: "owners", Method: get, Pattern: api + "gems/{package}/owners.yaml", Need: read, Handle: g.listOwners},
		{Name: "ownersJSON", Method: get, Pattern: api + "gems/{package}/owners.json", Need: read, Handle: g.listOwners},
		{Name: "addOwner", Method: post, Pattern: api + "gems/{package}/owners", Need: publish, Handle: g.changeOwners},
		{Name: "removeOwner", Method: del, Pattern: api + "gems/{package}/owners", Need: publish, Handle: g.changeOwners},
		{Name: "key", Method: get, Pattern: api + "api_key", Need: forge.SignedIn, Handle: g.key},
		{Name: "makeKey", Method: post, Pattern: api + "api_key", Need: forge.SignedIn, Handle: g.key},
		{Name: "widenKey", Method: put, Pattern: api + "api_key", Need: forge.SignedIn, Handle: g.widen},

		{Name: "dependencies", Method: get, Pattern: api + "dependencies", Need: read, Handle: g.dependencies},
		{Name: "dependenciesJSON", Method: get, Pattern: api + "dependencies.json", Need: read, Handle: g.dependenciesJSON},
		{Name: "search", Method: get, Pattern: api + "search.json", Need: read, Handle: g.search},
		{Name: "about", Method: get, Pattern: api + "gems/{package}.json", Need: read, Handle: g.about},
		{Name: "latest", Method: get, Pattern: api + "versions/{package}/latest.json", Need: read, Handle: g.latest},
		{Name: "versionsOf", Method: get, Pattern: api + "versions/{package}.json", Need: read, Handle: g.versionsOf},
		{Name: "attestations", Method: get, Pattern: api + "attestations/{gem}.json", Need: read, Handle: g.attested},
	}
}

// whole answers with a document of the whole registry.
func whole(kind string) func(*format.Request) error {
	return func(q *format.Request) error { return q.Document(kind, "") }
}

// specOf reads what was kept of a version's specification.
func specOf(v *format.Version) (*spec, error) {
	s := &spec{}
	if len(v.Metadata) == 0 {
		return s, nil
	}
	return s, json.Unmarshal(v.Metadata, s)
}
