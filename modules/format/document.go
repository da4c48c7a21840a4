package format

import (
	"context"
	"io"

	"ingot.dev/modules/scope"
)

// Document is a kind of derived file: an index or a metadata file that is
// made from the packages of a scope. It is built when it is asked for, at most
// once for each state of what it is made from, and kept compressed.
type Document struct {
	Kind        string
	ContentType string
	// Whole documents are made from all packages of the scope. The others are
	// made from the one package that the key names.
	Whole bool
	// Packed makes the document the packed form of another kind, as a file of
	// its own: PACKAGES.gz beside PACKAGES. It is served as it is, without
	// Content-Encoding. Of the rest only Kind and ContentType are its own.
	Packed Packed
	// Ranges is set where clients ask for the end of a document that grew:
	// ranges are answered, and the reply has the document's digest. Its ETag is
	// the MD5 of its bytes in hex, plain or, weakly, in gzip.
	Ranges bool
	// Vary names headers of the request by which the handler chose this kind.
	Vary string
	// Class gives what the bytes depend on besides the state: readers of
	// different rights must not share one. nil: all readers share it.
	Class func(q *Request) string
	// Package gives the package that a key of a document of one package names.
	// nil: the key is the package's name.
	Package func(key string) string
	// Build writes the document. fault.NotFound where there is nothing.
	Build func(ctx context.Context, b Build, w io.Writer) error
}

// Packed names a kind of document and how it is packed.
type Packed struct {
	Of string // kind; empty where the document is none of these
	As string // "gzip" or "zstd"
}

// Build is what a document is made from.
type Build struct {
	Reg   Reader
	Scope scope.Scope
	Base  string // as in Request
	Clone string // as in Request
	Key   string
	Class string
}
