package packages

import (
	"context"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
)

// vigilant is a registry that asks once more before it publishes or changes
// what is published. A large body takes its time, and a token that was revoked
// while it came in, or a member who was removed, must not do so any more.
type vigilant struct {
	format.Registry
	still func() error
}

// Publish implements format.Writer.
func (v vigilant) Publish(ctx context.Context, rel format.Release) (*format.Version, error) {
	if err := v.still(); err != nil {
		for _, f := range rel.Files {
			if f.Held == nil {
				f.Body.Discard()
			}
		}
		return nil, err
	}
	return v.Registry.Publish(ctx, rel)
}

// Edit implements format.Writer.
func (v vigilant) Edit(ctx context.Context, name string, changes ...format.Change) error {
	if err := v.still(); err != nil {
		return err
	}
	return v.Registry.Edit(ctx, name, changes...)
}

// Finish implements format.Sessions.
func (v vigilant) Finish(ctx context.Context, s *format.Session, digest string) (*format.File, error) {
	if err := v.still(); err != nil {
		return nil, err
	}
	return v.Registry.Finish(ctx, s, digest)
}

// Hold implements format.Sessions.
func (v vigilant) Hold(ctx context.Context, name string, body blob.Staged) (*format.File, error) {
	if err := v.still(); err != nil {
		body.Discard()
		return nil, err
	}
	return v.Registry.Hold(ctx, name, body)
}

// still tells whether the request's credential is worth what it was when the
// request began.
func (m *Mount) still(q *format.Request, p *protocol, need forge.Permission) error {
	now := *q
	now.R = q.R.WithContext(m.Gate.Begin(q.R.Context()))
	actor, _, err := m.actorFor(&now, p, q.Subject, need)
	if err == nil && actor.Anonymous() {
		actor, err = m.Gate.Browser(now.R)
	}
	if err != nil {
		return err
	}
	if actor.ID != q.Actor.ID {
		return fault.New(fault.Unauthenticated, "the session ended meanwhile; sign in again")
	}
	return m.Gate.Access.Check(now.Context(), actor, q.Scope, need)
}
