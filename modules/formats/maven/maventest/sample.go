// Package maventest is what Maven tells the suites of all formats.
package maventest

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"ingot.dev/modules/format/formattest"
)

// Pom describes a version of an artifact; more are elements besides.
func Pom(group, artifact, version, more string) string {
	return "<project><modelVersion>4.0.0</modelVersion><groupId>" + group + "</groupId><artifactId>" + artifact +
		"</artifactId><version>" + version + "</version>" + more + "</project>"
}

// Sample publishes a pom, which agrees with the path that says what a file is.
func Sample() formattest.Sample {
	split := func(name string) (group, artifact string) {
		group, artifact, ok := strings.Cut(name, ":")
		if !ok {
			return "org.example", name
		}
		return group, artifact
	}
	content := func(name, version string) []byte {
		group, artifact := split(name)
		return []byte(Pom(group, artifact, version, "<description>Amounts</description>"))
	}
	folder := func(name string) string {
		group, artifact := split(name)
		return strings.ReplaceAll(group, ".", "/") + "/" + url.PathEscape(artifact)
	}
	file := func(name, version string) string {
		_, artifact := split(name)
		return folder(name) + "/" + version + "/" + url.PathEscape(artifact) + "-" + version + ".pom"
	}
	return formattest.Sample{
		Name: "org.example:money",
		Put: func(name, version string) formattest.Request {
			return formattest.Request{Method: http.MethodPut, Path: file(name, version), Body: content(name, version)}
		},
		Rest: func(name, version string) formattest.Request {
			group, artifact := split(name)
			path := fmt.Sprintf("maven/%s/%s/%s/%s-%s.pom", group, artifact, version, artifact, version)
			return formattest.Request{Method: http.MethodPut, Path: path, Body: content(name, version)}
		},
		Bytes:    content,
		File:     file,
		RestFile: func(_, version string) string { return "maven/{packageUuid}/" + version + "/{fileUuid}/download" },
		Fill: func(r formattest.Request, n int) formattest.Request {
			r.Body = append(bytes.Clone(r.Body), "<!--"+strings.Repeat("x", n)+"-->"...)
			return r
		},
		Documents: func(name, _ string) []string {
			return []string{folder(name) + "/maven-metadata.xml", folder(name) + "/maven-metadata.xml.sha1", "archetype-catalog.xml"}
		},
		Lists: func(name, version string) []string {
			return []string{"solrsearch/select?q=money", file(name, version) + ".sha256"}
		},
		Bodies: func(name string) map[string][]byte {
			right := string(content(name, "1.0.0"))
			in := func(more string) []byte { return []byte(strings.Replace(right, "</project>", more+"</project>", 1)) }
			return map[string][]byte{
				"nothing":             {},
				"noise":               []byte(formattest.Noise(4096)),
				"no XML":              []byte("just text"),
				"a page":              []byte("<!doctype html><script>alert(1)</script>"),
				"half a pom":          []byte(right[:len(right)/2]),
				"two poms":            []byte(right + right),
				"another group":       []byte(strings.ReplaceAll(right, "org.example", "org.evil")),
				"another artifact":    []byte(strings.ReplaceAll(right, "money", "evil")),
				"another version":     []byte(strings.ReplaceAll(right, "1.0.0", "6.6.6")),
				"the version twice":   in("<version>6.6.6</version>"),
				"a DTD":               []byte(`<!DOCTYPE project [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;">]>` + right),
				"an outside entity":   []byte(`<!DOCTYPE project [<!ENTITY a SYSTEM "file:///etc/passwd">]>` + right),
				"deep":                in(strings.Repeat("<a>", 100_000) + strings.Repeat("</a>", 100_000)),
				"too many elements":   in(strings.Repeat("<a/>", 220_000)),
				"an unknown encoding": []byte(`<?xml version="1.0" encoding="klingon"?>` + right),
			}
		},
		Idempotent: true,
		Stored: formattest.Stored{
			File: "money-1.0.0.pom",
			Known: func(string) map[string]string {
				return map[string]string{"group": "org.example", "artifact": "money", "path": "org/example/money/1.0.0/money-1.0.0.pom"}
			},
		},
	}
}
