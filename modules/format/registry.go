package format

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/scope"
)

// Registry is a registry bound to a scope, a format, an actor and the
// permission of the route. It cannot name another owner, and calls that need
// more than the permission fail with fault.Denied. Names are put into the
// format's canonical form before they are looked up.
type Registry interface {
	Reader
	Writer
}

// Reader reads. What is absent is fault.NotFound. The number of queries of a
// call does not depend on how much it finds.
type Reader interface {
	Package(ctx context.Context, name string) (*Package, error)

	// Versions gives all versions of a package with their files, newest
	// first in the format's order.
	Versions(ctx context.Context, name string) ([]*Version, error)

	// Version gives one version with its files.
	Version(ctx context.Context, name, version string) (*Version, error)

	// File finds a file by package, version and name.
	File(ctx context.Context, ref FileRef) (*File, error)

	// Names gives the names of all packages, in order.
	Names(ctx context.Context) ([]string, error)

	// Search gives a page of packages and the number of all that fit.
	Search(ctx context.Context, q Query) ([]*Package, int, error)

	// Open reads a file's bytes.
	Open(ctx context.Context, f *File) (blob.Reader, error)
}

// Writer changes a registry. A nil error means that the change is durable.
type Writer interface {
	// Stage receives r; more than limit bytes is fault.TooLarge.
	Stage(ctx context.Context, r io.Reader, limit int64) (blob.Staged, error)

	// Publish makes the release visible, as a whole or not at all.
	// fault.Conflict where it exists and rel.Existing forbids it.
	Publish(ctx context.Context, rel Release) (*Version, error)

	// Yank marks a version as not to be chosen anew, with a reason, or takes
	// the mark back where yanked is false.
	Yank(ctx context.Context, name, version string, yanked bool, reason string) error

	// Tag points a tag at a version; the empty version removes the tag.
	Tag(ctx context.Context, name, tag, version string) error

	// Delete removes what ref names: a file, a version where File is empty, a
	// package where Version is empty too. What becomes empty goes with it.
	Delete(ctx context.Context, ref FileRef) error

	// Downloaded counts downloads that clients report by themselves, by
	// canonical version. Unknown names are passed over.
	Downloaded(ctx context.Context, what []Coordinates) error
}

// FileRef names a file by its place.
type FileRef struct{ Package, Version, File string }

// Query chooses packages.
type Query struct {
	Text   string // part of the name or description
	Prefix string // start of the name
	Limit  int    // at most 100
	Offset int
}

// Package is a package of a scope.
type Package struct {
	UUID        string
	Scope       scope.Ref
	Format      string
	Name        string
	Description string
	Latest      string // newest release, or newest pre-release where there is no release
	Versions    int
	Downloads   int64
	Size        int64 // bytes of all files
	PublisherID int64 // of the newest publication
	Created     time.Time
	Updated     time.Time // of the newest publication
	Modified    time.Time // of any change
}

// Version is a version of a package.
type Version struct {
	UUID        string
	Package     string
	Name        string
	Canon       string
	Metadata    json.RawMessage
	Upload      UploadType
	PublisherID int64
	Prerelease  bool
	Yanked      bool
	YankReason  string
	Origin      Origin
	Downloads   int64
	Size        int64
	Created     time.Time
	Files       []*File
}

// File is a file of a version.
type File struct {
	UUID      string
	Package   string
	Version   string
	Name      string
	Size      int64
	Digests   blob.Digests
	MediaType string
	Upload    UploadType
	Created   time.Time

	Key       blob.Key
	VersionID int64 // row, to count downloads by
}
