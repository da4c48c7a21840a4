package rubygem

import (
	"strings"
	"testing"

	"ingot.dev/modules/fault"
)

// A name longer than any gem's is not read at all: each of its dashes would be
// looked at, and all that is before and behind it.
func TestPlacesOfLongNames(t *testing.T) {
	t.Parallel()
	longest := strings.Repeat("a", maxName) + "-" + strings.Repeat("1", maxVersion) + "-" + strings.Repeat("x", maxPlatform)
	if got := places(longest); len(got) != 1 || len(longest) != maxFullName {
		t.Errorf("%v", got)
	}
	long := "a" + strings.Repeat("-1", 60_000)
	s := stocked(t)
	for _, path := range []string{"/gems/" + long + ".gem", "/quick/Marshal.4.8/" + long + ".gemspec.rz", "/api/v1/attestations/" + long + ".json"} {
		if got := s.get(t, path); !strings.HasPrefix(got, "not found: there is no gem a-1-1") || len(got) > 400 {
			t.Errorf("%.40s: %.400s", path, got)
		}
	}
}

func TestPlacesOfLongNamesCostNothing(t *testing.T) {
	long := "a" + strings.Repeat("-1", 1000)
	if n := testing.AllocsPerRun(1, func() { places(long) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// Windows has no files of these names.
func TestCanonicalNameRefusesDevices(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"con", "CON", "Nul", "aux", "prn", "com1", "LPT9", "aux.rb", "con.a-b"} {
		if _, err := CanonicalName(name); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "device") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"con-a", "console", "com", "com10", "a.con", "nul_"} {
		if _, err := CanonicalName(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
