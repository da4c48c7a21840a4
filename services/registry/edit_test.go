package registry_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/models/dbtest"
	"ingot.dev/modules/blob/mem"
	"ingot.dev/modules/blob/spool"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
	"ingot.dev/services/registry"
)

// image is a format whose versions go by tags.
type image struct{ toy }

func (image) Info() format.Info { return format.Info{ID: "toy", Title: "Image", ByTag: true} }

func (image) Settings() []format.Setting { return nil }

func (image) Superfluous(versions []*format.Version, tags map[string]string, setting func(string) string, _ time.Time) []string {
	var out []string
	for _, v := range versions {
		tagged := slices.Contains(slices.Collect(maps.Values(tags)), v.Name)
		if setting("untagged") != "" && !tagged {
			out = append(out, v.Name)
		}
	}
	return out
}

func newImages(t *testing.T) *house { return newHouseOf(t, image{}) }

func newHouseOf(t *testing.T, f format.Format) *house {
	t.Helper()
	h := &house{db: dbtest.New(t), store: mem.New(), scope: scope.Scope{Ref: scope.Ref{Kind: scope.Project, ID: 7}}}
	staging, err := spool.New(t.TempDir(), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if h.Service, err = registry.New(h.db, h.store, staging, []format.Format{f}, registry.Config{}); err != nil {
		t.Fatal(err)
	}
	h.reg = h.bind(forge.PublishPackages)
	return h
}

func (h *house) edit(t testing.TB, name string, changes ...format.Change) {
	t.Helper()
	need := forge.PublishPackages
	if slices.ContainsFunc(changes, func(c format.Change) bool { _, ok := c.(format.Remove); return ok }) {
		need = forge.DeletePackages
	}
	if err := h.bind(need).Edit(t.Context(), name, changes...); err != nil {
		t.Fatalf("edit %s %+v: %v", name, changes, err)
	}
}

func names(versions []*format.Version) []string {
	out := []string{}
	for _, v := range versions {
		out = append(out, v.Name)
	}
	return out
}

func TestEditIsAllOrNothing(t *testing.T) {
	h := newHouse(t, registry.Config{})
	ctx := t.Context()
	for _, v := range []string{"1.0.0", "1.1.0", "2.0.0"} {
		h.publish(t, "lamp", v, "lamp.bin="+v)
	}
	before, err := h.reg.Package(ctx, "lamp")
	if err != nil {
		t.Fatal(err)
	}
	deleter := h.bind(forge.DeletePackages)
	want(t, deleter.Edit(ctx, "lamp",
		format.Tag{Name: "old", Version: "1.0.0"},
		format.Describe{Version: "1.0.0", Properties: map[string]string{"deprecated": "too dim"}},
		format.Remove{Version: "1.1.0"},
		format.Yank{Version: "9.9.9", On: true},
	), fault.NotFound, "9.9.9")
	if tags, err := h.reg.Tags(ctx, "lamp"); err != nil || len(tags) != 0 {
		t.Errorf("a failed edit left the tags %v, %v", tags, err)
	}
	if v, err := h.reg.Versions(ctx, "lamp"); err != nil || len(v) != 3 {
		t.Errorf("a failed edit left %d versions, %v", len(v), err)
	}

	h.edit(t, "lamp", format.Unchanged{Revision: before.Revision},
		format.Tag{Name: "old", Version: "1.0.0"},
		format.Describe{Version: "1.0.0", Properties: map[string]string{"deprecated": "too dim"}},
		format.Describe{Properties: map[string]string{"status": "archived"}},
		format.Remove{Version: "2.0.0"},
	)
	p, err := h.reg.Package(ctx, "lamp")
	if err != nil || p.Latest != "1.1.0" || p.Versions != 2 || p.Properties["status"] != "archived" || p.Revision <= before.Revision {
		t.Errorf("the package is %+v, %v", p, err)
	}
	found, _, err := h.reg.Search(ctx, format.Query{Prefix: "lamp", Limit: 5})
	if err != nil || len(found) != 1 || !cmp.Equal(found[0].Properties, p.Properties) {
		t.Errorf("a search gives %+v, %v", found, err)
	}
	versions, err := h.reg.Versions(ctx, "lamp")
	if err != nil || !cmp.Equal(names(versions), []string{"1.1.0", "1.0.0"}) || versions[1].Properties["deprecated"] != "too dim" {
		t.Errorf("the versions are %v, %v", names(versions), err)
	}
	if v, err := h.reg.Tagged(ctx, "LAMP", "old"); err != nil || v != "1.0.0" {
		t.Errorf("the tag points at %q, %v", v, err)
	}
	// Somebody who looked before all that is told.
	want(t, h.reg.Edit(ctx, "lamp", format.Unchanged{Revision: before.Revision}, format.Tag{Name: "old"}), fault.Precondition)
	h.edit(t, "lamp", format.Tag{Name: "old"})
	want(t, h.reg.Edit(ctx, "lamp", format.Tag{Name: "old"}), fault.NotFound, "old")
	if _, err := h.reg.Tagged(ctx, "lamp", "old"); !fault.Is(err, fault.NotFound) {
		t.Errorf("the tag is still there: %v", err)
	}
	h.edit(t, "lamp", format.Describe{Properties: map[string]string{"status": ""}})
	if p, err := h.reg.Package(ctx, "lamp"); err != nil || len(p.Properties) != 0 {
		t.Errorf("the property stays: %+v, %v", p, err)
	}
	h.edit(t, "lamp", format.Remove{Version: "1.1.0"}, format.Remove{Version: "1.0.0"})
	if _, err := h.reg.Package(ctx, "lamp"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a package without versions stays: %v", err)
	}
	h.whole(t)
}

// counted counts how often versions are compared.
type counted struct {
	toy
	times *int
}

func (c counted) Compare(a, b string) int { *c.times++; return strings.Compare(a, b) }

// An edit finds the newest version once, not after each of its changes: they
// may be thousands, and nobody else writes meanwhile.
func TestManyRemovals(t *testing.T) {
	times := 0
	h := newHouseOf(t, counted{times: &times})
	const many = 50
	var changes []format.Change
	for i := range many {
		v := fmt.Sprintf("1.%02d.0", i)
		h.publish(t, "lamp", v, "lamp.bin="+v)
		if i >= many/2 {
			changes = append(changes, format.Remove{Version: v})
		}
	}
	times = 0
	h.edit(t, "lamp", changes...)
	if p, err := h.reg.Package(t.Context(), "lamp"); err != nil || p.Latest != "1.24.0" || p.Versions != many/2 {
		t.Errorf("%+v, %v", p, err)
	}
	if times > many {
		t.Errorf("%d comparisons for %d versions", times, many/2)
	}
}

func TestEditNeedsItsPermission(t *testing.T) {
	h := newHouse(t, registry.Config{})
	h.publish(t, "lamp", "1.0.0", "lamp.bin=light")
	ctx := t.Context()
	want(t, h.reg.Edit(ctx, "lamp", format.Remove{Version: "1.0.0"}), fault.Denied)
	for _, c := range []format.Change{
		format.Yank{Version: "1.0.0", On: true},
		format.Tag{Name: "x", Version: "1.0.0"},
		format.Remove{Version: "1.0.0"},
		format.Describe{Version: "1.0.0", Properties: map[string]string{"a": "b"}},
	} {
		want(t, h.bind(forge.ReadPackages).Edit(ctx, "lamp", c), fault.Denied)
	}
}

func TestAddAndUpdate(t *testing.T) {
	h := newHouse(t, registry.Config{})
	ctx := t.Context()
	put := func(existing format.Existing, change func(*format.Release), files ...string) error {
		rel := h.release(t, "lamp", "1.0.0", files...)
		rel.Existing, rel.Description = existing, ""
		if change != nil {
			change(&rel)
		}
		_, err := h.reg.Publish(ctx, rel)
		return err
	}
	if err := put(format.Add, nil, "lamp.jar=12345"); err != nil {
		t.Fatal(err)
	}
	if err := put(format.Add, func(r *format.Release) {
		r.Metadata, r.Description = []byte(`{"a":1}`), "a lamp"
		r.Files[0].Metadata = []byte(`{"b":2}`)
	}, "lamp.pom=123"); err != nil {
		t.Fatal(err)
	}
	if err := put(format.Add, nil, "lamp.txt=1"); err != nil { // leaves what it does not say
		t.Fatal(err)
	}
	want(t, put(format.Add, nil, "lamp.jar=12345"), fault.Conflict, "lamp.jar")
	if err := put(format.Update, nil, "lamp.jar=1234567890", "more.txt=12"); err != nil {
		t.Fatal(err)
	}
	v, err := h.reg.Version(ctx, "lamp", "1.0.0")
	if err != nil || string(v.Metadata) != `{"a":1}` || v.Size != 3+1+10+2 || len(v.Files) != 4 {
		t.Errorf("the version is %+v, %v", v, err)
	}
	pom, err := h.reg.File(ctx, format.FileRef{Package: "lamp", Version: "1.0.0", File: "lamp.pom"})
	if err != nil || string(pom.Metadata) != `{"b":2}` {
		t.Errorf("the file is %+v, %v", pom, err)
	}
	p, err := h.reg.Package(ctx, "lamp")
	if err != nil || p.Description != "a lamp" || p.Size != v.Size || p.Versions != 1 {
		t.Errorf("the package is %+v, %v", p, err)
	}
	h.whole(t)
}

// What versions share counts once in their package.
func TestSharedBytesCountOnce(t *testing.T) {
	h := newHouse(t, registry.Config{})
	size := func(want int64) {
		t.Helper()
		p, err := h.reg.Package(t.Context(), "lamp")
		if err != nil || p.Size != want {
			t.Errorf("the package has %d bytes, want %d, %v", p.Size, want, err)
		}
		h.whole(t)
	}
	h.publish(t, "lamp", "1.0.0", "base=12345", "same=12345", "own=1")
	size(6)
	h.publish(t, "lamp", "2.0.0", "base=12345", "own=22")
	size(8)
	h.publish(t, "desk", "1.0.0", "base=12345")
	size(8)
	h.edit(t, "lamp", format.Remove{Version: "2.0.0", File: "base"})
	size(8)
	h.edit(t, "lamp", format.Remove{Version: "1.0.0"})
	size(2)
	used, err := h.UsedBytes(t.Context(), h.scope.Ref)
	if err != nil || used != 7 {
		t.Errorf("the registry has %d bytes, %v", used, err)
	}
}

func TestOwnedNamesStayOwned(t *testing.T) {
	h := newHouse(t, registry.Config{})
	ctx := t.Context()
	owned := func(reg format.Registry, name string, want bool) {
		t.Helper()
		if got, err := reg.Owned(ctx, name); err != nil || got != want {
			t.Errorf("%s is owned: %t, %v", name, got, err)
		}
	}
	owned(h.reg, "lamp", false)
	h.publish(t, "Lamp", "1.0.0")
	owned(h.reg, "lamp", true)
	child := scope.Scope{Ref: scope.Ref{Kind: scope.Project, ID: 8}, Parent: h.scope.Ref}
	of := h.Bind(h.Kind("toy"), child, forge.Actor{}, forge.ReadPackages, format.Transport)
	stranger := h.Bind(h.Kind("toy"), scope.Scope{Ref: scope.Ref{Kind: scope.Project, ID: 9}}, forge.Actor{}, forge.ReadPackages, format.Transport)
	owned(of, "LAMP", true)
	owned(stranger, "lamp", false)
	if err := h.bind(forge.DeletePackages).Delete(ctx, format.FileRef{Package: "lamp"}); err != nil {
		t.Fatal(err)
	}
	for _, reg := range []format.Registry{h.reg, of} { // incident 27
		owned(reg, "lamp", true)
	}
	owned(stranger, "lamp", false)
}

func TestReferrersAndNewest(t *testing.T) {
	h := newHouse(t, registry.Config{})
	ctx := t.Context()
	if list, err := h.reg.Referrers(ctx, "absent", "x", "", 10); err != nil || len(list) != 0 {
		t.Errorf("of an absent package: %v, %v", list, err)
	}
	for _, v := range []string{"2.0.0", "1.0.0"} {
		rel := h.release(t, "lamp", v, "f="+v)
		rel.Subject, rel.Metadata = "the one", []byte(`{"v":"`+v+`"}`)
		if _, err := h.reg.Publish(ctx, rel); err != nil {
			t.Fatal(err)
		}
	}
	h.publish(t, "desk", "1.0.0-rc.1", "f=1")
	h.publish(t, "desk", "0.9.0", "f=2")
	list, err := h.reg.Referrers(ctx, "LAMP", "the one", "", 10)
	if err != nil || !cmp.Equal(names(list), []string{"2.0.0", "1.0.0"}) || list[0].Subject != "the one" || string(list[0].Metadata) != `{"v":"2.0.0"}` {
		t.Errorf("the referrers are %v, %v", names(list), err)
	}
	newest, total, err := h.reg.Newest(ctx, format.Query{Limit: 10})
	if err != nil || total != 2 || len(newest) != 2 {
		t.Fatalf("%v of %d, %v", names(newest), total, err)
	}
	got := map[string]string{newest[0].Package: newest[0].Name, newest[1].Package: newest[1].Name}
	if got["lamp"] != "2.0.0" || got["desk"] != "0.9.0" {
		t.Errorf("the newest are %v", got)
	}
}

// Referrers come some at a time, however many are asked for.
func TestReferrersInPages(t *testing.T) {
	h := newHouse(t, registry.Config{})
	ctx := t.Context()
	var all []string
	for i := range format.MaxReferrers + 10 {
		v := fmt.Sprintf("%d.0.0", 100-i) // not in the order of their names
		rel := h.release(t, "lamp", v, "f="+v)
		if rel.Subject = "the one"; i == 4 {
			rel.Subject = "another"
		} else {
			all = append(all, v)
		}
		if _, err := h.reg.Publish(ctx, rel); err != nil {
			t.Fatal(err)
		}
	}
	page := func(after string, limit int) []string {
		t.Helper()
		list, err := h.reg.Referrers(ctx, "lamp", "the one", after, limit)
		if err != nil {
			t.Fatal(err)
		}
		return names(list)
	}
	for _, c := range []struct {
		after string
		limit int
		want  []string
	}{
		{"", 3, all[:3]},
		{all[2], 3, all[3:6]},
		{all[5], 3, all[6:9]},
		{"96.0.0", 2, all[4:6]}, // of another subject, and published between them
		{all[len(all)-2], 3, all[len(all)-1:]},
		{all[len(all)-1], 3, nil},
		{"7.7.7", 2, all[:2]}, // gone
		{"no version", 2, all[:2]},
		{"", 1 << 30, all[:format.MaxReferrers]},
		{"", 0, all[:1]},
	} {
		if got := page(c.after, c.limit); !slices.Equal(got, c.want) {
			t.Errorf("%d after %q: %v, want %v", c.limit, c.after, got, c.want)
		}
	}
	if list, err := h.reg.Referrers(ctx, "lamp", "", "", 3); err != nil || len(list) > 0 {
		t.Errorf("about nothing: %v, %v", names(list), err)
	}
}

func TestSettings(t *testing.T) {
	h := newHouse(t, registry.Config{})
	ctx := t.Context()
	k := h.Kind("toy")
	for _, value := range []string{"https://example.org", "", "x"} {
		if err := h.Configure(ctx, h.scope.Ref, k, map[string]string{"fallback": value}); err != nil {
			t.Fatal(err)
		}
		if got, err := h.reg.Setting(ctx, "fallback"); err != nil || got != value {
			t.Errorf("the setting is %q, %v", got, err)
		}
	}
	before, _ := h.State(ctx, h.scope.Ref, k, "")
	if err := h.Configure(ctx, h.scope.Ref, k, map[string]string{"fallback": "y"}); err != nil {
		t.Fatal(err)
	}
	if after, _ := h.State(ctx, h.scope.Ref, k, ""); after.Generation == before.Generation {
		t.Error("documents would not see the change")
	}
}

func TestVersionsByTag(t *testing.T) {
	h := newImages(t)
	ctx := t.Context()
	push := func(digest, content string, tags ...string) {
		t.Helper()
		rel := h.release(t, "app", digest, "manifest.json="+content)
		rel.Tags, rel.Description, rel.Existing = tags, "", format.Add
		if v, err := h.reg.Version(ctx, "app", digest); err == nil && len(v.Files) > 0 {
			rel.Files[0].Body.Discard()
			rel.Files = nil
		}
		if _, err := h.reg.Publish(ctx, rel); err != nil {
			t.Fatal(err)
		}
	}
	push("sha256:aa", "a", "1.0", "latest")
	push("sha256:bb", "b", "1.1")
	push("sha256:cc", "c")
	push("sha256:bb", "b", "latest")
	p, err := h.reg.Package(ctx, "app")
	if err != nil || p.Latest != "latest" || p.Versions != 3 {
		t.Errorf("the package is %+v, %v", p, err)
	}
	page, total, err := h.VersionPage(ctx, h.scope.Ref, p.UUID, 2, 0)
	if err != nil || total != 3 || !cmp.Equal(names(page), []string{"latest", "1.1"}) || page[0].Canon != "sha256:bb" || len(page[1].Files) != 1 {
		t.Errorf("the page has %v of %d, %v", names(page), total, err)
	}
	v, err := h.reg.Version(ctx, "app", "1.0")
	if err != nil || v.Name != "1.0" || v.Canon != "sha256:aa" {
		t.Errorf("the tag is %+v, %v", v, err)
	}
	deleter := h.bind(forge.DeletePackages)
	want(t, deleter.Delete(ctx, format.FileRef{Package: "app", Version: "1.0", File: "manifest.json"}), fault.NotAllowed)
	if err := deleter.Delete(ctx, format.FileRef{Package: "app", Version: "latest"}); err != nil {
		t.Fatal(err)
	}
	if tags, err := h.reg.Tags(ctx, "app"); err != nil || !cmp.Equal(tags, map[string]string{"1.0": "sha256:aa", "1.1": "sha256:bb"}) {
		t.Errorf("the tags are %v, %v", tags, err)
	}
	if err := deleter.Delete(ctx, format.FileRef{Package: "app", Version: "sha256:bb"}); err != nil {
		t.Fatal(err)
	}
	if p, err = h.reg.Package(ctx, "app"); err != nil || p.Latest != "1.0" || p.Versions != 2 {
		t.Errorf("the package is %+v, %v", p, err)
	}
	// Without any tag, what was published is listed.
	if err := deleter.Delete(ctx, format.FileRef{Package: "app", Version: "1.0"}); err != nil {
		t.Fatal(err)
	}
	page, total, err = h.VersionPage(ctx, h.scope.Ref, p.UUID, 1, 0)
	if err != nil || total != 2 || !cmp.Equal(names(page), []string{"sha256:cc"}) {
		t.Errorf("the page has %v of %d, %v", names(page), total, err)
	}
	h.whole(t)
}

func TestClean(t *testing.T) {
	h := newImages(t)
	ctx := t.Context()
	for i := range 250 {
		rel := h.release(t, "app", fmt.Sprintf("sha256:%03d", i), fmt.Sprintf("manifest.json=%d", i))
		if i == 7 {
			rel.Tags = []string{"latest"}
		}
		if _, err := h.reg.Publish(ctx, rel); err != nil {
			t.Fatal(err)
		}
	}
	clean := func(dry bool) (gone int) {
		t.Helper()
		if err := h.Clean(ctx, scope.Ref{}, nil, dry, func(s registry.Superfluous) {
			if s.Package.Name != "app" || s.Scope != h.scope.Ref {
				t.Errorf("%+v", s)
			}
			gone += len(s.Versions)
		}); err != nil {
			t.Fatal(err)
		}
		return gone
	}
	if n := clean(false); n != 0 {
		t.Errorf("%d versions went without a rule", n)
	}
	if err := h.Configure(ctx, h.scope.Ref, h.Kind("toy"), map[string]string{"untagged": "1"}); err != nil {
		t.Fatal(err)
	}
	for _, dry := range []bool{true, true, false} {
		if n := clean(dry); n != 249 {
			t.Errorf("%d versions go, dry: %t", n, dry)
		}
	}
	if n := clean(false); n != 0 {
		t.Errorf("%d versions go a second time", n)
	}
	if v, err := h.reg.Version(ctx, "app", "latest"); err != nil || v.Canon != "sha256:007" {
		t.Errorf("what stays is %+v, %v", v, err)
	}
	h.whole(t)
}

// owners is a forge that knows two scopes.
type owners struct{ forge.Forge }

func (owners) Scopes(_ context.Context, refs []scope.Ref) (map[scope.Ref]scope.Scope, error) {
	out := map[scope.Ref]scope.Scope{}
	for _, r := range refs {
		out[r] = scope.Scope{Ref: r, Path: scope.Path{Kind: r.Kind, Owner: "acme", Name: string(rune('a' + r.ID))}}
	}
	return out, nil
}

func TestCatalog(t *testing.T) {
	h := newHouse(t, registry.Config{})
	ctx := t.Context()
	for id := range int64(3) {
		sc := scope.Scope{Ref: scope.Ref{Kind: scope.Project, ID: id}}
		reg := h.Bind(h.Kind("toy"), sc, forge.Actor{}, forge.PublishPackages, format.Transport)
		for _, name := range []string{"lamp", "desk"} {
			if _, err := reg.Publish(ctx, format.Release{Package: name, Version: "1.0.0"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	visible := func(_ context.Context, scopes []scope.Scope) ([]bool, error) {
		out := make([]bool, len(scopes))
		for i, sc := range scopes {
			out[i] = sc.ID != 1
		}
		return out, nil
	}
	subject := func(p scope.Path, name string) string { return strings.Join([]string{p.Owner, p.Name, name}, "/") }
	for _, c := range []struct {
		last string
		n    int
		want []string
	}{
		{"", 10, []string{"acme/a/desk", "acme/a/lamp", "acme/c/desk", "acme/c/lamp"}},
		{"", 1, []string{"acme/a/desk"}},
		{"acme/a/desk", 2, []string{"acme/a/lamp", "acme/c/desk"}},
		{"acme/c/lamp", 2, nil},
	} {
		got, err := h.Catalog(ctx, h.Kind("toy"), owners{}, visible, subject, c.last, c.n)
		if err != nil || len(got) != len(c.want) || len(got) > 0 && !cmp.Equal(got, c.want) {
			t.Errorf("%d after %q: %v, %v", c.n, c.last, got, err)
		}
	}
}
