package cran

import (
	"slices"
	"strings"

	"ingot.dev/modules/fault"
)

// requirement is a package that another one needs, or R itself.
type requirement struct{ name, operator, version string } // the last two may be empty

var operators = []string{">=", "<=", "==", "!=", ">", "<"}

// parseRequirements reads a list of packages ("Writing R Extensions", section
// "Package Dependencies"). It is as strict as R CMD build: of what R does not
// understand here, such as "R (>=3.5)" without a blank or "R (>= r70000)", one
// in an index is enough for R to find no package at all.
func parseRequirements(field, list string) ([]requirement, error) {
	var out []requirement
	for item := range strings.SplitSeq(list, ",") {
		item = strings.TrimSpace(item)
		if item == "" {
			continue
		}
		r, ok := parseRequirement(item)
		if !ok {
			return nil, fault.New(fault.Invalid, "%.120q in the field %s of the DESCRIPTION is no requirement: write a name, as in Rcpp, or one with a version of at least two numbers, as in Rcpp (>= 1.0)", item, field)
		}
		out = append(out, r)
	}
	return out, nil
}

func parseRequirement(s string) (r requirement, ok bool) {
	name, rest, bounded := strings.Cut(s, "(")
	r.name = strings.TrimSpace(name)
	if !isName(r.name) && r.name != "R" {
		return r, false
	}
	if !bounded {
		return r, true
	}
	rest, ok = strings.CutSuffix(strings.TrimSpace(rest), ")")
	if !ok {
		return r, false
	}
	i := slices.IndexFunc(operators, func(o string) bool { return strings.HasPrefix(strings.TrimSpace(rest), o) })
	if i < 0 {
		return r, false
	}
	r.operator = operators[i]
	r.version = strings.TrimSpace(strings.TrimSpace(rest)[len(r.operator):])
	return r, isVersion(r.version)
}

// constraint gives what stands behind the name: ">= 1.0".
func (r requirement) constraint() string { return strings.TrimSpace(r.operator + " " + r.version) }

// String gives the requirement as R writes it.
func (r requirement) String() string {
	if r.operator == "" {
		return r.name
	}
	return r.name + " (" + r.constraint() + ")"
}

// joined gives a list of requirements as R writes it.
func joined(list []requirement) string {
	texts := make([]string, len(list))
	for i, r := range list {
		texts[i] = r.String()
	}
	return strings.Join(texts, ", ")
}
