package contract

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// request is a publication or a deletion: its path is below the address of the
// format in its scope, or below that of the scope's packages in the REST API.
type request struct {
	method, path string
	body         []byte
}

// sample is what the suite has to know of a format.
type sample struct {
	name string // of a package, as its publisher spells it

	// put publishes a version of a package by the native protocol, rest by the
	// REST API. The same name and version make the same bytes.
	put, rest func(name, version string) request
	// bytes are those of the file that a publication brings.
	bytes func(name, version string) []byte
	// file is the file's address by the native protocol, restFile that by the
	// REST API.
	file, restFile func(name, version string) string
	// fill makes put's body so large that it has at least n bytes.
	fill func(r request, n int) request

	// documents are native addresses of derived documents, which have
	// validators and encodings; lists are those of what is read beside them.
	documents, lists func(name, version string) []string
	// remove deletes a version by the native protocol; nil where it cannot.
	remove func(name, version string) request

	// readers are the routes that only read, though by another method than GET.
	readers []string
	// bodies are some that must be refused, by what is wrong with them; nil
	// where any bytes are a package.
	bodies func(name string) map[string][]byte
	// spellings of name are the same package; others are no names at all,
	// whatever way they come in.
	spellings []string
	// complaint tells what is wrong with the body of an error; nil for text.
	complaint func(contentType string, body []byte) string
}

// samples is the one place of the suite that knows formats.
func samples() map[string]sample {
	return map[string]sample{"generic": generic(), "composer": composer()}
}

func generic() sample {
	content := func(name, version string) []byte { return fmt.Appendf(nil, "%s of version %s\n", name, version) }
	path := func(name, version string) string {
		return url.PathEscape(name) + "/" + url.PathEscape(version) + "/tool.bin"
	}
	return sample{
		name: "Tool",
		put: func(name, version string) request {
			return request{http.MethodPut, path(name, version), content(name, version)}
		},
		rest: func(name, version string) request {
			return request{http.MethodPut, "generic/" + path(name, version), content(name, version)}
		},
		bytes:    content,
		file:     path,
		restFile: func(name, version string) string { return "generic/" + path(name, version) },
		fill: func(r request, n int) request {
			r.body = append(r.body, make([]byte, n)...)
			return r
		},
		documents: func(string, string) []string { return nil },
		lists: func(name, _ string) []string {
			return []string{name, name + "/latest/tool.bin"}
		},
		remove: func(name, version string) request {
			return request{http.MethodDelete, name + "/" + version, nil}
		},
		spellings: []string{"tool", "TOOL"},
	}
}

func composer() sample {
	manifest := func(name, version string) string {
		return fmt.Sprintf(`{"name": %q, "version": %q, "description": "Amounts"}`, name, version)
	}
	content := func(name, version string) []byte {
		return zipped(entry{"composer.json", manifest(name, version)}, entry{"src/Money.php", "<?php // " + version + "\n"})
	}
	file := func(name, version string) string { return strings.ReplaceAll(name, "/", "-") + "-" + version + ".zip" }
	return sample{
		name: "acme/money",
		put: func(name, version string) request {
			return request{http.MethodPut, "?version=" + url.QueryEscape(version), content(name, version)}
		},
		rest: func(name, version string) request {
			return request{http.MethodPut, "composer/" + version, content(name, version)}
		},
		bytes: content,
		file: func(name, version string) string {
			return "dists/" + name + "/" + version + "/" + file(name, version)
		},
		restFile: func(name, version string) string { return "composer/" + name + "/" + version },
		fill: func(r request, n int) request {
			r.body = zipped(entry{"composer.json", manifest("acme/money", "1.0.0")}, entry{"noise.bin", noise(n)})
			return r
		},
		documents: func(name, _ string) []string {
			return []string{"packages.json", "p2/" + name + ".json", "p2/" + name + "~dev.json"}
		},
		lists: func(string, string) []string {
			return []string{"packages/list.json", "search.json?q=money"}
		},
		readers: []string{"notify"},
		bodies: func(name string) map[string][]byte {
			bad := archives("composer.json", manifest(name, "1.0.0"))
			for what, text := range map[string]string{
				"no JSON":               `{"name": "acme/money"`,
				"an array":              `[]`,
				"no name":               `{"version": "1.0.0"}`,
				"deep":                  `{"name": "acme/money", "extra": ` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`,
				"a key twice":           `{"name": "acme/money", "version": "1.0.0", "name": "acme/other"}`,
				"a long manifest":       `{"name": "acme/money", "description": "` + strings.Repeat("x", 8<<20) + `"}`,
				"another version":       `{"name": "acme/money", "version": "6.6.6"}`,
				"no version":            `{"name": "acme/money", "version": "../1"}`,
				"an upper-case name":    `{"name": "Acme/Money"}`,
				"a name with a climb":   `{"name": "acme/../money"}`,
				"a name with a newline": `{"name": "acme/money\n"}`,
				"a name with NUL":       "{\"name\": \"acme/mo\\u0000ney\"}",
			} {
				bad[what] = zipped(entry{"composer.json", text})
			}
			return bad
		},
		spellings: []string{"ACME/Money"},
	}
}
