// Package composertest is what Composer tells the suites of all formats.
package composertest

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"ingot.dev/modules/format/formattest"
)

// Sample publishes a zip, which says itself which package it is.
func Sample() formattest.Sample {
	manifest := func(name, version string) string {
		return fmt.Sprintf(`{"name": %q, "version": %q, "description": "Amounts"}`, name, version)
	}
	content := func(name, version string) []byte {
		return formattest.Zip(formattest.Entry{Name: "composer.json", Text: manifest(name, version)}, formattest.Entry{Name: "src/Money.php", Text: "<?php // " + version + "\n"})
	}
	file := func(name, version string) string { return strings.ReplaceAll(name, "/", "-") + "-" + version + ".zip" }
	return formattest.Sample{
		Name: "acme/money",
		Put: func(name, version string) formattest.Request {
			return formattest.Request{Method: http.MethodPut, Path: "?version=" + url.QueryEscape(version), Body: content(name, version)}
		},
		Rest: func(name, version string) formattest.Request {
			return formattest.Request{Method: http.MethodPut, Path: "composer/" + version, Body: content(name, version)}
		},
		Bytes: content,
		File: func(name, version string) string {
			return "dists/" + name + "/" + version + "/" + file(name, version)
		},
		RestFile: func(name, version string) string { return "composer/" + name + "/" + version },
		Fill: func(r formattest.Request, n int) formattest.Request {
			r.Body = formattest.Zip(formattest.Entry{Name: "composer.json", Text: manifest("acme/money", "1.0.0")}, formattest.Entry{Name: "noise.bin", Text: formattest.Noise(n)})
			return r
		},
		Documents: func(name, _ string) []string {
			return []string{"packages.json", "p2/" + name + ".json", "p2/" + name + "~dev.json"}
		},
		Lists: func(string, string) []string {
			return []string{"packages/list.json", "search.json?q=money"}
		},
		Readers: []string{"notify", "askAdvisories"},
		Bodies: func(name string) map[string][]byte {
			bad := formattest.HostileZips("composer.json", manifest(name, "1.0.0"))
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
				bad[what] = formattest.Zip(formattest.Entry{Name: "composer.json", Text: text})
			}
			return bad
		},
		Spellings: []string{"ACME/Money"},
		Stored: formattest.Stored{
			File:  "acme-money-1.0.0.zip",
			Known: func(string) map[string]string { return map[string]string{"vendor": "acme", "package": "money"} },
		},
	}
}
