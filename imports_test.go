package ingot_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// module is this module's path. In the rules below it is the dot, so that
// "./models/..." is every package in the folder models.
const module = "ingot.dev"

// rules is who may not import whom. A pattern that ends in /... takes in the
// folder and everything below. A rule holds for the code that is shipped, not
// for tests.
var rules = []struct {
	name   string
	who    []string
	exempt []string // of who
	never  []string
	may    []string // of never
}{
	{
		name:  "a library knows nothing of the layers above it",
		who:   []string{"./modules/..."},
		never: []string{".", "./models/...", "./services/...", "./routers/...", "./templates/...", "./options/...", "./cmd/..."},
	},
	{
		name:  "the port depends on the seams alone",
		who:   []string{"./modules/format"},
		never: []string{"./modules/..."},
		may:   []string{"./modules/fault", "./modules/scope", "./modules/forge", "./modules/blob"},
	},
	{
		name:  "rows know neither policy nor bytes nor protocols",
		who:   []string{"./models/..."},
		never: []string{".", "./services/...", "./routers/...", "./templates/...", "./modules/formats/...", "./modules/blob/...", "net/http"},
		may:   []string{"./modules/blob"}, // what a blob is, not where it lies
	},
	{
		name:  "use cases meet formats through the port, and clients not at all",
		who:   []string{"./services/..."},
		never: []string{".", "./routers/...", "./templates/...", "./modules/formats/..."},
	},
	{
		name:  "routers reach rows through services",
		who:   []string{"./routers/..."},
		never: []string{".", "./models/...", "./modules/formats/..."},
	},
	{
		name:  "pages are given what they show",
		who:   []string{"./templates/...", "./options/..."},
		never: []string{".", "./models/...", "./services/...", "./routers/..."},
	},
	{
		name:   "gin stays in the routers",
		who:    []string{"./..."},
		exempt: []string{"./routers/..."},
		never:  []string{"github.com/gin-gonic/..."},
	},
	{
		name:   "xorm stays in the models",
		who:    []string{"./..."},
		exempt: []string{"./models/..."},
		never:  []string{"xorm.io/..."},
	},
	{
		name:   "only commands start an Ingot",
		who:    []string{"./..."},
		exempt: []string{"./cmd/...", "./integrations/..."},
		never:  []string{"."},
	},
	{
		name:   "one list knows all formats, and whoever starts an Ingot knows the list",
		who:    []string{"./..."},
		exempt: []string{".", "./modules/formats/...", "./cmd/...", "./integrations/..."}, // formats: TestFormatsAreStrangers
		never:  []string{"./modules/formats/..."},
	},
	{
		name:   "suites are for tests",
		who:    []string{"./..."},
		exempt: []string{"./integrations/..."},
		never:  []string{"./integrations/..."},
	},
}

// vague are names that say nothing about what a package is for.
var vague = []string{"base", "common", "core", "helper", "helpers", "impl", "lib", "manager", "misc", "shared", "types", "util", "utils"}

func TestImports(t *testing.T) {
	t.Parallel()
	imports := packages(t)
	used := make([]bool, len(rules))
	for from, list := range imports {
		if slices.Contains(vague, path.Base(from)) {
			t.Errorf("%s: a package's name says what it is for", from)
		}
		for i, rule := range rules {
			if !matchAny(rule.who, from) || matchAny(rule.exempt, from) {
				continue
			}
			used[i] = true
			for _, to := range list {
				if matchAny(rule.never, to) && !matchAny(rule.may, to) {
					t.Errorf("%s imports %s: %s", from, to, rule.name)
				}
			}
		}
	}
	for i, rule := range rules {
		if !used[i] {
			t.Errorf("the rule %q is about no package that exists", rule.name)
		}
	}
}

func TestFormatsAreStrangers(t *testing.T) {
	t.Parallel()
	for from, list := range packages(t) {
		if !match("./modules/formats/...", from) || match("./modules/formats/all/...", from) {
			continue
		}
		for _, to := range list {
			if match("./modules/formats/...", to) && format(to) != format(from) {
				t.Errorf("%s imports %s: a format stands alone", from, to)
			}
		}
	}
}

// What formats tell the suites is in packages of their own, which nothing that
// is shipped imports.
func TestSamplesAreForTests(t *testing.T) {
	t.Parallel()
	sample := func(name string) bool {
		return name == "./modules/format/formattest" || match("./modules/formats/...", name) && path.Base(name) == format(name)+"test"
	}
	found := false
	for from, list := range packages(t) {
		for _, to := range list {
			if !sample(to) {
				continue
			}
			found = true
			if !sample(from) && !match("./integrations/...", from) {
				t.Errorf("%s imports %s, which is for tests", from, to)
			}
		}
	}
	if !found {
		t.Error("nothing imports a sample: the rule is about no package that exists")
	}
}

// format gives the id of the format that a package belongs to.
func format(name string) string {
	id, _, _ := strings.Cut(strings.TrimPrefix(name, "./modules/formats/"), "/")
	return id
}

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pattern, name string
		want          bool
	}{
		{"./models/...", "./models", true},
		{"./models/...", "./models/db/x", true},
		{"./models/...", "./modelsx", false},
		{"./...", ".", true},
		{"./...", "./cmd/ingot", true},
		{"./...", "net/http", false},
		{".", ".", true},
		{".", "./cmd/ingot", false},
		{"net/http", "net/http", true},
		{"net/http", "net/http/cgi", false},
	} {
		if got := match(test.pattern, test.name); got != test.want {
			t.Errorf("match(%q, %q) = %v", test.pattern, test.name, got)
		}
	}
}

func matchAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return match(pattern, name) })
}

func match(pattern, name string) bool {
	folder, below := strings.CutSuffix(pattern, "/...")
	return name == folder || below && strings.HasPrefix(name, folder+"/")
}

// packages gives what each package of this module imports, both in the
// notation of the rules.
func packages(t *testing.T) map[string][]string {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-json=ImportPath,Imports", "./...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	short := func(name string) string {
		if name == module || strings.HasPrefix(name, module+"/") {
			return "." + strings.TrimPrefix(name, module)
		}
		return name
	}
	imports := map[string][]string{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return imports
		} else if err != nil {
			t.Fatal(err)
		}
		for i, name := range p.Imports {
			p.Imports[i] = short(name)
		}
		imports[short(p.ImportPath)] = p.Imports
	}
}
