package npm

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
)

func (*NPM) ping(q *format.Request) error { return q.JSON(http.StatusOK, struct{}{}) }

func (*NPM) whoami(q *format.Request) error {
	return q.JSON(http.StatusOK, map[string]string{"username": q.Actor.Name})
}

// login takes a name and a password and gives a token ("User
// authentication", section login). Who sends a token for a password keeps it:
// one that may not make others could do nothing here.
func (*NPM) login(q *format.Request) error {
	var b struct{ Name, Password string }
	if err := readJSON(q.R.Body, maxSmall, &b, "the body has to be an object with name and password"); err != nil {
		return err
	}
	user := q.Param("user")
	if b.Name != "" && b.Name != user || b.Password == "" {
		return fault.New(fault.Invalid, "send the name that is in the address, and a password or token")
	}
	a, err := q.Server.Accounts().SignIn(q, user, b.Password)
	if err != nil {
		return err
	}
	token := b.Password
	if a.Token == nil {
		if token, _, err = q.Server.Accounts().Issue(q, a, forge.NewToken{
			Name: "npm login, " + time.Now().UTC().Format(time.DateOnly), Grants: forge.Transport,
		}); err != nil {
			return err
		}
	}
	return q.JSON(http.StatusCreated, struct {
		done
		Token string `json:"token"`
	}{done{OK: true, ID: "org.couchdb.user:" + a.Name}, token})
}

// user is asked by npm owner about the one to add or take away.
func (*NPM) user(q *format.Request) error {
	if !strings.EqualFold(q.Param("user"), q.Actor.Name) {
		return fault.New(fault.NotFound, "%s", noOwners(q))
	}
	return q.JSON(http.StatusOK, person{Name: q.Actor.Name})
}

// logout ends the token that it comes with, and no other.
func (*NPM) logout(q *format.Request) error {
	if q.Actor.Token == nil || !strings.HasSuffix(q.R.Header.Get("Authorization"), " "+q.Param("token")) {
		return fault.New(fault.NotFound, "this address ends the token that a request comes with; end others by npm token revoke, or on %s/settings/tokens", q.Root)
	}
	if err := q.Server.Accounts().Revoke(q, q.Actor, q.Actor.Token.ID); err != nil {
		return err
	}
	return q.JSON(http.StatusOK, done{OK: true})
}

// pollEvery is after which time npm asks again whether somebody has agreed.
const pollEvery = "2" // seconds

// beginLogin begins a sign-in on the pages.
func (*NPM) beginLogin(q *format.Request) error {
	login, err := q.Server.Accounts().BeginLogin(q, "npm")
	if err != nil {
		return err
	}
	return q.JSON(http.StatusOK, map[string]string{
		"loginUrl": login.URL,
		"doneUrl":  q.Base + "/-/v1/done?" + url.Values{"login": {login.Poll}}.Encode(),
	})
}

func (*NPM) endLogin(q *format.Request) error {
	token, ready, err := q.Server.Accounts().EndLogin(q, q.Query("login"))
	if err != nil {
		return err
	}
	if !ready {
		q.W.Header().Set("Retry-After", pollEvery)
		return q.JSON(http.StatusAccepted, struct{}{})
	}
	return q.JSON(http.StatusOK, map[string]string{"token": token})
}

func (*NPM) profile(q *format.Request) error {
	return q.JSON(http.StatusOK, struct {
		person
		Verified bool   `json:"email_verified"`
		FullName string `json:"fullname"`
		TFA      bool   `json:"tfa"`
	}{person: person{Name: q.Actor.Name}, FullName: q.Actor.Title})
}

// token is a token of an account as npm token shows it.
type token struct {
	Token       string   `json:"token"`
	Key         string   `json:"key"`
	Name        string   `json:"name"`
	CIDR        []string `json:"cidr_whitelist"`
	ReadOnly    bool     `json:"readonly"`
	Permissions []string `json:"permissions"`
	Created     string   `json:"created"`
	Updated     string   `json:"updated"`
	Expires     string   `json:"expires,omitempty"`
}

func newToken(shown string, t forge.IssuedToken) token {
	out := token{
		Token: shown, Key: tokenKey(t.ID), Name: t.Name, Permissions: t.Grants.Names(),
		ReadOnly: t.Grants&^readGrants == 0, Created: t.Created.UTC().Format(timeForm), Updated: t.Created.UTC().Format(timeForm),
	}
	if !t.Expires.IsZero() {
		out.Expires = t.Expires.UTC().Format(timeForm)
	}
	return out
}

const readGrants = forge.GrantPackagesRead | forge.GrantRepositoryRead

// tokenKey names a token. npm takes the first characters for the whole where
// they are enough, so keys are of one length and look unlike each other.
func tokenKey(id int64) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "npm token %d", id))
	return hex.EncodeToString(sum[:16])
}

func (*NPM) listTokens(q *format.Request) error {
	issued, err := q.Server.Accounts().Issued(q, q.Actor)
	if err != nil {
		return err
	}
	list := make([]token, 0, len(issued))
	for _, t := range issued {
		list = append(list, newToken("…"+t.Hint, t))
	}
	return q.JSON(http.StatusOK, map[string]any{"objects": list, "total": len(list), "urls": struct{}{}})
}

// tokenWish is what npm token create asks for.
type tokenWish struct {
	Password    string   `json:"password"`
	Name        string   `json:"name"`
	ReadOnly    bool     `json:"readonly"`
	CIDR        []string `json:"cidr_whitelist"`
	Expires     int      `json:"expires"` // days
	Packages    []string `json:"packages"`
	Scopes      []string `json:"scopes"`
	Orgs        []string `json:"orgs"`
	Permission  string   `json:"packages_and_scopes_permission"`
	Description string   `json:"description"`
}

const maxDays = 3650

func (w *tokenWish) token() (forge.NewToken, error) {
	t := forge.NewToken{Name: w.Name, Grants: forge.Transport}
	if t.Name == "" {
		t.Name = "npm token create, " + time.Now().UTC().Format(time.DateOnly)
	}
	switch {
	case w.Password == "":
		return t, fault.New(fault.Invalid, "send the password of the account: a token is made by who proves to be the account itself")
	case len(w.CIDR)+len(w.Packages)+len(w.Scopes)+len(w.Orgs) > 0:
		return t, fault.New(fault.Invalid, "tokens cannot be limited to addresses, packages or organisations by npm; make one for a single project on the pages of your account")
	case w.Expires < 0 || w.Expires > maxDays:
		return t, fault.New(fault.Invalid, "a token lasts from 1 to %d days", maxDays)
	}
	switch w.Permission {
	case "read-only", "no-access":
		t.Grants = readGrants
	case "", "read-write":
	default:
		return t, fault.New(fault.Invalid, "%.100q is no permission: read-only or read-write", w.Permission)
	}
	if w.ReadOnly {
		t.Grants = readGrants
	}
	if w.Expires > 0 {
		t.Expires = time.Now().AddDate(0, 0, w.Expires)
	}
	return t, nil
}

func (*NPM) makeToken(q *format.Request) error {
	var w tokenWish
	if err := readJSON(q.R.Body, maxSmall, &w, "the body has to describe a token, as npm token create sends it"); err != nil {
		return err
	}
	wanted, err := w.token()
	if err != nil {
		return err
	}
	a, err := q.Server.Accounts().SignIn(q, q.Actor.Name, w.Password)
	if err != nil {
		return err
	}
	secret, made, err := q.Server.Accounts().Issue(q, a, wanted)
	if err != nil {
		return err
	}
	return q.JSON(http.StatusOK, newToken(secret, made))
}

func (*NPM) endToken(q *format.Request) error {
	issued, err := q.Server.Accounts().Issued(q, q.Actor)
	if err != nil {
		return err
	}
	for _, t := range issued {
		if tokenKey(t.ID) != q.Param("key") {
			continue
		}
		if err := q.Server.Accounts().Revoke(q, q.Actor, t.ID); err != nil {
			return err
		}
		return q.Empty(http.StatusNoContent)
	}
	return fault.New(fault.NotFound, "you have no token of that key; npm token list shows them")
}
