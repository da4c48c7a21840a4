package parity

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"ingot.dev/integrations/house"
)

// The addresses of npm have the name before the scope, which goes without its @
// there; one with it, escaped or not, is the same.
func TestScopes(t *testing.T) {
	w := newWorld(t)
	k := &kind{world: w, id: "npm", Sample: sampleOf(t, "npm")}
	p := w.project(t, w.ann.Ref(), false)
	spellings := []string{"acme", "@acme", "%40acme"}
	at := func(scope, version string) string {
		return p.rest("npm/money/" + scope + "/" + version + "/money-" + version + ".tgz")
	}
	for i, scope := range spellings {
		version := []string{"1.0.0", "2.0.0", "3.0.0"}[i]
		put := k.publication(p, "@acme/money", version)
		put.Path = at(scope, version)
		w.Want(t, http.StatusOK, put)
		for _, other := range spellings {
			reply := w.Want(t, http.StatusOK, house.Call{Path: at(other, version), As: p.as})
			if !bytes.Equal(reply.Body, k.Bytes("@acme/money", version)) {
				t.Errorf("%s is %s", at(other, version), reply)
			}
		}
	}
	if n := read[list[pack]](t, w, p, "").Page.TotalElements; n != 1 {
		t.Errorf("there are %d packages", n)
	}
	w.Want(t, http.StatusNotFound, house.Call{Path: p.rest("npm/money/1.0.0/money-1.0.0.tgz"), As: p.as})
}

// Words that are part of an address win over the version that they could be,
// and a version is decoded once.
func TestWords(t *testing.T) {
	w := newWorld(t)
	k := &kind{world: w, id: "generic", Sample: sampleOf(t, "generic")}
	p := w.project(t, w.ann.Ref(), false)
	for _, v := range []string{"version-list", "package-file", "delete", "1+2~3:4@5"} {
		k.publish(t, p, "generic", v)
	}
	id, _ := k.one(t, p, "generic")
	if n := read[list[version]](t, w, p, id.ID+"/version-list").Page.TotalElements; n != 4 {
		t.Errorf("there are %d versions", n)
	}
	if files := read[list[file]](t, w, p, id.ID+"/package-file").Embedded[fileList]; len(files) != 4 {
		t.Errorf("there are the files %+v", files)
	}
	for _, spelling := range []string{"1+2~3:4@5", "1%2B2%7E3%3A4%405"} {
		if v := read[version](t, w, p, id.ID+"/"+spelling); v.Version != "1+2~3:4@5" {
			t.Errorf("%s is %+v", spelling, v)
		}
	}
	w.Want(t, http.StatusNotFound, house.Call{Path: p.rest(id.ID + "/1%252B2~3:4@5"), As: p.as})
	w.Want(t, http.StatusOK, house.Call{Method: http.MethodPost, Path: p.rest(id.ID + "/delete/delete"), As: p.as})
	if _, left := k.one(t, p, "generic"); len(left) != 3 {
		t.Errorf("there are %+v", left)
	}
}

// To delete a version of an image is to delete its tag: the manifest stays, and
// so do other tags of it.
func TestTags(t *testing.T) {
	w := newWorld(t)
	k := &kind{world: w, id: "container", Sample: sampleOf(t, "container")}
	p := w.project(t, w.ann.Ref(), false)
	var digest string
	for _, tag := range []string{"1.0.0", "1.0", "latest"} {
		put := k.own(p, k.Name, "1.0.0")
		put.Path = strings.Replace(put.Path, "1.0.0", tag, 1)
		digest = w.Want(t, http.StatusCreated, put).Header.Get("Docker-Content-Digest")
	}
	id, versions := k.one(t, p, k.Name)
	if len(versions) != 3 {
		t.Fatalf("there are %+v", versions)
	}
	w.Want(t, http.StatusOK, house.Call{Method: http.MethodPost, Path: p.rest(id.ID + "/1.0/delete"), As: p.as})
	for reference, status := range map[string]int{"1.0": 404, "1.0.0": 200, "latest": 200, digest: 200} {
		w.Want(t, status, house.Call{Path: p.native(k.id, k.File(k.Name, reference)), As: p.as})
		w.Want(t, status, house.Call{Path: p.rest(id.ID + "/" + reference), As: p.as})
	}
	if _, left := k.one(t, p, k.Name); len(left) != 2 {
		t.Errorf("there are %+v", left)
	}
}

// Artifacts of Maven are published by their coordinates, with the dots of the
// group, and are found by ids that are right together.
func TestCoordinates(t *testing.T) {
	w := newWorld(t)
	k := &kind{world: w, id: "maven", Sample: sampleOf(t, "maven")}
	p := w.project(t, w.ann.Ref(), false)
	k.publish(t, p, "org.example.deep:money", v1)
	k.publish(t, p, "org.example.deep:other", v1)
	id, versions := k.one(t, p, "org.example.deep:money")
	other, others := k.one(t, p, "org.example.deep:other")
	file, foreign := versions[0].PackageFiles[0], others[0].PackageFiles[0]
	if file.Name != "money-1.0.0.pom" {
		t.Errorf("the file is %+v", file)
	}
	for path, status := range map[string]int{
		id.ID + "/1.0.0/" + file.ID + "/download":    200,
		id.ID + "/1.0.0/" + foreign.ID + "/download": 404,
		other.ID + "/1.0.0/" + file.ID + "/download": 404,
		id.ID + "/2.0.0/" + file.ID + "/download":    404,
		"org.example.deep/money/1.0.0/" + file.Name:  405, // that is for PUT
	} {
		w.Want(t, status, house.Call{Path: p.rest("maven/" + path), As: p.as})
	}
	put := k.publication(p, "org.example.deep:money", "2.0.0")
	put.Path = strings.Replace(put.Path, "org.example.deep", "org/example/deep", 1)
	w.Want(t, http.StatusNotFound, put)
}
