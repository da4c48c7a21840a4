package blob

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"io"
	"os"
)

// FromBytes stages bytes that are in memory already: a generated document or
// a small upload. The caller may not change b afterwards.
func FromBytes(b []byte) Staged {
	return &inMemory{bytes: b, size: int64(len(b)), digests: digestsOf(b)}
}

func digestsOf(b []byte) Digests {
	m, s1, s256, s512 := md5.Sum(b), sha1.Sum(b), sha256.Sum256(b), sha512.Sum512(b)
	return Digests{
		MD5:    hex.EncodeToString(m[:]),
		SHA1:   hex.EncodeToString(s1[:]),
		SHA256: hex.EncodeToString(s256[:]),
		SHA512: hex.EncodeToString(s512[:]),
	}
}

// Sum takes the digests of all that r gives.
func Sum(r io.Reader) (Digests, error) {
	m, s1, s256, s512 := md5.New(), sha1.New(), sha256.New(), sha512.New()
	if _, err := io.CopyBuffer(io.MultiWriter(m, s1, s256, s512), struct{ io.Reader }{r}, make([]byte, 64<<10)); err != nil {
		return Digests{}, err
	}
	digest := func(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }
	return Digests{MD5: digest(m), SHA1: digest(s1), SHA256: digest(s256), SHA512: digest(s512)}, nil
}

type inMemory struct {
	bytes     []byte
	size      int64
	digests   Digests
	discarded bool
}

func (m *inMemory) Size() int64      { return m.size }
func (m *inMemory) Digests() Digests { return m.digests }

// ReadAt follows io.ReaderAt. After Discard it fails as a closed file does,
// so that both kinds of staged body misbehave alike when used too long.
func (m *inMemory) ReadAt(p []byte, off int64) (int, error) {
	switch {
	case m.discarded:
		return 0, os.ErrClosed
	case off < 0:
		return 0, os.ErrInvalid
	case off >= m.size:
		return 0, io.EOF
	}
	n := copy(p, m.bytes[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (m *inMemory) Discard() { m.bytes, m.discarded = nil, true }
