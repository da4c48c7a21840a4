package rights

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ingot.dev"
	"ingot.dev/integrations/house"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
)

// Incidents 1 (Gitea CVE-2026-27771, a private flag that some paths forgot),
// 2 (Gitea CVE-2025-68944, limits of tokens lost in an exchange), 3 (Gitea
// CVE-2025-68941, tokens whose limits only some routes honoured), 5
// (gitea#20100, sign-in required but not of packages), 15 (Artifactory,
// anonymous write), 21 (npm, private names in a public feed), 24 (verdaccio,
// restrictions of tokens stored and never enforced) and 25 (Private Packagist,
// a token that outlived its end): every address is walked with every kind of
// credential.
func TestRights(t *testing.T) {
	w := newWorld(t)
	for _, s := range []settings{{}, {requireSignIn: true}, {servicePublic: true}, {true, true}} {
		t.Run(fmt.Sprintf("sign-in required %v, service public %v", s.requireSignIn, s.servicePublic), func(t *testing.T) {
			h := w.Beside(t, unhurried,
				fmt.Sprintf("SECURITY__REQUIRE_SIGN_IN=%v", s.requireSignIn),
				fmt.Sprintf("PACKAGES__SERVICE_PUBLIC=%v", s.servicePublic))
			w.walk(t, h, s)
		})
	}
}

// most is the number of breaches that are told of before the rest is left out.
const most = 15

func (w *world) walk(t *testing.T, h *house.House, s settings) {
	asked, wrong := 0, 0
	verdicts, absent := map[verdict]int{}, twins{}
	for i, r := range h.Routes() {
		if s.servicePublic && r.Of != scope.Service {
			continue // the setting is about the service alone
		}
		methods := []string{r.Method}
		if r.Method == http.MethodGet && r.Area != "git" {
			methods = append(methods, http.MethodHead)
		}
		for _, call := range w.calls(r) {
			for _, c := range w.meets(r, i, call.at) {
				for _, call.Method = range methods {
					call.As = c.proof
					want := s.judge(r, call.Method, call.at, c.claim)
					if call.Method == http.MethodHead && want == allowed {
						continue // it is GET's answer, which the contract of formats compares
					}
					asked++
					verdicts[want]++
					reply := h.Do(t, call.Call)
					why := breach(r, call.Call, want, reply)
					if told := s.leak(c.claim, r, call.Method, reply); why == "" && told != "" {
						why = "tells of " + told
					}
					if why == "" && (want == hidden || want == challenge && c.name == "nothing" && places[call.at].hidden) {
						why = absent.differs(t, h, r, call, want, reply)
					}
					if why == "" {
						continue
					}
					if wrong++; wrong <= most {
						t.Errorf("%s (%s, needs to %s) with %s: %s; it should be %s, but %s",
							call.Method+" "+call.Path, r.Area+" "+r.Name, r.Need, c.name, reply, want, why)
					}
				}
			}
		}
	}
	if wrong > most {
		t.Errorf("and %d more", wrong-most)
	}
	t.Logf("%d requests: %v", asked, verdicts)
	for _, v := range []verdict{allowed, challenge, denied} {
		if verdicts[v] == 0 {
			t.Errorf("nothing was to be %s: the walk does not reach what it should", v)
		}
	}
}

// leak gives a place that a reply tells of, although whoever got it may not
// know that it is there; empty where there is none. Lists and messages obey
// the same table.
func (s settings) leak(c claim, r ingot.Route, method string, reply house.Reply) string {
	if c.browser && r.Area != "web" && (r.Area != "packages" || method != http.MethodGet) || !c.browser && r.Area == "web" {
		c = claim{} // it did not count there
	}
	for i, p := range places {
		if bytes.Contains(reply.Body, []byte(mark(i))) && !s.sees(i, c) {
			return p.path.Kind.String() + " " + p.path.String()
		}
	}
	return ""
}

var parameter = regexp.MustCompile(`\{([^}]*)\}`)

// asked is a request in a place.
type asked struct {
	house.Call
	at   int
	twin string // the same address in a place that does not exist
}

// calls makes the requests of a route in all places that it can be of.
func (w *world) calls(r ingot.Route) []asked {
	var out []asked
	for _, at := range where(r) {
		call := w.call(r, at, places[at].path)
		out = append(out, asked{call, at, w.call(r, at, absentLike(places[at].path)).Path})
	}
	if title(r) == "web explore" { // a list of packages, and one of projects
		other := out[0]
		other.Path += "?in=projects"
		out = append(out, other)
	}
	return out
}

// call makes the request of a route in p, for what is in the place at. What is
// read exists; what is written is nonsense that a handler refuses, so that
// nothing changes and every credential meets the same state.
func (w *world) call(r ingot.Route, at int, p scope.Path) house.Call {
	known := map[string]string{"ownerAlias": p.Owner, "projectAlias": p.Name, "companyAlias": p.Owner, "userAlias": p.Owner}
	write := r.Method != http.MethodGet
	if !write {
		maps.Copy(known, w.known(r, at))
	} else if rooted(r) {
		known["name"] = image() // which passes are for
	}
	if r.Area != "packages" { // whose formats have an owner and a user of their own
		maps.Copy(known, map[string]string{"owner": p.Owner, "project": p.Name, "company": p.Owner, "user": p.Owner})
	}
	path := parameter.ReplaceAllStringFunc(r.Pattern, func(s string) string {
		if value, ok := known[strings.TrimSuffix(s[1:len(s)-1], "...")]; ok {
			return value
		}
		return "+"
	})
	c := house.Call{Path: "/" + path, Header: http.Header{}}
	if title(r) == "container beginUpload" {
		c.Path += "?digest=none"
	}
	if write && r.Area == "web" {
		// A form that cannot be read is refused after the permission was
		// decided, and before the page's own code has its say.
		c.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		c.Body = []byte("%")
	}
	return c
}

// message gives what a refusal says. It is false for one that is not in the
// shape of its area or its format.
func message(r ingot.Route, method string, reply house.Reply) (string, bool) {
	if reply.Status < 400 || method == http.MethodHead {
		return strings.TrimSpace(string(reply.Body)), true
	}
	if r.Area == "rest" {
		var failure struct {
			Status  int
			Message string
		}
		err := json.Unmarshal(reply.Body, &failure)
		return failure.Message, err == nil && failure.Status == reply.Status
	}
	shaped := true
	if s := samples[r.Format]; s.Complaint != nil {
		shaped = s.Complaint(reply.Header.Get("Content-Type"), reply.Body) == ""
	}
	return strings.TrimSpace(longest(reply.Body)), shaped
}

// longest gives the longest text in a body of JSON, or the body itself: whatever
// an error's shape is, the message is longer than the words around it.
func longest(body []byte) string {
	var tree any
	if err := json.Unmarshal(body, &tree); err != nil {
		return string(body)
	}
	var best string
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			if len(v) > len(best) {
				best = v
			}
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for _, e := range v {
				walk(e)
			}
		}
	}
	walk(tree)
	return best
}

// scheme gives what the challenge of an address begins with.
func scheme(r ingot.Route) string {
	if rooted(r) && title(r) != "container token" {
		return `Bearer realm="http://ingot.example/v2/token",service=`
	}
	return "Basic realm="
}

// breach tells how a reply is not what the verdict demands; empty where it is.
func breach(r ingot.Route, c house.Call, want verdict, reply house.Reply) string {
	said, shaped := message(r, c.Method, reply)
	if !shaped {
		return "the error is not in the API's shape"
	}
	absent := strings.HasSuffix(said, ", or you may not see it")
	asks := reply.Header.Get("WWW-Authenticate") != ""
	leads := strings.HasPrefix(reply.Header.Get("Location"), "/sign-in")
	status := map[verdict]int{challenge: 401, denied: 403, hidden: 404, invited: 303}[want]
	if r.Area == "rest" && want == challenge {
		status = 403
	}
	switch {
	case want == allowed && (reply.Status == 401 || reply.Status == 403 || reply.Status >= 500 || leads || asks || absent):
		return "it is refused"
	case want == allowed:
		return ""
	case reply.Status != status:
		return "the status is another"
	case (want == challenge && r.Area != "rest") != asks, asks && !strings.HasPrefix(reply.Header.Get("WWW-Authenticate"), scheme(r)):
		return "it is wrong about a challenge"
	case want == invited && !leads:
		return "it leads elsewhere"
	case want == invited || c.Method == http.MethodHead:
		return ""
	case want == hidden && !absent:
		return "it is not the answer of what does not exist"
	case want == denied && said == "":
		return "it does not say why"
	}
	return ""
}

// Incident 15 (Artifactory, anonymous write by a setting): every address
// declares a permission that somebody decides, and what is open to all is in a
// list that had to be changed on purpose.
func TestRoutes(t *testing.T) {
	seen := map[string]bool{}
	for _, set := range []map[when]bool{
		{always: true, signInNotRequired: true},
		{always: true, registration: true},
	} {
		h := house.New(t,
			fmt.Sprintf("SECURITY__REGISTRATION=%v", set[registration]),
			fmt.Sprintf("SECURITY__REQUIRE_SIGN_IN=%v", !set[signInNotRequired]))
		for _, r := range h.Routes() {
			name := title(r)
			if r.Need == forge.Public {
				seen[name] = true
				if when, listed := public[name]; !listed || !set[when] {
					t.Errorf("%s (%s %s) is open to all, and not on the list of what is", name, r.Method, r.Pattern)
				}
			}
			check(t, name, r)
		}
	}
	for name := range public {
		if !seen[name] {
			t.Errorf("%s is on the list of what is open to all, but is not", name)
		}
	}
}

func check(t *testing.T, name string, r ingot.Route) {
	t.Helper()
	_, ruled := needs[r.Need]
	open := r.Need == forge.Public || r.Need == forge.SignedIn
	switch {
	case !ruled && !open:
		t.Errorf("%s needs %q, which nobody decides", name, r.Need)
	case r.Of == 0 && !open:
		t.Errorf("%s needs to %s, but names no scope", name, r.Need)
	case r.Area == "packages" && r.Need == forge.SignedIn && !slices.Contains(samples[r.Format].Account, r.Name):
		t.Errorf("%s asks for an account and no role, and its format's sample does not say that it is about the account", name)
	case r.Name == "" || !slices.Contains([]string{"GET", "PUT", "POST", "PATCH", "DELETE"}, r.Method):
		t.Errorf("%+v", r)
	}
	// Which native addresses read by POST, the contract of formats knows.
	reads := r.Need == forge.ReadPackages || r.Need == forge.ReadRepository
	if r.Method != http.MethodGet && reads && r.Area != "packages" && name != "git uploadPack" {
		t.Errorf("%s (%s %s) writes with no more than the right to read", name, r.Method, r.Pattern)
	}
}

// An address answers a method that it does not have with those it has, and
// that before it asks who is there: it says nothing that the documentation
// does not.
func TestMethods(t *testing.T) {
	w := newWorld(t)
	for _, r := range w.Routes() {
		if r.Area == "server" {
			continue
		}
		call := w.calls(r)[0].Call
		call.Method = "PROPFIND"
		reply := w.Want(t, http.StatusMethodNotAllowed, call)
		if allow := strings.Split(reply.Header.Get("Allow"), ", "); !slices.Contains(allow, r.Method) {
			t.Errorf("%s: Allow is %q, without %s", call.Path, allow, r.Method)
		}
	}
}

// A wrong password proves nothing, and is no reason to answer less than 401 to
// what everybody may read: a client's mistake shows.
func TestWrongPassword(t *testing.T) {
	w := newWorld(t)
	for path, status := range map[string]int{
		"/project/open/library/package/-/generic/none":                http.StatusUnauthorized,
		"/project/open/vault/package/-/generic/none":                  http.StatusUnauthorized,
		"/registry/project/open/library/package":                      http.StatusForbidden,
		"/project/open/library.git/info/refs?service=git-upload-pack": http.StatusUnauthorized,
		"/project/olga/diary.git/info/refs?service=git-receive-pack":  http.StatusUnauthorized,
	} {
		for _, name := range []string{"olga", "olga@example.com", "barred", "nobody-of-that-name", ""} {
			w.Want(t, status, house.Call{Path: path, As: house.Basic(name, "wrong")})
		}
		w.Want(t, status, house.Call{Path: path, As: house.Basic("olga", w.Password("root"))})
	}
}
