package npm

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/ordered"
)

// manifest is a package.json that clients can install by.
type manifest struct {
	Name        string // passed checkName
	Version     string // canonical
	Description string
	Tag         string // of publishConfig; often empty
	root        ordered.Value
	object      ordered.Object // as it is handed out
}

var manifestLimits = ordered.Limits{Bytes: maxManifest, Depth: maxNesting, Values: 200_000}

// registryKeys are the members of a manifest that only the registry may fill,
// besides all that begin with "_": a package.json that has them could send
// others to another tarball, or speak for somebody else.
var registryKeys = []string{
	"dist", "deprecated", "gitHead", "hasInstallScript", "hasShrinkwrap", "maintainers", "time", "users",
	"dist-tags", "versions", "readme", "readmeFilename",
}

// dependencyKeys are the members that name other packages with ranges.
var dependencyKeys = []string{"dependencies", "optionalDependencies", "peerDependencies", "devDependencies"}

// parseManifest reads a package.json ("package.json" of npm's documentation).
// It refuses what is no JSON and what would stop the clients of the package's
// other versions, for all of them stand in one document; members it does not
// know pass. The fault is Unprocessable and names the line.
func parseManifest(text []byte) (*manifest, error) {
	root, err := ordered.Parse(text, manifestLimits)
	if err != nil {
		return nil, fault.New(fault.Unprocessable, "package.json, %v", err)
	}
	r := manifestReader{text, root}
	if root.Kind != ordered.Map {
		return nil, r.fail(root, "the file must hold an object: { ... }")
	}
	m := &manifest{Name: textOf(root, "name"), Description: textOf(root, "description"), root: root}
	if err := checkName(m.Name); err != nil {
		return nil, r.failAt("name", err)
	}
	v, err := cleanVersion(textOf(root, "version"))
	if err != nil {
		return nil, r.failAt("version", err)
	}
	m.Version = bare(v)
	if config, ok := root.Lookup("publishConfig"); ok {
		m.Tag = textOf(config, "tag")
	}
	if err := r.check(m.Name); err != nil {
		return nil, err
	}
	if m.object, err = ordered.ParseObject(root.AppendJSON(nil)); err != nil {
		return nil, err
	}
	m.normalize()
	return m, nil
}

// manifestReader checks the members of a package.json.
type manifestReader struct {
	text []byte
	root ordered.Value
}

func (r manifestReader) fail(at ordered.Value, format string, args ...any) error {
	return fault.New(fault.Unprocessable, "package.json, line %d: %s", ordered.Place(r.text, at.Offset).Line, fmt.Sprintf(format, args...))
}

func (r manifestReader) failAt(key string, err error) error {
	v, ok := r.root.Lookup(key)
	if !ok {
		return r.fail(r.root, "%q is missing", key)
	}
	return r.fail(v, "%s", fault.From(err).Message)
}

// check holds the members that clients read without looking twice.
func (r manifestReader) check(name string) error {
	for _, key := range append([]string{"scripts", "engines"}, dependencyKeys...) {
		v, ok := r.root.Lookup(key)
		if !ok || v.Kind == ordered.Null || key == "engines" && v.Kind != ordered.Map { // old packages have a list of engines
			continue
		}
		if v.Kind != ordered.Map {
			return r.fail(v, "%q must be an object of strings", key)
		}
		for _, m := range v.Members {
			if m.Value.Kind != ordered.String {
				return r.fail(m.Value, "%q in %q must be a string", m.Key, key)
			}
		}
	}
	// Incident 22 (CVE-2019-16776): a link for a command led out of the package.
	bin, _ := r.root.Lookup("bin")
	commands := bin.Members
	switch bin.Kind {
	case ordered.Null, ordered.Map:
	case ordered.String:
		commands = []ordered.Member{{Key: bareName(name), Value: bin}}
	default:
		return r.fail(bin, `"bin" must be a path or an object of commands and paths`)
	}
	for _, m := range commands {
		target, command := strings.ReplaceAll(m.Value.Text, `\`, "/"), m.Key
		if strings.HasPrefix(command, "@") {
			command = bareName(command) // as npm links it
		}
		switch {
		case m.Value.Kind != ordered.String:
			return r.fail(m.Value, "the command %q must be a path", m.Key)
		case command == "" || strings.HasPrefix(command, ".") || strings.ContainsAny(command, `/\`):
			return r.fail(m.Value, "%q is no name for a command", m.Key)
		case target == "" || strings.HasPrefix(target, "/") || strings.HasPrefix(path.Clean(target), ".."):
			return r.fail(m.Value, "the command %q is %q, which is no file of the package", m.Key, m.Value.Text)
		}
	}
	return nil
}

// normalize gives the manifest the form that npm's own client publishes it in.
func (m *manifest) normalize() {
	o := &m.object
	*o = slices.DeleteFunc(*o, func(f ordered.Field) bool {
		return strings.HasPrefix(f.Key, "_") || slices.Contains(registryKeys, f.Key)
	})
	o.Set("name", ordered.Quote(m.Name))
	o.Set("version", ordered.Quote(m.Version))
	if bin, _ := m.root.Lookup("bin"); bin.Kind == ordered.String {
		o.Set("bin", ordered.Object{{Key: bareName(m.Name), Raw: ordered.Quote(bin.Text)}}.AppendJSON(nil))
	}
	m.bundled()
}

// bundled puts the other spelling of bundleDependencies right, and writes out
// true, which stands for all dependencies.
func (m *manifest) bundled() {
	v, ok := m.root.Lookup("bundleDependencies")
	if !ok {
		v, ok = m.root.Lookup("bundledDependencies")
	}
	m.object.Delete("bundledDependencies")
	if !ok {
		return
	}
	names := []string{}
	switch {
	case v.Kind == ordered.Array:
		for _, item := range v.Items {
			if item.Kind == ordered.String {
				names = append(names, item.Text)
			}
		}
	case v.Kind == ordered.Bool && v.Text == "true":
		all, _ := m.root.Lookup("dependencies")
		for _, d := range all.Members {
			names = append(names, d.Key)
		}
	}
	m.object.Delete("bundleDependencies")
	if len(names) > 0 {
		m.object.Set("bundleDependencies", quoted(names))
	}
}

// installs tells clients whether something of the package runs when it is
// installed, so that they need not open it to know.
func (m *manifest) installs(addon bool) {
	scripts, _ := m.root.Lookup("scripts")
	for _, event := range []string{"preinstall", "install", "postinstall"} {
		if textOf(scripts, event) != "" {
			addon = true
		}
	}
	if addon {
		m.object.Set("hasInstallScript", json.RawMessage("true"))
	}
}

// needed gives the packages that are installed along. Clients take what is
// optional out of the dependencies, or put it in.
func needed(m ordered.Value) map[string]string {
	all := map[string]string{}
	for _, key := range []string{"dependencies", "optionalDependencies"} {
		v, _ := m.Lookup(key)
		for _, d := range v.Members {
			all[d.Key] = d.Value.Text
		}
	}
	return all
}

// agree compares what a body says of a version with what its tarball does.
// Incident 7 (CVE-2024-6595): a registry told what the body said, and clients
// installed what the tarball did.
func (m *manifest) agree(said ordered.Value, s sums) error {
	disagree := func(what, body, tarball string) error {
		return fault.New(fault.Unprocessable, "the body says that the %s is %q, and the tarball that it is %q; publish the folder anew", what, body, tarball)
	}
	if name := textOf(said, "name"); name != m.Name {
		return disagree("name", name, m.Name)
	}
	v, err := cleanVersion(textOf(said, "version"))
	if err != nil {
		return err
	}
	if bare(v) != m.Version {
		return disagree("version", bare(v), m.Version)
	}
	dist, _ := said.Lookup("dist")
	if sum := textOf(dist, "shasum"); sum != "" && !strings.EqualFold(sum, s.Shasum) {
		return disagree("sha1", sum, s.Shasum)
	}
	if sum := textOf(dist, "integrity"); sum != "" && !listsSum(sum, s.Integrity) {
		return disagree("sha512", sum, s.Integrity)
	}
	body, tarball := needed(said), needed(m.root)
	for name, want := range tarball {
		if body[name] != want {
			return disagree("dependency "+name, body[name], want)
		}
	}
	for name, have := range body {
		if _, ok := tarball[name]; !ok {
			return disagree("dependency "+name, have, "")
		}
	}
	return nil
}

// listsSum tells whether a list of sums has none of SHA-512 or the right one.
func listsSum(list, want string) bool {
	found := true
	for sum := range strings.FieldsSeq(list) {
		if strings.HasPrefix(sum, "sha512-") {
			found = false
		}
		if before, _, _ := strings.Cut(sum, "?"); before == want {
			return true
		}
	}
	return found
}
