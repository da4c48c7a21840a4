package forge_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/models/db"
	"ingot.dev/modules/fault"
	host "ingot.dev/modules/forge"
	"ingot.dev/modules/git"
	"ingot.dev/modules/scope"
	"ingot.dev/services/forge"
)

func TestProject(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	ann := w.user("Ann")
	got := must(w.CreateProject(ctx, forge.NewProject{
		Alias: "Lib", Owner: ann.Ref(), Face: forge.Face{Title: "Library", Description: "What it is", Private: true},
	}))(t)
	want := forge.Project{
		ID: got.ID, UUID: got.UUID, Owner: ann.Ref(), OwnerAlias: "Ann", Alias: "Lib", Title: "Library",
		Description: "What it is", Private: true, Hidden: true, Created: w.cfg.Now(),
	}
	if diff := cmp.Diff(want, got); diff != "" || got.ID == 0 || len(got.UUID) != 36 {
		t.Errorf("(-want +got):\n%s", diff)
	}
	s := must(w.Resolve(ctx, got.Path()))(t)
	dir := must(w.Repository(ctx, s))(t)
	if rel, _ := filepath.Rel(w.cfg.Repositories, dir); rel != filepath.Join(got.UUID[:2], got.UUID+".git") {
		t.Errorf("the repository is in %s", dir)
	}
	if r, err := git.Open(dir); err != nil {
		t.Error(err)
	} else if err := r.Close(); err != nil {
		t.Error(err)
	}
	if got := w.CloneURL(s); got != "https://ingot.example/forge/project/Ann/Lib.git" {
		t.Errorf("the clone address is %s", got)
	}
	if err := w.UpdateProject(ctx, got.ID, forge.Face{Title: "L"}); err != nil {
		t.Fatal(err)
	}
	w.pass(time.Minute)
	if err := w.Pushed(ctx, s); err != nil {
		t.Fatal(err)
	}
	want.Title, want.Description, want.Private, want.Hidden, want.Pushed = "L", "", false, false, w.cfg.Now()
	if diff := cmp.Diff(want, must(w.ProjectByID(ctx, got.ID))(t)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	refused(t, w.UpdateProject(ctx, 99, forge.Face{}), fault.NotFound)
	refused(t, w.UpdateProject(ctx, got.ID, forge.Face{Description: strings.Repeat("x", 1001)}), fault.Invalid)
	_, err := w.ProjectByID(ctx, 99)
	refused(t, err, fault.NotFound)

	for name, c := range map[string]struct {
		n    forge.NewProject
		want fault.Kind
	}{
		"taken":       {forge.NewProject{Alias: "lib", Owner: ann.Ref()}, fault.Conflict},
		"grammar":     {forge.NewProject{Alias: "../lib", Owner: ann.Ref()}, fault.Invalid},
		"reserved":    {forge.NewProject{Alias: "package", Owner: ann.Ref()}, fault.Invalid},
		"git suffix":  {forge.NewProject{Alias: "x.GIT", Owner: ann.Ref()}, fault.Invalid},
		"no owner":    {forge.NewProject{Alias: "x", Owner: scope.Ref{Kind: scope.User, ID: 99}}, fault.NotFound},
		"no company":  {forge.NewProject{Alias: "x", Owner: scope.Ref{Kind: scope.Company, ID: 99}}, fault.NotFound},
		"odd owner":   {forge.NewProject{Alias: "x", Owner: got.Ref()}, fault.Invalid},
		"the service": {forge.NewProject{Alias: "x", Owner: scope.Ref{Kind: scope.Service}}, fault.Invalid},
		"bad import":  {forge.NewProject{Alias: "x", Owner: ann.Ref(), Import: t.TempDir()}, fault.Invalid},
	} {
		if _, err := w.CreateProject(ctx, c.n); !fault.Is(err, c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if dirs := repositories(t, w); len(dirs) != 1 {
		t.Errorf("refused projects leave repositories: %v", dirs)
	}
}

// repositories lists all folders of repositories, also those in the workshop.
func repositories(t *testing.T, w *world) []string {
	t.Helper()
	return must(filepath.Glob(filepath.Join(w.cfg.Repositories, "*", "*")))(t)
}

func TestImport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.user("ann")
	src := t.TempDir()
	for _, args := range [][]string{
		{"init", "-q", "-b", "trunk"},
		{"-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-q", "--allow-empty", "-m", "one"},
		{"tag", "v1.0.0"},
	} {
		cmd := exec.Command("git", args...)
		cmd.Dir = src
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	p := must(w.CreateProject(t.Context(), forge.NewProject{Alias: "lib", Owner: ann.Ref(), Import: src}))(t)
	dir := must(w.Repository(t.Context(), scope.Scope{Ref: p.Ref()}))(t)
	refs := must(git.Refs(dir))(t)
	if len(refs) != 1 || refs["v1.0.0"] == "" {
		t.Errorf("imported %v", refs)
	}
	if left := must(os.ReadDir(filepath.Join(w.cfg.Repositories, "new")))(t); len(left) != 0 {
		t.Errorf("the import leaves %v", left)
	}
}

func TestDeleteProject(t *testing.T) {
	t.Parallel()
	refuse := true
	var asked scope.Ref
	w := newWorld(t, func(c *forge.Config) {
		c.Vacate = func(_ context.Context, _ *db.Tx, s scope.Ref) error {
			if asked = s; refuse {
				return fault.New(fault.Conflict, "there are packages")
			}
			return nil
		}
	})
	ctx := t.Context()
	ann := w.user("ann")
	p := w.project("lib", ann.Ref(), false)
	s := must(w.Resolve(ctx, p.Path()))(t)
	within := p.Ref()
	token := w.token(ann, func(n *forge.NewToken) { n.Within = &within })
	w.member(p.Ref(), w.user("bob"), host.Developer)

	refused(t, w.DeleteProject(ctx, p.ID), fault.Conflict)
	if asked != p.Ref() {
		t.Errorf("asked for %v", asked)
	}
	must(w.Repository(ctx, s))(t)
	refuse = false
	if err := w.DeleteProject(ctx, p.ID); err != nil {
		t.Fatal(err)
	}
	refused(t, w.DeleteProject(ctx, p.ID), fault.NotFound)
	_, err := w.Repository(ctx, s)
	refused(t, err, fault.NotFound)
	_, err = w.Resolve(ctx, p.Path())
	refused(t, err, fault.NotFound)
	_, err = w.Authenticate(ctx, bearer(token))
	refused(t, err, fault.Unauthenticated)
	if dirs := repositories(t, w); len(dirs) != 0 {
		t.Errorf("left: %v", dirs)
	}
	if _, n, _ := w.Members(ctx, p.Ref(), forge.Page{}); n != 0 {
		t.Errorf("%d members of nothing", n)
	}
	w.project("lib", ann.Ref(), false)
}

func TestRepositoryNotFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	ann := w.user("ann")
	p := w.project("lib", ann.Ref(), false)
	for _, s := range []scope.Ref{ann.Ref(), {Kind: scope.Service}, {Kind: scope.Project, ID: 99}} {
		_, err := w.Repository(ctx, scope.Scope{Ref: s, UUID: p.UUID})
		refused(t, err, fault.NotFound)
	}
	if err := os.RemoveAll(must(w.Repository(ctx, scope.Scope{Ref: p.Ref()}))(t)); err != nil {
		t.Fatal(err)
	}
	_, err := w.Repository(ctx, scope.Scope{Ref: p.Ref()})
	refused(t, err, fault.NotFound)
	if err := w.DeleteProject(ctx, p.ID); err != nil {
		t.Errorf("a project without its repository cannot be deleted: %v", err)
	}
}

// What a crash leaves at each step of a creation or a deletion is found, and
// nothing else is touched.
func TestTidyAndStrays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	kept := w.project("kept", w.user("ann").Ref(), false)
	const old, young = "abababab-0000-4000-8000-000000000001", "abababab-0000-4000-8000-000000000002"
	now := w.cfg.Now()
	for dir, age := range map[string]time.Duration{
		"ab/" + old + ".git":   25 * time.Hour,
		"ab/" + young + ".git": time.Hour,
		"new/" + old + ".git":  25 * time.Hour,
		"new/.import-1":        25 * time.Hour,
		"new/" + young:         time.Hour,
		"gone/" + young:        0,
		"ab/.git":              25 * time.Hour,
	} {
		dir = filepath.Join(w.cfg.Repositories, filepath.FromSlash(dir))
		if err := os.MkdirAll(filepath.Join(dir, "objects"), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(dir, now.Add(-age), now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	dir := must(w.Repository(ctx, scope.Scope{Ref: kept.Ref()}))(t)
	if err := os.Chtimes(dir, now.Add(-99*time.Hour), now.Add(-99*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := w.Tidy(ctx); err != nil {
		t.Fatal(err)
	}
	if strays := must(w.Strays(ctx))(t); !slices.Equal(strays, []string{old}) {
		t.Errorf("strays are %v", strays)
	}
	for _, uuid := range []string{kept.UUID, young, "../../x", ""} {
		refused(t, w.RemoveStray(ctx, uuid), fault.NotFound)
	}
	if err := w.RemoveStray(ctx, old); err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, dir := range repositories(t, w) {
		rel, _ := filepath.Rel(w.cfg.Repositories, dir)
		left = append(left, filepath.ToSlash(rel))
	}
	want := []string{"ab/.git", "ab/" + young + ".git", "new/" + young, kept.UUID[:2] + "/" + kept.UUID + ".git"}
	slices.Sort(want)
	slices.Sort(left)
	if diff := cmp.Diff(want, left); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := os.Stat(w.cfg.Repositories + "/gone/" + young); !os.IsNotExist(err) {
		t.Errorf("a deletion was not finished: %v", err)
	}
}

// A first push to another branch than the default one makes that one the
// default, so that the project's page shows what was pushed.
func TestPushedAdoptsABranch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	p := must(w.CreateProject(ctx, forge.NewProject{Alias: "lib", Owner: w.user("ann").Ref()}))(t)
	s := must(w.Resolve(ctx, p.Path()))(t)
	dir := must(w.Repository(ctx, s))(t)
	run := func(args ...string) string {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=a", "-c", "user.email=a@b"}, args...)...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	head := func() string { return run("symbolic-ref", "--short", "HEAD") }
	if err := w.Pushed(ctx, s); err != nil || head() != "main" {
		t.Errorf("an empty repository: %v, %s", err, head())
	}
	commit := run("commit-tree", "-m", "x", run("write-tree"))
	run("update-ref", "refs/heads/dev", commit)
	run("update-ref", "refs/heads/master", commit)
	if err := w.Pushed(ctx, s); err != nil || head() != "master" {
		t.Errorf("%v, %s", err, head())
	}
	run("update-ref", "refs/heads/main", commit)
	if err := w.Pushed(ctx, s); err != nil || head() != "master" {
		t.Errorf("a default that exists was changed: %v, %s", err, head())
	}
}
