package format

import (
	"context"
	"io"
	"time"

	"ingot.dev/modules/blob"
)

// Sessions are uploads in parts, and bytes that are in a package before any
// version refers to them. The package need not exist yet. What no version
// refers to is collected after a time. All of it needs the permission to
// publish. A nil error means that what was done is durable.
type Sessions interface {
	// Begin opens an upload of bytes into a package.
	Begin(ctx context.Context, name string) (*Session, error)

	// Session finds an open upload of a package. fault.NotFound where there is
	// none of that id, it ran out, or it is another package's.
	Session(ctx context.Context, name, id string) (*Session, error)

	// Append adds what r gives at an offset. fault.Precondition where the
	// session does not have exactly that size, another append having been
	// first. Where r breaks off, what came before is kept and the error given.
	Append(ctx context.Context, s *Session, at int64, r io.Reader) (*Session, error)

	// Finish ends the upload: its bytes are in the package as Reader.Blob finds
	// them. fault.Invalid, and the session stays open, where they do not have
	// the digest, which is written as there.
	Finish(ctx context.Context, s *Session, digest string) (*File, error)

	// Cancel ends the upload and drops what was received.
	Cancel(ctx context.Context, s *Session) error

	// Hold puts bytes into a package: a body, which it discards.
	Hold(ctx context.Context, name string, body blob.Staged) (*File, error)

	// Mount puts bytes into a package that Blob found in another one, perhaps
	// of another scope. Nothing is copied.
	Mount(ctx context.Context, name string, f *File) (*File, error)

	// Drop takes bytes out of a package. fault.NotFound where it has none of
	// the digest, fault.Conflict where a version refers to them.
	Drop(ctx context.Context, name, digest string) error
}

// Session is an upload in parts.
type Session struct {
	ID      string // not to be guessed
	Package string
	Size    int64 // bytes received
	Created time.Time
	Row     int64
}
