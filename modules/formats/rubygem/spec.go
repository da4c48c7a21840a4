package rubygem

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"ingot.dev/modules/fault"
)

// spec is what is kept of a gem's specification ("Specification Reference",
// RubyGems guides). It is the metadata of a version.
type spec struct {
	Name         string            `json:"name"`
	Number       string            `json:"number"`
	Platform     string            `json:"platform"`
	Summary      string            `json:"summary,omitempty"`
	Description  string            `json:"description,omitempty"`
	Homepage     string            `json:"homepage,omitempty"`
	Authors      []string          `json:"authors,omitempty"`
	Email        []string          `json:"email,omitempty"`
	Licences     []string          `json:"licenses,omitempty"`
	Metadata     map[string]string `json:"metadata,omitempty"`
	Dependencies []dependency      `json:"dependencies,omitempty"`
	Ruby         requirement       `json:"required_ruby_version,omitempty"`
	RubyGems     requirement       `json:"required_rubygems_version,omitempty"`
	Executables  []string          `json:"executables,omitempty"`
	Requirements []string          `json:"requirements,omitempty"` // what else is needed, in words
	Date         string            `json:"date,omitempty"`         // 2026-01-02
	Made         string            `json:"rubygems_version,omitempty"`
	Form         int               `json:"specification_version,omitempty"`
	Pusher       string            `json:"pusher,omitempty"` // account
}

// version is the number and the platform.
func (s *spec) version() string { return join(s.Number, s.Platform) }

// dependency is a gem that another needs.
type dependency struct {
	Name        string      `json:"name"`
	Requirement requirement `json:"requirement"`
	Development bool        `json:"development,omitempty"`
}

// requirement are conditions that all have to hold, each an operator, a blank
// and a number: "~> 1.0". There is at least one.
type requirement []string

// anything is the requirement that every number fulfils.
const anything = ">= 0"

// free tells whether every number will do.
func (r requirement) free() bool { return len(r) == 0 || len(r) == 1 && r[0] == anything }

// operators are those of requirements.
var operators = []string{"=", "!=", ">", "<", ">=", "<=", "~>"}

// parseSpec reads the YAML of a specification: Unprocessable where it is none,
// Invalid where its name or version is none, TooLarge over the bounds.
func parseSpec(text []byte) (*spec, error) {
	root, err := parseYAML(text)
	if err != nil {
		return nil, err
	}
	if root.Kind != yaml.MappingNode || root.Tag != "!ruby/object:Gem::Specification" {
		return nil, badYAML("is no Gem::Specification; gem build makes one")
	}
	r := &reader{left: maxTexts}
	f := r.object("specification", root, "Gem::Specification")
	s := &spec{
		Name: r.word("name", f["name"]), Number: r.version("version", f["version"]), Platform: r.platform(f["platform"]),
		Summary: r.text("summary", f["summary"]), Description: r.text("description", f["description"]), Homepage: r.text("homepage", f["homepage"]),
		Authors: r.texts("author", f["authors"]), Email: r.texts("email", f["email"]), Licences: r.texts("licence", f["licenses"]),
		Ruby: r.requirement(f["required_ruby_version"]), RubyGems: r.requirement(f["required_rubygems_version"]),
		Executables: r.texts("executable", f["executables"]), Requirements: r.texts("requirement", f["requirements"]),
		Made: r.text("rubygems_version", f["rubygems_version"]),
	}
	s.Date, _, _ = strings.Cut(r.text("date", f["date"]), " ")
	s.Form, _ = strconv.Atoi(r.text("specification_version", f["specification_version"]))
	if fields := r.fields("metadata", f["metadata"]); len(fields) > 0 {
		s.Metadata = make(map[string]string, len(fields))
		for key, value := range fields {
			r.left -= len(key)
			s.Metadata[key] = r.text("metadata", value)
		}
	}
	for _, item := range r.items("dependency", f["dependencies"]) {
		s.Dependencies = append(s.Dependencies, r.dependency(item))
	}
	if r.err != nil {
		return nil, r.err
	}
	return s, s.check()
}

// check refuses names that no gem may have.
func (s *spec) check() error {
	if _, err := CanonicalName(s.Name); err != nil {
		return err
	}
	if err := checkNumber(s.Number); err != nil {
		return err
	}
	if err := checkPlatform(s.Platform); err != nil {
		return err
	}
	for _, d := range s.Dependencies {
		if _, err := CanonicalName(d.Name); err != nil {
			return fault.Wrap(fault.Invalid, err, "the gem depends on %.120q, which is no name of a gem", d.Name)
		}
		if err := d.Requirement.check(); err != nil {
			return err
		}
	}
	if err := s.Ruby.check(); err != nil {
		return err
	}
	return s.RubyGems.check()
}

func (r requirement) check() error {
	for _, condition := range r {
		operator, number, _ := strings.Cut(condition, " ")
		if !slices.Contains(operators, operator) || checkNumber(number) != nil {
			return badYAML("has the requirement %.120q; one is like ~> 1.0 or >= 2.1", condition)
		}
	}
	return nil
}

// version reads a Gem::Version, or a text alone as very old gems have it.
func (r *reader) version(what string, n *yaml.Node) string {
	if n = follow(n); n != nil && n.Kind == yaml.MappingNode {
		n = r.object(what, n, "Gem::Version")["version"]
	}
	return r.word(what, n)
}

// platform reads the word for a platform, or a Gem::Platform.
func (r *reader) platform(n *yaml.Node) string {
	n = follow(n)
	if n == nil || n.Kind != yaml.MappingNode {
		word := r.word("platform", n)
		if word == "current" {
			r.fail("has the platform current, which is another one on every machine")
		}
		return cmp.Or(word, ruby)
	}
	f := r.object("platform", n, "Gem::Platform")
	var parts []string
	for _, key := range []string{"cpu", "os", "version"} {
		if absent(follow(f[key])) {
			continue
		}
		part := r.word("platform", f[key])
		if part == "" {
			r.fail("has a platform whose %s is empty", key)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "-")
}

// requirement reads a Gem::Requirement. One that says nothing is free.
func (r *reader) requirement(n *yaml.Node) requirement {
	f := r.object("requirement", n, "Gem::Requirement", "Gem::Version::Requirement")
	if f != nil && absent(follow(f["requirements"])) {
		r.fail("has a requirement without requirements")
	}
	var list requirement
	for _, item := range r.items("requirement", f["requirements"]) {
		pair := r.items("requirement", follow(item))
		if len(pair) != 2 {
			r.fail("has a requirement that is no pair of an operator and a version")
			return nil
		}
		operator := "=" // Syck wrote an object for it
		if o := follow(pair[0]); o.Tag != "!ruby/object:YAML::Syck::DefaultKey" {
			operator = r.word("requirement", o)
		}
		list = append(list, operator+" "+r.version("requirement", pair[1]))
	}
	if len(list) == 0 {
		return requirement{anything}
	}
	return list
}

// dependency reads a Gem::Dependency. Its requirement had another name; the one
// before that, which only RubyGems before 0.9 wrote, Ruby reads in its own way.
func (r *reader) dependency(n *yaml.Node) dependency {
	f := r.object("dependency", n, "Gem::Dependency")
	wanted := f["requirement"]
	if absent(follow(wanted)) {
		wanted = f["version_requirements"]
		if absent(follow(wanted)) || !absent(follow(f["version_requirement"])) {
			r.fail("has a dependency without a requirement")
		}
	}
	kind := "runtime"
	if f["type"] != nil {
		kind = r.symbol("type", f["type"])
	}
	if kind != "runtime" && kind != "development" {
		r.fail("has a dependency of the type %.40q, which is neither runtime nor development", kind)
	}
	return dependency{Name: r.word("dependency", f["name"]), Requirement: r.requirement(wanted), Development: kind == "development"}
}
