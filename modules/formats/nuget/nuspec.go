package nuget

import (
	"net/url"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/xmldoc"
)

// Nuspec is what a package says of itself (".nuspec File Reference"). It is
// kept as the version's record.
type Nuspec struct {
	ID      string `json:"id"`
	Version string `json:"version"` // normal form, with build metadata
	SemVer2 bool   `json:"semVer2,omitempty"`

	Title            string     `json:"title,omitempty"`
	Authors          string     `json:"authors,omitempty"` // between commas
	Owners           string     `json:"owners,omitempty"`
	Description      string     `json:"description,omitempty"`
	Summary          string     `json:"summary,omitempty"`
	ReleaseNotes     string     `json:"releaseNotes,omitempty"`
	Copyright        string     `json:"copyright,omitempty"`
	Language         string     `json:"language,omitempty"`
	Tags             []string   `json:"tags,omitempty"`
	Licence          string     `json:"licenseExpression,omitempty"`
	LicenceFile      string     `json:"licenseFile,omitempty"`
	LicenceURL       string     `json:"licenseUrl,omitempty"`
	ProjectURL       string     `json:"projectUrl,omitempty"`
	IconURL          string     `json:"iconUrl,omitempty"`
	Icon             string     `json:"icon,omitempty"`     // name in the archive
	IconKind         string     `json:"iconKind,omitempty"` // a key of iconTypes; empty where no icon is served
	Readme           string     `json:"readme,omitempty"`   // name in the archive
	MinClientVersion string     `json:"minClientVersion,omitempty"`
	AskLicence       bool       `json:"requireLicenseAcceptance,omitempty"`
	Development      bool       `json:"developmentDependency,omitempty"`
	Repository       Repository `json:"repository,omitzero"`
	Types            []Type     `json:"packageTypes,omitempty"`
	Groups           []Group    `json:"dependencyGroups,omitempty"`
	Frameworks       []Group    `json:"frameworkReferences,omitempty"`
	Assemblies       []Assembly `json:"frameworkAssemblies,omitempty"`
}

// Repository is where the source of a package is.
type Repository struct {
	Type   string `json:"type,omitempty"`
	URL    string `json:"url,omitempty"`
	Branch string `json:"branch,omitempty"`
	Commit string `json:"commit,omitempty"`
}

// Type is what a package is for; clients know "Dependency", "DotnetTool",
// "Template", "SymbolsPackage" and others.
type Type struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
}

// Group is what is needed with one target framework; the empty one stands for
// all others.
type Group struct {
	Framework    string       `json:"targetFramework,omitempty"`
	Dependencies []Dependency `json:"dependencies,omitempty"`
}

// Dependency is a package that is needed, or a framework by its name.
type Dependency struct {
	ID      string `json:"id"`
	Range   string `json:"range,omitempty"` // normal form
	Include string `json:"include,omitempty"`
	Exclude string `json:"exclude,omitempty"`
}

// Assembly is a part of the framework that is referenced.
type Assembly struct {
	Name      string `json:"name"`
	Framework string `json:"targetFramework,omitempty"`
}

// The bounds of a nuspec.
const (
	maxNuspec       = 1 << 20 // bytes
	maxText         = 4000    // bytes of a text that is kept
	maxWord         = 256     // bytes of a short one
	maxTags         = 100
	maxDependencies = 2000
	maxGroups       = 200
	maxTypes        = 20
)

// manifest is a nuspec as it is written, whatever its namespace.
type manifest struct {
	Metadata []struct {
		MinClientVersion string   `xml:"minClientVersion,attr"`
		ID               []string `xml:"id"`
		Version          []string `xml:"version"`
		Title            string   `xml:"title"`
		Authors          string   `xml:"authors"`
		Owners           string   `xml:"owners"`
		Description      string   `xml:"description"`
		Summary          string   `xml:"summary"`
		ReleaseNotes     string   `xml:"releaseNotes"`
		Copyright        string   `xml:"copyright"`
		Language         string   `xml:"language"`
		Tags             string   `xml:"tags"`
		LicenceURL       string   `xml:"licenseUrl"`
		ProjectURL       string   `xml:"projectUrl"`
		IconURL          string   `xml:"iconUrl"`
		Icon             string   `xml:"icon"`
		Readme           string   `xml:"readme"`
		AskLicence       string   `xml:"requireLicenseAcceptance"`
		Development      string   `xml:"developmentDependency"`
		Licence          struct {
			Type string `xml:"type,attr"`
			Text string `xml:",chardata"`
		} `xml:"license"`
		Repository struct {
			Type   string `xml:"type,attr"`
			URL    string `xml:"url,attr"`
			Branch string `xml:"branch,attr"`
			Commit string `xml:"commit,attr"`
		} `xml:"repository"`
		Types []struct {
			Name    string `xml:"name,attr"`
			Version string `xml:"version,attr"`
		} `xml:"packageTypes>packageType"`
		Groups []struct {
			Framework string    `xml:"targetFramework,attr"`
			Items     []depends `xml:"dependency"`
		} `xml:"dependencies>group"`
		Flat       []depends `xml:"dependencies>dependency"`
		Frameworks []struct {
			Framework string `xml:"targetFramework,attr"`
			Items     []struct {
				Name string `xml:"name,attr"`
			} `xml:"frameworkReference"`
		} `xml:"frameworkReferences>group"`
		Assemblies []struct {
			Name      string `xml:"assemblyName,attr"`
			Framework string `xml:"targetFramework,attr"`
		} `xml:"frameworkAssemblies>frameworkAssembly"`
	} `xml:"metadata"`
}

type depends struct {
	ID      string `xml:"id,attr"`
	Version string `xml:"version,attr"`
	Include string `xml:"include,attr"`
	Exclude string `xml:"exclude,attr"`
}

// ParseNuspec reads the manifest of a package. fault.Invalid where it is broken
// or breaks a rule of NuGet's, fault.TooLarge beyond the bounds.
func ParseNuspec(body []byte) (*Nuspec, error) {
	if len(body) > maxNuspec {
		return nil, fault.New(fault.TooLarge, "the nuspec has more than %d bytes", maxNuspec)
	}
	var doc manifest
	if err := xmldoc.Decode(body, "package", &doc); err != nil {
		return nil, err
	}
	if len(doc.Metadata) != 1 || len(doc.Metadata[0].ID) != 1 || len(doc.Metadata[0].Version) != 1 {
		return nil, fault.New(fault.Invalid, "the nuspec has to have one <metadata> with one <id> and one <version>")
	}
	m := &doc.Metadata[0]
	n := &Nuspec{
		ID: strings.TrimSpace(m.ID[0]), Title: word(m.Title), Authors: text(m.Authors), Owners: text(m.Owners),
		Description: text(m.Description), Summary: text(m.Summary), ReleaseNotes: text(m.ReleaseNotes), Copyright: text(m.Copyright),
		Language: word(m.Language), Tags: tags(m.Tags), LicenceURL: address(m.LicenceURL), ProjectURL: address(m.ProjectURL),
		IconURL: address(m.IconURL), Icon: member(m.Icon), Readme: member(m.Readme), MinClientVersion: word(m.MinClientVersion),
		AskLicence: isTrue(m.AskLicence), Development: isTrue(m.Development),
		Repository: Repository{word(m.Repository.Type), address(m.Repository.URL), word(m.Repository.Branch), word(m.Repository.Commit)},
	}
	switch strings.TrimSpace(m.Licence.Type) {
	case "expression":
		n.Licence = word(m.Licence.Text)
	case "file":
		n.LicenceFile = member(m.Licence.Text)
	}
	if _, err := CanonicalName(n.ID); err != nil {
		return nil, err
	}
	v, err := ParseVersion(m.Version[0])
	if err != nil {
		return nil, err
	}
	n.Version, n.SemVer2 = v.Full(), v.SemVer2()
	groups := len(m.Groups) + len(m.Frameworks)
	if groups > maxGroups || len(m.Types) > maxTypes || len(m.Assemblies) > maxDependencies {
		return nil, fault.New(fault.TooLarge, "the nuspec has more than %d groups, %d package types or %d framework assemblies", maxGroups, maxTypes, maxDependencies)
	}
	for _, t := range m.Types {
		n.Types = append(n.Types, Type{word(t.Name), word(t.Version)})
	}
	left := maxDependencies
	for _, g := range m.Groups {
		if err := n.require(&left, g.Framework, g.Items); err != nil {
			return nil, err
		}
	}
	if len(m.Groups) == 0 && len(m.Flat) > 0 { // clients pass over these where there are groups
		if err := n.require(&left, "", m.Flat); err != nil {
			return nil, err
		}
	}
	for _, g := range m.Frameworks {
		out := Group{Framework: word(g.Framework)}
		for _, f := range g.Items[:min(len(g.Items), maxTags)] {
			out.Dependencies = append(out.Dependencies, Dependency{ID: word(f.Name)})
		}
		n.Frameworks = append(n.Frameworks, out)
	}
	for _, a := range m.Assemblies {
		n.Assemblies = append(n.Assemblies, Assembly{word(a.Name), word(a.Framework)})
	}
	return n, nil
}

// require adds a group of dependencies.
func (n *Nuspec) require(left *int, framework string, items []depends) error {
	g := Group{Framework: word(framework)}
	if *left -= len(items); *left < 0 {
		return fault.New(fault.TooLarge, "the nuspec has more than %d dependencies", maxDependencies)
	}
	for _, d := range items {
		id := strings.TrimSpace(d.ID)
		if _, err := CanonicalName(id); err != nil {
			return err
		}
		r, err := ParseRange(d.Version)
		if err != nil {
			return fault.Wrap(fault.Invalid, err, "the dependency on %s: %s", id, fault.From(err).Message)
		}
		n.SemVer2 = n.SemVer2 || r.SemVer2()
		g.Dependencies = append(g.Dependencies, Dependency{id, r.String(), word(d.Include), word(d.Exclude)})
	}
	n.Groups = append(n.Groups, g)
	return nil
}

// Is tells whether the package is of a type, letter case aside. What names no
// type is a dependency.
func (n *Nuspec) Is(name string) bool {
	for _, t := range n.Types {
		if strings.EqualFold(t.Name, name) {
			return true
		}
	}
	return len(n.Types) == 0 && strings.EqualFold(name, dependencyType)
}

// title is one line for lists.
func (n *Nuspec) title() string {
	line := n.Summary
	if line == "" {
		line = n.Description
	}
	line, _, _ = strings.Cut(line, "\n")
	return strings.TrimSpace(line)
}

func text(s string) string { return cut(strings.TrimSpace(s), maxText) }

func word(s string) string { return cut(strings.Join(strings.Fields(s), " "), maxWord) }

func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// member is the name of a file in the archive, with the separators of one.
func member(s string) string {
	s = strings.TrimPrefix(strings.ReplaceAll(strings.TrimSpace(s), `\`, "/"), "./")
	if len(s) > maxWord {
		return ""
	}
	return s
}

// address keeps what a browser may be sent to.
func address(s string) string {
	s = strings.TrimSpace(s)
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || len(s) > maxText {
		return ""
	}
	return s
}

func isTrue(s string) bool {
	s = strings.TrimSpace(s)
	return strings.EqualFold(s, "true") || s == "1"
}

func tags(s string) []string {
	var out []string
	for t := range strings.FieldsFuncSeq(s, func(r rune) bool { return strings.ContainsRune(" ,;\t\r\n", r) }) {
		if len(out) < maxTags && len(t) <= maxTag {
			out = append(out, t)
		}
	}
	return out
}

// maxTag bounds a tag, in bytes; longer ones are no words to search by.
const maxTag = 100
