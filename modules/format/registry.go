package format

import (
	"context"
	"encoding/json"
	"io"
	"iter"
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
	Sessions
	Keyring
}

// Reader reads. What is absent is fault.NotFound. The number of queries of a
// call does not depend on how much it finds.
type Reader interface {
	Package(ctx context.Context, name string) (*Package, error)

	// Versions gives all versions of a package with their files, newest
	// first in the format's order.
	Versions(ctx context.Context, name string) ([]*Version, error)

	// Each goes through packages of the registry, in the order of their
	// canonical names, and gives the versions of each as Versions does, but
	// without properties, and their files by name. It asks one question,
	// whatever the number of packages, and holds one package at a time: it is
	// what documents of a whole registry are made by. An error is the last thing
	// it gives.
	Each(ctx context.Context, f Filter) iter.Seq2[[]*Version, error]

	// Version gives one version with its files.
	Version(ctx context.Context, name, version string) (*Version, error)

	// File finds a file by package, version and name.
	File(ctx context.Context, ref FileRef) (*File, error)

	// Blob finds bytes of a package by "sha256:" or "sha512:" and the hex digits
	// of their digest: those of any version's file, and those that a session
	// left there. The file has the digest for a name.
	Blob(ctx context.Context, name, digest string) (*File, error)

	// Tags gives the tags of a package: name to version.
	Tags(ctx context.Context, name string) (map[string]string, error)

	// Tagged gives the version that a tag of a package points at.
	Tagged(ctx context.Context, name, tag string) (version string, err error)

	// Referrers gives up to limit versions of a package whose subject is the
	// given one, without files, in the order of their publication: those that
	// were published after the version of the name after, all where after is
	// empty or gone. A limit is at most MaxReferrers. There may be none, and the
	// subject need not exist, nor the package.
	Referrers(ctx context.Context, name, subject, after string, limit int) ([]*Version, error)

	// Readme gives the README of a version; the zero Readme where it has none.
	Readme(ctx context.Context, name, version string) (Readme, error)

	// Owned tells whether a name is, or ever was, a package of this scope or of
	// the company that the scope belongs to. Such a name must never be looked
	// up elsewhere, whoever asks.
	Owned(ctx context.Context, name string) (bool, error)

	// Setting gives the value of a setting of the registry, empty where nobody
	// made it.
	Setting(ctx context.Context, name string) (string, error)

	// Names gives the names of all packages, in order.
	Names(ctx context.Context) ([]string, error)

	// Newest gives a page of packages, each by its newest version without
	// files, and the number of all that fit.
	Newest(ctx context.Context, q Query) ([]*Version, int, error)

	// Search gives a page of packages, with their properties, and the number of
	// all that fit.
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

	// Edit makes some changes to a package, all or none. Changes of kind Remove
	// need the permission to delete, the others that or the one to publish.
	Edit(ctx context.Context, name string, changes ...Change) error

	// Delete removes what ref names: a file, a version where File is empty, a
	// package where Version is empty too. What becomes empty goes with it.
	Delete(ctx context.Context, ref FileRef) error

	// Downloaded counts downloads that clients report by themselves, by
	// canonical version. Unknown names are passed over.
	Downloaded(ctx context.Context, what []Coordinates) error
}

// MaxReferrers is how many versions Referrers gives at most, for each comes
// with all of its metadata.
const MaxReferrers = 50

// FileRef names a file by its place.
type FileRef struct{ Package, Version, File string }

// Query chooses packages.
type Query struct {
	Text     string   // part of the name, in any spelling, or of the description
	Prefix   string   // start of the name
	Has      []string // names of properties that the package has
	Listed   bool     // with a version that is not yanked
	Released bool     // with a release that is not yanked
	Limit    int      // at most 250
	Offset   int
}

// Filter chooses versions of a registry. The zero Filter chooses all.
type Filter struct {
	Packages []string // names of packages; nil: of all
	// Files is the start of file names, letter case aside: the other files are
	// left out, and the versions that have none then. Empty: all.
	Files string
	// File is the name of one file, letter case aside: the others are left out,
	// as with Files. It is found without going through the registry. Empty: all.
	File string
}

// Change is one of the kinds below.
type Change interface{ change() }

// The changes that Edit makes.
type (
	// Unchanged is fault.Precondition unless the package still has that
	// revision.
	Unchanged struct{ Revision int64 }
	// Yank marks a version as not to be chosen anew, with a reason, or takes
	// the mark back where On is false.
	Yank struct {
		Version string
		On      bool
		Reason  string
	}
	// Tag points a tag at a version. The empty version removes the tag;
	// fault.NotFound where there is none.
	Tag struct{ Name, Version string }
	// Describe sets properties of a version, or of the package where Version
	// is empty. An empty value removes one.
	Describe struct {
		Version    string
		Properties map[string]string
	}
	// Remove deletes a version, or a file of it.
	Remove struct{ Version, File string }
)

func (Unchanged) change() {}
func (Yank) change()      {}
func (Tag) change()       {}
func (Describe) change()  {}
func (Remove) change()    {}

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
	Revision    int64     // counts the changes
	Properties  map[string]string
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
	Language    string // as in Release
	Yanked      bool
	YankedAt    time.Time // zero where it is not
	YankReason  string
	Origin      Origin
	Downloads   int64
	Size        int64
	Subject     string
	Created     time.Time
	Properties  map[string]string // without the README
	Files       []*File
}

// File is a file of a version.
type File struct {
	UUID      string
	Package   string
	Version   string
	Name      string // with the folder: NewFile.Path
	Size      int64
	Digests   blob.Digests
	MediaType string
	Metadata  json.RawMessage
	Upload    UploadType
	Created   time.Time

	Key       blob.Key
	VersionID int64 // row, to count downloads by
}
