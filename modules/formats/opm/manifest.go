package opm

import (
	"encoding/xml"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/xmldoc"
)

const (
	manifestFile = "opm-metadata.xml"
	maxManifest  = 256 << 10 // bytes

	namespace = "http://oscript.io/schemas/opm-metadata/1.0"
)

// Manifest is what an opm-metadata.xml says, and what is kept of a package.
type Manifest struct {
	Name          string       `json:"name"`
	Version       string       `json:"version"`
	Author        string       `json:"author,omitempty"`
	Email         string       `json:"email,omitempty"`
	Description   string       `json:"description,omitempty"`
	Repository    string       `json:"repository,omitempty"`
	EngineVersion string       `json:"engineVersion,omitempty"`
	Dependencies  []Dependency `json:"dependencies,omitempty"`
	Executables   []string     `json:"executables,omitempty"` // names of programs
	Modules       []string     `json:"modules,omitempty"`
	Classes       []string     `json:"classes,omitempty"`
}

// Dependency is a package that a package needs.
type Dependency struct {
	Name string `json:"name"`
	Min  string `json:"min,omitempty"` // as the author wrote it: "1.0", ">=1.0"
	Max  string `json:"max,omitempty"`
	Dev  bool   `json:"dev,omitempty"` // to work on the package, not to use it
}

// metadata is the XML form.
type metadata struct {
	XMLName       xml.Name
	Names         []string `xml:"name"`
	Versions      []string `xml:"version"`
	Author        string   `xml:"author"`
	Email         string   `xml:"author-email"`
	Description   string   `xml:"description"`
	Repository    string   `xml:"repo-address"`
	EngineVersion string   `xml:"engine-version"`
	DependsOn     []struct {
		Name string `xml:"name,attr"`
		Min  string `xml:"version,attr"`
		Max  string `xml:"version-max,attr"`
		Dev  string `xml:"dev,attr"`
	} `xml:"depends-on"`
	Executables []struct {
		Name string `xml:"name,attr"`
		Path string `xml:",chardata"`
	} `xml:"executable"`
	Explicit struct {
		Modules []module `xml:"module"`
		Classes []module `xml:"class"`
	} `xml:"explicit-modules"`
}

type module struct {
	Name string `xml:"name,attr"`
}

// ParseManifest reads an opm-metadata.xml. fault.Invalid where it is broken, or
// names no package, and fault.TooLarge beyond the bounds.
func ParseManifest(text []byte) (*Manifest, error) {
	var x metadata
	if err := xmldoc.Decode(text, "opm-metadata", &x); err != nil {
		return nil, err
	}
	switch {
	case x.XMLName.Space != namespace:
		return nil, fault.New(fault.Invalid, "%s is of the namespace %.100q; it has to be %s", manifestFile, x.XMLName.Space, namespace)
	case len(x.Names) != 1 || len(x.Versions) != 1:
		return nil, fault.New(fault.Invalid, "%s has %d names and %d versions; it has to have one of each", manifestFile, len(x.Names), len(x.Versions))
	}
	m := &Manifest{
		Name: norm.NFC.String(strings.TrimSpace(x.Names[0])), Version: strings.TrimSpace(x.Versions[0]),
		Author: tidy(x.Author), Email: tidy(x.Email), Description: tidy(x.Description), Repository: tidy(x.Repository),
		EngineVersion: tidy(x.EngineVersion), Modules: names(x.Explicit.Modules), Classes: names(x.Explicit.Classes),
	}
	if _, err := CanonicalName(m.Name); err != nil {
		return nil, err
	}
	if _, err := CanonicalVersion(m.Version); err != nil {
		return nil, err
	}
	for _, d := range x.DependsOn {
		d.Name = norm.NFC.String(tidy(d.Name))
		if _, err := CanonicalName(d.Name); err != nil {
			return nil, fault.Wrap(fault.Invalid, err, "%s depends on %.220q, which is no name of a package", manifestFile, d.Name)
		}
		m.Dependencies = append(m.Dependencies, Dependency{d.Name, tidy(d.Min), tidy(d.Max), d.Dev == "true"})
	}
	for _, e := range x.Executables {
		name := tidy(e.Name)
		if name == "" { // it is called as its file then
			path := strings.ReplaceAll(tidy(e.Path), `\`, "/")
			name = strings.TrimSuffix(path[strings.LastIndexByte(path, '/')+1:], ".os")
		}
		if name != "" {
			m.Executables = append(m.Executables, name)
		}
	}
	return m, nil
}

func names(list []module) []string {
	var out []string
	for _, m := range list {
		if name := tidy(m.Name); name != "" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// tidy makes one line of a text.
func tidy(text string) string { return strings.Join(strings.Fields(text), " ") }
