package cargo

import (
	"regexp"
	"strings"

	"ingot.dev/modules/fault"
)

// comparator is one of the conditions of a requirement: an operator, and one to
// three numbers of which the last may be a wildcard.
var comparator = regexp.MustCompile(`^(=|>=?|<=?|~|\^)? *(0|[1-9][0-9]*)(?:\.(0|[1-9][0-9]*|[*xX])(?:\.(0|[1-9][0-9]*|[*xX])(-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)?)?$`)

// maxComparators is what Rust's reader of requirements takes, too.
const maxComparators = 32

// requirement writes a version requirement as cargo does in the index:
// "1.2" is "^1.2" ("Specifying Dependencies").
func requirement(text string) (string, error) {
	trimmed := strings.Trim(text, " ")
	if trimmed == "*" || trimmed == "x" || trimmed == "X" {
		return "*", nil
	}
	parts := strings.Split(trimmed, ",")
	if len(parts) > maxComparators {
		return "", fault.New(fault.Unprocessable, "a version requirement has at most %d conditions", maxComparators)
	}
	for i, part := range parts {
		m := comparator.FindStringSubmatch(strings.Trim(part, " "))
		if m == nil {
			return "", fault.New(fault.Unprocessable, `%.100q is no version requirement: write one as in "1.2", "=1.2.3" or ">=1.2, <1.5"`, text)
		}
		parts[i] = comparison(m[1], m[2:5], m[5])
	}
	return strings.Join(parts, ", "), nil
}

// comparison gives a condition in its one form. Numbers end at the first wildcard,
// which is shown where nothing else says that any number would do.
func comparison(operator string, numbers []string, pre string) string {
	version, wild := numbers[0], false
	for _, n := range numbers[1:] {
		if n == "" {
			break
		}
		if n == "*" || n == "x" || n == "X" {
			wild = true
			break
		}
		version += "." + n
	}
	switch {
	case wild && operator == "":
		return version + ".*"
	case operator == "":
		operator = "^"
	}
	return operator + version + pre
}

// platform takes the blanks out of a target, which cargo sets anew where it
// writes one: cfg(any(unix,windows)) is cfg(any(unix, windows)).
func platform(target string) string {
	var b strings.Builder
	quoted := false
	for _, r := range target {
		if r == '"' {
			quoted = !quoted
		}
		if quoted || r != ' ' {
			b.WriteRune(r)
		}
	}
	return b.String()
}
