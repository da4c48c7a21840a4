package rubygem

import (
	"regexp"
	"strings"

	"ingot.dev/modules/formats/rubygem/marshal"
)

// platform is what clients make of the word for one ("Gem::Platform"). What is
// empty is nil to them.
type platform struct{ cpu, os, version string }

// systems are the words for operating systems, the first that fits winning. The
// version is the last group; where os is empty it is the group before.
var systems = []struct {
	os   string
	form *regexp.Regexp
}{
	{"aix", regexp.MustCompile(`aix(\d+)?`)},
	{"cygwin", regexp.MustCompile(`cygwin`)},
	{"darwin", regexp.MustCompile(`darwin(\d+)?`)},
	{"macruby", regexp.MustCompile(`^macruby$`)},
	{"freebsd", regexp.MustCompile(`freebsd(\d+)?`)},
	{"hpux", regexp.MustCompile(`hpux(\d+)?`)},
	{"java", regexp.MustCompile(`^j(?:ava|ruby)$`)},
	{"java", regexp.MustCompile(`^java([\d.]*)`)},
	{"dalvik", regexp.MustCompile(`^dalvik(\d+)?$`)},
	{"dotnet", regexp.MustCompile(`^dotnet$`)},
	{"dotnet", regexp.MustCompile(`^dotnet([\d.]*)`)},
	{"linux", regexp.MustCompile(`linux-?(\w+)?`)},
	{"mingw32", regexp.MustCompile(`mingw32`)},
	{"mingw", regexp.MustCompile(`mingw-?(\w+)?`)},
	{"", regexp.MustCompile(`(mswin\d+)(?:_(\d+))?`)},
	{"netbsdelf", regexp.MustCompile(`netbsdelf`)},
	{"openbsd", regexp.MustCompile(`openbsd(\d+\.\d+)?`)},
	{"solaris", regexp.MustCompile(`solaris(\d+\.\d+)?`)},
	{"wasi", regexp.MustCompile(`wasi`)},
	{"unknown", regexp.MustCompile(``)},
}

var (
	intel   = regexp.MustCompile(`i\d86`)
	numeric = regexp.MustCompile(`^\d+(\.\d+)?$`)
	digit   = regexp.MustCompile(`\d`)
)

// parsePlatform reads a word other than ruby.
func parsePlatform(word string) platform {
	parts := strings.Split(strings.TrimRight(word, "-"), "-")
	if last := len(parts) - 1; last > 1 && !digit.MatchString(parts[last]) { // x86-linux-gnu
		parts = append(parts[:last-1], parts[last-1]+"-"+parts[last])
	}
	cpu, parts := parts[0], parts[1:]
	p := platform{cpu: cpu}
	if intel.MatchString(cpu) {
		p.cpu = "x86"
	}
	switch {
	case len(parts) == 2 && numeric.MatchString(parts[1]):
		p.os, p.version = parts[0], parts[1]
		return p
	case len(parts) == 0: // java
		p.cpu, parts = "", []string{cpu}
	}
	for _, s := range systems {
		m := s.form.FindStringSubmatch(parts[0])
		if m == nil {
			continue
		}
		p.os = s.os
		if groups := m[1:]; len(groups) > 0 {
			p.version = groups[len(groups)-1]
		}
		if s.os == "" {
			p.os = m[1]
			if p.cpu == "" && strings.HasSuffix(p.os, "32") {
				p.cpu = "x86"
			}
		}
		break
	}
	return p
}

// writePlatform writes the platform of a specification.
func writePlatform(m *marshal.Writer, word string) {
	if word == ruby {
		m.String(ruby)
		return
	}
	p := parsePlatform(word)
	m.Object("Gem::Platform", 3)
	for _, v := range [...]struct{ name, value string }{{"@cpu", p.cpu}, {"@os", p.os}, {"@version", p.version}} {
		m.Symbol(v.name)
		if v.value == "" {
			m.Nil()
		} else {
			m.String(v.value)
		}
	}
}
