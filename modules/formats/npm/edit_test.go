package npm

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

const fresh, old, another = "7-0123456789abcdef0123456789abcdef", "6-0123456789abcdef0123456789abcdef", "7-ffffffffffffffffffffffffffffffff"

func TestEdit(t *testing.T) {
	t.Parallel()
	same := format.Unchanged{Revision: 7}
	deprecate := func(v, text string) format.Change {
		return format.Describe{Version: v, Properties: map[string]string{deprecatedKey: text}}
	}
	for what, c := range map[string]struct {
		path, body string
		status     int
		want       []format.Change
	}{
		"deprecate": {
			"a", `{"name":"a","_rev":"` + fresh + `","dist-tags":{"latest":"2.0.0"},"versions":{"1.0.0":{"deprecated":"bad"},"2.0.0":{}}}`, 200,
			[]format.Change{same, deprecate("1.0.0", "bad")},
		},
		"take it back": {
			"a", `{"name":"a","_rev":"` + fresh + `","versions":{"1.0.0":{},"2.0.0":{"deprecated":""}}}`, 200,
			[]format.Change{same, deprecate("2.0.0", "")},
		},
		"deprecate without a revision": {
			"a", `{"name":"a","versions":{"1.0.0":{"deprecated":"bad"}}}`, 200,
			[]format.Change{deprecate("1.0.0", "bad")},
		},
		"unpublish one": {
			"a/-rev/" + fresh, `{"name":"a","dist-tags":{"latest":"1.0.0"},"versions":{"1.0.0":{}}}`, 200,
			[]format.Change{same, format.Tag{Name: "latest", Version: "1.0.0"}, format.Remove{Version: "2.0.0"}},
		},
		"take a tag away": {
			"a/-rev/" + fresh, `{"name":"a","dist-tags":{"latest":"2.0.0"},"versions":{"1.0.0":{},"2.0.0":{"deprecated":"was"}}}`, 200,
			[]format.Change{same, format.Tag{Name: "old"}},
		},
		"nothing":                       {"a/-rev/" + fresh, `{"name":"a","dist-tags":{"latest":"2.0.0","old":"1.0.0"},"versions":{"1.0.0":{},"2.0.0":{"deprecated":"was"}}}`, 200, nil},
		"an old document":               {"a/-rev/" + old, `{"name":"a","versions":{"1.0.0":{}}}`, 409, nil},
		"a document of another a":       {"a/-rev/" + another, `{"name":"a","versions":{"1.0.0":{}}}`, 409, nil},
		"no revision":                   {"a/-rev/undefined", `{"name":"a","versions":{"1.0.0":{}}}`, 400, nil},
		"deprecate while one publishes": {"a", `{"name":"a","_rev":"` + old + `","versions":{"1.0.0":{"deprecated":"bad"}}}`, 409, nil},
		"unpublish where one edits":     {"a", `{"name":"a","_rev":"` + fresh + `","versions":{"1.0.0":{}}}`, 400, nil},
		"a version without a tarball":   {"a/-rev/" + fresh, `{"name":"a","versions":{"1.0.0":{},"2.0.0":{},"3.0.0":{}}}`, 400, nil},
		"a tag of nothing":              {"a/-rev/" + fresh, `{"name":"a","dist-tags":{"x1":"9.0.0"},"versions":{"1.0.0":{},"2.0.0":{}}}`, 400, nil},
		"owners":                        {"a/-rev/" + fresh, `{"_id":"a","maintainers":[{"name":"eve"}]}`, 403, nil},
		"nothing at all":                {"a", `{"name":"a"}`, 400, nil},
		"another name":                  {"a", `{"name":"b","versions":{}}`, 400, nil},
		"a long reason":                 {"a", `{"name":"a","versions":{"1.0.0":{"deprecated":"` + strings.Repeat("x", 2000) + `"}}}`, 400, nil},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := newShelf("a", "1.0.0", "2.0.0")
			s.tagged = map[string]string{"latest": "2.0.0", "old": "1.0.0"}
			s.versions[0].Properties[deprecatedKey] = "was"
			if what == "deprecate" {
				s.versions[0].Properties = map[string]string{}
				s.tagged = map[string]string{"latest": "2.0.0"}
			}
			if what == "unpublish one" {
				s.tagged = map[string]string{"latest": "2.0.0", "new": "2.0.0"}
			}
			status, reply := call(t, desk{shelf: s, mayDelete: true}, http.MethodPut, c.path, c.body)
			if status != c.status {
				t.Errorf("%d %s, want %d", status, reply, c.status)
			}
			if diff := cmp.Diff(c.want, s.edits); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// tagsOn points n tags at a version.
func tagsOn(version string, n int) string {
	tags := map[string]string{}
	for i := range n {
		tags["t"+strconv.Itoa(i)] = version
	}
	return string(tagsJSON(tags))
}

func TestTagsAtOnce(t *testing.T) {
	t.Parallel()
	for n, status := range map[int]int{maxTags - 1: http.StatusOK, maxTags + 1: http.StatusBadRequest} {
		s := newShelf("a", "1.0.0")
		got, reply := call(t, desk{shelf: s}, http.MethodPut, "a/-rev/"+fresh, strings.Replace(`{"name":"a","dist-tags":TAGS,"versions":{"1.0.0":{}}}`, "TAGS", tagsOn("1.0.0", n), 1))
		if got != status || status != http.StatusOK && (s.edits != nil || !strings.Contains(reply, "at most 1000")) {
			t.Errorf("%d tags: %d %.200s, %d changes", n, got, reply, len(s.edits))
		}
	}
	b := body{Versions: []bodyVersion{{Version: "1.0.0"}}, Tags: slices.Repeat([]tag{{"t", "1.0.0"}}, maxTags)}
	if _, err := b.publishedTags(); err != nil {
		t.Error(err)
	}
	b.Tags = append(b.Tags, b.Tags[0])
	if _, err := b.publishedTags(); !fault.Is(err, fault.Invalid) {
		t.Errorf("a publication with %d tags: %v", len(b.Tags), err)
	}
}

func TestRemoveNeedsTheRight(t *testing.T) {
	t.Parallel()
	s := newShelf("a", "1.0.0", "2.0.0")
	status, _ := call(t, desk{shelf: s}, http.MethodPut, "a/-rev/"+fresh, `{"name":"a","versions":{"1.0.0":{}}}`)
	if status != http.StatusForbidden || s.edits != nil {
		t.Errorf("%d, %v", status, s.edits)
	}
}

func TestRemovePackage(t *testing.T) {
	t.Parallel()
	s := newShelf("@acme/a", "1.0.0", "2.0.0")
	if status, reply := call(t, desk{shelf: s}, http.MethodDelete, "@acme%2fa/-rev/"+old, ""); status != 409 || s.edits != nil {
		t.Errorf("%d %s, %v", status, reply, s.edits)
	}
	if status, reply := call(t, desk{shelf: s}, http.MethodDelete, "@acme%2fa/-rev/"+fresh, ""); status != 200 {
		t.Errorf("%d %s", status, reply)
	}
	want := []format.Change{format.Unchanged{Revision: 7}, format.Remove{Version: "2.0.0"}, format.Remove{Version: "1.0.0"}}
	if diff := cmp.Diff(want, s.edits); diff != "" {
		t.Error(diff)
	}
}
