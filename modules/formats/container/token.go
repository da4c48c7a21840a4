package container

import (
	"net/http"
	"strings"
	"time"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
)

// passTime is how long a token is good. What it is good for is asked anew at
// every use, so it bounds a push of one long request and nothing else.
const passTime = 15 * time.Minute

// maxAccess bounds the repositories of a token, which is a header of every
// request.
const maxAccess = 50

// base tells that this is a registry, and to those who brought nothing where to
// get a token: without a 401 here Docker never signs in.
func (c *Container) base(q *format.Request) error {
	if q.Actor.Anonymous() && !q.Pass {
		return signIn()
	}
	q.W.Header().Set("Docker-Distribution-Api-Version", apiVersion)
	return q.JSON(http.StatusOK, struct{}{})
}

const apiVersion = "registry/2.0"

func signIn() error {
	return fault.New(fault.Unauthenticated, "sign in with your alias or e-mail and a transport token, or fetch an anonymous token")
}

// token gives a token for what is in Authorization (Docker, "Token
// authentication"), or an anonymous one. Some clients write even nothing as a
// name and a password.
func (c *Container) token(q *format.Request) error {
	if name, secret, ok := q.R.BasicAuth(); ok && name+secret == "" {
		q.R.Header.Del("Authorization")
	}
	if q.R.Header.Get("Authorization") != "" && q.Actor.Anonymous() {
		return wrongSecret()
	}
	return c.pass(q, q.R.URL.Query()["scope"])
}

func wrongSecret() error {
	return fault.New(fault.Unauthenticated, "the user name, or the password or token, is wrong")
}

// tokenForm gives a token for what is in a form (Docker, "OAuth2 token
// authentication"). A transport token does as a refresh token too: it is the
// longer-lived of the two.
func (c *Container) tokenForm(q *format.Request) error {
	q.R.Body = http.MaxBytesReader(q.W, q.R.Body, 64<<10)
	if err := q.R.ParseForm(); err != nil {
		return fault.Wrap(fault.Invalid, err, "send a form: grant_type, service, scope, and username and password or refresh_token")
	}
	form := q.R.PostForm
	var name, secret string
	switch grant := form.Get("grant_type"); grant {
	case "password":
		name, secret = form.Get("username"), form.Get("password")
		q.R.SetBasicAuth(name, secret)
	case "refresh_token":
		secret = form.Get("refresh_token")
		q.R.Header.Set("Authorization", "Bearer "+secret)
	default:
		return fault.New(fault.Invalid, "the grant_type %.100q is none of password and refresh_token", grant)
	}
	if secret == "" {
		return wrongSecret()
	}
	var err error
	if q.Actor, err = q.Server.Accounts().SignIn(q, name, secret); err != nil {
		return err
	}
	return c.pass(q, form["scope"])
}

func (c *Container) pass(q *format.Request, scopes []string) error {
	access, err := parseScopes(scopes)
	if err != nil {
		return err
	}
	issued := time.Now().UTC()
	token, err := q.Server.Accounts().Pass(q, access, passTime)
	if err != nil {
		return err
	}
	q.W.Header().Set("Cache-Control", "no-store")
	return q.JSON(http.StatusOK, struct {
		Token       string `json:"token"`
		AccessToken string `json:"access_token"` // the name that OAuth2 has for it
		ExpiresIn   int    `json:"expires_in"`   // seconds
		IssuedAt    string `json:"issued_at"`
		Scope       string `json:"scope"`
	}{token, token, int(passTime.Seconds()), issued.Format(time.RFC3339), strings.Join(scopes, " ")})
}

// parseScopes reads what a client wants to do: "repository:NAME:pull,push", or
// "registry:catalog:*" for the list of repositories; several in one text or in several. Types of scopes that are not known name
// nothing that a token is needed for.
func parseScopes(texts []string) ([]format.Access, error) {
	var access []format.Access
	at := map[string]int{}
	for _, text := range texts {
		for s := range strings.FieldsSeq(text) {
			kind, rest, _ := strings.Cut(s, ":")
			kind, _, _ = strings.Cut(kind, "(") // repository(plugin)
			colon := strings.LastIndexByte(rest, ':')
			if colon < 0 {
				continue
			}
			var subject string
			var ok bool
			switch kind {
			case "repository":
				_, _, subject, ok = find(rest[:colon])
			case "registry":
				subject, ok = catalog, rest[:colon] == "catalog"
			}
			if !ok {
				continue // there is nothing of that name
			}
			i, known := at[subject]
			if !known {
				if len(access) == maxAccess {
					return nil, fault.New(fault.Invalid, "a token is for at most %d repositories; ask for several", maxAccess)
				}
				i = len(access)
				at[subject], access = i, append(access, format.Access{Subject: subject})
			}
			access[i].Grants |= grants(rest[colon+1:])
		}
	}
	return access, nil
}

// grants gives what a list of actions stands for. Who may write to a
// repository has to read in it.
func grants(actions string) (g forge.Grant) {
	for action := range strings.SplitSeq(actions, ",") {
		switch action {
		case "pull":
			g |= forge.GrantPackagesRead
		case "push":
			g |= forge.GrantPackagesRead | forge.GrantPackagesPublish
		case "delete":
			g |= forge.GrantPackagesRead | forge.GrantPackagesDelete
		case "*":
			g |= forge.GrantPackagesRead | forge.GrantPackagesPublish | forge.GrantPackagesDelete
		}
	}
	return g
}
