// Package format is the one port between package formats and the rest of
// Ingot. A format is a folder that declares routes, parses foreign bytes and
// fills releases; it never sees a database, a store or a web framework.
package format

import (
	"context"
	"net/http"
	"time"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
)

// Format is what every format implements. All methods are safe for concurrent
// use and answer the same at every call.
type Format interface {
	Info() Info
	Routes() []Route
}

// Info describes a format.
type Info struct {
	ID      string   // type name in addresses and in the REST API
	Aliases []string // other spellings of ID in addresses
	Title   string   // as its users write it
	Short   string   // up to four letters for a list
	PURL    string   // type in package URLs, empty where there is none

	// Yanks is set where clients know versions that were taken back: the pages
	// offer to do so.
	Yanks bool

	// TokenInPath is set where clients write a token in front of an address, as
	// those of conda do: /t/TOKEN/project/...
	TokenInPath bool

	// OneSpelling is set where clients would take two spellings of a name for
	// two packages: whoever publishes under another one than the first is
	// refused, and so is a file for a version in another spelling of it.
	OneSpelling bool

	// ByTag is set where versions are known by tags that move, as container
	// images are: lists, the REST API and pages name a version by its tags, and
	// to delete such a name is to delete the tag.
	ByTag bool
}

// Route is one address of a protocol, below the prefix of the format in its
// scope. Access is declared here, never decided in a handler.
type Route struct {
	Name    string // for logs and metrics: "putFile"
	Method  string // GET also answers HEAD
	Pattern string // see Table
	Need    forge.Permission
	Handle  func(*Request) error
}

// The optional roles. They are looked for once, when the server starts.
type (
	// Ordering is the role of a format whose versions do not order by SemVer.
	Ordering interface {
		// Compare orders two canonical versions as cmp.Compare does.
		Compare(a, b string) int
	}

	// Naming is the role of a format with rules for names. Both methods give
	// the form under which a thing is unique, and fault.Invalid for a name the
	// format does not allow. Without it names are unique without letter case
	// and versions as they are written.
	Naming interface {
		CanonicalName(name string) (string, error)
		CanonicalVersion(version string) (string, error)
	}

	// Grouped is the role of a format whose names have a group in them. Without
	// it the REST API gives the name itself as both parts.
	Grouped interface {
		// Group splits the name of a package as its publisher spelled it:
		// "acme/money" is acme and money to Composer.
		Group(name string) (group, artifact string)
	}

	// Credentialed is the role of a format whose clients send their token in a
	// way of their own.
	Credentialed interface {
		Credential(r *http.Request) (forge.Credential, bool)
	}

	// Complaining is the role of a format whose clients read errors in a shape
	// of their own. Headers such as the challenge are set already and may be
	// set anew. Of q only W, R, Root, Base, Scope, Params and Subject are there,
	// the last three where the request came so far.
	Complaining interface {
		Complain(q *Request, status int, f *fault.Fault)
	}

	// Rooted is the role of a format whose clients know an address of the
	// server's and no prefix: container clients ask below /v2 for everything.
	Rooted interface {
		// Root gives the first segment of its addresses.
		Root() string
		// Locate reads what follows the root: the scope that it names, what is
		// left for the format's routes, and what the address is about, which a
		// pass has to name. The empty path names the service.
		Locate(segments []string) (path scope.Path, rest []string, subject string)
	}

	// Cleaning is the role of a format whose registries collect versions that
	// nobody needs.
	Cleaning interface {
		// Superfluous gives the names of the versions of a package that go by
		// the settings of its registry, in the order to delete them in; none
		// where nobody made such a setting.
		Superfluous(versions []*Version, tags map[string]string, setting func(name string) string, now time.Time) []string
	}

	// Configured is the role of a format with settings that people make on the
	// pages.
	Configured interface {
		Settings() []Setting
	}

	// Indexed is the role of a format with derived documents.
	Indexed interface {
		Documents() []Document
	}

	// Presented is the role of a format that tells a page what to show and
	// what to type.
	Presented interface {
		Present(v View) Presentation
	}

	// Uploading is the role of a format that takes a package as one file, by
	// the REST API's PUT and by the form of the pages.
	Uploading interface {
		Upload() Upload
	}

	// Tagged is the role of a format whose packages can be made from a
	// repository at a tag.
	Tagged interface {
		// Inspect tells which package and version the tag would make.
		// fault.NotFound where the tree holds no package of this format or the
		// tag is no version; fault.Unprocessable, with the file and line, where
		// what it holds is broken.
		Inspect(ctx context.Context, src Source) (Coordinates, error)

		// FromTag builds the release. The same commit and tag make the same
		// bytes every time. Faults as with Inspect.
		FromTag(ctx context.Context, src Source) (Release, error)
	}
)

// Upload says how a format takes and gives a package as one file.
type Upload struct {
	// Put and Get are patterns below the format's name in the REST API. Where a
	// Get pattern has {packageUuid}, the package of that public id is looked up
	// first, and Locate finds its name as the parameter "package".
	Put, Get []string
	// Fields is what the page's form asks besides the file. Their names are
	// parameters of the Put patterns; on the page, FileName is asked nowhere,
	// for the file brings it.
	Fields []Field
	// Accept names the file types for the file dialog: ".zip".
	Accept string
	// Receive publishes body, which the client called name (may be empty).
	Receive func(q *Request, body Incoming) (*Version, error)
	// Locate finds the file that a Get pattern means.
	Locate func(q *Request) (*File, error)
}

// Field is one line of an upload form.
type Field struct {
	Name     string
	Label    Text
	Hint     Text
	Required bool
}

// Coordinates name a package and a version of it.
type Coordinates struct{ Package, Version string }
