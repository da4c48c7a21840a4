package container

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/format"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// made is a version of some days ago that lists others and is about another.
func made(t *testing.T, name string, ago int, subject string, lists ...string) *format.Version {
	t.Helper()
	r := record{}
	for _, l := range lists {
		r.Manifests = append(r.Manifests, Descriptor{Digest: l})
	}
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	return &format.Version{Name: name, Subject: subject, Metadata: raw, Created: now.AddDate(0, 0, -ago)}
}

func TestSuperfluous(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		versions []*format.Version
		tags     map[string]string
		want     []string
	}{
		"what is tagged stays": {
			[]*format.Version{made(t, "a", 9, ""), made(t, "b", 9, "")}, map[string]string{"latest": "a"}, []string{"b"},
		},
		"what is young stays": {[]*format.Version{made(t, "a", 6, ""), made(t, "b", 8, "")}, nil, []string{"b"}},
		"the day itself":      {[]*format.Version{made(t, "a", 7, "")}, nil, nil},
		"what a tagged index lists, at any depth": {
			[]*format.Version{made(t, "outer", 9, "", "inner"), made(t, "inner", 9, "", "a"), made(t, "a", 9, ""), made(t, "b", 9, "")},
			map[string]string{"1": "outer"},
			[]string{"b"},
		},
		"a signature stays with its image and goes with it": {
			[]*format.Version{made(t, "kept", 9, ""), made(t, "sig1", 9, "kept"), made(t, "gone", 9, ""), made(t, "sig2", 9, "gone")},
			map[string]string{"1": "kept"},
			[]string{"sig2", "gone"},
		},
		"a signature of a listed manifest, and one of that": {
			[]*format.Version{made(t, "index", 9, "", "a"), made(t, "a", 9, ""), made(t, "sig", 9, "a"), made(t, "sigsig", 9, "sig")},
			map[string]string{"1": "index"},
			nil,
		},
		"an image that was signed today": {[]*format.Version{made(t, "a", 9, ""), made(t, "sig", 0, "a")}, nil, nil},
		"a subject that is absent":       {[]*format.Version{made(t, "sig", 9, "absent")}, nil, []string{"sig"}},
		"an index before its manifests": {
			[]*format.Version{made(t, "a", 9, ""), made(t, "index", 8, "", "a", "absent"), made(t, "sig", 8, "index")}, nil, []string{"sig", "index", "a"},
		},
		"a circle": {[]*format.Version{made(t, "a", 9, "b"), made(t, "b", 9, "a")}, nil, []string{"a", "b"}},
	} {
		setting := func(name string) string { return map[string]string{untagged: "7"}[name] }
		if diff := cmp.Diff(c.want, New().Superfluous(c.versions, c.tags, setting, now)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	old := []*format.Version{made(t, "a", 20_000, "")}
	check := New().Settings()[0].Check
	for value, ok := range map[string]bool{"1": true, "36500": true, "0": false, "-1": false, "x": false, "1.5": false, "36501": false, "99999999999999999999": false} {
		if err := check(value); (err == nil) != ok {
			t.Errorf("%q: %v", value, err)
		}
		if !ok && len(New().Superfluous(old, nil, func(string) string { return value }, now)) > 0 {
			t.Errorf("%q removes something", value)
		}
	}
	if len(New().Superfluous(old, nil, func(string) string { return "" }, now)) > 0 {
		t.Error("no setting removes something")
	}
	if got := New().Superfluous(old, nil, func(string) string { return "7" }, now); !slices.Equal(got, []string{"a"}) {
		t.Errorf("seven days: %q", got)
	}
}
