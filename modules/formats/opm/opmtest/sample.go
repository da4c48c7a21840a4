// Package opmtest has the sample of OneScript packages for the suites that every
// format must pass.
package opmtest

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"

	"ingot.dev/modules/format/formattest"
)

// Manifest gives an opm-metadata.xml, with more elements in it.
func Manifest(name, version, more string) string {
	var n strings.Builder
	formattest.Must(xml.EscapeText(&n, []byte(name)))
	return `<?xml version="1.0" encoding="utf-8"?><opm-metadata xmlns="http://oscript.io/schemas/opm-metadata/1.0"><name>` +
		n.String() + "</name><version>" + version + "</version>" + more + "</opm-metadata>"
}

// Package gives a package with some files.
func Package(name, version string, files ...formattest.Entry) []byte {
	files = append([]formattest.Entry{{Name: "lib.config", Text: "<package-def/>"}, {Name: "src/Деньги.os", Text: "// of version " + version + "\n"}}, files...)
	return formattest.Zip(
		formattest.Entry{Name: "opm-metadata.xml", Text: Manifest(name, version, "<description>Amounts</description>")},
		formattest.Entry{Name: "content.zip", Text: string(formattest.Zip(files...))},
	)
}

// Sample is a package with a Cyrillic name, as opm pushes it.
func Sample() formattest.Sample {
	const name = "Деньги-acme"
	file := func(name, version string) string { return url.PathEscape(name + "-" + version + ".ospx") }
	return formattest.Sample{
		Name: name,
		Put: func(name, version string) formattest.Request {
			return formattest.Request{
				Method: http.MethodPost, Path: "push", Body: Package(name, version),
				Header: []string{"FILE-NAME", file(name, version), "CHANNEL", "stable"},
			}
		},
		Rest: func(name, version string) formattest.Request {
			return formattest.Request{Method: http.MethodPut, Path: "opm/" + file(name, version), Body: Package(name, version)}
		},
		Bytes: func(name, version string) []byte { return Package(name, version) },
		File:  func(name, version string) string { return url.PathEscape(name) + "/" + file(name, version) },
		RestFile: func(name, version string) string {
			return "opm/" + url.PathEscape(name) + "/" + version + "/" + file(name, version)
		},
		Fill: func(r formattest.Request, n int) formattest.Request {
			r.Body = Package(name, "1.0.0", formattest.Entry{Name: "noise.bin", Text: formattest.Noise(n)})
			return r
		},
		Documents: func(string, string) []string { return []string{"list.txt", "api/packages"} },
		Lists: func(name, _ string) []string {
			return []string{url.PathEscape(name) + "/" + url.PathEscape(name) + ".ospx", "dev-channel/list.txt"}
		},
		Bodies:    bodies,
		Spellings: []string{"деньги-ACME", "ДЕНЬГИ-acme"},
		Stored: formattest.Stored{
			File:  name + "-1.0.0.ospx",
			Known: func(string) map[string]string { return map[string]string{"stem": name + "-1.0.0"} },
		},
	}
}

// bodies are some that must be refused.
func bodies(name string) map[string][]byte {
	content := string(formattest.Zip(formattest.Entry{Name: "lib.config", Text: "<package-def/>"}))
	with := func(manifest, content string) []byte {
		return formattest.Zip(formattest.Entry{Name: "opm-metadata.xml", Text: manifest}, formattest.Entry{Name: "content.zip", Text: content})
	}
	right := Manifest(name, "1.0.0", "")
	bad := formattest.HostileZips("opm-metadata.xml", right)
	for what, inner := range formattest.HostileZips("lib.config", "<package-def/>") {
		if what != "no manifest" {
			bad["inside: "+what] = with(right, string(inner))
		}
	}
	for what, text := range map[string]string{
		"no XML":              "{}",
		"another root":        "<package/>",
		"another namespace":   strings.ReplaceAll(right, "oscript.io", "example.com"),
		"no namespace":        "<opm-metadata><name>x</name><version>1.0</version></opm-metadata>",
		"two names":           Manifest(name, "1.0.0", "<name>other</name>"),
		"two versions":        Manifest(name, "1.0.0", "<version>2.0.0</version>"),
		"no version":          Manifest(name, "", ""),
		"another version":     Manifest(name, "6.6.6", ""),
		"another name":        Manifest("other", "1.0.0", ""),
		"a strange version":   Manifest(name, "latest", ""),
		"a name with a climb": Manifest("../x", "1.0.0", ""),
		"an entity":           `<!DOCTYPE x [<!ENTITY a "b">]>` + right,
		"deep":                Manifest(name, "1.0.0", strings.Repeat("<a>", 9000)+strings.Repeat("</a>", 9000)),
		"long":                Manifest(name, "1.0.0", "<description>"+strings.Repeat("x", 300<<10)+"</description>"),
		"a bad dependency":    Manifest(name, "1.0.0", `<depends-on name="../x"/>`),
	} {
		bad[what] = with(text, content)
	}
	bad["no content"] = formattest.Zip(formattest.Entry{Name: "opm-metadata.xml", Text: right})
	return bad
}
