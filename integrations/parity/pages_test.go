package parity

import (
	"bytes"
	"fmt"
	"testing"

	"ingot.dev/integrations/house"
	"ingot.dev/modules/scope"
)

// many is how many there are of what is listed in pages.
const many = 25

// packagePages walks over the packages of a project.
func (k *kind) packagePages(t *testing.T) {
	p := k.project(t, k.ann.Ref(), false)
	pages[pack](t, k, p, "", packageList, 0, func(pack) string { return "" })
	for i := range many {
		k.publish(t, p, k.Name+string(rune('a'+i)), v1)
	}
	pages(t, k, p, "", packageList, many, func(e pack) string { return e.ID })
}

// versionPages walks over the versions of a package, and over their files.
func (k *kind) versionPages(t *testing.T) {
	p := k.project(t, k.ann.Ref(), false)
	for i := range many {
		k.publish(t, p, k.Name, fmt.Sprintf("%d.0.0", i+1))
	}
	found, _ := k.one(t, p, k.Name)
	pages(t, k, p, found.ID+"/version-list", versionList, many, func(e version) string { return e.ID })
	pages(t, k, p, found.ID+"/package-file", fileList, many, func(e file) string { return e.ID })
}

// pages walks over a list of total items, page by page, and asks for pages that
// make no sense.
func pages[T any](t *testing.T, k *kind, p place, path, name string, total int, id func(T) string) {
	t.Helper()
	seen := map[string]bool{}
	for _, ask := range []struct {
		query         string
		number, size  int
		items, rounds int
	}{
		{"", 0, 10, 10, 3},
		{"?page=1", 1, 10, 10, 3},
		{"?page=2&size=10", 2, 10, 5, 3},
		{"?page=3&size=10", 3, 10, 0, 3},
		{"?size=100", 0, 100, 25, 1},
		{"?size=1000", 0, 100, 25, 1},
		{"?size=25", 0, 25, 25, 1},
		{"?size=24&page=1", 1, 24, 1, 2},
		{"?size=1&page=24", 24, 1, 1, 25},
		{"?size=0", 0, 10, 10, 3},
		{"?size=-1&page=-1", 0, 10, 10, 3},
		{"?size=ten&page=two", 0, 10, 10, 3},
		{"?size=1.5&page=0x1", 0, 10, 10, 3},
		{"?page=&size=", 0, 10, 10, 3},
		{"?sort=name,desc&q=none&page=1", 1, 10, 10, 3},
		{"?page=99999999999999999999", 1<<31 - 1, 10, 0, 3},
	} {
		if total == 0 {
			ask.items, ask.rounds = 0, 0
		}
		got := read[list[T]](t, k.world, p, path+ask.query)
		items, ok := got.Embedded[name]
		if !ok || len(got.Embedded) != 1 || len(items) != ask.items {
			t.Errorf("%s%s lists %d of %v, want %d", path, ask.query, len(items), got.Embedded, ask.items)
		}
		if at := got.Page; at.Size != ask.size || at.TotalElements != total || at.TotalPages != ask.rounds || at.Number != ask.number {
			t.Errorf("%s%s is the page %+v, want %+v", path, ask.query, at, ask)
		}
		if ask.size == 10 && ask.number < 3 && len(seen) == 10*ask.number {
			for _, e := range items {
				seen[id(e)] = true
			}
		}
	}
	if len(seen) != total {
		t.Errorf("%s: page by page there are %d of %d", path, len(seen), total)
	}
	if total == 0 {
		want := `{"_embedded":{"` + name + `":[]},"page":{"size":10,"totalElements":0,"totalPages":0,"number":0}}` + "\n"
		if got := k.Do(t, house.Call{Path: p.rest(path), As: p.as}); !bytes.Equal(got.Body, []byte(want)) {
			t.Errorf("an empty list is %s", got)
		}
	}
}

// A company's list holds the packages of its public projects too, which keep
// their owner and are opened by the addresses of their project.
func TestCompanyShowsProjects(t *testing.T) {
	w := newWorld(t)
	k := &kind{world: w, id: "generic", Sample: sampleOf(t, "generic")}
	company := w.company(t, false)
	ref, own := w.ref(t, company)
	open, closed := w.project(t, ref, false), w.project(t, ref, true)
	_, uuid := w.ref(t, open)
	k.publish(t, company, "own", v1)
	k.publish(t, open, "shown", v1)
	k.publish(t, closed, "hidden", v1)
	got := map[string]pack{}
	for _, e := range read[list[pack]](t, w, company, "").Embedded[packageList] {
		got[e.Name] = e
	}
	if len(got) != 2 || got["own"].OwnerType != "COMPANY" || got["own"].OwnerUUID != own || got["shown"].OwnerType != "PROJECT" || got["shown"].OwnerUUID != uuid {
		t.Errorf("the company lists %+v", got)
	}
	id := got["shown"].ID
	for _, tail := range []string{"", "/version-list", "/package-file", "/" + v1} {
		w.Want(t, 200, house.Call{Path: open.rest(id + tail), As: w.owner})
		for _, other := range []place{company, closed, {scope.Path{Kind: scope.Service}, w.owner}, user(w.ann, w.owner)} {
			w.Want(t, 404, house.Call{Path: other.rest(id + tail), As: w.owner})
		}
	}
	for _, tail := range []string{"/delete", "/" + v1 + "/delete"} {
		w.Want(t, 404, house.Call{Method: "POST", Path: company.rest(id + tail), As: w.owner})
	}
}
