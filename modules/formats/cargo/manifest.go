package cargo

import (
	"regexp"
	"strings"

	"ingot.dev/modules/fault"
)

// manifest is what the Cargo.toml of a package says, as far as it is kept.
type manifest struct {
	Name, Version string
	ReadmeFile    string // path in the package
	NoReadme      bool   // it says that there is none
	about
	line
	indexes []string // of the registries of Deps: as Cargo.toml has them, empty for crates.io
}

// about is what a version says to people: its record in the registry.
type about struct {
	Description   string   `json:"description,omitempty"`
	Homepage      string   `json:"homepage,omitempty"`
	Documentation string   `json:"documentation,omitempty"`
	Repository    string   `json:"repository,omitempty"`
	Licence       string   `json:"license,omitempty"`
	LicenceFile   string   `json:"license_file,omitempty"`
	Authors       []string `json:"authors,omitempty"`
	Keywords      []string `json:"keywords,omitempty"`
	Categories    []string `json:"categories,omitempty"`
	Edition       string   `json:"edition,omitempty"`
	Library       bool     `json:"has_lib,omitempty"`
	Macros        bool     `json:"proc_macro,omitempty"`
	Programs      []string `json:"bin_names,omitempty"`
	Publisher     string   `json:"published_by,omitempty"` // alias
}

// line is what a line of the index says that is in the package. It is kept
// with the file.
type line struct {
	Deps        []dependency        `json:"deps"`
	Features    map[string][]string `json:"features"`
	Features2   map[string][]string `json:"features2,omitempty"`
	Links       string              `json:"links,omitempty"`
	RustVersion string              `json:"rust_version,omitempty"`
	V           int                 `json:"v,omitempty"` // 2 where there are Features2
}

// dependency is one of a version ("Index Format"). Its registry is the address
// of an index, nil where it is this one; Package is its real name where it goes
// by another.
type dependency struct {
	Name            string   `json:"name"`
	Req             string   `json:"req"`
	Features        []string `json:"features"`
	Optional        bool     `json:"optional"`
	DefaultFeatures bool     `json:"default_features"`
	Target          *string  `json:"target"`
	Kind            string   `json:"kind"`
	Registry        *string  `json:"registry"`
	Package         string   `json:"package,omitempty"`
}

// crate gives the real name of what is depended on.
func (d dependency) crate() string {
	if d.Package != "" {
		return d.Package
	}
	return d.Name
}

var (
	// dependencyForm takes crates of other registries, too, whose rules may be others.
	dependencyForm = regexp.MustCompile(`^[\pL\pN_][\pL\pN_-]*$`)
	featureForm    = regexp.MustCompile(`^[\pL\pN_][\pL\pN_+.-]*$`)
	// valueForm is what a feature turns on: another one, an optional dependency,
	// or a feature of a dependency ("Features").
	valueForm = regexp.MustCompile(`^(dep:)?[\pL\pN_][\pL\pN_+.-]*(\??/[\pL\pN_][\pL\pN_+.-]*)?$`)
)

const maxText = 255 // bytes of a name of a dependency or feature

// parseManifest reads the Cargo.toml that cargo package writes. It is
// fault.Unprocessable where cargo would not write it.
func parseManifest(text []byte) (*manifest, error) {
	root, err := parseTOML(text)
	if err != nil {
		return nil, err
	}
	r := &reader{}
	p := r.table(root, "", "package")
	if p == nil {
		r.fail("Cargo.toml has no table package")
	}
	m := &manifest{Name: r.text(p, "package.", "name"), Version: strings.TrimSpace(r.text(p, "package.", "version"))}
	if r.err != nil {
		return nil, r.err
	}
	if _, err := CanonicalName(m.Name); err != nil {
		return nil, err
	}
	if _, err := CanonicalVersion(m.Version); err != nil {
		return nil, err
	}
	m.describe(r, p, root)
	m.Links, m.RustVersion = r.text(p, "package.", "links"), r.text(p, "package.", "rust-version")
	m.features(r, r.table(root, "", "features"))
	m.Deps = []dependency{}
	m.dependencies(r, root, "", nil)
	targets := r.table(root, "", "target")
	for _, target := range targets.keys() {
		m.dependencies(r, r.table(targets, "target.", target), "target."+target+".", &target)
	}
	return m, r.err
}

func (m *manifest) describe(r *reader, p, root table) {
	m.about = about{
		Description: r.text(p, "package.", "description"), Homepage: r.text(p, "package.", "homepage"),
		Documentation: r.text(p, "package.", "documentation"), Repository: r.text(p, "package.", "repository"),
		Licence: r.text(p, "package.", "license"), LicenceFile: r.text(p, "package.", "license-file"),
		Authors: r.texts(p, "package.", "authors"), Keywords: r.texts(p, "package.", "keywords"),
		Categories: r.texts(p, "package.", "categories"), Edition: r.text(p, "package.", "edition"),
	}
	if said, ok := p["readme"].(bool); ok {
		m.NoReadme = !said
	} else {
		m.ReadmeFile = strings.TrimPrefix(r.text(p, "package.", "readme"), "./")
	}
	lib := r.table(root, "", "lib")
	m.Library, m.Macros = lib != nil, r.flag(lib, "lib.", lib.either("proc-macro"), false)
	if programs, ok := root["bin"].([]any); ok {
		for _, program := range programs {
			bin, _ := program.(map[string]any)
			m.Programs = append(m.Programs, r.text(bin, "bin.", "name"))
		}
	}
}

// features sorts them: what older versions of cargo do not understand stands
// apart, so that they pass over the version.
func (m *manifest) features(r *reader, t table) {
	m.Features = map[string][]string{}
	for _, name := range t.keys() {
		if !featureForm.MatchString(name) || len(name) > maxText {
			r.fail("%.100q in Cargo.toml is no name of a feature", name)
		}
		values := r.texts(t, "features.", name)
		newer := false
		for _, v := range values {
			if !valueForm.MatchString(v) || len(v) > 2*maxText {
				r.fail("the feature %s in Cargo.toml turns on %.100q, which is no feature and no dependency", name, v)
			}
			newer = newer || strings.HasPrefix(v, "dep:") || strings.Contains(v, "?/")
		}
		if !newer {
			m.Features[name] = values
			continue
		}
		if m.Features2 == nil {
			m.Features2, m.V = map[string][]string{}, 2
		}
		m.Features2[name] = values
	}
}

// The kinds of dependencies, and the tables that they are in.
var kinds = []struct{ kind, key string }{
	{"normal", "dependencies"}, {"dev", "dev-dependencies"}, {"build", "build-dependencies"},
}

// dependencies reads those of a platform, or of all where target is nil.
func (m *manifest) dependencies(r *reader, in table, at string, target *string) {
	if target != nil && len(*target) > 4*maxText {
		r.fail("a target in Cargo.toml has more than %d bytes", 4*maxText)
	}
	for _, k := range kinds {
		key := in.either(k.key)
		list := r.table(in, at, key)
		for _, name := range list.keys() {
			d := dependency{Name: name, Kind: k.kind, Target: target}
			index := d.read(r, at+key+"."+name, list[name])
			m.Deps, m.indexes = append(m.Deps, d), append(m.indexes, index)
		}
	}
}

// read reads a dependency and gives the index of its registry, empty for
// crates.io. What cargo package would have left out or replaced is refused:
// whoever builds the crate would get something else than the index tells.
func (d *dependency) read(r *reader, at string, v any) (index string) {
	t, ok := v.(map[string]any)
	if req, short := v.(string); short {
		t, ok = map[string]any{"version": req}, true
	}
	if !ok || t["workspace"] != nil {
		r.wrong(at, "a version or a table", v)
		return ""
	}
	for _, key := range []string{"path", "git", "registry", "artifact"} {
		if t[key] != nil {
			r.fail("%s in Cargo.toml has %q, which no registry can tell; publish what cargo package makes", at, key)
		}
	}
	req, err := requirement(r.text(t, at+".", "version"))
	if err != nil {
		r.fail("%s in Cargo.toml: %s", at, fault.From(err).Message)
	}
	d.Req, d.Package = req, r.text(t, at+".", "package")
	if d.Features = r.texts(t, at+".", "features"); d.Features == nil {
		d.Features = []string{}
	}
	d.Optional = r.flag(t, at+".", "optional", false)
	d.DefaultFeatures = r.flag(t, at+".", table(t).either("default-features"), true)
	for _, name := range []string{d.Name, d.crate()} {
		if !dependencyForm.MatchString(name) || len(name) > maxText {
			r.fail("%.100q in Cargo.toml is no name of a crate", name)
		}
	}
	if d.Package == d.Name {
		d.Package = ""
	}
	if index = r.text(t, at+".", "registry-index"); len(index) > 4*maxText || strings.ContainsFunc(index, func(c rune) bool { return c <= ' ' }) {
		r.fail("%s.registry-index in Cargo.toml is no address", at)
	}
	return index
}
