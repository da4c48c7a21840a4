package osv

import (
	"cmp"
	"fmt"
	"slices"

	"ingot.dev/modules/version"
)

// event is a step in a range: one of its fields is set.
type event struct {
	Introduced   string `json:"introduced"`
	Fixed        string `json:"fixed"`
	LastAffected string `json:"last_affected"`
	Limit        string `json:"limit"`
}

// point is where a range begins or ends.
type point struct {
	version string
	kind    kind
}

type kind uint8

const (
	fixed kind = iota // before a beginning at the same version
	last
	introduced
)

// intervals gives what an entry says of versions. Lists of versions repeat
// what ranges say, so they count only where there is no range.
func (a *affected) intervals() ([]Interval, error) {
	var out []Interval
	ranged := false
	for _, r := range a.Ranges {
		if r.Type != "SEMVER" && r.Type != "ECOSYSTEM" {
			continue
		}
		ranged = true
		points, err := pointsOf(r.Events)
		if err != nil {
			return nil, err
		}
		out = append(out, join(points)...)
	}
	if !ranged {
		for _, v := range a.Versions {
			if !plain(v, maxVersion) {
				return nil, fmt.Errorf("%q is no version", clip(v))
			}
			out = append(out, Interval{Introduced: v, Last: v})
		}
	}
	return out, nil
}

func pointsOf(events []event) ([]point, error) {
	var points []point
	for _, e := range events {
		for _, p := range [...]point{{e.Introduced, introduced}, {e.Fixed, fixed}, {e.LastAffected, last}, {e.Limit, fixed}} {
			switch {
			case p.version == "", p.version == "*" && p.kind == fixed: // a limit that limits nothing
			case !plain(p.version, maxVersion):
				return nil, fmt.Errorf("%q is no version", clip(p.version))
			default:
				points = append(points, p)
			}
		}
	}
	return points, nil
}

// join makes intervals of points. The schema wants them sorted by version
// first; databases write them so, and where beginnings and ends take turns
// there is nothing to sort. The order of versions is the ecosystem's, which is
// not known here, so the rest is sorted in a way that is right for most.
func join(points []point) []Interval {
	for i, p := range points {
		if (p.kind == introduced) != (i%2 == 0) {
			slices.SortStableFunc(points, func(a, b point) int {
				return cmp.Or(compare(a.version, b.version), cmp.Compare(a.kind, b.kind))
			})
			break
		}
	}
	var out []Interval
	var open *Interval
	for i, p := range points {
		switch {
		case p.kind == introduced && open == nil:
			open = &Interval{Introduced: p.version}
			if p.version == "0" { // "a version that sorts before any other"
				open.Introduced = ""
			}
		case p.kind != introduced && (open != nil || i == 0):
			if open == nil {
				open = &Interval{}
			}
			if p.kind == fixed {
				open.Fixed = p.version
			} else {
				open.Last = p.version
			}
			out, open = append(out, *open), nil
		}
	}
	if open != nil {
		out = append(out, *open)
	}
	return out
}

// compare orders versions, "0" before any other.
func compare(a, b string) int {
	switch {
	case a == b:
		return 0
	case a == "0":
		return -1
	case b == "0":
		return 1
	}
	return version.Compare(a, b)
}
