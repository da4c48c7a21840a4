package container

import (
	"encoding/json"
	"strings"
	"testing"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
)

// Whatever is taken can be stored and told of again, and has only descriptors
// that can be looked up.
func FuzzParse(f *testing.F) {
	config := refers(ociConfig, sha256Digest, 2)
	for _, text := range []string{
		`{"schemaVersion": 2, "mediaType": "` + ociManifest + `", "config": ` + config + `, "layers": [` + refers(layerType, sha512Digest, 3) + `]}`,
		`{"schemaVersion": 2, "mediaType": "` + ociIndex + `", "manifests": [` + refers(ociManifest, sha256Digest, 3, `"platform": {"os": "linux"}`) + `]}`,
		`{"schemaVersion": 2, "config": ` + embedded("{}", "{}") + `, "subject": ` + config + `, "annotations": {"a": "b"}}`,
		`{"schemaVersion": 1, "fsLayers": []}`,
		`{"history": [{"created_by": "x"}], "config": {"Labels": {"a": "b"}}, "name": "chart", "dependencies": [{"name": "x"}]}`,
	} {
		f.Add([]byte(text), ociManifest, []byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte, contentType string, config []byte) {
		m, err := Parse(text, contentType)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatalf("%v is not the client's fault", err)
			}
			m = &Manifest{MediaType: ociManifest, Config: &Descriptor{MediaType: []string{ociConfig, helmConfig}[len(text)%2]}}
		} else if list, err := m.blobs(); err == nil {
			for _, d := range list {
				if !isDigest(d.Digest) || d.Size < 0 {
					t.Fatalf("it took %+v", d)
				}
			}
		}
		r := describe(m, config)
		raw, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		again := readRecord(raw)
		if again.Kind != r.Kind || len(again.History) != len(r.History) {
			t.Fatalf("%+v comes back as %+v", r, again)
		}
		New().Present(format.View{
			Base: "http://h/v2", Host: "h", Path: scope.Path{Kind: scope.Service},
			Package: &format.Package{Name: "a/b"}, Version: &format.Version{Name: "1", Canon: sha256Digest, Metadata: raw},
		})
	})
}

// A name is located in one way, whatever it is asked for.
func FuzzLocate(f *testing.F) {
	for _, s := range []string{"project/o/p/a", "helm/company/c/a", "user/u/a/b", "a", "helm/helm/helm", "project/a", "a/blobs/uploads"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		segments, ok := format.Segments(name)
		if !ok || len(segments) == 0 {
			return
		}
		for _, tail := range []string{"manifests/x", "blobs/x", "blobs/uploads", "blobs/uploads/x", "tags/list", "referrers/x"} {
			path, rest, subject := New().Locate(append(segments[:len(segments):len(segments)], strings.Split(tail, "/")...))
			wantPath, image, want, found := find(strings.Join(segments, "/"))
			if len(name) > maxName || strings.ContainsAny(name, "%@") {
				return // find decodes no more
			}
			if found != (subject != "") || found && (path != wantPath || subject != want || strings.Join(rest, "/") != image+"/"+tail) {
				t.Errorf("%q with %s: %v, %q, %q, and by itself %v, %q, %q, %v", name, tail, path, rest, subject, wantPath, image, want, found)
			}
		}
		if _, err := New().CanonicalName(name); err == nil && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789._-/") != "" {
			t.Errorf("%q is taken for a name", name)
		}
	})
}

func FuzzParseRange(f *testing.F) {
	f.Add("0-99")
	f.Add("5-4")
	f.Fuzz(func(t *testing.T, s string) {
		first, n, err := parseRange(s)
		if err == nil && (first < 0 || n < 1 || first+n < first) {
			t.Errorf("%q is taken as %d, %d", s, first, n)
		}
	})
}

func FuzzParseScopes(f *testing.F) {
	f.Add("repository:project/o/p/a:pull,push repository:b:*")
	f.Fuzz(func(t *testing.T, s string) {
		access, err := parseScopes([]string{s, s})
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, a := range access {
			if seen[a.Subject] || a.Subject == "" || a.Subject != strings.ToLower(a.Subject) {
				t.Errorf("%q gives %+v", s, access)
			}
			seen[a.Subject] = true
		}
	})
}
