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
	// Vary names headers of the request by which the handler chose this kind.
	Vary string
	// Class gives what the bytes depend on besides the state: readers of
	// different rights must not share one. nil: all readers share it.
	Class func(q *Request) string
	// Key gives the package that a key of a document of one package names.
	// nil: the key is the package's name.
	Package func(key string) string
	// Build writes the document. fault.NotFound where there is nothing.
	Build func(ctx context.Context, b Build, w io.Writer) error
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
