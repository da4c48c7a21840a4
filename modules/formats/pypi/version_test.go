package pypi

import (
	"encoding/json"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ordered are versions in the order of PEP 440's examples.
var ordered440 = []string{
	"1.dev0", "1.0.dev456", "1.0a1", "1.0a2.dev456", "1.0a12.dev456", "1.0a12", "1.0b1.dev456", "1.0b2",
	"1.0b2.post345.dev456", "1.0b2.post345", "1.0rc1.dev456", "1.0rc1", "1.0", "1.0+abc.5", "1.0+abc.7", "1.0+5",
	"1.0.post456.dev34", "1.0.post456", "1.0.15", "1.1.dev1", "1.1", "1.10", "2012.4", "1!0.1.dev1", "1!1.0", "2!0.5",
	"2!20000000000000000000000000000000000000001", "10!1",
}

func TestOrder(t *testing.T) {
	t.Parallel()
	for i, a := range ordered440 {
		for j, b := range ordered440 {
			x, y := mustVersion(t, a), mustVersion(t, b)
			want := min(max(i-j, -1), 1)
			if got := x.Compare(y); got != want {
				t.Errorf("%s to %s: %d, want %d", a, b, got, want)
			}
			if got := New().Compare(x.Canonical(), y.Canonical()); got != want {
				t.Errorf("canonical %s to %s: %d, want %d", x.Canonical(), y.Canonical(), got, want)
			}
		}
	}
	for _, pair := range [][2]string{{"nonsense", "1"}, {"a", "b"}} {
		if compareCanonical(pair[0], pair[1]) != -1 || compareCanonical(pair[1], pair[0]) != 1 {
			t.Errorf("%s does not come before %s", pair[0], pair[1])
		}
	}
}

func mustVersion(t *testing.T, s string) Version {
	t.Helper()
	v, err := ParseVersion(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestParseVersion(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in, normal, canon string
		pre               bool
	}{
		{"1.0", "1.0", "1", false},
		{"1.0.0", "1.0.0", "1", false},
		{"0.0", "0.0", "0", false},
		{"0", "0", "0", false},
		{"v1.0", "1.0", "1", false},
		{" 1.0\t\n", "1.0", "1", false},
		{"1.0RC1", "1.0rc1", "1rc1", true},
		{"1.0-alpha.1", "1.0a1", "1a1", true},
		{"1.0_beta", "1.0b0", "1b0", true},
		{"1.0c4", "1.0rc4", "1rc4", true},
		{"1.0preview.2", "1.0rc2", "1rc2", true},
		{"1.0pre", "1.0rc0", "1rc0", true},
		{"1.0.DEV", "1.0.dev0", "1.dev0", true},
		{"1.0dev3", "1.0.dev3", "1.dev3", true},
		{"1.0-1", "1.0.post1", "1.post1", false},
		{"1.0-r4", "1.0.post4", "1.post4", false},
		{"1.0rev", "1.0.post0", "1.post0", false},
		{"1.0.post.3", "1.0.post3", "1.post3", false},
		{"1.0a1.post2.dev3+x.04", "1.0a1.post2.dev3+x.4", "1a1.post2.dev3+x.4", true},
		{"1.0+UBUNTU-1_2", "1.0+ubuntu.1.2", "1+ubuntu.1.2", false},
		{"00!01.002", "1.2", "1.2", false},
		{"1!2.0", "1!2.0", "1!2", false},
		{"1.0+00a", "1.0+00a", "1+00a", false},
		{"99999999999999999999999999.1", "99999999999999999999999999.1", "99999999999999999999999999.1", false},
	} {
		v, err := ParseVersion(c.in)
		if err != nil {
			t.Errorf("%q: %v", c.in, err)
			continue
		}
		if got := [2]string{v.String(), v.Canonical()}; got != [2]string{c.normal, c.canon} || v.Prerelease() != c.pre {
			t.Errorf("%q: %q, %t", c.in, got, v.Prerelease())
		}
	}
	for _, bad := range []string{
		"", "v", "x", "1.", ".1", "1..0", "1.0+", "1.0+a..b", "1.0+-a", "1.0+a_", "1.0foo", "french toast", "1.0a1b2", "1!", "!1", "1 0",
		"1.0\x00", "1.0/..", "../1", "1.0-", "1.0post1post2", "1.0+\u212a", "\u0661.0", "1.0\u0131", strings.Repeat("1", 200),
	} {
		if v, err := ParseVersion(bad); err == nil {
			t.Errorf("%q is taken as %s", bad, v)
		}
	}
}

// TestLikePackaging holds the parser against the library that pip uses.
func TestLikePackaging(t *testing.T) {
	t.Parallel()
	const script = `
import json, sys
from packaging.version import Version, InvalidVersion
from packaging.utils import canonicalize_version
out, good = [], []
for text in json.load(sys.stdin):
    try:
        v = Version(text)
    except InvalidVersion:
        out.append(None)
        continue
    good.append((v, str(v)))
    out.append([str(v), canonicalize_version(v), v.is_prerelease])
good.sort(key=lambda p: p[0])
json.dump({"read": out, "sorted": [text for _, text in good]}, sys.stdout)
`
	if err := exec.Command("/usr/bin/python3", "-c", "import packaging.version").Run(); err != nil {
		t.Skipf("NOT COMPARED WITH PACKAGING ITSELF: it is not installed (Debian package python3-packaging): %v", err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	pieces := []string{
		"1", "0", "02", "10", ".", "-", "_", "+", "!", "a", "b", "c", "rc", "alpha", "beta", "pre", "preview", "post", "rev", "r", "dev",
		"v", ".dev1", ".post2", "a1", "rc2", "-1", "+l.1", "1.0", "x", "A", "RC", " ",
	}
	texts := make([]string, 20_000)
	for i := range texts {
		var b strings.Builder
		for range 1 + r.IntN(7) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		texts[i] = b.String()
	}
	input, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/usr/bin/python3", "-c", script)
	cmd.Stdin = strings.NewReader(string(input))
	answer, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var theirs struct {
		Read   [][]any
		Sorted []string
	}
	if err := json.Unmarshal(answer, &theirs); err != nil {
		t.Fatal(err)
	}
	var ours []Version
	for i, text := range texts {
		var got []any
		if v, err := ParseVersion(text); err == nil {
			got = []any{v.String(), v.Canonical(), v.Prerelease()}
			ours = append(ours, v)
		}
		if diff := cmp.Diff(theirs.Read[i], got); diff != "" {
			t.Errorf("%q (-packaging +ours):\n%s", text, diff)
		}
	}
	if len(ours) < 1000 {
		t.Errorf("only %d of the texts are versions", len(ours))
	}
	slices.SortStableFunc(ours, Version.Compare)
	sorted := make([]string, len(ours))
	for i, v := range ours {
		sorted[i] = v.String()
	}
	if diff := cmp.Diff(theirs.Sorted, sorted); diff != "" {
		t.Errorf("order (-packaging +ours):\n%.2000s", diff)
	}
}

func TestSpecifiers(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"", ">=3.9", ">=2.7, !=3.0.*, !=3.1.*", "~=3.8", "==3.*", "===x", "<4", ">3.8,", "== 3.11"} {
		if err := checkSpecifiers(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"3.9", ">=", ">=3.*", "~=3", "=>3", ">=3.9 <4", "==1.0.dev1.*", ">=1+local", "=== ", `>=3"><script>`} {
		if err := checkSpecifiers(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}
