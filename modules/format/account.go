package format

import (
	"time"

	"ingot.dev/modules/forge"
)

// Accounts is what a client may do with the account behind a request. What
// the forge cannot do is fault.Unsupported.
type Accounts interface {
	// SignIn gives the account of a name and a password or token that came in a
	// body. fault.Unauthenticated where they are wrong.
	SignIn(q *Request, name, secret string) (forge.Actor, error)

	// Issue makes a token of a's account. Its grants are never more than a has:
	// fault.Denied. The secret is shown this once.
	Issue(q *Request, a forge.Actor, t forge.NewToken) (secret string, made forge.IssuedToken, err error)

	// Issued lists the tokens of a's account, the newest first.
	Issued(q *Request, a forge.Actor) ([]forge.IssuedToken, error)

	// Revoke ends a token of a's account. fault.NotFound where it has none of
	// that id.
	Revoke(q *Request, a forge.Actor, id int64) error

	// BeginLogin begins a sign-in on the pages.
	BeginLogin(q *Request, client string) (Login, error)

	// EndLogin gives the token that somebody's consent on the pages led to.
	// It is made in this moment and given once. ready is false while nobody has
	// decided; fault.NotFound where the login ran out, was refused or ended.
	EndLogin(q *Request, poll string) (secret string, ready bool, err error)

	// Pass makes a short-lived credential that stands for the one of q, and is
	// good for some subjects only. An anonymous request's pass is anonymous.
	Pass(q *Request, access []Access, valid time.Duration) (string, error)
}

// Login is a sign-in that a client has begun and a browser ends.
type Login struct {
	URL     string // for the browser
	Poll    string // secret of the client, for EndLogin
	Expires time.Time
}

// Access is what a pass is good for.
type Access struct {
	Subject string      `json:"s"` // as Rooted.Locate gives it
	Grants  forge.Grant `json:"g"`
}
