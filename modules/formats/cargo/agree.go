package cargo

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
)

// cratesIO is the address of the index that dependencies without a registry are
// of, and sparseCratesIO its other one.
const (
	cratesIO       = "https://github.com/rust-lang/crates.io-index"
	sparseCratesIO = "sparse+https://index.crates.io/"
)

// published is what a client says of a crate besides the package, as far as
// it is compared. The rest is told by the package alone.
type published struct {
	Name        string              `json:"name"`
	Version     string              `json:"vers"`
	Deps        json.RawMessage     `json:"deps"`
	Features    map[string][]string `json:"features"`
	Links       string              `json:"links"`
	RustVersion string              `json:"rust_version"` // older versions of cargo do not say it

	deps []publishedDep
}

// publishedDep is a dependency as a client names it: by its real name.
type publishedDep struct {
	Name            string   `json:"name"`
	Alias           string   `json:"explicit_name_in_toml"`
	Req             string   `json:"version_req"`
	Features        []string `json:"features"`
	Optional        bool     `json:"optional"`
	DefaultFeatures bool     `json:"default_features"`
	Target          *string  `json:"target"`
	Kind            string   `json:"kind"`
	Registry        *string  `json:"registry"` // nil: the one that is published to
}

// maxDependencies bounds those of a client's document, each of which takes much
// more memory than its text.
const maxDependencies = 5_000

// parsePublished reads what a client says of a crate.
func parsePublished(text []byte) (*published, error) {
	p := &published{}
	wrong := func(err error) error {
		return fault.Wrap(fault.Invalid, err, "the metadata before the crate is not what cargo publish sends; publish with cargo")
	}
	if err := json.Unmarshal(text, p); err != nil {
		return nil, wrong(err)
	}
	if bytes.Count(p.Deps, []byte("{")) > maxDependencies {
		return nil, fault.New(fault.Invalid, "the crate has more than %d dependencies", maxDependencies)
	}
	if len(p.Deps) > 0 {
		if err := json.Unmarshal(p.Deps, &p.deps); err != nil {
			return nil, wrong(err)
		}
	}
	return p, nil
}

// settle finds out which registries the dependencies are of, by Cargo.toml
// alone; base is the address of this one.
func (m *manifest) settle(base string) {
	for i, index := range m.indexes {
		switch {
		case index == "":
			index = cratesIO
		case same(index, base):
			continue
		}
		m.Deps[i].Registry = &index
	}
}

// same tells whether two addresses are of one index, with the word for sparse
// ones before it or without.
func same(a, b string) bool {
	bare := func(s string) string { return strings.TrimRight(strings.TrimPrefix(s, "sparse+"), "/") }
	return bare(a) == bare(b)
}

// ends gives what the addresses of a registry end with, whatever the server is
// called.
func ends(q *format.Request) []string {
	list := []string{strings.TrimPrefix(q.Base, q.Root)}
	switch q.Scope.Kind {
	case scope.Company, scope.User:
		list = append(list, "/api/packages/"+q.Scope.Path.Owner+"/cargo")
	case scope.Service:
		list = append(list, "/package/-/cargo")
	}
	return list
}

// endsIn tells whether an address ends with one of ends. Letter case in names
// of owners says nothing.
func endsIn(address string, ends []string) bool {
	low := strings.ToLower(strings.TrimRight(address, "/"))
	return slices.ContainsFunc(ends, func(end string) bool { return strings.HasSuffix(low, strings.ToLower(end)) })
}

// agree compares what a client says with what is in the package. It takes its
// word for one thing: that a registry is this one under another name of the
// server. Its address then ends with one of ends.
func (m *manifest) agree(p *published, ends []string) error {
	for _, f := range []struct{ what, said, packed string }{
		{"the name", p.Name, m.Name},
		{"the version", p.Version, m.Version},
		{"links", p.Links, m.Links},
		{"rust-version", p.RustVersion, m.RustVersion},
	} {
		if f.said != f.packed && (f.what != "rust-version" || f.said != "") {
			return disagree("%s is %q by the request, and %q by the Cargo.toml in the crate", f.what, f.said, f.packed)
		}
	}
	if err := m.agreeOnDeps(p.deps, ends); err != nil {
		return err
	}
	return m.agreeOnFeatures(p.Features)
}

// disagree is the refusal of a body that says other things than its package.
func disagree(format string, args ...any) error {
	return fault.New(fault.Unprocessable, "%s; publish with cargo publish, which sends the same in both", fmt.Sprintf(format, args...))
}

func (m *manifest) agreeOnDeps(said []publishedDep, ends []string) error {
	byKey := make(map[string]*publishedDep, len(said))
	for i := range said {
		byKey[said[i].key()] = &said[i]
	}
	for i := range m.Deps {
		d := &m.Deps[i]
		s, ok := byKey[d.key()]
		if !ok {
			return disagree("the dependency %s %s of the Cargo.toml in the crate is not, or not so, in the request", d.Name, d.Req)
		}
		delete(byKey, d.key())
		switch index := m.indexes[i]; {
		case s.Registry == nil && d.Registry != nil && !endsIn(index, ends):
			return disagree("the dependency %s is of this registry by the request, and of %.200q by the Cargo.toml in the crate", d.Name, *d.Registry)
		case s.Registry == nil:
			d.Registry = nil
		case index == "" && !same(*s.Registry, cratesIO) && !same(*s.Registry, sparseCratesIO), index != "" && !same(*s.Registry, index):
			return disagree("the dependency %s is of %.200q by the request, and of %.200q by the Cargo.toml in the crate", d.Name, *s.Registry, cmp.Or(index, cratesIO))
		}
	}
	for i := range said {
		if s := &said[i]; byKey[s.key()] == s {
			return disagree("the request has a dependency %s %s that the Cargo.toml in the crate has not", s.Name, s.Req)
		}
	}
	return nil
}

// key is all that has to be the same of a dependency, but for its registry.
func (d dependency) key() string {
	target := ""
	if d.Target != nil {
		target = platform(*d.Target)
	}
	return fmt.Sprintf("%q %q %q %q %q %q %v %v", d.Name, d.crate(), d.Req, d.Kind, target, slices.Sorted(slices.Values(d.Features)), d.Optional, d.DefaultFeatures)
}

func (s publishedDep) key() string {
	d := dependency{Name: s.Name, Req: s.Req, Features: s.Features, Optional: s.Optional, DefaultFeatures: s.DefaultFeatures, Target: s.Target, Kind: s.Kind}
	if s.Alias != "" {
		d.Name, d.Package = s.Alias, s.Name
	}
	if req, err := requirement(s.Req); err == nil {
		d.Req = req
	}
	return d.key()
}

// agreeOnFeatures compares features. Some versions of cargo still send what
// features say of dependencies that it leaves out of the package: those for
// development that have no version.
func (m *manifest) agreeOnFeatures(said map[string][]string) error {
	known := map[string]bool{}
	for _, d := range m.Deps {
		known[d.Name] = true
	}
	packed := maps.Clone(m.Features)
	maps.Copy(packed, m.Features2)
	for _, name := range slices.Sorted(maps.Keys(said)) {
		have, ok := packed[name]
		if !ok {
			return disagree("the request has a feature %.100s that the Cargo.toml in the crate has not", name)
		}
		values := slices.DeleteFunc(slices.Clone(said[name]), func(v string) bool {
			of, _, inner := strings.Cut(v, "/")
			of, explicit := strings.CutPrefix(strings.TrimSuffix(of, "?"), "dep:")
			return (inner || explicit) && !known[of] && !slices.Contains(have, v)
		})
		slices.Sort(values)
		if !slices.Equal(values, slices.Sorted(slices.Values(have))) {
			return disagree("the feature %s turns on %q by the request, and %q by the Cargo.toml in the crate", name, values, have)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(packed)) {
		if _, ok := said[name]; !ok {
			return disagree("the request lacks the feature %s of the Cargo.toml in the crate", name)
		}
	}
	return nil
}
