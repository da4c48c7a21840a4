package forge

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"ingot.dev/modules/fault"
)

// Argon2id as the OWASP Password Storage Cheat Sheet advises: 19 MiB, two
// passes, one lane. The string of a hash carries its own parameters.
const (
	hashMemory = 19 * 1024 // KiB
	hashPasses = 2
	hashLanes  = 1
	hashSalt   = 16
	hashKey    = 32
	hashWait   = 10 * time.Second // for a free slot

	passwordMin = 10   // characters
	passwordMax = 1024 // bytes
)

// GeneratePassword makes a password of 130 random bits.
func GeneratePassword() string { return rand.Text() }

// checkNewPassword refuses passwords that must not be set.
func checkNewPassword(password string, names ...string) error {
	switch {
	case utf8.RuneCountInString(password) < passwordMin:
		return fault.New(fault.Invalid, "the password is too short: it needs at least %d characters", passwordMin).At("password")
	case len(password) > passwordMax:
		return fault.New(fault.Invalid, "the password is too long: at most %d bytes", passwordMax).At("password")
	case isToken(password):
		return fault.New(fault.Invalid, "a password cannot begin with %s, which is how tokens begin", tokenPrefix).At("password")
	}
	for _, name := range names {
		if strings.EqualFold(password, name) {
			return fault.New(fault.Invalid, "the password must not be the user name or the e-mail address").At("password")
		}
	}
	return nil
}

// hashGate bounds how many passwords are hashed at once, and so the memory
// and the processors that sign-ins can take from everybody else.
type hashGate chan struct{}

func newHashGate() hashGate { return make(hashGate, max(1, runtime.GOMAXPROCS(0)/2)) }

// derive computes the key of a password. Busy where no slot got free in time.
func (g hashGate) derive(ctx context.Context, password string, salt []byte, passes, memory uint32, lanes uint8, size uint32) ([]byte, error) {
	timer := time.NewTimer(hashWait)
	defer timer.Stop()
	select {
	case g <- struct{}{}:
	case <-timer.C:
		return nil, fault.New(fault.Busy, "too many people sign in at once: try again in a minute").After(time.Minute)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-g }()
	return argon2.IDKey([]byte(password), salt, passes, memory, lanes, size), nil
}

var phc64 = base64.RawStdEncoding

// hash makes the PHC string of a password.
func (g hashGate) hash(ctx context.Context, password string) (string, error) {
	salt := random()[:hashSalt]
	key, err := g.derive(ctx, password, salt, hashPasses, hashMemory, hashLanes, hashKey)
	if err != nil {
		return "", err
	}
	return phc(salt, key), nil
}

// phc writes a hash of the present parameters as a PHC string.
func phc(salt, key []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, hashMemory, hashPasses, hashLanes,
		phc64.EncodeToString(salt), phc64.EncodeToString(key))
}

// decoyHash makes the hash of no known password. Comparing with it takes as
// long as with any other.
func decoyHash() string { return phc(random()[:hashSalt], random()[:hashKey]) }

// verify tells whether a PHC string was made of the password.
func (g hashGate) verify(ctx context.Context, phc, password string) (bool, error) {
	part := strings.Split(phc, "$")
	var version int
	var memory, passes uint32
	var lanes uint8
	if len(part) != 6 || part[0] != "" || part[1] != "argon2id" {
		return false, fmt.Errorf("stored password is no argon2id hash")
	}
	if _, err := fmt.Sscanf(part[2]+" "+part[3], "v=%d m=%d,t=%d,p=%d", &version, &memory, &passes, &lanes); err != nil {
		return false, fmt.Errorf("stored password: %w", err)
	}
	salt, errSalt := phc64.DecodeString(part[4])
	want, errKey := phc64.DecodeString(part[5])
	if errSalt != nil || errKey != nil || version != argon2.Version || passes == 0 || lanes == 0 || len(want) == 0 {
		return false, fmt.Errorf("stored password is no argon2id hash of version %d", argon2.Version)
	}
	key, err := g.derive(ctx, password, salt, passes, memory, lanes, uint32(len(want)))
	return err == nil && subtle.ConstantTimeCompare(key, want) == 1, err
}

// proofs remembers which passwords were found right, so that a client that
// sends its password with every request is not hashed for every request. A
// proof is a keyed digest over everything the finding rests on, the stored
// hash included: a changed password has no proof, and nothing needs to be
// dropped. The key lives as long as the process.
type proofs struct {
	key   []byte
	known *memo[digest, struct{}]
}

func newProofs() proofs { return proofs{random(), new(memo[digest, struct{}])} }

func (p proofs) of(account int64, parts ...string) digest {
	mac := hmac.New(sha256.New, p.key)
	var n [8]byte
	put := func(v int64) {
		binary.BigEndian.PutUint64(n[:], uint64(v))
		mac.Write(n[:])
	}
	put(account)
	for _, s := range parts {
		put(int64(len(s))) // or "a"+"bc" would prove "ab"+"c"
		mac.Write([]byte(s))
	}
	return digest(mac.Sum(nil))
}
