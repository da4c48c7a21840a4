package maven

import (
	"bytes"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"testing"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/golden"
)

// built gives a document.
func document(t testing.TB, reg format.Reader, kind, key string) ([]byte, error) {
	t.Helper()
	for _, d := range New().Documents() {
		if d.Kind == kind {
			var out bytes.Buffer
			err := d.Build(t.Context(), format.Build{Reg: reg, Key: key}, &out)
			return out.Bytes(), err
		}
	}
	t.Fatalf("there is no document %q", kind)
	return nil, nil
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	snapshots := &fake{versions: []*format.Version{version("2.1-SNAPSHOT",
		"lib-2.1-20240131.110000-1.jar", "lib-2.1-20240131.110000-1.pom", "lib-2.1-20240131.110000-1-sources.jar",
		"lib-2.1-20240131.113000-10.jar", "lib-2.1-20240131.113000-10.pom", "lib-2.1-20240131.113000-9.jar", "lib-2.1-20240131.113000-10.jar.asc",
	)}}
	plain := &fake{versions: []*format.Version{version("2.1-SNAPSHOT", "lib-2.1-SNAPSHOT.jar", "lib-2.1-SNAPSHOT.pom")}}
	mixed := &fake{versions: []*format.Version{version("2.1-SNAPSHOT", "lib-2.1-SNAPSHOT.jar", "lib-2.1-20240131.110000-1.jar")}}
	archetypes := library()
	raw, err := json.Marshal(&Pom{Packaging: archetypePackaging, Description: "A <start>"})
	if err != nil {
		t.Fatal(err)
	}
	archetypes.versions[0].Metadata = raw
	for name, c := range map[string]struct {
		reg       format.Reader
		kind, key string
	}{
		"artifact":        {&fake{versions: library().versions}, artifactKind, "org.example:lib"},
		"both":            {library(), artifactKind, "org.example:lib"},
		"group":           {library(), groupKind, "org.example.lib"},
		"snapshot":        {snapshots, snapshotKind, "org.example:lib:2.1-SNAPSHOT"},
		"snapshot-plain":  {plain, snapshotKind, "org.example:lib:2.1-SNAPSHOT"},
		"snapshot-mixed":  {mixed, snapshotKind, "org.example:lib:2.1-SNAPSHOT"},
		"catalog":         {archetypes, catalogKind, ""},
		"catalog-nothing": {library(), catalogKind, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := document(t, c.reg, c.kind, c.key)
			if err != nil {
				t.Fatal(err)
			}
			golden.Equal(t, name+".xml", got)
			sum, err := document(t, c.reg, kind(c.kind, "sha512"), c.key)
			want := sha512.Sum512(got)
			if err != nil || string(sum) != hex.EncodeToString(want[:]) {
				t.Errorf("its checksum is %s, %v", sum, err)
			}
		})
	}
}

func TestDocumentsOfNothing(t *testing.T) {
	t.Parallel()
	for kind, key := range map[string]string{
		artifactKind: "org.example:other", groupKind: "org.example", snapshotKind: "org.example:lib:9-SNAPSHOT", artifactKind + ".sha1": "org.example:other",
	} {
		if got, err := document(t, library(), kind, key); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s of %s: %s, %v", kind, key, got, err)
		}
	}
}

// However many versions there are, the registry is asked as often.
func TestQuestionsAreFixed(t *testing.T) {
	t.Parallel()
	few, lots := many(2), many(2000)
	for kind, key := range map[string]string{artifactKind: "org.example:lib", snapshotKind: "org.example:lib:1.1"} {
		for _, f := range []*fake{few, lots} {
			f.asked = 0
			if _, err := document(t, f, kind, key); err != nil {
				t.Fatal(err)
			}
		}
		if few.asked != lots.asked {
			t.Errorf("%s: %d questions of few versions, %d of many", kind, few.asked, lots.asked)
		}
	}
}

func TestConventionalPrefix(t *testing.T) {
	t.Parallel()
	for artifact, want := range map[string]string{
		"hello-maven-plugin": "hello", "maven-deploy-plugin": "deploy", "maven-plugin-plugin": "plugin", "other": "other", "-maven-plugin": "-maven-plugin",
	} {
		if got := conventionalPrefix(artifact); got != want {
			t.Errorf("%s has the prefix %q, want %q", artifact, got, want)
		}
	}
}

func BenchmarkArtifactIndex(b *testing.B) {
	f := many(1000)
	for b.Loop() {
		if _, err := document(b, f, artifactKind, "org.example:lib"); err != nil {
			b.Fatal(err)
		}
	}
}
