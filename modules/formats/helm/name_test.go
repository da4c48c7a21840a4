package helm

import (
	"strings"
	"testing"

	"ingot.dev/modules/fault"
)

func TestCanonicalName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"money": "money", "acme-money": "acme-money", "Acme.Money_2": "acme.money_2", "a": "a", "k8s-1.2": "k8s-1.2",
		strings.Repeat("a", maxName): strings.Repeat("a", maxName),
		"":                           "", "-a": "", "a-": "", "a b": "", "a/b": "", "..": "", ".": "", "a..": "", "пакет": "", "a\n": "",
		strings.Repeat("a", maxName+1): "", "money-1.2.3": "", "money-v1.2.3-x": "",
	} {
		got, err := CanonicalName(name)
		if got != want || (err != nil) != (want == "") || err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %q, %v, want %q", name, got, err, want)
		}
	}
}

func TestCanonicalVersion(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"1.0.0": "1.0.0", "v1.0.0": "1.0.0", "1.0.0-rc.1+b.5": "1.0.0-rc.1+b.5",
		"": "", "1": "", "1.0": "", "vv1.0.0": "", "V1.0.0": "", "01.0.0": "", "1.0.0-01": "", "1.0.0 ": "", "latest": "",
		"1.0.99999999999999999999": "", "1.0.0-" + strings.Repeat("a", 300): "",
	} {
		got, err := CanonicalVersion(version)
		if got != want || (err != nil) != (want == "") || err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %q, %v, want %q", version, got, err, want)
		}
	}
}

// Incident 18 (RubyGems CVE-2022-29176): the file of one chart is never taken
// for that of another.
func TestSplitFile(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{
		{"money", "1.0.0"},
		{"money", "1.0.0-1.0.0"},
		{"money-1", "1.0.0"},
		{"money-1.0", "1.0.0"},
		{"money", "v1.0.0"},
		{"v1", "1.0.0+a-2.0.0"},
	} {
		stem := strings.TrimSuffix(fileName(c[0], c[1]), chartSuffix)
		if name, version, ok := splitFile(stem); !ok || name != c[0] || version != c[1] {
			t.Errorf("%s is taken for %q %q", stem, name, version)
		}
	}
	for _, stem := range []string{"", "money", "money-1.0", "1.0.0", "money1.0.0"} {
		if name, version, ok := splitFile(stem); ok {
			t.Errorf("%s is taken for %q %q", stem, name, version)
		}
	}
}
