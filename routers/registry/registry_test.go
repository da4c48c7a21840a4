package registry_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/golden"
	"ingot.dev/modules/scope"
	"ingot.dev/services/registry"
)

// The bodies of replies as a client reads them.
type (
	failure struct {
		Timestamp, Error, Message, Path string
		Status                          int
	}
	pack struct{ ID, Name, Version, GroupID, ArtifactID, Type, OwnerUUID, OwnerType string }
	file struct {
		ID, Name, PackageUploadType string
		Size                        int
	}
	version struct {
		ID, Version, PackageUploadType string
		DownloadCount                  int
		PackageFiles                   []file
	}
	page[T any] struct {
		Embedded map[string][]T `json:"_embedded"`
		Page     struct{ Size, TotalElements, TotalPages, Number int }
	}
)

func decode[T any](t testing.TB, b []byte) (v T) {
	t.Helper()
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	return v
}

// only gives the one package of a scope.
func (s *server) only(t testing.TB, prefix string) pack {
	t.Helper()
	list := decode[page[pack]](t, s.get(t, prefix)).Embedded["simplePackageInfoModelList"]
	if len(list) != 1 {
		t.Fatalf("%d packages below %s, want one", len(list), prefix)
	}
	return list[0]
}

// prefixes are the four scopes, below both bases.
func prefixes() map[string]scope.Scope {
	list := map[string]scope.Scope{}
	for _, base := range []string{"", "/rest-api"} {
		list[base+"/registry/project/acme/app/package"] = app
		list[base+"/registry/company/acme/package"] = acme
		list[base+"/registry/user/ann/package"] = ann
		list[base+"/registry/package"] = service
	}
	return list
}

func TestPutAndGetInEveryScope(t *testing.T) {
	t.Parallel()
	for prefix, sc := range prefixes() {
		t.Run(strings.TrimPrefix(prefix, "/"), func(t *testing.T) {
			t.Parallel()
			s := newServer(t, registry.Config{})
			v := decode[version](t, s.put(t, prefix+"/generic/lamp/1.0.0/lamp.bin", "light\x00"))
			if v.Version != "1.0.0" || v.PackageUploadType != "API" || len(v.PackageFiles) != 1 || v.PackageFiles[0].Size != 6 {
				t.Errorf("published %+v", v)
			}
			if got := s.get(t, prefix+"/generic/lamp/1.0.0/lamp.bin"); string(got) != "light\x00" {
				t.Errorf("got back %q", got)
			}
			p := s.only(t, prefix)
			want := pack{
				ID: p.ID, Name: "lamp", Version: "1.0.0", GroupID: "lamp", ArtifactID: "lamp", Type: "generic",
				OwnerUUID: sc.UUID, OwnerType: map[scope.Kind]string{
					scope.Project: "PROJECT", scope.Company: "COMPANY", scope.User: "USER", scope.Service: "GLOBAL",
				}[sc.Kind],
			}
			if diff := cmp.Diff(want, p); diff != "" {
				t.Errorf("package (-want +got):\n%s", diff)
			}
			if got := decode[pack](t, s.get(t, prefix+"/"+p.ID)); got != p {
				t.Errorf("the package alone is %+v, in the list %+v", got, p)
			}
			if got := decode[version](t, s.get(t, prefix+"/"+p.ID+"/1.0.0")); got.ID != v.ID {
				t.Errorf("the version is %+v", got)
			}
			if err := s.reg.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := decode[version](t, s.get(t, prefix+"/"+p.ID+"/1.0.0")).DownloadCount; got != 1 {
				t.Errorf("%d downloads, want 1", got)
			}
		})
	}
}

var (
	anyUUID = regexp.MustCompile(`"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"`)
	anyTime = regexp.MustCompile(`"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}"`)
	anyInst = regexp.MustCompile(`"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"`)
)

// Whole replies, key by key. Ids are numbered in the order they come in, times
// have their form alone.
func TestReplies(t *testing.T) {
	t.Parallel()
	s := newServer(t, registry.Config{})
	const prefix = "/registry/project/acme/app/package"
	s.put(t, prefix+"/generic/Lamp/1.0.0-RC1/lamp.bin", "light")
	s.put(t, prefix+"/generic/Lamp/1.0.0-RC1/lamp.txt", "Light & <shade>")
	s.put(t, prefix+"/generic/Lamp/1.0.0/lamp.bin", "light")
	lamp := s.only(t, prefix)
	s.put(t, prefix+"/jar/org.example/lib/2.0/lib.jar", "jar of 2.0")
	s.get(t, prefix+"/generic/Lamp/1.0.0/lamp.bin")
	if err := s.reg.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}

	ids := map[string]string{}
	for _, test := range []struct{ name, method, path string }{
		{"packages", "GET", prefix},
		{"package", "GET", prefix + "/" + lamp.ID},
		{"versions", "GET", prefix + "/" + lamp.ID + "/version-list"},
		{"version", "GET", prefix + "/" + lamp.ID + "/1.0.0-RC1"},
		{"files", "GET", prefix + "/" + lamp.ID + "/package-file?page=1&size=2"},
		{"put", "PUT", prefix + "/generic/Lamp/1.0.0/extra.bin"},
		{"empty", "GET", "/registry/user/ann/package"},
		{"missing", "GET", prefix + "/none"},
		{"conflict", "PUT", prefix + "/generic/Lamp/1.0.0/lamp.bin"},
	} {
		w := s.do(t, call{method: test.method, path: test.path, token: "ann-token", body: map[string]string{"PUT": "light"}[test.method]})
		if got := w.Header().Get("Content-Type"); got != "application/json" {
			t.Errorf("%s is %q", test.name, got)
		}
		body := anyUUID.ReplaceAllStringFunc(w.Body.String(), func(id string) string {
			if ids[id] == "" {
				ids[id] = fmt.Sprintf(`"id-%d"`, len(ids)+1)
			}
			return ids[id]
		})
		body = anyTime.ReplaceAllString(body, `"2024-08-01T06:57:07.150295"`)
		body = anyInst.ReplaceAllString(body, `"2024-08-01T06:57:07.150Z"`)
		golden.Equal(t, "reply-"+test.name+".txt", fmt.Sprintf("%s %s\n%d\n%s", test.method, strings.ReplaceAll(test.path, lamp.ID, "LAMP"), w.Code, body))
	}
}

func TestPagesOfPackages(t *testing.T) {
	t.Parallel()
	s := newServer(t, registry.Config{})
	const prefix = "/registry/project/acme/app/package"
	for i := range 25 {
		s.put(t, fmt.Sprintf("%s/generic/p%02d/1/a", prefix, i), "x")
	}
	walk := func(path, list, query string, want ...int) {
		t.Helper()
		seen := map[string]bool{}
		for i, n := range want {
			got := decode[page[struct{ ID string }]](t, s.get(t, fmt.Sprintf("%s?page=%d%s", path, i, query)))
			if len(got.Embedded[list]) != n || got.Page.Number != i || got.Page.TotalElements != 25 {
				t.Errorf("page %d of %s has %d items, want %d; %+v", i, path, len(got.Embedded[list]), n, got.Page)
			}
			for _, item := range got.Embedded[list] {
				seen[item.ID] = true
			}
		}
		if len(seen) != 25 {
			t.Errorf("the walk over %s saw %d different items", path, len(seen))
		}
	}
	const packages = "simplePackageInfoModelList"
	walk(prefix, packages, "&size=10", 10, 10, 5, 0)
	walk(prefix, packages, "", 10, 10, 5)
	walk(prefix, packages, "&size=100", 25, 0)
	walk("/registry/company/acme/package", packages, "&size=12", 12, 12, 1)

	if got := decode[page[pack]](t, s.get(t, prefix+"?size=10")).Page; got.TotalPages != 3 || got.Size != 10 {
		t.Errorf("%+v", got)
	}
	for query, size := range map[string]int{"size=0": 10, "size=-1&page=-1": 10, "size=a&page=b": 10, "size=1000": 100, "sort=name": 10} {
		w := s.do(t, call{method: "GET", path: prefix + "?" + query, token: "ann-token", odd: true})
		if got := decode[page[pack]](t, w.Body.Bytes()).Page; w.Code != 200 || got.Size != size || got.Number != 0 {
			t.Errorf("%s: %d %+v", query, w.Code, got)
		}
	}

	for i := range 24 {
		s.put(t, fmt.Sprintf("%s/generic/p00/1.%d/a", prefix, i), "x")
	}
	p := decode[page[pack]](t, s.get(t, prefix+"?size=1")).Embedded[packages][0]
	walk(prefix+"/"+p.ID+"/version-list", "simplePackageVersionModelList", "&size=10", 10, 10, 5)
	walk(prefix+"/"+p.ID+"/package-file", "simplePackageFileModelList", "&size=20", 20, 5)
	if p.Name != "p00" || p.Version != "1.23" {
		t.Errorf("the newest publication is %+v", p)
	}
}

// A company's list holds the packages of its public projects, and each is
// opened where it belongs.
func TestCompanyShowsItsProjects(t *testing.T) {
	t.Parallel()
	s := newServer(t, registry.Config{})
	s.put(t, "/registry/company/acme/package/generic/own/1/a", "x")
	s.put(t, "/registry/project/acme/app/package/generic/theirs/1/a", "x")
	s.put(t, "/registry/project/acme/vault/package/generic/secret/1/a", "x")
	s.put(t, "/registry/package/generic/everybodys/1/a", "x")

	list := decode[page[pack]](t, s.get(t, "/registry/company/acme/package"))
	var got []string
	for _, p := range list.Embedded["simplePackageInfoModelList"] {
		got = append(got, p.Name+" "+p.OwnerType+" "+p.OwnerUUID)
	}
	expected := []string{"theirs PROJECT " + app.UUID, "own COMPANY " + acme.UUID}
	if diff := cmp.Diff(expected, got); diff != "" || list.Page.TotalElements != 2 {
		t.Errorf("the company lists (-want +got):\n%s", diff)
	}

	theirs := list.Embedded["simplePackageInfoModelList"][0].ID
	s.get(t, "/registry/project/acme/app/package/"+theirs)
	for _, path := range []string{"", "/1", "/version-list", "/package-file"} {
		for _, prefix := range []string{"/registry/company/acme", "/registry/project/acme/vault", "/registry/user/ann", "/registry"} {
			want(t, s.do(t, call{method: "GET", path: prefix + "/package/" + theirs + path, token: "ann-token"}), 404)
		}
	}
	want(t, s.do(t, call{method: "POST", path: "/registry/company/acme/package/" + theirs + "/delete", token: "ann-token"}), 404)
	s.get(t, "/registry/project/acme/app/package/"+theirs)
}

func TestDeletes(t *testing.T) {
	t.Parallel()
	s := newServer(t, registry.Config{})
	const prefix = "/registry/project/acme/app/package"
	post := func(path string) {
		t.Helper()
		if w := s.do(t, call{method: "POST", path: path, token: "ann-token"}); w.Code != 200 || w.Body.Len() != 0 {
			t.Errorf("POST %s: %d %q", path, w.Code, w.Body)
		}
	}
	gone := func(path string) {
		t.Helper()
		want(t, s.do(t, call{method: "GET", path: path, token: "ann-token"}), 404)
	}
	s.put(t, prefix+"/generic/lamp/1/a", "1")
	two := decode[version](t, s.put(t, prefix+"/generic/lamp/1/b", "2"))
	if len(two.PackageFiles) != 2 || two.PackageFiles[0].Name != "a" {
		t.Errorf("a version that a file joined is answered as %+v", two)
	}
	three := decode[version](t, s.put(t, prefix+"/generic/lamp/3/a", "3"))
	s.put(t, prefix+"/generic/lamp/4/a", "4")
	lamp := prefix + "/" + s.only(t, prefix).ID

	want(t, s.do(t, call{method: "POST", path: lamp + "/1/" + three.PackageFiles[0].ID + "/delete", token: "ann-token"}), 404, "has no file")
	want(t, s.do(t, call{method: "POST", path: lamp + "/9/delete", token: "ann-token"}), 404, `no version "9"`)

	post(lamp + "/1/" + two.PackageFiles[0].ID + "/delete")
	gone(prefix + "/generic/lamp/1/a")
	s.get(t, prefix+"/generic/lamp/1/b")

	post(lamp + "/1/" + two.PackageFiles[1].ID + "/delete") // the last file takes its version along
	gone(lamp + "/1")

	post(lamp + "/3/delete")
	gone(lamp + "/3")
	gone(prefix + "/generic/lamp/3/a")
	s.get(t, lamp+"/4")

	s.put(t, prefix+"/generic/lamp/5/a", "5")
	post(lamp + "/delete")
	for _, path := range []string{lamp, lamp + "/4", lamp + "/version-list", lamp + "/package-file", prefix + "/generic/lamp/5/a"} {
		gone(path)
	}
	want(t, s.do(t, call{method: "POST", path: lamp + "/delete", token: "ann-token"}), 404)

	s.put(t, prefix+"/generic/lamp/1/a", "1")
	lamp = prefix + "/" + s.only(t, prefix).ID
	post(lamp + "/1/delete") // the last version takes its package along
	gone(lamp)
	if list := decode[page[pack]](t, s.get(t, prefix)); list.Page.TotalElements != 0 || list.Embedded["simplePackageInfoModelList"] == nil {
		t.Errorf("the empty list is %+v", list)
	}
}

// The door is kept for the version and for each file.
func TestUploadTypes(t *testing.T) {
	t.Parallel()
	s := newServer(t, registry.Config{})
	w := s.do(t, call{method: "PUT", path: "/project/acme/app/package/-/generic/lamp/1/a", token: "ann-token", body: "x", odd: true})
	if w.Code != 201 {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	v := decode[version](t, s.put(t, "/registry/project/acme/app/package/generic/lamp/1/b", "y"))
	if v.PackageUploadType != "TRANSPORT" || v.PackageFiles[0].PackageUploadType != "TRANSPORT" || v.PackageFiles[1].PackageUploadType != "API" {
		t.Errorf("%+v", v)
	}
}

// A package of which everything was taken back is listed with the version that
// was published last.
func TestVersionOfWhatWasTakenBack(t *testing.T) {
	t.Parallel()
	s := newServer(t, registry.Config{})
	const prefix = "/registry/project/acme/app/package"
	s.put(t, prefix+"/generic/lamp/1.0.0/lamp.bin", "light")
	s.put(t, prefix+"/generic/lamp/2.0.0/lamp.bin", "light")
	reg := s.reg.Bind(s.reg.Kind("generic"), app, forge.Actor{ID: 1}, forge.PublishPackages, format.API)
	for _, v := range []string{"1.0.0", "2.0.0"} {
		if err := reg.Edit(t.Context(), "lamp", format.Yank{Version: v, On: true}); err != nil {
			t.Fatal(err)
		}
	}
	p := s.only(t, prefix)
	if one := decode[pack](t, s.get(t, prefix+"/"+p.ID)); p.Version != "2.0.0" || one.Version != "2.0.0" {
		t.Errorf("it is listed as %q and shown as %q", p.Version, one.Version)
	}
}
