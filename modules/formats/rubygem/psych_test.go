package rubygem

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/formats/rubygem/rubygemtest"
)

// rubyProgram gives Ruby. Without one a test is skipped at a desk, and fails in
// CI.
func rubyProgram(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("ruby")
	if err == nil {
		return program
	}
	if os.Getenv("CI") != "" {
		t.Fatal("ruby is missing, and in CI nothing may be; .ci/deps installs it")
	}
	t.Skip("SKIPPED: ruby is missing; .ci/deps installs it")
	return ""
}

// merges are the ways to write a key that Psych merges.
var merges = []string{
	"<<", "'<<'", `"<<"`, `"\x3c\x3c"`, "! '<<'", "! <<", "!ruby/string '<<'", "!ruby/string <<", "!!str <<", "!!str '<<'", "!!merge <<",
	"!!map <<", "!ruby/object:Gem::Version <<", "? |-\n  <<\n", "? !ruby/string {str: '<<'}\n", "*merge ", "? *merge\n",
}

// places of a specification for a value to stand at, each with a sign for it.
const slot = "@@"

func slots() map[string]string {
	right := rubygemtest.Spec("money", "1.0", needing)
	at := func(old, with string) string { return strings.Replace(right, old, with, 1) }
	return map[string]string{
		"name":                 at(`"money"`, slot),
		"version":              at(`"1.0"`, slot),
		"version, plain":       at("!ruby/object:Gem::Version\n  version: \"1.0\"", slot),
		"platform":             at("platform: ruby", "platform: "+slot),
		"platform, cpu":        at("platform: ruby", "platform: !ruby/object:Gem::Platform {cpu: "+slot+", os: linux, version: null}"),
		"platform, version":    at("platform: ruby", "platform: !ruby/object:Gem::Platform {cpu: x86, os: linux, version: "+slot+"}"),
		"dependencies":         right[:strings.Index(right, "dependencies:")] + "dependencies: " + slot + "\n",
		"dependency":           at("name: decimals", "name: "+slot),
		"type":                 at(":runtime", slot),
		"operator":             at(`"~>"`, slot),
		"number":               at("version: 1.0.2", "version: "+slot),
		"requirements":         at("requirement: !ruby/object:Gem::Requirement\n    requirements:", "version_requirements: !ruby/object:Gem::Requirement\n    requirements: []\n  requirement: "+slot+"\n  x:"),
		"Ruby":                 right[:strings.Index(right, "required_ruby")] + "required_ruby_version: " + slot + "\n",
		"whole":                right + slot + "\n",
		"whole, a key":         right + "full_name: " + slot + "\n",
		"dependency, a key":    at("name: decimals", "version_requirement: "+slot+"\n  name: decimals"),
		"version's kind":       at("!ruby/object:Gem::Version\n  version: \"1.0\"", slot+" {version: '1.0'}"),
		"dependency's kind":    at("!ruby/object:Gem::Dependency", slot),
		"requirement's kind":   at("requirement: !ruby/object:Gem::Requirement", "requirement: "+slot),
		"platform's kind":      at("platform: ruby", "platform: "+slot+" {cpu: x86, os: linux, version: '5'}"),
		"required Ruby's kind": at("required_ruby_version: !ruby/object:Gem::Requirement", "required_ruby_version: "+slot),
	}
}

// values are what stands there.
var values = []string{
	"rails", "'rails'", `"rails"`, "! rails", "! 'rails'", "!!str rails", "!ruby/string rails", "!ruby/sym runtime", "!ruby/symbol development", ":runtime", ":development",
	"! :runtime", "&a :runtime", "':runtime'", "runtime", ":\"runtime\"", ":build", ":rails", "|-\n    rails", ">-\n    rails", "|\n    rails", "\n\n    rails", "é", "\"ra\\x69ls\"",
	"yes", "Yes", "no", "on", "OFF", "true", "False", "y", "n", "null", "NULL", "nULL", "~", "", "''", "! ~", "! null", "! ''", "!", "&a ~", "&a", "!!null rails", "!!null 'rails'", "!!null", "!!null ''",
	"'yes'", "! yes", "!!str yes", "!!str ~", "!!str", "!ruby/string no", "!ruby/object:Gem::Version yes", "!ruby/object:Gem::Version rails", "!!bool yes", "!!bool rails",
	"1", "10", "010", "1.0", "1.10", "'1.10'", "1.2.3", "! 1.10", "!!str 1.10", "!!float 1.10", "!!float '1.10'", "!!int 1", "!<str> 1.10", "!<!str> 1.10", "!str 1.10", "1.", ".5", "1e3", "1.5e+3", "1_0", "1_000.0", "1,000", "0x1a", "0b1", "0b_", "0x_", "0o17",
	"1:30", "1:30:30", "190:20:30.15", "2026-01-02", "2026-1-2", "2026-01-02 03:04:05", "2026-01-02t03:04:05Z", ".inf", "-.INF", ".nan",
	"\"1.0\\n\"", "' 1.0'", "'1.0 '", "\"1.0\\t\"", "\"1.0\\0\"", "\"rails\\0\"", "1.0 # rails", "1.0.rc1", "'1'",
	"java", "x86-linux", "i686-linux", "current", "'current'", "x86_64-linux", "ruby", "'5'", "5",
	"'='", "=", ">=", "'>='", "! '>='", "'~> '", "!ruby/object:Gem::Requirement >=",
	"[]", "{}", "[rails]", "{version: '1.0'}", "{str: rails}", "!!str {str: rails}", "!ruby/string {str: rails}", "!ruby/string {str: '1.0'}", "!!seq rails",
	"!ruby/object:Gem::Version {version: '1.0'}", "!ruby/object:Gem::Version {version: 1.0}", "!ruby/object:Gem::Version {version: yes}", "!ruby/object:Gem::Dependency {version: '1.0'}",
	"!!map", "!!seq", "!ruby/object:Gem::Version", "!ruby/object:Gem::Requirement", "!ruby/object:Gem::Version::Requirement", "!ruby/object:Gem::Dependency", "!ruby/object:Gem::Platform", "!ruby/object:Gem::Specification", "!ruby/object:Time", "!ruby/string",
	"!ruby/object:Gem::Requirement {requirements: [['>=', !ruby/object:Gem::Version {version: '2'}]]}", "{requirements: [['>=', !ruby/object:Gem::Version {version: '2'}]]}",
	"!ruby/object:Gem::Requirement {requirements: ~}", "!ruby/object:Gem::Requirement {}", "!ruby/object:Gem::Requirement {none: true}",
	"!ruby/object:Gem::Requirement {requirements: [['>=', '2']]}", "!ruby/object:Gem::Requirement {requirements: [['>=', {version: '2'}]]}", "!ruby/object:Gem::Requirement {version: '2'}",
	"[!ruby/object:Gem::Dependency {name: rails, requirement: !ruby/object:Gem::Requirement {requirements: [['>=', !ruby/object:Gem::Version {version: '2'}]]}}]",
	"[!ruby/object:Gem::Dependency {name: rails, version_requirement: !ruby/object:Gem::Requirement {version: '2'}}]",
	"[!ruby/object:Gem::Dependency {name: rails}]", "[{name: rails}]", "[rails]",
	"name: rails", "'name': rails", "!ruby/sym name: rails", ":name: rails", ":runtime: rails", "new_platform: java", "original_platform: java", "1: x", "~: x", "? [name]\n: rails", "full_name: rails-99.0", "x: &a {name: rails}\ny: *a",
}

// reading is what somebody reads in a specification.
type reading struct {
	Name, Version, Platform string
	Dependencies            [][]string // name, type, requirements
	Fault                   string     // of Ruby
}

// asRuby asks Ruby what it reads.
func asRuby(t *testing.T, texts []string) []reading {
	t.Helper()
	asked, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	run := exec.Command(rubyProgram(t), "-e", `
		require "json"
		Warning.singleton_class.prepend(Module.new { def warn(*) end })
		def text(o) String === o ? o : "no text: #{o.inspect}" end
		def number(o) text(Gem::Version === o ? o.version : o) end
		answers = JSON.parse($stdin.read).map do |yaml|
		  spec = Gem::Specification.from_yaml(yaml)
		  platform = spec.original_platform
		  platform = "ruby" if platform.nil? || platform == ""
		  spec.full_name
		  spec.required_ruby_version.requirements.each { |o, v| text(o) + number(v) }
		  needs = spec.dependencies.map do |d|
		    [text(d.name), Symbol === d.type ? d.type.to_s : "no symbol"] + (d.requirement.requirements.map { |o, v| text(o) + " " + number(v) }.then { |r| r.empty? ? [">= 0"] : r })
		  end
		  { Name: text(spec.name), Version: number(spec.version), Platform: platform.to_s, Dependencies: needs }
		rescue Exception => e
		  { Fault: "#{e.class}: #{e.message}"[0, 200] }
		end
		puts JSON.generate(answers)`)
	run.Stdin = bytes.NewReader(asked)
	run.Stderr = os.Stderr
	out, err := run.Output()
	if err != nil {
		t.Fatal(err)
	}
	var answers []reading
	if err := json.Unmarshal(out, &answers); err != nil || len(answers) != len(texts) {
		t.Fatalf("%d answers, %v", len(answers), err)
	}
	return answers
}

func readingOf(s *spec) reading {
	r := reading{Name: s.Name, Version: s.Number, Platform: s.Platform, Dependencies: [][]string{}}
	for _, d := range s.Dependencies {
		kind := "runtime"
		if d.Development {
			kind = "development"
		}
		r.Dependencies = append(r.Dependencies, append([]string{d.Name, kind}, d.Requirement...))
	}
	return r
}

// unread are the slots of which nothing is kept. What makes Ruby refuse a gem
// there makes it no other one: nobody can install it.
var unread = regexp.MustCompile(`^(whole|[a-z, ]+, a key)[:,]`)

// Whatever is taken, Ruby reads in the same way. Incident 7.
func TestReadAsRuby(t *testing.T) {
	t.Parallel()
	var what, texts []string
	var ours []reading
	add := func(name, text string) {
		s, err := parseSpec([]byte(text))
		if err == nil {
			what, texts, ours = append(what, name), append(texts, text), append(ours, readingOf(s))
		}
	}
	for name, text := range slots() {
		for _, value := range values {
			add(name+": "+value, strings.ReplaceAll(text, slot, value))
		}
	}
	for i, theirs := range asRuby(t, texts) {
		if theirs.Fault != "" && unread.MatchString(what[i]) {
			continue
		}
		if diff := cmp.Diff(ours[i], theirs); diff != "" {
			t.Errorf("%s: Ruby reads (+) something else:\n%s", what[i], diff)
		}
	}
	if len(texts) < 200 {
		t.Errorf("only %d were taken", len(texts))
	}
}

// What Ruby itself writes of the gems that are here is taken.
func TestReadWhatRubyWrites(t *testing.T) {
	t.Parallel()
	out, err := exec.Command(rubyProgram(t), "-rjson", "-e", `puts JSON.generate(Gem::Specification.map(&:to_yaml))`).Output()
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	if err := json.Unmarshal(out, &texts); err != nil || len(texts) == 0 {
		t.Fatal(len(texts), err)
	}
	for i, theirs := range asRuby(t, texts) {
		s, err := parseSpec([]byte(texts[i]))
		if err != nil {
			t.Errorf("%s: %v", theirs.Name, err)
			continue
		}
		if diff := cmp.Diff(readingOf(s), theirs); diff != "" {
			t.Error(diff)
		}
	}
}

// Psych merges whatever key says <<, in whatever way. Incident 7.
func TestMergesAreRefused(t *testing.T) {
	t.Parallel()
	const value = "{name: rails, version: !ruby/object:Gem::Version {version: '99.0'}, requirements: []}"
	for _, key := range merges {
		for where, text := range map[string]string{
			"whole":        rubygemtest.Spec("innocent", "1.0", "x: &merge '<<'\n", key+": "+value+"\n"),
			"a dependency": strings.Replace(rubygemtest.Spec("innocent", "1.0", "x: &merge '<<'\n", needing), "name: decimals", "name: decimals\n  "+strings.ReplaceAll(key, "\n", "\n  ")+": "+value, 1),
			"not read":     rubygemtest.Spec("innocent", "1.0", "x: &merge '<<'\n", "y:\n- z:\n    "+strings.ReplaceAll(key, "\n", "\n    ")+": "+value+"\n"),
		} {
			if s, err := parseSpec([]byte(text)); !fault.Is(err, fault.Unprocessable) {
				t.Errorf("%s, %s: %+v, %v", key, where, s, err)
			} else if message := fault.From(err).Message; !strings.Contains(message, "a key that is <<") && !strings.HasPrefix(key, "!!ma") {
				t.Errorf("%s, %s: %s", key, where, message)
			}
		}
	}
}
