package pass_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/seal"
	"ingot.dev/services/pass"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// service makes one whose secret begins with first and whose clock can be set.
func service(t testing.TB, first byte) (*pass.Service, *time.Time) {
	t.Helper()
	box, err := seal.New(append([]byte{first}, make([]byte, seal.SecretSize)...))
	if err != nil {
		t.Fatal(err)
	}
	clock := noon
	return pass.New(box, func() time.Time { return clock }), &clock
}

// good is a pass for a token and two subjects.
func good() pass.Pass {
	return pass.Pass{
		Credential: forge.Credential{Scheme: forge.Basic, Name: "ann", Secret: "igt_secret"},
		Access: []format.Access{
			{Subject: "acme/app", Grants: forge.GrantPackagesRead | forge.GrantPackagesPublish},
			{Subject: "acme/base", Grants: forge.GrantPackagesRead},
		},
		Expires: noon.Add(5 * time.Minute),
	}
}

func TestSealAndOpen(t *testing.T) {
	t.Parallel()
	s, _ := service(t, 1)
	for name, want := range map[string]pass.Pass{
		"of a token": good(),
		"anonymous":  {Anonymous: true, Access: []format.Access{{Subject: "acme/open", Grants: forge.GrantPackagesRead}}, Expires: noon.Add(time.Minute)},
		"for nothing": {
			Credential: forge.Credential{Scheme: forge.Bearer, Secret: "igt_x"}, Expires: noon.Add(time.Minute),
		},
	} {
		token, err := s.Seal(want)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !s.Is(token) || strings.Contains(token, "secret") {
			t.Errorf("%s: the token is %s", name, token)
		}
		other, _ := service(t, 1) // another process
		got, err := other.Open(token)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-sealed +opened):\n%s", name, diff)
		}
	}
	if s.Is("igt_secret") || s.Is("") {
		t.Error("a token is taken for a pass")
	}
}

// The address that a credential came from is that of each request anew.
func TestAddressIsNotKept(t *testing.T) {
	t.Parallel()
	s, _ := service(t, 1)
	p := good()
	p.Credential.Addr = "192.0.2.1"
	token, err := s.Seal(p)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Open(token)
	if err != nil || got.Credential.Addr != "" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	s, clock := service(t, 1)
	token, err := s.Seal(good())
	if err != nil {
		t.Fatal(err)
	}
	foreign, _ := service(t, 2)
	stranger, err := foreign.Seal(good())
	if err != nil {
		t.Fatal(err)
	}
	for name, secret := range map[string]string{
		"nothing": "", "prefix alone": "igp_", "without prefix": strings.TrimPrefix(token, "igp_"), "cut": token[:len(token)-1],
		"of another server": stranger, "a token": "igt_secret", "twice": "igp_" + token,
	} {
		if p, err := s.Open(secret); !fault.Is(err, fault.Unauthenticated) || p.Credential.Secret != "" || p.Access != nil {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
	*clock = noon.Add(5*time.Minute - time.Second)
	if _, err := s.Open(token); err != nil {
		t.Errorf("in its last second: %v", err)
	}
	*clock = noon.Add(5 * time.Minute)
	if p, err := s.Open(token); !fault.Is(err, fault.Unauthenticated) || p.Credential.Secret != "" {
		t.Errorf("after its end: %+v, %v", p, err)
	}
}

func TestSealRefuses(t *testing.T) {
	t.Parallel()
	s, _ := service(t, 1)
	token, err := s.Seal(good())
	if err != nil {
		t.Fatal(err)
	}
	p := good()
	p.Credential.Secret = token
	if got, err := s.Seal(p); !fault.Is(err, fault.Denied) || got != "" {
		t.Errorf("a pass for a pass: %q, %v", got, err)
	}
	if got, err := s.Seal(pass.Pass{Expires: noon.Add(time.Minute)}); err == nil || got != "" {
		t.Errorf("a pass for nobody in particular: %q", got)
	}
}

func TestAllows(t *testing.T) {
	t.Parallel()
	p := good()
	p.Access = append(p.Access, format.Access{Subject: "acme/base", Grants: forge.GrantPackagesDelete})
	const read, publish, remove = forge.GrantPackagesRead, forge.GrantPackagesPublish, forge.GrantPackagesDelete
	for _, c := range []struct {
		subject string
		grant   forge.Grant
		want    bool
	}{
		{"acme/app", read, true},
		{"acme/app", read | publish, true},
		{"acme/app", remove, false},
		{"acme/app", publish | remove, false},
		{"acme/base", read | remove, true},
		{"acme/base", publish, false},
		{"acme", read, false},
		{"acme/app/", read, false},
		{"ACME/app", read, false},
		{"", read, false},
		{"other", 0, false},
		{"acme/app", 0, true},
	} {
		if got := p.Allows(c.subject, c.grant); got != c.want {
			t.Errorf("%q %v: %v", c.subject, c.grant.Names(), got)
		}
	}
}
