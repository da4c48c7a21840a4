package forge

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"ingot.dev/modules/fault"
)

func TestToken(t *testing.T) {
	t.Parallel()
	shape := regexp.MustCompile(`^igt_[0-9A-Za-z]{49}$`)
	seen := make(map[string]bool)
	for range 2000 { // enough that short numbers have to be filled up
		token := newToken()
		if !shape.MatchString(token) || !wellFormed(token) || seen[token] {
			t.Fatalf("made %q", token)
		}
		seen[token] = true
		other := []byte(token)
		for i := range other {
			was := other[i]
			if other[i] = 'x'; was == 'x' {
				other[i] = 'y'
			}
			if wellFormed(string(other)) {
				t.Fatalf("%q is taken for a token", other)
			}
			other[i] = was
		}
	}
	for _, s := range []string{"", "igt_", "igt_" + strings.Repeat("0", 49), strings.Repeat("я", 30)} {
		if wellFormed(s) {
			t.Errorf("%q is taken for a token", s)
		}
	}
}

func FuzzWellFormed(f *testing.F) {
	f.Add(newToken())
	f.Add("igt_")
	f.Fuzz(func(t *testing.T, s string) {
		if wellFormed(s) && (!isToken(s) || len(s) != 53) {
			t.Errorf("%q is taken for a token", s)
		}
	})
}

func TestUUID(t *testing.T) {
	t.Parallel()
	shape := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	if a, b := newUUID(), newUUID(); !shape.MatchString(a) || a == b {
		t.Errorf("made %s and %s", a, b)
	}
}

func TestReserved(t *testing.T) {
	t.Parallel()
	for _, list := range [][]string{reserved, reservedProjects, nameless} {
		if !slices.IsSorted(list) || len(slices.Compact(slices.Clone(list))) != len(list) {
			t.Errorf("%v is not sorted", list)
		}
	}
	for _, word := range append(slices.Clone(nameless),
		"api", "admin", "project", "company", "user", "package", "registry", "v2", "rest-api", "helm", "new") {
		for _, name := range []string{word, strings.ToUpper(word)} {
			if err := checkAlias("user", name, reserved); !fault.Is(err, fault.Invalid) {
				t.Errorf("a user can be %q: %v", name, err)
			}
		}
	}
}
