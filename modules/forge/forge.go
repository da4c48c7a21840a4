// Package forge is the port towards the forge that Ingot lives in: who asks,
// which owner an address names, and what the one may do with the other. The
// embedded forge is its first implementation and has no privilege that
// another one would lack.
package forge

import (
	"context"
	"net/http"
	"time"

	"ingot.dev/modules/scope"
)

// Role is a step of the one ladder of roles. A higher step includes all lower
// ones. Its values are stored in the database and must not be renumbered.
type Role uint8

// The ladder. Whoever may read a scope is at least a Guest of it.
const (
	Nobody Role = iota
	Guest
	Reporter
	Developer
	Administrator
	Owner
)

var roleNames = [...]string{"nobody", "guest", "reporter", "developer", "administrator", "owner"}

// String gives the role's word in forms and command lines.
func (r Role) String() string { return roleNames[min(int(r), len(roleNames)-1)] }

// ParseRole reads what String writes, except "nobody".
func ParseRole(s string) (Role, bool) {
	for i, name := range roleNames[1:] {
		if s == name {
			return Role(i + 1), true
		}
	}
	return Nobody, false
}

// Grant is one thing a token may do. Grants are bits, so that a set of them
// is a Grant too.
type Grant uint16

// The grants a token can carry. Manage covers settings, members and tokens.
const (
	GrantPackagesRead Grant = 1 << iota
	GrantPackagesPublish
	GrantPackagesDelete
	GrantRepositoryRead
	GrantRepositoryWrite
	GrantManage
)

// Presets of the token pages: Transport is what git and package clients need,
// API what the REST API needs.
const (
	Transport = GrantPackagesRead | GrantPackagesPublish | GrantRepositoryRead | GrantRepositoryWrite
	API       = GrantPackagesRead | GrantPackagesPublish | GrantPackagesDelete | GrantManage
	AllGrants = GrantPackagesRead | GrantPackagesPublish | GrantPackagesDelete | GrantRepositoryRead | GrantRepositoryWrite | GrantManage
)

// grantNames is in the order of display.
var grantNames = [...]struct {
	Grant Grant
	Name  string
}{
	{GrantPackagesRead, "packages:read"},
	{GrantPackagesPublish, "packages:publish"},
	{GrantPackagesDelete, "packages:delete"},
	{GrantRepositoryRead, "repository:read"},
	{GrantRepositoryWrite, "repository:write"},
	{GrantManage, "manage"},
}

// Has tells whether g includes all of want.
func (g Grant) Has(want Grant) bool { return g&want == want }

// Names lists the single grants in g.
func (g Grant) Names() []string {
	var out []string
	for _, n := range grantNames {
		if g.Has(n.Grant) {
			out = append(out, n.Name)
		}
	}
	return out
}

// ParseGrant reads the name of a single grant.
func ParseGrant(s string) (Grant, bool) {
	for _, n := range grantNames {
		if n.Name == s {
			return n.Grant, true
		}
	}
	return 0, false
}

// Permission is what a route needs. The zero Permission is none at all: a
// route that carries it refuses to start.
type Permission uint8

// The permissions. Public needs nothing and SignedIn only an account; the
// others need a role in the scope and, of a token, a grant. Which, stands in
// services/access.
const (
	Public Permission = iota + 1
	SignedIn
	ReadPackages
	PublishPackages
	DeletePackages
	ReadRepository
	WriteRepository
	Manage
	Administer
)

var permissionNames = [...]string{
	"", "public", "signed in", "read packages", "publish packages",
	"delete packages", "read repository", "write repository", "manage", "administer",
}

// String names the permission for messages and tables.
func (p Permission) String() string { return permissionNames[min(int(p), len(permissionNames)-1)] }

// Token is the restriction that a token puts on its owner's rights.
type Token struct {
	ID     int64
	Name   string
	Grants Grant
	Within *scope.Ref // nil: every scope its owner reaches
}

// Actor is who asks. The zero Actor is anonymous.
type Actor struct {
	ID    int64
	UUID  string
	Name  string // alias
	Title string // full name, may be empty
	Admin bool   // administrator of the whole service
	Token *Token // nil: the account itself, by password or session
}

// Anonymous tells whether nobody signed in.
func (a Actor) Anonymous() bool { return a.ID == 0 }

// Scheme is how a client presented its secret.
type Scheme uint8

// The schemes. Raw is a bare secret without a scheme word, as cargo, gem and
// hex send it.
const (
	Basic Scheme = iota + 1
	Bearer
	Raw
)

// Credential is what a client sent to say who it is.
type Credential struct {
	Scheme Scheme
	Name   string // alias or e-mail for Basic, else empty
	Secret string // token or password for Basic, else a token
	Addr   string // the client's address, to limit guessing
}

// Forge is what Ingot asks of its host. All methods are safe for concurrent
// use. Answers must be current: a revoked token or a removed member counts
// from the next call on, so an implementation that caches has to invalidate.
type Forge interface {
	// Resolve finds the scope an address names. NotFound where there is none.
	// Letter case does not matter; the scope carries the kept spelling.
	Resolve(ctx context.Context, path scope.Path) (scope.Scope, error)

	// Scopes finds scopes by identity. Unknown ones are left out.
	Scopes(ctx context.Context, refs []scope.Ref) (map[scope.Ref]scope.Scope, error)

	// Authenticate turns a credential into an actor. Unauthenticated where it
	// is wrong, expired or revoked; Busy where too many wrong ones came.
	Authenticate(ctx context.Context, c Credential) (Actor, error)

	// Session gives the actor of a browser's session, the anonymous one where
	// there is none.
	Session(ctx context.Context, r *http.Request) (Actor, error)

	// Roles gives the actor's step on the ladder in each scope, in the order
	// asked, the scope's own privacy included: Nobody hides the scope. Tokens
	// are not looked at; services/access does that for every forge alike. The
	// number of queries does not depend on the number of scopes.
	Roles(ctx context.Context, a Actor, scopes ...scope.Scope) ([]Role, error)

	// Shown lists the scopes whose packages a registry page of s lists besides
	// its own: for a company its public projects.
	Shown(ctx context.Context, s scope.Scope) ([]scope.Ref, error)

	// Actors finds accounts by identity, to name publishers. Unknown ones are
	// left out.
	Actors(ctx context.Context, ids []int64) (map[int64]Actor, error)
}

// Repositories is the optional role of a forge whose projects have git
// repositories that packages can be built from.
type Repositories interface {
	// Repository gives the directory of a project's bare repository.
	// NotFound where the project has none.
	Repository(ctx context.Context, s scope.Scope) (dir string, err error)

	// CloneURL gives the address git clients use for the project.
	CloneURL(s scope.Scope) string
}

// Issuer is the optional role of a forge whose accounts make tokens for
// themselves, by a client or by a consent on the pages.
type Issuer interface {
	// Issue makes a token of a's account. Denied where it has more grants than
	// a's own token, reaches further, or a's token may not manage; Invalid for
	// a name that cannot be.
	Issue(ctx context.Context, a Actor, t NewToken) (secret string, made IssuedToken, err error)

	// Issued lists the tokens of a's account, the newest first.
	Issued(ctx context.Context, a Actor) ([]IssuedToken, error)

	// Revoke ends a token of a's account. NotFound where it has none of that id.
	Revoke(ctx context.Context, a Actor, id int64) error
}

// NewToken is a token to be made.
type NewToken struct {
	Name    string
	Grants  Grant
	Within  *scope.Ref // nil: every scope the account reaches
	Expires time.Time  // zero: never
}

// IssuedToken is a token that was made.
type IssuedToken struct {
	ID      int64
	Name    string
	Hint    string // some of its characters, to tell it from others
	Grants  Grant
	Within  *scope.Ref
	Created time.Time
	Expires time.Time // zero: never
	Used    time.Time // last, within some minutes; zero: never
}

// Watcher is the optional role of a forge that wants to be told of pushes.
type Watcher interface {
	// Pushed is called when a push to the project s has ended.
	Pushed(ctx context.Context, s scope.Scope) error
}
