package contract

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// composer: a zip says itself which package it is.
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
			return request{method: http.MethodPut, path: "?version=" + url.QueryEscape(version), body: content(name, version)}
		},
		rest: func(name, version string) request {
			return request{method: http.MethodPut, path: "composer/" + version, body: content(name, version)}
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
		readers: []string{"notify", "askAdvisories"},
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
