package oci

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/integrations/house"
)

func TestTags(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	repo := project + "/web"
	w.fails(t, 404, "NAME_UNKNOWN", w.call("GET", repo+"/tags/list", nil))
	b := w.put(t, repo, of256(index().bytes(t)), index())
	if got := string(w.get(t, repo+"/tags/list").Body); got != `{"name":"project/ann/shop/web","tags":[]}` {
		t.Errorf("without tags it is %s", got)
	}
	w.put(t, repo, of256(b)+"?tag=b&tag=a&tag=C&tag=1.10&tag=1.9", index())
	all := []string{"1.10", "1.9", "C", "a", "b"}
	for query, want := range map[string][]string{
		"": all, "?n=5": all, "?n=100": all, "?n=99999999999999999": all, "?last=1.9": {"C", "a", "b"}, "?last=zzz": {}, "?last=Bnone": {"C", "a", "b"}, "?n=0": {}, "?n=2&last=C": {"a", "b"},
	} {
		reply := w.get(t, repo+"/tags/list"+query)
		if diff := cmp.Diff(tagList{"project/ann/shop/web", want}, decode[tagList](t, reply)); diff != "" || follow(t, reply) != "" {
			t.Errorf("%q: goes on at %q (-want +got):\n%s", query, follow(t, reply), diff)
		}
	}
	for _, n := range []int{1, 2, 3} {
		var got []string
		for path := fmt.Sprintf("%s/tags/list?n=%d", repo, n); path != ""; {
			reply := w.Want(t, 200, w.call("GET", path, nil))
			page := decode[tagList](t, reply).Tags
			if len(page) > n {
				t.Errorf("a page of %d has %q", n, page)
			}
			got = append(got, page...)
			path = follow(t, reply)
		}
		if !slices.Equal(got, all) {
			t.Errorf("by %d: %q", n, got)
		}
	}
	for _, n := range []string{"-1", "x", "1.5", "1e3", "99999999999999999999999"} {
		w.fails(t, 400, "UNSUPPORTED", w.call("GET", repo+"/tags/list?n="+n, nil))
	}
	head := w.Want(t, 200, w.call("HEAD", repo+"/tags/list", nil))
	if len(head.Body) > 0 {
		t.Error("HEAD has a body")
	}
}

// Incident 21 (names of private packages in a public feed).
func TestCatalog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Company(t, "acme", w.ann, false)
	for _, repo := range []string{project + "/web", project + "/a/b", vault + "/hidden", "/v2/company/acme/web", "/v2/zoo"} {
		w.put(t, repo, "1", index())
	}
	type catalog struct{ Repositories []string }
	reply := w.fails(t, 401, "UNAUTHORIZED", house.Call{Path: "/v2/_catalog"})
	if want := `Bearer realm="` + w.Root + `/v2/token",service="service",scope="registry:catalog:*"`; reply.Header.Get("WWW-Authenticate") != want {
		t.Errorf("the challenge is %s", reply.Header.Get("WWW-Authenticate"))
	}
	open := []string{"company/acme/web", "project/ann/shop/a/b", "project/ann/shop/web"}
	for who, c := range map[string]struct {
		as   house.Proof
		want []string
	}{
		"the owner":         {w.owner, append(slices.Clone(open), "project/ann/vault/hidden", "zoo")},
		"the owner's pass":  {w.fetch(t, w.owner, "registry:catalog:*"), append(slices.Clone(open), "project/ann/vault/hidden", "zoo")},
		"a stranger's pass": {w.fetch(t, w.stranger, "registry:catalog:*"), append(slices.Clone(open), "zoo")}, // the service's is every account's
		"nobody's pass":     {w.fetch(t, nil, "registry:catalog:*"), open},
	} {
		for n := 1; n < 7; n++ {
			var got []string
			for path := fmt.Sprintf("/v2/_catalog?n=%d", n); path != ""; {
				reply := w.Want(t, 200, house.Call{Path: path, As: c.as})
				got = append(got, decode[catalog](t, reply).Repositories...)
				path = follow(t, reply)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s, by %d: %q, want %q", who, n, got, c.want)
			}
		}
		if got := decode[catalog](t, w.Want(t, 200, house.Call{Path: "/v2/_catalog", As: c.as})).Repositories; !slices.Equal(got, c.want) {
			t.Errorf("%s: %q", who, got)
		}
	}
	// A pass for one repository does not tell the names of the others.
	one := w.fetch(t, w.owner, "repository:zoo:*")
	w.fails(t, 401, "UNAUTHORIZED", house.Call{Path: "/package/-/container/_catalog", As: one})
	reply = w.fails(t, 401, "UNAUTHORIZED", house.Call{Path: "/v2/_catalog", As: one})
	if !strings.HasSuffix(reply.Header.Get("WWW-Authenticate"), `error="insufficient_scope",scope="registry:catalog:*"`) {
		t.Errorf("the challenge is %s", reply.Header.Get("WWW-Authenticate"))
	}
	if got := string(w.get(t, "/v2/_catalog?n=0").Body); got != `{"repositories":[]}` {
		t.Errorf("none of them: %s", got)
	}
}

func TestReferrers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	repo := project + "/web"
	list := func(path string) (out []descriptor, header string, next string) {
		t.Helper()
		reply := w.Want(t, 200, w.call("GET", path, nil))
		m := decode[struct {
			SchemaVersion int
			MediaType     string
			Manifests     []descriptor
		}](t, reply)
		if m.SchemaVersion != 2 || m.MediaType != indexType || reply.Header.Get("Content-Type") != indexType || m.Manifests == nil {
			t.Errorf("%s: %s", path, reply)
		}
		return m.Manifests, reply.Header.Get("OCI-Filters-Applied"), follow(t, reply)
	}
	// Of what is not there, there are none, and that is no failure.
	if got, _, _ := list(repo + "/referrers/" + of256([]byte("absent"))); len(got) > 0 {
		t.Errorf("of nothing: %+v", got)
	}
	nothing := []byte("{}")
	w.push(t, repo, nothing)
	config := refer(emptyType, nothing)
	image := w.image(t, repo, "a")
	subject := refer(manifestType, image.bytes(t))
	about := func(artifactType string, annotations map[string]string) manifest {
		return manifest{SchemaVersion: 2, MediaType: manifestType, ArtifactType: artifactType, Config: &config, Subject: &subject, Annotations: annotations}
	}
	entry := func(m manifest, artifactType string) descriptor {
		d := refer(m.MediaType, m.bytes(t))
		d.ArtifactType, d.Annotations = artifactType, m.Annotations
		return d
	}
	// They come before their subject.
	sbom, signature := about("application/spdx+json", map[string]string{"a": "b"}), about("", map[string]string{"c": "d"})
	signature.Config = image.Config
	indexed := index()
	indexed.Subject, indexed.Annotations = &subject, map[string]string{"e": "f"}
	typed := indexed
	typed.ArtifactType = "application/x"
	var want []descriptor
	for _, c := range []struct {
		m    manifest
		kind string
	}{{sbom, "application/spdx+json"}, {signature, configType}, {indexed, ""}, {typed, "application/x"}} {
		reply := w.Want(t, 201, w.call("PUT", repo+"/manifests/"+of256(c.m.bytes(t)), c.m.bytes(t), "Content-Type", c.m.MediaType))
		if reply.Header.Get("OCI-Subject") != subject.Digest {
			t.Errorf("OCI-Subject is %q", reply.Header.Get("OCI-Subject"))
		}
		want = append(want, entry(c.m, c.kind))
	}
	w.put(t, repo, "1", image)
	path := repo + "/referrers/" + subject.Digest
	got, header, next := list(path)
	if diff := cmp.Diff(want, got); diff != "" || header != "" || next != "" {
		t.Errorf("%q, %q (-want +got):\n%s", header, next, diff)
	}
	for only, want := range map[string][]descriptor{"application/spdx%2Bjson": want[:1], "application/x": want[3:], "none": {}} {
		got, header, _ := list(path + "?artifactType=" + only)
		if diff := cmp.Diff(want, got); diff != "" || header != "artifactType" {
			t.Errorf("%s: %q (-want +got):\n%s", only, header, diff)
		}
	}
	// A client that does not know the list writes one of its own under a tag.
	// Nobody is in it twice for that.
	tag := "sha256-" + subject.Digest[len("sha256:"):]
	w.put(t, repo, tag, index(want[0]))
	if got, _, _ := list(path); len(got) != len(want) {
		t.Errorf("with the tag there are %+v", got)
	}
	// One goes.
	w.Want(t, 202, w.call("DELETE", repo+"/manifests/"+want[0].Digest, nil))
	if got, _, _ := list(path); !cmp.Equal(got, want[1:]) {
		t.Errorf("afterwards there are %+v", got)
	}
	// It is of this repository.
	if got, _, _ := list(project + "/other/referrers/" + subject.Digest); len(got) > 0 {
		t.Errorf("in another repository: %+v", got)
	}
}

// A list that is too large for one answer comes in several.
func TestReferrersInPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	repo := project + "/web"
	subject := refer(manifestType, []byte("subject"))
	const many, size = 50, 200_000 // 10 MB
	var want []string
	for i := range many {
		m := index()
		m.Subject, m.ArtifactType, m.Annotations = &subject, "application/x", map[string]string{"n": fmt.Sprint(i), "x": strings.Repeat("x", size)}
		want = append(want, of256(w.put(t, repo, of256(m.bytes(t)), m)))
	}
	too := index()
	too.Subject, too.Annotations = &subject, map[string]string{"x": strings.Repeat("x", 300_000)}
	w.fails(t, 400, "MANIFEST_INVALID", w.call("PUT", repo+"/manifests/too", too.bytes(t), "Content-Type", indexType))
	for _, filter := range []string{"", "?artifactType=application/x"} {
		var got []string
		pages := 0
		for path := repo + "/referrers/" + subject.Digest + filter; path != ""; pages++ {
			reply := w.Want(t, 200, w.call("GET", path, nil))
			if len(reply.Body) > 4<<20+1000 {
				t.Errorf("a page has %d bytes", len(reply.Body))
			}
			for _, d := range decode[struct{ Manifests []descriptor }](t, reply).Manifests {
				got = append(got, d.Digest)
			}
			path = follow(t, reply)
		}
		if !slices.Equal(got, want) || pages < 3 {
			t.Errorf("%q: %d in %d pages", filter, len(got), pages)
		}
	}
}
