package nuget

import (
	"strings"

	"ingot.dev/modules/fault"
)

// Range is an interval of versions ("Package versioning", section version
// ranges). The zero Range holds all.
type Range struct {
	min, max         *Version
	withMin, withMax bool
}

// ParseRange reads "1.0", "[1.0,2.0)" and the like; fault.Invalid for what is
// no range. What floats, as "1.*" does, is for projects and not for packages.
func ParseRange(text string) (Range, error) {
	var r Range
	wrong := func() (Range, error) {
		return Range{}, fault.New(fault.Invalid, "%.150q is no range of versions; write one like 1.0, [1.0] or [1.0,2.0)", text)
	}
	bound := func(s string) (*Version, bool) {
		if s = strings.TrimSpace(s); s == "" {
			return nil, true
		}
		v, err := ParseVersion(s)
		return &v, err == nil
	}
	var ok bool
	s := strings.TrimSpace(text)
	if s == "" || s[0] != '[' && s[0] != '(' {
		if r.min, ok = bound(s); !ok {
			return wrong()
		}
		r.withMin = r.min != nil
		return r, nil
	}
	end := s[len(s)-1]
	if len(s) < 2 || end != ']' && end != ')' {
		return wrong()
	}
	r.withMin, r.withMax = s[0] == '[', end == ']'
	low, high, two := strings.Cut(s[1:len(s)-1], ",")
	if r.min, ok = bound(low); !ok {
		return wrong()
	}
	if !two {
		r.max = r.min
		if r.min == nil || !r.withMin || !r.withMax {
			return wrong()
		}
		return r, nil
	}
	if r.max, ok = bound(high); !ok {
		return wrong()
	}
	r.withMin, r.withMax = r.withMin && r.min != nil, r.withMax && r.max != nil
	return r, nil
}

// String gives the normal form, which is that of an interval.
func (r Range) String() string {
	var b strings.Builder
	b.WriteByte(bracket(r.withMin, '[', '('))
	if r.min != nil {
		b.WriteString(r.min.String())
	}
	b.WriteString(", ")
	if r.max != nil {
		b.WriteString(r.max.String())
	}
	b.WriteByte(bracket(r.withMax, ']', ')'))
	return b.String()
}

func bracket(within bool, closed, open byte) byte {
	if within {
		return closed
	}
	return open
}

// SemVer2 tells whether one of the bounds is a version of SemVer 2.0.0.
func (r Range) SemVer2() bool {
	return r.min != nil && r.min.SemVer2() || r.max != nil && r.max.SemVer2()
}
