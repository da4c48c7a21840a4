// Package rights holds every address of an Ingot against one table of rights:
// each route, in places of each visibility, with each kind of credential. The
// routes come from the server, so that a new one is walked as soon as it is
// there; the table stands here, written from the documentation and not from
// the code that decides.
package rights

import (
	"net/http"
	"slices"

	"ingot.dev"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
)

// needs says what a permission wants: a role and, of a token, a grant.
var needs = map[forge.Permission]struct {
	role  forge.Role
	grant forge.Grant
}{
	forge.ReadPackages:    {forge.Guest, forge.GrantPackagesRead},
	forge.PublishPackages: {forge.Developer, forge.GrantPackagesPublish},
	forge.DeletePackages:  {forge.Administrator, forge.GrantPackagesDelete},
	forge.ReadRepository:  {forge.Guest, forge.GrantRepositoryRead},
	forge.WriteRepository: {forge.Developer, forge.GrantRepositoryWrite},
	forge.Manage:          {forge.Administrator, forge.GrantManage},
	forge.Administer:      {forge.Owner, forge.GrantManage},
}

// public lists every address that needs nothing at all, by format or area and
// name. Lists show what their reader may see; where signing in is required
// they are not among these, nor is signing up where visitors may not.
var public = map[string]when{
	"npm ping":            always, // says that there is a registry
	"npm login":           always, // the name and the password are in the body
	"npm beginLogin":      always, // gives a link that somebody has to agree to, signed in
	"npm endLogin":        always, // takes the secret that beginLogin gave
	"container base":      always, // says where to get a token
	"container token":     always, // proves what it is given; there are tokens of nobody too
	"container tokenForm": always,
	"container catalog":   always, // a list, which asks for a token first
	"rest rest.openapi":   always,
	"server healthz":      always,
	"server readyz":       always,
	"server metrics":      always, // has a gate of its own
	"web asset":           always,
	"web home":            always, // says to visitors what this is
	"web packages":        always, // leads visitors to explore
	"web sign.in":         always,
	"web sign.enter":      always,
	"web sign.out":        always,
	"web display":         always, // language and colours
	"web sign.up":         registration,
	"web sign.register":   registration,
	"web explore":         signInNotRequired,
	"web companies":       signInNotRequired,
}

// asks are those of the public addresses that want a token all the same, be it
// one of nobody: clients send what they have only where they are asked.
var asks = []string{"container base", "container catalog"}

// proves are those that refuse what is wrong, though nothing would be right.
var proves = []string{"container token"}

// title names a route in these lists.
func title(r ingot.Route) string {
	if r.Area == "packages" {
		return r.Format + " " + r.Name
	}
	return r.Area + " " + r.Name
}

type when int

const (
	always when = iota
	registration
	signInNotRequired
)

// place is an owner of packages.
type place struct {
	path   scope.Path
	hidden bool // from those who have no role in it
}

// places are in the order of the columns of roles. The companies have members;
// the first three projects have none of their own. The fourth is a user's.
var places = []place{
	{path: scope.Path{Kind: scope.Project, Owner: "open", Name: "library"}},
	{path: scope.Path{Kind: scope.Project, Owner: "open", Name: "vault"}, hidden: true},
	{path: scope.Path{Kind: scope.Project, Owner: "closed", Name: "library"}, hidden: true}, // by its company alone
	{path: scope.Path{Kind: scope.Project, Owner: "olga", Name: "diary"}, hidden: true},
	{path: scope.Path{Kind: scope.Company, Owner: "open"}},
	{path: scope.Path{Kind: scope.Company, Owner: "closed"}, hidden: true},
	{path: scope.Path{Kind: scope.User, Owner: "olga"}},
	{path: scope.Path{Kind: scope.Service}},
}

const (
	no = forge.Nobody
	gu = forge.Guest
	re = forge.Reporter
	de = forge.Developer
	ad = forge.Administrator
	ow = forge.Owner
)

// sees tells whether somebody may know of a place, or rather, whether there is
// anything at all that they may do there.
func (s settings) sees(at int, c claim) bool {
	if c.wrong {
		c = claim{}
	}
	for p := range needs {
		if s.decide(p, at, c) == allowed {
			return true
		}
	}
	return false
}

// roles is who is what where. Gus, Rita, Dan and Adam are members of the
// companies and of the diary.
var roles = map[string][8]forge.Role{
	//       open/library, open/vault, closed/library, olga/diary, open, closed, olga, service
	"":     {gu, no, no, no, gu, no, gu, no}, // guest of the service where that is public
	"stan": {gu, no, no, no, gu, no, gu, gu},
	"gus":  {gu, gu, gu, gu, gu, gu, gu, gu},
	"rita": {re, re, re, re, re, re, gu, gu},
	"dan":  {de, de, de, de, de, de, gu, gu},
	"adam": {ad, ad, ad, ad, ad, ad, gu, gu},
	"olga": {ow, ow, ow, ow, ow, ow, ow, gu}, // owns all of it
	"root": {ow, ow, ow, ow, ow, ow, ow, ow}, // administrator of the service
}

// claim is what a credential proves.
type claim struct {
	name    string // of the credential, for messages
	who     string // empty: nobody
	wrong   bool   // it is a credential, and proves nothing
	browser bool   // it is a session, not a header
	token   bool
	grants  forge.Grant // of a token
	within  []int       // of a token: the places where it is good; nil for all
	pass    *pass       // what it was exchanged for; nil where it is as it was made
}

// settings are those that change what may be read.
type settings struct {
	requireSignIn, servicePublic bool
}

// verdict is how a request ends as far as rights decide.
type verdict int

const (
	allowed   verdict = iota
	challenge         // who are you? 401, and 403 of the REST API
	denied            // 403: you see it, but may not do this
	hidden            // 404: there may be nothing here
	invited           // 303 to the page where one signs in
)

var verdicts = [...]string{"allowed", "challenge", "denied", "hidden", "invited"}

func (v verdict) String() string { return verdicts[v] }

// judge is the table: what a request to a route in a place has to be answered.
func (s settings) judge(r ingot.Route, method string, at int, c claim) verdict {
	reading := method == http.MethodGet || method == http.MethodHead
	if r.Area == "web" { // pages know sessions only
		if !c.browser || c.wrong {
			c = claim{}
		}
		return s.page(r, reading, at, c)
	}
	if r.Need == forge.Public {
		return open(r, c)
	}
	if c.browser { // and of the others only native addresses that are read take a session
		if r.Area != "packages" || !reading || c.wrong {
			c = claim{}
		}
	}
	if c.wrong || c.who == "" && r.Area == "rest" {
		return challenge
	}
	if c.pass != nil && !c.pass.good(r, at) {
		return challenge
	}
	return s.decide(r.Need, at, c)
}

// open is judge for an address that is open to all.
func open(r ingot.Route, c claim) verdict {
	switch name := title(r); {
	case slices.Contains(asks, name) && (c.wrong || c.who == "" && c.pass == nil):
		return challenge
	case name == "container catalog" && c.pass != nil: // those of the table are for images
		return challenge
	case slices.Contains(proves, name) && c.pass != nil && c.who != "" && !c.wrong: // only what lasts is exchanged
		return denied
	case slices.Contains(proves, name) && !c.browser && (c.wrong || c.pass != nil):
		return challenge
	}
	return allowed
}

// page turns a challenge into what pages make of it: whoever only has to sign
// in is led there, but nobody learns that way what is hidden. Where nobody sees
// anything without an account, everything leads there, and so tells nothing.
func (s settings) page(r ingot.Route, reading bool, at int, c claim) verdict {
	v := s.decide(r.Need, at, c)
	if v != challenge {
		return v
	}
	if r.Of != 0 && r.Of != scope.Service && places[at].hidden && !s.requireSignIn {
		return hidden
	}
	if reading {
		return invited
	}
	return challenge
}

func (s settings) decide(p forge.Permission, at int, c claim) verdict {
	need := needs[p]
	switch {
	case p == forge.Public:
		return allowed
	case c.who == "" && (p == forge.SignedIn || s.requireSignIn):
		return challenge
	case p == forge.SignedIn:
		return allowed
	}
	role := s.role(c.who, at)
	// A token opens no less than no credential at all.
	open := need.role == forge.Guest && !s.requireSignIn && s.role("", at) >= forge.Guest
	here := !c.token || c.good(at)
	granted := !c.token || c.grants.Has(need.grant)
	switch {
	case open || role >= need.role && here && granted:
		return allowed
	case c.who == "":
		return challenge
	case role == forge.Nobody, !here && places[at].hidden:
		return hidden
	default:
		return denied
	}
}

func (s settings) role(who string, at int) forge.Role {
	if who == "" && places[at].path.Kind == scope.Service && s.servicePublic {
		return forge.Guest
	}
	return roles[who][at]
}

// good tells whether a token is limited to other places than this.
func (c claim) good(at int) bool {
	if c.within == nil {
		return true
	}
	for _, i := range c.within {
		if i == at {
			return true
		}
	}
	return false
}

// where gives the places that a route can be asked in; for one without a
// scope any will do.
func where(r ingot.Route) []int {
	if r.Of == 0 {
		return []int{len(places) - 1}
	}
	var list []int
	for i, p := range places {
		if p.path.Kind == r.Of {
			list = append(list, i)
		}
	}
	return list
}
