package rubygem

import (
	"bytes"
	"compress/zlib"
	"context"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"ingot.dev/modules/format"
	"ingot.dev/modules/formats/rubygem/marshal"
)

// The index before the compact one: lists of all gems, and a specification of
// each by itself, in the form of Ruby's Marshal.

// Kinds of its documents. packed is what the compressed form of a list adds.
const (
	specsKind      = "specs"
	latestKind     = "latest_specs"
	prereleaseKind = "prerelease_specs"
	quickKind      = "quick"
	packed         = ".gz"
)

const marshalType = "application/octet-stream"

// Documents implements format.Indexed.
func (g *RubyGems) Documents() []format.Document {
	docs := []format.Document{
		{Kind: versionsKind, ContentType: textType, Whole: true, Ranges: true, Build: buildVersions},
		{Kind: namesKind, ContentType: textType, Whole: true, Ranges: true, Build: buildNames},
		{Kind: infoKind, ContentType: textType, Ranges: true, Build: buildInfo},
		{Kind: quickKind, ContentType: marshalType, Package: packageOf, Build: buildQuick},
	}
	for _, list := range [...]struct {
		kind string
		of   func([]*format.Version) []*format.Version
	}{{specsKind, releases}, {latestKind, newest}, {prereleaseKind, prereleases}} {
		docs = append(docs,
			format.Document{Kind: list.kind, ContentType: marshalType, Whole: true, Build: func(ctx context.Context, b format.Build, w io.Writer) error {
				return buildSpecs(ctx, b, w, list.of)
			}},
			format.Document{Kind: list.kind + packed, ContentType: "application/gzip", Packed: format.Packed{Of: list.kind, As: "gzip"}},
		)
	}
	return docs
}

// releases gives the versions that are not yanked and no pre-releases.
func releases(versions []*format.Version) []*format.Version {
	return choose(versions, func(v *format.Version) bool { return !prerelease(numberOf(v)) })
}

// prereleases gives the versions that are not yanked and are pre-releases.
func prereleases(versions []*format.Version) []*format.Version {
	return choose(versions, func(v *format.Version) bool { return prerelease(numberOf(v)) })
}

// newest gives the newest release for each platform.
func newest(versions []*format.Version) []*format.Version {
	seen := map[string]bool{}
	return slices.DeleteFunc(releases(versions), func(v *format.Version) bool { // the newest comes first
		_, platform := split(v.Name)
		before := seen[platform]
		seen[platform] = true
		return before
	})
}

func choose(versions []*format.Version, fits func(*format.Version) bool) []*format.Version {
	var list []*format.Version
	for _, v := range versions {
		if !v.Yanked && fits(v) {
			list = append(list, v)
		}
	}
	return list
}

func numberOf(v *format.Version) string {
	number, _ := split(v.Name)
	return number
}

// buildSpecs writes a list of gems: the name, the number and the platform of
// each. The form wants to know first how many there are.
func buildSpecs(ctx context.Context, b format.Build, w io.Writer, of func([]*format.Version) []*format.Version) error {
	var all []place
	for versions, err := range b.Reg.Each(ctx, format.Filter{}) {
		if err != nil {
			return err
		}
		for _, v := range of(versions) {
			all = append(all, place{v.Package, v.Name})
		}
	}
	m := marshal.NewWriter(w)
	m.Array(len(all))
	for _, p := range all {
		number, platform := split(p.version)
		m.Array(3)
		m.String(p.name)
		writeVersion(m, number)
		m.String(platform)
	}
	return m.Flush()
}

func writeVersion(m *marshal.Writer, number string) {
	m.UserMarshal("Gem::Version")
	m.Array(1)
	m.String(number)
}

func writeRequirement(m *marshal.Writer, r requirement) {
	if len(r) == 0 {
		r = requirement{anything}
	}
	m.UserMarshal("Gem::Requirement")
	m.Array(1)
	m.Array(len(r))
	for _, condition := range r {
		operator, number, _ := strings.Cut(condition, " ")
		m.Array(2)
		m.String(operator)
		writeVersion(m, number)
	}
}

func writeDependency(m *marshal.Writer, d dependency) {
	m.Object("Gem::Dependency", 4)
	m.Symbol("@name")
	m.String(d.Name)
	m.Symbol("@requirement")
	writeRequirement(m, d.Requirement)
	m.Symbol("@type")
	if d.Development {
		m.Symbol("development")
	} else {
		m.Symbol("runtime")
	}
	m.Symbol("@prerelease")
	m.Bool(false)
}

// packageOf gives the gem that a key names: the key is NAME/VERSION.
func packageOf(key string) string {
	name, _, _ := strings.Cut(key, "/")
	return name
}

// buildQuick writes the specification of one gem, compressed by zlib.
func buildQuick(ctx context.Context, b format.Build, w io.Writer) error {
	name, version, _ := strings.Cut(b.Key, "/")
	v, err := b.Reg.Version(ctx, name, version)
	if err != nil {
		return err
	}
	s, err := specOf(v)
	if err != nil {
		return err
	}
	s.Name = v.Package
	s.Number, s.Platform = split(v.Name)
	var fields bytes.Buffer
	if err := writeSpec(&fields, s, v.Created); err != nil {
		return err
	}
	z := zlib.NewWriter(w)
	m := marshal.NewWriter(z)
	m.UserDefined("Gem::Specification", fields.Bytes())
	if err := m.Flush(); err != nil {
		return err
	}
	return z.Close()
}

// writeSpec writes the fields of a specification in the order of its form
// ("Gem::Specification", _dump). pushed stands for the date where it has none.
func writeSpec(w io.Writer, s *spec, pushed time.Time) error {
	m := marshal.NewWriter(w)
	m.Array(19)
	m.String(s.Made)
	m.Int(min(max(s.Form, 1), 4))
	m.String(s.Name)
	writeVersion(m, s.Number)
	date, err := time.Parse(time.DateOnly, s.Date)
	if err != nil || date.Year() < 1990 {
		date = pushed.UTC().Truncate(24 * time.Hour)
	}
	m.Time(date)
	m.String(s.Summary)
	writeRequirement(m, s.Ruby)
	writeRequirement(m, s.RubyGems)
	m.String(s.Platform)
	m.Array(len(s.Dependencies))
	for _, d := range s.Dependencies {
		writeDependency(m, d)
	}
	m.String("") // what was once a project of RubyForge
	if len(s.Email) == 1 {
		m.String(s.Email[0])
	} else {
		m.Strings(s.Email)
	}
	m.Strings(s.Authors)
	m.String(s.Description)
	m.String(s.Homepage)
	m.Bool(true) // what said whether it has documentation
	writePlatform(m, s.Platform)
	m.Strings(s.Licences)
	m.Hash(len(s.Metadata))
	for _, key := range slices.Sorted(maps.Keys(s.Metadata)) {
		m.String(key)
		m.String(s.Metadata[key])
	}
	return m.Flush()
}
