package git

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestPattern(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		pattern string
		yes, no []string // a slash at the end marks a directory
	}{
		{"a", []string{"a", "x/a", "a/"}, []string{"ab", "a/x"}},
		{"/a", []string{"a", "a/"}, []string{"x/a"}},
		{"a/", []string{"a/", "x/a/"}, []string{"a"}},
		{"a/b", []string{"a/b"}, []string{"x/a/b", "a/b/c"}},
		{"*.php", []string{".php", "x/a.php"}, []string{"a.phpt"}},
		{"*/x", []string{"a/x"}, []string{"x", "a/b/x"}},
		{"a?c", []string{"abc", "d/a-c"}, []string{"ac", "a/c"}},
		{"**/a", []string{"a", "x/a", "x/y/a"}, []string{"xa"}},
		{"a/**", []string{"a/b", "a/b/c"}, []string{"a", "a/"}},
		{"a/**/b", []string{"a/b", "a/x/b", "a/x/y/b"}, []string{"a/xb", "ab"}},
		{"a/***/b", []string{"a/b", "a/x/y/b"}, nil},
		{"**", []string{"a", "a/b", "a/"}, nil},
		{"**/", []string{"a/", "a/b/"}, []string{"a"}},
		{"a**c", []string{"abc", "x/axxc"}, []string{"a/c"}},
		{"[a-c]x", []string{"ax", "cx"}, []string{"dx", "-x"}},
		{"[!a-c]x", []string{"dx"}, []string{"ax"}},
		{"[^a]x", []string{"dx"}, []string{"ax"}},
		{"[]a]", []string{"]", "a"}, []string{"[]a]"}},
		{"[a-]", []string{"a", "-"}, []string{"b"}},
		{"[[:digit:]_]", []string{"1", "_"}, []string{"a", ":"}},
		{"[[:nonsense:]]", nil, []string{"a", ":"}},
		{"[a", nil, []string{"a", "[a"}},
		{`\*`, []string{"*"}, []string{"a", `\*`}},
		{`\!a`, []string{"!a"}, []string{"a"}},
		{`a\`, nil, []string{"a", `a\`}},
		{"", nil, []string{"a"}},
		{"/", nil, []string{"a", "a/"}},
		{"a//b", nil, []string{"a/b"}},
		{"*a*a*a*a*a*a*a*a*b", nil, []string{strings.Repeat("a", 200)}},
		{"**/a/**/a/**/a/**/b", nil, []string{strings.Repeat("a/", 200) + "c"}},
	} {
		p, _ := ParsePattern(tc.pattern)
		match := func(path string) bool {
			path, dir := strings.CutSuffix(path, "/")
			return p.Match(path, dir)
		}
		for _, path := range tc.yes {
			if !match(path) {
				t.Errorf("%q does not match %q", tc.pattern, path)
			}
		}
		for _, path := range tc.no {
			if match(path) {
				t.Errorf("%q matches %q", tc.pattern, path)
			}
		}
	}
}

func TestPatternCovers(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		pattern, path string
		want          bool
	}{
		{"tests", "tests/a/b.php", true},
		{"/tests/", "tests/a", true},
		{"/tests/", "src/tests/a", false},
		{"tests/", "tests", false},
		{"*.md", "docs/a.md", true},
		{"docs/*", "docs/a/b", true},
	} {
		if p, _ := ParsePattern(tc.pattern); p.Covers(tc.path) != tc.want {
			t.Errorf("%q covers %q: %v", tc.pattern, tc.path, !tc.want)
		}
	}
	if _, negated := ParsePattern("!a"); !negated {
		t.Error("the exclamation mark is lost")
	}
}

// TestPatternAsGit compares random patterns on random paths with what git
// check-attr answers, one attribute to a pattern. Escaped slashes are left out:
// to git, "**\\/" does not match an empty run of directories as "**/" does.
func TestPatternAsGit(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(from []string, most int) string {
		var b strings.Builder
		for range 1 + random.IntN(most) {
			b.WriteString(from[random.IntN(len(from))])
		}
		return b.String()
	}
	bits := []string{"a", "b", "ab", "/", "/", "*", "**", "**/", "/**", "?", "[ab]", "[!a]", "[^b-z]", "[", "]", "-", `\`, `\*`, "[[:alpha:]]", "[[:x:]]", "[a/b]", "[]a]", "***", "."}
	names := []string{"a", "b", "ab", "/", "/", "ba", ".", "*", "-", "]"}
	var attributes, paths strings.Builder
	patterns := make([]string, 1500)
	for i := range patterns {
		for patterns[i] = `\/`; strings.Contains(patterns[i], `\/`); {
			patterns[i] = pick(bits, 6)
		}
		fmt.Fprintf(&attributes, "%s p%d\n", patterns[i], i)
	}
	for range 300 {
		path := strings.Trim(pick(names, 7), "/")
		for strings.Contains(path, "//") {
			path = strings.ReplaceAll(path, "//", "/")
		}
		if path != "" && path != "." && !strings.Contains("/"+path+"/", "/./") && !strings.Contains("/"+path+"/", "/../") {
			paths.WriteString(path + "\n" + path + "/\n")
		}
	}
	r := newRepo(t)
	r.write(".gitattributes", attributes.String())
	r.git("add", "-A")
	out := r.input(paths.String(), "check-attr", "--cached", "--stdin", "-a")
	set := make(map[string]bool) // "p1 path"
	for line := range strings.Lines(out) {
		field := strings.Split(strings.TrimSpace(line), ": ")
		set[field[1]+" "+field[0]] = true
	}
	if len(set) < 1000 {
		t.Fatalf("git matched only %d", len(set))
	}
	wrong := 0
	for i, s := range patterns {
		p, negated := ParsePattern(s)
		for line := range strings.Lines(paths.String()) {
			line = strings.TrimSpace(line)
			path, dir := strings.CutSuffix(line, "/")
			want := set[fmt.Sprintf("p%d %s", i, line)]
			if got := !negated && s[0] != '#' && p.Match(path, dir); got != want && wrong < 30 {
				wrong++
				t.Errorf("pattern %q, path %q: got %v, git says %v", s, line, got, want)
			}
		}
	}
}

// FuzzPattern compares the matcher with the definition of matching, written
// down as recursion.
func FuzzPattern(f *testing.F) {
	f.Add("a/**/b*", "a/x/y/bc")
	f.Add("[!a-c]?/**", "dx/e")
	f.Add(`\[*]**/`, "[x]/y")
	f.Fuzz(func(t *testing.T, pattern, path string) {
		if len(pattern) > 24 || len(path) > 24 {
			return
		}
		p, _ := ParsePattern(pattern)
		got := p.Match(path, true)
		p.Covers(path)
		if p.never || p.name {
			return
		}
		rest, ok := strings.CutPrefix(path, p.literal)
		want := ok && rest == ""
		if ok && len(p.rest) > 0 {
			want = slowGlobs(p.rest, strings.Split(rest, "/"))
		}
		if got != want {
			t.Errorf("%q on %q: %v", pattern, path, got)
		}
	})
}

func slowGlobs(globs []glob, path []string) bool {
	switch {
	case len(globs) == 0:
		return len(path) == 0
	case globs[0].deep && len(globs) == 1:
		return len(path) > 0
	case globs[0].deep:
		return slowGlobs(globs[1:], path) || len(path) > 0 && slowGlobs(globs, path[1:])
	}
	return len(path) > 0 && slowTokens(globs[0].tokens, path[0]) && slowGlobs(globs[1:], path[1:])
}

func slowTokens(tokens []token, s string) bool {
	switch {
	case len(tokens) == 0:
		return s == ""
	case tokens[0].star:
		return slowTokens(tokens[1:], s) || s != "" && slowTokens(tokens, s[1:])
	}
	return s != "" && tokens[0].has(s[0]) && slowTokens(tokens[1:], s[1:])
}
