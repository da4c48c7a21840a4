package forge

import (
	"context"
	"errors"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"ingot.dev/modules/fault"
)

func TestPassword(t *testing.T) {
	t.Parallel()
	gate := newHashGate()
	phc, err := gate.hash(t.Context(), "Пароль ünd 密码")
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`).MatchString(phc) {
		t.Errorf("hash is %s", phc)
	}
	if again, _ := gate.hash(t.Context(), "Пароль ünd 密码"); again == phc {
		t.Error("two hashes of one password are equal")
	}
	// made with the reference implementation: echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1 -e
	const foreign = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	for _, c := range []struct {
		phc, password string
		right, broken bool
	}{
		{phc, "Пароль ünd 密码", true, false},
		{phc, "Пароль ünd 密", false, false},
		{phc, "", false, false},
		{foreign, "password", true, false},
		{foreign, "Password", false, false},
		{"", "password", false, true},
		{strings.Replace(phc, "argon2id", "argon2i", 1), "Пароль ünd 密码", false, true},
		{strings.Replace(phc, "v=19", "v=16", 1), "Пароль ünd 密码", false, true},
		{strings.Replace(phc, "t=2", "t=0", 1), "Пароль ünd 密码", false, true},
		{strings.Replace(phc, "m=", "n=", 1), "Пароль ünd 密码", false, true},
		{phc[:strings.LastIndex(phc, "$")+1], "Пароль ünd 密码", false, true},
		{phc + "!", "Пароль ünd 密码", false, true},
	} {
		right, err := gate.verify(t.Context(), c.phc, c.password)
		if right != c.right || (err != nil) != c.broken {
			t.Errorf("%q against %s: %t, %v", c.password, c.phc, right, err)
		}
	}
}

// No more passwords are hashed at once than there are slots, and nobody waits
// for one for ever.
func TestHashGate(t *testing.T) {
	t.Parallel()
	if n := cap(newHashGate()); n < 1 || n > runtime.GOMAXPROCS(0) {
		t.Errorf("%d slots", n)
	}
	synctest.Test(t, func(t *testing.T) {
		gate := newHashGate()
		for range cap(gate) {
			gate <- struct{}{}
		}
		if _, err := gate.hash(t.Context(), "password"); !fault.Is(err, fault.Busy) {
			t.Errorf("with no slot free: %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := gate.hash(ctx, "password"); !errors.Is(err, context.Canceled) {
			t.Errorf("for somebody who left: %v", err)
		}
		<-gate
		if _, err := gate.hash(t.Context(), "password"); err != nil {
			t.Error(err)
		}
	})
}

// A proof holds for exactly what it was given for.
func TestProofs(t *testing.T) {
	t.Parallel()
	p := newProofs()
	one := p.of(1, "ann", "hash", "password", "addr 192.0.2.1")
	if one != p.of(1, "ann", "hash", "password", "addr 192.0.2.1") {
		t.Error("a proof is not the same twice")
	}
	for _, other := range []digest{
		p.of(2, "ann", "hash", "password", "addr 192.0.2.1"),
		p.of(1, "ann", "other", "password", "addr 192.0.2.1"),
		p.of(1, "ann", "hash", "Password", "addr 192.0.2.1"),
		p.of(1, "ann", "hash", "password", "addr 192.0.2.2"),
		p.of(1, "annh", "ash", "password", "addr 192.0.2.1"),
		newProofs().of(1, "ann", "hash", "password", "addr 192.0.2.1"),
	} {
		if other == one {
			t.Error("a proof holds for something else")
		}
	}
}
