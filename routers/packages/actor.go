package packages

import (
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/routers/gate"
)

// actor gives who asks, and whether they came with a pass. What is open to
// everybody is so to those with a wrong credential too: with an old token
// somebody has to be able to sign in.
func (m *Mount) actor(q *format.Request, p *protocol, need forge.Permission) (forge.Actor, bool, error) {
	a, passed, err := m.actorFor(q, p, q.Subject, need)
	if need == forge.Public && fault.Is(err, fault.Unauthenticated) {
		return forge.Actor{}, false, nil
	}
	return a, passed, err
}

// actorFor gives who asks for something about a subject.
func (m *Mount) actorFor(q *format.Request, p *protocol, subject string, need forge.Permission) (forge.Actor, bool, error) {
	if c, ok := gate.Credential(q.R); ok && c.Scheme == forge.Bearer && p.rooted != nil && m.Passes.Is(c.Secret) {
		a, err := m.passed(q, c.Secret, subject, need)
		return a, true, err
	}
	a, err := m.Gate.Reader(q.R, p.credential)
	return a, false, err
}

// passed gives who stands behind a pass, if that is good for the subject. The
// credential is proved anew, so a pass is worth no more than it is now.
func (m *Mount) passed(q *format.Request, secret, subject string, need forge.Permission) (forge.Actor, error) {
	pass, err := m.Passes.Open(secret)
	if err != nil {
		return forge.Actor{}, err
	}
	anything := subject == "" && (need == forge.Public || need == forge.SignedIn)
	if !anything && !pass.Allows(subject, m.Gate.Access.Grant(need)) {
		return forge.Actor{}, fault.New(fault.Unauthenticated, "the token is not good for this; ask for one that is")
	}
	if pass.Anonymous {
		return forge.Actor{}, nil
	}
	return m.Gate.Prove(q.R, pass.Credential)
}
