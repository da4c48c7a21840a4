package helm

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/format/formattest"
)

// classified fails where the uploader would be told of an error of the server.
func classified(t *testing.T, err error) {
	t.Helper()
	if err != nil && !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.TooLarge) && !fault.Is(err, fault.Unprocessable) {
		t.Fatalf("%T %v", err, err)
	}
}

// FuzzParseChart: whatever is taken makes an entry that strict YAML parsers and
// JSON parsers read alike.
func FuzzParseChart(f *testing.F) {
	f.Add([]byte(fullChart))
	f.Add([]byte(plainChart))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := ParseChart(text)
		if err != nil {
			classified(t, err)
			return
		}
		record, err := c.record()
		if err != nil {
			t.Fatal(err)
		}
		e, err := entry(&format.Version{Metadata: record, Files: []*format.File{{Name: fileName(c.Name, c.Version), Digests: blob.Digests{SHA256: someSum}}}})
		if err != nil || !json.Valid(e) || !utf8.Valid(e) {
			t.Fatalf("%s, %v", e, err)
		}
		var said any
		if err := yaml.Unmarshal(e, &said); err != nil {
			t.Fatalf("%s, %v", e, err)
		}
		New().Present(format.View{Package: &format.Package{Name: c.Name}, Version: &format.Version{Name: c.Version, Metadata: record}})
	})
}

func FuzzParseRequirements(f *testing.F) {
	f.Add([]byte("dependencies:\n- name: a\n  version: 1\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		_, err := parseRequirements(text)
		classified(t, err)
	})
}

func FuzzOpenArchive(f *testing.F) {
	f.Add(moneyChart)
	f.Add(formattest.Tarball(formattest.Entry{Name: "money/Chart.yaml", Text: fullChart}, formattest.Entry{Name: "money/README.md", Text: "# Money"}))
	f.Fuzz(func(t *testing.T, content []byte) {
		_, err := openBytes(t, content)
		classified(t, err)
	})
}

func FuzzParseProof(f *testing.F) {
	f.Add(moneyProof(f))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := parseProof(text)
		classified(t, err)
		if err == nil {
			classified(t, p.of("money", "1.0.0", someSum))
		}
	})
}

func FuzzSplitFile(f *testing.F) {
	f.Add("money", "1.0.0-1.0.0")
	f.Fuzz(func(t *testing.T, name, version string) {
		if _, err := CanonicalName(name); err != nil {
			return
		}
		if _, err := CanonicalVersion(version); err != nil {
			return
		}
		n, v, ok := splitFile(strings.TrimSuffix(fileName(name, version), chartSuffix))
		if !ok || n != name || v != version {
			t.Fatalf("%q %q become %q %q", name, version, n, v)
		}
	})
}
