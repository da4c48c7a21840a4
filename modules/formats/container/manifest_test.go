package container

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
)

// refers writes a descriptor.
func refers(mediaType, digest string, size any, more ...string) string {
	return fmt.Sprintf(`{"mediaType": %q, "digest": %q, "size": %v%s}`, mediaType, digest, size, strings.Join(append([]string{""}, more...), ", "))
}

const (
	layerType   = "application/vnd.oci.image.layer.v1.tar+gzip"
	foreignType = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
)

func TestParse(t *testing.T) {
	t.Parallel()
	config, layer := refers(ociConfig, sha256Digest, 2), refers(layerType, sha512Digest, 3)
	parsedConfig := &Descriptor{MediaType: ociConfig, Digest: sha256Digest, Size: 2}
	parsedLayer := Descriptor{MediaType: layerType, Digest: sha512Digest, Size: 3}
	for what, c := range map[string]struct {
		text, contentType string
		want              Manifest
	}{
		"an image": {
			`{"schemaVersion": 2, "mediaType": "` + ociManifest + `", "config": ` + config + `, "layers": [` + layer + `], "annotations": {"a": "b"}}`, ociManifest,
			Manifest{MediaType: ociManifest, Config: parsedConfig, Layers: []Descriptor{parsedLayer}, Annotations: map[string]string{"a": "b"}},
		},
		"one whose type only the request says": {
			`{"schemaVersion": 2, "config": ` + config + `, "layers": []}`, ociManifest + "; charset=utf-8",
			Manifest{MediaType: ociManifest, Config: parsedConfig},
		},
		"one whose type only the manifest says": {
			`{"schemaVersion": 2, "mediaType": "` + dockerManifest + `", "config": ` + config + `, "layers": null}`, "",
			Manifest{MediaType: dockerManifest, Config: parsedConfig},
		},
		"an artifact": {
			`{"schemaVersion": 2, "mediaType": "` + ociManifest + `", "artifactType": "application/x", "config": ` + config +
				`, "subject": ` + refers(ociManifest, sha256Digest, 5) + `}`, ociManifest,
			Manifest{MediaType: ociManifest, ArtifactType: "application/x", Config: parsedConfig, Subject: &Descriptor{MediaType: ociManifest, Digest: sha256Digest, Size: 5}},
		},
		"an index of indexes": {
			`{"schemaVersion": 2, "mediaType": "` + ociIndex + `", "manifests": [` +
				refers(ociIndex, sha256Digest, 1) + `, ` + refers(ociManifest, sha256Digest, 1, `"platform": {"os": "linux", "architecture": "arm", "variant": "v7"}`) + `]}`, ociIndex,
			Manifest{MediaType: ociIndex, Manifests: []Descriptor{
				{MediaType: ociIndex, Digest: sha256Digest, Size: 1},
				{MediaType: ociManifest, Digest: sha256Digest, Size: 1, Platform: &Platform{OS: "linux", Architecture: "arm", Variant: "v7"}},
			}},
		},
		"an empty index": {`{"schemaVersion": 2, "manifests": []}`, ociIndex, Manifest{MediaType: ociIndex}},
		"unknown fields": {
			`{"schemaVersion": 2, "mediaType": "` + ociManifest + `", "config": ` + config + `, "org.example": {"a": [1, 2]}}`, ociManifest,
			Manifest{MediaType: ociManifest, Config: parsedConfig},
		},
		"layers from elsewhere": {
			`{"schemaVersion": 2, "config": ` + config + `, "layers": [` + refers(foreignType, sha256Digest, 9) + `, ` + refers(layerType, sha512Digest, 3, `"urls": ["https://a"]`) + `]}`, ociManifest,
			Manifest{MediaType: ociManifest, Config: parsedConfig, Layers: []Descriptor{
				{MediaType: foreignType, Digest: sha256Digest, Size: 9, elsewhere: true},
				{MediaType: layerType, Digest: sha512Digest, Size: 3, elsewhere: true},
			}},
		},
		"embedded bytes": {
			`{"schemaVersion": 2, "config": ` + embedded("{}", "{}") + `}`, ociManifest,
			Manifest{MediaType: ociManifest, Config: &Descriptor{MediaType: ociConfig, Digest: "sha256:" + blob.FromBytes([]byte("{}")).Digests().SHA256, Size: 2}},
		},
	} {
		m, err := Parse([]byte(c.text), c.contentType)
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if diff := cmp.Diff(c.want, *m, cmp.AllowUnexported(Descriptor{}), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
}

func embedded(says, has string) string {
	digest := "sha256:" + blob.FromBytes([]byte(says)).Digests().SHA256
	return refers(ociConfig, digest, len(says), `"data": "`+base64.StdEncoding.EncodeToString([]byte(has))+`"`)
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	config := refers(ociConfig, sha256Digest, 2)
	with := func(members string) string {
		return `{"schemaVersion": 2, "mediaType": "` + ociManifest + `", "config": ` + config + `, ` + members + `}`
	}
	layers := func(n int) string {
		return `"layers": [` + strings.Repeat(refers(layerType, sha256Digest, 1)+",", n-1) + refers(layerType, sha256Digest, 1) + `]`
	}
	for what, c := range map[string]struct{ text, contentType, says string }{
		"nothing":             {"", ociManifest, "no JSON"},
		"half of one":         {`{"schemaVersion": 2, `, ociManifest, "no JSON"},
		"two":                 {with(`"layers": []`) + "{}", ociManifest, "no JSON"},
		"a list":              {`[]`, ociManifest, "must be an object"},
		"no schema":           {`{"config": ` + config + `}`, ociManifest, "schemaVersion must be 2"},
		"schema 1":            {`{"schemaVersion": 1, "name": "a", "fsLayers": []}`, "application/vnd.docker.distribution.manifest.v1+prettyjws", "schema 1"},
		"schema 3":            {`{"schemaVersion": 3}`, ociManifest, "schemaVersion must be 2"},
		"a schema in quotes":  {`{"schemaVersion": "2"}`, ociManifest, "schemaVersion must be 2"},
		"another type":        {with(`"layers": []`), ociIndex, "the Content-Type of the request"},
		"an unknown type":     {`{"schemaVersion": 2}`, "text/html", "is none of"},
		"no type":             {`{"schemaVersion": 2, "config": ` + config + `}`, "", "is none of"},
		"a malformed type":    {with(`"layers": []`), "a b; c", "malformed"},
		"Docker's without it": {`{"schemaVersion": 2, "config": ` + config + `}`, dockerManifest, "mediaType is missing"},
		"no config":           {`{"schemaVersion": 2, "layers": []}`, ociManifest, "config is missing"},
		"a key twice":         {with(`"layers": [], "layers": []`), ociManifest, "twice"},
		"a key in other case": {with(`"Layers": []`), ociManifest, `must be written "layers"`},
		"one in a descriptor": {with(`"layers": [` + refers(layerType, sha256Digest, 1, `"DIGEST": "x"`) + `]`), ociManifest, `must be written "digest"`},
		"layers and manifests": {
			with(`"layers": [], "manifests": []`), ociManifest, `"manifests" has no place`, // CVE-2021-41190
		},
		"manifests and a config": {`{"schemaVersion": 2, "manifests": [], "config": ` + config + `}`, ociIndex, `"config" has no place`},
		"layers as an object":    {with(`"layers": {}`), ociManifest, "must be a list"},
		"a layer as text":        {with(`"layers": ["x"]`), ociManifest, "layers.0 must be an object"},
		"no digest":              {with(`"layers": [{"mediaType": "a", "size": 1}]`), ociManifest, "layers.0.digest"},
		"md5":                    {with(`"layers": [` + refers("a", "md5:d41d8cd98f00b204e9800998ecf8427e", 1) + `]`), ociManifest, "layers.0.digest"},
		"no media type":          {with(`"layers": [` + refers("", sha256Digest, 1) + `]`), ociManifest, "layers.0.mediaType is missing"},
		"no size":                {with(`"layers": [{"mediaType": "a", "digest": "` + sha256Digest + `"}]`), ociManifest, "layers.0.size"},
		"a negative size":        {with(`"layers": [` + refers("a", sha256Digest, -1) + `]`), ociManifest, "layers.0.size"},
		"a huge size":            {with(`"layers": [` + refers("a", sha256Digest, "99999999999999999999") + `]`), ociManifest, "layers.0.size"},
		"a part of a byte":       {with(`"layers": [` + refers("a", sha256Digest, "1.5") + `]`), ociManifest, "layers.0.size"},
		"a size in quotes":       {with(`"layers": [` + refers("a", sha256Digest, `"1"`) + `]`), ociManifest, "layers.0.size"},
		"a long media type":      {with(`"layers": [` + refers(strings.Repeat("a", 300), sha256Digest, 1) + `]`), ociManifest, "longer than 255"},
		"a subject as text":      {with(`"subject": "x"`), ociManifest, "subject must be an object"},
		"an annotation as list":  {with(`"annotations": {"a": []}`), ociManifest, "annotations must have strings only"},
		"annotations as a list":  {with(`"annotations": []`), ociManifest, "annotations must be an object"},
		"a platform as text":     {`{"schemaVersion": 2, "manifests": [` + refers(ociManifest, sha256Digest, 1, `"platform": "linux"`) + `]}`, ociIndex, "platform must be an object"},
		"other embedded bytes":   {`{"schemaVersion": 2, "config": ` + embedded("{}", "[]") + `}`, ociManifest, "config.data is not"},
		"no base64":              {`{"schemaVersion": 2, "config": ` + refers(ociConfig, sha256Digest, 2, `"data": "?"`) + `}`, ociManifest, "config.data must be base64"},
		"deep":                   {with(`"x": ` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)), ociManifest, "deep"},
		"more layers":            {with(layers(maxDescriptors + 1)), ociManifest, "more than 2048"},
		"100,000 layers":         {with(layers(100_000)), ociManifest, "larger than"},
		"very many values":       {with(`"x": [` + strings.Repeat("1,", maxValues) + `1]`), ociManifest, "values"},
		"no UTF-8":               {with("\"x\": \"\xff\""), ociManifest, "no JSON"},
	} {
		_, err := Parse([]byte(c.text), c.contentType)
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), c.says) || fault.From(err).Field != "manifest" {
			t.Errorf("%s: %.300v", what, err)
		}
	}
}

func TestBlobs(t *testing.T) {
	t.Parallel()
	a, b := Descriptor{MediaType: "a", Digest: sha256Digest, Size: 1}, Descriptor{MediaType: "b", Digest: sha512Digest, Size: 2}
	away := a
	away.elsewhere = true
	for what, c := range map[string]struct {
		m    Manifest
		want []Descriptor
	}{
		"each once":              {Manifest{Config: &a, Layers: []Descriptor{b, a, b}}, []Descriptor{a, b}},
		"needed is needed":       {Manifest{Config: &away, Layers: []Descriptor{a}}, []Descriptor{a}},
		"manifests are not":      {Manifest{Manifests: []Descriptor{{MediaType: ociManifest, Digest: sha256Digest}, {MediaType: dockerList, Digest: sha256Digest}}}, nil},
		"but others in an index": {Manifest{Manifests: []Descriptor{a}}, []Descriptor{a}},
	} {
		got, err := c.m.blobs()
		if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(Descriptor{})); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", what, err, diff)
		}
	}
	other := a
	other.Size = 5
	if _, err := (&Manifest{Config: &a, Layers: []Descriptor{other}}).blobs(); fault.KindOf(err) != fault.Invalid || fault.From(err).Field != "size" {
		t.Errorf("two sizes of one blob: %v", err)
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	m := &Manifest{MediaType: ociManifest, Config: &Descriptor{MediaType: ociConfig, Digest: sha256Digest}, Layers: []Descriptor{
		{MediaType: layerType, Digest: sha512Digest, Size: 7, Annotations: map[string]string{titleKey: "a.txt", "other": "x"}},
	}}
	long := strings.Repeat("é", maxText)
	r := describe(m, []byte(`{"os": "linux", "architecture": "arm64", "variant": "v8", "created": "2026-01-02T03:04:05Z", "author": 7, "config": {"Labels": {"a": "b", "long": "`+long+`"}},
		"history": [{"created_by": "RUN a"}, {"created_by": "CMD b", "empty_layer": true}, {"comment": "c"}]}`))
	want := record{
		Kind: kindImage, MediaType: ociManifest, Config: m.Config,
		Layers:   []Descriptor{{MediaType: layerType, Digest: sha512Digest, Size: 7, Annotations: map[string]string{titleKey: "a.txt"}}},
		Platform: &Platform{OS: "linux", Architecture: "arm64", Variant: "v8"}, Created: "2026-01-02T03:04:05Z",
		Labels:  map[string]string{"a": "b", "long": long[:maxText] + "…"},
		History: []step{{"RUN a", false}, {"CMD b", true}, {"c", false}},
	}
	if diff := cmp.Diff(want, r, cmp.AllowUnexported(Descriptor{}), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, readRecord(raw), cmp.AllowUnexported(Descriptor{}), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("it is kept otherwise (-want +got):\n%s", diff)
	}
	for _, broken := range []string{"", "null", "[]", `"x"`, `{"os": [], "history": "x", "config": 5}`, "\xff", `{"history": [null, 5]}`, strings.Repeat("[", 1_000_000)} {
		if r := describe(m, []byte(broken)); r.Platform != nil || len(r.Labels) > 0 {
			t.Errorf("of %.20q: %+v", broken, r)
		}
	}
}

func TestKind(t *testing.T) {
	t.Parallel()
	of := func(artifactType, config string, layers ...string) *Manifest {
		m := &Manifest{MediaType: ociManifest, ArtifactType: artifactType, Config: &Descriptor{MediaType: config}}
		for _, l := range layers {
			m.Layers = append(m.Layers, Descriptor{MediaType: l})
		}
		return m
	}
	const empty = "application/vnd.oci.empty.v1+json"
	for _, c := range []struct {
		m    *Manifest
		want string
	}{
		{of("", ociConfig, layerType), kindImage},
		{of("", dockerConfig), kindImage},
		{&Manifest{MediaType: ociIndex}, kindIndex},
		{&Manifest{MediaType: dockerList}, kindIndex},
		{&Manifest{MediaType: ociIndex, ArtifactType: "application/x"}, kindArtifact},
		{of("", helmConfig, "application/vnd.cncf.helm.chart.content.v1.tar+gzip"), kindChart},
		{of("", ociConfig, "application/vnd.dev.cosign.simplesigning.v1+json"), kindSignature},
		{of("application/vnd.cncf.notary.signature", empty), kindSignature},
		{of("application/vnd.dev.sigstore.bundle.v0.3+json", empty), kindAttestation},
		{of("", ociConfig, "application/vnd.in-toto+json"), kindAttestation},
		{of("", ociConfig, "application/vnd.dsse.envelope.v1+json"), kindAttestation},
		{of("application/spdx+json", empty), kindSBOM},
		{of("", ociConfig, "application/vnd.cyclonedx+json"), kindSBOM},
		{of("application/vnd.acme.thing", empty), kindArtifact},
		{of("", "application/vnd.acme.config.v1+json"), kindArtifact},
	} {
		if got := kindOf(c.m); got != c.want {
			t.Errorf("%+v is called %s, not %s", c.m, got, c.want)
		}
	}
}

// What lists read of each version is bounded, and what they need of it stays.
func TestRecordIsBounded(t *testing.T) {
	t.Parallel()
	fat := Descriptor{
		MediaType: ociManifest, Digest: sha256Digest, Size: 2, ArtifactType: strings.Repeat("t", 255),
		Annotations: map[string]string{titleKey: strings.Repeat("x", maxText)},
	}
	many := make([]Descriptor, maxDescriptors)
	for i := range many {
		many[i] = fat
	}
	about := map[string]string{"a": strings.Repeat("b", maxAbout)}
	r := describe(&Manifest{
		MediaType: ociIndex, ArtifactType: "application/x", Layers: many, Manifests: many, Subject: &fat, Annotations: about,
	}, nil)
	raw, err := r.bytes()
	if err != nil || len(raw) > maxRecord+maxAbout {
		t.Fatalf("%d bytes, %v", len(raw), err)
	}
	again := readRecord(raw)
	if again.Kind != r.Kind || again.Subject.Digest != sha256Digest || again.referrerType() != "application/x" ||
		again.Annotations["a"] != about["a"] || len(again.Manifests) != maxDescriptors || again.Manifests[9].Digest != sha256Digest || again.Layers != nil {
		t.Errorf("what is kept is %.300s", raw)
	}
}

// No database keeps NUL in a text, and a description is one.
func TestDescriptionIsText(t *testing.T) {
	t.Parallel()
	for kind, config := range map[string]string{
		ociConfig:  `{"config": {"Labels": {"org.opencontainers.image.description": "a\u0000b", "\u0000": "c"}}}`,
		helmConfig: `{"name": "x", "description": "a\u0000b"}`,
	} {
		r := describe(&Manifest{MediaType: ociManifest, Config: &Descriptor{MediaType: kind}}, []byte(config))
		if got := r.description(); got != "a\uFFFDb" {
			t.Errorf("%s: %q", kind, got)
		}
	}
	r := describe(&Manifest{Subject: &Descriptor{}, Annotations: map[string]string{annotation + "description": strings.Repeat("x", maxAbout)}}, nil)
	if n := len(r.description()); n > maxText+len("…") {
		t.Errorf("the description has %d bytes", n)
	}
}
