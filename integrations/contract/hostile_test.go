package contract

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"ingot.dev/integrations/house"
	"ingot.dev/modules/scope"
)

// hostile are values of parameters, escaped, that no name may have: whatever
// leads elsewhere, ends a name early, or is one only in bytes.
var hostile = []string{
	"..", ".", "%2e%2e", "%2e", "a%2fb", "a%2Fb", "..%2f..%2f..%2fetc%2fpasswd", "%2F%2F..%2F", "a%5cb", `..%5c..`,
	"%00", "a%00b", "a%0ab", "a%0d%0ab", "%7f", "%ff", "%c0%ae%c0%ae", "%", "%zz", "%u002e",
	strings.Repeat("a", 300), strings.Repeat("a", 20_000), strings.Repeat("%D0%BF", 200),
}

// strange are values that some formats allow and others do not.
var strange = []string{
	"%20", "%20a", "%D0%BF%D0%B0%D0%BA%D0%B5%D1%82", "e%CC%81", "%C3%A9", "%E2%80%AEgpj", "%F0%9F%93%A6", "-", "--help", "~", "a%25b", "a%252fb",
	"CON", "a:b", "a*b", "'", "%22", "%3Cscript%3E", "%7B%7B7%7D%7D", "$(id)", "a;b", "0", "%2B", "@", "latest", "a%3Fb", "a%23b",
}

// addresses: every parameter of every route takes only names, and tells so as
// the client's own fault. Incident 10 (Nexus CVE-2024-4956): files were read
// through %2F%2F..%2F.
func (c *contract) addresses(t *testing.T) {
	p := c.project(t, false)
	before := c.state(t, p)
	for _, r := range c.own(scope.Project) {
		for _, match := range parameter.FindAllStringSubmatch(r.Pattern, -1) {
			name := strings.TrimSuffix(match[1], "...")
			if strings.HasSuffix(name, "Alias") && slices.Contains(c.Account, r.Name) {
				continue // it is about no scope, and does not look for one
			}
			for i, value := range append(append([]string{}, hostile...), strange...) {
				call := house.Call{Method: r.Method, As: c.owner, Header: http.Header{}, Path: "/" + filled(r.Pattern, func(param string) string {
					if param == name {
						return value
					}
					return map[string]string{"ownerAlias": p.Owner, "projectAlias": p.Name}[param]
				})}
				if r.Method != http.MethodGet {
					call.Body = []byte("x")
				}
				reply := c.Do(t, call)
				switch refused := reply.Status >= 400 && reply.Status < 500 && reply.Status != 401 && reply.Status != 403; {
				case reply.Status >= 500:
					t.Errorf("%s %.100s: %s", r.Method, call.Path, reply)
				case !refused && (i < len(hostile) || strings.HasSuffix(name, "Alias")):
					t.Errorf("%s %.100s is taken: %s", r.Method, call.Path, reply)
				case !refused && r.Method == http.MethodPut:
					// What is a name to the format is kept as it is.
					if got := c.get(t, call.Path); string(got.Body) != "x" {
						t.Errorf("%s was taken, and comes back as %s", call.Path, got)
					}
				}
			}
		}
	}
	after := c.state(t, p)
	before.Packages, before.Blobs = after.Packages, after.Blobs // of the strange names that are names
	c.unchanged(t, p, before)
}

// names: a name inside what is published obeys the same rules as one in an
// address. Incident 19 (RubyGems CVE-2019-8324): a name had several lines.
func (c *contract) names(t *testing.T) {
	p := c.project(t, false)
	before := c.state(t, p)
	for _, name := range []string{
		"../evil", "..", ".", "acme/../../evil", "/etc/passwd", "acme/", "/acme", "acme//money", `acme\money`, "a\x00b", "a/b\x00",
		"a\nb", "acme/mo\u202eney", strings.Repeat("a", 300), "acme/" + strings.Repeat("a", 300), "acme/\xff", "%2e%2e/x", "acme/пакет",
	} {
		call := c.at(c.native(p, ""), c.Put(name, v1))
		if reply := c.Do(t, call); reply.Status < 400 || reply.Status > 499 || reply.Status == 401 || reply.Status == 403 {
			t.Errorf("%.60q: %s", name, reply)
		}
	}
	c.unchanged(t, p, before)
}
