package contract

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"ingot.dev/integrations/house"
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

// mavenHouse is a project with a registry, and how its owner puts into it.
func mavenHouse(t *testing.T) (c *contract, p place, put func(path, body string) house.Reply, get func(path string) house.Reply) {
	w := newWorld(t)
	c = &contract{world: w, id: "maven"}
	p = w.project(t, false)
	put = func(path, body string) house.Reply {
		return w.Do(t, house.Call{Method: http.MethodPut, Path: c.native(p, path), As: w.owner, Body: []byte(body)})
	}
	get = func(path string) house.Reply { return c.get(t, c.native(p, path)) }
	return c, p, put, get
}

// mavenPom is the pom of an artifact.
func mavenPom(group, artifact, version, more string) string {
	return "<project><groupId>" + group + "</groupId><artifactId>" + artifact + "</artifactId><version>" + version + "</version>" + more + "</project>"
}

// TestMavenDeploysAtOnce: the files of one version that come in parallel, as
// builds with threads and clients of many connections send them, all stay, and
// none of them is an error. What the pom says stays too, whichever was first.
func TestMavenDeploysAtOnce(t *testing.T) {
	c, p, put, get := mavenHouse(t)
	const folder = "org/example/lib/1.0/lib-1.0"
	files := map[string]string{".pom": mavenPom("org.example", "lib", "1.0", "<description>Amounts</description>"), ".jar": "bytes", ".jar.asc": "signature"}
	for i := range 12 {
		files[fmt.Sprintf("-part%d.zip", i)] = fmt.Sprint("part ", i)
	}
	var wg sync.WaitGroup
	for tail, body := range files {
		for range 2 { // and each is tried again before it was answered
			wg.Go(func() {
				if reply := put(folder+tail, body); reply.Status/100 != 2 {
					t.Errorf("%s: %s", tail, reply)
				}
				sum := sha256.Sum256([]byte(body))
				if reply := put(folder+tail+".sha256", hex.EncodeToString(sum[:])); reply.Status/100 != 2 {
					t.Errorf("the checksum of %s: %s", tail, reply)
				}
			})
		}
	}
	wg.Wait()
	for tail, body := range files {
		if got := get(folder + tail); string(got.Body) != body {
			t.Errorf("%s is %s", tail, got)
		}
	}
	reply := c.Want(t, http.StatusOK, house.Call{Path: c.native(p, "solrsearch/select?q=amounts"), As: c.owner})
	if !strings.Contains(string(reply.Body), `"id":"org.example:lib"`) {
		t.Errorf("its description does not find it: %s", reply)
	}
}

// TestMavenChecksums: a checksum that is wrong is refused, one that is early is
// not, and those that are read are of what is stored.
func TestMavenChecksums(t *testing.T) {
	_, _, put, get := mavenHouse(t)
	const jar = "org/example/lib/1.0/lib-1.0.jar"
	wrong := strings.Repeat("0a", 20)
	for i, want := range []int{201, 201, 400} { // before the file, the file, after it
		path, body := jar+".sha1", wrong
		if i == 1 {
			path, body = jar, "bytes"
		}
		if reply := put(path, body); reply.Status != want {
			t.Errorf("%s: %s, want %d", path, reply, want)
		}
	}
	sum := sha256.Sum256([]byte("bytes"))
	if got := get(jar + ".sha256"); string(got.Body) != hex.EncodeToString(sum[:]) {
		t.Errorf("its sha256 is %s", got)
	}
	if got := get(jar); got.Header.Get("X-Checksum-Sha256") != hex.EncodeToString(sum[:]) {
		t.Errorf("it comes with %v", got.Header)
	}
	for path, want := range map[string]int{
		jar + ".sha1.md5": 404, jar + ".sha3": 404, "org/example/lib/1.0/lib-1.0-other.jar.sha1": 404, "org/example/lib/1.0/LIB-1.0.jar": 404,
		"org/example/lib/1.0/lib-1.0.JAR": 404, "org/example/lib/1.0/maven-metadata.xml": 404, "Org/example/lib/1.0/lib-1.0.jar": 404,
	} {
		if got := get(path); got.Status != want {
			t.Errorf("%s: %s, want %d", path, got, want)
		}
	}
}

// TestMavenSnapshots: a SNAPSHOT is what was put last, under each of its names.
func TestMavenSnapshots(t *testing.T) {
	_, _, put, get := mavenHouse(t)
	const folder = "org/example/lib/1.0-SNAPSHOT/"
	for _, f := range [][2]string{
		{"lib-1.0-20240131.120000-1.jar", "one"},
		{"lib-1.0-20240131.130000-2.jar", "two"},
		{"lib-1.0-20240131.130000-2.jar", "two again"},
		{"maven-metadata.xml", "<metadata/>"},
		{"maven-metadata.xml.sha1", "of no consequence"},
	} {
		if reply := put(folder+f[0], f[1]); reply.Status/100 != 2 {
			t.Errorf("%s: %s", f[0], reply)
		}
	}
	for file, want := range map[string]string{
		"lib-1.0-20240131.120000-1.jar": "one", "lib-1.0-20240131.130000-2.jar": "two again", "lib-1.0-SNAPSHOT.jar": "two again",
	} {
		if got := get(folder + file); string(got.Body) != want {
			t.Errorf("%s is %s, not %q", file, got, want)
		}
	}
	index := get(folder + "maven-metadata.xml")
	if !strings.Contains(string(index.Body), "<value>1.0-20240131.130000-2</value>") || !strings.Contains(string(index.Body), "<buildNumber>2</buildNumber>") {
		t.Errorf("the index is %s", index)
	}
	if got := get(folder + "lib-1.0-SNAPSHOT-sources.jar"); got.Status != http.StatusNotFound {
		t.Errorf("sources that nobody published: %s", got)
	}
	put(folder+"lib-1.0-SNAPSHOT.jar", "plain")
	put(folder+"lib-1.0-SNAPSHOT.jar", "plain again")
	if got := get(folder + "lib-1.0-SNAPSHOT.jar"); string(got.Body) != "plain again" {
		t.Errorf("what is called SNAPSHOT itself is %s", got)
	}
}

// TestMavenPlugins: the index of a group follows its plugins, also where an
// artifact has the same path.
func TestMavenPlugins(t *testing.T) {
	c, p, put, get := mavenHouse(t)
	const index = "org/example/lib/maven-metadata.xml"
	plugin := func(artifact string) {
		t.Helper()
		path := "org/example/lib/" + artifact + "/1.0/" + artifact + "-1.0.pom"
		if reply := put(path, mavenPom("org.example.lib", artifact, "1.0", "<packaging>maven-plugin</packaging>")); reply.Status != http.StatusCreated {
			t.Fatalf("%s: %s", path, reply)
		}
	}
	expect := func(parts ...string) {
		t.Helper()
		got := get(index)
		for _, part := range parts {
			if !strings.Contains(string(got.Body), part) {
				t.Errorf("%q is not in %s", part, got)
			}
		}
		sum := sha256.Sum256(got.Body)
		if said := get(index + ".sha256"); string(said.Body) != hex.EncodeToString(sum[:]) {
			t.Errorf("its checksum is %s", said)
		}
	}
	plugin("one-maven-plugin")
	expect("<prefix>one</prefix>")
	if reply := put("org/example/lib/1.0/lib-1.0.pom", mavenPom("org.example", "lib", "1.0", "")); reply.Status != http.StatusCreated {
		t.Fatal(reply)
	}
	expect("<prefix>one</prefix>", "<version>1.0</version>")
	plugin("two-maven-plugin")
	expect("<prefix>one</prefix>", "<prefix>two</prefix>", "<version>1.0</version>")
	if got := get("archetype-catalog.xml"); strings.Contains(string(got.Body), "lib") {
		t.Errorf("plugins are no archetypes: %s", got)
	}
	if reply := c.Do(t, house.Call{Path: c.native(p, "org/example/other/maven-metadata.xml")}); reply.Status != http.StatusNotFound {
		t.Errorf("an index of nothing: %s", reply)
	}
}
