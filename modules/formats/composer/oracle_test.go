package composer

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ingot.dev/modules/ordered"
)

// oracle is an installed Composer that is asked for its own opinion.
type oracle struct {
	in  io.Writer
	out *bufio.Reader
}

func askComposer(t *testing.T) *oracle {
	t.Helper()
	if err := exec.Command("php", "-r", "require '/usr/share/php/Composer/Semver/autoload.php';").Run(); err != nil {
		t.Skipf("NOT COMPARED WITH COMPOSER ITSELF: php and Composer's libraries are not installed (Debian packages php-cli and composer): %v", err)
	}
	cmd := exec.Command("php", "testdata/oracle.php")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("php: %v", err)
		}
	})
	return &oracle{in: in, out: bufio.NewReaderSize(out, 1<<20)}
}

// ask decodes the answer into result; false says that Composer threw.
func (o *oracle) ask(t rapid.TB, result any, question map[string]any) bool {
	t.Helper()
	line, err := json.Marshal(question)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintf(o.in, "%s\n", line); err != nil {
		t.Fatal(err)
	}
	text, err := o.out.ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var reply struct {
		OK    json.RawMessage
		Error *string
	}
	if err := json.Unmarshal(text, &reply); err != nil {
		t.Fatalf("php said %q: %v", text, err)
	}
	if reply.Error != nil {
		return false
	}
	if err := json.Unmarshal(reply.OK, result); err != nil {
		t.Fatal(err)
	}
	return true
}

// oldDated are the dates that composer/semver took before 3.4; the installed
// one may be older.
var oldDated = regexp.MustCompile(`^v?([0-9]{4}(?:[.:-]?[0-9]{2}){1,6}(?:[.:-]?[0-9]{1,3})?)` + modifier)

func newDate(version string) bool {
	version, _, _ = strings.Cut(version, "+")
	return !numbered.MatchString(version) && dated.MatchString(version) && !oldDated.MatchString(version)
}

// compareNormalize holds Normalize and Stability against Composer's own.
func compareNormalize(t rapid.TB, o *oracle, versions []string) {
	t.Helper()
	var answers []struct{ Normal, Stability *string }
	if !o.ask(t, &answers, map[string]any{"ask": "normalize", "versions": versions}) {
		t.Fatalf("Composer cannot tell of %q", versions)
	}
	for i, version := range versions {
		want := answers[i].Normal
		got, err := Normalize(version)
		low := lower(version)
		switch {
		case strings.ContainsFunc(version, foreign) || flagged.MatchString(low) || low == "dev-" || len(version) > maxVersion ||
			want != nil && !addressable(version):
			if err == nil {
				t.Fatalf("Normalize(%q) = %q, but must be refused", version, got)
			}
		case newDate(low):
		case (err == nil) != (want != nil):
			t.Fatalf("Normalize(%q) = %q, %v; Composer differs", version, got, err)
		case want != nil && strings.Contains(*want, "-stable"): // of an upper-case STABLE
		case want != nil && got != *want:
			t.Fatalf("Normalize(%q) = %q; Composer has %q", version, got, *want)
		case want != nil && Stability(got) != *answers[i].Stability:
			t.Fatalf("Stability(%q) = %q; Composer has %q", got, Stability(got), *answers[i].Stability)
		}
	}
}

// compareOrder holds Compare against Composer's own for every pair.
func compareOrder(t rapid.TB, o *oracle, versions []string) {
	t.Helper()
	var answers [][]*int
	if !o.ask(t, &answers, map[string]any{"ask": "compare", "versions": versions}) {
		t.Fatalf("Composer cannot compare %q", versions)
	}
	for i, a := range versions {
		for j, b := range versions {
			// Composer leaves branches, and versions that differ in spelling
			// only, without an order; there Compare may have its own.
			want := answers[i][j]
			if want == nil || *want == 0 && a != b {
				continue
			}
			if got := Compare(a, b); got != *want {
				t.Fatalf("Compare(%q, %q) = %d; Composer has %d", a, b, got, *want)
			}
		}
	}
}

// beyondLong are numbers that PHP cuts to its largest integer.
var beyondLong = regexp.MustCompile(`[0-9]{19}`)

// versionLike draws texts that are versions or nearly so.
func versionLike() *rapid.Generator[string] {
	number := rapid.SampledFrom([]string{"0", "1", "2", "9", "10", "01", "007", "2024", "20240131", "12345", "123456", "235959", "9999999", "99999999999999999999"})
	piece := rapid.OneOf(
		number,
		rapid.SampledFrom([]string{".", "-", "_", ":", "+", "x", "X", "*", ".x", "v", "V", " ", "@", "#", ",", "|", "/", "é", "\u017f", "\u212a"}),
		rapid.SampledFrom([]string{"dev", "-dev", "DEV", "dev-", "alpha", "a", "beta", "b", "RC", "rc", "Rc", "patch", "pl", "p", "stable", "STABLE", "master", "trunk", "default", "main", "@beta", " as "}),
	)
	join := func(parts []string) string { return strings.Join(parts, "") }
	numbers := rapid.Map(rapid.SliceOfN(number, 1, 5), func(parts []string) string { return strings.Join(parts, ".") })
	return rapid.OneOf(
		rapid.Map(rapid.SliceOfN(piece, 0, 8), join),
		rapid.Custom(func(t *rapid.T) string {
			return rapid.SampledFrom([]string{"", "v", "V", "release-"}).Draw(t, "prefix") + numbers.Draw(t, "numbers") +
				strings.Join(rapid.SliceOfN(piece, 0, 5).Draw(t, "tail"), "")
		}),
	)
}

func TestNormalizeAsComposer(t *testing.T) {
	t.Parallel()
	o := askComposer(t)
	var all []string
	for _, c := range normalizeCases {
		if utf8.ValidString(c.version) { // else JSON cannot put the question
			all = append(all, c.version)
		}
	}
	compareNormalize(t, o, all)
	rapid.Check(t, func(t *rapid.T) {
		compareNormalize(t, o, rapid.SliceOfN(versionLike(), 20, 20).Draw(t, "versions"))
	})
}

func TestCompareAsComposer(t *testing.T) {
	t.Parallel()
	o := askComposer(t)
	all := slices.Clone(ladder)
	for _, c := range normalizeCases {
		if c.normal != "" {
			all = append(all, c.normal)
		}
	}
	compareOrder(t, o, all)
	normal := rapid.Map(versionLike(), func(v string) string {
		n, _ := Normalize(v)
		return n
	}).Filter(func(n string) bool { return n != "" && !beyondLong.MatchString(n) })
	rapid.Check(t, func(t *rapid.T) {
		compareOrder(t, o, rapid.SliceOfN(normal, 2, 12).Draw(t, "versions"))
	})
}

func TestExcludeAsComposer(t *testing.T) {
	t.Parallel()
	o := askComposer(t)
	check := func(t rapid.TB, patterns, paths []string) {
		t.Helper()
		var want []bool
		if !o.ask(t, &want, map[string]any{"ask": "exclude", "patterns": append([]string{}, patterns...), "paths": paths}) {
			t.Fatalf("Composer refuses %q", patterns)
		}
		e := CompileExclude(patterns)
		for i, path := range paths {
			if got := e.Filter(path, false); got != want[i] {
				t.Fatalf("%q on %q = %v; Composer has %v", patterns, path, got, want[i])
			}
		}
	}
	for _, c := range excludeCases {
		check(t, c.patterns, append(slices.Clone(c.out), c.in...))
	}
	patternLike := rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{
		"a", "b", "tests", ".", ".git", "/", "/", "*", "*", "**", "/**", "/**/", "?", "!", "{", "}", ",", "{a,b}", "[ab]", "[!a]", "[a-c]", `\`, `\*`, "+", "(", "^", "$", "|", " ",
	}), 1, 8), func(parts []string) string { return strings.Join(parts, "") }).
		// An escaped bracket opens a set in Composer; that quirk is not kept.
		Filter(func(p string) bool { return !strings.Contains(p, `\[`) && !setWithGlob.MatchString(p) })
	pathLike := rapid.Map(rapid.SliceOfN(rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{
		"a", "b", "c", "tests", ".", ".git", "*", "-", "!", " ", "+",
	}), 1, 3), func(parts []string) string { return strings.Join(parts, "") }), 1, 4), func(parts []string) string { return strings.Join(parts, "/") })
	rapid.Check(t, func(t *rapid.T) {
		check(t, rapid.SliceOfN(patternLike, 1, 4).Draw(t, "patterns"), rapid.SliceOfN(pathLike, 8, 8).Draw(t, "paths"))
	})
}

// setWithGlob are patterns such as [*], which Composer turns into expressions
// that nobody meant.
var setWithGlob = regexp.MustCompile(`\[[^\]]*[/*?{}\\]`)

func TestMinifyAsComposer(t *testing.T) {
	t.Parallel()
	o := askComposer(t)
	rapid.Check(t, func(t *rapid.T) {
		versions := versionObjects().Draw(t, "versions")
		var want, expanded []ordered.Object
		if !o.ask(t, &want, map[string]any{"ask": "minify", "versions": versions}) {
			t.Fatal("Composer cannot minify")
		}
		got := Minify(versions)
		if diff := cmp.Diff(unorder(want), unorder(got)); diff != "" {
			t.Fatalf("minified (-Composer +ours): %s", diff)
		}
		if !o.ask(t, &expanded, map[string]any{"ask": "expand", "versions": got}) {
			t.Fatal("Composer cannot expand")
		}
		if diff := cmp.Diff(unorder(versions), unorder(expanded)); diff != "" {
			t.Fatalf("expanded by Composer (-before +after): %s", diff)
		}
	})
}

// unorder gives objects as maps: an order of keys that differs is no
// difference.
func unorder(objects []ordered.Object) []map[string]string {
	maps := []map[string]string{}
	for _, o := range objects {
		m := map[string]string{}
		for _, f := range o {
			m[f.Key] = string(f.Raw)
		}
		maps = append(maps, m)
	}
	return maps
}
