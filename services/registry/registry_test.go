package registry_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"ingot.dev/models/db"
	"ingot.dev/models/dbtest"
	"ingot.dev/modules/blob"
	"ingot.dev/modules/blob/mem"
	"ingot.dev/modules/blob/spool"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
	"ingot.dev/services/registry"
)

type toy struct{}

func (toy) Info() format.Info      { return format.Info{ID: "toy", Aliases: []string{"toys"}, Title: "Toy"} }
func (toy) Routes() []format.Route { return nil }

// strict is a toy whose clients take two spellings of a name for two packages.
type strict struct{ toy }

func (strict) Info() format.Info {
	return format.Info{ID: "strict", Title: "Strict", OneSpelling: true}
}

func (strict) CanonicalName(name string) (string, error) {
	return strings.ReplaceAll(strings.ToLower(name), "-", "_"), nil
}

func (strict) CanonicalVersion(version string) (string, error) {
	return strings.ReplaceAll(version, "-", "."), nil
}

type house struct {
	*registry.Service
	db    *db.DB
	store blob.Store
	reg   format.Registry
	scope scope.Scope
}

func newHouse(t testing.TB, cfg registry.Config) *house { return houseOn(t, mem.New(), cfg) }

func houseOn(t testing.TB, store blob.Store, cfg registry.Config) *house {
	t.Helper()
	d := dbtest.New(t)
	staging, err := spool.New(t.TempDir(), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	s, err := registry.New(d, store, staging, []format.Format{toy{}, strict{}}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{Service: s, db: d, store: store, scope: scope.Scope{Ref: scope.Ref{Kind: scope.Project, ID: 7}}}
	h.reg = h.bind(forge.PublishPackages)
	return h
}

func (h *house) bind(need forge.Permission) format.Registry {
	return h.Bind(h.Kind("toy"), h.scope, forge.Actor{ID: 3, Name: "ann"}, need, format.Transport)
}

func (h *house) release(t testing.TB, name, version string, files ...string) format.Release {
	t.Helper()
	rel := format.Release{Package: name, Version: version, Description: "of " + version, Prerelease: strings.Contains(version, "-")}
	for _, f := range files {
		file, content, _ := strings.Cut(f, "=")
		body, err := h.reg.Stage(t.Context(), strings.NewReader(content), 0)
		if err != nil {
			t.Fatal(err)
		}
		folder, name := path.Split(file)
		rel.Files = append(rel.Files, format.NewFile{Name: name, Folder: strings.TrimSuffix(folder, "/"), Body: body})
	}
	return rel
}

func (h *house) publish(t testing.TB, name, version string, files ...string) {
	t.Helper()
	if _, err := h.reg.Publish(t.Context(), h.release(t, name, version, files...)); err != nil {
		t.Fatalf("publish %s %s: %v", name, version, err)
	}
}

func (h *house) whole(t testing.TB) {
	t.Helper()
	if err := h.Doctor(t.Context(), false, func(f registry.Finding) {
		if f.Broken {
			t.Errorf("doctor: %+v", f)
		}
	}); err != nil {
		t.Error(err)
	}
}

func want(t testing.TB, err error, kind fault.Kind, words ...string) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Errorf("%v, want %s", err, kind)
		return
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
}

func TestPublishAndRead(t *testing.T) {
	h := newHouse(t, registry.Config{})
	ctx := t.Context()
	rel := h.release(t, "Lamp", "1.0.0", "lamp.bin=light")
	rel.Readme = format.Readme{Name: "README.md", Text: "# Lamp"}
	rel.Properties = map[string]string{"colour": "red"}
	rel.Tags = []string{"stable"}
	rel.Origin = format.Origin{Tag: "v1.0.0", Commit: "abc", Tagger: "ann"}
	v, err := h.reg.Publish(ctx, rel)
	if err != nil {
		t.Fatal(err)
	}
	if v.Upload != format.Transport || v.PublisherID != 3 || len(v.Files) != 1 || v.Size != 5 {
		t.Errorf("published %+v", v)
	}
	f, err := h.reg.File(ctx, format.FileRef{Package: "lamp", Version: "1.0.0", File: "LAMP.bin"})
	if err != nil {
		t.Fatal(err)
	}
	if f.Package != "Lamp" || f.Name != "lamp.bin" {
		t.Errorf("the kept spelling is lost: %+v", f)
	}
	r, err := h.reg.Open(ctx, f)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if b, _ := io.ReadAll(r); string(b) != "light" {
		t.Errorf("read %q", b)
	}
	p, err := h.reg.Package(ctx, "LAMP")
	if err != nil || p.Latest != "1.0.0" || p.Description != "of 1.0.0" || p.Versions != 1 || p.Size != 5 {
		t.Errorf("package %+v, %v", p, err)
	}
	d, err := h.Detail(ctx, h.scope.Ref, p.UUID, "1.0.0")
	if err != nil || d.Readme.Text != "# Lamp" || d.Properties["colour"] != "red" || d.Tags["stable"] != "1.0.0" {
		t.Errorf("detail %+v, %v", d, err)
	}
	made, err := h.Published(ctx, h.scope.Ref)
	if err != nil || made[registry.TagKey{Tag: "v1.0.0", Format: "toy"}].Version != "1.0.0" {
		t.Errorf("made %v, %v", made, err)
	}
	h.whole(t)
}

func TestDescriptionIsShort(t *testing.T) {
	h := newHouse(t, registry.Config{})
	rel := h.release(t, "lamp", "1", "a=1")
	rel.Description = "x" + strings.Repeat("é", 500_000)
	if _, err := h.reg.Publish(t.Context(), rel); err != nil {
		t.Fatal(err)
	}
	p, err := h.reg.Package(t.Context(), "lamp")
	if err != nil || len(p.Description) > 2000 || len(p.Description) < 1990 || !utf8.ValidString(p.Description) {
		t.Errorf("%d bytes, %v", len(p.Description), err)
	}
}

func TestPublishConflicts(t *testing.T) {
	h := newHouse(t, registry.Config{})
	ctx := t.Context()
	h.publish(t, "lamp", "1", "a=1")
	_, err := h.reg.Publish(ctx, h.release(t, "Lamp", "1", "a=1"))
	want(t, err, fault.Conflict, "already exists", "identical")
	_, err = h.reg.Publish(ctx, h.release(t, "lamp", "1", "a=2"))
	want(t, err, fault.Conflict, "other content")
	rel := h.release(t, "lamp", "1", "a=3", "b=3")
	rel.Existing = format.Add
	_, err = h.reg.Publish(ctx, rel)
	want(t, err, fault.Conflict, `"a"`)
	if _, err := h.reg.File(ctx, format.FileRef{Package: "lamp", Version: "1", File: "b"}); !fault.Is(err, fault.NotFound) {
		t.Errorf("half a release is visible: %v", err)
	}
	rel = h.release(t, "lamp", "1", "b=22")
	rel.Existing = format.Add
	v, err := h.reg.Publish(ctx, rel)
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Files) != 2 || v.Files[0].Name != "a" || v.Files[1].Name != "b" || v.Size != 3 {
		t.Errorf("the answer leaves out what was there before: %+v", v)
	}
	rel = h.release(t, "lamp", "1", "c=333")
	rel.Existing = format.Replace
	v, err = h.reg.Publish(ctx, rel)
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Files) != 1 || v.Files[0].Name != "c" {
		t.Errorf("the answer holds what was replaced: %+v", v)
	}
	v, err = h.reg.Version(ctx, "lamp", "1")
	if err != nil || len(v.Files) != 1 || v.Files[0].Name != "c" || v.Size != 3 {
		t.Errorf("replaced: %+v, %v", v, err)
	}
	h.whole(t)
}

func TestPublishRefusesNames(t *testing.T) {
	h := newHouse(t, registry.Config{})
	for _, c := range [][3]string{
		{"", "1", "a"},
		{"p", "", "a"},
		{"p", "1", ""},
		{"p", "1", "../a"},
		{"p", "1", "./a"},
		{"p", "1", "b//a"},
		{"p", "1", "b/../a"},
		{"p", "1", `b\c/a`},
		{"p", "1", "b\n/a"},
		{"p", "1", `a\b`},
		{"p", "1", ".."},
		{"p\n", "1", "a"},
		{"p", "1\x00", "a"},
		{strings.Repeat("p", 256), "1", "a"},
		{"\xff", "1", "a"},
	} {
		_, err := h.reg.Publish(t.Context(), h.release(t, c[0], c[1], c[2]+"=x"))
		want(t, err, fault.Invalid)
	}
	// A name has no folders in it: those are told apart.
	rel := h.release(t, "p", "1", "a=1")
	rel.Files[0].Name = "b/a"
	_, err := h.reg.Publish(t.Context(), rel)
	want(t, err, fault.Invalid)
	_, err = h.reg.Publish(t.Context(), h.release(t, "p", "1", "b/a=1", "B/A=2"))
	want(t, err, fault.Invalid, "twice")
}

// Where a name has one spelling, the first one has it, also of two that come at
// once.
func TestOneSpelling(t *testing.T) {
	h := newHouse(t, registry.Config{})
	reg := h.Bind(h.Kind("strict"), h.scope, forge.Actor{ID: 3, Name: "ann"}, forge.PublishPackages, format.Transport)
	var wg sync.WaitGroup
	var mu sync.Mutex
	taken := map[string]bool{}
	for i := range 20 {
		wg.Go(func() {
			name := []string{"lamp", "Lamp"}[i%2]
			_, err := reg.Publish(t.Context(), format.Release{Package: name, Version: fmt.Sprintf("1.0.%d", i)})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				taken[name] = true
			} else if !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "another spelling") {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	wg.Wait()
	p, err := reg.Package(t.Context(), "LAMP")
	if err != nil || len(taken) != 1 || !taken[p.Name] || p.Versions != 10 {
		t.Errorf("%v were taken, the package is %+v, %v", taken, p, err)
	}
	h.whole(t)
}

// A text is looked for among names in any spelling, and in descriptions as it
// is.
func TestSearchBySpelling(t *testing.T) {
	h := newHouse(t, registry.Config{})
	k := h.Kind("strict")
	reg := h.Bind(k, h.scope, forge.Actor{ID: 3, Name: "ann"}, forge.PublishPackages, format.Transport)
	for name, description := range map[string]string{"Desk-Lamp": "Gives light", "candle": "A well-known light", "torch": "no_wire"} {
		if _, err := reg.Publish(t.Context(), format.Release{Package: name, Version: "1", Description: description}); err != nil {
			t.Fatal(err)
		}
	}
	for text, want := range map[string]string{
		"desk-l": "Desk-Lamp", "K_LAMP": "Desk-Lamp", "Well-Known": "candle", "well_known": "", "no_w": "torch", "no-w": "", "lamp light": "",
	} {
		found, total, err := reg.Search(t.Context(), format.Query{Text: text, Limit: 5})
		listed, all, err2 := h.List(t.Context(), registry.List{Format: k.Info.ID, Text: text, Limit: 5})
		if err != nil || err2 != nil || total != all || len(listed) != len(found) || total != len(found) {
			t.Fatalf("%q: %d of %d, %v; the list %d of %d, %v", text, len(found), total, err, len(listed), all, err2)
		}
		got := ""
		for _, p := range found {
			got += p.Name
		}
		if got != want {
			t.Errorf("%q finds %q, want %q", text, got, want)
		}
	}
}

// No file joins a version under another spelling of it.
func TestOneSpellingOfVersions(t *testing.T) {
	h := newHouse(t, registry.Config{})
	reg := h.Bind(h.Kind("strict"), h.scope, forge.Actor{ID: 3, Name: "ann"}, forge.PublishPackages, format.Transport)
	add := func(version string) error {
		_, err := reg.Publish(t.Context(), format.Release{Package: "lamp", Version: version, Existing: format.Add})
		return err
	}
	if err := errors.Join(add("1.0-1"), add("1.0-1")); err != nil {
		t.Fatal(err)
	}
	want(t, add("1.0.1"), fault.Conflict, "lamp 1.0-1 already exists, and 1.0.1 is another spelling")
	h.whole(t)
}

// A file that clients ask for by its name alone has that name in the whole
// registry, also of two that come at once.
func TestSoleFile(t *testing.T) {
	h := newHouse(t, registry.Config{})
	var wg sync.WaitGroup
	var won atomic.Int64
	for i := range 10 {
		wg.Go(func() {
			rel := h.release(t, fmt.Sprintf("lamp-%d", i), "1", "lamp-1.gem="+fmt.Sprint(i))
			rel.Files[0].Sole = true
			switch _, err := h.reg.Publish(t.Context(), rel); {
			case err == nil:
				won.Add(1)
			case !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), `called "lamp-1.gem"`):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d were taken", won.Load())
	}
	// Whoever does not say so of it may have the name, and so may its own version.
	h.publish(t, "desk", "1", "lamp-1.gem=desk")
	h.whole(t)
}

// What people read is text, whatever came in.
func TestTextsThatAreNone(t *testing.T) {
	h := newHouse(t, registry.Config{})
	bad := "a\x00b\xff"
	rel := h.release(t, "lamp", "1")
	rel.Description, rel.Language, rel.Readme = bad, bad, format.Readme{Name: "README", Text: bad}
	rel.Properties, rel.About = map[string]string{"x": bad}, map[string]string{"y": bad}
	if _, err := h.reg.Publish(t.Context(), rel); err != nil {
		t.Fatal(err)
	}
	if err := h.reg.Edit(t.Context(), "lamp", format.Yank{Version: "1", On: true, Reason: bad}, format.Describe{Properties: map[string]string{"z": bad}}); err != nil {
		t.Fatal(err)
	}
	readme, err := h.reg.Readme(t.Context(), "lamp", "1")
	if err != nil || readme.Text != "ab\uFFFD" {
		t.Errorf("%q, %v", readme.Text, err)
	}
	for _, q := range []format.Query{{Text: bad}, {Prefix: bad}, {Has: []string{bad}}} {
		q.Limit = 10
		if found, n, err := h.reg.Search(t.Context(), q); err != nil || len(found) > 0 || n > 0 {
			t.Errorf("%+v finds %d, %v", q, n, err)
		}
	}
}

// Two writers never make a 500, and exactly one of equals wins.
func TestPublishInParallel(t *testing.T) {
	h := newHouse(t, registry.Config{})
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for i := range 16 {
		same := h.release(t, "same", "1.0.0", fmt.Sprintf("f=%d", i))
		other := h.release(t, "other", fmt.Sprintf("1.0.%d", i), "f=equal")
		wg.Go(func() {
			_, err := h.reg.Publish(context.Background(), same)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if !fault.Is(err, fault.Conflict) {
				t.Errorf("publisher %d: %v", i, err)
			}
		})
		wg.Go(func() {
			if _, err := h.reg.Publish(context.Background(), other); err != nil {
				t.Errorf("distinct version %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if won != 1 {
		t.Errorf("%d publishers of one version won", won)
	}
	versions, err := h.reg.Versions(t.Context(), "other")
	if err != nil || len(versions) != 16 || versions[0].Name != "1.0.15" {
		t.Errorf("%d versions, %v", len(versions), err)
	}
	p, _ := h.reg.Package(t.Context(), "other")
	if p.Versions != 16 || p.Latest != "1.0.15" {
		t.Errorf("package %+v", p)
	}
	h.whole(t)
}

func TestLatestFollows(t *testing.T) {
	h := newHouse(t, registry.Config{})
	ctx := t.Context()
	del := h.bind(forge.DeletePackages)
	latest := func() string {
		p, err := h.reg.Package(ctx, "lamp")
		if err != nil {
			t.Fatal(err)
		}
		return p.Latest
	}
	for _, step := range []struct{ publish, latest string }{
		{"1.0.0-rc1", "1.0.0-rc1"}, {"1.0.0", "1.0.0"}, {"1.10.0", "1.10.0"}, {"1.9.0", "1.10.0"}, {"2.0.0-beta", "1.10.0"},
	} {
		h.publish(t, "lamp", step.publish, "f="+step.publish)
		if got := latest(); got != step.latest {
			t.Errorf("after %s the latest is %s", step.publish, got)
		}
	}
	if err := h.reg.Edit(ctx, "lamp", format.Yank{Version: "1.10.0", On: true, Reason: "broken"}); err != nil {
		t.Fatal(err)
	}
	if got := latest(); got != "1.9.0" {
		t.Errorf("after a yank the latest is %s", got)
	}
	if err := h.reg.Edit(ctx, "lamp", format.Yank{Version: "1.10.0"}); err != nil {
		t.Fatal(err)
	}
	if err := del.Delete(ctx, format.FileRef{Package: "lamp", Version: "1.10.0"}); err != nil {
		t.Fatal(err)
	}
	if got := latest(); got != "1.9.0" {
		t.Errorf("after a delete the latest is %s", got)
	}
	h.whole(t)
}

func TestDeleteAndCollect(t *testing.T) {
	h := newHouse(t, registry.Config{Lease: time.Millisecond})
	ctx := t.Context()
	del := h.bind(forge.DeletePackages)
	h.publish(t, "lamp", "1", "a=one", "b=two")
	h.publish(t, "lamp", "2", "a=one")
	if err := h.reg.Delete(ctx, format.FileRef{Package: "lamp"}); !fault.Is(err, fault.Denied) {
		t.Errorf("a publisher deleted: %v", err)
	}
	if err := h.bind(forge.ReadPackages).Delete(ctx, format.FileRef{Package: "lamp"}); !fault.Is(err, fault.Denied) {
		t.Errorf("a reader deleted: %v", err)
	}
	if _, err := h.bind(forge.ReadPackages).Publish(ctx, h.release(t, "x", "1", "a=x")); !fault.Is(err, fault.Denied) {
		t.Errorf("a reader published: %v", err)
	}
	if err := del.Delete(ctx, format.FileRef{Package: "lamp", Version: "1", File: "b"}); err != nil {
		t.Fatal(err)
	}
	h.whole(t)
	time.Sleep(2 * time.Millisecond)
	if dry, err := h.Collect(ctx, true); err != nil || dry != (registry.Freed{Objects: 1, Bytes: 3}) {
		t.Errorf("a dry run says %+v, %v", dry, err)
	}
	if freed, err := h.Collect(ctx, false); err != nil || freed != (registry.Freed{Objects: 1, Bytes: 3}) {
		t.Errorf("freed %+v, %v", freed, err)
	}
	h.whole(t)
	// The last file takes its version along, the last version its package.
	for _, v := range []string{"1", "2"} {
		if err := del.Delete(ctx, format.FileRef{Package: "lamp", Version: v, File: "a"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.reg.Package(ctx, "lamp"); !fault.Is(err, fault.NotFound) {
		t.Errorf("an empty package is left: %v", err)
	}
	if err := del.Delete(ctx, format.FileRef{Package: "lamp"}); !fault.Is(err, fault.NotFound) {
		t.Errorf("deleted twice: %v", err)
	}
	time.Sleep(2 * time.Millisecond)
	if _, err := h.Collect(ctx, false); err != nil {
		t.Fatal(err)
	}
	for k, err := range h.store.Keys(ctx) {
		t.Errorf("object left: %v, %v", k, err)
	}
	if used, err := h.UsedBytes(ctx, h.scope.Ref); err != nil || used != 0 {
		t.Errorf("%d bytes used, %v", used, err)
	}
}

// A lease that ran out while its object was being stored sends the
// publication back; it never commits a row without an object.
func TestLostLease(t *testing.T) {
	var h *house
	stolen := false
	h = newHouse(t, registry.Config{Lease: time.Millisecond, Step: func(name string) {
		if name == "publish:stored" && !stolen {
			stolen = true
			time.Sleep(5 * time.Millisecond)
			if freed, err := h.Collect(context.Background(), false); err != nil || freed.Objects != 1 {
				t.Errorf("the test stole nothing: %+v, %v", freed, err)
			}
		}
	}})
	h.publish(t, "lamp", "1", "a=one")
	if !stolen {
		t.Error("no lease was stolen")
	}
	h.whole(t)
}

func TestDoctorFinds(t *testing.T) {
	h := newHouse(t, registry.Config{})
	ctx := t.Context()
	h.publish(t, "lamp", "1", "a=one")
	f, err := h.reg.File(ctx, format.FileRef{Package: "lamp", Version: "1", File: "a"})
	if err != nil {
		t.Fatal(err)
	}
	kinds := func(fix bool) (out []string) {
		if err := h.Doctor(ctx, fix, func(f registry.Finding) { out = append(out, f.Kind) }); err != nil {
			t.Error(err)
		}
		return out
	}
	stray := blob.FromBytes([]byte("stray"))
	if err := h.store.Put(ctx, blob.Key{SHA256: stray.Digests().SHA256, Row: 99}, stray); err != nil {
		t.Fatal(err)
	}
	if err := h.db.Write(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE package SET size = 1")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(kinds(true)); got != "[count count unknown object]" {
		t.Errorf("found %s", got)
	}
	if got := kinds(false); len(got) != 0 {
		t.Errorf("after the repair: %v", got)
	}
	if err := h.store.Delete(ctx, f.Key); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(kinds(true)); got != "[missing]" {
		t.Errorf("found %s", got)
	}
}

func TestDownloadsAreCounted(t *testing.T) {
	h := newHouse(t, registry.Config{})
	ctx := t.Context()
	h.publish(t, "lamp", "1", "a=one")
	f, err := h.reg.File(ctx, format.FileRef{Package: "lamp", Version: "1", File: "a"})
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		h.Downloaded(f)
	}
	if err := h.reg.Downloaded(ctx, []format.Coordinates{{Package: "lamp", Version: "1"}, {Package: "nobody", Version: "1"}}); err != nil {
		t.Fatal(err)
	}
	if err := h.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	p, _ := h.reg.Package(ctx, "lamp")
	days, err := h.Service.Downloads(ctx, h.scope.Ref, p.UUID, "1", 30)
	if err != nil || p.Downloads != 6 || len(days) != 30 || days[29].Count != 6 {
		t.Errorf("counted %d, %v, %v", p.Downloads, days, err)
	}
}

func TestQuota(t *testing.T) {
	h := newHouse(t, registry.Config{Quota: map[scope.Kind]int64{scope.Project: 5}})
	h.publish(t, "lamp", "1", "a=1234")
	_, err := h.reg.Publish(t.Context(), h.release(t, "lamp", "2", "a=12"))
	want(t, err, fault.Quota, "4 of 5")
}

// Incident 17 (Harbor CVE-2022-31667): objects are loaded through their
// scope, never by id alone.
func TestScopesAreApartIncident17(t *testing.T) {
	h := newHouse(t, registry.Config{})
	h.publish(t, "lamp", "1", "a=one")
	p, _ := h.reg.Package(t.Context(), "lamp")
	other := scope.Ref{Kind: scope.Project, ID: 8}
	if _, _, err := h.ByUUID(t.Context(), other, p.UUID); !fault.Is(err, fault.NotFound) {
		t.Errorf("another scope's package by its id: %v", err)
	}
	if _, _, err := h.VersionPage(t.Context(), other, p.UUID, 10, 0); !fault.Is(err, fault.NotFound) {
		t.Errorf("another scope's versions by its id: %v", err)
	}
	list, total, err := h.List(t.Context(), registry.List{Scopes: []scope.Ref{other}, Limit: 10})
	if err != nil || total != 0 || len(list) != 0 {
		t.Errorf("another scope lists %d of %d, %v", len(list), total, err)
	}
}

// Incident 18 (RubyGems 2016): a name and a version joined by a dash are not
// an identity.
func TestIdentityIsNotAJoinedStringIncident18(t *testing.T) {
	h := newHouse(t, registry.Config{})
	h.publish(t, "lamp", "red-1", "a=one")
	h.publish(t, "lamp-red", "1", "a=two")
	f, err := h.reg.File(t.Context(), format.FileRef{Package: "lamp-red", Version: "1", File: "a"})
	if err != nil || f.Digests.SHA256 != blob.FromBytes([]byte("two")).Digests().SHA256 {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestListsPage(t *testing.T) {
	h := newHouse(t, registry.Config{})
	for i := range 25 {
		h.publish(t, fmt.Sprintf("lamp%02d", i), "1", fmt.Sprintf("a=%d", i))
	}
	var seen []string
	for offset := 0; offset < 30; offset += 10 {
		page, total, err := h.List(t.Context(), registry.List{Scopes: []scope.Ref{h.scope.Ref, {Kind: scope.User, ID: 1}}, Limit: 10, Offset: offset})
		if err != nil || total != 25 {
			t.Fatalf("total %d, %v", total, err)
		}
		for _, p := range page {
			seen = append(seen, p.Name)
		}
	}
	if len(seen) != 25 || seen[0] != "lamp24" || seen[24] != "lamp00" {
		t.Errorf("walked %v", seen)
	}
	if page, total, err := h.List(t.Context(), registry.List{Scopes: []scope.Ref{}, Limit: 10}); err != nil || total != 0 || len(page) != 0 {
		t.Errorf("a list of no owner has %d of %d packages, %v", len(page), total, err)
	}
	page, total, err := h.reg.Search(t.Context(), format.Query{Text: "P1", Limit: 5})
	if err != nil || total != 10 || len(page) != 5 {
		t.Errorf("search found %d of %d, %v", len(page), total, err)
	}
	if _, total, _ := h.reg.Search(t.Context(), format.Query{Text: "%", Limit: 5}); total != 0 {
		t.Errorf("a percent sign is a wildcard: %d", total)
	}
}
