package contract

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// maven: a path says what a file is, and a pom agrees with it.
func maven() sample {
	split := func(name string) (group, artifact string) {
		group, artifact, ok := strings.Cut(name, ":")
		if !ok {
			return "org.example", name
		}
		return group, artifact
	}
	content := func(name, version string) []byte {
		group, artifact := split(name)
		return fmt.Appendf(nil, "<project><groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version><description>Amounts</description></project>",
			group, artifact, version)
	}
	folder := func(name string) string {
		group, artifact := split(name)
		return strings.ReplaceAll(group, ".", "/") + "/" + url.PathEscape(artifact)
	}
	file := func(name, version string) string {
		_, artifact := split(name)
		return folder(name) + "/" + version + "/" + url.PathEscape(artifact) + "-" + version + ".pom"
	}
	return sample{
		name: "org.example:money",
		put: func(name, version string) request {
			return request{method: http.MethodPut, path: file(name, version), body: content(name, version)}
		},
		rest: func(name, version string) request {
			group, artifact := split(name)
			path := fmt.Sprintf("maven/%s/%s/%s/%s-%s.pom", group, artifact, version, artifact, version)
			return request{method: http.MethodPut, path: path, body: content(name, version)}
		},
		bytes:    content,
		file:     file,
		restFile: func(_, version string) string { return "maven/{packageUuid}/" + version + "/{fileUuid}/download" },
		fill: func(r request, n int) request {
			r.body = append(bytes.Clone(r.body), "<!--"+strings.Repeat("x", n)+"-->"...)
			return r
		},
		documents: func(name, _ string) []string {
			return []string{folder(name) + "/maven-metadata.xml", folder(name) + "/maven-metadata.xml.sha1", "archetype-catalog.xml"}
		},
		lists: func(name, version string) []string {
			return []string{"solrsearch/select?q=money", file(name, version) + ".sha256"}
		},
		bodies: func(name string) map[string][]byte {
			right := string(content(name, v1))
			in := func(more string) []byte { return []byte(strings.Replace(right, "</project>", more+"</project>", 1)) }
			return map[string][]byte{
				"nothing":             {},
				"noise":               []byte(noise(4096)),
				"no XML":              []byte("just text"),
				"a page":              []byte("<!doctype html><script>alert(1)</script>"),
				"half a pom":          []byte(right[:len(right)/2]),
				"two poms":            []byte(right + right),
				"another group":       []byte(strings.ReplaceAll(right, "org.example", "org.evil")),
				"another artifact":    []byte(strings.ReplaceAll(right, "money", "evil")),
				"another version":     []byte(strings.ReplaceAll(right, v1, "6.6.6")),
				"the version twice":   in("<version>6.6.6</version>"),
				"a DTD":               []byte(`<!DOCTYPE project [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;">]>` + right),
				"an outside entity":   []byte(`<!DOCTYPE project [<!ENTITY a SYSTEM "file:///etc/passwd">]>` + right),
				"deep":                in(strings.Repeat("<a>", 100_000) + strings.Repeat("</a>", 100_000)),
				"too many elements":   in(strings.Repeat("<a/>", 220_000)),
				"an unknown encoding": []byte(`<?xml version="1.0" encoding="klingon"?>` + right),
			}
		},
		idempotent: true,
	}
}
