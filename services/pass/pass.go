// Package pass makes the short-lived credentials that some clients fetch and
// then bring along instead of their own: the bearer tokens of container
// registries.
//
// A pass is a sealed copy of the very credential that it was given for. Whoever
// opens one has that credential proved anew, and asks for the rights of that
// moment. So a pass cannot do more than the token behind it (incident 2: passes
// that dropped the limits of their token), and ends with it in the same moment,
// whatever its own time says (incident 25: what was revoked went on for days).
// Its list of subjects and its time only ever take away.
//
// Nothing is stored: any process with the same secret opens what another made.
package pass

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/seal"
)

// prefix begins every pass, by which it is told from a token.
const prefix = "igp_"

// purpose is what passes are sealed for.
const purpose = "pass"

// Pass stands for a credential.
type Pass struct {
	Credential forge.Credential // its scheme, name and secret; none where Anonymous
	Anonymous  bool
	Access     []format.Access
	Expires    time.Time // to the second
}

// Allows tells whether the pass is good for all of g in the subject. Whether
// its account may do that is another question.
func (p Pass) Allows(subject string, g forge.Grant) bool {
	known, have := false, forge.Grant(0)
	for _, a := range p.Access {
		if a.Subject == subject {
			known, have = true, have|a.Grants
		}
	}
	return known && have.Has(g)
}

// Service seals and opens passes. It is safe for concurrent use.
type Service struct {
	box *seal.Box
	now func() time.Time
}

// New makes the service of a clock and a box.
func New(box *seal.Box, now func() time.Time) *Service { return &Service{box, now} }

// content is what is sealed.
type content struct {
	Scheme  forge.Scheme    `json:"t,omitempty"` // zero: anonymous
	Name    string          `json:"n,omitempty"`
	Secret  string          `json:"s,omitempty"`
	Access  []format.Access `json:"a,omitempty"`
	Expires int64           `json:"e"` // seconds since 1970
}

// Seal gives the pass as clients bring it. Denied for one that stands for
// another pass: it would outlive that, and could be good for more.
func (s *Service) Seal(p Pass) (string, error) {
	c := content{Access: p.Access, Expires: p.Expires.Unix()}
	if !p.Anonymous {
		if p.Credential.Scheme == 0 || p.Credential.Secret == "" {
			return "", errors.New("a pass needs a credential, or is anonymous")
		}
		if s.Is(p.Credential.Secret) {
			return "", fault.New(fault.Denied, "a pass is given for a password or a token, not for another pass")
		}
		c.Scheme, c.Name, c.Secret = p.Credential.Scheme, p.Credential.Name, p.Credential.Secret
	}
	plain, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	sealed, err := s.box.Seal(purpose, plain)
	return prefix + sealed, err
}

// Is tells whether a secret claims to be a pass; no token does.
func (s *Service) Is(secret string) bool { return strings.HasPrefix(secret, prefix) }

// Open gives the pass that was sealed. Unauthenticated where it is malformed,
// of another server, or has run out.
func (s *Service) Open(secret string) (Pass, error) {
	sealed, ok := strings.CutPrefix(secret, prefix)
	if !ok {
		return Pass{}, wrong(nil)
	}
	plain, err := s.box.Open(purpose, sealed)
	if err != nil {
		return Pass{}, wrong(err)
	}
	var c content
	if err := json.Unmarshal(plain, &c); err != nil {
		return Pass{}, wrong(err)
	}
	p := Pass{Anonymous: c.Scheme == 0, Access: c.Access, Expires: time.Unix(c.Expires, 0).UTC()}
	if !s.now().Before(p.Expires) {
		return Pass{}, fault.New(fault.Unauthenticated, "the short-lived token has run out: ask for another one")
	}
	p.Credential = forge.Credential{Scheme: c.Scheme, Name: c.Name, Secret: c.Secret}
	return p, nil
}

func wrong(cause error) error {
	return fault.Wrap(fault.Unauthenticated, cause, "the short-lived token is not valid: it is damaged, or not one of this server's")
}
