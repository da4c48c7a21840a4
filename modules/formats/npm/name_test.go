package npm

import (
	"strings"
	"testing"
)

func TestCanonicalName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"left-pad": "left-pad", "Tool": "tool", "@acme/money": "@acme/money", "@Acme/Money": "@acme/money",
		"@acme/_private": "@acme/_private", "a.b_c-d": "a.b_c-d", "0": "0",
		"": "", "-": "", ".a": "", "_a": "", "a b": "", "a/b": "", "@acme": "", "@/b": "", "@a/b/c": "", "@a/.b": "",
		"node_modules": "", "favicon.ico": "", "a~b": "", "a(b": "", "a'b": "", "a!b": "", "a*b": "", "a%2fb": "", "п": "", "a\n": "",
		strings.Repeat("a", 215): "",
	} {
		if got, err := CanonicalName(name); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v, want %q", name, got, err, want)
		}
	}
	if err := checkName("Money"); err == nil || !strings.Contains(err.Error(), `"money" would do`) {
		t.Errorf("a new name with a capital: %v", err)
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"1.0.0": "1.0.0", "1.0.0-beta.1": "1.0.0-beta.1", "1.0.0+linux": "1.0.0", "1.0.0-a+b": "1.0.0-a",
		"1": "", "1.0": "", "v1.0.0": "", "01.0.0": "", "1.0.0 ": "", "": "", "latest": "", "1.0.0-": "", "../1.0.0": "",
		"1.0.0-" + strings.Repeat("a", 300): "",
	} {
		if got, err := CanonicalVersion(version); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v, want %q", version, got, err, want)
		}
	}
	for _, said := range []string{" v1.2.3 ", "=1.2.3", "= v1.2.3+x"} {
		if v, err := cleanVersion(said); err != nil || bare(v) != "1.2.3" {
			t.Errorf("%q: %v, %v", said, v, err)
		}
	}
}

// Incident 18 (RubyGems CVE-2022-29176): where a name ends and a version begins
// is never guessed.
func TestVersionOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, want string }{
		{"@acme/money", "money-1.0.0.tgz", "1.0.0"},
		{"money", "money-1.0.0-beta.1.tgz", "1.0.0-beta.1"},
		{"money-2", "money-2-1.0.0.tgz", "1.0.0"},
		{"money", "money-2-1.0.0.tgz", ""},
		{"money", "money-1.0.0.tar", ""},
		{"money", "other-1.0.0.tgz", ""},
		{"money", "money-1.0.0.sigstore", ""},
		{"@acme/money", "@acme/money-1.0.0.tgz", ""},
	} {
		if got, err := versionOf(c.name, c.file); got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s of %s: %q, %v", c.file, c.name, got, err)
		}
	}
}

func TestCheckTag(t *testing.T) {
	t.Parallel()
	for tag, fine := range map[string]bool{
		"latest": true, "next-11": true, "beta": true, "v2-lts": true,
		"": false, "1.x": false, "v1": false, "1.2.3": false, "^1.0.0": false, "x": false, "a b": false, "a/b": false, "..": false, strings.Repeat("a", 200): false,
	} {
		if err := checkTag(tag); (err == nil) != fine {
			t.Errorf("%q: %v", tag, err)
		}
	}
}
