package composer

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/ordered"
)

// What a composer.json may hold. Real ones are under 100 KiB.
const (
	manifestFile = "composer.json"
	maxManifest  = 1 << 20
	maxExclude   = 16 << 10 // bytes of archive.exclude, which is matched against every file
)

var manifestLimits = ordered.Limits{Bytes: maxManifest, Depth: 64, Values: 50_000}

var (
	typeForm = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)
	linkForm = regexp.MustCompile(`^[A-Za-z0-9_./-]+$`)
)

// ParseManifest reads a composer.json of at most 1 MiB ("The composer.json
// schema" in Composer's documentation). It refuses what is no JSON, what
// Composer's own loader refuses, and what would break Composer for the users
// of the package's other versions; fields it does not know pass. The fault is
// Unprocessable and names file, line and what was expected there.
func ParseManifest(b []byte) (*Manifest, error) {
	if len(b) > maxManifest {
		return nil, errTooLarge()
	}
	root, err := ordered.Parse(b, manifestLimits)
	if err != nil {
		return nil, fault.New(fault.Unprocessable, "composer.json, %v", err)
	}
	r := reader{text: b, root: root}
	return r.manifest()
}

func errTooLarge() error {
	return fault.New(fault.Unprocessable, "composer.json is larger than 1 MiB, the most that is taken")
}

// reader takes the fields of a parsed composer.json.
type reader struct {
	text []byte
	root ordered.Value
}

func (r *reader) fail(offset int, format string, args ...any) error {
	return fault.New(fault.Unprocessable, "composer.json, line %d: %s", ordered.Place(r.text, offset).Line, fmt.Sprintf(format, args...))
}

func (r *reader) manifest() (*Manifest, error) {
	if r.root.Kind != ordered.Map {
		return nil, r.fail(r.root.Offset, "the file must hold an object: { ... }")
	}
	if m := manifestShape("", r.root); m != nil {
		return nil, r.fail(m.offset, "%q %s", m.path, m.must)
	}
	for _, member := range r.root.Members {
		if member.Value.Text == unset {
			return nil, r.fail(member.Value.Offset, "%q must not be %q: the word means in Composer's metadata that the field is gone", member.Key, unset)
		}
	}
	m := &Manifest{
		Name:           r.field("name"),
		Version:        r.field("version"),
		Description:    r.field("description"),
		Type:           r.field("type"),
		License:        r.texts("license"),
		Keywords:       r.texts("keywords"),
		Homepage:       r.field("homepage"),
		Readme:         r.field("readme"),
		Authors:        r.authors(),
		Support:        r.support(),
		Funding:        r.funding(),
		Require:        r.links("require"),
		RequireDev:     r.links("require-dev"),
		Suggest:        r.links("suggest"),
		Abandoned:      r.abandoned(),
		ArchiveExclude: r.texts("archive", "exclude"),
		Raw:            r.root.AppendJSON(nil),
	}
	if m.Type == "" {
		m.Type = "library"
	}
	if err := r.check(m); err != nil {
		return nil, err
	}
	return m, nil
}

// check holds the rules that go beyond the shapes of single fields.
func (r *reader) check(m *Manifest) error {
	if m.Name == "" {
		return r.fail(r.at("name").Offset, `"name" is missing; a package that is published has one, as in "name": "acme/http-client"`)
	}
	if err := CheckName(m.Name); err != nil {
		return r.fail(r.at("name").Offset, "%v", err)
	}
	if m.Version != "" {
		if _, err := Normalize(m.Version); err != nil {
			return r.fail(r.at("version").Offset, "%v", err)
		}
	}
	if !typeForm.MatchString(m.Type) {
		return r.fail(r.at("type").Offset, `"type" %q may hold letters, digits, hyphens, dots and underscores only`, m.Type)
	}
	for _, links := range []string{"require", "require-dev", "conflict", "replace", "provide"} {
		for _, member := range r.at(links).Members {
			switch {
			case strings.EqualFold(member.Key, m.Name):
				return r.fail(member.Offset, "a package cannot set a %q on itself", links)
			case !linkForm.MatchString(member.Key):
				return r.fail(member.Offset, "%q in %q is no package name", member.Key, links)
			}
		}
	}
	for _, bin := range r.texts("bin") {
		if slices.Contains(strings.FieldsFunc(bin, func(c rune) bool { return c == '/' || c == '\\' }), "..") {
			return r.fail(r.at("bin").Offset, `"bin" must not leave the package: %q has a ".." in it`, bin)
		}
	}
	if n := len(strings.Join(m.ArchiveExclude, "")); n > maxExclude {
		return r.fail(r.at("archive", "exclude").Offset, `"archive.exclude" is %d bytes long; at most %d are taken`, n, maxExclude)
	}
	return nil
}

// at gives the value at a path of keys; the root's place and Null where there
// is none.
func (r *reader) at(path ...string) ordered.Value {
	v := r.root
	for _, key := range path {
		next, ok := v.Lookup(key)
		if !ok {
			return ordered.Value{Offset: r.root.Offset}
		}
		v = next
	}
	return v
}

// field gives a string of the top level, "" where there is none.
func (r *reader) field(key string) string { return r.at(key).Text }

// texts gives a list of strings, or a string as a list of one.
func (r *reader) texts(path ...string) []string {
	v := r.at(path...)
	if v.Kind == ordered.String {
		return []string{v.Text}
	}
	var list []string
	for _, item := range v.Items {
		list = append(list, item.Text)
	}
	return list
}

func (r *reader) links(key string) []Link {
	var links []Link
	for _, m := range r.at(key).Members {
		links = append(links, Link{Name: m.Key, Constraint: m.Value.Text})
	}
	return links
}

func (r *reader) authors() []Author {
	var authors []Author
	for _, v := range r.at("authors").Items {
		authors = append(authors, Author{
			Name: textOf(v, "name"), Email: textOf(v, "email"),
			Homepage: textOf(v, "homepage"), Role: textOf(v, "role"),
		})
	}
	return authors
}

func (r *reader) funding() []Funding {
	var funding []Funding
	for _, v := range r.at("funding").Items {
		funding = append(funding, Funding{Type: textOf(v, "type"), URL: textOf(v, "url")})
	}
	return funding
}

func (r *reader) support() map[string]string {
	support := make(map[string]string)
	for _, m := range r.at("support").Members {
		support[m.Key] = m.Value.Text
	}
	return support
}

func (r *reader) abandoned() Abandoned {
	v := r.at("abandoned")
	if v.Kind == ordered.Bool {
		return Abandoned{Yes: v.Text == "true"}
	}
	return Abandoned{Yes: v.Text != "", Replacement: v.Text}
}

func textOf(v ordered.Value, key string) string {
	field, _ := v.Lookup(key)
	return field.Text
}
