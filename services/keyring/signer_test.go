package keyring

import (
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"testing"

	"ingot.dev/modules/format"
)

// The keys that the public npm registry signed with, and the names that npm's
// clients know them by.
func TestFingerprint(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE1Olb3zMAFFxXKHiIkQO5cJ3Yhl5i6UPp+IhuteBJbuHcA5UogKo0EWtlWwW6KSaKoTNEYL7JlCQiVnkhBktUgg==": "SHA256:jl3bwswu80PjjokCgh0o2w5c2U4LhQAE57gj9cz1kzA",
		"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEY6Ya7W++7aUPzvMTrezH6Ycx3c+HOKYCcNGybJZSCJq/fd7Qa8uuAKtdIkUQtQiEKERhAmE5lMMJhP8OkDOa2g==": "SHA256:DhQ8wR5APBvFHLF/+Tc+AYvPOdTpcIDqOhxsBHRwC7U",
	} {
		der, err := base64.StdEncoding.DecodeString(key)
		if err != nil {
			t.Fatal(err)
		}
		public, err := x509.ParsePKIXPublicKey(der)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := fingerprint(public); err != nil || got != want {
			t.Errorf("%s, %v, want %s", got, err, want)
		}
	}
}

// RFC 8032, section 7.1, tests 2 and 3.
func TestEd25519Vectors(t *testing.T) {
	t.Parallel()
	for _, v := range []struct{ seed, message, signature string }{
		{
			"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "72",
			"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
		},
		{
			"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "af82",
			"6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
		},
	} {
		var key crypto.Signer = ed25519.NewKeyFromSeed(unhex(t, v.seed))
		got, err := algorithms[format.Ed25519].sign(key, unhex(t, v.message))
		if err != nil || hex.EncodeToString(got) != v.signature {
			t.Errorf("%x, %v", got, err)
		}
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The store of parsed keys is bounded.
func TestSignersBound(t *testing.T) {
	t.Parallel()
	var c signers
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	for i := range 3 * signersLimit {
		c.store(sealed{text: string(rune('a' + i))}, key)
		if len(c.keys) > signersLimit {
			t.Fatalf("%d keys", len(c.keys))
		}
	}
	if _, ok := c.load(sealed{text: string(rune('a' + 3*signersLimit - 1))}); !ok {
		t.Error("the last key is not kept")
	}
}
