package npm

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/ordered"
)

func TestParseManifest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{
			`{"version":"v1.2.3+x","name":"@acme/money","bin":"./cli.js","x-unknown":[1],"_id":"evil","dist":{"tarball":"http://evil"},"deprecated":"no","hasInstallScript":true}`,
			`{"version":"1.2.3","name":"@acme/money","bin":{"money":"./cli.js"},"x-unknown":[1]}`,
		},
		{
			`{"name":"a","version":"1.0.0","dependencies":{"b":"1","c":"2"},"bundledDependencies":true,"scripts":{"postinstall":"x"}}`,
			`{"name":"a","version":"1.0.0","dependencies":{"b":"1","c":"2"},"scripts":{"postinstall":"x"},"bundleDependencies":["b","c"],"hasInstallScript":true}`,
		},
		{
			`{"name":"a","version":"1.0.0","bundleDependencies":false,"engines":["node >= 0.4"],"bin":{"a":"x/../a.js"}}`,
			`{"name":"a","version":"1.0.0","engines":["node >= 0.4"],"bin":{"a":"x/../a.js"}}`,
		},
	} {
		m, err := parseManifest([]byte(c.text))
		if err != nil {
			t.Error(c.text, err)
			continue
		}
		m.installs(false)
		if diff := cmp.Diff(c.want, string(m.object.AppendJSON(nil))); diff != "" {
			t.Error(diff)
		}
	}
}

// Members and tags are up to the uploader: the work may grow with their number
// and not with its square.
func TestManyMembers(t *testing.T) {
	t.Parallel()
	const many = 80_000
	text := []byte(`{"name":"a","version":"1.0.0"`)
	tags := map[string]string{latestTag: "1.0.0"}
	for i := range many {
		text = fmt.Appendf(text, `,"_%d":0`, i)
		tags[fmt.Sprintf("t%d", i)] = "1.0.0"
	}
	begin := time.Now()
	m, err := parseManifest(append(text, '}'))
	if err != nil {
		t.Fatal(err)
	}
	if len(m.object) != 2 {
		t.Errorf("%d members are left, want name and version", len(m.object))
	}
	if got := strings.Count(string(tagsJSON(tags)), ":"); got != many+1 {
		t.Errorf("%d tags, want %d", got, many+1)
	}
	if took := time.Since(begin); took > 8*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestParseManifestRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"version":"1.0.0"}`:                                    `package.json, line 1: "name" is missing`,
		"{\"name\":\"a\",\n\"version\":\"one\"}":                 `package.json, line 2: "one" is no version`,
		`{"name":"Abc","version":"1.0.0"}`:                       `"abc" would do`,
		`{"name":"a","version":"1.0.0","dependencies":["b"]}`:    `"dependencies" must be an object of strings`,
		`{"name":"a","version":"1.0.0","dependencies":{"b":1}}`:  `"b" in "dependencies" must be a string`,
		`{"name":"a","version":"1.0.0","bin":{"x":"../y"}}`:      `no file of the package`,
		`{"name":"a","version":"1.0.0","bin":{"x":"a/../../y"}}`: `no file of the package`,
		`{"name":"a","version":"1.0.0","bin":{"x":"\\\\..\\y"}}`: `no file of the package`,
		`{"name":"a","version":"1.0.0","bin":"/bin/sh"}`:         `no file of the package`,
		`{"name":"a","version":"1.0.0","bin":{"../x":"y"}}`:      `no name for a command`,
		`{"name":"a","version":"1.0.0","bin":{"@a/../x":"y"}}`:   ``,
		`{"name":"a","version":"1.0.0","bin":[]}`:                `"bin" must be`,
		`[]`: `must hold an object`,
		`{`:  `package.json, line 1`,
	} {
		_, err := parseManifest([]byte(text))
		if want == "" {
			continue // npm links it as x
		}
		if !fault.Is(err, fault.Unprocessable) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func TestAgree(t *testing.T) {
	t.Parallel()
	m, err := parseManifest([]byte(`{"name":"a","version":"v1.0.0","dependencies":{"b":"1"},"optionalDependencies":{"c":"2"}}`))
	if err != nil {
		t.Fatal(err)
	}
	s := sums{Integrity: "sha512-right", Shasum: "abc"}
	for said, want := range map[string]string{
		`{"name":"a","version":"1.0.0","dependencies":{"b":"1"},"optionalDependencies":{"c":"2"}}`:                                    "",
		`{"name":"a","version":"1.0.0","dependencies":{"b":"1","c":"2"},"dist":{"integrity":"sha1-x sha512-right?o","shasum":"ABC"}}`: "",
		`{"name":"b","version":"1.0.0"}`:                                                                    "name",
		`{"name":"a","version":"1.0.1"}`:                                                                    "version",
		`{"name":"a","version":"1.0.0","dependencies":{"b":"1"}}`:                                           "dependency c",
		`{"name":"a","version":"1.0.0","dependencies":{"b":"2","c":"2"}}`:                                   "dependency b",
		`{"name":"a","version":"1.0.0","dependencies":{"b":"1","c":"2","d":"3"}}`:                           "dependency d",
		`{"name":"a","version":"1.0.0","dependencies":{"b":"1","c":"2"},"dist":{"shasum":"def"}}`:           "sha1",
		`{"name":"a","version":"1.0.0","dependencies":{"b":"1","c":"2"},"dist":{"integrity":"sha512-bad"}}`: "sha512",
	} {
		v, err := ordered.Parse([]byte(said), manifestLimits)
		if err != nil {
			t.Fatal(err)
		}
		err = m.agree(v, s)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", said, err, want)
		}
	}
}

func FuzzParseManifest(f *testing.F) {
	f.Add(`{"name":"@acme/money","version":"1.0.0","bin":{"a":"b"},"dependencies":{"x":"^1"},"bundledDependencies":["x"]}`)
	f.Add(`{"name":"a","version":" =v1.0.0","bin":"x","scripts":{},"engines":{}}`)
	f.Fuzz(func(t *testing.T, text string) {
		m, err := parseManifest([]byte(text))
		if err != nil {
			if !fault.Is(err, fault.Unprocessable) {
				t.Fatal(err)
			}
			return
		}
		m.installs(true)
		stored := m.object.AppendJSON(nil)
		again, err := parseManifest(stored)
		if err != nil {
			t.Fatalf("what is handed out, %s, is refused: %v", stored, err)
		}
		if again.Name != m.Name || again.Version != m.Version {
			t.Fatalf("%s %s became %s %s", m.Name, m.Version, again.Name, again.Version)
		}
		describe(stored)
	})
}
