package oci

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"ingot.dev/integrations/house"
)

// pulled checks a manifest under each of some references.
func (w *world) pulled(t *testing.T, repo string, b []byte, mediaType, digest string, references ...string) {
	t.Helper()
	for _, reference := range references {
		for _, accept := range []string{"", mediaType, "application/vnd.docker.distribution.manifest.v1+json"} {
			reply := w.get(t, repo+"/manifests/"+reference, "Accept", accept)
			h := reply.Header
			if reply.Status != 200 || !bytes.Equal(reply.Body, b) || h.Get("Content-Type") != mediaType || h.Get("Docker-Content-Digest") != digest || h.Get("Content-Length") != fmt.Sprint(len(b)) {
				t.Errorf("%s as %q: %s with %v", reference, accept, reply, h)
			}
		}
		head := w.Want(t, 200, w.call("HEAD", repo+"/manifests/"+reference, nil))
		if len(head.Body) > 0 || head.Header.Get("Content-Length") != fmt.Sprint(len(b)) || head.Header.Get("Docker-Content-Digest") != digest {
			t.Errorf("HEAD of %s: %v", reference, head.Header)
		}
	}
}

func TestManifests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	repo := project + "/team/web"
	m := w.image(t, repo, "a")
	b := m.bytes(t)
	digest := of256(b)
	reply := w.Want(t, 201, w.call("PUT", repo+"/manifests/latest", b, "Content-Type", manifestType+"; charset=utf-8"))
	if reply.Header.Get("Location") != repo+"/manifests/"+digest || reply.Header.Get("Docker-Content-Digest") != digest || reply.Header.Get("OCI-Subject") != "" {
		t.Errorf("it is answered with %v", reply.Header)
	}
	w.pulled(t, repo, b, manifestType, digest, "latest", digest)

	// The same again, by every name, is the same.
	w.put(t, repo, "latest", m)
	w.put(t, repo, "1.0", m)
	w.put(t, repo, digest, m)
	w.pulled(t, repo, b, manifestType, digest, "latest", "1.0", digest)

	// A tag moves; what it pointed at stays.
	other := w.put(t, repo, "latest", w.image(t, repo, "b"))
	w.pulled(t, repo, other, manifestType, of256(other), "latest", of256(other))
	w.pulled(t, repo, b, manifestType, digest, "1.0", digest)

	// Several tags at once, to what is there and to what is new.
	for _, m := range []manifest{m, w.image(t, repo, "c")} {
		b := m.bytes(t)
		reply = w.Want(t, 201, w.call("PUT", repo+"/manifests/"+of256(b)+"?tag=x&tag=y&tag=z.1", b, "Content-Type", manifestType))
		if got := reply.Header.Values("OCI-Tag"); !slices.Equal(got, []string{"x", "y", "z.1"}) {
			t.Errorf("the tags are %q", got)
		}
		w.pulled(t, repo, b, manifestType, of256(b), "x", "y", "z.1")
	}

	// sha512, of the manifest and of all it refers to.
	config, layer := []byte(`{"architecture": "arm64"}`), []byte("sha512")
	w.Want(t, 201, w.call("POST", repo+"/blobs/uploads/?digest="+of512(config), config))
	w.Want(t, 201, w.call("POST", repo+"/blobs/uploads/?digest="+of512(layer), layer))
	long := manifest{
		SchemaVersion: 2, MediaType: manifestType, Config: &descriptor{MediaType: configType, Digest: of512(config), Size: len(config)},
		Layers: []descriptor{{MediaType: layerType, Digest: of512(layer), Size: len(layer)}},
	}
	b = long.bytes(t)
	w.put(t, repo, of512(b)+"?tag=long", long)
	w.pulled(t, repo, b, manifestType, of512(b), "long", of512(b))

	// Docker's types, and no mediaType at all.
	docker := m
	docker.MediaType = "application/vnd.docker.distribution.manifest.v2+json"
	w.pulled(t, repo, w.put(t, repo, "docker", docker), docker.MediaType, of256(docker.bytes(t)), "docker")
	bare := m
	bare.MediaType = ""
	w.Want(t, 201, w.call("PUT", repo+"/manifests/bare", bare.bytes(t), "Content-Type", manifestType))
	w.pulled(t, repo, bare.bytes(t), manifestType, of256(bare.bytes(t)), "bare")

	for reference, code := range map[string]string{"absent": "MANIFEST_UNKNOWN", of256([]byte("absent")): "MANIFEST_UNKNOWN", "sha256:short": "MANIFEST_UNKNOWN"} {
		w.fails(t, 404, code, w.call("GET", repo+"/manifests/"+reference, nil))
		w.fails(t, 404, code, w.call("HEAD", repo+"/manifests/"+reference, nil))
		w.fails(t, 404, code, w.call("DELETE", repo+"/manifests/"+reference, nil))
	}
	w.fails(t, 404, "MANIFEST_UNKNOWN", w.call("GET", project+"/absent/manifests/latest", nil))
}

// An index lists what is there, an index among it.
func TestIndexes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	repo := project + "/web"
	amd64, arm64 := w.put(t, repo, of256(w.image(t, repo, "a").bytes(t)), w.image(t, repo, "a")), w.put(t, repo, "arm", w.image(t, repo, "b"))
	first, second := refer(manifestType, amd64), refer(manifestType, arm64)
	first.Platform, second.Platform = &platform{"linux", "amd64"}, &platform{"linux", "arm64"}
	inner := w.put(t, repo, "inner", index(first, second))
	outer := w.put(t, repo, "outer", index(refer(indexType, inner), first))
	nothing := w.put(t, repo, "empty", index())
	for tag, b := range map[string][]byte{"inner": inner, "outer": outer, "empty": nothing} {
		w.pulled(t, repo, b, indexType, of256(b), tag, of256(b))
	}
	absent := refer(manifestType, []byte("absent"))
	w.fails(t, 404, "MANIFEST_BLOB_UNKNOWN", w.call("PUT", repo+"/manifests/bad", index(first, absent).bytes(t), "Content-Type", indexType))
	first.Size++
	w.fails(t, 400, "SIZE_INVALID", w.call("PUT", repo+"/manifests/bad", index(first).bytes(t), "Content-Type", indexType))
	w.fails(t, 404, "MANIFEST_UNKNOWN", w.call("GET", repo+"/manifests/bad", nil))
}

// What a manifest refers to has to be there, and in this repository.
func TestReferences(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	repo := project + "/web"
	m := w.image(t, repo, "a")
	put := func(m manifest) house.Call {
		return w.call("PUT", repo+"/manifests/1", m.bytes(t), "Content-Type", manifestType)
	}
	with := func(layers ...descriptor) manifest {
		m := m
		m.Layers = layers
		return m
	}
	elsewhere := w.push(t, project+"/other", []byte("in another repository"))
	layer := m.Layers[0]
	larger := layer
	larger.Size = 5
	for what, c := range map[string]struct {
		m      manifest
		status int
		code   string
	}{
		"no such layer":              {with(layer, refer(layerType, []byte("absent"))), 404, "MANIFEST_BLOB_UNKNOWN"},
		"one of another repository":  {with(descriptor{MediaType: layerType, Digest: elsewhere, Size: 21}), 404, "MANIFEST_BLOB_UNKNOWN"},
		"another size":               {with(larger), 400, "SIZE_INVALID"},
		"two sizes":                  {with(layer, larger), 400, "SIZE_INVALID"},
		"no size that there is":      {with(descriptor{MediaType: layerType, Digest: layer.Digest, Size: -1}), 400, "MANIFEST_INVALID"},
		"the layer as a config":      {manifest{SchemaVersion: 2, MediaType: manifestType, Layers: m.Layers}, 400, "MANIFEST_INVALID"},
		"a config that is not there": {manifest{SchemaVersion: 2, MediaType: manifestType, Config: &descriptor{MediaType: configType, Digest: of256([]byte("x")), Size: 1}}, 404, "MANIFEST_BLOB_UNKNOWN"},
	} {
		if reply := w.fails(t, c.status, c.code, put(c.m)); reply.Header.Get("Docker-Content-Digest") != "" {
			t.Errorf("%s: %v", what, reply.Header)
		}
	}
	w.fails(t, 404, "MANIFEST_UNKNOWN", w.call("GET", repo+"/manifests/1", nil))
	// What comes from elsewhere need not be there, and one blob may be there
	// for two.
	foreign := refer("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", []byte("windows"))
	foreign.URLs = []string{"https://store.example/windows"}
	w.Want(t, 201, put(with(layer, foreign, layer)))
	w.Want(t, 201, put(with()))
	w.Want(t, 201, put(manifest{SchemaVersion: 2, MediaType: manifestType, Config: &layer, Layers: m.Layers}))
}

// What is no manifest is refused, and nothing is left.
func TestHostileManifests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	repo := project + "/web"
	m := w.image(t, repo, "a")
	good := string(m.bytes(t))
	twice := strings.Replace(good, `"config"`, `"config": null, "config"`, 1)
	for what, text := range map[string]string{
		"nothing": "", "half of one": good[:len(good)/2], "two": good + good, "a page": "<!doctype html>", "a key twice": twice,
		"schema 1":         `{"schemaVersion": 1, "name": "web", "tag": "1", "fsLayers": []}`,
		"deep":             strings.Replace(good, "{", `{"x": `+strings.Repeat("[", 1000)+strings.Repeat("]", 1000)+",", 1),
		"100,000 layers":   strings.Replace(good, `"layers": [`, `"layers": [`+strings.Repeat(`{"mediaType": "a", "size": 1},`, 100_000), 1),
		"manifests in it":  strings.Replace(good, "{", `{"manifests": [],`, 1),
		"keys in capitals": strings.Replace(good, `"layers"`, `"LAYERS"`, 1),
	} {
		reply := w.fails(t, 400, "MANIFEST_INVALID", w.call("PUT", repo+"/manifests/1", []byte(text), "Content-Type", manifestType))
		if len(reply.Body) > 2000 {
			t.Errorf("%s: the answer has %d bytes", what, len(reply.Body))
		}
	}
	for _, kind := range []string{"text/html", indexType, "application/json", "application/vnd.docker.distribution.manifest.v1+prettyjws", "a b", "application/x-www-form-urlencoded"} {
		w.fails(t, 400, "MANIFEST_INVALID", w.call("PUT", repo+"/manifests/1", []byte(good), "Content-Type", kind))
	}
	for _, tag := range []string{".hidden", "-flag", "a+b", strings.Repeat("t", 129), "%C3%A9", "a:b", "sha256:x"} {
		w.fails(t, 400, "MANIFEST_INVALID", w.call("PUT", repo+"/manifests/"+tag, []byte(good), "Content-Type", manifestType))
		w.fails(t, 400, "MANIFEST_INVALID", w.call("PUT", repo+"/manifests/1?tag="+strings.ReplaceAll(tag, "+", "%2B"), []byte(good), "Content-Type", manifestType))
	}
	w.fails(t, 400, "MANIFEST_INVALID", w.call("PUT", repo+"/manifests/1?"+strings.Repeat("tag=a&", 101), []byte(good), "Content-Type", manifestType))
	for _, digest := range []string{of256([]byte("x")), of512([]byte("x"))} {
		w.fails(t, 400, "DIGEST_INVALID", w.call("PUT", repo+"/manifests/"+digest, []byte(good), "Content-Type", manifestType))
	}
	w.fails(t, 404, "NAME_UNKNOWN", w.call("GET", repo+"/tags/list", nil))
	large := append([]byte(good), bytes.Repeat([]byte(" "), 8<<20)...)
	w.fails(t, 413, "MANIFEST_INVALID", w.call("PUT", repo+"/manifests/1", large, "Content-Type", manifestType))
	fits := append([]byte(good), bytes.Repeat([]byte(" "), 4<<20)...)
	w.Want(t, 201, w.call("PUT", repo+"/manifests/1", fits, "Content-Type", manifestType))
	w.pulled(t, repo, fits, manifestType, of256(fits), "1", of256(fits))
}

// Names that are none are refused where something is to be put there, and
// absent where something is looked for.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := index().bytes(t)
	for _, name := range []string{
		"Web", "web.", "-web", "a___b", "a..b", "%C3%A9", "a%20b", "a:b", "a@b", "_", strings.Repeat("a", 256), strings.Repeat("a", 230),
	} {
		w.fails(t, 400, "NAME_INVALID", w.call("PUT", project+"/"+name+"/manifests/1", b, "Content-Type", indexType))
		w.fails(t, 400, "NAME_INVALID", w.call("POST", project+"/"+name+"/blobs/uploads/", nil))
		w.fails(t, 404, "MANIFEST_UNKNOWN", w.call("GET", project+"/"+name+"/manifests/1", nil))
	}
	// Names of the service that lead elsewhere.
	for _, name := range []string{"project/web", "company/web", "user/web", "project/a/b", "helm/project/a"} {
		w.fails(t, 404, "NAME_UNKNOWN", w.call("PUT", "/v2/"+name+"/manifests/1", b, "Content-Type", indexType))
		w.fails(t, 400, "NAME_INVALID", w.call("PUT", "/package/-/container/"+name+"/manifests/1", b, "Content-Type", indexType))
	}
	for _, path := range []string{"/v2/..%2f..%2fetc/manifests/1", "/v2/a%2fb/manifests/1", "/v2//a/manifests/1", "/v2/a/../b/manifests/1", "/v2/%00/manifests/1", "/v2/project/ann/shop/web/manifests/", "/v2/x"} {
		if reply := w.get(t, path); reply.Status < 300 || reply.Status > 499 {
			t.Errorf("%s: %s", path, reply)
		}
	}
	// "helm/" and capitals are other spellings of one place.
	w.put(t, "/v2/helm/project/Ann/SHOP/web", "1", index())
	w.pulled(t, project+"/web", b, indexType, of256(b), "1")
	w.put(t, "/v2/helm/chart", "1", index())
	w.pulled(t, "/v2/chart", b, indexType, of256(b), "1")
}

// A manifest that many push at once is there once, and all of them succeed.
func TestPushAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	repo := project + "/web"
	b := w.image(t, repo, "a").bytes(t)
	statuses := make([]int, 12)
	var wg sync.WaitGroup
	for i := range statuses {
		wg.Go(func() {
			statuses[i] = w.Do(t, w.call("PUT", fmt.Sprintf("%s/manifests/t%d", repo, i%4), b, "Content-Type", manifestType)).Status
		})
	}
	wg.Wait()
	if slices.ContainsFunc(statuses, func(s int) bool { return s != 201 }) {
		t.Errorf("%d", statuses)
	}
	if got := decode[tagList](t, w.get(t, repo+"/tags/list")); !slices.Equal(got.Tags, []string{"t0", "t1", "t2", "t3"}) {
		t.Errorf("the tags are %q", got.Tags)
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	repo := project + "/web"
	m := w.image(t, repo, "a")
	b := w.put(t, repo, "1", m)
	w.put(t, repo, "2", m)
	other := w.put(t, repo, "3", w.image(t, repo, "b"))
	digest := of256(b)

	// A tag goes alone.
	w.Want(t, 202, w.call("DELETE", repo+"/manifests/1", nil))
	w.fails(t, 404, "MANIFEST_UNKNOWN", w.call("GET", repo+"/manifests/1", nil))
	w.fails(t, 404, "MANIFEST_UNKNOWN", w.call("DELETE", repo+"/manifests/1", nil))
	w.pulled(t, repo, b, manifestType, digest, "2", digest)

	// A blob that is needed stays; 405 is what clients know for it.
	blob := repo + "/blobs/" + m.Layers[0].Digest
	reply := w.fails(t, 405, "UNSUPPORTED", w.call("DELETE", blob, nil))
	if reply.Header.Get("Allow") != "GET, HEAD" {
		t.Errorf("405 allows %q", reply.Header.Get("Allow"))
	}
	w.Want(t, 200, w.call("GET", blob, nil))

	// A manifest takes its tags along, and the blobs that nothing else needs.
	w.Want(t, 202, w.call("DELETE", repo+"/manifests/"+digest, nil))
	for _, reference := range []string{"2", digest} {
		w.fails(t, 404, "MANIFEST_UNKNOWN", w.call("GET", repo+"/manifests/"+reference, nil))
	}
	w.fails(t, 404, "MANIFEST_UNKNOWN", w.call("DELETE", repo+"/manifests/"+digest, nil))
	w.fails(t, 404, "BLOB_UNKNOWN", w.call("GET", blob, nil))
	w.fails(t, 404, "BLOB_UNKNOWN", w.call("DELETE", blob, nil))
	w.pulled(t, repo, other, manifestType, of256(other), "3", of256(other))

	// The last one takes the repository along, and it can come again.
	w.Want(t, 202, w.call("DELETE", repo+"/manifests/"+of256(other), nil))
	w.fails(t, 404, "NAME_UNKNOWN", w.call("GET", repo+"/tags/list", nil))
	w.put(t, repo, "1", w.image(t, repo, "a"))
	w.pulled(t, repo, b, manifestType, digest, "1")

	// A blob that came and that nothing needs.
	loose := repo + "/blobs/" + w.push(t, repo, []byte("loose"))
	w.Want(t, 202, w.call("DELETE", loose, nil))
	w.fails(t, 404, "BLOB_UNKNOWN", w.call("HEAD", loose, nil))
	w.fails(t, 400, "DIGEST_INVALID", w.call("DELETE", repo+"/blobs/x", nil))
}

// Methods that an address does not have.
func TestMethods(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for address, allow := range map[string]string{
		"PATCH /web/manifests/1": "GET, HEAD, PUT, DELETE", "POST /web/tags/list": "GET, HEAD", "PUT /web/blobs/uploads/": "POST, GET, HEAD, DELETE",
		"POST /web/referrers/x": "GET, HEAD", "PUT /web/blobs/x": "GET, HEAD, DELETE",
	} {
		method, path, _ := strings.Cut(address, " ")
		reply := w.fails(t, http.StatusMethodNotAllowed, "UNSUPPORTED", house.Call{Method: method, Path: vault + path})
		if got := reply.Header.Get("Allow"); got != allow {
			t.Errorf("%s allows %q, want %q", address, got, allow)
		}
	}
}

// Each kind of scope has its registry, and one is not another's.
func TestScopes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "PACKAGES__SERVICE_PUBLIC=true")
	w.Company(t, "acme", w.ann, false)
	pushed := map[string][]byte{}
	for _, repo := range []string{project + "/web", "/v2/company/acme/web", "/v2/user/ann/web", "/v2/web"} {
		pushed[repo] = w.put(t, repo, "1", w.image(t, repo, repo))
	}
	for repo, b := range pushed {
		w.pulled(t, repo, b, manifestType, of256(b), "1")
		for other := range maps.Keys(pushed) {
			if other != repo {
				w.fails(t, 404, "MANIFEST_UNKNOWN", w.call("GET", other+"/manifests/"+of256(b), nil))
			}
		}
	}
	// The addresses of other formats lead there too.
	b := pushed[project+"/web"]
	w.Want(t, 200, w.call("GET", "/project/ann/shop/package/-/container/web/manifests/1", nil))
	if reply := w.get(t, "/api/packages/acme/container/web/manifests/1"); reply.Status != 200 || bytes.Equal(reply.Body, b) {
		t.Errorf("the company's: %s", reply)
	}
}

// Layers that images share count once against the storage of a scope.
func TestQuota(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "PACKAGES__QUOTA_PROJECT=100000")
	repo := project + "/web"
	base := refer(layerType, noise(60_000))
	w.push(t, repo, noise(60_000))
	var last []byte
	for i := range 5 {
		m := w.image(t, repo, fmt.Sprint(i))
		m.Layers = append(m.Layers, base)
		last = w.put(t, repo, fmt.Sprint(i), m)
		w.put(t, repo, "latest", m)
	}
	large := noise(50_000)
	w.fails(t, 403, "DENIED", w.call("POST", repo+"/blobs/uploads/?digest="+of256(large), large))
	w.fails(t, 403, "DENIED", w.call("PUT", w.begin(t, repo)+"?digest="+of256(large), large))
	w.pulled(t, repo, last, manifestType, of256(last), "latest", "4")
}
