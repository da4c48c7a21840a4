package maven

import (
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/xmldoc"
)

// Pom is what a version's pom says of it (POM Reference). It is kept as the
// version's record.
type Pom struct {
	Packaging    string       `json:"packaging,omitempty"` // empty: jar
	Name         string       `json:"name,omitempty"`
	Description  string       `json:"description,omitempty"`
	URL          string       `json:"url,omitempty"`
	Parent       string       `json:"parent,omitempty"` // "org.example:parent:1.0"
	Licences     []Licence    `json:"licenses,omitempty"`
	Developers   []string     `json:"developers,omitempty"`
	Organisation string       `json:"organization,omitempty"`
	Source       string       `json:"scm,omitempty"`
	Issues       string       `json:"issueManagement,omitempty"`
	Dependencies []Dependency `json:"dependencies,omitempty"`
	Moved        string       `json:"relocation,omitempty"` // where the artifact is now: "org.example:other:1.0"
	Why          string       `json:"relocationMessage,omitempty"`
}

// Licence is a licence by its name, its address, or both.
type Licence struct {
	Name string `json:"name,omitempty"`
	URL  string `json:"url,omitempty"`
}

// Dependency is an artifact that a version needs.
type Dependency struct {
	Group    string `json:"groupId"`
	Artifact string `json:"artifactId"`
	Version  string `json:"version,omitempty"` // empty: a parent says
	Scope    string `json:"scope,omitempty"`   // empty: compile
	Optional bool   `json:"optional,omitempty"`
}

// The bounds of a pom.
const (
	maxPom          = 4 << 20 // bytes
	maxDependencies = 2000
	maxPeople       = 100  // developers that are kept, and licences
	maxText         = 2000 // bytes of a text that is kept
)

// project is a pom as it is written, with what is read of it.
type project struct {
	coordinates
	Parent       coordinates `xml:"parent"`
	Packaging    string      `xml:"packaging"`
	Name         string      `xml:"name"`
	Description  string      `xml:"description"`
	URL          string      `xml:"url"`
	Organisation string      `xml:"organization>name"`
	Source       string      `xml:"scm>url"`
	Issues       string      `xml:"issueManagement>url"`
	Properties   properties  `xml:"properties"`
	Licences     []struct {
		Name string `xml:"name"`
		URL  string `xml:"url"`
	} `xml:"licenses>license"`
	Developers []struct {
		Name string `xml:"name"`
		ID   string `xml:"id"`
	} `xml:"developers>developer"`
	Dependencies []struct {
		coordinates
		Scope    string `xml:"scope"`
		Optional string `xml:"optional"`
	} `xml:"dependencies>dependency"`
	Moved struct {
		coordinates
		Message string `xml:"message"`
	} `xml:"distributionManagement>relocation"`
}

// coordinates name an artifact. Maven refuses a pom that says one of them
// twice, so that nobody reads another name in it than others.
type coordinates struct {
	Group    []string `xml:"groupId"`
	Artifact []string `xml:"artifactId"`
	Version  []string `xml:"version"`
}

func one(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return strings.TrimSpace(values[len(values)-1])
}

// ParsePom reads the pom of the version at p. fault.Invalid where it is broken
// or of another artifact, fault.TooLarge beyond the bounds. Placeholders such
// as ${revision}, which some builds leave in the poms they deploy, agree with
// any coordinate.
func ParsePom(body []byte, p Path) (*Pom, error) {
	var x project
	if err := xmldoc.Decode(body, "project", &x); err != nil {
		return nil, err
	}
	for _, c := range []struct {
		name         string
		own, parents []string
		want         string
	}{
		{"groupId", x.Group, x.Parent.Group, p.Group},
		{"artifactId", x.Artifact, nil, p.Artifact},
		{"version", x.Version, x.Parent.Version, p.Version},
	} {
		has := one(c.own)
		if has == "" {
			has = one(c.parents)
		}
		switch {
		case len(c.own) > 1 || len(c.parents) > 1:
			return nil, fault.New(fault.Invalid, "the pom has more than one %s", c.name)
		case has == "":
			return nil, fault.New(fault.Invalid, "the pom has no %s; it is published as %s", c.name, c.want)
		case has != c.want && !strings.Contains(has, "${"):
			return nil, fault.New(fault.Invalid, "the pom has the %s %q, but it is published as %q", c.name, has, c.want)
		}
	}
	if len(x.Dependencies) > maxDependencies {
		return nil, fault.New(fault.TooLarge, "the pom has more than %d dependencies", maxDependencies)
	}
	return x.pom(p), nil
}

// pom keeps what pages and indexes show.
func (x *project) pom(p Path) *Pom {
	fill := x.filler(p)
	out := &Pom{
		Packaging: fill(x.Packaging), Name: fill(x.Name), Description: fill(x.Description), URL: fill(x.URL),
		Parent: x.Parent.join(fill), Organisation: fill(x.Organisation), Source: fill(x.Source), Issues: fill(x.Issues),
		Why: fill(x.Moved.Message),
	}
	if moved := x.Moved.coordinates; moved.join(fill) != "" || out.Why != "" {
		out.Moved = moved.or(p).join(fill)
	}
	for _, l := range x.Licences[:min(len(x.Licences), maxPeople)] {
		out.Licences = append(out.Licences, Licence{fill(l.Name), fill(l.URL)})
	}
	for _, d := range x.Developers[:min(len(x.Developers), maxPeople)] {
		if d.Name == "" {
			d.Name = d.ID
		}
		out.Developers = append(out.Developers, fill(d.Name))
	}
	for _, d := range x.Dependencies {
		out.Dependencies = append(out.Dependencies, Dependency{
			Group: brief(fill(one(d.Group))), Artifact: brief(fill(one(d.Artifact))), Version: brief(fill(one(d.Version))),
			Scope: brief(fill(d.Scope)), Optional: strings.TrimSpace(d.Optional) == "true",
		})
	}
	return out
}

// or fills in the group and artifact of p where c does not say them.
func (c coordinates) or(p Path) coordinates {
	if one(c.Group) == "" {
		c.Group = []string{p.Group}
	}
	if one(c.Artifact) == "" {
		c.Artifact = []string{p.Artifact}
	}
	return c
}

func (c coordinates) join(fill func(string) string) string {
	var parts []string
	for _, values := range [][]string{c.Group, c.Artifact, c.Version} {
		if v := fill(one(values)); v != "" {
			parts = append(parts, v)
		}
	}
	return strings.Join(parts, ":")
}

// filler gives what puts a pom's own values into the places of their names,
// collapses blanks and cuts what is too long. A name that only a parent knows
// is left as it is.
func (x *project) filler(p Path) func(string) string {
	known := map[string]string{}
	for name, value := range x.Properties {
		known[name] = value
	}
	for name, value := range map[string]string{
		"groupId": p.Group, "artifactId": p.Artifact, "version": p.Version, "name": x.Name, "url": x.URL,
		"parent.groupId": one(x.Parent.Group), "parent.artifactId": one(x.Parent.Artifact), "parent.version": one(x.Parent.Version),
	} {
		known["project."+name], known["pom."+name] = value, value
	}
	return func(s string) string {
		const deep = 4 // names that stand for names
		for range deep {
			if !strings.Contains(s, "${") {
				break
			}
			s = substitute(s, known)
		}
		return shorten(strings.Join(strings.Fields(s), " "))
	}
}

// substitute replaces each ${name} that is known, once. The result is bounded.
func substitute(s string, known map[string]string) string {
	var out strings.Builder
	for out.Len() < maxText {
		before, rest, found := strings.Cut(s, "${")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		value, ok := known[name]
		if !closed || !ok {
			out.WriteString("${")
			s = rest
			continue
		}
		out.WriteString(shorten(value))
		s = after
	}
	return out.String()
}

// shorten cuts a text between characters.
func shorten(s string) string { return cut(s, maxText) }

// brief cuts a coordinate.
func brief(s string) string { return cut(s, maxName) }

func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// title is one line for lists.
func (p *Pom) title() string {
	if p.Description != "" {
		return p.Description
	}
	return p.Name
}
