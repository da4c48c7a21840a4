package keyring

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha256" // crypto.SHA256
	_ "crypto/sha512" // crypto.SHA512
	"crypto/x509"
	"fmt"
	"sync"

	"golang.org/x/crypto/ssh"

	"ingot.dev/models/keys"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// algorithm makes keys and says what of a message they sign.
type algorithm struct {
	generate func() (crypto.Signer, error)
	hash     crypto.Hash // zero: the message itself is signed
}

var algorithms = map[format.Algorithm]algorithm{
	format.ECDSAP256: {
		generate: func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) },
		hash:     crypto.SHA256,
	},
	format.Ed25519: {
		generate: func() (crypto.Signer, error) {
			_, private, err := ed25519.GenerateKey(rand.Reader)
			return private, err
		},
	},
	format.RSA3072: {
		generate: func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 3072) },
		hash:     crypto.SHA512,
	},
}

// sign makes an ASN.1 signature with an ECDSA key, a PKCS #1 v1.5 one with an
// RSA key, and that of RFC 8032 with an Ed25519 key.
func (a algorithm) sign(key crypto.Signer, message []byte) ([]byte, error) {
	if a.hash != 0 {
		h := a.hash.New()
		h.Write(message)
		message = h.Sum(nil)
	}
	return key.Sign(rand.Reader, message, a.hash)
}

// fill makes the key of a row that says what it is for.
func (s *Service) fill(row *keys.Key) error {
	key, err := algorithms[format.Algorithm(row.Algorithm)].generate()
	if err != nil {
		return err
	}
	plain, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if row.Public, err = x509.MarshalPKIXPublicKey(key.Public()); err != nil {
		return err
	}
	if row.KeyID, err = fingerprint(key.Public()); err != nil {
		return err
	}
	row.Private, err = s.box.Seal(purpose(*row), plain)
	return err
}

// fingerprint names a public key as OpenSSH does: "SHA256:" and the unpadded
// base64 of the digest of its wire form (RFC 4253, section 6.6). Thus
// registries name their keys that npm clients know.
func fingerprint(key crypto.PublicKey) (string, error) {
	wire, err := ssh.NewPublicKey(key)
	if err != nil {
		return "", err
	}
	return ssh.FingerprintSHA256(wire), nil
}

// purpose is what a private key is sealed for. It says everything that tells
// one row from another, so that a row opens in its own place only.
func purpose(k keys.Key) string {
	return fmt.Sprintf("signing key %d %d %q %q %q %d", k.ScopeKind, k.ScopeID, k.Format, k.Purpose, k.Algorithm, k.Number)
}

// signer gives the private key of a row. The fault is Internal where it does
// not open or is another than the public one.
func (s *Service) signer(row keys.Key) (crypto.Signer, error) {
	at := sealed{purpose(row), row.Private}
	key, ok := s.signers.load(at)
	if !ok {
		plain, err := s.box.Open(at.purpose, at.text)
		if err != nil {
			return nil, fault.Wrap(fault.Internal, err,
				"the signing key %s was sealed with another secret than this server has, or was changed in the database: restore SECRET_KEY or the file secret.key of the data folder (DATA/secret.key) as they were when the key was made", row.KeyID)
		}
		parsed, err := x509.ParsePKCS8PrivateKey(plain)
		if err != nil {
			return nil, fault.Wrap(fault.Internal, err, "the signing key %s cannot be read", row.KeyID)
		}
		if key, ok = parsed.(crypto.Signer); !ok {
			return nil, fault.New(fault.Internal, "the signing key %s signs nothing", row.KeyID)
		}
		s.signers.store(at, key)
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil || !bytes.Equal(der, row.Public) {
		return nil, fault.Wrap(fault.Internal, err, "the signing key %s does not belong to the public key beside it; the row was changed", row.KeyID)
	}
	return key, nil
}

// sealed is a private key as its row has it. What was opened once opens again,
// so what is kept under it is never out of date.
type sealed struct{ purpose, text string }

// signersLimit bounds how many parsed keys are kept.
const signersLimit = 1024

// signers keeps parsed keys. The zero value is ready.
type signers struct {
	mu   sync.RWMutex
	keys map[sealed]crypto.Signer
}

func (c *signers) load(at sealed) (crypto.Signer, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	key, ok := c.keys[at]
	return key, ok
}

func (c *signers) store(at sealed, key crypto.Signer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.keys == nil || len(c.keys) >= signersLimit {
		c.keys = make(map[sealed]crypto.Signer)
	}
	c.keys[at] = key
}
