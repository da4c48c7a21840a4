// Package npmtest is what npm tells the suites of all formats.
package npmtest

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"path"
	"strings"

	"ingot.dev/modules/format/formattest"
)

// Sample publishes a JSON document with the tarball in it, as npm publish does.
func Sample() formattest.Sample {
	const name = "@acme/money"
	manifest := func(name, version string) string {
		return fmt.Sprintf(`{"name":%s,"version":%s,"description":"Amounts"}`, formattest.Quote(name), formattest.Quote(version))
	}
	content := func(name, version string, more ...formattest.Entry) []byte {
		return formattest.Tarball(append([]formattest.Entry{
			{Name: "package/package.json", Text: manifest(name, version)}, {Name: "package/index.js", Text: "// " + version + "\n"},
		}, more...)...)
	}
	escaped := func(name string) string { return strings.Replace(url.PathEscape(name), "@", "%40", 1) }
	file := func(name, version string) string { return name + "/-/" + path.Base(name) + "-" + version + ".tgz" }
	restFile := func(name, version string) string {
		scope, bare, scoped := strings.Cut(name, "/")
		if !scoped {
			return "npm/" + url.PathEscape(name) + "/" + url.PathEscape(version) + "/" + url.PathEscape(name) + "-" + version + ".tgz"
		}
		return "npm/" + bare + "/" + strings.TrimPrefix(scope, "@") + "/" + version + "/" + bare + "-" + version + ".tgz"
	}
	return formattest.Sample{
		Name: name,
		Put: func(name, version string) formattest.Request {
			return formattest.Request{
				Method: http.MethodPut, Path: escaped(name), Body: Publication(name, version, manifest(name, version), content(name, version)),
				Header: []string{"Content-Type", "application/json"},
			}
		},
		Rest: func(name, version string) formattest.Request {
			return formattest.Request{Method: http.MethodPut, Path: restFile(name, version), Body: content(name, version)}
		},
		Bytes:    func(name, version string) []byte { return content(name, version) },
		File:     file,
		RestFile: restFile,
		Fill: func(r formattest.Request, n int) formattest.Request {
			large := content(name, "1.0.0", formattest.Entry{Name: "package/noise.bin", Text: formattest.Noise(n)})
			if bytes.HasPrefix(r.Body, []byte("{")) {
				large = Publication(name, "1.0.0", manifest(name, "1.0.0"), large)
			}
			r.Body = large
			return r
		},
		Taken:     http.StatusForbidden,
		Documents: func(name, _ string) []string { return []string{name, escaped(name)} },
		Lists: func(name, version string) []string {
			return []string{
				name + "/" + version, name + "/latest", "-/package/" + escaped(name) + "/dist-tags", "-/package/" + escaped(name) + "/visibility",
				"-/package/" + escaped(name) + "/collaborators", "-/v1/search?text=money", "-/v1/search?text=keywords:none", "-/npm/v1/keys", "-/user/ann/package",
			}
		},
		Readers:    []string{"advisories", "audit", "quickAudit"},
		Account:    []string{"ping", "whoami", "login", "user", "logout", "beginLogin", "endLogin", "profile", "listTokens", "makeToken", "endToken"},
		Publishers: []string{"removeTag", "removeTagScoped"},
		Bodies: func(name string) map[string][]byte {
			bad := formattest.HostileTarballs("package/package.json", manifest(name, "1.0.0"))
			for what, text := range map[string]string{
				"no JSON":               `{"name": "@acme/money"`,
				"an array":              `[]`,
				"no name":               `{"version": "1.0.0"}`,
				"deep":                  `{"name": "@acme/money", "version": "1.0.0", "x": ` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`,
				"a key twice":           `{"name": "@acme/money", "version": "1.0.0", "name": "other"}`,
				"a long manifest":       `{"name": "@acme/money", "version": "1.0.0", "description": "` + strings.Repeat("x", 2<<20) + `"}`,
				"another version":       `{"name": "@acme/money", "version": "6.6.6"}`,
				"another name":          `{"name": "other", "version": "1.0.0"}`,
				"an upper-case name":    `{"name": "@Acme/Money", "version": "1.0.0"}`,
				"a name with a climb":   `{"name": "../money", "version": "1.0.0"}`,
				"a name with a newline": `{"name": "@acme/money\n", "version": "1.0.0"}`,
				"a command outside":     `{"name": "@acme/money", "version": "1.0.0", "bin": {"x": "../../../bin/sh"}}`,
				"a list to depend on":   `{"name": "@acme/money", "version": "1.0.0", "dependencies": ["a"]}`,
			} {
				bad[what] = formattest.Tarball(formattest.Entry{Name: "package/package.json", Text: text})
			}
			for what, tarball := range maps.Clone(bad) {
				bad[what+", as npm sends it"] = Publication(name, "1.0.0", manifest(name, "1.0.0"), tarball)
			}
			// Incident 7 (CVE-2024-6595): a body that says other things than its tarball.
			for what, said := range map[string]string{
				"the body has another version":  `{"name":"@acme/money","version":"6.6.6"}`,
				"the body has another name":     `{"name":"other","version":"1.0.0"}`,
				"the body hides nothing needed": `{"name":"@acme/money","version":"1.0.0","dependencies":{"evil":"1"}}`,
				"the body has another sum":      `{"name":"@acme/money","version":"1.0.0","dist":{"shasum":"` + strings.Repeat("0", 40) + `"}}`,
				"the body has another sha512":   `{"name":"@acme/money","version":"1.0.0","dist":{"integrity":"sha512-AAAA"}}`,
			} {
				bad[what] = Publication(name, "1.0.0", said, content(name, "1.0.0"))
			}
			return bad
		},
		Spellings: []string{"@ACME/Money", "@acme/Money"},
		Stored: formattest.Stored{
			Names: []string{name, "money"}, File: "money-1.0.0.tgz",
			Known: func(string) map[string]string { return map[string]string{"scope": "acme", "name": "money"} },
		},
		Complaint: func(contentType string, body []byte) string {
			var e struct{ Error string }
			if err := json.Unmarshal(body, &e); err != nil || contentType != "application/json" || len(e.Error) < 5 {
				return "it is no object with an error"
			}
			return ""
		},
	}
}

// Publication is what npm publish sends: a version of a package, of which said
// is the manifest, with its tarball. Sums that said has no word of are the
// right ones.
func Publication(name, version, said string, tarball []byte) []byte {
	var m map[string]any
	formattest.Must(json.Unmarshal([]byte(said), &m))
	if m["dist"] == nil {
		long, short := sha512.Sum512(tarball), sha1.Sum(tarball)
		m["dist"] = map[string]string{
			"integrity": "sha512-" + base64.StdEncoding.EncodeToString(long[:]), "shasum": hex.EncodeToString(short[:]),
			"tarball": "http://elsewhere.example/" + name + "-" + version + ".tgz",
		}
	}
	b, err := json.Marshal(map[string]any{
		"_id": name, "name": name, "dist-tags": map[string]string{"latest": version}, "versions": map[string]any{version: m}, "access": nil,
		"_attachments": map[string]any{name + "-" + version + ".tgz": map[string]any{
			"content_type": "application/octet-stream", "data": base64.StdEncoding.EncodeToString(tarball), "length": len(tarball),
		}},
	})
	formattest.Must(err)
	return b
}
