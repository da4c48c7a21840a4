package registry_test

import (
	"net/http"
	"strings"
	"testing"

	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
	rest "ingot.dev/routers/registry"
	"ingot.dev/services/registry"
)

// What stands for which address where two could.
func TestAddresses(t *testing.T) {
	t.Parallel()
	s := newServer(t, registry.Config{})
	const prefix = "/registry/project/acme/app/package"
	s.put(t, prefix+"/generic/lamp/1+2~3:4@5/a%20b.bin", "light")
	s.put(t, prefix+"/generic/lamp/version-list/a", "x")
	s.put(t, prefix+"/generic/lamp/delete/a", "x")
	lamp := prefix + "/" + s.only(t, prefix).ID

	if v := decode[version](t, s.get(t, lamp+"/1+2~3:4@5")); v.Version != "1+2~3:4@5" || v.PackageFiles[0].Name != "a b.bin" {
		t.Errorf("%+v", v)
	}
	if v := decode[version](t, s.get(t, lamp+"/1%2B2%7E3%3A4%405")); v.Version != "1+2~3:4@5" {
		t.Errorf("%+v", v)
	}
	want(t, s.do(t, call{method: "GET", path: lamp + "/1%252B2", token: "ann-token"}), 404, `"1%2B2"`) // decoded once
	if list := decode[page[version]](t, s.get(t, lamp+"/version-list")); list.Page.TotalElements != 3 {
		t.Errorf("version-list is taken for a version: %+v", list)
	}
	if w := s.do(t, call{method: "POST", path: lamp + "/delete/delete", token: "ann-token"}); w.Code != 200 {
		t.Errorf("the version called delete: %d %s", w.Code, w.Body)
	}
	s.get(t, lamp)

	for _, c := range []struct {
		method, path, allow string
	}{
		{"PUT", prefix, "GET, HEAD"},
		{"DELETE", lamp, "GET, HEAD"},
		{"DELETE", lamp + "/1/x/delete", "POST"},
		{"POST", prefix + "/jar", "PUT, GET, HEAD"},
		{"POST", "/registry/openapi.yaml", "GET, HEAD"},
	} {
		w := s.do(t, call{method: c.method, path: c.path, token: "ann-token"})
		want(t, w, 405, c.allow)
		if got := w.Header().Get("Allow"); got != c.allow {
			t.Errorf("%s %s: Allow %q, want %q", c.method, c.path, got, c.allow)
		}
	}
	for _, path := range []string{
		"/registry", "/rest-api", "/rest-api/project/acme/app/package", "/registry/project/acme/package",
		"/registry/team/acme/package", prefix + "/a/b/c/d/e/f", "/rest-api/registry/package/-/generic/x/1/y/z/a",
		prefix + "/generic/version-list", prefix + "/maven/a/b/1/c", prefix + "/generic",
	} {
		want(t, s.do(t, call{method: "GET", path: path, token: "ann-token"}), 404)
	}
	if w := s.do(t, call{method: "GET", path: "/registry/package/-/generic/x/1/y", token: "ann-token"}); strings.Contains(w.Body.String(), "{") {
		t.Errorf("a native address is answered by the API: %s", w.Body)
	}
	if w := s.do(t, call{method: "GET", path: "/package/x", token: "ann-token", odd: true}); w.Code != http.StatusTeapot {
		t.Errorf("the API took an address of nobody: %d", w.Code)
	}
	if a, b := s.get(t, "/rest-api/openapi.yaml"), s.get(t, "/registry/openapi.yaml"); string(a) != string(b) {
		t.Error("the two documents differ")
	}
}

func TestHead(t *testing.T) {
	t.Parallel()
	s := newServer(t, registry.Config{})
	const prefix = "/registry/project/acme/app/package"
	s.put(t, prefix+"/generic/lamp/1/a", "light")
	lamp := prefix + "/" + s.only(t, prefix).ID
	for _, path := range []string{
		prefix, lamp, lamp + "/1", lamp + "/version-list", lamp + "/package-file",
		prefix + "/generic/lamp/1/a", "/registry/openapi.yaml", prefix + "/none", prefix + "/generic/lamp/9/a",
	} {
		get := s.do(t, call{method: "GET", path: path, token: "ann-token"})
		head := s.do(t, call{method: "HEAD", path: path, token: "ann-token"})
		for _, name := range []string{"Content-Type", "Content-Length", "ETag", "Content-Disposition"} {
			if get.Code != head.Code || get.Header().Get(name) != head.Header().Get(name) {
				t.Errorf("%s: %s of GET is %d %q, of HEAD %d %q", path, name, get.Code, get.Header().Get(name), head.Code, head.Header().Get(name))
			}
		}
	}
}

func TestDownloadsHaveValidators(t *testing.T) {
	t.Parallel()
	s := newServer(t, registry.Config{})
	const path = "/registry/project/acme/app/package/generic/lamp/1/a.html"
	s.put(t, path, "0123456789")
	whole := s.do(t, call{method: "GET", path: path, token: "ann-token"})
	if got := whole.Header().Get("Content-Disposition"); got != "attachment; filename=a.html" {
		t.Errorf("disposition %q", got)
	}
	tag := whole.Header().Get("ETag")
	for _, test := range []struct {
		name, value string
		status      int
		body        string
	}{
		{"If-None-Match", tag, 304, ""},
		{"Range", "bytes=2-4", 206, "234"},
		{"Range", "bytes=20-", 416, "invalid range: failed to overlap\n"},
	} {
		w := s.do(t, call{method: "GET", path: path, token: "ann-token", header: http.Header{test.name: {test.value}}})
		if w.Code != test.status || w.Body.String() != test.body {
			t.Errorf("%s %s: %d %q", test.name, test.value, w.Code, w.Body)
		}
	}
}

// The way of a format that publishes by coordinates and downloads by ids.
func TestFormatsOwnAddresses(t *testing.T) {
	t.Parallel()
	s := newServer(t, registry.Config{})
	for _, prefix := range []string{"/registry/project/acme/app/package", "/registry/package"} {
		w := s.do(t, call{method: "PUT", path: prefix + "/jars/org.example/lib/2.0/lib.jar", token: "ann-token", body: "jar of 2.0", odd: true}) // an alias
		if w.Code != 200 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		v := decode[version](t, w.Body.Bytes())
		p := s.only(t, prefix)
		if p.Type != "jar" || p.GroupID != "org.example" || p.ArtifactID != "lib" || p.Name != "org.example:lib" {
			t.Errorf("%+v", p)
		}
		file := v.PackageFiles[0].ID
		if got := s.get(t, prefix+"/jar/"+p.ID+"/2.0/"+file+"/download"); string(got) != "jar of 2.0" {
			t.Errorf("got %q", got)
		}
		other := decode[version](t, s.put(t, prefix+"/generic/lamp/2.0/a", "x"))
		generic := decode[page[pack]](t, s.get(t, prefix)).Embedded["simplePackageInfoModelList"][0]
		for _, path := range []string{
			generic.ID + "/2.0/" + other.PackageFiles[0].ID, // another format's
			p.ID + "/9/" + file, p.ID + "/2.0/" + other.PackageFiles[0].ID, "none/2.0/" + file,
		} {
			want(t, s.do(t, call{method: "GET", path: prefix + "/jar/" + path + "/download", token: "ann-token"}), 404)
		}
		want(t, s.do(t, call{
			method: "GET", path: "/registry/user/ann/package/jar/" + p.ID + "/2.0/" + file + "/download", token: "ann-token",
		}), 404)
	}
}

func TestNewRefusesHalfAFormat(t *testing.T) {
	t.Parallel()
	for _, up := range []format.Upload{{Put: []string{"{file}"}}, {Get: []string{"{file}"}}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%+v is taken", up)
				}
			}()
			serve(t, registry.Config{}, half{up})
		}()
	}
}

type half struct{ up format.Upload }

func (half) Info() format.Info       { return format.Info{ID: "half", Title: "Half"} }
func (half) Routes() []format.Route  { return nil }
func (h half) Upload() format.Upload { return h.up }

// Each route says what it needs, and names the owner it is for.
func TestRoutes(t *testing.T) {
	t.Parallel()
	s := newServer(t, registry.Config{})
	for _, r := range s.api.Routes() {
		need := forge.ReadPackages
		switch {
		case strings.HasSuffix(r.Pattern, "/openapi.yaml"):
			need = forge.Public
		case r.Method == http.MethodPut:
			need = forge.PublishPackages
		case r.Method == http.MethodPost:
			need = forge.DeletePackages
		}
		owner := map[scope.Kind]string{scope.Project: "{projectAlias}", scope.Company: "{companyAlias}", scope.User: "{userAlias}"}[r.Of]
		if r.Need != need || !strings.HasPrefix(r.Name, "rest.") || !strings.Contains(r.Pattern, owner) {
			t.Errorf("%+v", rest.Route{Name: r.Name, Method: r.Method, Pattern: r.Pattern, Of: r.Of, Need: r.Need})
		}
	}
}
