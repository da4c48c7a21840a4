package composer

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ingot.dev/modules/golden"
	"ingot.dev/modules/ordered"
)

// expand undoes Minify as a client does.
func expand(minified []ordered.Object) []ordered.Object {
	var versions []ordered.Object
	var state ordered.Object
	for _, diff := range minified {
		state = append(ordered.Object{}, state...)
		for _, f := range diff {
			if string(f.Raw) == `"__unset"` {
				state.Delete(f.Key)
			} else {
				state.Set(f.Key, f.Raw)
			}
		}
		versions = append(versions, state)
	}
	return versions
}

// versionObjects draws lists of objects that differ little from each other.
func versionObjects() *rapid.Generator[[]ordered.Object] {
	raw := rapid.SampledFrom([]string{`"a"`, `"b"`, "1", "true", `["x"]`, `["x","y"]`, `{"php":"^8.2"}`, `{"php":"^8.2","ext-json":"*"}`, `""`, "0", "false"})
	key := rapid.SampledFrom([]string{"description", "require", "license", "authors", "extra", "time"})
	return rapid.Custom(func(t *rapid.T) []ordered.Object {
		versions := make([]ordered.Object, rapid.IntRange(1, 8).Draw(t, "count"))
		for i := range versions {
			versions[i] = ordered.Object{{Key: "name", Raw: ordered.Quote("acme/lib")}}
			for _, k := range rapid.SliceOfNDistinct(key, 0, 6, rapid.ID).Draw(t, "keys") {
				versions[i].Set(k, json.RawMessage(raw.Draw(t, k)))
			}
		}
		return versions
	})
}

func TestExpandUndoesMinify(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		versions := versionObjects().Draw(t, "versions")
		minified := Minify(versions)
		if diff := cmp.Diff(unorder(versions), unorder(expand(minified))); diff != "" {
			t.Fatal(diff)
		}
		for i, o := range minified[1:] {
			for _, f := range o {
				if before, ok := versions[i].Lookup(f.Key); ok && string(before) == string(f.Raw) {
					t.Fatalf("version %d repeats %s", i+1, f.Key)
				}
			}
		}
	})
}

func object(t testing.TB, text string) ordered.Object {
	t.Helper()
	o, err := ordered.ParseObject([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

const plainManifest = `{"name":"acme/lib","description":"A <small> library","require":{"php":"^8.2"},"autoload":{"psr-4":{"Acme\\Lib\\":"src/"}}}`

func TestVersionObject(t *testing.T) {
	t.Parallel()
	entry := Entry{
		Name: "acme/lib", Version: "1.2", Normalized: "1.2.0.0",
		Time: time.Date(2026, 3, 4, 7, 6, 7, 999, time.FixedZone("", 2*3600)),
		Dist: Dist{URL: "https://forge.example/dists/a.zip", Reference: "c0ffee", SHA1: "da39a3"},
	}
	hostile := `{"dist":{"type":"zip","url":"http://evil.example/x.zip"},"source":{"type":"git","url":"-oProxyCommand=evil","reference":"x"},` +
		`"version":"9.9","version_normalized":"9.9.9.9","default-branch":true,"notification-url":"http://evil.example/","installation-source":"dist",` +
		`"transport-options":{"ssl":{"verify_peer":false}},"time":"2100-01-01","name":"acme/lib","unknown":{"kept":"<&>"}}`
	for _, c := range []struct {
		name, manifest string
		change         func(*Entry)
		want           string
	}{
		{
			"plain", plainManifest,
			func(*Entry) {},
			`{"name":"acme/lib","description":"A <small> library","require":{"php":"^8.2"},"autoload":{"psr-4":{"Acme\\Lib\\":"src/"}},` +
				`"version":"1.2","version_normalized":"1.2.0.0","time":"2026-03-04T05:06:07Z",` +
				`"dist":{"type":"zip","url":"https://forge.example/dists/a.zip","reference":"c0ffee","shasum":"da39a3"}}`,
		},
		{
			"with a source, on the default branch", `{"name":"acme/lib"}`,
			func(e *Entry) {
				e.Version, e.Normalized, e.DefaultBranch = "dev-main", "dev-main", true
				e.Source = Source{URL: "https://forge.example/acme/lib.git", Reference: "c0ffee"}
			},
			`{"name":"acme/lib","version":"dev-main","version_normalized":"dev-main","time":"2026-03-04T05:06:07Z",` +
				`"dist":{"type":"zip","url":"https://forge.example/dists/a.zip","reference":"c0ffee","shasum":"da39a3"},` +
				`"source":{"type":"git","url":"https://forge.example/acme/lib.git","reference":"c0ffee"},"default-branch":true}`,
		},
		{
			"a manifest that speaks for the registry", hostile,
			func(*Entry) {},
			`{"name":"acme/lib","unknown":{"kept":"<&>"},"version":"1.2","version_normalized":"1.2.0.0","time":"2026-03-04T05:06:07Z",` +
				`"dist":{"type":"zip","url":"https://forge.example/dists/a.zip","reference":"c0ffee","shasum":"da39a3"}}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := entry
			c.change(&e)
			o, err := VersionObject([]byte(c.manifest), e)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, string(o.AppendJSON(nil))); diff != "" {
				t.Error(diff)
			}
		})
	}
	if _, err := VersionObject([]byte("[]"), entry); err == nil {
		t.Error("a list passes for a manifest")
	}
}

func TestDocument(t *testing.T) {
	t.Parallel()
	versions := []ordered.Object{
		object(t, `{"name":"acme/lib","description":"New","license":["MIT"],"require":{"php":"^8.2"},"version":"2.0.0"}`),
		object(t, `{"name":"acme/lib","description":"New","require":{"php":"^8.1"},"version":"1.1.0"}`),
		object(t, `{"name":"acme/lib","version":"1.0.0","license":["MIT"],"require":{"php":"^8.1"}}`),
		object(t, `{"name":"acme/lib","version":"1.0.0","license":["MIT"],"require":{"php":"^8.1"}}`),
	}
	golden.Equal(t, "document.golden.json", Document("acme/lib", versions))
	golden.Equal(t, "empty.golden.json", Document("acme/lib", nil))
}

func BenchmarkDocument5000(b *testing.B) {
	versions := make([]ordered.Object, 5000)
	manifest := []byte(plainManifest)
	b.Run("objects", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for i := range versions {
				v := fmt.Sprintf("1.%d.0", i)
				o, err := VersionObject(manifest, Entry{Name: "acme/lib", Version: v, Normalized: v + ".0", Dist: Dist{URL: "https://forge.example/dists/acme/lib/" + v + ".zip", SHA1: v}})
				if err != nil {
					b.Fatal(err)
				}
				versions[i] = o
			}
		}
	})
	b.Run("document", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Document("acme/lib", versions)
		}
	})
}
