package rights

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ingot.dev"
	"ingot.dev/integrations/house"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
)

// pass is what a short-lived token is good for, besides what the credential
// that it was given for is.
type pass struct {
	at     int // the place
	image  string
	grants forge.Grant
}

// good tells whether it is one for what a route in a place needs.
func (p *pass) good(r ingot.Route, at int) bool {
	return rooted(r) && p.at == at && p.image == image() && p.grants.Has(needs[r.Need].grant)
}

// rooted tells whether an address is one of those that passes are brought to.
func rooted(r ingot.Route) bool { return strings.HasPrefix(r.Pattern+"/", "v2/") }

// image is that of each place.
func image() string {
	p, _ := pieceOf("container", "")
	return p.names[0]
}

// The actions that passes are asked for, and the grants that they stand for.
const (
	pull = forge.GrantPackagesRead
	push = pull | forge.GrantPackagesPublish
	drop = pull | forge.GrantPackagesDelete
	full = push | drop
)

// exchange makes passes of credentials, each good for the image of one place,
// and some that are good for less. Of some the credential is taken away
// afterwards, and they end with it.
func (w *world) exchange(t *testing.T) {
	t.Helper()
	olga := credential{claim{who: "olga"}, house.Basic("olga", w.Password("olga")), false}
	secret := w.Token(t, w.people["olga"], forge.AllGrants, nil)
	banned := w.Admin(t, "banned")
	theirs := w.Token(t, banned, forge.AllGrants, nil)
	w.passes = make([][]credential, len(places))
	for at := range places {
		add := func(c credential, name string, p pass, actions string) {
			c.pass, c.name = &p, name
			c.proof = house.Bearer(w.fetch(t, c.proof, p, actions))
			w.passes[at] = append(w.passes[at], c)
		}
		own := pass{at, image(), full}
		for _, c := range w.credentials {
			if !c.wrong && !c.browser {
				add(c, "a pass for "+c.name, own, "pull,push,delete")
			}
		}
		add(olga, "a pass to pull", pass{at, image(), pull}, "pull")
		add(olga, "a pass to push", pass{at, image(), push}, "push")
		add(olga, "a pass to delete", pass{at, image(), drop}, "delete")
		add(olga, "a pass for another image", pass{at, "other", full}, "*")
		add(olga, "a pass for another place", pass{(at + 1) % len(places), image(), full}, "*")
		add(olga, "a pass without a scope", pass{at, image(), 0}, "")
		lost := credential{claim{wrong: true}, house.Token(secret), false}
		add(lost, "a pass for a token that was revoked since", own, "*")
		lost.proof = house.Token(theirs)
		add(lost, "a pass for an account that was blocked since", own, "*")
	}
	w.revoke(t, secret)
	if err := w.Forge.SetBlocked(t.Context(), banned.ID, true); err != nil {
		t.Fatal(err)
	}
	// Elsewhere they are nothing, nor for those who take them for passwords.
	w.credentials = append(w.credentials, w.passes[0][0], named(w.passes[0], "a pass for olga by password"))
	as := w.fetch(t, olga.proof, pass{at: 0, image: image()}, "*")
	w.credentials = append(w.credentials, credential{claim{name: "a pass as a password", wrong: true}, house.Basic("olga", as), true})
}

func named(list []credential, name string) credential {
	for _, c := range list {
		if c.name == name {
			return c
		}
	}
	panic("there is no credential " + name)
}

// fetch gets a pass as container clients do, good for the same image of the
// place's twin too, which does not exist.
func (w *world) fetch(t *testing.T, as house.Proof, p pass, actions string) string {
	t.Helper()
	query := url.Values{"service": {"service"}}
	for _, path := range []scope.Path{places[p.at].path, absentLike(places[p.at].path)} {
		repository := p.image
		if path.Kind != scope.Service {
			repository = path.String() + "/" + p.image
		}
		query.Add("scope", "repository:"+repository+":"+actions)
	}
	reply := w.Want(t, http.StatusOK, house.Call{Path: "/v2/token?" + query.Encode(), As: as})
	var got struct{ Token string }
	if err := json.Unmarshal(reply.Body, &got); err != nil || got.Token == "" {
		t.Fatalf("%s, %v", reply, err)
	}
	return got.Token
}
