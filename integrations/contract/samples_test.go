package contract

// request is a publication or a deletion: its path is below the address of the
// format in its scope, or below that of the scope's packages in the REST API.
type request struct {
	method, path string
	body         []byte
	header       []string // names and values in turn
}

// sample is what the suite has to know of a format.
type sample struct {
	name string // of a package, as its publisher spells it

	// put publishes a version of a package by the native protocol, rest by the
	// REST API, nil where that takes none. The same name and version make the
	// same bytes.
	put, rest func(name, version string) request
	// bytes are those of the file that a publication brings.
	bytes func(name, version string) []byte
	// file is the file's address by the native protocol, restFile that by the
	// REST API, in which {packageUuid} and {fileUuid} stand for public ids; it
	// is nil where rest is.
	file, restFile func(name, version string) string
	// fill makes put's body so large that it has at least n bytes.
	fill func(r request, n int) request

	// idempotent is set where the very same publication once more is a success
	// by the native protocol, and changes nothing.
	idempotent bool
	// moves is set where a version is a tag, which to publish anew is to move.
	moves bool

	// taken is the status of a version that exists already by the native
	// protocol; zero means 409.
	taken int

	// documents are native addresses of derived documents, which have
	// validators and encodings; lists are those of what is read beside them.
	documents, lists func(name, version string) []string
	// remove deletes a version by the native protocol; nil where it cannot.
	remove func(name, version string) request

	// readers are the routes that only read, though by another method than GET.
	readers []string
	// publishers are the routes that take away something else than what was
	// published, which the right to publish is enough for.
	publishers []string
	// account are the routes about the account that asks, and no scope.
	account []string
	// bodies are some that must be refused, by what is wrong with them; nil
	// where any bytes are a package.
	bodies func(name string) map[string][]byte
	// spellings of name are the same package; others are no names at all,
	// whatever way they come in.
	spellings []string
	// complaint tells what is wrong with the body of an error; nil for text.
	complaint func(contentType string, body []byte) string
}

// samples is the suite's one list of formats; each has a file of its own here.
func samples() map[string]sample {
	return map[string]sample{
		"composer":  composer(),
		"container": container(),
		"generic":   generic(),
		"maven":     maven(),
		"npm":       npm(),
		"pypi":      pypi(),
	}
}
