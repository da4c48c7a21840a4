package format

import (
	"context"
	"time"
)

// Keyring signs for a registry, and hands out no private key. A key is made
// when it is first asked for.
type Keyring interface {
	// Sign signs a message with the newest key of a name.
	Sign(ctx context.Context, key KeyName, message []byte) (Signature, error)

	// PublicKeys gives the keys of a name, the newest first.
	PublicKeys(ctx context.Context, key KeyName) ([]PublicKey, error)
}

// KeyName names a key of a registry by what it is for and how it signs.
type KeyName struct {
	Purpose   string // "signatures"
	Algorithm Algorithm
}

// Algorithm is a way to sign. The values are stored in the database.
type Algorithm string

// The algorithms.
const (
	ECDSAP256 Algorithm = "ecdsa-p256" // of the SHA-256 of the message, ASN.1 (RFC 3279)
	Ed25519   Algorithm = "ed25519"    // RFC 8032
	RSA3072   Algorithm = "rsa-3072"   // of the SHA-512 of the message, PKCS #1 v1.5 (RFC 8017)
)

// Signature is made with a key.
type Signature struct {
	KeyID string
	Bytes []byte
}

// PublicKey is what others check signatures with.
type PublicKey struct {
	ID      string // "SHA256:" and the base64 of the digest of its OpenSSH wire form
	DER     []byte // SubjectPublicKeyInfo (RFC 5280)
	Created time.Time
}
