package container

import (
	"encoding/json"
	"strings"
	"testing"

	"ingot.dev/modules/format"
	"ingot.dev/modules/golden"
	"ingot.dev/modules/scope"
)

func TestPresent(t *testing.T) {
	t.Parallel()
	project := scope.Path{Kind: scope.Project, Owner: "Acme", Name: "shop"}
	version := func(name string, m *Manifest, config string) *format.Version {
		raw, err := json.Marshal(describe(m, []byte(config)))
		if err != nil {
			t.Fatal(err)
		}
		return &format.Version{Name: name, Canon: sha256Digest, Metadata: raw}
	}
	config := func(mediaType string) *Descriptor {
		return &Descriptor{MediaType: mediaType, Digest: sha256Digest, Size: 2}
	}
	layer := Descriptor{MediaType: layerType, Digest: sha512Digest, Size: 1000}
	view := func(name string, v *format.Version) format.View {
		return format.View{
			Base: "https://registry.example/v2/project/Acme/shop", Host: "registry.example", Path: project, User: "ann",
			Package: &format.Package{Name: name}, Version: v,
		}
	}
	connect := format.View{Base: "http://registry.example/v2", Host: "registry.example", Path: scope.Path{Kind: scope.Service}, Private: true, User: "ann"}
	private := view("team/tool", version(sha256Digest, &Manifest{
		MediaType: ociManifest, ArtifactType: "application/spdx+json", Config: config("application/vnd.oci.empty.v1+json"),
		Subject: &Descriptor{MediaType: ociManifest, Digest: sha512Digest, Size: 1},
		Layers:  []Descriptor{{MediaType: "text/plain", Digest: sha256Digest, Size: 3, Annotations: map[string]string{titleKey: "sbom.json"}}},
	}, ""))
	private.Private = true
	for name, v := range map[string]format.View{
		"connect": connect,
		"image": view("web", version("1.0", &Manifest{
			MediaType: ociManifest, Config: config(ociConfig), Layers: []Descriptor{layer, layer},
			Annotations: map[string]string{annotation + "source": "https://git.example/web"},
		}, `{"os": "linux", "architecture": "arm", "variant": "v7", "created": "2026-01-02T03:04:05.678Z", "author": "Ann",
			"config": {"Labels": {"org.opencontainers.image.licenses": "MIT", "org.opencontainers.image.source": "https://other.example"}},
			"history": [{"created_by": "ADD rootfs"}, {"created_by": "ENV a=b", "empty_layer": true}, {"created_by": "RUN make"}, {"created_by": "RUN too many"}]}`)),
		"index": view("web", version("latest", &Manifest{MediaType: ociIndex, Manifests: []Descriptor{
			{MediaType: ociManifest, Digest: sha256Digest, Size: 500, Platform: &Platform{OS: "linux", Architecture: "amd64"}},
			{MediaType: ociManifest, Digest: sha512Digest, Size: 600, Platform: &Platform{OS: "linux", Architecture: "arm64", Variant: "v8"}},
			{
				MediaType: ociManifest, Digest: sha512Digest, Size: 700, Platform: &Platform{OS: "unknown", Architecture: "unknown"},
				Annotations: map[string]string{"vnd.docker.reference.type": "attestation-manifest"},
			},
		}}, "")),
		"chart": view("team/money", version("1.0.0_build", &Manifest{
			MediaType: ociManifest, Config: config(helmConfig), Layers: []Descriptor{layer},
		}, `{"name": "money", "version": "1.0.0+build", "appVersion": "7", "kubeVersion": ">=1.20", "description": "Amounts", "home": "https://money.example",
			"keywords": ["a"], "sources": ["https://git.example/money"], "deprecated": true, "dependencies": [{"name": "db", "version": "^2", "repository": "oci://x"}]}`)),
		"artifact": private,
	} {
		got, err := json.MarshalIndent(New().Present(v), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		golden.Equal(t, "present-"+name+".golden.json", append(got, '\n'))
	}
}

// Steps are found by their names, and are one line each.
func TestStepNames(t *testing.T) {
	t.Parallel()
	for _, private := range []bool{false, true} {
		v := format.View{Base: "http://h/v2", Host: "h", Path: scope.Path{Kind: scope.Service}, Private: private, User: "ann"}
		seen := map[string]bool{}
		for _, task := range New().Present(v).Tasks {
			for _, s := range task.Steps {
				if seen[s.Name] || s.Code == "" || strings.Contains(s.Code, "\n") {
					t.Errorf("the step %q of %s: %q", s.Name, task.Name, s.Code)
				}
				seen[s.Name] = true
			}
		}
	}
}
