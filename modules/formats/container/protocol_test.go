package container

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
)

func TestParseRange(t *testing.T) {
	t.Parallel()
	for s, want := range map[string][2]int64{"0-0": {0, 1}, "0-99": {0, 100}, "100-199": {100, 100}, "999999999999999990-999999999999999998": {999999999999999990, 9}} {
		if first, n, err := parseRange(s); err != nil || first != want[0] || n != want[1] {
			t.Errorf("%s: %d, %d, %v", s, first, n, err)
		}
	}
	for _, s := range []string{"", "-", "0", "0-", "-1", "5-4", "bytes=0-1", "bytes 0-1/2", "0-1/2", "+0-1", " 0-1", "0x0-1", "0-9999999999999999999", "0-1-2", "0.0-1", "a-b"} {
		if _, _, err := parseRange(s); fault.KindOf(err) != fault.Invalid || fault.From(err).Field != "upload" {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestPart(t *testing.T) {
	t.Parallel()
	for promised, want := range map[int64]string{3: "abc", 2: "too long", 4: "unexpected EOF"} {
		b, err := io.ReadAll(&part{strings.NewReader("abc"), promised})
		got := string(b)
		switch {
		case fault.Is(err, fault.Invalid):
			got = "too long"
		case err != nil:
			got = err.Error()
		}
		if got != want {
			t.Errorf("3 bytes of %d: %q", promised, got)
		}
	}
}

func TestParseScopes(t *testing.T) {
	t.Parallel()
	const read, publish, del = forge.GrantPackagesRead, forge.GrantPackagesPublish, forge.GrantPackagesDelete
	for _, c := range []struct {
		texts []string
		want  []format.Access
	}{
		{nil, nil},
		{[]string{""}, nil},
		{[]string{"repository:web:pull"}, []format.Access{{Subject: "web", Grants: read}}},
		{[]string{"repository:project/Acme/Shop/web:pull,push"}, []format.Access{{Subject: "project/acme/shop/web", Grants: read | publish}}},
		{[]string{"repository:helm/company/acme/web:push"}, []format.Access{{Subject: "company/acme/web", Grants: read | publish}}},
		{[]string{"repository:web:delete", "repository:api:*"}, []format.Access{{Subject: "web", Grants: read | del}, {Subject: "api", Grants: read | publish | del}}},
		{[]string{"repository:web:pull repository:api:pull  repository:web:push"}, []format.Access{{Subject: "web", Grants: read | publish}, {Subject: "api", Grants: read}}},
		{[]string{"repository(plugin):web:pull"}, []format.Access{{Subject: "web", Grants: read}}},
		{[]string{"repository:web:admin,pull,"}, []format.Access{{Subject: "web", Grants: read}}},
		{[]string{"repository:web:"}, []format.Access{{Subject: "web"}}},
		{[]string{"registry:catalog:*"}, []format.Access{{Subject: "_catalog", Grants: read | publish | del}}},
		{[]string{"registry:other:*", "artifact-repository:web:pull", "repository", "repository:", "repository:web", "repository:project/a/b:pull", "repository:../a:pull", "repository::pull"}, nil},
	} {
		got, err := parseScopes(c.texts)
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("%q: %v (-want +got):\n%s", c.texts, err, diff)
		}
	}
	many := make([]string, maxAccess+1)
	for i := range many {
		many[i] = "repository:r" + strings.Repeat("x", i) + ":pull"
	}
	if _, err := parseScopes(many); fault.KindOf(err) != fault.Invalid {
		t.Errorf("%d repositories: %v", len(many), err)
	}
}

func TestComplain(t *testing.T) {
	t.Parallel()
	const web = "/v2/company/acme/web"
	of := func(pairs ...string) format.Params {
		p := format.Params{{Name: "name", Value: "web"}}
		for i := 0; i < len(pairs); i += 2 {
			p = append(p, format.Param{Name: pairs[i], Value: pairs[i+1]})
		}
		return p
	}
	for _, c := range []struct {
		method, path string
		params       format.Params
		fault        *fault.Fault
		status       int
		code         string
		challenge    string // what its scope is
	}{
		{"GET", "/v2", format.Params{}, fault.New(fault.Unauthenticated, "m"), 401, "UNAUTHORIZED", "none"},
		{"GET", "/v2/_catalog", nil, fault.New(fault.Unauthenticated, "m"), 401, "UNAUTHORIZED", "registry:catalog:*"},
		{"GET", web + "/manifests/1", of("reference", "1"), fault.New(fault.Unauthenticated, "m"), 401, "UNAUTHORIZED", "pull"},
		{"HEAD", web + "/manifests/1", of("reference", "1"), fault.New(fault.Unauthenticated, "m"), 401, "", "pull"},
		{"PUT", web + "/manifests/1", of("reference", "1"), fault.New(fault.Unauthenticated, "m"), 401, "UNAUTHORIZED", "pull,push"},
		{"DELETE", web + "/manifests/1", of("reference", "1"), fault.New(fault.Unauthenticated, "m"), 401, "UNAUTHORIZED", "pull,delete"},
		{"POST", web + "/blobs/uploads/", of(), fault.New(fault.Unauthenticated, "m"), 401, "UNAUTHORIZED", "pull,push"},
		{"GET", web + "/blobs/uploads/1", of("upload", "1"), fault.New(fault.Unauthenticated, "m"), 401, "UNAUTHORIZED", "pull,push"},
		{"DELETE", web + "/blobs/uploads/1", of("upload", "1"), fault.New(fault.Unauthenticated, "m"), 401, "UNAUTHORIZED", "pull,push"},
		{"GET", "/v2/token", nil, fault.New(fault.Unauthenticated, "m"), 401, "UNAUTHORIZED", "Basic"},
		{"GET", "/company/acme/package/-/container/web/manifests/1", of("reference", "1"), fault.New(fault.Unauthenticated, "m"), 401, "UNAUTHORIZED", "Basic"},

		{"GET", web + "/manifests/1", of("reference", "1"), fault.New(fault.NotFound, "m"), 404, "MANIFEST_UNKNOWN", ""},
		{"GET", web + "/blobs/x", of("digest", "x"), fault.New(fault.NotFound, "m"), 404, "BLOB_UNKNOWN", ""},
		{"GET", web + "/blobs/x", of("digest", "x"), fault.New(fault.Invalid, "m"), 400, "DIGEST_INVALID", ""},
		{"PATCH", web + "/blobs/uploads/x", of("upload", "x"), fault.New(fault.NotFound, "m"), 404, "BLOB_UPLOAD_UNKNOWN", ""},
		{"POST", web + "/blobs/uploads/", of(), fault.New(fault.NotFound, "m"), 404, "NAME_UNKNOWN", ""},
		{"GET", web + "/tags/list", of(), fault.New(fault.NotFound, "m"), 404, "NAME_UNKNOWN", ""},
		{"GET", web + "/tags/list", of(), fault.New(fault.Invalid, "m"), 400, "UNSUPPORTED", ""},
		{"GET", web + "/referrers/x", of("digest", "x"), fault.New(fault.Invalid, "m").At("digest"), 400, "DIGEST_INVALID", ""},
		{"PUT", web + "/manifests/1", of("reference", "1"), fault.New(fault.NotFound, "m").At("blob"), 404, "MANIFEST_BLOB_UNKNOWN", ""},
		{"PUT", web + "/manifests/1", of("reference", "1"), fault.New(fault.Invalid, "m"), 400, "MANIFEST_INVALID", ""},
		{"PUT", web + "/manifests/1", of("reference", "1"), fault.New(fault.TooLarge, "m"), 413, "MANIFEST_INVALID", ""},
		{"PUT", web + "/manifests/1", of("reference", "1"), fault.New(fault.Invalid, "m").At("size"), 400, "SIZE_INVALID", ""},
		{"PUT", web + "/manifests/1", of("reference", "1"), fault.New(fault.Invalid, "m").At("digest"), 400, "DIGEST_INVALID", ""},
		{"PUT", web + "/manifests/1", of("reference", "1"), fault.New(fault.Invalid, "m").At("name"), 400, "NAME_INVALID", ""},
		{"PUT", web + "/manifests/1", of("reference", "1"), fault.New(fault.Quota, "m"), 403, "DENIED", ""},
		{"PUT", web + "/manifests/1", of("reference", "1"), fault.New(fault.Busy, "m"), 429, "TOOMANYREQUESTS", ""},
		{"PATCH", web + "/blobs/uploads/x", of("upload", "x"), fault.New(fault.Precondition, "m"), 416, "BLOB_UPLOAD_INVALID", ""},
		{"PATCH", web + "/blobs/uploads/x", of("upload", "x"), fault.New(fault.TooLarge, "m"), 413, "SIZE_INVALID", ""},
		{"PATCH", web + "/blobs/uploads/x", of("upload", "x"), fault.New(fault.Invalid, "m"), 400, "BLOB_UPLOAD_INVALID", ""},
		{"DELETE", web + "/blobs/x", of("digest", "x"), fault.New(fault.Conflict, "m"), 405, "UNSUPPORTED", ""},
		{"PATCH", web + "/manifests/1", nil, fault.New(fault.NotAllowed, "m"), 405, "UNSUPPORTED", ""},
		{"GET", web, nil, fault.New(fault.NotFound, "m"), 404, "NAME_UNKNOWN", ""},
		{"GET", web + "/manifests/1", of("reference", "1"), fault.New(fault.Unavailable, "m"), 503, "UNAVAILABLE", ""},
		{"GET", web + "/manifests/1", of("reference", "1"), fault.New(fault.Internal, "m"), 500, "UNKNOWN", ""},
	} {
		w := httptest.NewRecorder()
		q := &format.Request{W: w, R: httptest.NewRequest(c.method, c.path, nil), Root: "https://h", Params: c.params}
		if strings.HasPrefix(c.path, web) {
			q.Subject = "company/acme/web"
		}
		if c.challenge != "" {
			w.Header().Set("WWW-Authenticate", "Basic")
		}
		New().Complain(q, map[fault.Kind]int{
			fault.Unauthenticated: 401, fault.NotFound: 404, fault.Invalid: 400, fault.TooLarge: 413, fault.Quota: 403, fault.Busy: 429,
			fault.Precondition: 412, fault.Conflict: 409, fault.NotAllowed: 405, fault.Unavailable: 503, fault.Internal: 500,
		}[c.fault.Kind], c.fault)
		challenge := map[string]string{
			"": "", "Basic": "Basic",
			"none":               `Bearer realm="https://h/v2/token",service="service"`,
			"registry:catalog:*": `Bearer realm="https://h/v2/token",service="service",scope="registry:catalog:*"`,
		}
		want, fixed := challenge[c.challenge]
		if !fixed {
			want = `Bearer realm="https://h/v2/token",service="service",scope="repository:company/acme/web:` + c.challenge + `"`
		}
		body := ""
		if c.code != "" {
			body = `{"errors":[{"code":"` + c.code + `","message":"m"}]}`
		}
		if w.Code != c.status || w.Body.String() != body || w.Header().Get("WWW-Authenticate") != want {
			t.Errorf("%s %s, %s: %d %s %s", c.method, c.path, c.fault.Kind, w.Code, w.Body, w.Header().Get("WWW-Authenticate"))
		}
	}
}

func TestAfter(t *testing.T) {
	t.Parallel()
	names := []string{"a", "c", "e"}
	for last, want := range map[string][]string{"": {"a", "c", "e"}, "a": {"c", "e"}, "b": {"c", "e"}, "e": {}, "z": {}} {
		if diff := cmp.Diff(want, after(names, last)); diff != "" {
			t.Errorf("after %q (-want +got):\n%s", last, diff)
		}
	}
}
