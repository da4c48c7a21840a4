package rights

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"ingot.dev"
	"ingot.dev/integrations/house"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
	host "ingot.dev/services/forge"
)

// credential is a claim as a request carries it.
type credential struct {
	claim
	proof house.Proof
	slow  bool // it costs the server the time of a password that is not right
}

// world is a house with the places and people of the table.
type world struct {
	*house.House
	people      map[string]host.User
	scopes      []scope.Scope
	uuids       []string // of the Composer package in each place
	files       []string // and of its file
	credentials []credential
	passes      [][]credential // by place: credentials for its image
}

func newWorld(t *testing.T) *world {
	w := &world{House: house.New(t, unhurried), people: map[string]host.User{}}
	for who := range roles {
		switch who {
		case "":
		case "root":
			w.people[who] = w.Admin(t, who)
		default:
			w.people[who] = w.User(t, who)
		}
	}
	olga := w.people["olga"]
	open, closed := w.Company(t, "open", olga, false), w.Company(t, "closed", olga, true)
	source := house.Repository(t, "v1.0.0", map[string]string{
		"composer.json": `{"name": "acme/money"}`, "README.md": "# Money\n", "src/Money.php": "<?php\n",
	})
	w.Project(t, open.Ref(), "library", false, source)
	w.Project(t, open.Ref(), "vault", true, source)
	w.Project(t, closed.Ref(), "library", false, source)
	diary := w.Project(t, olga.Ref(), "diary", true, source)
	for who, role := range map[string]forge.Role{"gus": gu, "rita": re, "dan": de, "adam": ad} {
		for _, s := range []scope.Ref{open.Ref(), closed.Ref(), diary.Ref()} {
			w.Member(t, s, w.people[who], role)
		}
	}
	for i, p := range places {
		sc, err := w.Forge.Resolve(t.Context(), p.path)
		if err != nil {
			t.Fatal(err)
		}
		w.scopes = append(w.scopes, sc)
		w.label(t, sc.Ref, host.Face{Title: mark(i), Description: mark(i), Private: i != 2 && p.hidden})
		w.furnish(t, sc, mark(i))
	}
	w.issue(t)
	w.exchange(t)
	return w
}

// unhurried lets more wrong credentials come than the walk has.
const unhurried = "SECURITY__SIGNIN_ATTEMPTS=1000000"

// mark is a word that stands in all that is told of a place and nowhere else.
func mark(at int) string { return fmt.Sprintf("quicksilver%d", at) }

// label has a company or a project show a face.
func (w *world) label(t *testing.T, s scope.Ref, face host.Face) {
	t.Helper()
	var err error
	switch s.Kind {
	case scope.Project:
		err = w.Forge.UpdateProject(t.Context(), s.ID, face)
	case scope.Company:
		err = w.Forge.UpdateCompany(t.Context(), s.ID, face)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// issue makes the credentials.
func (w *world) issue(t *testing.T) {
	t.Helper()
	add := func(c claim, proof house.Proof) {
		w.credentials = append(w.credentials, credential{claim: c, proof: proof})
	}
	wrong := func(name string, proof house.Proof) { add(claim{name: name, wrong: true}, proof) }
	header := func(value string) house.Proof {
		return func(r *http.Request) { r.Header.Set("Authorization", value) }
	}
	full := map[string]string{}
	for who, u := range w.people {
		full[who] = w.Token(t, u, forge.AllGrants, nil)
	}

	add(claim{name: "nothing"}, nil)
	wrong("a word", header("token igt_open_sesame"))
	wrong("an unknown scheme", header(`Digest username="olga"`))
	wrong("olga's token under another name", house.Basic("root", full["olga"]))
	gone := w.Token(t, w.people["olga"], forge.AllGrants, nil)
	w.revoke(t, gone)
	wrong("a revoked token", house.Token(gone))
	ended := time.Now().Add(20 * time.Millisecond)
	wrong("an expired token", house.Token(w.NewToken(t, w.people["olga"], host.NewToken{
		Name: "short", Grants: forge.AllGrants, Expires: ended,
	})))
	house.Until(ended)

	for who := range roles {
		if who == "" {
			continue
		}
		add(claim{name: who + " by token", who: who, token: true, grants: forge.AllGrants}, house.Token(full[who]))
		add(claim{name: who + " by password", who: who}, house.Basic(who+"@example.com", w.Password(who)))
		add(claim{name: who + " by session", who: who, browser: true}, house.Cookie(w.Session(t, w.people[who])))
	}
	for _, name := range forge.AllGrants.Names() {
		g, _ := forge.ParseGrant(name)
		add(claim{name: "olga's token for " + name, who: "olga", token: true, grants: g},
			house.Basic("olga", w.Token(t, w.people["olga"], g, nil)))
		add(claim{name: "root's token for all but " + name, who: "root", token: true, grants: forge.AllGrants &^ g},
			house.Basic("root", w.Token(t, w.people["root"], forge.AllGrants&^g, nil)))
	}
	for i, sc := range w.scopes {
		within := []int{i}
		for j, other := range w.scopes { // what a company or a user owns lies within it
			if other.Parent == sc.Ref {
				within = append(within, j)
			}
		}
		add(claim{name: fmt.Sprintf("olga's token within %q", sc.Path), who: "olga", token: true, grants: forge.AllGrants, within: within},
			house.Token(w.Token(t, w.people["olga"], forge.AllGrants, &sc.Ref)))
	}
	w.bar(t, add)
}

// revoke ends a token of Olga's.
func (w *world) revoke(t *testing.T, secret string) {
	t.Helper()
	olga := w.people["olga"]
	list, err := w.Forge.Tokens(t.Context(), olga.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range list {
		if strings.HasSuffix(secret, token.Hint) {
			if err := w.Forge.RevokeToken(t.Context(), olga.ID, token.ID); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatal("the token is not in its owner's list")
}

// meets gives the credentials that the i-th route is asked with in a place. In
// a few places every route meets all of them, and in each it meets some, for
// there are too many to go everywhere; nobody and nonsense do go there. What a
// password is computed for anew every time is asked with now and then.
func (w *world) meets(r ingot.Route, i, at int) []credential {
	all := w.credentials
	if rooted(r) {
		all = append(slices.Clip(all), w.passes[at]...)
	}
	var out []credential
	apart := min(3, len(where(r)))
	for j, c := range all {
		if c.slow && (i+at+j)%50 == 0 || !c.slow && (j < 2 || (i+at+j)%apart == 0) {
			out = append(out, c)
		}
	}
	return out
}

// bar adds what somebody had who is blocked now, and a session that was ended.
func (w *world) bar(t *testing.T, add func(claim, house.Proof)) {
	t.Helper()
	blocked := w.Admin(t, "barred")
	token, session := w.Token(t, blocked, forge.AllGrants, nil), w.Session(t, blocked)
	if err := w.Forge.SetBlocked(t.Context(), blocked.ID, true); err != nil {
		t.Fatal(err)
	}
	add(claim{name: "a blocked administrator's token", wrong: true}, house.Token(token))
	add(claim{name: "a blocked administrator's session", wrong: true, browser: true}, house.Cookie(session))
	w.credentials = append(w.credentials, credential{
		claim{name: "a blocked administrator's password", wrong: true}, house.Basic("barred", w.Password("barred")), true,
	})
	left := w.Session(t, w.people["olga"])
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.Root, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(left)
	if err := w.Forge.SignOut(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	add(claim{name: "an ended session", wrong: true, browser: true}, house.Cookie(left))
}
