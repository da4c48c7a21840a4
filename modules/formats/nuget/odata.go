package nuget

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ingot.dev/modules/format"
)

// row is a version as version 2 of the protocol shows it.
type row struct {
	listing
	version          Version
	latest, absolute bool  // the newest release, the newest version, of those that are listed
	downloads        int64 // of all versions
}

// The types of properties (Entity Data Model).
const (
	edmString  = "Edm.String"
	edmBoolean = "Edm.Boolean"
	edmInt64   = "Edm.Int64"
	edmTime    = "Edm.DateTime"
)

// property is one that a package has in feeds. The values are those of filter.
type property struct {
	name, kind string
	value      func(base string, r row) any
}

func stringProperty(name string, value func(n *Nuspec) string) property {
	return property{name, edmString, func(_ string, r row) any { return value(r.Nuspec) }}
}

func timeProperty(name string, value func(v *format.Version) time.Time) property {
	return property{name, edmTime, func(_ string, r row) any { return value(r.listing.Version) }}
}

func created(v *format.Version) time.Time { return v.Created }

// publishedAt is created of what is listed; the year 1900 stands for the rest.
func publishedAt(v *format.Version) time.Time {
	if v.Yanked {
		return time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return v.Created
}

// spaced writes tags with a blank around each: clients look for " tag ".
func spaced(n *Nuspec) string {
	if len(n.Tags) == 0 {
		return ""
	}
	return " " + strings.Join(n.Tags, " ") + " "
}

// properties are those of feeds, in their order, as nuget.org names them.
var properties = []property{
	{"Id", edmString, func(_ string, r row) any { return r.Nuspec.ID }},
	{"Version", edmString, func(_ string, r row) any { return r.Nuspec.Version }},
	{"NormalizedVersion", edmString, func(_ string, r row) any { return r.listing.Version.Name }},
	stringProperty("Authors", func(n *Nuspec) string { return n.Authors }),
	stringProperty("Copyright", func(n *Nuspec) string { return n.Copyright }),
	timeProperty("Created", created),
	{"Dependencies", edmString, func(_ string, r row) any { return r.dependencies() }},
	stringProperty("Description", func(n *Nuspec) string { return n.Description }),
	{"DownloadCount", edmInt64, func(_ string, r row) any { return r.downloads }},
	{"GalleryDetailsUrl", edmString, func(base string, r row) any { return r.place(base, detailsPath) }},
	{"IconUrl", edmString, func(base string, r row) any { return iconURL(base, r.listing) }},
	{"IsLatestVersion", edmBoolean, func(_ string, r row) any { return r.latest }},
	{"IsAbsoluteLatestVersion", edmBoolean, func(_ string, r row) any { return r.absolute }},
	{"IsPrerelease", edmBoolean, func(_ string, r row) any { return r.Prerelease }},
	stringProperty("Language", func(n *Nuspec) string { return n.Language }),
	timeProperty("LastUpdated", created),
	stringProperty("LicenseUrl", func(n *Nuspec) string { return n.LicenceURL }),
	stringProperty("LicenseExpression", func(n *Nuspec) string { return n.Licence }),
	{"Listed", edmBoolean, func(_ string, r row) any { return !r.Yanked }},
	stringProperty("MinClientVersion", func(n *Nuspec) string { return n.MinClientVersion }),
	{"PackageHash", edmString, func(_ string, r row) any { return r.hash() }},
	{"PackageHashAlgorithm", edmString, func(string, row) any { return "SHA512" }},
	{"PackageSize", edmInt64, func(_ string, r row) any { return packed(r.listing.Version).Size }},
	stringProperty("ProjectUrl", func(n *Nuspec) string { return n.ProjectURL }),
	timeProperty("Published", publishedAt),
	stringProperty("ReleaseNotes", func(n *Nuspec) string { return n.ReleaseNotes }),
	{"RequireLicenseAcceptance", edmBoolean, func(_ string, r row) any { return r.AskLicence }},
	{"DevelopmentDependency", edmBoolean, func(_ string, r row) any { return r.Development }},
	stringProperty("Summary", func(n *Nuspec) string { return n.Summary }),
	stringProperty("Tags", spaced),
	stringProperty("Title", func(n *Nuspec) string { return n.Title }),
	{"VersionDownloadCount", edmInt64, func(_ string, r row) any { return r.Downloads }},
}

// fields are the properties as filters and orders see them: those without a
// value are null. That of dependencies is none of them: nobody asks by it, and it
// is long and made anew each time it is looked at.
var fields = func() map[string]filter {
	m := make(map[string]filter, len(properties))
	for _, p := range properties {
		m[p.name] = func(r row) any {
			switch v := p.value("", r).(type) {
			case int64:
				return float64(v)
			case string:
				if v != "" {
					return v
				}
				return nil
			default:
				return v
			}
		}
	}
	version := func(r row) any { return r.version }
	m["Version"], m["NormalizedVersion"] = version, version
	delete(m, "Dependencies")
	return m
}()

// hash is the digest of the package as clients of version 2 compare it.
func (r row) hash() string {
	raw, err := hex.DecodeString(packed(r.listing.Version).Digests.SHA512)
	if err != nil {
		return ""
	}
	return base64.StdEncoding.EncodeToString(raw)
}

// dependencies writes them in one line: id:range:framework between bars.
func (r row) dependencies() string {
	var all []string
	for _, g := range r.Groups {
		if len(g.Dependencies) == 0 {
			all = append(all, "::"+g.Framework)
		}
		for _, d := range g.Dependencies {
			all = append(all, d.ID+":"+d.Range+":"+g.Framework)
		}
	}
	return strings.Join(all, "|")
}

// place is the address of something of the version.
func (r row) place(base, path string) string {
	return base + "/" + path + r.Nuspec.ID + "/" + url.PathEscape(r.listing.Version.Name)
}

// self is the address of the version's entry.
func (r row) self(base string) string {
	return base + "/Packages(Id='" + r.Nuspec.ID + "',Version='" + r.listing.Version.Name + "')"
}

// The namespaces of feeds (RFC 4287, and "OData Version 2.0: AtomPub Format").
const (
	namespaces = ` xmlns="http://www.w3.org/2005/Atom" xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices"` +
		` xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"`
	scheme     = "http://schemas.microsoft.com/ado/2007/08/dataservices/scheme"
	entityType = "NuGetGallery.OData.V2FeedPackage"
)

// atom writes Atom.
type atom struct{ bytes.Buffer }

// put writes markup.
func (a *atom) put(markup ...string) {
	for _, s := range markup {
		a.WriteString(s)
	}
}

// text writes an element with a text in it; attributes come with a blank.
func (a *atom) text(name, attributes, text string) {
	a.put("<", name, attributes, ">", escaped(text), "</", name, ">")
}

func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // never fails
	return b.String()
}

// newFeed begins a feed; the caller ends it.
func newFeed(base, self string, updated time.Time) *atom {
	a := &atom{}
	a.put(xml.Header, "<feed", ` xml:base="`, escaped(base), `/"`, namespaces, ">")
	a.text("id", "", self)
	a.text("title", ` type="text"`, "Packages")
	a.text("updated", "", updated.UTC().Format(time.RFC3339))
	return a
}

// entry writes a version. more are attributes of the element.
func (a *atom) entry(base, more string, r row) {
	a.put("<entry", more, ">")
	a.text("id", "", r.self(base))
	a.put(`<category term="`, entityType, `" scheme="`, scheme, `"/>`)
	a.put(`<link rel="self" title="V2FeedPackage" href="`, escaped(r.self(base)), `"/>`)
	a.text("title", ` type="text"`, r.Nuspec.ID)
	a.text("summary", ` type="text"`, r.Summary)
	a.text("updated", "", r.Created.UTC().Format(time.RFC3339))
	a.put("<author>")
	a.text("name", "", r.Authors)
	a.put("</author>")
	a.put(`<content type="application/zip" src="`, escaped(r.place(base, "package/")), `"/>`)
	a.put("<m:properties>")
	for _, p := range properties {
		name, kind := "d:"+p.name, ""
		if p.kind != edmString {
			kind = ` m:type="` + p.kind + `"`
		}
		switch v := p.value(base, r).(type) {
		case string:
			if v == "" {
				a.put("<", name, ` m:null="true"/>`)
			} else {
				a.text(name, kind, v)
			}
		case bool:
			a.text(name, kind, strconv.FormatBool(v))
		case int64:
			a.text(name, kind, strconv.FormatInt(v, 10))
		case time.Time:
			a.text(name, kind, v.UTC().Format("2006-01-02T15:04:05.000"))
		}
	}
	a.put("</m:properties></entry>")
}
