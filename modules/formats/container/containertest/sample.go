// Package containertest is what the container registry tells the suites of all formats.
package containertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"ingot.dev/modules/format/formattest"
)

// Sample publishes an index that lists nothing at a tag, for that takes one
// request. integrations/oci asks for all the rest.
func Sample() formattest.Sample {
	const mediaType = "application/vnd.oci.image.index.v1+json"
	path := func(name, rest string) string {
		return strings.ReplaceAll(url.PathEscape(name), "%2F", "/") + "/" + rest
	}
	content := func(name, version string) []byte {
		return fmt.Appendf(nil, `{"schemaVersion": 2, "mediaType": %q, "manifests": [], "annotations": {"org.example.version": %q}}`, mediaType, version)
	}
	file := func(name, version string) string { return path(name, "manifests/"+version) }
	with := func(r formattest.Request, member string) formattest.Request {
		r.Body = bytes.Replace(r.Body, []byte("{"), []byte("{"+member+", "), 1)
		return r
	}
	return formattest.Sample{
		Name: "team/money",
		Put: func(name, version string) formattest.Request {
			return formattest.Request{Method: http.MethodPut, Path: file(name, version), Body: content(name, version)}
		},
		Bytes: content,
		File:  file,
		Fill: func(r formattest.Request, n int) formattest.Request {
			return with(r, `"org.example.noise": "`+strings.Repeat("x", n)+`"`)
		},
		Idempotent: true,
		Moves:      true,
		Lists: func(name, _ string) []string {
			return []string{path(name, "tags/list"), path(name, "referrers/sha256:"+strings.Repeat("0", 64))}
		},
		Remove: func(name, version string) formattest.Request {
			return formattest.Request{Method: http.MethodDelete, Path: file(name, version)}
		},
		Account:    []string{"base", "token", "tokenForm", "catalog"},
		Publishers: []string{"upload", "cancelUpload"},
		Bodies: func(name string) map[string][]byte {
			right := formattest.Request{Body: content(name, "1.0.0")}
			return map[string][]byte{
				"nothing":             {},
				"a page":              []byte("<!doctype html><script>alert(1)</script>"),
				"half of one":         right.Body[:len(right.Body)/2],
				"two":                 append(bytes.Clone(right.Body), right.Body...),
				"a list":              []byte("[]"),
				"schema 1":            []byte(`{"schemaVersion": 1, "name": "money", "fsLayers": []}`),
				"no type":             []byte(`{"schemaVersion": 2, "manifests": []}`),
				"another type":        []byte(`{"schemaVersion": 2, "mediaType": "text/html", "manifests": []}`),
				"a key twice":         with(right, `"manifests": []`).Body,
				"a key in capitals":   with(right, `"Manifests": []`).Body,
				"layers in it":        with(right, `"layers": []`).Body,
				"deep":                with(right, `"x": `+strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000)).Body,
				"no digest":           bytes.Replace(right.Body, []byte("[]"), []byte(`[{"mediaType": "a", "size": 1}]`), 1),
				"a negative size":     bytes.Replace(right.Body, []byte("[]"), []byte(`[{"mediaType": "a", "digest": "sha256:`+strings.Repeat("0", 64)+`", "size": -1}]`), 1),
				"a subject as a text": with(right, `"subject": "x"`).Body,
			}
		},
		Stored: formattest.Stored{
			Names: []string{"money"}, Version: "{digest}", File: "manifest.json",
			Known: func(digest string) map[string]string {
				return map[string]string{"name": "money", "reference": digest, "digest": digest}
			},
		},
		Complaint: func(contentType string, body []byte) string {
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
