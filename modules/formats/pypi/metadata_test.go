package pypi

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ingot.dev/modules/fault"
)

func TestParseMetadata(t *testing.T) {
	t.Parallel()
	const text = "Metadata-Version: 2.1\r\nName: Acme.Money\r\nVersion: 1.0.0\r\nSummary: Exact amounts: no rounding\r\n" +
		"Keywords: money, amounts\nLicense: MIT License\n        Second line\nRequires-Python: >=3.8\nRequires-Dist: acme-decimal >=1\n" +
		"requires-dist: tests ; extra == 'dev'\nProject-URL: Source, https://example.com/\nClassifier: A\nClassifier: B\nUnknown-Field: x\n" +
		"Description-Content-Type: text/markdown\n\n# Money\r\n\nName: not a field\n"
	m, err := ParseMetadata([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want := &Metadata{
		MetadataVersion: "2.1", Name: "Acme.Money", Version: "1.0.0", Summary: "Exact amounts: no rounding", Keywords: "money, amounts",
		License: "MIT License\n        Second line", RequiresPython: ">=3.8", RequiresDist: []string{"acme-decimal >=1", "tests ; extra == 'dev'"},
		ProjectURLs: []string{"Source, https://example.com/"}, Classifiers: []string{"A", "B"}, DescriptionContentType: "text/markdown",
	}
	if diff := cmp.Diff(want, m, cmpopts.IgnoreUnexported(Metadata{})); diff != "" {
		t.Error(diff)
	}
	if m.description != "# Money\n\nName: not a field\n" || m.canon != "acme-money" || m.version.Canonical() != "1" || m.static() {
		t.Errorf("%q, %s, %s", m.description, m.canon, m.version)
	}
}

func TestDescriptionInField(t *testing.T) {
	t.Parallel()
	for _, margin := range []string{"        ", "       |"} {
		m, err := ParseMetadata([]byte("Metadata-Version: 1.0\nName: money\nVersion: 1\nDescription: First\n" + margin + "  Second\n" + margin + "\n" + margin + "Third\nPlatform: any\n"))
		if err != nil || m.description != "First\n  Second\n\nThird" || len(m.Platforms) != 1 {
			t.Errorf("%q: %+v, %v", margin, m, err)
		}
	}
}

func TestParseMetadataRefuses(t *testing.T) {
	t.Parallel()
	const head = "Metadata-Version: 2.1\nName: money\nVersion: 1.0\n"
	for what, c := range map[string]struct {
		text string
		kind fault.Kind
		says string
	}{
		"nothing":            {"", fault.Invalid, "Metadata-Version"},
		"no version of it":   {"Name: money\nVersion: 1\n", fault.Invalid, "Metadata-Version"},
		"a later version":    {"Metadata-Version: 3.0\nName: money\nVersion: 1\n", fault.Invalid, "3.0"},
		"no name":            {"Metadata-Version: 2.1\nVersion: 1\n", fault.Invalid, "name"},
		"a hostile name":     {"Metadata-Version: 2.1\nName: ../x\nVersion: 1\n", fault.Invalid, "../x"},
		"a name of lines":    {"Metadata-Version: 2.1\nName: a\n b\nVersion: 1\n", fault.Invalid, "not allowed"},
		"no version":         {"Metadata-Version: 2.1\nName: a\n", fault.Invalid, "PEP 440"},
		"two names":          {head + "Name: other\n", fault.Invalid, "twice"},
		"two pythons":        {head + "Requires-Python: >=3\nREQUIRES-PYTHON: >=2\n", fault.Invalid, "twice"},
		"many specifiers":    {head + "Requires-Python: " + strings.Repeat(">=3,", 300) + "\n", fault.Invalid, "Requires-Python"},
		"no specifier":       {head + "Requires-Python: three\n", fault.Invalid, "Requires-Python"},
		"a line of its own":  {head + "nonsense\n", fault.Invalid, "line 4"},
		"continues nothing":  {" x\n" + head, fault.Invalid, "line 1"},
		"a hidden field":     {head + "Summary: x\rName: other\n", fault.Invalid, "line 4"},
		"a name with blanks": {head + "Na me: x\n", fault.Invalid, "line 4"},
		"too many fields":    {head + strings.Repeat("Classifier: x\n", maxFields), fault.TooLarge, "fields"},
		"large fields":       {head + "License: " + strings.Repeat("x", maxHeader) + "\n", fault.TooLarge, "fields"},
		"too large":          {head + "\n" + strings.Repeat("x", maxMetadata), fault.TooLarge, "bytes"},
	} {
		_, err := ParseMetadata([]byte(c.text))
		if !fault.Is(err, c.kind) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestParseMetadataIsLinear(t *testing.T) {
	t.Parallel()
	text := "Metadata-Version: 2.1\nName: money\nVersion: 1\nDescription: x\n" + strings.Repeat(" \n", maxMetadata/3)
	if _, err := ParseMetadata([]byte(text)); err != nil {
		t.Error(err)
	}
}

func TestStatic(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"1.0": false, "1.2": false, "2.0": false, "2.1": false, "2.2": true, "2.5": true,
		"2.4\nDynamic: License-File": true, "2.4\nDynamic: Requires-Dist": false, "2.4\nDynamic: license-file\nDynamic: requires-python": false,
	} {
		m, err := ParseMetadata(fmt.Appendf(nil, "Name: a\nVersion: 1\nMetadata-Version: %s\n", text))
		if err != nil || m.static() != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}
