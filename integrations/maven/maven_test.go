// Package maven asks a whole Ingot for what Maven alone does, besides what
// every format must do.
package maven

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"ingot.dev/integrations/house"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/formats/maven/maventest"
)

// repository is a project's, as its owner meets it.
type repository struct {
	*house.House
	owner house.Proof
}

func newRepository(t *testing.T) *repository {
	h := house.Serve(t)
	ann := h.User(t, "ann")
	h.Project(t, ann.Ref(), "tools", false, "")
	return &repository{h, house.Token(h.Token(t, ann, forge.AllGrants, nil))}
}

func (r *repository) put(t *testing.T, path, body string) house.Reply {
	t.Helper()
	return r.Do(t, house.Call{Method: http.MethodPut, Path: address + path, As: r.owner, Body: []byte(body)})
}

func (r *repository) get(t *testing.T, path string) house.Reply {
	t.Helper()
	return r.Do(t, house.Call{Path: address + path, As: r.owner})
}

const address = "/project/ann/tools/package/-/maven/"

// TestDeploysAtOnce: the files of one version that come in parallel, as
// builds with threads and clients of many connections send them, all stay, and
// none of them is an error. What the pom says stays too, whichever was first.
func TestDeploysAtOnce(t *testing.T) {
	r := newRepository(t)
	const folder = "org/example/lib/1.0/lib-1.0"
	files := map[string]string{".pom": maventest.Pom("org.example", "lib", "1.0", "<description>Amounts</description>"), ".jar": "bytes", ".jar.asc": "signature"}
	for i := range 12 {
		files[fmt.Sprintf("-part%d.zip", i)] = fmt.Sprint("part ", i)
	}
	var wg sync.WaitGroup
	for tail, body := range files {
		for range 2 { // and each is tried again before it was answered
			wg.Go(func() {
				if reply := r.put(t, folder+tail, body); reply.Status/100 != 2 {
					t.Errorf("%s: %s", tail, reply)
				}
				sum := sha256.Sum256([]byte(body))
				if reply := r.put(t, folder+tail+".sha256", hex.EncodeToString(sum[:])); reply.Status/100 != 2 {
					t.Errorf("the checksum of %s: %s", tail, reply)
				}
			})
		}
	}
	wg.Wait()
	for tail, body := range files {
		if got := r.get(t, folder+tail); string(got.Body) != body {
			t.Errorf("%s is %s", tail, got)
		}
	}
	reply := r.get(t, "solrsearch/select?q=amounts")
	if !strings.Contains(string(reply.Body), `"id":"org.example:lib"`) {
		t.Errorf("its description does not find it: %s", reply)
	}
}

// TestChecksums: a checksum that is wrong is refused, one that is early is
// not, and those that are read are of what is stored.
func TestChecksums(t *testing.T) {
	r := newRepository(t)
	const jar = "org/example/lib/1.0/lib-1.0.jar"
	wrong := strings.Repeat("0a", 20)
	for i, want := range []int{201, 201, 400} { // before the file, the file, after it
		path, body := jar+".sha1", wrong
		if i == 1 {
			path, body = jar, "bytes"
		}
		if reply := r.put(t, path, body); reply.Status != want {
			t.Errorf("%s: %s, want %d", path, reply, want)
		}
	}
	sum := sha256.Sum256([]byte("bytes"))
	if got := r.get(t, jar+".sha256"); string(got.Body) != hex.EncodeToString(sum[:]) {
		t.Errorf("its sha256 is %s", got)
	}
	if got := r.get(t, jar); got.Header.Get("X-Checksum-Sha256") != hex.EncodeToString(sum[:]) {
		t.Errorf("it comes with %v", got.Header)
	}
	for path, want := range map[string]int{
		jar + ".sha1.md5": 404, jar + ".sha3": 404, "org/example/lib/1.0/lib-1.0-other.jar.sha1": 404, "org/example/lib/1.0/LIB-1.0.jar": 404,
		"org/example/lib/1.0/lib-1.0.JAR": 404, "org/example/lib/1.0/maven-metadata.xml": 404, "Org/example/lib/1.0/lib-1.0.jar": 404,
	} {
		if got := r.get(t, path); got.Status != want {
			t.Errorf("%s: %s, want %d", path, got, want)
		}
	}
}

// TestSnapshots: a SNAPSHOT is what was put last, under each of its names.
func TestSnapshots(t *testing.T) {
	r := newRepository(t)
	const folder = "org/example/lib/1.0-SNAPSHOT/"
	for _, f := range [][2]string{
		{"lib-1.0-20240131.120000-1.jar", "one"},
		{"lib-1.0-20240131.130000-2.jar", "two"},
		{"lib-1.0-20240131.130000-2.jar", "two again"},
		{"maven-metadata.xml", "<metadata/>"},
		{"maven-metadata.xml.sha1", "of no consequence"},
	} {
		if reply := r.put(t, folder+f[0], f[1]); reply.Status/100 != 2 {
			t.Errorf("%s: %s", f[0], reply)
		}
	}
	for file, want := range map[string]string{
		"lib-1.0-20240131.120000-1.jar": "one", "lib-1.0-20240131.130000-2.jar": "two again", "lib-1.0-SNAPSHOT.jar": "two again",
	} {
		if got := r.get(t, folder+file); string(got.Body) != want {
			t.Errorf("%s is %s, not %q", file, got, want)
		}
	}
	index := r.get(t, folder+"maven-metadata.xml")
	if !strings.Contains(string(index.Body), "<value>1.0-20240131.130000-2</value>") || !strings.Contains(string(index.Body), "<buildNumber>2</buildNumber>") {
		t.Errorf("the index is %s", index)
	}
	if got := r.get(t, folder+"lib-1.0-SNAPSHOT-sources.jar"); got.Status != http.StatusNotFound {
		t.Errorf("sources that nobody published: %s", got)
	}
	r.put(t, folder+"lib-1.0-SNAPSHOT.jar", "plain")
	r.put(t, folder+"lib-1.0-SNAPSHOT.jar", "plain again")
	if got := r.get(t, folder+"lib-1.0-SNAPSHOT.jar"); string(got.Body) != "plain again" {
		t.Errorf("what is called SNAPSHOT itself is %s", got)
	}
}

// TestPlugins: the index of a group follows its plugins, also where an
// artifact has the same path.
func TestPlugins(t *testing.T) {
	r := newRepository(t)
	const index = "org/example/lib/maven-metadata.xml"
	plugin := func(artifact string) {
		t.Helper()
		path := "org/example/lib/" + artifact + "/1.0/" + artifact + "-1.0.pom"
		if reply := r.put(t, path, maventest.Pom("org.example.lib", artifact, "1.0", "<packaging>maven-plugin</packaging>")); reply.Status != http.StatusCreated {
			t.Fatalf("%s: %s", path, reply)
		}
	}
	expect := func(parts ...string) {
		t.Helper()
		got := r.get(t, index)
		for _, part := range parts {
			if !strings.Contains(string(got.Body), part) {
				t.Errorf("%q is not in %s", part, got)
			}
		}
		sum := sha256.Sum256(got.Body)
		if said := r.get(t, index+".sha256"); string(said.Body) != hex.EncodeToString(sum[:]) {
			t.Errorf("its checksum is %s", said)
		}
	}
	plugin("one-maven-plugin")
	expect("<prefix>one</prefix>")
	if reply := r.put(t, "org/example/lib/1.0/lib-1.0.pom", maventest.Pom("org.example", "lib", "1.0", "")); reply.Status != http.StatusCreated {
		t.Fatal(reply)
	}
	expect("<prefix>one</prefix>", "<version>1.0</version>")
	plugin("two-maven-plugin")
	expect("<prefix>one</prefix>", "<prefix>two</prefix>", "<version>1.0</version>")
	if got := r.get(t, "archetype-catalog.xml"); strings.Contains(string(got.Body), "lib") {
		t.Errorf("plugins are no archetypes: %s", got)
	}
	if reply := r.get(t, "org/example/other/maven-metadata.xml"); reply.Status != http.StatusNotFound {
		t.Errorf("an index of nothing: %s", reply)
	}
}
