// Package incidents is what happened to other registries, and the test that it
// does not happen here. The table says where each case is tested; those that
// no other suite has a place for stand in this package.
package incidents

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// test is a function that names a case.
type test struct{ file, function string }

const (
	here     = "integrations/incidents/"
	contract = "integrations/contract/"
	oci      = "integrations/oci/"
	rights   = "integrations/rights/rights_test.go"
)

// incidents are the cases by number: where each is tested, or why there is
// nothing yet that it could happen to.
var incidents = map[int]struct {
	what  string
	tests []test
	none  string
}{
	1:  {"Gitea CVE-2026-27771: a private flag that some paths forgot", []test{{rights, "TestRights"}}, ""},
	2:  {"Gitea CVE-2025-68944: an exchanged token lost its limits", []test{{"services/forge/authenticate_test.go", "TestTokenKeepsItsLimits"}, {oci + "token_test.go", "TestPasses"}, {rights, "TestRights"}}, ""},
	3:  {"Gitea CVE-2025-68941: limits of tokens kept by some routes only", []test{{rights, "TestRights"}}, ""},
	4:  {"gitea#37643: the address of a private repository in metadata", []test{{here + "leak_test.go", "TestIncident04"}}, ""},
	5:  {"gitea#20100: packages readable where signing in is required", []test{{"services/access/access_test.go", "TestRequireSignInIncident5"}, {rights, "TestRights"}}, ""},
	6:  {"GitLab CVE-2026-3073: a rule that another spelling of the name passed", []test{{contract + "publish_test.go", "republish"}}, ""},
	7:  {"GitLab CVE-2024-6595: metadata that is not the archive's", []test{{here + "publish_test.go", "TestIncident07"}, {here + "payload_test.go", "TestIncident07NPM"}, {here + "payload_test.go", "TestIncident07Files"}}, ""},
	8:  {"GitLab MR 202213: uploads that run on the forge's origin", []test{{contract + "fetch_test.go", "inert"}, {"routers/web/code_test.go", "TestRaw"}}, ""},
	9:  {"GitLab MR 158593: an upstream's password in an address", []test{{here + "fallback_test.go", "TestIncident09"}}, ""},
	10: {"Nexus CVE-2024-4956: a file outside, by encoded separators", []test{{"modules/format/match_test.go", "TestSegmentsRefuseIncident10"}, {contract + "hostile_test.go", "addresses"}, {here + "address_test.go", "TestIncident10"}}, ""},
	11: {what: "Nexus CVE-2026-0600: requests to addresses that users name", none: noRemotes},
	12: {what: "Nexus CVE-2026-3199: objects and scripts out of data", none: "JSON, XML and the headers of Python's packages are read, into fixed structures, and no setting or policy is a program"},
	13: {what: "NEXUS-31354: an upstream's page kept as a package", none: noRemotes},
	14: {what: "Artifactory CVE-2024-6915: a poisoned cache", none: noRemotes},
	15: {"Artifactory: anonymous write by a setting", []test{{rights, "TestRoutes"}, {rights, "TestRights"}}, ""},
	16: {"Harbor CVE-2026-4404: a password that comes with the program", []test{{"services/forge/authenticate_test.go", "TestIncident16NoDefaultCredential"}}, ""},
	17: {"Harbor CVE-2022-31667: the id of an object of another project", []test{{"services/registry/registry_test.go", "TestScopesAreApartIncident17"}, {here + "scope_test.go", "TestIncident17"}}, ""},
	18: {"RubyGems CVE-2022-29176: a name and a version joined by a dash", []test{{"services/registry/registry_test.go", "TestIdentityIsNotAJoinedStringIncident18"}}, ""},
	19: {"RubyGems CVE-2019-8324: a name of several lines, evaluated", []test{{contract + "hostile_test.go", "names"}}, ""},
	20: {"npm 2021: one name was authorised and another written", []test{{here + "scope_test.go", "TestIncident20"}, {here + "payload_test.go", "TestIncident20NPM"}}, ""},
	21: {"npm 2021: private names in a public feed", []test{{rights, "TestRights"}, {"routers/web/package_forms_test.go", "TestExploreHidesWhatIsPrivate"}, {here + "leak_test.go", "TestIncident21Owner"}, {oci + "list_test.go", "TestCatalog"}}, ""},
	22: {"npm CVE-2019-16776: links that lead out of a package", []test{{contract + "publish_test.go", "bodiesRefused"}, {here + "publish_test.go", "TestIncident22"}, {here + "payload_test.go", "TestIncident22NPM"}}, ""},
	23: {"CVE-2025-54368: zip files that readers read differently", []test{{contract + "publish_test.go", "bodiesRefused"}, {here + "payload_test.go", "TestIncident23"}}, ""},
	24: {"verdaccio#5943: restrictions stored and never enforced", []test{{rights, "TestRights"}, {"services/forge/authenticate_test.go", "TestTakenAwayAtOnce"}}, ""},
	25: {"Private Packagist 2026: a revoked token that went on working", []test{{here + "revoke_test.go", "TestIncident25"}, {here + "upload_test.go", "TestIncident25DuringAnUpload"}, {rights, "TestRights"}}, ""},
	26: {"Dependency confusion: a public version above the internal one", []test{{here + "fallback_test.go", "TestIncident26"}}, ""},
	27: {"Deleted names that fall through to the public registry", []test{{here + "fallback_test.go", "TestIncident27"}}, ""},
	28: {"Shai-Hulud: stolen tokens that publish on", []test{{here + "login_test.go", "TestIncident28"}}, ""},
	29: {what: "LiteLLM and Axios: malicious versions taken over within hours", none: noRemotes},
	30: {"left-pad: a deletion that broke the world", []test{{"routers/web/package_forms_test.go", "TestDeletePages"}, {here + "scope_test.go", "TestIncident30"}}, ""},
	31: {"gitea#20605: files of no bytes; gitea#30171: packages that cannot be deleted", []test{{contract + "publish_test.go", "half"}, {here + "publish_test.go", "TestIncident31"}, {oci + "upload_test.go", "TestWrongDigests"}}, ""},
	32: {"harbor#23750: a limit that was told as absence", []test{{here + "revoke_test.go", "TestIncident32"}}, ""},
	33: {"XSS through README and description", []test{{"modules/markup/markup_test.go", "TestHostile"}, {"routers/web/packages_test.go", "TestPackagePagesAreInert"}}, ""},
}

// Where an index for other projects is set, clients are sent to it (case 26).
const noRemotes = "there are no remote registries yet: Ingot asks nobody anything, and where another index is set it leads clients there"

// Each case is in the table, and the tests that it names exist and name it.
func TestTable(t *testing.T) {
	for n := 1; n <= 33; n++ {
		c, ok := incidents[n]
		if !ok || c.what == "" || (len(c.tests) == 0) != (c.none != "") {
			t.Errorf("case %d has neither a test nor a reason to have none, or both", n)
		}
		for _, want := range c.tests {
			named, found := namesOf(t, want)
			switch {
			case !found:
				t.Errorf("case %d: there is no %s in %s", n, want.function, want.file)
			case !named[n]:
				t.Errorf("case %d: neither the name of %s in %s nor the comment above it says so", n, want.function, want.file)
			}
		}
	}
	if len(incidents) != 33 {
		t.Errorf("there are %d cases in the table", len(incidents))
	}
}

var (
	inName    = regexp.MustCompile(`Incident(\d+)`)
	inComment = regexp.MustCompile(`(?i)incidents?\s((?:[^.]|\.\S)*)`)
	number    = regexp.MustCompile(`(?:^|\sand |, )(\d+)\b`)
)

// namesOf gives the cases that a test names: in its own name, or in the comment
// above it, in a sentence like "Incidents 1 (what), 3 (what) and 24: why".
func namesOf(t *testing.T, want test) (named map[int]bool, found bool) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join("../..", want.file), nil, parser.ParseComments)
	if err != nil {
		t.Error(err)
		return nil, false
	}
	named = map[int]bool{}
	add := func(digits string) {
		if n, err := strconv.Atoi(digits); err == nil {
			named[n] = true
		}
	}
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Name.Name != want.function {
			continue
		}
		found = true
		for _, m := range inName.FindAllStringSubmatch(f.Name.Name, -1) {
			add(m[1])
		}
		for _, m := range inComment.FindAllStringSubmatch(strings.Join(strings.Fields(f.Doc.Text()), " "), -1) {
			for _, n := range number.FindAllStringSubmatch(m[1], -1) {
				add(n[1])
			}
		}
	}
	return named, found
}
