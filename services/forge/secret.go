package forge

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"math/big"
	"strings"
)

// A token is tokenPrefix, 256 random bits in tokenBody digits of base 62, and
// the CRC-32 of both in tokenSum digits, by which a mistyped one is told from
// an unknown one, and one in a text from a word.
const (
	tokenPrefix = "igt_"
	tokenBody   = 43
	tokenSum    = 6
	tokenHint   = 4 // characters of a token that its owner's list shows
)

// digest is the sha256 of a secret. The secret has 256 random bits, so a fast
// hash without salt is all that it needs.
type digest [sha256.Size]byte

func (d digest) String() string { return hex.EncodeToString(d[:]) }

func digestOf(secret string) digest { return sha256.Sum256([]byte(secret)) }

func random() []byte {
	b := make([]byte, 32)
	rand.Read(b) // never fails
	return b
}

func newToken() string {
	body := tokenPrefix + base62(new(big.Int).SetBytes(random()), tokenBody)
	return body + checksum(body)
}

// isToken tells whether the secret claims to be a token; no password does.
func isToken(secret string) bool { return strings.HasPrefix(secret, tokenPrefix) }

// wellFormed tells whether a token is one that newToken can have made.
func wellFormed(token string) bool {
	const sum = len(tokenPrefix) + tokenBody
	return len(token) == sum+tokenSum && isToken(token) && token[sum:] == checksum(token[:sum])
}

// checksum is asked for by every request with a token.
func checksum(body string) string {
	var sum [tokenSum]byte
	n := crc32.ChecksumIEEE([]byte(body))
	for i := range sum {
		sum[tokenSum-1-i], n = digits62[n%62], n/62
	}
	return string(sum[:])
}

// digits62 are those of big.Int.Text.
const digits62 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

func base62(n *big.Int, width int) string {
	digits := n.Text(62)
	return strings.Repeat("0", width-len(digits)) + digits
}

// newCookie makes the value of a session's cookie.
func newCookie() string { return base64.RawURLEncoding.EncodeToString(random()) }

// newUUID makes a random UUID (RFC 9562, version 4).
func newUUID() string {
	b := random()[:16]
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
