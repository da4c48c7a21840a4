// Package gate is what all areas of the server share at the door: who asks,
// which scope an address names, whether the one may do this in the other, and
// how a fault becomes a status. No area decides any of it by itself.
package gate

import (
	"context"
	"encoding/base64"
	"log/slog"
	"net/http"
	"strings"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
	"ingot.dev/routers/middleware"
	"ingot.dev/services/access"
)

// Gate is the door. It is safe for concurrent use.
type Gate struct {
	Forge  forge.Forge
	Access *access.Decider
	Log    *slog.Logger
}

// beginner is the optional role of a forge that can answer all questions of
// one request from one state.
type beginner interface {
	Begin(ctx context.Context) context.Context
}

// Begin makes the context of a request for the calls below.
func (g *Gate) Begin(ctx context.Context) context.Context {
	if b, ok := g.Forge.(beginner); ok {
		return b.Begin(ctx)
	}
	return ctx
}

// Client gives the actor whose credential the request carries, the anonymous
// one where it carries none. A wrong credential is fault.Unauthenticated even
// where none is needed, so that a client's misconfiguration shows.
func (g *Gate) Client(r *http.Request, own func(*http.Request) (forge.Credential, bool)) (forge.Actor, error) {
	c, ok := forge.Credential{}, false
	if own != nil {
		c, ok = own(r)
	}
	if !ok {
		c, ok = Credential(r)
	}
	if !ok {
		return forge.Actor{}, nil
	}
	return g.Prove(r, c)
}

// Prove gives the actor of a credential that came with the request, or within it.
func (g *Gate) Prove(r *http.Request, c forge.Credential) (forge.Actor, error) {
	c.Addr = middleware.ClientAddr(r)
	a, err := g.Forge.Authenticate(r.Context(), c)
	if err == nil {
		middleware.SetActor(r.Context(), a.Name)
	}
	return a, err
}

// Reader is Client for addresses that browsers open too: where there is no
// credential, a browser's session counts. Only requests that change nothing
// may use it.
func (g *Gate) Reader(r *http.Request, own func(*http.Request) (forge.Credential, bool)) (forge.Actor, error) {
	a, err := g.Client(r, own)
	if err != nil || !a.Anonymous() || r.Method != http.MethodGet && r.Method != http.MethodHead {
		return a, err
	}
	return g.Browser(r)
}

// Browser gives the actor of the browser's session.
func (g *Gate) Browser(r *http.Request) (forge.Actor, error) {
	a, err := g.Forge.Session(r.Context(), r)
	if err == nil {
		middleware.SetActor(r.Context(), a.Name)
	}
	return a, err
}

// Scope finds the scope an address names, and checks that a may do what p
// stands for there. What does not exist is answered as what is hidden.
func (g *Gate) Scope(ctx context.Context, a forge.Actor, path scope.Path, p forge.Permission) (scope.Scope, error) {
	s, err := g.Forge.Resolve(ctx, path)
	if fault.Is(err, fault.NotFound) {
		if a.Anonymous() {
			return s, access.Challenge()
		}
		return s, access.Absent(path)
	}
	if err != nil {
		return s, err
	}
	return s, g.Access.Check(ctx, a, s, p)
}

// Credential reads what a request says about who asks: Basic, Bearer, the
// word token, or a bare secret, as cargo, gem and hex send it.
func Credential(r *http.Request) (forge.Credential, bool) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return forge.Credential{}, false
	}
	scheme, value, spaced := strings.Cut(header, " ")
	value = strings.TrimSpace(value)
	switch {
	case !spaced:
		return forge.Credential{Scheme: forge.Raw, Secret: header}, true
	case strings.EqualFold(scheme, "basic"):
		return basic(value), true
	case strings.EqualFold(scheme, "bearer"), strings.EqualFold(scheme, "token"):
		return forge.Credential{Scheme: forge.Bearer, Secret: value}, true
	}
	return forge.Credential{Scheme: forge.Raw}, true // an unknown scheme proves nothing
}

// basic reads the user-pass of RFC 7617. Padding is optional: some clients
// leave it away.
func basic(value string) forge.Credential {
	raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(value, "="))
	if err != nil {
		return forge.Credential{Scheme: forge.Basic}
	}
	name, secret, _ := strings.Cut(string(raw), ":")
	return forge.Credential{Scheme: forge.Basic, Name: name, Secret: secret}
}
