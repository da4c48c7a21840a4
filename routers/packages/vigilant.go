package packages

import (
	"context"
	"net/http"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
)

// vigilant is a registry that asks once more before it publishes. A large body
// takes its time, and a token that was revoked while it came in, or a member
// who was removed, must not publish any more.
type vigilant struct {
	format.Registry
	still func() error
}

// Publish implements format.Writer.
func (v vigilant) Publish(ctx context.Context, rel format.Release) (*format.Version, error) {
	if err := v.still(); err != nil {
		for _, f := range rel.Files {
			f.Body.Discard()
		}
		return nil, err
	}
	return v.Registry.Publish(ctx, rel)
}

// still tells whether the request's credential is worth what it was when the
// request began.
func (m *Mount) still(q *format.Request, own func(*http.Request) (forge.Credential, bool), need forge.Permission) error {
	now := q.R.WithContext(m.gate.Begin(q.R.Context()))
	actor, err := m.gate.Client(now, own)
	if err == nil && actor.Anonymous() {
		actor, err = m.gate.Browser(now)
	}
	if err != nil {
		return err
	}
	if actor.ID != q.Actor.ID {
		return fault.New(fault.Unauthenticated, "the session ended meanwhile; sign in again")
	}
	return m.gate.Access.Check(now.Context(), actor, q.Scope, need)
}
