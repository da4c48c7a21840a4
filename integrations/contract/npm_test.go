package contract

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
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
)

// npm: a JSON document with the tarball in it, as npm publish sends it.
func npm() sample {
	const name = "@acme/money"
	manifest := func(name, version string) string {
		return fmt.Sprintf(`{"name":%s,"version":%s,"description":"Amounts"}`, quoted(name), quoted(version))
	}
	content := func(name, version string, more ...entry) []byte {
		return tarred(append([]entry{{"package/package.json", manifest(name, version)}, {"package/index.js", "// " + version + "\n"}}, more...)...)
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
	return sample{
		name: name,
		put: func(name, version string) request {
			return request{
				method: http.MethodPut, path: escaped(name), body: published(name, version, manifest(name, version), content(name, version)),
				header: []string{"Content-Type", "application/json"},
			}
		},
		rest: func(name, version string) request {
			return request{method: http.MethodPut, path: restFile(name, version), body: content(name, version)}
		},
		bytes:    func(name, version string) []byte { return content(name, version) },
		file:     file,
		restFile: restFile,
		fill: func(r request, n int) request {
			large := content(name, v1, entry{"package/noise.bin", noise(n)})
			if bytes.HasPrefix(r.body, []byte("{")) {
				large = published(name, v1, manifest(name, v1), large)
			}
			r.body = large
			return r
		},
		taken:     http.StatusForbidden,
		documents: func(name, _ string) []string { return []string{name, escaped(name)} },
		lists: func(name, version string) []string {
			return []string{
				name + "/" + version, name + "/latest", "-/package/" + escaped(name) + "/dist-tags", "-/package/" + escaped(name) + "/visibility",
				"-/package/" + escaped(name) + "/collaborators", "-/v1/search?text=money", "-/v1/search?text=keywords:none", "-/npm/v1/keys", "-/user/ann/package",
			}
		},
		readers:    []string{"advisories", "audit", "quickAudit"},
		account:    []string{"ping", "whoami", "login", "user", "logout", "beginLogin", "endLogin", "profile", "listTokens", "makeToken", "endToken"},
		publishers: []string{"removeTag", "removeTagScoped"},
		bodies: func(name string) map[string][]byte {
			bad := tarballs("package/package.json", manifest(name, v1))
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
				bad[what] = tarred(entry{"package/package.json", text})
			}
			for what, tarball := range maps.Clone(bad) {
				bad[what+", as npm sends it"] = published(name, v1, manifest(name, v1), tarball)
			}
			// Incident 7 (CVE-2024-6595): a body that says other things than its tarball.
			for what, said := range map[string]string{
				"the body has another version":  `{"name":"@acme/money","version":"6.6.6"}`,
				"the body has another name":     `{"name":"other","version":"1.0.0"}`,
				"the body hides nothing needed": `{"name":"@acme/money","version":"1.0.0","dependencies":{"evil":"1"}}`,
				"the body has another sum":      `{"name":"@acme/money","version":"1.0.0","dist":{"shasum":"` + strings.Repeat("0", 40) + `"}}`,
				"the body has another sha512":   `{"name":"@acme/money","version":"1.0.0","dist":{"integrity":"sha512-AAAA"}}`,
			} {
				bad[what] = published(name, v1, said, content(name, v1))
			}
			return bad
		},
		spellings: []string{"@ACME/Money", "@acme/Money"},
		complaint: func(contentType string, body []byte) string {
			var e struct{ Error string }
			if err := json.Unmarshal(body, &e); err != nil || contentType != "application/json" || len(e.Error) < 5 {
				return "it is no object with an error"
			}
			return ""
		},
	}
}

func quoted(s string) string {
	b, err := json.Marshal(s)
	must(err)
	return string(b)
}

// published is what npm publish sends. Sums that said has no word of are the
// right ones.
func published(name, version, said string, tarball []byte) []byte {
	var m map[string]any
	must(json.Unmarshal([]byte(said), &m))
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
	must(err)
	return b
}

// tarred makes a gzipped tar archive, the same bytes every time.
func tarred(entries ...entry) []byte {
	headers := make([]tar.Header, len(entries))
	for i, e := range entries {
		headers[i] = tar.Header{Name: e.name, Mode: 0o644, Size: int64(len(e.text)), Typeflag: tar.TypeReg}
	}
	return packedTar(headers, entries)
}

func packedTar(headers []tar.Header, entries []entry) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for i := range headers {
		must(w.WriteHeader(&headers[i]))
		if headers[i].Typeflag == tar.TypeReg {
			_, err := w.Write([]byte(entries[i].text))
			must(err)
		}
	}
	must(w.Close())
	must(z.Close())
	return b.Bytes()
}

// tarballs gives archives that no format may take, each with a manifest that
// would be right.
func tarballs(name, text string) map[string][]byte {
	right := tarred(entry{name, text})
	top, _, _ := strings.Cut(name, "/")
	with := func(entries ...entry) []byte { return tarred(append([]entry{{name, text}}, entries...)...) }
	special := func(h tar.Header) []byte {
		h.Mode = 0o644
		return packedTar([]tar.Header{{Name: name, Mode: 0o644, Size: int64(len(text)), Typeflag: tar.TypeReg}, h}, []entry{{name, text}, {}})
	}
	return map[string][]byte{
		"nothing":               {},
		"a page":                []byte("<!doctype html><script>alert(1)</script>"),
		"noise":                 []byte(noise(4096)),
		"half a tarball":        right[:len(right)/2],
		"bytes behind it":       append(bytes.Clone(right), "GARBAGE"...),
		"two tarballs":          append(bytes.Clone(right), right...),
		"no manifest":           tarred(entry{top + "/readme.txt", "nothing here"}),
		"the manifest twice":    with(entry{name, strings.ReplaceAll(text, "money", "other")}),
		"two folders":           with(entry{"other/x", ""}),
		"a file beside":         with(entry{"x", ""}),
		"another case":          with(entry{strings.ToUpper(name), ""}),
		"a climb":               with(entry{top + "/../../evil.js", ""}),
		"an absolute name":      with(entry{"/etc/cron.d/evil", ""}),
		"a backslash":           with(entry{top + `/..\evil.js`, ""}),
		"a long name":           with(entry{top + "/" + strings.Repeat("a", 5000), ""}),
		"a deep name":           with(entry{top + "/" + strings.Repeat("a/", 400) + "b", ""}),
		"a bomb":                with(entry{top + "/zeros", strings.Repeat("\x00", 40<<20)}),
		"a link that leads out": special(tar.Header{Name: top + "/x", Typeflag: tar.TypeSymlink, Linkname: "../../../etc/passwd"}),
		"a link to the root":    special(tar.Header{Name: top + "/x", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}),
		"a hard link outside":   special(tar.Header{Name: top + "/x", Typeflag: tar.TypeLink, Linkname: "/etc/passwd"}),
		"a device":              special(tar.Header{Name: top + "/x", Typeflag: tar.TypeBlock}),
		"a pipe":                special(tar.Header{Name: top + "/x", Typeflag: tar.TypeFifo}),
	}
}
