package subnet

import (
	"strings"
	"testing"
)

func TestOf(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]string{
		"192.0.2.1":             "192.0.2.1",
		"192.0.2.1:80":          "192.0.2.1",
		"::ffff:192.0.2.1":      "192.0.2.1",
		"2001:db8:1:2:3::4":     "2001:db8:1:2::/64",
		"[2001:db8:1:2::9]:443": "2001:db8:1:2::/64",
		"fe80::1%eth0":          "fe80::/64",
		"pipe":                  "pipe",
	} {
		if got := Of(addr); got != want {
			t.Errorf("%s counts as %s, want %s", addr, got, want)
		}
	}
	if got := Of(strings.Repeat("x", 10_000)); len(got) != longest {
		t.Errorf("an address of no kind is kept with %d bytes", len(got))
	}
}

func FuzzOf(f *testing.F) {
	f.Add("fe80::1%eth0")
	f.Add("[::1]:80")
	f.Fuzz(func(t *testing.T, addr string) {
		if got := Of(addr); len(got) > longest || Of(strings.TrimSuffix(got, "/64")) != got {
			t.Errorf("%q counts as %q, which counts as another", addr, got)
		}
	})
}
