package tags_test

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"ingot.dev/models/dbtest"
	"ingot.dev/modules/blob"
	"ingot.dev/modules/blob/mem"
	"ingot.dev/modules/blob/spool"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
	"ingot.dev/services/outbox"
	"ingot.dev/services/registry"
	"ingot.dev/services/tags"
)

// toy makes a package of every tag that starts with v and whose tree has a
// file called toy: its name stands in it. A toy called broken is broken.
type toy struct{}

func (toy) Info() format.Info      { return format.Info{ID: "toy", Title: "Toy"} }
func (toy) Routes() []format.Route { return nil }

func (toy) Inspect(ctx context.Context, src format.Source) (format.Coordinates, error) {
	version, ok := strings.CutPrefix(src.Tag, "v")
	if !ok {
		return format.Coordinates{}, fault.New(fault.NotFound, "no version")
	}
	name, err := src.Tree.ReadFile(ctx, "toy", 100)
	if err != nil {
		return format.Coordinates{}, err
	}
	if strings.TrimSpace(string(name)) == "broken" {
		return format.Coordinates{}, fault.New(fault.Unprocessable, "toy, line 1: it is broken")
	}
	return format.Coordinates{Package: strings.TrimSpace(string(name)), Version: version}, nil
}

func (y toy) FromTag(ctx context.Context, src format.Source) (format.Release, error) {
	c, err := y.Inspect(ctx, src)
	if err != nil {
		return format.Release{}, err
	}
	var paths []string
	body, err := src.Stage(ctx, func(w io.Writer) error {
		return src.Tree.Walk(ctx, func(f format.TreeFile) error {
			paths = append(paths, f.Path)
			r, err := f.Open()
			if err != nil {
				return err
			}
			defer r.Close()
			_, err = io.Copy(w, r)
			return err
		})
	})
	if err != nil {
		return format.Release{}, err
	}
	return format.Release{
		Package: c.Package, Version: c.Version, Properties: map[string]string{"paths": strings.Join(paths, " ")},
		Files: []format.NewFile{{Name: "all", Body: body}},
	}, nil
}

// host is a forge with one project, whose repository lies in dir.
type host struct {
	forge.Forge
	dir string
	sc  scope.Scope
}

func (h *host) Repository(context.Context, scope.Scope) (string, error) { return h.dir, nil }
func (h *host) CloneURL(sc scope.Scope) string                          { return "http://forge/" + sc.Path.String() + ".git" }

func (h *host) Scopes(context.Context, []scope.Ref) (map[scope.Ref]scope.Scope, error) {
	return map[scope.Ref]scope.Scope{h.sc.Ref: h.sc}, nil
}

func (h *host) Actors(_ context.Context, ids []int64) (map[int64]forge.Actor, error) {
	return map[int64]forge.Actor{ids[0]: {ID: ids[0], Name: "ann"}}, nil
}

// disk is a store that may be full.
type disk struct {
	blob.Store
	full bool
}

func (d *disk) Put(ctx context.Context, k blob.Key, body blob.Staged) error {
	if d.full {
		return fault.New(fault.Unavailable, "the disk is full")
	}
	return d.Store.Put(ctx, k, body)
}

type house struct {
	t     *testing.T
	disk  *disk
	host  *host
	reg   *registry.Service
	tags  *tags.Service
	jobs  *outbox.Service
	actor forge.Actor
}

func newHouse(t *testing.T) *house {
	t.Helper()
	d := dbtest.New(t)
	staging, err := spool.New(t.TempDir(), 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	store := &disk{Store: mem.New()}
	reg, err := registry.New(d, store, staging, []format.Format{toy{}}, registry.Config{})
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, disk: store, reg: reg, actor: forge.Actor{ID: 5, Name: "ann"}}
	h.host = &host{dir: t.TempDir(), sc: scope.Scope{
		Ref:  scope.Ref{Kind: scope.Project, ID: 1},
		Path: scope.Path{Kind: scope.Project, Owner: "ann", Name: "toys"},
	}}
	h.jobs = outbox.New(d, slog.New(slog.DiscardHandler))
	h.tags = tags.New(d, reg, h.jobs, h.host)
	h.git("init", "--quiet", "--initial-branch=main")
	return h
}

func (h *house) git(args ...string) {
	h.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = h.host.dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull,
		"GIT_AUTHOR_NAME=Ann", "GIT_AUTHOR_EMAIL=ann@example.com", "GIT_COMMITTER_NAME=Ann", "GIT_COMMITTER_EMAIL=ann@example.com")
	if out, err := cmd.CombinedOutput(); err != nil {
		h.t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

func (h *house) commit(files ...string) {
	h.t.Helper()
	for _, f := range files {
		name, content, _ := strings.Cut(f, "=")
		if err := os.WriteFile(filepath.Join(h.host.dir, name), []byte(content), 0o600); err != nil {
			h.t.Fatal(err)
		}
	}
	h.git("add", "--all")
	h.git("commit", "--quiet", "--allow-empty", "--message", "work")
}

// bare makes the work tree's repository the one that the forge names.
func (h *house) bare() { h.host.dir = filepath.Join(h.host.dir, ".git") }

func (h *house) registry() format.Registry {
	return h.reg.Bind(h.reg.Kind("toy"), h.host.sc, h.actor, forge.PublishPackages, format.Transport)
}

func (h *house) publish(tag string) (*format.Version, error) {
	return h.tags.Publish(h.t.Context(), h.host.sc, h.registry(), h.reg.Kind("toy"), tag)
}

func TestPublish(t *testing.T) {
	h := newHouse(t)
	h.commit("toy=lamp", "a=1", ".gitattributes=/a export-ignore\n")
	h.git("tag", "--annotate", "--message", "first", "v1")
	h.git("tag", "plain")
	h.git("tag", "v2", "HEAD^{tree}")
	h.bare()
	v, err := h.publish("v1")
	if err != nil {
		t.Fatal(err)
	}
	if v.Package != "lamp" || v.Name != "1" || v.Origin.Tag != "v1" || len(v.Origin.Commit) != 40 ||
		v.Origin.Tagger != "Ann <ann@example.com>" || v.Upload != format.Transport || v.PublisherID != 5 {
		t.Errorf("published %+v", v)
	}
	if want := blob.FromBytes([]byte("/a export-ignore\nlamp")).Digests().SHA256; v.Files[0].Digests.SHA256 != want {
		t.Errorf("the files are not those of the tag")
	}
	for tag, kind := range map[string]fault.Kind{
		"v1": fault.Conflict, "nothing": fault.NotFound, "plain": fault.NotFound, "v2": fault.Unprocessable,
	} {
		if _, err := h.publish(tag); !fault.Is(err, kind) {
			t.Errorf("%s: %v, want %s", tag, err, kind)
		}
	}
	if url := h.tags.CloneURL(h.host.sc); url != "http://forge/project/ann/toys.git" {
		t.Error(url)
	}
	if url := h.tags.CloneURL(scope.Scope{Ref: scope.Ref{Kind: scope.Company}}); url != "" {
		t.Error(url)
	}
}

func TestPage(t *testing.T) {
	h := newHouse(t)
	h.commit("toy=lamp")
	h.git("tag", "v1")
	h.git("tag", "docs")
	h.commit("toy=broken")
	h.git("tag", "v2")
	h.commit("toy=lamp", "more=x")
	h.git("tag", "v3")
	work := h.host.dir
	h.bare()
	if _, err := h.publish("v1"); err != nil {
		t.Fatal(err)
	}
	h.host.dir = work
	h.git("tag", "--force", "v1")
	h.bare()
	page, total, err := h.tags.Page(t.Context(), h.host.sc, "", 10, 0)
	if err != nil || total != 4 {
		t.Fatalf("%d tags, %v", total, err)
	}
	got := map[string]string{}
	for _, tag := range page {
		state := "nothing"
		for _, o := range tag.Outlooks {
			switch {
			case o.Made != nil:
				state = "made " + o.Made.Version
				if o.Moved {
					state += " moved"
				}
			case o.Trouble != nil:
				state = o.Trouble.Message
			default:
				state = "ready " + o.Coordinates.Package + " " + o.Coordinates.Version
			}
		}
		got[tag.Name] = state
	}
	for tag, want := range map[string]string{
		"v1": "made 1 moved", "v2": "toy, line 1: it is broken", "v3": "ready lamp 3", "docs": "nothing",
	} {
		if got[tag] != want {
			t.Errorf("%s: %q, want %q", tag, got[tag], want)
		}
	}
	page, total, err = h.tags.Page(t.Context(), h.host.sc, "V", 1, 1)
	if err != nil || total != 3 || len(page) != 1 {
		t.Errorf("page two of a filtered list: %d of %d, %v", len(page), total, err)
	}
}

func TestPublishOnPush(t *testing.T) {
	h := newHouse(t)
	ctx := t.Context()
	h.commit("toy=lamp")
	h.git("tag", "v1")
	work := h.host.dir
	push := func(during ...string) {
		t.Helper()
		h.bare()
		ended, err := h.tags.Watch(ctx, h.host.sc, h.actor, h.host.dir)
		if err != nil {
			t.Fatal(err)
		}
		h.host.dir = work
		for _, tag := range during {
			h.git("tag", tag)
		}
		h.bare()
		if err := ended(ctx); err != nil {
			t.Fatal(err)
		}
		for more := true; more; {
			if more, err = h.jobs.Step(ctx); err != nil {
				t.Fatal(err)
			}
		}
		h.host.dir = work
	}
	count := func() int {
		t.Helper()
		p, err := h.registry().Package(ctx, "lamp")
		if fault.Is(err, fault.NotFound) {
			return 0
		}
		if err != nil {
			t.Fatal(err)
		}
		return p.Versions
	}
	push("v2")
	if n := count(); n != 0 {
		t.Errorf("published %d without a rule", n)
	}
	for _, bad := range []string{"", "[", strings.Repeat("v", 300)} {
		if err := h.tags.SetRule(ctx, h.host.sc.Ref, tags.Rule{Enabled: true, Pattern: bad}); !fault.Is(err, fault.Invalid) {
			t.Errorf("the pattern %q: %v", bad, err)
		}
	}
	if err := h.tags.SetRule(ctx, h.host.sc.Ref, tags.Rule{Enabled: true, Pattern: "v*"}); err != nil {
		t.Fatal(err)
	}
	push("v3", "v4", "docs")
	if n := count(); n != 2 {
		t.Errorf("published %d, want v3 and v4 and not what was there before", n)
	}
	// What cannot be stored now is tried again: nobody else would do it.
	h.commit("b=other bytes")
	h.disk.full = true
	push("v5")
	if waiting, failing, err := h.jobs.Counts(ctx); err != nil || waiting != 1 || failing != 1 || count() != 2 {
		t.Errorf("a push that could not be stored: %d jobs wait, %d of them failed before, %v", waiting, failing, err)
	}
	h.disk.full = false
	// A process that dies when git has answered: the job comes due by itself.
	h.bare()
	if _, err := h.tags.Watch(ctx, h.host.sc, h.actor, h.host.dir); err != nil {
		t.Fatal(err)
	}
	if more, err := h.jobs.Step(ctx); err != nil || more {
		t.Errorf("a push that goes on was worked off: %v, %v", more, err)
	}
}
