package cargo

import (
	"strings"
	"testing"
)

// The right-hand sides are what cargo 1.95 writes.
func TestRequirement(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"1": "^1", "1.2": "^1.2", "1.2.3": "^1.2.3", "^1.2": "^1.2", "~1.2": "~1.2", "=1.2.3": "=1.2.3", "= 1.2.3": "=1.2.3",
		">=1, <2": ">=1, <2", ">= 1.0.0,<2": ">=1.0.0, <2", "*": "*", "x": "*", "1.*": "1.*", "1.X": "1.*", "1.0.*": "1.0.*", "1.*.*": "1.*", "=1.*": "=1",
		"1.0.0-beta.1": "^1.0.0-beta.1", "1.2.3+linux": "^1.2.3", "1.2.3-a.1+b": "^1.2.3-a.1", " 1.2 ": "^1.2",
	} {
		got, err := requirement(text)
		if err != nil || got != want {
			t.Errorf("%q is %q, %v; want %q", text, got, err, want)
		}
		if again, err := requirement(got); err != nil || again != got {
			t.Errorf("%q becomes %q, %v", got, again, err)
		}
	}
	for _, text := range []string{
		"", ",", "1,", "newest", "v1", "01", "1.2.3.4", "1 2", "^^1", "1.2-beta", "==1", "!1", "1\n", "*, 1", strings.Repeat(">1,", 40) + "<2",
	} {
		if got, err := requirement(text); err == nil {
			t.Errorf("%q is taken as %q", text, got)
		}
	}
}

func TestPlatform(t *testing.T) {
	t.Parallel()
	for _, same := range [][2]string{
		{`cfg(any(unix,target_os="linux"))`, `cfg(any(unix, target_os = "linux"))`},
		{"x86_64-pc-windows-gnu", "x86_64-pc-windows-gnu"},
		{`cfg( unix )`, `cfg(unix)`},
	} {
		if platform(same[0]) != platform(same[1]) {
			t.Errorf("%s is not %s", same[0], same[1])
		}
	}
	for _, other := range [][2]string{{"cfg(unix)", "cfg(windows)"}, {`cfg(feature="a b")`, `cfg(feature="ab")`}} {
		if platform(other[0]) == platform(other[1]) {
			t.Errorf("%s is %s", other[0], other[1])
		}
	}
}
