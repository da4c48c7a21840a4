package npm

import (
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
)

// NPM implements format.Format.
type NPM struct{}

var (
	_ format.Format      = (*NPM)(nil)
	_ format.Naming      = (*NPM)(nil)
	_ format.Grouped     = (*NPM)(nil)
	_ format.Indexed     = (*NPM)(nil)
	_ format.Uploading   = (*NPM)(nil)
	_ format.Presented   = (*NPM)(nil)
	_ format.Configured  = (*NPM)(nil)
	_ format.Complaining = (*NPM)(nil)
)

// New makes the format.
func New() *NPM { return &NPM{} }

// Info implements format.Format.
func (*NPM) Info() format.Info {
	return format.Info{ID: "npm", Title: "npm", Short: "npm", PURL: "npm"}
}

// CanonicalName implements format.Naming.
func (*NPM) CanonicalName(name string) (string, error) { return CanonicalName(name) }

// CanonicalVersion implements format.Naming.
func (*NPM) CanonicalVersion(version string) (string, error) { return CanonicalVersion(version) }

// Routes implements format.Format. Those below "-" come first: no package has
// that name. Then come those of names with a scope, which look like two
// segments of something else.
func (n *NPM) Routes() []format.Route {
	const (
		get, put, post, del = http.MethodGet, http.MethodPut, http.MethodPost, http.MethodDelete
		read, publish       = forge.ReadPackages, forge.PublishPackages
	)
	t := routes{}
	t.add("ping", get, "-/ping", forge.Public, n.ping)
	t.add("whoami", get, "-/whoami", forge.SignedIn, n.whoami)
	t.add("login", put, "-/user/org.couchdb.user:{user}", forge.Public, n.login)
	t.add("user", get, "-/user/org.couchdb.user:{user}", forge.SignedIn, n.user)
	t.add("logout", del, "-/user/token/{token}", forge.SignedIn, n.logout)
	t.add("beginLogin", post, "-/v1/login", forge.Public, n.beginLogin)
	t.add("endLogin", get, "-/v1/done", forge.Public, n.endLogin)
	t.add("profile", get, "-/npm/v1/user", forge.SignedIn, n.profile)
	t.add("listTokens", get, "-/npm/v1/tokens", forge.SignedIn, n.listTokens)
	t.add("makeToken", post, "-/npm/v1/tokens", forge.SignedIn, n.makeToken)
	t.add("endToken", del, "-/npm/v1/tokens/token/{key}", forge.SignedIn, n.endToken)

	t.add("search", get, "-/v1/search", read, n.search)
	t.add("advisories", post, "-/npm/v1/security/advisories/bulk", read, n.advisories)
	t.add("audit", post, "-/npm/v1/security/audits", read, n.audit)
	t.add("quickAudit", post, "-/npm/v1/security/audits/quick", read, n.audit)
	t.add("keys", get, "-/npm/v1/keys", read, n.keys)
	t.pair("attestations", get, "-/npm/v1/attestations/{}", read, n.attestations)
	t.add("packagesOfGroup", get, "-/org/{owner}/package", read, n.packagesOf)
	t.add("packagesOfUser", get, "-/user/{owner}/package", read, n.packagesOf)
	t.pair("visibility", get, "-/package/{}/visibility", read, n.visibility)
	t.pair("collaborators", get, "-/package/{}/collaborators", read, n.collaborators)
	t.pair("access", post, "-/package/{}/access", publish, n.access)
	t.pair("tags", get, "-/package/{}/dist-tags", read, n.tags)
	t.pair("putTag", put, "-/package/{}/dist-tags/{tag}", publish, n.putTag)
	t.pair("postTag", post, "-/package/{}/dist-tags/{tag}", publish, n.putTag)
	t.pair("removeTag", del, "-/package/{}/dist-tags/{tag}", publish, n.removeTag)

	t.pair("tarball", get, "{}/-/{file}", read, n.tarball)
	t.pair("removeTarball", del, "{}/-/{file}/-rev/{rev}", forge.DeletePackages, n.removeTarball)
	t.pair("edit", put, "{}/-rev/{rev}", publish, n.put)
	t.pair("removePackage", del, "{}/-rev/{rev}", forge.DeletePackages, n.removePackage)
	t.pair("publish", put, "{}", publish, n.put)
	t.pair("packument", get, "{}", read, n.packument)
	t.pair("manifest", get, "{}/{version}", read, n.manifest)
	return t.list()
}

// routes collects the table. What is about a package has two addresses: a name
// with a scope is two segments (format.Segments splits @scope%2fname).
type routes struct{ account, scoped, plain []format.Route }

func (t *routes) add(name, method, pattern string, need forge.Permission, handle func(*format.Request) error) {
	t.account = append(t.account, format.Route{Name: name, Method: method, Pattern: pattern, Need: need, Handle: handle})
}

// pair adds a pattern in which {} stands for the name of a package.
func (t *routes) pair(name, method, pattern string, need forge.Permission, handle func(*format.Request) error) {
	r := format.Route{Name: name + "Scoped", Method: method, Pattern: strings.Replace(pattern, "{}", "@{scope}/{name}", 1), Need: need, Handle: handle}
	t.scoped = append(t.scoped, r)
	r.Name, r.Pattern = name, strings.Replace(pattern, "{}", "{name}", 1)
	t.plain = append(t.plain, r)
}

func (t *routes) list() []format.Route { return append(append(t.account, t.scoped...), t.plain...) }

// nameOf is the name of the package that an address is about.
func nameOf(q *format.Request) string {
	if scope := q.Param("scope"); scope != "" {
		return "@" + scope + "/" + q.Param("name")
	}
	return q.Param("name")
}

// failure is what clients read of an error.
type failure struct {
	Error string `json:"error"`
}

// Complain implements format.Complaining: npm prints the member "error".
func (*NPM) Complain(q *format.Request, status int, f *fault.Fault) {
	_ = q.JSON(status, failure{f.Message})
}

// done is the answer to a change. yarn 1 takes nothing for a success that is
// not "ok".
type done struct {
	OK  bool   `json:"ok"`
	ID  string `json:"id,omitempty"`
	Rev string `json:"rev,omitempty"`
}

// deprecatedKey is the property of a version that says why it should not be
// used.
const deprecatedKey = "deprecated"

// maxDeprecated bounds the reason, in characters.
const maxDeprecated = 1024

// Settings implements format.Configured.
func (*NPM) Settings() []format.Setting {
	return []format.Setting{{
		Name: deprecatedKey, Of: format.OfVersion,
		Label: format.Text{En: "Deprecated", Ru: "Устарела"},
		Hint:  format.Text{En: "Why nobody should use this version; clients warn with these words. Empty: it is not deprecated", Ru: "Почему эту версию не стоит использовать; клиенты предупредят этими словами. Пусто — версия не устарела"},
		Check: checkDeprecated,
	}}
}

func checkDeprecated(text string) error {
	if utf8.RuneCountInString(text) > maxDeprecated {
		return fault.New(fault.Invalid, "the reason for a deprecation has at most %d characters", maxDeprecated)
	}
	if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) {
		return fault.New(fault.Invalid, "the reason for a deprecation is text without control characters")
	}
	return nil
}
