package composer

import (
	"strings"
	"testing"
)

// excludeCases are lists of patterns, with paths that they keep in the archive
// and paths that they leave out.
var excludeCases = []struct {
	name     string
	patterns []string
	in, out  []string
}{
	{
		"the documentation's example", // "The composer.json schema", archive
		[]string{"/foo/bar", "baz", "/*.test", "!/foo/bar/baz"},
		[]string{"dir/foo/bar/file", "foo/bar/baz", "file.php", "foo/my.test"},
		[]string{"foo/bar/any", "foo/baz", "my.test"},
	},
	{"nothing", nil, []string{"a", ".git/config"}, nil},
	{"a name at any depth", []string{"tests"}, []string{"mytests", "tests.php", "src/Tests/a"}, []string{"tests", "tests/a.php", "lib/tests/b.php"}},
	{"trailing slash", []string{"tests/"}, []string{"tests2"}, []string{"tests/a.php", "lib/tests/b.php", "tests"}},
	{"leading slash", []string{"/tests"}, []string{"lib/tests/b.php", "tests2/a"}, []string{"tests/a.php", "tests"}},
	{"slash inside", []string{"docs/img"}, []string{"docs/a.md", "docs/img2/a"}, []string{"docs/img/a.png", "lib/docs/img/b.png", "mydocs/img/a"}},
	{"star", []string{"*.md"}, []string{"a.mdx", ".md", "a.txt"}, []string{"README.md", "docs/a.md", "docs/a.md/b"}},
	{"star keeps to one name", []string{"/a/*/c"}, []string{"a/b/b/c", "a/c"}, []string{"a/b/c", "a/b/c/d"}},
	{"star alone", []string{"/*"}, []string{".gitignore", ".github/workflows/a.yml"}, []string{"a", "a/b", "a/.b"}},
	{"hidden files", []string{".*"}, []string{"a", "a/b.c"}, []string{".gitignore", ".github/a", "a/.b"}},
	{"all hidden at the root", []string{"/.*", "!/.htaccess"}, []string{"a/.b", ".htaccess"}, []string{".gitignore", ".github/a"}},
	{"question mark", []string{"/?.txt"}, []string{"ab.txt", ".txt", "..txt"}, []string{"a.txt"}},
	{"set", []string{"/[Tt]ests", "/v[0-9]"}, []string{"ests", "xests", "vx"}, []string{"Tests/a", "tests/a", "v1/a"}},
	{"one of many", []string{"/*.{md,txt}", "/{a,b{c,d}}"}, []string{"a.php", "bcd"}, []string{"x.md", "x.txt", "a", "bc/e", "bd"}},
	{"folders in between", []string{"/a/**/z"}, []string{"a/.b/z", "b/z", "a/bz"}, []string{"a/z", "a/b/z", "a/b/c/z/y"}},
	{"all below", []string{"/a/**"}, []string{"a", "b/a/c", "a/.b"}, []string{"a/b", "a/b/c", "a/b/.c"}},
	{"stars in front", []string{"**/fixtures"}, []string{"fixtures2/a"}, []string{"fixtures/a", "a/fixtures/b", "a/b/fixtures"}},
	{"taken back", []string{"/docs", "!/docs/keep.md", "/docs/keep.md"}, nil, []string{"docs/keep.md", "docs/a"}},
	{"taken back below a folder", []string{"/*", "!/src", "!/composer.json"}, []string{"src/a.php", "composer.json"}, []string{"tests/a.php", "README.md"}},
	{"many marks", []string{"a", "!!a"}, []string{"a"}, nil},
	{"escaped star", []string{`/a\*`}, []string{"ab"}, []string{"a*"}},
	{"escaped backslash", []string{`/a\\b`}, []string{"ab"}, []string{`a\b`}},
	{"characters of expressions", []string{"/a.b", "/(c)", "/d+", "/e|f", "/^g$"}, []string{"axb", "c", "dd", "e", "f", "g"}, []string{"a.b", "(c)", "d+", "e|f", "^g$"}},
	{"no patterns at all", []string{"", "/", "!", "{a", "a}", "[", "[z-a]", "!{"}, []string{"a", "{a", "z", "["}, nil},
}

func TestExclude(t *testing.T) {
	t.Parallel()
	for _, c := range excludeCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := CompileExclude(c.patterns)
			for _, path := range c.in {
				if e.Filter(path, false) {
					t.Errorf("%q leaves out %q", c.patterns, path)
				}
			}
			for _, path := range c.out {
				if !e.Filter(path, false) {
					t.Errorf("%q keeps %q", c.patterns, path)
				}
			}
		})
	}
}

func TestExcludeAfterOthers(t *testing.T) {
	t.Parallel()
	e := CompileExclude([]string{"!/keep", "/drop"})
	for _, c := range []struct {
		path           string
		before, result bool
	}{
		{"keep/a", true, false},
		{"keep/a", false, false},
		{"drop", false, true},
		{"drop", true, true},
		{"other", true, true},
		{"other", false, false},
	} {
		if got := e.Filter(c.path, c.before); got != c.result {
			t.Errorf("%q, decided %v before: %v", c.path, c.before, got)
		}
	}
}

// FuzzExclude looks for patterns that crash or blow up.
func FuzzExclude(f *testing.F) {
	for _, c := range excludeCases {
		for _, path := range append(c.in, c.out...) {
			f.Add(strings.Join(c.patterns, "\n"), path)
		}
	}
	f.Fuzz(func(t *testing.T, patterns, path string) {
		list := strings.Split(patterns, "\n")
		e := CompileExclude(list)
		out := e.Filter(path, false)
		if out && !strings.Contains(patterns, "!") && !e.Filter(path+"/below", false) {
			t.Fatalf("%q leaves out %q but not what lies below", list, path)
		}
	})
}

func BenchmarkExclude(b *testing.B) {
	e := CompileExclude([]string{"/tests", "/docs", "*.md", "/.github", "/**/fixtures/**", "phpunit.xml*", "/a*a*a*a*a*a*b"})
	b.ReportAllocs()
	for b.Loop() {
		e.Filter("src/Component/HttpKernel/EventListener/RouterListener.php", false)
	}
}
