package setting

import (
	"errors"
	"fmt"
	"strings"
)

// entry is what a line of an ini file says. A [section] line is an entry
// without a name.
type entry struct {
	line                int
	section, name, text string
}

// parse reads an ini file: [section], KEY = value, and comments that begin
// with ; or # at the start of a line or after a space. A value between
// backticks or double quotes is taken as it is. There is no expansion, no
// continuation and no inheritance, so that a password needs no second thought.
// The faults name the line and never show it, since it may hold a secret.
func parse(data string) (entries []entry, faults []error) {
	section := ""
	for i, line := range strings.Split(strings.TrimPrefix(data, "\ufeff"), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == ';' || line[0] == '#' {
			continue
		}
		fail := func(text string) { faults = append(faults, fmt.Errorf("%d: %s", i+1, text)) }
		if line[0] == '[' {
			name, rest, ok := strings.Cut(line[1:], "]")
			if !ok || uncomment(" "+rest) != "" {
				fail("a section is written [name]")
				continue
			}
			section = strings.TrimSpace(name)
			entries = append(entries, entry{i + 1, section, "", ""})
			continue
		}
		name, text, ok := strings.Cut(line, "=")
		name = strings.TrimSpace(name)
		if !ok || name == "" {
			fail("a line is [section], KEY = value or # comment")
			continue
		}
		text, err := unquote(strings.TrimSpace(text))
		if err != nil {
			fail(name + ": " + err.Error())
			continue
		}
		entries = append(entries, entry{i + 1, section, name, text})
	}
	return entries, faults
}

// unquote takes a value out of its quotes, or drops the comment after one that
// has none.
func unquote(s string) (string, error) {
	if s == "" || s[0] != '"' && s[0] != '`' {
		return uncomment(" " + s), nil
	}
	text, rest, ok := strings.Cut(s[1:], s[:1])
	if !ok || uncomment(" "+rest) != "" {
		return "", errors.New("the value begins with a quote and does not end with the same")
	}
	return text, nil
}

// uncomment cuts s before the first ; or # that follows a space.
func uncomment(s string) string {
	for i := 1; i < len(s); i++ {
		if (s[i] == ';' || s[i] == '#') && (s[i-1] == ' ' || s[i-1] == '\t') {
			return strings.TrimSpace(s[:i])
		}
	}
	return strings.TrimSpace(s)
}
