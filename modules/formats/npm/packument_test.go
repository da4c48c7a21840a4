package npm

import (
	"bytes"
	"encoding/json"
	"testing"

	"ingot.dev/modules/format"
	"ingot.dev/modules/golden"
)

func TestPackument(t *testing.T) {
	t.Parallel()
	s := newShelf("@acme/money", "1.0.0", "1.10.0", "1.2.0", "2.0.0-rc.1")
	s.pkg.Latest = "1.10.0"
	s.tagged = map[string]string{"next": "2.0.0-rc.1"}
	s.versions[3].Properties[deprecatedKey] = `use <1.2> & "up"`
	s.versions[1].Files = append(s.versions[1].Files, &format.File{
		Name: bundleName("@acme/money", "1.10.0"), Metadata: json.RawMessage(`{"predicateType":"https://slsa.dev/provenance/v1"}`),
	})
	s.versions[2].Files = nil // its tarball was deleted
	for _, d := range New().Documents() {
		var b bytes.Buffer
		if err := d.Build(t.Context(), format.Build{Reg: s, Base: "http://h/npm", Key: "@acme/money"}, &b); err != nil {
			t.Fatal(err)
		}
		var shown bytes.Buffer
		if err := json.Indent(&shown, b.Bytes(), "", "  "); err != nil {
			t.Fatal(err)
		}
		golden.Equal(t, d.Kind+".json", append(shown.Bytes(), '\n'))
	}
}

func TestAccepts(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]bool{
		"application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*": true,
		"application/json, application/vnd.npm.install-v1+json":                    true,
		"application/vnd.npm.install-v1+json;q=0, application/json":                false,
		"application/json": false, "*/*": false, "": false,
	} {
		if got := accepts([]string{accept}, abbreviatedType); got != want {
			t.Errorf("%q: %v", accept, got)
		}
	}
}

func TestDistTags(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		stored          map[string]string
		release, newest string
		want            string
	}{
		{nil, "1.0.0", "2.0.0-rc", `{"latest":"1.0.0"}`},
		{nil, "", "2.0.0-rc", `{"latest":"2.0.0-rc"}`},
		{map[string]string{"b": "1", "a": "2", "latest": "3"}, "1.0.0", "2.0.0", `{"latest":"3","a":"2","b":"1"}`},
	} {
		if got := string(tagsJSON(distTags(c.stored, c.release, c.newest))); got != c.want {
			t.Errorf("%v: %s, want %s", c.stored, got, c.want)
		}
	}
}
