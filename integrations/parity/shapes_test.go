package parity

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/integrations/house"
	"ingot.dev/modules/format"
	"ingot.dev/modules/format/formattest"
	"ingot.dev/modules/scope"
)

// shaped fails where a reply is not the shape of that name in testdata, filled
// with data: the same keys in the same order with the same values.
func shaped(t *testing.T, name string, data any, reply house.Reply) {
	t.Helper()
	shapes, err := template.New("").Funcs(template.FuncMap{"q": formattest.Quote}).ParseFiles("testdata/shapes.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := shapes.ExecuteTemplate(&text, name, data); err != nil {
		t.Fatal(err)
	}
	lines := func(b []byte) string {
		var out bytes.Buffer
		if err := json.Indent(&out, bytes.TrimSpace(b), "", "    "); err != nil {
			t.Errorf("%s: %s, %v", name, b, err)
		}
		return out.String()
	}
	if diff := cmp.Diff(lines(text.Bytes()), lines(reply.Body)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
	if got := reply.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("%s is of type %q", name, got)
	}
}

// What the shapes are filled with.
type (
	wantPackage struct{ ID, Name, Version, Group, Artifact, Type, OwnerUUID, OwnerType string }

	wantVersion struct {
		ID, Base, Version, Lower, Language, Upload string
		Downloads                                  int
		File                                       wantFile
	}

	wantFile struct {
		ID, Name, MD5, SHA1, SHA256, Upload, Created string
		Size                                         int
	}
)

// ownerTypes is how the API calls the owners.
var ownerTypes = map[scope.Kind]string{
	scope.Project: "PROJECT", scope.Company: "COMPANY", scope.User: "USER", scope.Service: "GLOBAL",
}

var (
	uuidForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	timeForm = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$`)
)

// shapes: every reply of the API is the documented one. What the server makes
// up, which is ids and times, is read in one reply and is the same in all.
func (k *kind) shapes(t *testing.T) {
	other := k.Name + "a"
	for _, p := range k.places(t) {
		k.publish(t, p, k.Name, v1)
		k.publish(t, p, k.Name, v2)
		k.publish(t, p, other, v2)
		_, uuid := k.ref(t, p)

		get := func(path string) house.Reply {
			return k.Want(t, http.StatusOK, house.Call{Path: p.rest(path), As: p.as})
		}
		whole := func(name string, found pack) wantPackage {
			group, artifact := groupOf(k.id, name)
			return wantPackage{found.ID, name, v2, group, artifact, k.id, uuid, ownerTypes[p.Kind]}
		}
		first, versions := k.one(t, p, k.Name)
		second, _ := k.one(t, p, other)
		packages := []wantPackage{whole(other, second), whole(k.Name, first)} // what was published last is first
		shaped(t, "packages", packages, get(""))
		shaped(t, "package", packages[1], get(first.ID))

		if len(versions) != 2 {
			t.Fatalf("there are %+v", versions)
		}
		var all []wantVersion
		for i, name := range []string{v2, v1} {
			all = append(all, k.version(t, name, versions[i]))
			for _, id := range []string{first.ID, versions[i].ID, all[i].File.ID} {
				if !uuidForm.MatchString(id) {
					t.Errorf("an id is %q", id)
				}
			}
		}
		shaped(t, "versions", all, get(first.ID+"/version-list"))
		shaped(t, "files", all, get(first.ID+"/package-file"))
		shaped(t, "version", all[1], get(first.ID+"/"+v1))

		for range 2 {
			k.Want(t, http.StatusOK, house.Call{Path: k.address(t, p, k.Name, v1), As: p.as})
		}
		if err := k.Registry.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		all[1].Downloads = 2
		shaped(t, "version", all[1], get(first.ID+"/"+v1))
		if p.Kind == scope.Service {
			k.clear(t, p, k.Name)
			k.clear(t, p, other)
		}
	}
}

// version is what is to be told of one, as far as it is known before.
func (k *kind) version(t *testing.T, name string, got version) wantVersion {
	t.Helper()
	if len(got.PackageFiles) != 1 {
		t.Fatalf("the files of %s are %+v", name, got.PackageFiles)
	}
	f := got.PackageFiles[0]
	at, err := time.Parse("2006-01-02T15:04:05.000000", f.CreatedAt)
	if ago := time.Since(at); err != nil || !timeForm.MatchString(f.CreatedAt) || ago < 0 || ago > time.Hour {
		t.Errorf("the file was created at %q", f.CreatedAt)
	}
	upload := "API"
	if k.Rest == nil {
		upload = "TRANSPORT"
	}
	content := k.Bytes(k.Name, name)
	return wantVersion{
		ID: got.ID, Base: name, Version: name, Lower: strings.ToLower(name), Language: k.language(name), Upload: upload,
		File: wantFile{
			ID: f.ID, Name: f.Name, Upload: upload, Created: f.CreatedAt, Size: len(content),
			MD5: fmt.Sprintf("%x", md5.Sum(content)), SHA1: fmt.Sprintf("%x", sha1.Sum(content)), SHA256: fmt.Sprintf("%x", sha256.Sum256(content)),
		},
	}
}

// language is what stands for {languageVersion} in the address that a version
// is published at; empty where nothing does.
func (k *kind) language(version string) string {
	uploading, ok := k.format.(format.Uploading)
	if !ok || k.Rest == nil {
		return ""
	}
	var table format.Table[int]
	for i, pattern := range uploading.Upload().Put {
		table.Add(http.MethodPut, below(k.id, pattern), i)
	}
	path, _, _ := strings.Cut(k.Rest(k.Name, version).Path, "?")
	segments, _ := format.Segments("/" + path)
	_, params, _, _ := table.Match(http.MethodPut, segments)
	return params.Value("languageVersion")
}

// groupOf splits a name where the type has groups; elsewhere both are the name.
func groupOf(id, name string) (group, artifact string) {
	separator, ok := map[string]string{"maven": ":", "composer": "/", "npm": "/"}[id]
	if group, artifact, split := strings.Cut(name, separator); ok && split {
		return group, artifact
	}
	return name, name
}

// An npm package without a scope has no group, and lowerVersion is in lower
// case where the version is not.
func TestFields(t *testing.T) {
	w := newWorld(t)
	p := w.project(t, w.ann.Ref(), false)
	bare := &kind{world: w, id: "npm", Sample: sampleOf(t, "npm")}
	bare.publish(t, p, "money", "1.0.0-RC.1")
	found, versions := bare.one(t, p, "money")
	_, uuid := w.ref(t, p)
	shaped(t, "package", wantPackage{found.ID, "money", "1.0.0-RC.1", "money", "money", "npm", uuid, "PROJECT"},
		w.Want(t, http.StatusOK, house.Call{Path: p.rest(found.ID), As: p.as}))
	reply := w.Want(t, http.StatusOK, house.Call{Path: p.rest(found.ID + "/1.0.0-RC.1"), As: p.as})
	if !bytes.Contains(reply.Body, []byte(`"baseVersion":"1.0.0-RC.1","version":"1.0.0-RC.1","lowerVersion":"1.0.0-rc.1",`)) {
		t.Errorf("%+v is %s", versions, reply)
	}
	if reply := w.Do(t, bare.own(p, "money", "2.0.0")); reply.Status/100 != 2 {
		t.Fatal(reply)
	}
	for _, v := range read[list[struct {
		Version string
		Upload  string `json:"packageUploadType"`
	}]](t, w, p, found.ID+"/version-list").Embedded[versionList] {
		if want := map[string]string{"1.0.0-RC.1": "API", "2.0.0": "TRANSPORT"}[v.Version]; v.Upload != want {
			t.Errorf("%s came by %s, want %s", v.Version, v.Upload, want)
		}
	}
}
