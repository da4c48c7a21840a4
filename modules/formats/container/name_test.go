package container

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
)

var (
	sha256Digest = "sha256:" + strings.Repeat("0a", 32)
	sha512Digest = "sha512:" + strings.Repeat("0a", 64)
)

func TestLocate(t *testing.T) {
	t.Parallel()
	project := scope.Path{Kind: scope.Project, Owner: "Acme", Name: "Shop"}
	company, user, service := scope.Path{Kind: scope.Company, Owner: "acme"}, scope.Path{Kind: scope.User, Owner: "ann"}, scope.Path{Kind: scope.Service}
	for _, c := range []struct {
		path, rest, subject string
		scope               scope.Path
	}{
		{"project/Acme/Shop/web/manifests/latest", "web/manifests/latest", "project/acme/shop/web", project},
		{"project/Acme/Shop/a/b/c/blobs/" + sha256Digest, "a/b/c/blobs/" + sha256Digest, "project/acme/shop/a/b/c", project},
		{"company/acme/web/blobs/uploads", "web/blobs/uploads", "company/acme/web", company},
		{"company/acme/web/blobs/uploads/ID", "web/blobs/uploads/ID", "company/acme/web", company},
		{"user/ann/web/tags/list", "web/tags/list", "user/ann/web", user},
		{"web/referrers/" + sha256Digest, "web/referrers/" + sha256Digest, "web", service},
		{"a/b/manifests/1", "a/b/manifests/1", "a/b", service},
		{"", "", "", service},
		{"token", "token", "", service},
		{"_catalog", "_catalog", "_catalog", service},

		// "helm/" in front is the same place.
		{"helm/project/Acme/Shop/web/manifests/1", "web/manifests/1", "project/acme/shop/web", project},
		{"helm/company/acme/web/manifests/1", "web/manifests/1", "company/acme/web", company},
		{"helm/web/manifests/1", "web/manifests/1", "web", service},
		{"helm/manifests/1", "helm/manifests/1", "helm", service},
		{"project/Acme/Shop/helm/web/manifests/1", "helm/web/manifests/1", "project/acme/shop/helm/web", project},

		// The words of addresses are names too.
		{"project/Acme/Shop/manifests/manifests/manifests", "manifests/manifests/manifests", "project/acme/shop/manifests", project},
		{"company/acme/blobs/uploads/blobs/uploads", "blobs/uploads/blobs/uploads", "company/acme/blobs/uploads", company},
		{"company/acme/tags/list/tags/list", "tags/list/tags/list", "company/acme/tags/list", company},
		{"project/manifests/1", "project/manifests/1", "project", service},
		{"token/manifests/1", "token/manifests/1", "token", service},

		// The image is missing, and no route is left.
		{"project/manifests/manifests/1", "project/manifests", "", service},
		{"project/Acme/Shop/manifests/1", "project/Acme/Shop", "", service},
		{"company/acme/manifests/1", "company/acme", "", service},
		{"helm/user/ann/tags/list", "helm/user/ann", "", service},
	} {
		segments, ok := format.Segments(c.path)
		if !ok {
			t.Fatal(c.path)
		}
		path, rest, subject := New().Locate(segments)
		if diff := cmp.Diff([]any{c.scope, c.rest, c.subject}, []any{path, strings.Join(rest, "/"), subject}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.path, diff)
		}
	}
}

// What is located leads to the route that it was located for.
func TestLocateAgreesWithRoutes(t *testing.T) {
	t.Parallel()
	var table format.Table[string]
	for _, r := range New().Routes() {
		table.Add(r.Method, r.Pattern, r.Name)
	}
	for _, c := range []struct{ method, path, route, name string }{
		{"GET", "company/acme/blobs/uploads/blobs/uploads", "blob", "blobs/uploads"},
		{"POST", "company/acme/blobs/uploads/blobs/uploads", "beginUpload", "blobs/uploads"},
		{"GET", "company/acme/a/tags/list/manifests/x", "manifest", "a/tags/list"},
		{"GET", "company/acme/a/blobs/uploads/tags/list", "tags", "a/blobs/uploads"},
		{"PUT", "company/acme/a/manifests/blobs/uploads/x", "finishUpload", "a/manifests"},
		{"GET", "company/acme/a/manifests/tags/list", "tags", "a/manifests"},
		{"GET", "token/manifests/x", "manifest", "token"},
		{"GET", "token", "token", ""},
	} {
		segments, _ := format.Segments(c.path)
		_, rest, _ := New().Locate(segments)
		route, params, _, _ := table.Match(c.method, rest)
		if route != c.route || params.Value("name") != c.name {
			t.Errorf("%s %s leads to %s of %q", c.method, c.path, route, params.Value("name"))
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{
		"a": true, "0": true, "web": true, "a/b/c": true, "a.b": true, "a_b": true, "a__b": true, "a-b": true, "a---b": true, "a-b.c_d__e/f": true,
		strings.Repeat("a", 255): true,

		"": false, "A": false, "web.": false, "-a": false, "a___b": false, "a..b": false, "a.-b": false, "a_-b": false, "/a": false, "a/": false,
		"a//b": false, "..": false, "a/../b": false, "é": false, "a b": false, "a:b": false, "a@b": false, "a\n": false,
		strings.Repeat("a", 256): false,
	} {
		got, err := New().CanonicalName(name)
		if (err == nil) != ok || ok && got != name || err != nil && (fault.KindOf(err) != fault.Invalid || fault.From(err).Field != "name") {
			t.Errorf("%.80q: %q, %v", name, got, err)
		}
	}
	for tag, ok := range map[string]bool{
		"latest": true, "1.0.0": true, "_": true, "A-b_c.d": true, "1": true, strings.Repeat("t", 128): true,
		"": false, ".a": false, "-a": false, "a/b": false, "a:b": false, "a+b": false, "é": false, strings.Repeat("t", 129): false,
	} {
		if isTag(tag) != ok {
			t.Errorf("the tag %.80q: %v", tag, !ok)
		}
	}
	for digest, ok := range map[string]bool{
		sha256Digest: true, sha512Digest: true,
		"": false, "sha256:": false, "sha256": false, strings.ToUpper(sha256Digest): false, "sha256:" + strings.Repeat("0A", 32): false,
		"sha512:" + strings.Repeat("0a", 32): false, "sha1:" + strings.Repeat("0a", 20): false, sha256Digest + "0": false, "latest": false,
	} {
		if _, err := New().CanonicalVersion(digest); (err == nil) != ok {
			t.Errorf("the digest %.80q: %v", digest, err)
		}
	}
}

func TestRepository(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind scope.Kind
		name string
		ok   bool
	}{
		{scope.Project, "web", true},
		{scope.Project, "helm/web", true},
		{scope.Project, "project/a/b/c", true},
		{scope.Service, "web", true},
		{scope.Service, "helm", true},
		{scope.Service, "a/helm", true},
		{scope.Service, "helm/web", false},
		{scope.Service, "project/web", false},
		{scope.Service, "project/a/b/web", false},
		{scope.Service, "user/a", false},
		{scope.Project, "Web", false},
		{scope.Project, strings.Repeat("a", 214), true}, // 255 with the host and the scope
		{scope.Project, strings.Repeat("a", 215), false},
	} {
		q := &format.Request{
			Root: "https://registry.example", Params: format.Params{{Name: "name", Value: c.name}},
			Scope: scope.Scope{Ref: scope.Ref{Kind: c.kind}, Path: scope.Path{Kind: c.kind}},
		}
		if c.kind == scope.Project {
			q.Scope.Path.Owner, q.Scope.Path.Name = "Acme", "Outfitters"
		}
		if got, err := repository(q); (err == nil) != c.ok || c.ok && got != c.name {
			t.Errorf("%s %.40q: %q, %v", c.kind, c.name, got, err)
		}
	}
}
