package conda

import (
	"path"
	"strings"
)

// spec is a dependency as records have it: a name, a version, a build (CEP 29). It
// is for choosing what current_repodata.json shows, so where it is in doubt it
// takes a version rather than leave it out.
type spec struct {
	name    string
	version func(ordinal) bool // nil takes all
	build   string             // pattern, empty takes all
}

const nameBytes = "abcdefghijklmnopqrstuvwxyz0123456789._-"

// parseSpec reads a dependency. Forms with a channel or brackets are taken by
// their name alone.
func parseSpec(text string) *spec {
	name, rest := cutName(text)
	s := &spec{name: name}
	if strings.ContainsAny(rest, "[(^$;") {
		return s
	}
	switch fields := strings.Fields(rest); len(fields) {
	case 1:
		s.version = parseConstraint(fields[0])
	case 2:
		s.version, s.build = parseConstraint(fields[0]), fields[1]
	}
	if strings.HasPrefix(s.build, "=") || s.build == "*" {
		s.build = ""
	}
	return s
}

// cutName gives the name of the package that a dependency is of, and what follows,
// in lower case.
func cutName(text string) (name, rest string) {
	text = strings.ToLower(strings.TrimSpace(text))
	if _, after, ok := strings.Cut(text, "::"); ok {
		text = after
	}
	rest = strings.TrimLeft(text, nameBytes)
	return text[:len(text)-len(rest)], rest
}

// takes tells whether a version fits.
func (s *spec) takes(version ordinal) bool { return s.version == nil || s.version(version) }

// takesBuild tells whether a build fits, letter case aside.
func (s *spec) takesBuild(build string) bool {
	if s.build == "" {
		return true
	}
	ok, err := path.Match(s.build, strings.ToLower(build))
	return ok || err != nil
}

// parseConstraint reads what a version has to be: terms, joined by a comma for
// "and", which binds closer, and a bar for "or".
func parseConstraint(text string) func(ordinal) bool {
	return joined(text, "|", true, func(text string) func(ordinal) bool {
		return joined(text, ",", false, parseTerm)
	})
}

// joined reads terms of which one that says stop decides.
func joined(text, separator string, stop bool, parse func(string) func(ordinal) bool) func(ordinal) bool {
	var terms []func(ordinal) bool
	for part := range strings.SplitSeq(text, separator) {
		terms = append(terms, parse(part))
	}
	return func(v ordinal) bool {
		for _, term := range terms {
			if term(v) == stop {
				return stop
			}
		}
		return !stop
	}
}

// operators, the longer ones first.
var operators = []string{"==", "!=", ">=", "<=", "~=", "=", ">", "<"}

func parseTerm(text string) func(ordinal) bool {
	operator := ""
	for _, o := range operators {
		if rest, ok := strings.CutPrefix(text, o); ok {
			operator, text = o, rest
			break
		}
	}
	version, prefix := strings.CutSuffix(text, "*")
	version = strings.TrimSuffix(version, ".")
	if !versionForm.MatchString(version) {
		return func(ordinal) bool { return true } // anything, or a form that is not known here
	}
	want := parseVersion(version)
	switch operator {
	case ">=":
		return func(v ordinal) bool { return v.compare(want) >= 0 }
	case "<=":
		return func(v ordinal) bool { return v.compare(want) <= 0 }
	case ">":
		return func(v ordinal) bool { return v.compare(want) > 0 }
	case "<":
		return func(v ordinal) bool { return v.compare(want) < 0 }
	case "~=": // at least this, with the same beginning
		beginning := ordinal{main: want.main[:max(len(want.main)-1, 1)]}
		return func(v ordinal) bool { return v.compare(want) >= 0 && v.startsWith(beginning) }
	case "!=":
		if prefix {
			return func(v ordinal) bool { return !v.startsWith(want) }
		}
		return func(v ordinal) bool { return v.compare(want) != 0 }
	}
	if prefix || operator == "=" {
		return func(v ordinal) bool { return v.startsWith(want) }
	}
	return func(v ordinal) bool { return v.compare(want) == 0 }
}
