package integrations

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"ingot.dev/modules/format/formattest"
	"ingot.dev/modules/formats/all/alltest"
	"ingot.dev/modules/formats/maven/maventest"
	"ingot.dev/modules/formats/npm/npmtest"
	"ingot.dev/modules/formats/pypi/pypitest"
)

// message is a request or, with a status, the answer to one.
type message struct {
	method, path string
	header       http.Header
	body         []byte
	status       int
}

func (m message) String() string {
	return fmt.Sprintf("%s %s: %d %.300q", m.method, m.path, m.status, m.body)
}

// send sends a request with a token.
func (s *server) send(t *testing.T, token string, m message) (answer message) {
	t.Helper()
	answer = message{method: m.method, path: m.path}
	r, err := http.NewRequestWithContext(t.Context(), m.method, s.root+m.path, bytes.NewReader(m.body))
	if err != nil {
		t.Error(err)
		return answer
	}
	if m.header != nil {
		r.Header = m.header.Clone()
	}
	r.Header.Set("Authorization", "Bearer "+token)
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Error(err)
		return answer
	}
	defer reply.Body.Close()
	if answer.body, err = io.ReadAll(reply.Body); err != nil {
		t.Error(err)
	}
	answer.status, answer.header = reply.StatusCode, reply.Header
	return answer
}

// get reads what has to be there.
func (s *server) get(t *testing.T, token, path string) []byte {
	t.Helper()
	got := s.send(t, token, message{method: http.MethodGet, path: path})
	if got.status != http.StatusOK {
		t.Errorf("%s", got)
	}
	return got.body
}

// The registry that the tests below publish into.
const (
	native = "/user/ann/package/-/"
	images = "/v2/user/ann/"
)

// npmPublish is what npm publish sends.
func npmPublish(name, version string) message {
	manifest := fmt.Sprintf(`{"name":%q,"version":%q}`, name, version)
	return message{
		method: http.MethodPut, path: native + "npm/" + name, header: http.Header{"Content-Type": {"application/json"}},
		body: npmtest.Publication(name, version, manifest, formattest.Tarball(formattest.Entry{Name: "package/package.json", Text: manifest})),
	}
}

// npmTag is what npm dist-tag add sends.
func npmTag(name, tag, version string) message {
	return message{method: http.MethodPut, path: native + "npm/-/package/" + name + "/dist-tags/" + tag, body: fmt.Appendf(nil, "%q", version)}
}

// twine is what twine sends for a wheel; text is in it.
func twine(name, version, platform, text string) message {
	file := fmt.Sprintf("%s-%s-py3-none-%s.whl", name, version, platform)
	body, kind := pypitest.Form(name, version, file, pypitest.Wheel(name, version, formattest.Entry{Name: name + ".py", Text: text}))
	return message{method: http.MethodPost, path: native + "pypi/legacy/", header: http.Header{"Content-Type": {kind}}, body: body}
}

// deploy is a file as mvn deploy sends it.
func deploy(version, file string, body []byte) message {
	return message{method: http.MethodPut, path: native + "maven/org/acme/money/" + version + "/" + file, body: body}
}

func digest(b []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(b)) }

// putBlob is a blob in one request.
func putBlob(image string, b []byte) message {
	return message{method: http.MethodPost, path: images + image + "/blobs/uploads/?digest=" + digest(b), body: b}
}

// imageOf is the manifest of an image of one layer, with an empty config.
func imageOf(layer []byte) []byte {
	const kind = "application/vnd.oci.image."
	b, err := json.Marshal(map[string]any{
		"schemaVersion": 2, "mediaType": kind + "manifest.v1+json",
		"config": map[string]any{"mediaType": kind + "config.v1+json", "digest": digest([]byte("{}")), "size": 2},
		"layers": []any{map[string]any{"mediaType": kind + "layer.v1.tar", "digest": digest(layer), "size": len(layer)}},
	})
	if err != nil {
		panic(err) // of plain values
	}
	return b
}

// putManifest pushes a manifest.
func putManifest(image, reference string, manifest []byte) message {
	return message{
		method: http.MethodPut, path: images + image + "/manifests/" + reference, body: manifest,
		header: http.Header{"Content-Type": {"application/vnd.oci.image.manifest.v1+json"}},
	}
}

// inParts pushes a blob in parts.
func (s *server) inParts(t *testing.T, token, image string, parts ...[]byte) {
	t.Helper()
	at := s.begin(t, token, image)
	for _, part := range parts {
		got := s.send(t, token, message{method: http.MethodPatch, path: at, body: part})
		if got.status != http.StatusAccepted {
			t.Fatalf("%s", got)
		}
		at = local(got)
	}
	all := bytes.Join(parts, nil)
	if got := s.send(t, token, message{method: http.MethodPut, path: at + "?digest=" + digest(all)}); got.status != http.StatusCreated {
		t.Fatalf("%s", got)
	}
	if got := s.get(t, token, images+image+"/blobs/"+digest(all)); !bytes.Equal(got, all) {
		t.Error("other bytes come back than were pushed")
	}
}

// begin opens an upload and gives its address.
func (s *server) begin(t *testing.T, token, image string) string {
	t.Helper()
	got := s.send(t, token, message{method: http.MethodPost, path: images + image + "/blobs/uploads/"})
	if got.status != http.StatusAccepted {
		t.Fatalf("%s", got)
	}
	return local(got)
}

// local gives the address that an answer leads to, without the server's.
func local(m message) string {
	location := m.header.Get("Location")
	if _, rest, absolute := strings.Cut(location, "://"); absolute {
		_, location, _ = strings.Cut(rest, "/")
		return "/" + location
	}
	return location
}

// publishAll publishes packages of each format, as their clients do, and reads
// what that makes.
func (s *server) publishAll(t *testing.T, token string) {
	t.Helper()
	for id, sample := range alltest.Samples() {
		at := func(path string) string {
			if path == "" || path[0] == '?' {
				return native + id + path
			}
			return native + id + "/" + path
		}
		paths := []string{sample.File(sample.Name, "1.0.0"), sample.File(sample.Name, "2.0.0")}
		for _, version := range []string{"1.0.0", "2.0.0"} {
			r := sample.Put(sample.Name, version)
			m := message{method: r.Method, path: at(r.Path), body: r.Body, header: http.Header{}}
			for i := 0; i < len(r.Header); i += 2 {
				m.header.Set(r.Header[i], r.Header[i+1])
			}
			if got := s.send(t, token, m); got.status/100 != 2 {
				t.Errorf("%s", got)
			}
		}
		for _, more := range []func(name, version string) []string{sample.Documents, sample.Lists} {
			if more != nil {
				paths = append(paths, more(sample.Name, "2.0.0")...)
			}
		}
		for _, path := range paths {
			s.get(t, token, at(path))
		}
		if got := s.get(t, token, at(paths[0])); !bytes.Equal(got, sample.Bytes(sample.Name, "1.0.0")) {
			t.Errorf("%s: %s comes back as %.300q", id, paths[0], got)
		}
	}
	// And what takes more than one request.
	layer := content(0, 0)
	s.inParts(t, token, "app", layer[:1000], layer[1000:5000], layer[5000:])
	for _, m := range []message{
		putBlob("app", []byte("{}")), putManifest("app", "latest", imageOf(layer)), putManifest("app", "1.0", imageOf(layer)),
		npmPublish("money", "1.0.0"), npmPublish("money", "1.1.0"), npmTag("money", "old", "1.0.0"),
		deploy("1.1-SNAPSHOT", "money-1.1-20260102.030405-1.pom", []byte(maventest.Pom("org.acme", "money", "1.1-SNAPSHOT", ""))),
	} {
		if got := s.send(t, token, m); got.status/100 != 2 {
			t.Errorf("%s", got)
		}
	}
	for path, want := range map[string]string{
		images + "app/manifests/1.0": digest(layer), images + "app/tags/list": `["1.0","latest"]`, "/v2/_catalog": `"user/ann/app"`,
		native + "npm/money": `"old":"1.0.0"`, native + "npm/-/v1/search?text=money": `"1.1.0"`,
		native + "maven/org/acme/money/1.1-SNAPSHOT/maven-metadata.xml": "20260102.030405-1",
		"/registry/user/ann/package?size=100":                           `"acme/money"`,
	} {
		if got := s.get(t, token, path); !strings.Contains(string(got), want) {
			t.Errorf("%s has no %s: %s", path, want, got)
		}
	}
}
