package cargo

import (
	"strings"
	"testing"

	"ingot.dev/modules/fault"
)

func TestCanonicalName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"money": "money", "Acme-Money": "acme_money", "acme_money": "acme_money", "a": "a", "a-": "a_", "com": "com", "nulls": "nulls",
		strings.Repeat("a", 64): strings.Repeat("a", 64),
	} {
		if got, err := CanonicalName(name); err != nil || got != want {
			t.Errorf("%q is %q, %v; want %q", name, got, err, want)
		}
	}
	for _, name := range []string{
		"", "1a", "_a", "-a", "a.b", "a b", "a/b", "пакет", "é", "a\n", "a\x00", "nul", "NUL", "con", "Aux", "prn", "com1", "LPT9", strings.Repeat("a", 65),
	} {
		if got, err := CanonicalName(name); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q is taken as %q, %v", name, got, err)
		}
	}
}

func TestCanonicalVersion(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"1.2.3": "1.2.3", "1.2.3-RC.1": "1.2.3-RC.1", "1.2.3+linux": "1.2.3", "0.0.0-0+a.b": "0.0.0-0", "18446744073709551615.0.0": "18446744073709551615.0.0",
	} {
		if got, err := CanonicalVersion(version); err != nil || got != want {
			t.Errorf("%q is %q, %v; want %q", version, got, err, want)
		}
	}
	for _, version := range []string{
		"", "1", "1.2", "v1.2.3", "01.2.3", "1.2.3-", "1.2.3-01", "1.2.3.4", "1.2.3 ", "latest", "1.2.x", "18446744073709551616.0.0", "1.2.3-" + strings.Repeat("a", 200),
	} {
		if got, err := CanonicalVersion(version); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q is taken as %q, %v", version, got, err)
		}
	}
}

func TestFolder(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"a": "1", "ab": "2", "abc": "3/a", "abcd": "ab/cd", "a-b_c": "a-/b_"} {
		if got := folder(name); got != want {
			t.Errorf("%s lies in %s, not in %s", name, got, want)
		}
	}
}
