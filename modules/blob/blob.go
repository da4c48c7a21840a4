// Package blob is the contract of the content-addressed store that holds the
// bytes of packages. Rows say which objects are meant to exist; a store knows
// nothing of rows.
package blob

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"net/url"
	"time"
)

// Digests are the four digests that every stored file is known by, in lower
// case hex. SHA256 is its identity, the others are facts about it, which may
// be empty for a while after it came in.
type Digests struct {
	MD5, SHA1, SHA256, SHA512 string
}

// Key names one object: the digest of its bytes and the id of the row that
// stands for it. A digest that is deleted and published again gets a new row
// and so a new key; therefore a late delete cannot hit live data.
type Key struct {
	SHA256 string // 64 lower case hex digits
	Row    int64  // positive
}

// Check refuses a key that no store may be asked for. A key is made from
// digests and row ids only, never from a client's words.
func (k Key) Check() error {
	if len(k.SHA256) != 64 || k.Row <= 0 {
		return fmt.Errorf("blob: bad key %q/%d", k.SHA256, k.Row)
	}
	if raw, err := hex.DecodeString(k.SHA256); err != nil || hex.EncodeToString(raw) != k.SHA256 {
		return fmt.Errorf("blob: bad key %q/%d", k.SHA256, k.Row)
	}
	return nil
}

// Reader reads one object. Seeking and reading at an offset are cheap, so
// that byte ranges and archive directories need no copy.
type Reader interface {
	io.ReadSeekCloser
	io.ReaderAt
	Size() int64
}

// Staged is a received body before it is published: hashed while it streamed
// in, readable as often as needed, gone after Discard. It belongs to one
// goroutine at a time.
type Staged interface {
	io.ReaderAt
	Size() int64
	Digests() Digests
	// Discard frees the space. It may be called more than once and after Put.
	Discard()
}

// Store keeps objects. All methods are safe for concurrent use.
type Store interface {
	// Put makes the bytes of s the object k. On return they survive a loss of
	// power. Putting an object that is there already is a success; two Puts of
	// one key at once both succeed. The number of bytes stored equals
	// s.Size(), or Put fails and leaves nothing under k.
	Put(ctx context.Context, k Key, s Staged) error

	// Open reads the object k. fault.NotFound where it is absent.
	Open(ctx context.Context, k Key) (Reader, error)

	// Stat gives the object's size in bytes. fault.NotFound where it is absent.
	Stat(ctx context.Context, k Key) (int64, error)

	// Delete removes the object k. An absent object is a success.
	Delete(ctx context.Context, k Key) error

	// Keys lists every object, in no order, each at least once. Objects that
	// come or go meanwhile may be in it or not. It ends at the first error.
	Keys(ctx context.Context) iter.Seq2[Key, error]
}

// Linker is the optional role of a store whose objects clients may fetch
// from it directly.
type Linker interface {
	// Link gives an address that answers with the object for the given time,
	// as an attachment of that name and type. It may be nil: serve it here.
	Link(ctx context.Context, k Key, name, contentType string, valid time.Duration) (*url.URL, error)
}
