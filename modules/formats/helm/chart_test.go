package helm

import (
	"fmt"
	"strings"
	"testing"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format/formattest"
	"ingot.dev/modules/golden"
)

const plainChart = "apiVersion: v2\nname: money\nversion: 1.0.0\n"

const fullChart = `
apiVersion: v2
name: money
version: 1.2.0-rc.1+build.7
appVersion: 1.10
description: "Amounts <b>&\n of money\x07"
type: application
kubeVersion: ">=1.25.0-0"
home: https://money.example
icon: https://money.example/icon.svg
condition: money.enabled
tags: back,end
deprecated: true
sources: [https://git.example/money]
keywords: [money, 42, true]
maintainers:
  - &ann {name: Ann, email: ann@example.com, url: https://ann.example}
  - *ann
annotations:
  artifacthub.io/license: MIT
  artifacthub.io/changes: |
    - kind: added
    - kind: removed
dependencies:
  - name: rates
    version: ^1
    repository: https://charts.example
    condition: rates.enabled
    tags: [back]
    alias: rates2
    import-values: [data, {child: a, parent: b}]
  - name: rates
    version: ^2
    repository: "@acme"
engine: gotpl
tillerVersion: ">=2"
unknown: {deep: [1, 2]}
`

func TestParseChart(t *testing.T) {
	t.Parallel()
	c, err := ParseChart([]byte("\xef\xbb\xbf" + fullChart))
	if err != nil {
		t.Fatal(err)
	}
	record, err := c.record()
	if err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, "chart.json", append(record, '\n'))

	old, err := ParseChart([]byte("name: money\nversion: v1.0.0\n"))
	if err != nil || old.APIVersion != "v1" {
		t.Errorf("%+v, %v", old, err)
	}
}

func TestParseChartRefuses(t *testing.T) {
	t.Parallel()
	for text, why := range map[string]string{
		"":                                          "empty",
		"name: [":                                   "Chart.yaml is refused",
		"- a":                                       "Chart.yaml is refused",
		"text":                                      "Chart.yaml is refused",
		"name: \xff":                                "Chart.yaml is refused",
		"version: 1.0.0":                            "name and the version",
		"name: money":                               "name and the version",
		"name: ../money\nversion: 1.0.0":            "not allowed",
		"name: money\nversion: 1.0":                 "no semantic version",
		"name: {a: b}\nversion: 1.0.0":              "Chart.yaml is refused",
		plainChart + "name: other":                  "already defined",
		plainChart + "Name: other":                  `the key "Name"`,
		plainChart + "x: &x {NAME: a}\n<<: *x":      `the key "NAME"`,
		plainChart + "---\nname: other":             "more than one",
		plainChart + "type: virus":                  "application and library",
		plainChart + "deprecated: perhaps":          "Chart.yaml is refused",
		plainChart + "maintainers: [null]":          "empty entry",
		plainChart + "dependencies: [null]":         "empty entry",
		plainChart + "dependencies: [{version: 1}]": "no name",
		plainChart + "dependencies: [{name: a, alias: a/b}]":                                                  "alias",
		plainChart + "dependencies: [{name: a}, {name: b, alias: a}]":                                         "two dependencies",
		plainChart + "annotations: {" + strings.Repeat("k", 300) + ": a}":                                     "annotation",
		plainChart + "x: " + strings.Repeat("x", maxChartFile):                                                "more than",
		plainChart + "x: " + strings.Repeat("[", 40) + strings.Repeat("]", 40):                                "nested deeper",
		plainChart + "x: &x [*x]":                                                                             "Chart.yaml is refused",
		plainChart + "x: &x " + strings.Repeat("x", 9000) + "\nkeywords: [" + strings.Repeat("*x,", 40) + "]": "more than",
		"apiVersion: v3\nname: money\nversion: 1.0.0":                                                         "none of v1 and v2",
		"name: " + strings.Repeat("a", 240) + "\nversion: 1.0.0-" + strings.Repeat("b", 20):                   "too long together",
		plainChart + "annotations:\n" + numbered(maxKeys+1):                                                   "keys in one map",
	} {
		_, err := ParseChart([]byte(text))
		if !fault.Is(err, fault.Unprocessable) && !fault.Is(err, fault.Invalid) || !strings.Contains(fault.From(err).Message, why) {
			t.Errorf("%.80q: %v, want %q", text, err, why)
		}
	}
}

// numbered gives so many lines of a map.
func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "  k%d: v\n", i)
	}
	return b.String()
}

func TestOpenArchive(t *testing.T) {
	t.Parallel()
	c := open(t, formattest.Tarball(
		formattest.Entry{Name: "money/readme.txt", Text: "plain"},
		formattest.Entry{Name: "money/Chart.yaml", Text: "apiVersion: v1\nname: money\nversion: 1.0.0\n"},
		formattest.Entry{Name: "money/README.md", Text: "# Money\xff"},
		formattest.Entry{Name: "money/readme", Text: "last"},
		formattest.Entry{Name: "money/requirements.yaml", Text: "dependencies:\n- name: rates\n  version: 1.x\n  repository: https://charts.example\n"},
		formattest.Entry{Name: "money/charts/rates/Chart.yaml", Text: "name: ["},
		formattest.Entry{Name: "money/charts/rates/chart.yaml", Text: ""},
	))
	if c.readme != "# Money\uFFFD" || c.readmeName != "README.md" || len(c.Dependencies) != 1 || c.Dependencies[0].Version != "1.x" {
		t.Errorf("%+v of %q", c.Chart, c.readme)
	}
}

// The name of a folder is whatever its author likes, and no format.
func TestRefusalNamesFile(t *testing.T) {
	t.Parallel()
	_, err := openBytes(t, formattest.Tarball(formattest.Entry{Name: "100%d/Chart.yaml", Text: "#" + strings.Repeat("x", maxChartFile)}))
	if want := "100%d/Chart.yaml is refused: it has more than 262144 bytes"; err == nil || fault.From(err).Message != want {
		t.Errorf("%v, want %q", err, want)
	}
}

func open(t *testing.T, content []byte) *packed {
	t.Helper()
	c, err := openBytes(t, content)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func openBytes(t testing.TB, content []byte) (*packed, error) {
	return openArchive(t.Context(), strings.NewReader(string(content)), int64(len(content)))
}

func TestOpenArchiveRefuses(t *testing.T) {
	t.Parallel()
	const top = "money/Chart.yaml"
	bad := formattest.HostileTarballs(top, plainChart)
	with := func(entries ...formattest.Entry) []byte {
		return formattest.Tarball(append([]formattest.Entry{{Name: top, Text: plainChart}}, entries...)...)
	}
	bad["in another folder"] = formattest.Tarball(formattest.Entry{Name: "cash/Chart.yaml", Text: plainChart})
	bad["at the top"] = formattest.Tarball(formattest.Entry{Name: "Chart.yaml", Text: plainChart})
	bad["two folders deep"] = formattest.Tarball(formattest.Entry{Name: "x/money/Chart.yaml", Text: plainChart})
	bad["a file that Helm does not load"] = with(formattest.Entry{Name: "money/big", Text: formattest.Noise(5<<20 + 1)})
	bad["a long Chart.yaml"] = formattest.Tarball(formattest.Entry{Name: top, Text: plainChart + "#" + strings.Repeat("x", maxChartFile)})
	bad["another requirements.yaml"] = with(formattest.Entry{Name: "money/Requirements.yaml", Text: ""})
	bad["a dot behind Chart.yaml"] = with(formattest.Entry{Name: "money/Chart.yaml.", Text: plainChart})
	bad["requirements with a name"] = with(formattest.Entry{Name: "money/requirements.yaml", Text: "name: other\n"})
	bad["empty requirements"] = with(formattest.Entry{Name: "money/requirements.yaml", Text: ""})
	bad["requirements twice"] = formattest.Tarball(
		formattest.Entry{Name: top, Text: plainChart + "dependencies: [{name: a}]"},
		formattest.Entry{Name: "money/requirements.yaml", Text: "dependencies: [{name: b}]"})
	for what, content := range bad {
		_, err := openBytes(t, content)
		if !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.TooLarge) && !fault.Is(err, fault.Unprocessable) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
