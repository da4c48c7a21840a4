package rubygem

import (
	"os/exec"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ingot.dev/modules/fault"
)

// ascending are versions in the order of RubyGems; those of a line are one.
var ascending = [][]string{
	{"0.a", "0.0.a", "0.a.0"},
	{"0.b.1", "0.b1"},
	{"0", "0.0", "00"},
	{"0.0.1"},
	{"1.a"},
	{"1.0.0.beta.1", "1.beta1", "1.0.beta.1.0"},
	{"1.0.0.beta.2"},
	{"1.0.0.beta.10"},
	{"1.0.rc1"},
	{"1-java", "1.0-java"},
	{"1.0-x86_64-linux"},
	{"1", "1.0", "1.0.0", "1.0.0-ruby", "01"},
	{"1.0.1.a"},
	{"1.0.1"},
	{"1.2"},
	{"1.10.0.pre"},
	{"1.10"},
	{"2.0.0.A"},
	{"2.0.0.a"},
	{"2"},
	{"99999999999999999998"},
	{"99999999999999999999"},
	{"100000000000000000000"},
}

func TestCompare(t *testing.T) {
	t.Parallel()
	canon := func(v string) string {
		c, err := CanonicalVersion(v)
		if err != nil {
			t.Fatal(v, err)
		}
		return c
	}
	for i, line := range ascending {
		for _, v := range line {
			if canon(v) != canon(line[0]) {
				t.Errorf("%s is %s, and %s is %s", v, canon(v), line[0], canon(line[0]))
			}
			for j, other := range ascending {
				got, want := compare(canon(v), canon(other[0])), 0
				if i < j {
					want = -1
				} else if i > j {
					want = 1
				}
				if got != want {
					t.Errorf("%s to %s is %d, not %d", v, other[0], got, want)
				}
			}
		}
	}
}

// Ruby itself orders numbers in the same way, and takes the same for numbers.
func TestCompareAsRuby(t *testing.T) {
	t.Parallel()
	ruby := rubyProgram(t)
	var questions, want strings.Builder
	numbers := rapid.SliceOfN(rapid.StringMatching(`[0-9]{1,2}(\.(0|[0-9]|[ab]|rc[0-9]|0[12])){0,4}`), 60, 60).Example(7)
	for _, a := range numbers {
		for _, b := range numbers {
			questions.WriteString(a + " " + b + "\n")
			want.WriteString(map[int]string{-1: "-1", 0: "0", 1: "1"}[compareNumbers(a, b)])
			if prerelease(a) {
				want.WriteString(" pre")
			}
			want.WriteByte('\n')
		}
	}
	run := exec.Command(ruby, "-e", `
		$stdin.each_line { |l| a, b = l.split.map { |n| Gem::Version.new(n) }; puts "#{a <=> b}#{" pre" if a.prerelease?}" }`)
	run.Stdin = strings.NewReader(questions.String())
	got, err := run.Output()
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want.String() {
		asked, answers := strings.Split(questions.String(), "\n"), strings.Split(want.String(), "\n")
		for i, line := range strings.Split(string(got), "\n") {
			if answers[i] != line {
				t.Fatalf("%s: %s, and to Ruby %s", asked[i], answers[i], line)
			}
		}
	}
}

func TestCanonicalVersionRefuses(t *testing.T) {
	t.Parallel()
	for _, v := range []string{
		"", "a", ".1", "1.", "1..2", "v1", "1.0 ", "1.0\n", "1_0", "1.0-", "1.0-2", "1.0--x", "1.0-Java/x", "1.0-java\n", "1.0-é", "1.é", "1/2", "..", "-1", "+1",
		strings.Repeat("1", 101), "1-" + strings.Repeat("a", 65),
	} {
		if c, err := CanonicalVersion(v); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q is taken for %q, %v", v, c, err)
		}
	}
}

func FuzzCanonicalVersion(f *testing.F) {
	for _, line := range ascending {
		for _, v := range line {
			f.Add(v)
		}
	}
	f.Fuzz(func(t *testing.T, v string) {
		c, err := CanonicalVersion(v)
		if err != nil {
			return
		}
		if again, err := CanonicalVersion(c); err != nil || again != c || compare(c, c) != 0 || strings.ContainsAny(c, "/\\ \n") {
			t.Fatalf("%q becomes %q, then %q: %v", v, c, again, err)
		}
		if compare(c, "1") != -compare("1", c) || compare(c, "1.a") != -compare("1.a", c) {
			t.Fatalf("%q has no place in the order", c)
		}
	})
}

func TestCanonicalName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"money": "money", "Acme-Money": "acme-money", "a": "a", "1a": "1a", "a.b_c-d": "a.b_c-d", "money-1": "money-1",
	} {
		if got, err := CanonicalName(name); got != want || err != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	// Incident 19 (CVE-2019-8324): names of several lines.
	for _, name := range []string{"", "1", "1.2-3", "-a", ".a", "_a", "a b", "a/b", "a\n", "a\nb", "é", "a\x00", "..", strings.Repeat("a", 101)} {
		if got, err := CanonicalName(name); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q is taken for %q, %v", name, got, err)
		}
	}
}

// Incident 18 (CVE-2022-29176): a full name can be read in several ways, and
// none of them is the right one by itself.
func TestPlaces(t *testing.T) {
	t.Parallel()
	for full, want := range map[string][]place{
		"money-1.0":         {{"money", "1.0"}},
		"acme-money-1.0":    {{"acme-money", "1.0"}},
		"money-1.0-java":    {{"money", "1.0-java"}},
		"a-1-java-2":        {{"a", "1-java-2"}, {"a-1-java", "2"}},
		"a-1-2":             {{"a-1", "2"}},
		"money":             nil,
		"money-":            nil,
		"-1":                nil,
		"1-1":               nil,
		"money-1.0/../../x": nil,
	} {
		got := places(full)
		if len(got) != len(want) {
			t.Errorf("%s: %v", full, got)
			continue
		}
		for i := range got {
			if got[i] != want[i] || fullName(got[i].name, got[i].version) != full {
				t.Errorf("%s: %v", full, got)
			}
		}
	}
}

// What Gem::Platform makes of words, nil as nothing.
func TestParsePlatform(t *testing.T) {
	t.Parallel()
	words := []string{
		"java", "jruby", "java1.8", "x86-linux", "i686-linux", "i386-linux", "x86_64-linux", "aarch64-linux-musl", "arm-linux-musleabihf", "x86-mingw32", "x64-mingw32",
		"x64-mingw-ucrt", "x86-mswin32", "mswin32", "x64-mswin64_140", "x86-mswin32_60", "universal-darwin", "universal-darwin-20", "x86_64-darwin-19",
		"arm64-darwin", "arm64-darwin21", "x86_64-darwin10.8.0", "x86_64-freebsd-12", "amd64-freebsd9", "powerpc-aix5", "hppa2.0w-hpux11.31",
		"sparc-solaris2.8", "x86_64-openbsd5.9", "i386-netbsdelf", "dotnet", "dotnet4.0", "universal-dotnet4.0", "dalvik", "macruby", "cygwin", "x86-cygwin",
		"x--y", "plan9", "sh4-linux", "m68k-atari-mint",
	}
	var got strings.Builder
	for _, w := range words {
		p := parsePlatform(w)
		got.WriteString(w + " cpu=" + p.cpu + " os=" + p.os + " version=" + p.version + "\n")
	}
	ruby := rubyProgram(t)
	run := exec.Command(ruby, "-e", `ARGV.each { |w| p = Gem::Platform.new(w); puts "#{w} cpu=#{p.cpu} os=#{p.os} version=#{p.version}" }`)
	run.Args = append(run.Args, words...)
	want, err := run.Output()
	if err != nil || string(want) != got.String() {
		t.Errorf("%v\n%s---\n%s", err, got.String(), want)
	}
}
