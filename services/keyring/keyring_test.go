package keyring_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/models/db"
	"ingot.dev/models/dbtest"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
	"ingot.dev/services/keyring"
)

// box is a Box whose secret is a word. It hides nothing, but opens as a real
// one does: what was changed, or sealed otherwise, does not open.
type box struct{ secret string }

func (b box) mac(purpose, plain string) string {
	sum := sha256.Sum256([]byte(b.secret + "\x00" + purpose + "\x00" + plain))
	return hex.EncodeToString(sum[:])
}

func (b box) Seal(purpose string, plain []byte) (string, error) {
	text := hex.EncodeToString(plain)
	return b.mac(purpose, text) + " " + text, nil
}

func (b box) Open(purpose, sealed string) ([]byte, error) {
	mac, text, _ := strings.Cut(sealed, " ")
	if mac != b.mac(purpose, text) {
		return nil, errors.New("it does not open")
	}
	return hex.DecodeString(text)
}

var (
	mine   = scope.Ref{Kind: scope.Project, ID: 7}
	theirs = scope.Ref{Kind: scope.Project, ID: 8}
	name   = format.KeyName{Purpose: "signatures", Algorithm: format.ECDSAP256}
	clock  = time.Date(2026, 11, 22, 1, 2, 3, 0, time.UTC)
)

func service(d *db.DB, secret string) *keyring.Service {
	return keyring.New(d, box{secret}, func() time.Time { return clock })
}

// verified tells whether a signature is one of message with a public key, as
// others check it who know nothing of this package.
func verified(t *testing.T, k format.PublicKey, message, signature []byte) bool {
	t.Helper()
	key, err := x509.ParsePKIXPublicKey(k.DER)
	if err != nil {
		t.Fatal(err)
	}
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		sum := sha256.Sum256(message)
		return key.Curve.Params().Name == "P-256" && ecdsa.VerifyASN1(key, sum[:], signature)
	case ed25519.PublicKey:
		return ed25519.Verify(key, message, signature)
	case *rsa.PublicKey:
		sum := sha512.Sum512(message)
		return key.N.BitLen() == 3072 && rsa.VerifyPKCS1v15(key, crypto.SHA512, sum[:], signature) == nil
	}
	t.Fatalf("a key of type %T", key)
	return false
}

func TestSign(t *testing.T) {
	t.Parallel()
	s := service(dbtest.New(t), "s")
	ids := map[string]bool{}
	for _, a := range []format.Algorithm{format.ECDSAP256, format.Ed25519, format.RSA3072} {
		key := format.KeyName{Purpose: "signatures", Algorithm: a}
		message := []byte("acme@1.0.0:sha512-x")
		sig, err := s.Sign(t.Context(), mine, "npm", key, message)
		if err != nil {
			t.Fatal(err)
		}
		public, err := s.PublicKeys(t.Context(), mine, "npm", key)
		if err != nil || len(public) != 1 {
			t.Fatalf("%s: %d keys, %v", a, len(public), err)
		}
		if public[0].ID != sig.KeyID || !public[0].Created.Equal(clock) {
			t.Errorf("%s: %+v, signed with %s", a, public[0], sig.KeyID)
		}
		if !verified(t, public[0], message, sig.Bytes) {
			t.Errorf("%s: the signature does not verify", a)
		}
		if verified(t, public[0], []byte("acme@1.0.1:sha512-x"), sig.Bytes) {
			t.Errorf("%s: the signature verifies for another message", a)
		}
		ids[sig.KeyID] = true
	}
	// A registry, a format and a purpose have keys of their own.
	for _, c := range []struct {
		scope           scope.Ref
		format, purpose string
	}{{theirs, "npm", "signatures"}, {mine, "hex", "signatures"}, {mine, "npm", "index"}} {
		sig, err := s.Sign(t.Context(), c.scope, c.format, format.KeyName{Purpose: c.purpose, Algorithm: format.ECDSAP256}, nil)
		if err != nil || ids[sig.KeyID] {
			t.Errorf("%+v: key %s, %v", c, sig.KeyID, err)
		}
		ids[sig.KeyID] = true
	}
}

func TestUnknownAlgorithm(t *testing.T) {
	t.Parallel()
	s := service(dbtest.New(t), "s")
	key := format.KeyName{Purpose: "signatures", Algorithm: "rot13"}
	_, signed := s.Sign(t.Context(), mine, "npm", key, nil)
	_, listed := s.PublicKeys(t.Context(), mine, "npm", key)
	_, rotated := s.Rotate(t.Context(), mine, "npm", key)
	for _, err := range []error{signed, listed, rotated} {
		if !fault.Is(err, fault.Unsupported) || !strings.Contains(err.Error(), "rot13") {
			t.Errorf("%v", err)
		}
	}
}

// Who asks first, in however many processes, ends with the key of the others.
func TestFirstUseAtOnce(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	processes := []*keyring.Service{service(d, "s"), service(d, "s"), service(d, "s")}
	ids := make([]string, 30)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			sig, err := processes[i%len(processes)].Sign(t.Context(), mine, "npm", name, nil)
			if err != nil {
				t.Error(err)
			}
			ids[i] = sig.KeyID
		})
	}
	wg.Wait()
	if n := len(slices.Compact(slices.Sorted(slices.Values(ids)))); n != 1 {
		t.Errorf("%d keys: %v", n, ids)
	}
	if listed, err := service(d, "s").List(t.Context()); err != nil || len(listed) != 1 {
		t.Errorf("%d rows, %v", len(listed), err)
	}
}

func TestRotate(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	s, other := service(d, "s"), service(d, "s")
	first, err := other.Sign(t.Context(), mine, "npm", name, nil)
	if err != nil {
		t.Fatal(err)
	}
	made, err := s.Rotate(t.Context(), mine, "npm", name)
	if err != nil {
		t.Fatal(err)
	}
	if made.ID == first.KeyID {
		t.Error("the same key again")
	}
	for _, process := range []*keyring.Service{s, other} {
		sig, err := process.Sign(t.Context(), mine, "npm", name, nil)
		if err != nil || sig.KeyID != made.ID {
			t.Errorf("signs with %s, not with the new key %s: %v", sig.KeyID, made.ID, err)
		}
		public, err := process.PublicKeys(t.Context(), mine, "npm", name)
		if err != nil || len(public) != 2 || public[0].ID != made.ID || public[1].ID != first.KeyID {
			t.Errorf("%+v, %v", public, err)
		}
	}
	if made, err = s.Rotate(t.Context(), theirs, "npm", name); err != nil {
		t.Fatal(err)
	}
	listed, err := s.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []int64
	for _, l := range listed {
		if l.Format != "npm" || l.Name != name {
			t.Errorf("%+v", l)
		}
		got = append(got, l.Scope.ID*10+l.Number)
	}
	if diff := cmp.Diff([]int64{72, 71, 81}, got); diff != "" {
		t.Error(diff)
	}
	if listed[2].Key.ID != made.ID {
		t.Errorf("%s, want %s", listed[2].Key.ID, made.ID)
	}
}

func exec(t *testing.T, d *db.DB, query string, args ...any) {
	t.Helper()
	if err := d.Write(t.Context(), func(tx *db.Tx) error {
		n, err := tx.Exec(context.Background(), query, args...)
		if err == nil && n == 0 {
			err = errors.New("no row was touched")
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

// A row that was moved or changed signs nothing, whether its key was in memory or not.
func TestTamper(t *testing.T) {
	t.Parallel()
	for what, change := range map[string]func(*testing.T, *db.DB){
		"another scope":   func(t *testing.T, d *db.DB) { exec(t, d, "UPDATE signing_key SET scope_id = 8") },
		"another kind":    func(t *testing.T, d *db.DB) { exec(t, d, "UPDATE signing_key SET scope_kind = 3, scope_id = 8") },
		"another format":  func(t *testing.T, d *db.DB) { exec(t, d, "UPDATE signing_key SET format = 'hex'") },
		"another purpose": func(t *testing.T, d *db.DB) { exec(t, d, "UPDATE signing_key SET purpose = 'index'") },
		"another number":  func(t *testing.T, d *db.DB) { exec(t, d, "UPDATE signing_key SET number = 2") },
		"another private key": func(t *testing.T, d *db.DB) {
			exec(t, d, "UPDATE signing_key SET private = private || '00'")
		},
		"another public key": func(t *testing.T, d *db.DB) {
			if _, err := service(d, "s").Sign(t.Context(), theirs, "npm", name, nil); err != nil {
				t.Fatal(err)
			}
			exec(t, d, "UPDATE signing_key SET public = (SELECT public FROM signing_key WHERE scope_id = 8) WHERE scope_id = 7")
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			d := dbtest.New(t)
			warm := service(d, "s")
			if _, err := warm.Sign(t.Context(), mine, "npm", name, nil); err != nil {
				t.Fatal(err)
			}
			change(t, d)
			var found struct {
				ScopeKind       scope.Kind
				ScopeID         int64
				Format, Purpose string
			}
			if _, err := d.First(t.Context(), &found, "SELECT * FROM signing_key ORDER BY id LIMIT 1"); err != nil {
				t.Fatal(err)
			}
			for which, s := range map[string]*keyring.Service{"warm": warm, "cold": service(d, "s")} {
				_, err := s.Sign(t.Context(), scope.Ref{Kind: found.ScopeKind, ID: found.ScopeID}, found.Format,
					format.KeyName{Purpose: found.Purpose, Algorithm: name.Algorithm}, nil)
				if fault.KindOf(err) != fault.Internal || err == nil {
					t.Errorf("%s: %v", which, err)
				}
			}
		})
	}
}

// Another secret makes no new keys on the quiet: those who have the old ones
// would take every signature for forged.
func TestWrongSecret(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	if err := service(d, "right").Check(t.Context()); err != nil {
		t.Errorf("without keys: %v", err)
	}
	if _, err := service(d, "right").Sign(t.Context(), mine, "npm", name, nil); err != nil {
		t.Fatal(err)
	}
	if err := service(d, "right").Check(t.Context()); err != nil {
		t.Error(err)
	}
	wrong := service(d, "wrong")
	_, signed := wrong.Sign(t.Context(), mine, "npm", name, nil)
	for _, err := range []error{signed, wrong.Check(t.Context())} {
		if fault.KindOf(err) != fault.Internal || err == nil || !strings.Contains(err.Error(), "SECRET_KEY") || !strings.Contains(err.Error(), "secret.key") {
			t.Errorf("%v", err)
		}
	}
	public, err := wrong.PublicKeys(t.Context(), mine, "npm", name)
	if err != nil || len(public) != 1 {
		t.Errorf("%d keys, %v", len(public), err)
	}
}
