package format

import (
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"path"
	"time"

	"ingot.dev/modules/blob"
)

// UploadType says by which door a version or file came in.
type UploadType uint8

// The doors. The values are stored in the database.
const (
	Transport UploadType = iota + 1 // a native client
	Manually                        // the form of the pages
	API                             // the REST API
)

var uploadTypes = [...]string{"", "TRANSPORT", "MANUALLY", "API"}

// String gives the word that the REST API uses.
func (u UploadType) String() string { return uploadTypes[min(int(u), len(uploadTypes)-1)] }

// Existing says what a publication does where the version exists already.
type Existing uint8

// The ways. With Add and Update, what the release leaves empty of metadata,
// description and README stays as it was.
const (
	Refuse  Existing = iota // fault.Conflict
	Add                     // add the files to it; fault.Conflict if one of them is there
	Update                  // add the files to it; those of the same name are replaced
	Replace                 // take the place of it, files and all
)

// Release is a version on its way into a registry. The registry owns the
// bodies of its files from the call of Publish on and discards them.
type Release struct {
	Package     string // as its author spells it
	Version     string
	Description string          // one line for lists
	Metadata    json.RawMessage // the format's own record of the version, kept as it is
	Prerelease  bool
	Language    string // version of the language that it is made for, empty where that is nothing to tell
	Readme      Readme
	Properties  map[string]string // of the version
	About       map[string]string // properties of the package
	Subject     string            // what the version is about, see Reader.Referrers
	Tags        []string          // tags to point at this version
	Files       []NewFile
	Origin      Origin
	Existing    Existing
}

// NewFile is a file of a release: a body that was received, or bytes that are
// in the package already.
type NewFile struct {
	Name string
	// Folder is the part of the registry that the file is for, where one
	// version may have a file of the same name in several: "linux-64". The file
	// is called Folder/Name then. Empty: there are no parts.
	Folder string
	// Sole is set where clients ask for a file of this name without saying of
	// which package: fault.Conflict where another version of the registry has one.
	Sole      bool
	MediaType string          // empty: application/octet-stream
	Metadata  json.RawMessage // the format's own record of the file, may be empty
	Body      blob.Staged
	Held      *File // instead of Body: as Reader.Blob gave it
}

// Path gives the name of the file in its version.
func (f NewFile) Path() string { return path.Join(f.Folder, f.Name) }

// Readme is the text a package introduces itself with.
type Readme struct{ Name, Text string }

// Origin is where in a repository a version was made.
type Origin struct {
	Tag    string
	Commit string // hex
	Tagger string // who made the tag: "Name <e-mail>"
}

// Incoming is a body that was received by the REST API or a form.
type Incoming struct {
	Name string // as the client calls the file; a hint, never an identity
	Body blob.Staged
}

// Source is a repository at a tag.
type Source struct {
	Tag    string
	Commit string // hex
	Tagger string
	When   time.Time // of the commit
	Tree   Tree
	// Stage collects what write writes, as if it had been received.
	Stage func(ctx context.Context, write func(io.Writer) error) (blob.Staged, error)
}

// Tree reads the files of a commit. Nothing of it is on disk.
type Tree interface {
	// ReadFile gives a file's bytes. fault.NotFound where there is none or it
	// is no regular file, fault.TooLarge above limit bytes.
	ReadFile(ctx context.Context, path string, limit int64) ([]byte, error)

	// Walk calls fn for each file in the order of their paths. The attributes
	// of the tree itself say what an archive leaves out; Walk leaves it out
	// too. Submodules are passed over.
	Walk(ctx context.Context, fn func(TreeFile) error) error
}

// TreeFile is one file of a tree.
type TreeFile struct {
	Path string
	Mode fs.FileMode // permission bits, and fs.ModeSymlink for a link
	Size int64
	Open func() (io.ReadCloser, error) // a link's bytes are its target
}
