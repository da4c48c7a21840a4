package incidents

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"ingot.dev/integrations/house"
	"ingot.dev/modules/format/formattest"
	"ingot.dev/modules/formats/maven/maventest"
	"ingot.dev/modules/formats/npm/npmtest"
	"ingot.dev/modules/formats/pypi/pypitest"
)

// npm publishes as npm does; name is that of the address.
func (w *world) npm(t *testing.T, who house.Proof, project, name string, document []byte) house.Reply {
	t.Helper()
	return w.Do(t, house.Call{
		Method: http.MethodPut, Path: w.native(project, "npm/"+strings.Replace(name, "/", "%2f", 1)), As: who, Body: document,
		Header: http.Header{"Content-Type": {"application/json"}},
	})
}

// twine uploads a file as twine does.
func (w *world) twine(t *testing.T, who house.Proof, project, name, version, file string, content []byte) house.Reply {
	t.Helper()
	body, contentType := pypitest.Form(name, version, file, content)
	return w.Do(t, house.Call{
		Method: http.MethodPost, Path: w.native(project, "pypi/legacy/"), As: who, Body: body, Header: http.Header{"Content-Type": {contentType}},
	})
}

// refused holds that a publication was told what is wrong with it, in some word.
func refused(t *testing.T, what string, reply house.Reply, word string) {
	t.Helper()
	if reply.Status != 400 && reply.Status != 422 || !strings.Contains(string(reply.Body), word) {
		t.Errorf("%s: %s, which should say %q", what, reply, word)
	}
}

// Incident 7 (GitLab CVE-2024-6595) where it happened: the body of npm publish
// says what the tarball does not. What decides about an installation is
// compared, and all that is told is the tarball's.
func TestIncident07NPM(t *testing.T) {
	w := newWorld(t)
	const honest = `{"name":"money","version":"1.0.0","description":"Amounts","dependencies":{"good":"1"}}`
	tarball := formattest.Tarball(formattest.Entry{Name: "package/package.json", Text: honest})
	for what, said := range map[string]string{
		"no dependency":         `{"name":"money","version":"1.0.0"}`,
		"another dependency":    `{"name":"money","version":"1.0.0","dependencies":{"evil":"1"}}`,
		"another range":         `{"name":"money","version":"1.0.0","dependencies":{"good":"*"}}`,
		"one more dependency":   `{"name":"money","version":"1.0.0","dependencies":{"good":"1","evil":"1"}}`,
		"an optional one":       `{"name":"money","version":"1.0.0","dependencies":{"good":"1"},"optionalDependencies":{"evil":"1"}}`,
		"another name inside":   `{"name":"other","version":"1.0.0","dependencies":{"good":"1"}}`,
		"another version":       `{"name":"money","version":"2.0.0","dependencies":{"good":"1"}}`,
		"a version with a word": `{"name":"money","version":"1.0.0-evil","dependencies":{"good":"1"}}`,
	} {
		refused(t, what, w.npm(t, w.ann, "open", "money", npmtest.Publication("money", "1.0.0", said, tarball)), "body")
	}
	w.Want(t, http.StatusNotFound, house.Call{Path: w.native("open", "npm/money")})
	loud := `{"name":"money","version":"1.0.0","description":"evil","dependencies":{"good":"1"},"scripts":{"postinstall":"evil"},
		"bin":{"money":"evil.js"},"peerDependencies":{"evil":"1"},"hasInstallScript":true,"engines":{"node":"evil"},"_hasShrinkwrap":true}`
	if reply := w.npm(t, w.ann, "open", "money", npmtest.Publication("money", "1.0.0", loud, tarball)); reply.Status != http.StatusCreated {
		t.Fatal(reply)
	}
	for _, accept := range []string{"application/json", "application/vnd.npm.install-v1+json"} {
		for _, path := range []string{"npm/money", "npm/money/1.0.0", "npm/-/v1/search?text=money"} {
			reply := w.Want(t, http.StatusOK, house.Call{Path: w.native("open", path), Header: http.Header{"Accept": {accept}}})
			if bytes.Contains(reply.Body, []byte("evil")) || bytes.Contains(reply.Body, []byte(`"hasInstallScript":true`)) {
				t.Errorf("%s tells what the body said: %s", path, reply.Body)
			}
		}
	}
}

// Incident 7 again, in the other formats whose clients say something beside
// what they send.
func TestIncident07Files(t *testing.T) {
	w := newWorld(t)
	wheel := pypitest.Wheel("money", "1.0.0", formattest.Entry{Name: "money.py", Text: "pass\n"})
	refused(t, "a wheel of another name", w.twine(t, w.ann, "open", "other", "1.0.0", "other-1.0.0-py3-none-any.whl", wheel), "other")
	refused(t, "a form of another name", w.twine(t, w.ann, "open", "other", "1.0.0", "money-1.0.0-py3-none-any.whl", wheel), "other")
	refused(t, "a wheel of another version", w.twine(t, w.ann, "open", "money", "2.0.0", "money-2.0.0-py3-none-any.whl", wheel), "2.0.0")
	refused(t, "a form of another version", w.twine(t, w.ann, "open", "money", "2.0.0", "money-1.0.0-py3-none-any.whl", wheel), "2.0.0")
	for _, name := range []string{"money", "other"} {
		w.Want(t, http.StatusNotFound, house.Call{Path: w.native("open", "pypi/simple/"+name+"/")})
	}
	for what, pom := range map[string][]byte{
		"group": []byte(maventest.Pom("org.evil", "money", "1.0.0", "")), "artifact": []byte(maventest.Pom("org.acme", "evil", "1.0.0", "")), "version": []byte(maventest.Pom("org.acme", "money", "6.6.6", "")),
	} {
		path := w.native("open", "maven/org/acme/money/1.0.0/money-1.0.0.pom")
		refused(t, "a pom of another "+what, w.Do(t, house.Call{Method: http.MethodPut, Path: path, As: w.ann, Body: pom}), "pom")
		w.Want(t, http.StatusNotFound, house.Call{Path: path})
	}
}

// Incident 20 where it happened (npm 2021): there are three names in a
// publication, those of the address, the body and the tarball. All of them are
// one, in a registry that its publisher may write to.
func TestIncident20NPM(t *testing.T) {
	w := newWorld(t)
	tarball := func(name string) []byte {
		return formattest.Tarball(formattest.Entry{Name: "package/package.json", Text: fmt.Sprintf(`{"name":%q,"version":"1.0.0"}`, name)})
	}
	manifest := func(name string) string { return fmt.Sprintf(`{"name":%q,"version":"1.0.0"}`, name) }
	theirs := tarball("@acme/money")
	if reply := w.npm(t, w.ann, "open", "@acme/money", npmtest.Publication("@acme/money", "1.0.0", manifest("@acme/money"), theirs)); reply.Status != http.StatusCreated {
		t.Fatal(reply)
	}
	names := []string{"@acme/money", "@ben/tool", "tool"}
	for _, address := range names {
		for _, body := range names {
			for _, inside := range names {
				if address == body && body == inside {
					continue
				}
				document := npmtest.Publication(body, "1.0.0", manifest(inside), tarball(inside))
				refused(t, address+" of "+body+" of "+inside, w.npm(t, w.ben, "own", address, document), "body")
			}
		}
	}
	for _, name := range names {
		w.Want(t, http.StatusNotFound, house.Call{Path: w.native("own", "npm/"+name)})
	}
	mine := npmtest.Publication("@acme/money", "2.0.0", `{"name":"@acme/money","version":"2.0.0"}`,
		formattest.Tarball(formattest.Entry{Name: "package/package.json", Text: `{"name":"@acme/money","version":"2.0.0"}`}))
	for project, want := range map[string]int{"open": http.StatusForbidden, "vault": http.StatusNotFound, "own": http.StatusCreated} {
		if reply := w.npm(t, w.ben, project, "@acme/money", mine); reply.Status != want {
			t.Errorf("to %s: %s, want %d", project, reply, want)
		}
	}
	w.Want(t, http.StatusNotFound, house.Call{Path: w.native("open", "npm/@acme/money/2.0.0")})
	if got := w.Want(t, http.StatusOK, house.Call{Path: w.native("open", "npm/@acme/money/-/money-1.0.0.tgz")}); !bytes.Equal(got.Body, theirs) {
		t.Error("the package has other bytes")
	}
}

// Incident 22 where it happened (npm CVE-2019-16776): a command of a package is
// a link that npm makes, and a tarball may hold links of its own.
func TestIncident22NPM(t *testing.T) {
	w := newWorld(t)
	publish := func(manifest string, more ...formattest.Entry) house.Reply {
		tarball := formattest.Tarball(append([]formattest.Entry{{Name: "package/package.json", Text: manifest}}, more...)...)
		return w.npm(t, w.ann, "open", "money", npmtest.Publication("money", "1.0.0", manifest, tarball))
	}
	const plain = `{"name":"money","version":"1.0.0"}`
	for _, bin := range []string{
		`"../../../etc/passwd"`, `"/etc/passwd"`, `{"money":"../../evil"}`, `{"money":"..\\..\\evil"}`, `{"../../../usr/bin/node":"a.js"}`, `{"..":"a.js"}`,
		`{"a/b":"a.js"}`, `{"a\\b":"a.js"}`, `{"":"a.js"}`, `{"money":"lib/../../evil"}`,
	} {
		refused(t, bin, publish(`{"name":"money","version":"1.0.0","bin":`+bin+`}`, formattest.Entry{Name: "package/a.js"}), "command")
	}
	for what, f := range map[string]formattest.Entry{
		"a link that climbs":      {Name: "package/x", Text: formattest.LinkTo + "../../../etc/passwd"},
		"a link to the root":      {Name: "package/x", Text: formattest.LinkTo + "/etc/passwd"},
		"a link for the manifest": {Name: "package/package.json", Text: formattest.LinkTo + "../x"},
		"a file that climbs":      {Name: "package/../../x", Text: "x"},
		"a file of the root":      {Name: "/etc/cron.d/x", Text: "x"},
	} {
		if reply := publish(plain, f); reply.Status != 400 && reply.Status != 422 {
			t.Errorf("%s: %s", what, reply)
		}
	}
	w.Want(t, http.StatusNotFound, house.Call{Path: w.native("open", "npm/money")})
	if reply := publish(`{"name":"money","version":"1.0.0","bin":{"money":"./bin/a.js"}}`, formattest.Entry{Name: "package/bin/a.js"}); reply.Status != http.StatusCreated {
		t.Errorf("a command of its own: %s", reply)
	}
}

// Incident 23 (CVE-2025-54368): a wheel that scanners and installers read
// differently. Neither door takes it, and nothing of it is listed.
func TestIncident23(t *testing.T) {
	w := newWorld(t)
	const info = "money-1.0.0.dist-info/"
	right := pypitest.Wheel("money", "1.0.0", formattest.Entry{Name: "money.py", Text: "pass\n"})
	other := pypitest.Wheel("money", "1.0.0", formattest.Entry{Name: "money.py", Text: "evil()\n"})
	local := bytes.Clone(right) // the local header of money.py names another file than the directory at the end
	at := bytes.Index(local, []byte("money.py"))
	copy(local[at:], "other.py")
	for what, content := range map[string][]byte{
		"two archives":             append(bytes.Clone(right), other...),
		"bytes behind it":          append(bytes.Clone(right), "PK\x05\x06 and more"...),
		"bytes before it":          append([]byte("#!/bin/sh\n"), right...),
		"another local name":       local,
		"a name twice":             pypitest.Wheel("money", "1.0.0", formattest.Entry{Name: "money.py", Text: "pass\n"}, formattest.Entry{Name: "money.py", Text: "evil()\n"}),
		"a second RECORD":          pypitest.Wheel("money", "1.0.0", formattest.Entry{Name: info + "RECORD", Text: ""}),
		"a second METADATA":        pypitest.Wheel("money", "1.0.0", formattest.Entry{Name: info + "METADATA", Text: "Metadata-Version: 2.1\nName: evil\nVersion: 1\n"}),
		"a file that climbs":       pypitest.Wheel("money", "1.0.0", formattest.Entry{Name: "../../site.py", Text: "evil()\n"}),
		"a file beside its RECORD": formattest.Zip(formattest.Entry{Name: info + "METADATA", Text: "Metadata-Version: 2.1\nName: money\nVersion: 1.0.0\n"}, formattest.Entry{Name: info + "WHEEL", Text: "Wheel-Version: 1.0\n"}, formattest.Entry{Name: info + "RECORD"}, formattest.Entry{Name: "evil.py"}),
	} {
		const file = "money-1.0.0-py3-none-any.whl"
		rest := w.Do(t, house.Call{Method: http.MethodPut, Path: w.rest("open", "pypi/money/1.0.0/"+file), As: w.ann, Body: content})
		for door, reply := range map[string]house.Reply{"twine": w.twine(t, w.ann, "open", "money", "1.0.0", file, content), "REST": rest} {
			if reply.Status != 400 && reply.Status != 422 {
				t.Errorf("%s by %s: %s", what, door, reply)
			}
		}
	}
	w.Want(t, http.StatusNotFound, house.Call{Path: w.native("open", "pypi/simple/money/")})
	if reply := w.twine(t, w.ann, "open", "money", "1.0.0", "money-1.0.0-py3-none-any.whl", right); reply.Status != http.StatusOK {
		t.Errorf("a wheel: %s", reply)
	}
}
