package pages

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// entry is a file of an archive.
type entry struct{ name, text string }

// wheel makes a wheel of a Python project.
func wheel(t *testing.T, name, version string) string {
	t.Helper()
	info := name + "-" + version + ".dist-info/"
	entries := []entry{
		{name + ".py", "# " + version + "\n"},
		{info + "METADATA", "Metadata-Version: 2.4\nName: " + name + "\nVersion: " + version +
			"\nSummary: Double-entry bookkeeping for services\nLicense-Expression: MIT\nRequires-Python: >=3.10\nRequires-Dist: httpx>=0.27\n" +
			"Keywords: ledger,accounts\nProject-URL: Source, https://example.com/ledger\nDescription-Content-Type: text/markdown\n\n# Ledger\n\nTwo entries for each amount.\n"},
		{info + "WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n"},
	}
	var record strings.Builder
	for _, e := range entries {
		sum := sha256.Sum256([]byte(e.text))
		fmt.Fprintf(&record, "%s,sha256=%s,%d\n", e.name, base64.RawURLEncoding.EncodeToString(sum[:]), len(e.text))
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range append(entries, entry{info + "RECORD", record.String() + info + "RECORD,,\n"}) {
		w, err := z.Create(e.name)
		if err == nil {
			_, err = io.WriteString(w, e.text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// tarball makes a package of npm.
func tarball(t *testing.T, name, version string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, e := range []entry{
		{"package/package.json", fmt.Sprintf(`{"name": %q, "version": %q, "description": "Accessible form controls", "license": "MIT",
			"keywords": ["forms", "a11y"], "dependencies": {"lit": "^3.2.0"}, "engines": {"node": ">=20"}}`, name, version)},
		{"package/README.md", "# Forms\n\nControls that everybody can use.\n"},
	} {
		err := w.WriteHeader(&tar.Header{Name: e.name, Mode: 0o644, Size: int64(len(e.text)), Typeflag: tar.TypeReg})
		if err == nil {
			_, err = io.WriteString(w, e.text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const pom = `<project><modelVersion>4.0.0</modelVersion><groupId>com.example.settlement</groupId><artifactId>settlement-engine</artifactId>
<version>3.1.0</version><name>Settlement engine</name><description>Settles accounts</description>
<dependencies><dependency><groupId>org.slf4j</groupId><artifactId>slf4j-api</artifactId><version>2.0.16</version></dependency></dependencies></project>`

const indexType, manifestType = "application/vnd.oci.image.index.v1+json", "application/vnd.oci.image.manifest.v1+json"

// descriptor points at bytes, as images do.
type descriptor struct {
	MediaType string            `json:"mediaType"`
	Digest    string            `json:"digest"`
	Size      int               `json:"size"`
	Platform  map[string]string `json:"platform,omitempty"`
}

func describe(mediaType, content string) descriptor {
	return descriptor{MediaType: mediaType, Digest: fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(content))), Size: len(content)}
}

// pushImage brings an image for one platform and gives its descriptor.
func (h *house) pushImage(t *testing.T, at, architecture, release string) descriptor {
	t.Helper()
	write := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	type history struct {
		CreatedBy string `json:"created_by"`
		Empty     bool   `json:"empty_layer,omitempty"`
	}
	layers := []string{"the base of " + architecture, strings.Repeat("the program of "+release, 4000)}
	config := write(map[string]any{
		"os": "linux", "architecture": architecture, "created": "2026-11-20T10:00:00Z",
		"config": map[string]any{"Labels": map[string]string{
			"org.opencontainers.image.source": "https://example.com/platform/gateway", "org.opencontainers.image.licenses": "Apache-2.0",
			"org.opencontainers.image.description": "Edge gateway", "com.example.build": strings.Repeat("a-long-value-without-any-space-", 6),
		}},
		"rootfs": map[string]any{"type": "layers", "diff_ids": []string{describe("", layers[0]).Digest, describe("", layers[1]).Digest}},
		"history": []history{
			{CreatedBy: "/bin/sh -c #(nop) ADD file:5a9a1e9ea4f4d2ba1ee8f8a4f0e0d1c2b3a495867 in / "},
			{CreatedBy: `ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`, Empty: true},
			{CreatedBy: "RUN /bin/sh -c apt-get update && apt-get install --yes --no-install-recommends ca-certificates tzdata && rm -rf /var/lib/apt/lists/* && adduser --system --home /srv gateway # buildkit"},
			{CreatedBy: `ENTRYPOINT ["/usr/bin/gateway"]`, Empty: true},
		},
	})
	m := struct {
		SchemaVersion int               `json:"schemaVersion"`
		MediaType     string            `json:"mediaType"`
		Config        descriptor        `json:"config"`
		Layers        []descriptor      `json:"layers"`
		Annotations   map[string]string `json:"annotations"`
	}{2, manifestType, describe("application/vnd.oci.image.config.v1+json", config), nil, map[string]string{"org.opencontainers.image.version": release}}
	for _, layer := range layers {
		m.Layers = append(m.Layers, describe("application/vnd.oci.image.layer.v1.tar+gzip", layer))
	}
	for _, content := range append(layers, config) {
		h.send(t, http.MethodPost, at+"/blobs/uploads/?digest="+describe("", content).Digest, content, "application/octet-stream")
	}
	text := write(m)
	d := describe(manifestType, text)
	d.Platform = map[string]string{"os": "linux", "architecture": architecture}
	h.send(t, http.MethodPut, at+"/manifests/"+d.Digest, text, manifestType)
	return d
}

// push brings a release of an image for two platforms, with tags.
func (h *house) push(t *testing.T, at, release string, tags ...string) {
	t.Helper()
	index, err := json.Marshal(map[string]any{
		"schemaVersion": 2, "mediaType": indexType,
		"manifests": []descriptor{h.pushImage(t, at, "amd64", release), h.pushImage(t, at, "arm64", release)},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tag := range tags {
		h.send(t, http.MethodPut, at+"/manifests/"+tag, string(index), indexType)
	}
}
