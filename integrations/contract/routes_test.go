package contract

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ingot.dev"
	"ingot.dev/integrations/house"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
)

var parameter = regexp.MustCompile(`\{([^}]*)\}`)

// filled gives a pattern with each parameter in the place of another, and
// those of several segments as two.
func filled(pattern string, value func(name string) string) string {
	return parameter.ReplaceAllStringFunc(pattern, func(s string) string {
		name, rest := strings.CutSuffix(s[1:len(s)-1], "...")
		if v := value(name); v != "" {
			return v
		}
		if rest {
			return "any/thing"
		}
		return "any"
	})
}

// own gives the format's routes in the scopes of a kind, below one prefix.
func (c *contract) own(kind scope.Kind) []ingot.Route {
	var out []ingot.Route
	for _, r := range c.Routes() {
		if r.Area == "packages" && r.Format == c.id && r.Of == kind && strings.HasPrefix(r.Pattern, kind.String()+"/") {
			out = append(out, r)
		}
	}
	return out
}

// routes: an ordinary address of a route leads to it and not to one before it,
// so that the order of the table decides only where a literal word stands for
// itself; and whatever changes something needs more than the right to read.
func (c *contract) routes(t *testing.T) {
	var table format.Table[string]
	names := map[string]bool{}
	routes := c.own(scope.Project)
	if len(routes) == 0 {
		t.Fatal("there are none")
	}
	for _, r := range routes {
		table.Add(r.Method, r.Pattern, r.Name)
		if names[r.Name] {
			t.Errorf("two routes are called %s", r.Name)
		}
		names[r.Name] = true
		reads := r.Need == forge.ReadPackages
		switch about := slices.Contains(c.Account, r.Name); {
		case slices.Contains(c.Publishers, r.Name):
			if r.Need != forge.PublishPackages {
				t.Errorf("%s %s needs to %s", r.Method, r.Pattern, r.Need)
			}
		case about:
			if r.Need != forge.Public && r.Need != forge.SignedIn {
				t.Errorf("%s %s is about the account and needs to %s", r.Method, r.Pattern, r.Need)
			}
		case r.Method == http.MethodGet && !reads, reads && r.Method != http.MethodGet && !slices.Contains(c.Readers, r.Name):
			t.Errorf("%s %s needs to %s", r.Method, r.Pattern, r.Need)
		case r.Method == http.MethodDelete && r.Need != forge.DeletePackages, r.Method == http.MethodPut && r.Need != forge.PublishPackages:
			t.Errorf("%s %s needs to %s", r.Method, r.Pattern, r.Need)
		}
	}
	for _, r := range routes {
		path := filled(r.Pattern, func(string) string { return "" })
		segments, ok := format.Segments("/" + path)
		if !ok {
			t.Errorf("%s is no path", path)
			continue
		}
		if name, _, _, ok := table.Match(r.Method, segments); !ok || name != r.Name {
			t.Errorf("%s %s leads to %q, not to %s", r.Method, path, name, r.Name)
		}
	}
}

// methods: an address answers a method it does not have with 405 and the list
// of those it has, before it asks who is there.
func (c *contract) methods(t *testing.T) {
	p := c.project(t, true)
	var table format.Table[string]
	routes := c.own(scope.Project)
	for _, r := range routes {
		table.Add(r.Method, r.Pattern, r.Name)
	}
	for _, r := range routes {
		path := "/" + filled(r.Pattern, func(name string) string {
			return map[string]string{"ownerAlias": p.Owner, "projectAlias": p.Name}[name]
		})
		segments, _ := format.Segments(path)
		for _, method := range []string{http.MethodPatch, http.MethodOptions, http.MethodDelete, http.MethodPost, "PROPFIND"} {
			_, _, have, ok := table.Match(method, segments)
			if ok {
				continue
			}
			reply := c.Want(t, http.StatusMethodNotAllowed, house.Call{Method: method, Path: path})
			allow := strings.Split(reply.Header.Get("Allow"), ", ")
			if !slices.Contains(allow, r.Method) || r.Method == http.MethodGet && !slices.Contains(allow, http.MethodHead) || slices.Contains(allow, method) {
				t.Errorf("%s %s: Allow is %q, want %q", method, path, allow, have)
			}
		}
	}
}

// hidden: nobody is asked to sign in at every address of a private scope,
// and a stranger does not learn that it is there.
func (c *contract) hidden(t *testing.T) {
	p := c.project(t, true)
	c.publish(t, p, "1.0.0")
	call := func(r ingot.Route) house.Call {
		return house.Call{Method: r.Method, Path: "/" + filled(r.Pattern, func(name string) string {
			return map[string]string{"ownerAlias": p.Owner, "projectAlias": p.Name}[name]
		})}
	}
	var calls []house.Call
	for _, r := range c.own(scope.Project) {
		if !slices.Contains(c.Account, r.Name) {
			calls = append(calls, call(r))
		}
	}
	calls = append(calls, house.Call{Path: c.native(p, c.File(c.Name, "1.0.0"))})
	for _, d := range c.Documents(c.Name, "1.0.0") {
		calls = append(calls, house.Call{Path: c.native(p, d)})
	}
	for _, call := range calls {
		reply := c.Want(t, http.StatusUnauthorized, call)
		if challenge := reply.Header.Get("WWW-Authenticate"); !strings.HasPrefix(challenge, "Basic realm=") {
			t.Errorf("%s %s: the challenge is %q", call.Method, call.Path, challenge)
		}
		call.As = c.eve
		reply = c.Want(t, http.StatusNotFound, call)
		// The same as of a project that is not there.
		elsewhere := call
		elsewhere.Path = strings.Replace(call.Path, p.Name, "absent", 1)
		other := c.Want(t, http.StatusNotFound, elsewhere)
		if got := strings.ReplaceAll(string(reply.Body), p.Name, "absent"); got != string(other.Body) {
			t.Errorf("%s %s: %q tells it from %q", call.Method, call.Path, reply.Body, other.Body)
		}
	}
	if c.RestFile != nil {
		c.Want(t, http.StatusForbidden, house.Call{Path: c.restOf(t, p, "1.0.0")})
		c.Want(t, http.StatusNotFound, house.Call{Path: c.restOf(t, p, "1.0.0"), As: c.eve})
	}
	own := c.get(t, c.native(p, c.File(c.Name, "1.0.0")))
	if own.Status != 200 || !strings.Contains(own.Header.Get("Cache-Control"), "private") {
		t.Errorf("its owner gets %s, to be kept by %q", own, own.Header.Get("Cache-Control"))
	}
	for _, d := range c.Documents(c.Name, "1.0.0") {
		own := c.get(t, c.native(p, d))
		if own.Status != 200 || !strings.Contains(own.Header.Get("Cache-Control"), "private") {
			t.Errorf("its owner gets %s: %s, to be kept by %q", d, own, own.Header.Get("Cache-Control"))
		}
	}
}
