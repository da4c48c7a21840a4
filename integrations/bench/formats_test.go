package bench

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// send has the house that is being filled answer a request as a client makes
// it: the formats fill themselves.
func (h *house) send(method, path, contentType string, body []byte) error {
	r := httptest.NewRequest(method, path, bytes.NewReader(body))
	r.Header.Set("Authorization", "token "+h.token)
	r.Header.Set("Content-Type", contentType)
	w := httptest.NewRecorder()
	h.app.Handler().ServeHTTP(w, r)
	if w.Code/100 != 2 {
		return fmt.Errorf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	return nil
}

// fill sends n requests, many at a time.
func (h *house) fill(n int, send func(i int) error) {
	h.b.Helper()
	if err := inParallel(16, n, send); err != nil {
		h.b.Fatal(err)
	}
}

// numbered gives the i-th of many versions.
func numbered(i int) string { return fmt.Sprintf("%d.%d.%d", 1+i/100, i/10%10, i%10) }

// tarball makes a gzipped tar of one file.
func tarball(name string, content []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	w := tar.NewWriter(z)
	for _, err := range []error{
		w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(content)), Format: tar.FormatUSTAR}),
		func() error { _, err := w.Write(content); return err }(), w.Close(), z.Close(),
	} {
		if err != nil {
			panic(err) // it is written to memory
		}
	}
	return out.Bytes()
}

// npmPackage makes what npm sends to publish a version.
func npmPackage(name, version string) []byte {
	manifest := map[string]any{
		"name": name, "version": version, "description": "A package of the bench", "license": "MIT", "main": "index.js",
		"repository": map[string]string{"type": "git", "url": "git+https://example.com/acme/" + name + ".git"},
		"keywords":   []string{"bench", "acme"}, "scripts": map[string]string{"test": "node test.js"},
		"dependencies":    map[string]string{"left": "^1.0.0", "right": "^" + version, "middle": "~2.1.0"},
		"devDependencies": map[string]string{"tester": "^9.1.0"}, "engines": map[string]string{"node": ">=18"},
	}
	file, err := json.Marshal(manifest)
	if err != nil {
		panic(err)
	}
	tgz := tarball("package/package.json", file)
	sum := sha512.Sum512(tgz)
	manifest["_id"] = name + "@" + version
	manifest["dist"] = map[string]string{"integrity": "sha512-" + base64.StdEncoding.EncodeToString(sum[:])}
	body, err := json.Marshal(map[string]any{
		"_id": name, "name": name, "dist-tags": map[string]string{"latest": version},
		"versions": map[string]any{version: manifest},
		"_attachments": map[string]any{name + "-" + version + ".tgz": map[string]any{
			"content_type": "application/octet-stream", "data": base64.StdEncoding.EncodeToString(tgz), "length": len(tgz),
		}},
	})
	if err != nil {
		panic(err)
	}
	return body
}

// pythonPackage makes what twine sends to upload a source distribution.
func pythonPackage(name, version string) (contentType string, body []byte) {
	info := fmt.Sprintf("Metadata-Version: 2.1\nName: %s\nVersion: %s\nSummary: A package of the bench\nRequires-Python: >=3.8\n\n", name, version)
	file := tarball(name+"-"+version+"/PKG-INFO", []byte(info))
	sum := sha256.Sum256(file)
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	for _, f := range [][2]string{
		{":action", "file_upload"},
		{"protocol_version", "1"},
		{"metadata_version", "2.1"},
		{"name", name},
		{"version", version},
		{"filetype", "sdist"},
		{"pyversion", "source"},
		{"sha256_digest", hex.EncodeToString(sum[:])},
		{"requires_python", ">=3.8"},
	} {
		if err := w.WriteField(f[0], f[1]); err != nil {
			panic(err)
		}
	}
	part, err := w.CreateFormFile("content", name+"-"+version+".tar.gz")
	if err == nil {
		_, err = part.Write(file)
	}
	if err != nil || w.Close() != nil {
		panic(err)
	}
	return w.FormDataContentType(), out.Bytes()
}

// pom makes the description of a version of a Maven artifact.
func pom(version string) []byte {
	return fmt.Appendf(nil, `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>`+
		`<groupId>com.acme</groupId><artifactId>many</artifactId><version>%s</version><packaging>pom</packaging></project>`, version)
}

// indexes holds the indexes of packages with many versions against the same
// bytes from bare gin.
func indexes(b *testing.B, t *table) {
	some, many := 1000, 5000
	if *quick {
		some, many = 200, 1000
	}
	const npm, pypi, maven = "/user/ann/package/-/npm/", "/user/ann/package/-/pypi/", "/user/ann/package/-/maven/"
	h := build(b, func(h *house) {
		for name, n := range map[string]int{"some": some, "many": many} {
			h.fill(n, func(i int) error {
				return h.send(http.MethodPut, npm+name, "application/json", npmPackage(name, numbered(i)))
			})
		}
		h.fill(some, func(i int) error {
			contentType, body := pythonPackage("some", numbered(i))
			return h.send(http.MethodPost, pypi, contentType, body)
		})
		h.fill(some, func(i int) error {
			v := numbered(i)
			return h.send(http.MethodPut, maven+"com/acme/many/"+v+"/many-"+v+".pom", "text/xml", pom(v))
		})
	})
	const gz, brief = "Accept-Encoding: gzip", "Accept: application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8"
	for _, d := range []struct {
		name, path, accept string
	}{
		{fmt.Sprintf("npm packument, %d versions", some), npm + "some", brief},
		{fmt.Sprintf("npm packument, %d versions", many), npm + "many", brief},
		{fmt.Sprintf("PyPI simple page, %d files", some), pypi + "simple/some/", "Accept: application/vnd.pypi.simple.v1+json"},
		{fmt.Sprintf("maven-metadata.xml, %d versions", some), maven + "com/acme/many/maven-metadata.xml", "Accept: */*"},
	} {
		document := h.get(d.path, http.StatusOK, gz, d.accept)
		content := document.once(b)
		reference := get(bareServer(b, map[string][]byte{"index.gz": content}), "/bytes/index.gz", http.StatusOK, gz)
		if !bytes.Equal(reference.once(b), content) {
			b.Fatal("the two sides write different bytes")
		}
		versus(b, connections, document, reference).ratio(b, t, fmt.Sprintf("%s, %d KiB of gzip", d.name, len(content)>>10), "bare gin", atLeast(0.5))
	}
}

// firstBuild compares what the first request after a publication costs at few
// and at many versions. Twice as many may take twice as long, and no more.
func firstBuild(b *testing.B, t *table) {
	few, many := 100, 5000
	if *quick {
		many = 1000
	}
	const npm = "/user/ann/package/-/npm/"
	h := build(b, func(h *house) {
		for name, n := range map[string]int{"few": few, "many": many} {
			h.fill(n, func(i int) error {
				return h.send(http.MethodPut, npm+name, "application/json", npmPackage(name, numbered(i)))
			})
		}
	})
	took := map[string][]float64{}
	for i := range rounds() {
		for name, n := range map[string]int{"few": few, "many": many} {
			h.ask(http.MethodPut, npm+name, "application/json", npmPackage(name, numbered(n+i)), http.StatusOK, http.StatusCreated)
			document := h.get(npm+name, http.StatusOK, "Accept-Encoding: gzip")
			start := time.Now()
			document.once(b)
			took[name] = append(took[name], time.Since(start).Seconds())
		}
	}
	one, all := median(took["few"])/float64(few), median(took["many"])/float64(many)
	t.ratio(b, fmt.Sprintf("first packument after a publish, per version at %d", many), fmt.Sprintf("%.1f µs", all*1e6),
		fmt.Sprintf("at %d %.1f µs", few, one*1e6), all/one, atMost(1.5))
}

// workspace publishes 200 npm packages one after another.
func workspace(b *testing.B, t *table) {
	const packages = 200
	h := build(b, nil)
	var took []time.Duration
	for i := range packages {
		name := fmt.Sprintf("part-%d", i)
		body := npmPackage(name, "1.0.0")
		start := time.Now()
		h.ask(http.MethodPut, "/user/ann/package/-/npm/"+name, "application/json", body, http.StatusOK, http.StatusCreated)
		took = append(took, time.Since(start))
	}
	p50, worst := median(took), quantile(took, 1)
	t.plain(fmt.Sprintf("npm workspace of %d packages, each", packages), "median "+short(p50), "worst "+short(worst), "< 50ms", worst < 50*time.Millisecond)
}

// ask sends one request to the server and gives its reply, whose status is one
// of those wanted.
func (h *house) ask(method, path, contentType string, body []byte, statuses ...int) *http.Response {
	h.b.Helper()
	r, err := http.NewRequest(method, "http://"+h.addr+path, bytes.NewReader(body))
	if err != nil {
		h.b.Fatal(err)
	}
	r.Header.Set("Authorization", "token "+h.token)
	r.Header.Set("Content-Type", contentType)
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		h.b.Fatal(err)
	}
	defer reply.Body.Close()
	said, _ := io.ReadAll(reply.Body)
	for _, s := range statuses {
		if reply.StatusCode == s {
			return reply
		}
	}
	h.b.Fatalf("%s %s: %s %s", method, path, reply.Status, said)
	return nil
}
