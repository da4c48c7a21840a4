package registry_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
	"ingot.dev/services/registry"
)

// told is what a walk gives, a line for each package.
func told(t *testing.T, reg format.Reader, f format.Filter) []string {
	t.Helper()
	var lines []string
	for versions, err := range reg.Each(t.Context(), f) {
		if err != nil {
			t.Fatal(err)
		}
		line := versions[0].Package
		for _, v := range versions {
			line += " " + v.Name
			for _, f := range v.Files {
				line += "," + f.Name
				if f.Size == 0 || f.Digests.SHA256 == "" || f.Key.SHA256 == "" || f.Version != v.Name {
					t.Errorf("%+v is not whole", f)
				}
			}
		}
		lines = append(lines, line)
	}
	return lines
}

func TestEach(t *testing.T) {
	h := newHouse(t, registry.Config{})
	h.publish(t, "lamp", "1.0.0", "linux/lamp.bin=1")
	h.publish(t, "lamp", "1.10.0", "linux/lamp.bin=2", "win/lamp.bin=3")
	h.publish(t, "lamp", "1.2.0")
	h.publish(t, "Desk", "2.0.0", "linux/desk.bin=4")
	other := *h
	other.scope = scope.Scope{Ref: scope.Ref{Kind: scope.Project, ID: 8}}
	other.reg = other.bind(forge.PublishPackages)
	other.publish(t, "chair", "1.0.0", "linux/chair.bin=5")

	for _, c := range []struct {
		filter format.Filter
		want   []string
	}{
		{format.Filter{}, []string{"Desk 2.0.0,linux/desk.bin", "lamp 1.10.0,linux/lamp.bin,win/lamp.bin 1.2.0 1.0.0,linux/lamp.bin"}},
		{format.Filter{Packages: []string{"LAMP", "chair", "no such"}}, []string{"lamp 1.10.0,linux/lamp.bin,win/lamp.bin 1.2.0 1.0.0,linux/lamp.bin"}},
		{format.Filter{Packages: []string{}}, nil},
		{format.Filter{Files: "Linux/"}, []string{"Desk 2.0.0,linux/desk.bin", "lamp 1.10.0,linux/lamp.bin 1.0.0,linux/lamp.bin"}},
		{format.Filter{Files: "win/"}, []string{"lamp 1.10.0,win/lamp.bin"}},
		{format.Filter{Files: "%"}, nil},
		{format.Filter{Files: "mac/"}, nil},
		{format.Filter{File: "LINUX/lamp.bin"}, []string{"lamp 1.10.0,linux/lamp.bin 1.0.0,linux/lamp.bin"}},
		{format.Filter{File: "linux/"}, nil},
		{format.Filter{File: "linux/desk.bin", Packages: []string{"lamp"}}, nil},
		{format.Filter{File: "linux/chair.bin"}, nil},
	} {
		if got := told(t, h.reg, c.filter); !slices.Equal(got, c.want) {
			t.Errorf("%+v gives %q, want %q", c.filter, got, c.want)
		}
	}
	// Nobody has to go on to the end.
	for range h.reg.Each(t.Context(), format.Filter{}) {
		break
	}
}

func TestSearchFilters(t *testing.T) {
	h := newHouse(t, registry.Config{})
	tool := h.release(t, "tool", "1.0.0")
	tool.About = map[string]string{"type:tool": "1"}
	if _, err := h.reg.Publish(t.Context(), tool); err != nil {
		t.Fatal(err)
	}
	h.publish(t, "early", "1.0.0-rc1")
	h.publish(t, "regretted", "1.0.0")
	if err := h.reg.Edit(t.Context(), "regretted", format.Yank{Version: "1.0.0", On: true, Reason: "broken"}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		query format.Query
		want  string
	}{
		{format.Query{}, "early regretted tool"},
		{format.Query{Listed: true}, "early tool"},
		{format.Query{Released: true}, "tool"},
		{format.Query{Has: []string{"type:tool"}}, "tool"},
		{format.Query{Has: []string{"type:tool", "type:other"}}, ""},
		{format.Query{Text: "re", Listed: true}, ""},
	} {
		c.query.Limit = 10
		found, total, err := h.reg.Search(t.Context(), c.query)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, p := range found {
			names = append(names, p.Name)
		}
		slices.Sort(names)
		if got := strings.Join(names, " "); got != c.want || total != len(found) {
			t.Errorf("%+v finds %q, of %d, want %q", c.query, got, total, c.want)
		}
	}
}

func TestYankedSince(t *testing.T) {
	h := newHouse(t, registry.Config{})
	rel := h.release(t, "lamp", "1.0.0")
	rel.Language = "4.3"
	if _, err := h.reg.Publish(t.Context(), rel); err != nil {
		t.Fatal(err)
	}
	yank := func(on bool) *format.Version {
		t.Helper()
		if err := h.reg.Edit(t.Context(), "lamp", format.Yank{Version: "1.0.0", On: on}); err != nil {
			t.Fatal(err)
		}
		v, err := h.reg.Version(t.Context(), "lamp", "1.0.0")
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	first := yank(true)
	if first.YankedAt.Before(first.Created) || first.Language != "4.3" {
		t.Errorf("yanked at %v, created at %v, for %q", first.YankedAt, first.Created, first.Language)
	}
	if again := yank(true); !again.YankedAt.Equal(first.YankedAt) {
		t.Errorf("yanked at %v, then at %v", first.YankedAt, again.YankedAt)
	}
	if back := yank(false); !back.YankedAt.IsZero() {
		t.Errorf("taken back, yet yanked at %v", back.YankedAt)
	}
}

func BenchmarkEach(b *testing.B) {
	h := newHouse(b, registry.Config{})
	for i := range 2000 {
		h.publish(b, fmt.Sprintf("lamp-%d", i), "1.0.0", "lamp.bin=1")
	}
	for b.Loop() {
		n := 0
		for _, err := range h.reg.Each(b.Context(), format.Filter{}) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != 2000 {
			b.Fatal(n)
		}
	}
}
