package rubygem

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/format/formattest"
	"ingot.dev/modules/formats/rubygem/rubygemtest"
)

func TestParseSpec(t *testing.T) {
	t.Parallel()
	got, err := parseSpec([]byte(rubygemtest.Spec("money", "1.0", needing, "executables:\n- money\n", "requirements:\n- a bank\n")))
	if err != nil {
		t.Fatal(err)
	}
	want := &spec{
		Name: "money", Number: "1.0", Platform: "ruby", Summary: "Amounts", Description: "Exact amounts", Homepage: "https://example.com",
		Authors: []string{"Ann"}, Email: []string{"ann@example.com"}, Licences: []string{"MIT"}, Metadata: map[string]string{"source_code_uri": "https://example.com/src"},
		Dependencies: []dependency{
			{Name: "decimals", Requirement: requirement{"~> 1.0", ">= 1.0.2"}},
			{Name: "rake", Requirement: requirement{">= 0"}, Development: true},
		},
		Ruby: requirement{">= 2.5"}, RubyGems: requirement{">= 0"}, Executables: []string{"money"}, Requirements: []string{"a bank"},
		Date: "2026-01-02", Made: "3.3.15", Form: 4,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Specifications of 2007 to 2012, as Syck and the first Psych wrote them.
func TestParseOldSpec(t *testing.T) {
	t.Parallel()
	got, err := parseSpec([]byte(`--- !ruby/object:Gem::Specification
name: money
version: !ruby/object:Gem::Version
  hash: 23
  prerelease: !!null
  segments:
  - 1
  - 0
  - 0
  version: 1.0.0
platform: !ruby/object:Gem::Platform
  cpu: x86
  os: mingw32
  version:
authors:
- ! 'Ann'
-
email:
autorequire:
date: 2011-05-06 00:00:00 +02:00
default_executable:
dependencies:
- !ruby/object:Gem::Dependency
  name: decimals
  prerelease: false
  requirement: &id001 !ruby/object:Gem::Requirement
    none: false
    requirements:
    - - ! '>='
      - !ruby/object:Gem::Version
        hash: 3
        version: '0'
  type: :runtime
  version_requirements: *id001
- !ruby/object:Gem::Dependency
  name: older
  type: :development
  version_requirement:
  version_requirements: !ruby/object:Gem::Version::Requirement
    requirements:
    - - "="
      - !ruby/object:Gem::Version
        version: 1.2.0
    version:
- !ruby/object:Gem::Dependency
  name: equal
  requirement: !ruby/object:Gem::Requirement
    requirements:
    - - !ruby/object:YAML::Syck::DefaultKey {}
      - !ruby/object:Gem::Version
        version: 1.2.0
summary: Amounts
description: ! "Exact \x65"
`))
	if err != nil {
		t.Fatal(err)
	}
	want := &spec{
		Name: "money", Number: "1.0.0", Platform: "x86-mingw32", Summary: "Amounts", Description: "Exact e", Authors: []string{"Ann"},
		Dependencies: []dependency{
			{Name: "decimals", Requirement: requirement{">= 0"}},
			{Name: "older", Requirement: requirement{"= 1.2.0"}, Development: true},
			{Name: "equal", Requirement: requirement{"= 1.2.0"}},
		},
		Ruby: requirement{">= 0"}, RubyGems: requirement{">= 0"}, Date: "2011-05-06",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestParseSpecRefuses(t *testing.T) {
	t.Parallel()
	right := rubygemtest.Spec("money", "1.0")
	for what, c := range map[string]struct{ text, says string }{
		"no YAML":              {"a: [", "no YAML"},
		"nothing":              {"", "no YAML"},
		"a list":               {"--- []", "no Gem::Specification"},
		"another class":        {strings.Replace(right, "Gem::Specification", "Gem::Requirement", 1), "no Gem::Specification"},
		"a foreign object":     {right + "x: !ruby/object:Gem::Installer {}\n", "!ruby/object:Gem::Installer"},
		"a foreign hash":       {right + "x: !ruby/hash:Gem::Version {}\n", "!ruby/hash"},
		"a class":              {right + "x: !ruby/class Kernel\n", "!ruby/class"},
		"a foreign tag":        {right + "x: !!python/object/apply:os.system [ls]\n", "python"},
		"two documents":        {right + "---\n" + right, "followed by"},
		"a field twice":        {right + "name: other\n", `"name" twice`},
		"a field twice below":  {right + "metadata: {a: b, a: c}\n", `"a" twice`},
		"a merged map":         {right + "metadata:\n  <<: {a: b}\n", "a key that is <<"},
		"a list for a name":    {strings.Replace(right, `"money"`, "[money]", 1), "name that is no text"},
		"a number for a name":  {strings.Replace(right, `"money"`, "0x1a", 1), "needs quotes"},
		"a name of lines":      {rubygemtest.Spec("money\nevil", "1.0"), "no name of a gem"},
		"a name with NUL":      {rubygemtest.Spec("mon\x00ey", "1.0"), "no name of a gem"},
		"a float for a number": {strings.Replace(right, `"1.0"`, "1.10", 1), "needs quotes"},
		"an alias to itself":   {right + "metadata: &a {x: *a}\n", "metadata that is no text"},
		"a text for a list":    {right + "dependencies: x\n", "no list"},
		"a type":               {right + "dependencies:\n- !ruby/object:Gem::Dependency {name: x, requirement: !ruby/object:Gem::Requirement {requirements: []}, type: !ruby/symbol build}\n", "neither runtime"},
		"three in a pair":      {right + "required_ruby_version: !ruby/object:Gem::Requirement {requirements: [[a, b, c]]}\n", "no pair"},
		"deep":                 {right + "x: " + strings.Repeat("[", 100) + strings.Repeat("]", 100) + "\n", "nested"},
		"long":                 {right + "homepage: " + strings.Repeat("x", maxTexts) + "\n", "bytes of text"},
		"repeated":             {right + "homepage: &h " + strings.Repeat("x", 1000) + "\nemail: [" + strings.Repeat("*h,", 1000) + "]\n", "bytes of text"},
		"many":                 {right + "email: [" + strings.Repeat("a,", maxItems) + "a]\n", "too long"},
		"many lines":           {right + "files:\n" + strings.Repeat("- a\n", maxMarks), "lines and signs"},
	} {
		_, err := parseSpec([]byte(c.text))
		if !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Unprocessable) && !fault.Is(err, fault.TooLarge) || !strings.Contains(fault.From(err).Message, c.says) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func read(gem []byte) (*contents, error) {
	return readGem(context.Background(), bytes.NewReader(gem), int64(len(gem)))
}

func TestReadGem(t *testing.T) {
	t.Parallel()
	c, err := read(rubygemtest.Gem(rubygemtest.Spec("money", "1.0"),
		formattest.Entry{Name: "README", Text: "less"}, formattest.Entry{Name: "README.md", Text: "# Money\x00\xff"}, formattest.Entry{Name: "lib/readme.md", Text: "no"},
	))
	if err != nil || c.Name != "money" || c.readme != (format.Readme{Name: "README.md", Text: "# Money\uFFFD"}) {
		t.Errorf("%+v, %v", c, err)
	}
}

// Incidents 22 and 23: archives that readers read in different ways, or that
// lead out of where they are unpacked to.
func TestReadGemRefuses(t *testing.T) {
	t.Parallel()
	for what, gem := range rubygemtest.Sample().Bodies("money") {
		if _, err := read(gem); !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Unprocessable) && !fault.Is(err, fault.TooLarge) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A gem of before RubyGems 2 has no checksums; it has to be whole all the same.
func TestReadGemWithoutSums(t *testing.T) {
	t.Parallel()
	gem := rubygemtest.Gem(rubygemtest.Spec("money", "1.0"))
	at := bytes.Index(gem, []byte(sumsEntry))
	old := append(bytes.Clone(gem[:at]), make([]byte, 1024)...)
	if _, err := read(old); err != nil {
		t.Error(err)
	}
	if _, err := read(gem[:at]); !fault.Is(err, fault.Invalid) {
		t.Errorf("one that was cut off: %v", err)
	}
}

// Of several wrong checksums the first one is named, in the order of the names.
func TestReadGemNamesFirstSum(t *testing.T) {
	t.Parallel()
	var sums bytes.Buffer
	z := gzip.NewWriter(&sums)
	_, _ = z.Write([]byte("SHA512: {metadata.gz: a, data.tar.gz: b}\nSHA256: {metadata.gz: c, data.tar.gz: d}\n"))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	gem := rubygemtest.Gem(rubygemtest.Spec("money", "1.0"))
	at := bytes.Index(gem, []byte(sumsEntry))
	wrong := append(bytes.Clone(gem[:at]), formattest.Tar(formattest.Entry{Name: sumsEntry, Text: sums.String()})...)
	for range 20 { // a map has another order each time
		if _, err := read(wrong); !fault.Is(err, fault.Unprocessable) || !strings.HasPrefix(fault.From(err).Message, `the SHA256 of "data.tar.gz" is `) {
			t.Fatal(err)
		}
	}
}

// Ruby loads a quick specification as that which gem build wrote.
func TestQuick(t *testing.T) {
	t.Parallel()
	ruby := rubyProgram(t)
	for _, platform := range []string{"ruby", "x86_64-linux", "java"} {
		text := strings.Replace(rubygemtest.Spec("money", "1.0", needing), "platform: ruby", "platform: "+platform, 1)
		s, err := parseSpec([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		var fields bytes.Buffer
		if err := writeSpec(&fields, s, time.Time{}); err != nil {
			t.Fatal(err)
		}
		run := exec.Command(ruby, "-e", `
			$stdin.binmode
			fields = Marshal.load($stdin.read(ARGV[1].to_i))
			spec = Gem::Specification.from_yaml($stdin.read.force_encoding("UTF-8"))
			want = Marshal.load(spec._dump(-1))
			want.each_with_index { |w, i| puts "#{i}: #{fields[i].inspect}, not #{w.inspect}" unless fields[i] == w && fields[i].class == w.class }
			puts "fields: #{fields.size}" unless fields.size == want.size
			puts "needs: #{fields[9].inspect}" unless fields[9].map(&:type) == want[9].map(&:type)`, platform, strconv.Itoa(fields.Len()))
		run.Stdin = io.MultiReader(&fields, strings.NewReader(text))
		if out, err := run.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v\n%s", platform, err, out)
		}
	}
}

func TestQuickDocument(t *testing.T) {
	t.Parallel()
	s := stocked(t)
	z, err := zlib.NewReader(strings.NewReader(s.get(t, "/quick/Marshal.4.8/money-1.1-java.gemspec.rz")))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil || !bytes.HasPrefix(b, []byte("\x04\x08u:\x17Gem::Specification")) || !bytes.Contains(b, []byte("java")) {
		t.Errorf("%q, %v", b, err)
	}
	if got := s.get(t, "/quick/Marshal.4.8/money-9.gemspec.rz"); !strings.HasPrefix(got, "not found") {
		t.Error(got)
	}
}

func FuzzParseSpec(f *testing.F) {
	f.Add([]byte(rubygemtest.Spec("money", "1.0", needing)))
	f.Add([]byte("--- !ruby/object:Gem::Specification\nname: &a x\nversion: *a\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := parseSpec(text)
		if err != nil {
			if !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Unprocessable) && !fault.Is(err, fault.TooLarge) {
				t.Fatal(err)
			}
			return
		}
		if got := places(fullName(s.Name, s.version())); len(got) == 0 {
			t.Fatalf("%s %s is no place", s.Name, s.version())
		}
		if err := writeSpec(io.Discard, s, time.Time{}); err != nil {
			t.Fatal(err)
		}
		s.links()
		s.dependencies()
	})
}

func FuzzReadGem(f *testing.F) {
	f.Add(rubygemtest.Gem(rubygemtest.Spec("money", "1.0")))
	f.Fuzz(func(t *testing.T, gem []byte) {
		if _, err := read(gem); err != nil && !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Unprocessable) && !fault.Is(err, fault.TooLarge) {
			t.Fatal(err)
		}
	})
}
