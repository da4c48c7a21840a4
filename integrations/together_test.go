package integrations

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ingot.dev/modules/format/formattest"
	"ingot.dev/modules/formats/maven/maventest"
	"ingot.dev/modules/formats/pypi/pypitest"
)

// all sends requests at the same time. No answer may be a failure of the
// server: two writers are not.
func (s *server) all(t *testing.T, token string, requests func(i int) message) []message {
	t.Helper()
	answers := make([]message, publishers)
	atOnce(func(i int) int {
		answers[i] = s.send(t, token, requests(i))
		return answers[i].status
	})
	for _, got := range answers {
		if got.status < 200 || got.status >= 500 {
			t.Errorf("%s", got)
		}
	}
	return answers
}

// succeed holds that every answer has one of some statuses.
func succeed(t *testing.T, answers []message, statuses ...int) {
	t.Helper()
	for _, got := range answers {
		if !slices.Contains(statuses, got.status) {
			t.Errorf("%s; want %d", got, statuses)
		}
	}
}

// winner holds that one of the answers is a success and the others have a
// status, and gives its number.
func winner(t *testing.T, answers []message, others int) int {
	t.Helper()
	won := -1
	for i, got := range answers {
		switch {
		case got.status/100 == 2 && won < 0:
			won = i
		case got.status != others:
			t.Errorf("%s; want %d, for %d has won", got, others, won)
		}
	}
	if won < 0 {
		t.Fatal("nobody has won")
	}
	return won
}

// rounds is how often each case is played.
const rounds = 4

// A manifest that many push is there once; of different ones under one tag each
// is there, and the tag points at one of them.
func TestManifestsAtOnce(t *testing.T) {
	t.Parallel()
	s, token := publishing(t)
	for n := range rounds {
		image := fmt.Sprintf("app%d", n)
		layers := make([][]byte, publishers)
		for i := range layers {
			layers[i] = content(i, n)
		}
		succeed(t, s.all(t, token, func(i int) message { return putBlob(image, layers[i]) }), http.StatusCreated)
		succeed(t, s.all(t, token, func(int) message { return putBlob(image, []byte("{}")) }), http.StatusCreated)
		succeed(t, s.all(t, token, func(i int) message {
			return putManifest(image, []string{"same", "alike", digest(imageOf(layers[0]))}[i%3], imageOf(layers[0]))
		}), http.StatusCreated)
		succeed(t, s.all(t, token, func(i int) message { return putManifest(image, "latest", imageOf(layers[i])) }), http.StatusCreated)
		for i := range layers {
			if got := s.get(t, token, images+image+"/manifests/"+digest(imageOf(layers[i]))); !bytes.Equal(got, imageOf(layers[i])) {
				t.Errorf("%s: the manifest %d has other bytes", image, i)
			}
		}
		latest := s.get(t, token, images+image+"/manifests/latest")
		if !slices.ContainsFunc(layers, func(l []byte) bool { return bytes.Equal(latest, imageOf(l)) }) {
			t.Errorf("%s: the tag points at %s", image, latest)
		}
		var list struct{ Tags []string }
		if err := json.Unmarshal(s.get(t, token, images+image+"/tags/list"), &list); err != nil || !slices.Equal(list.Tags, []string{"alike", "latest", "same"}) {
			t.Errorf("%s has the tags %q, %v", image, list.Tags, err)
		}
	}
	s.must(t, "doctor")
}

// Of several appends to one upload at the same place one counts, and of those
// that end it one does; the others are told, and nothing is lost or doubled.
func TestAppendsAtOnce(t *testing.T) {
	t.Parallel()
	s, token := publishing(t)
	for n := range rounds {
		at, whole := s.begin(t, token, "app"), []byte{}
		for i := range 3 {
			part := content(i, n)
			answers := s.all(t, token, func(int) message {
				span := fmt.Sprintf("%d-%d", len(whole), len(whole)+len(part)-1)
				return message{method: http.MethodPatch, path: at, header: http.Header{"Content-Range": {span}}, body: part}
			})
			at, whole = local(answers[winner(t, answers, http.StatusRequestedRangeNotSatisfiable)]), append(whole, part...)
		}
		ends := s.all(t, token, func(int) message { return message{method: http.MethodPut, path: at + "?digest=" + digest(whole)} })
		succeed(t, ends, http.StatusCreated, http.StatusNotFound)
		if !slices.ContainsFunc(ends, func(m message) bool { return m.status == http.StatusCreated }) {
			t.Error("nobody has ended the upload")
		}
		if got := s.get(t, token, images+"app/blobs/"+digest(whole)); !bytes.Equal(got, whole) {
			t.Errorf("round %d: the blob has other bytes", n)
		}
		mixed := s.begin(t, token, "app") // one end cancels it, another appends, a third ends it
		s.all(t, token, func(i int) message {
			return []message{
				{method: http.MethodPatch, path: mixed, body: content(i, n)},
				{method: http.MethodPut, path: mixed + "?digest=" + digest(content(i, n)), body: content(i, n)},
				{method: http.MethodDelete, path: mixed},
				{method: http.MethodGet, path: mixed},
			}[i%4]
		})
	}
	s.must(t, "doctor")
}

// Files of one version that are uploaded at the same time are all in it; of
// different ones of one name the first is.
func TestWheelsAtOnce(t *testing.T) {
	t.Parallel()
	s, token := publishing(t)
	for n := range rounds {
		version := fmt.Sprintf("1.%d.0", n)
		succeed(t, s.all(t, token, func(i int) message { return twine("money", version, fmt.Sprintf("linux_%d", i), "pass\n") }), http.StatusOK)
		page := string(s.get(t, token, native+"pypi/simple/money/"))
		for i := range publishers {
			if file := fmt.Sprintf("money-%s-py3-none-linux_%d.whl", version, i); strings.Count(page, ">"+file+"<") != 1 {
				t.Errorf("%s is not listed once", file)
			}
		}
		succeed(t, s.all(t, token, func(int) message { return twine("same", version, "any", "pass\n") }), http.StatusOK)
		won := winner(t, s.all(t, token, func(i int) message { return twine("other", version, "any", fmt.Sprint(i)) }), http.StatusConflict)
		file := native + "pypi/files/other/" + version + "/other-" + version + "-py3-none-any.whl"
		if got := s.get(t, token, file); !bytes.Equal(got, pypitest.Wheel("other", version, formattest.Entry{Name: "other.py", Text: fmt.Sprint(won)})) {
			t.Errorf("%s has not the bytes of the one who was told so", file)
		}
	}
	s.must(t, "doctor")
}

// A build sends jar, pom and sources of a version at the same time, and another
// machine the same.
func TestDeploysAtOnce(t *testing.T) {
	t.Parallel()
	s, token := publishing(t)
	for n := range rounds {
		version := fmt.Sprintf("1.%d.0", n)
		pom := []byte(maventest.Pom("org.acme", "money", version, ""))
		names := []string{".pom", ".jar", "-sources.jar", "-javadoc.jar", ".pom.asc", ".jar.asc", ".module", "-tests.jar"}
		file := func(i int) (name string, body []byte) {
			kind := names[i%len(names)]
			if kind == ".pom" {
				return "money-" + version + kind, pom
			}
			return "money-" + version + kind, []byte(kind + " of " + version)
		}
		succeed(t, s.all(t, token, func(i int) message {
			name, body := file(i)
			return deploy(version, name, body)
		}), http.StatusOK, http.StatusCreated)
		for i := range names {
			name, body := file(i)
			if got := s.get(t, token, native+"maven/org/acme/money/"+version+"/"+name); !bytes.Equal(got, body) {
				t.Errorf("%s has other bytes", name)
			}
		}
		name := fmt.Sprintf("money-%s-native.jar", version)
		won := winner(t, s.all(t, token, func(i int) message { return deploy(version, name, content(i, n)) }), http.StatusConflict)
		if got := s.get(t, token, native+"maven/org/acme/money/"+version+"/"+name); !bytes.Equal(got, content(won, n)) {
			t.Errorf("%s has not the bytes of the one who was told so", name)
		}
		snapshot := fmt.Sprintf("2.%d-SNAPSHOT", n)
		build := func(i int) string { return fmt.Sprintf("money-2.%d-20260102.0304%02d-%d.jar", n, i, i+1) }
		succeed(t, s.all(t, token, func(i int) message { return deploy(snapshot, build(i), content(i, n)) }), http.StatusOK, http.StatusCreated)
		if got := string(s.get(t, token, native+"maven/org/acme/money/"+snapshot+"/maven-metadata.xml")); !strings.Contains(got, fmt.Sprintf("20260102.0304%02d-%d", publishers-1, publishers)) {
			t.Errorf("the index has not the last build: %s", got)
		}
		if got := string(s.get(t, token, native+"maven/org/acme/money/maven-metadata.xml")); strings.Count(got, "<version>"+version+"<") != 1 || strings.Count(got, "<version>"+snapshot+"<") != 1 {
			t.Errorf("the index is %s", got)
		}
	}
	s.must(t, "doctor")
}

// Of those who publish one version one does, and tags that are moved meanwhile
// point at what is there.
func TestPackumentsAtOnce(t *testing.T) {
	t.Parallel()
	s, token := publishing(t)
	winner(t, s.all(t, token, func(int) message { return npmPublish("money", "0.1.0") }), http.StatusForbidden)
	for n := range rounds {
		version := fmt.Sprintf("1.%d.0", n)
		winner(t, s.all(t, token, func(int) message { return npmPublish("money", version) }), http.StatusForbidden)
		succeed(t, s.all(t, token, func(i int) message {
			switch i % 4 {
			case 0:
				return npmPublish("money", fmt.Sprintf("2.%d.%d", n, i))
			case 1:
				return npmTag("money", "shared", version)
			case 2:
				return npmTag("money", "shared", "0.1.0")
			default:
				return npmTag("money", fmt.Sprintf("own%d", i), version)
			}
		}), http.StatusOK, http.StatusCreated)
		var doc struct {
			Tags     map[string]string `json:"dist-tags"`
			Versions map[string]any
		}
		if err := json.Unmarshal(s.get(t, token, native+"npm/money"), &doc); err != nil {
			t.Fatal(err)
		}
		for tag, at := range doc.Tags {
			if doc.Versions[at] == nil {
				t.Errorf("%s points at %s, which is not there", tag, at)
			}
		}
		if want := 1 + (n+1)*(1+publishers/4); len(doc.Versions) != want {
			t.Errorf("there are %q, want %d versions", slices.Sorted(maps.Keys(doc.Versions)), want)
		}
		if shared := doc.Tags["shared"]; shared != version && shared != "0.1.0" || doc.Tags["own3"] != version {
			t.Errorf("the tags are %v", doc.Tags)
		}
	}
	s.must(t, "doctor")
}
