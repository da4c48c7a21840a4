// Package formattest is what a format tells the suites that every format must
// pass: a sample of what its clients send, and archives to build it of. It is
// for tests alone.
package formattest

// Request is a publication or a deletion: its path is below the address of the
// format in its scope, or below that of the scope's packages in the REST API.
type Request struct {
	Method, Path string
	Body         []byte
	Header       []string // names and values in turn
}

// Sample is what the suites have to know of a format. Zero fields mean that
// the format has nothing of the kind.
type Sample struct {
	// Name is that of a package, as its publisher spells it.
	Name string

	// Put publishes a version of a package by the native protocol, Rest by the
	// REST API, nil where that takes none. The same name and version make the
	// same bytes.
	Put, Rest func(name, version string) Request
	// Bytes are those of the file that a publication brings.
	Bytes func(name, version string) []byte
	// File is the file's address by the native protocol, RestFile that by the
	// REST API, in which {packageUuid} and {fileUuid} stand for public ids; it
	// is nil where Rest is.
	File, RestFile func(name, version string) string
	// Fill makes Put's body so large that it has at least n bytes.
	Fill func(r Request, n int) Request

	// Fields are those that the page's form to upload a package asks for, by
	// name, besides package, name, version, groupId and artifactId.
	Fields map[string]string

	// Idempotent is set where the very same publication once more is a success
	// by the native protocol, and changes nothing.
	Idempotent bool
	// Moves is set where a version is a tag, which to publish anew is to move.
	Moves bool

	// Taken is the status of a version that exists already by the native
	// protocol; zero means 409.
	Taken int

	// Documents are native addresses of derived documents, which have
	// validators and encodings; Lists are those of what is read beside them.
	Documents, Lists func(name, version string) []string
	// Packed are those of derived documents that are packed files by themselves
	// and come in no other encoding; nil where there are none.
	Packed func(name, version string) []string
	// Remove deletes a version by the native protocol; nil where it cannot.
	Remove func(name, version string) Request

	// Readers are the routes that only read, though by another method than GET.
	Readers []string
	// Publishers are the routes that take away something else than what was
	// published, which the right to publish is enough for.
	Publishers []string
	// Account are the routes about the account that asks, and no scope.
	Account []string
	// Bodies are some that must be refused, by what is wrong with them; nil
	// where any bytes are a package.
	Bodies func(name string) map[string][]byte
	// Spellings of Name are the same package; others are no names at all,
	// whatever way they come in.
	Spellings []string
	// Complaint tells what is wrong with the body of an error; nil for text.
	Complaint func(contentType string, body []byte) string

	// Stored is how a package lies in a registry, for suites that put one there
	// without a client.
	Stored Stored
}

// Stored is a package as a format keeps it. In Version, File and Folder,
// {digest} stands for that of the text that the suite writes, as sha256:HEX.
type Stored struct {
	Names   []string // of packages; empty: Sample.Name alone
	Version string   // empty: 1.0.0
	File    string   // name of the version's one file
	Folder  string   // of the file
	// Known are values of parameters by which the format's routes find the
	// first package, its version or its file, besides package, version and file
	// or instead of them; nil where there are none.
	Known func(digest string) map[string]string
}
