package opm

import (
	"slices"
	"strings"
	"testing"

	"ingot.dev/modules/fault"
)

func TestCanonicalName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"opm": "opm", "1commands": "1commands", "v8runner": "v8runner", "GitSync": "gitsync", "autumn-cli": "autumn-cli", "a.b_c": "a.b_c", "_x": "_x",
		"Деньги": "деньги", "Счёт-ёж": "счёт-ёж", "Е\u0308ж": "ёж", "й": "й", strings.Repeat("я", maxName): strings.Repeat("я", maxName),
		"": "", "-a": "", "a-": "", ".a": "", "a.": "", "..": "", "a b": "", "a/b": "", `a\b`: "", "a\n": "", "é": "", "λ": "", "包": "", "Ж\u0301": "", "a\u202e": "", "\xff": "",
		"a%20b": "", "a@1": "", strings.Repeat("я", maxName+1): "",
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
		"1.0": "1.0", "1.0.0": "1.0.0", "1.0.0.0": "1.0.0.0", "01.0": "01.0", "2024.01.15": "2024.01.15",
		"1.0.0-RC.1": "1.0.0-rc.1", "1.0-alpha-2": "1.0-alpha-2", "1.0-0a": "1.0-0a",
		"": "", "1": "", "1.": "", ".1": "", "1.0.0.0.0": "", "v1.0": "", "1.0-": "", "1.0-a..b": "", "1.0-01": "", "1.0+b": "", "1.0 ": "", "1.x": "", "latest": "",
		"1.1234567890": "", "1.0-" + strings.Repeat("a", maxVersion): "", "1.0\n": "",
	} {
		got, err := CanonicalVersion(version)
		if got != want || (err != nil) != (want == "") || err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %q, %v, want %q", version, got, err, want)
		}
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	order := []string{
		"0.9", "1.0-alpha", "1.0-alpha.1", "1.0-alpha.beta", "1.0-beta.2", "1.0-beta.11", "1.0-rc.1", "01.0", "1.0", "1.0.0", "1.0.0.1-a", "1.0.0.1", "1.0.1", "1.2", "1.10", "1.10.0.5", "1.10.2", "2.0", "10.0",
	}
	for i, a := range order {
		for j, b := range order {
			want := 0
			if i != j {
				want = map[bool]int{true: -1, false: 1}[i < j]
			}
			if got := Compare(a, b); got != want {
				t.Errorf("%s to %s: %d, want %d", a, b, got, want)
			}
		}
	}
	if !slices.IsSortedFunc(order, Compare) {
		t.Error("no order")
	}
}
