// Package seal hides bytes from everybody but this server: what it gives to
// clients and wants back unread and unchanged, and what must not stand in the
// database for whoever copies that.
//
// A sealed text is base64url, without padding, of
//
//	version   1 byte, 1
//	salt      12 random bytes
//	nonce     12 random bytes
//	content   AES-256-GCM of the bytes, with its tag of 16 bytes
//
// The key is HKDF-SHA-256 (RFC 5869) of the server's secret, with the salt,
// for the version and the purpose. So no key is good for another purpose, and
// none seals so many texts that a nonce could come twice.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
)

// SecretSize is the least number of bytes of a secret.
const SecretSize = 32

const (
	version  = 1
	saltSize = 12
)

// ErrForeign is what Open gives for anything that Seal has not made with the
// same secret for the same purpose.
var ErrForeign = errors.New("not sealed with this secret for this purpose, or changed since")

// Box seals and opens. It is safe for concurrent use.
type Box struct{ secret []byte }

// New makes a box of a secret of at least SecretSize random bytes.
func New(secret []byte) (*Box, error) {
	if len(secret) < SecretSize {
		return nil, fmt.Errorf("the server's secret has %d bytes; it needs at least %d", len(secret), SecretSize)
	}
	return &Box{slices.Clone(secret)}, nil
}

// Seal gives a text that Open turns back into plain where the purpose is the
// same. Two texts of the same bytes differ.
func (b *Box) Seal(purpose string, plain []byte) (string, error) {
	head := make([]byte, 1+saltSize, 1+saltSize+12+len(plain)+16)
	head[0] = version
	rand.Read(head[1:]) // never fails
	aead, err := b.cipher(purpose, head[1:])
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(aead.Seal(head, nil, plain, []byte(purpose))), nil
}

// Open gives the bytes that were sealed; ErrForeign where the text was not
// sealed by this box for this purpose, or is not whole.
func (b *Box) Open(purpose, sealed string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil || len(raw) < 1+saltSize || raw[0] != version {
		return nil, ErrForeign
	}
	if base64.RawURLEncoding.EncodeToString(raw) != sealed {
		return nil, ErrForeign // one text has one spelling, without line ends
	}
	aead, err := b.cipher(purpose, raw[1:1+saltSize])
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, nil, raw[1+saltSize:], []byte(purpose))
	if err != nil {
		return nil, ErrForeign
	}
	return plain, nil
}

// cipher makes the one of a purpose and a salt. It brings its nonces itself.
func (b *Box) cipher(purpose string, salt []byte) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, b.secret, salt, fmt.Sprintf("ingot seal %d %s", version, purpose), 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
