package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// container: a version is a tag, and an index that lists nothing is what one
// request publishes. integrations/oci asks for all the rest.
func container() sample {
	const mediaType = "application/vnd.oci.image.index.v1+json"
	path := func(name, rest string) string {
		return strings.ReplaceAll(url.PathEscape(name), "%2F", "/") + "/" + rest
	}
	content := func(name, version string) []byte {
		return fmt.Appendf(nil, `{"schemaVersion": 2, "mediaType": %q, "manifests": [], "annotations": {"org.example.version": %q}}`, mediaType, version)
	}
	file := func(name, version string) string { return path(name, "manifests/"+version) }
	with := func(r request, member string) request {
		r.body = bytes.Replace(r.body, []byte("{"), []byte("{"+member+", "), 1)
		return r
	}
	return sample{
		name: "team/money",
		put: func(name, version string) request {
			return request{method: http.MethodPut, path: file(name, version), body: content(name, version)}
		},
		bytes: content,
		file:  file,
		fill: func(r request, n int) request {
			return with(r, `"org.example.noise": "`+strings.Repeat("x", n)+`"`)
		},
		idempotent: true,
		moves:      true,
		documents:  func(string, string) []string { return nil },
		lists: func(name, _ string) []string {
			return []string{path(name, "tags/list"), path(name, "referrers/sha256:"+strings.Repeat("0", 64))}
		},
		remove: func(name, version string) request {
			return request{method: http.MethodDelete, path: file(name, version)}
		},
		account:    []string{"base", "token", "tokenForm", "catalog"},
		publishers: []string{"upload", "cancelUpload"},
		bodies: func(name string) map[string][]byte {
			right := request{body: content(name, v1)}
			return map[string][]byte{
				"nothing":             {},
				"a page":              []byte("<!doctype html><script>alert(1)</script>"),
				"half of one":         right.body[:len(right.body)/2],
				"two":                 append(bytes.Clone(right.body), right.body...),
				"a list":              []byte("[]"),
				"schema 1":            []byte(`{"schemaVersion": 1, "name": "money", "fsLayers": []}`),
				"no type":             []byte(`{"schemaVersion": 2, "manifests": []}`),
				"another type":        []byte(`{"schemaVersion": 2, "mediaType": "text/html", "manifests": []}`),
				"a key twice":         with(right, `"manifests": []`).body,
				"a key in capitals":   with(right, `"Manifests": []`).body,
				"layers in it":        with(right, `"layers": []`).body,
				"deep":                with(right, `"x": `+strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000)).body,
				"no digest":           bytes.Replace(right.body, []byte("[]"), []byte(`[{"mediaType": "a", "size": 1}]`), 1),
				"a negative size":     bytes.Replace(right.body, []byte("[]"), []byte(`[{"mediaType": "a", "digest": "sha256:`+strings.Repeat("0", 64)+`", "size": -1}]`), 1),
				"a subject as a text": with(right, `"subject": "x"`).body,
			}
		},
		complaint: func(contentType string, body []byte) string {
			var c struct {
				Errors []struct{ Code, Message string }
			}
			err := json.Unmarshal(body, &c)
			if err != nil || contentType != "application/json" || len(c.Errors) != 1 || c.Errors[0].Code == "" || c.Errors[0].Message == "" {
				return fmt.Sprintf("it is no list of errors: %v", err)
			}
			return ""
		},
	}
}
