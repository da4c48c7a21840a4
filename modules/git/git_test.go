package git

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/fault"
)

func TestOpenNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := Open(dir)
	wantKind(t, err, fault.NotFound)
	_, err = Open(filepath.Join(dir, "absent"))
	wantKind(t, err, fault.NotFound)
	_, err = Refs(dir)
	wantKind(t, err, fault.NotFound)
}

func TestInit(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	dir := filepath.Join(t.TempDir(), "r.git")
	if err := Init(dir); err != nil {
		t.Fatal(err)
	}
	wantKind(t, Init(dir), fault.Conflict)
	r := repo{t, dir}
	if got := r.git("rev-parse", "--is-bare-repository"); got != "true" {
		t.Errorf("git finds no bare repository: %s", got)
	}
	opened := must(Open(dir))(t)
	defer opened.Close()
	if head := must(opened.Head(ctx))(t); head != (Branch{Name: "main"}) {
		t.Errorf("head of an empty repository: %+v", head)
	}
	if names := must(opened.TagNames(ctx))(t); len(names) != 0 {
		t.Errorf("tags of an empty repository: %v", names)
	}
	if branches := must(opened.Branches(ctx))(t); len(branches) != 0 {
		t.Errorf("branches of an empty repository: %v", branches)
	}
	_, err := opened.Log(ctx, "HEAD", 10)
	wantKind(t, err, fault.NotFound)
	_, err = opened.Tree(ctx, "main")
	wantKind(t, err, fault.NotFound)
}

func TestHeadAndBranches(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	r := newRepo(t)
	first := r.commit("first")
	r.git("checkout", "-q", "-b", "feature/x")
	second := r.commit("second")
	opened := r.open()
	want := []Branch{{"feature/x", second}, {"main", first}}
	if diff := cmp.Diff(want, must(opened.Branches(ctx))(t)); diff != "" {
		t.Error(diff)
	}
	if head := must(opened.Head(ctx))(t); head != want[0] {
		t.Errorf("head: %+v", head)
	}
	if err := opened.SetHead(ctx, "main"); err != nil {
		t.Fatal(err)
	}
	if got := r.git("symbolic-ref", "HEAD"); got != "refs/heads/main" {
		t.Errorf("git sees HEAD at %s", got)
	}
	wantKind(t, opened.SetHead(ctx, "../x"), fault.Invalid)
	wantKind(t, opened.SetHead(ctx, "a b"), fault.Invalid)
	r.git("checkout", "-q", "--detach", first)
	if head := must(opened.Head(ctx))(t); head != (Branch{Commit: first}) {
		t.Errorf("detached head: %+v", head)
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	r := newRepo(t)
	r.write("a", "x")
	first := r.commit("first")
	r.git("tag", "both")
	r.git("tag", "-a", "-m", "annotated", "v1")
	second := r.commit("second")
	r.git("branch", "both")
	r.git("tag", "tree", first+"^{tree}")
	opened := r.open()
	for rev, want := range map[string]string{
		"HEAD": second, "main": second, "refs/heads/main": second, "v1": first, "refs/tags/v1": first,
		first: first, strings.ToUpper(first): first, "both": first, "refs/heads/both": second,
		r.git("rev-parse", "v1"): first, // the tag object itself
	} {
		if got, err := opened.Resolve(ctx, rev); err != nil || got != want {
			t.Errorf("%s: got %s %v, want %s", rev, got, err, want)
		}
	}
	for _, rev := range []string{
		"", "absent", "tree", strings.Repeat("0", 40), strings.Repeat("1", 40), first[:10], "../config", "refs/../config", "config",
		"refs/heads", "refs/heads/", "/etc/passwd", "a\x00b", r.git("rev-parse", first+":a"), r.git("rev-parse", first+"^{tree}"),
	} {
		_, err := opened.Resolve(ctx, rev)
		wantKind(t, err, fault.NotFound)
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	r := newRepo(t)
	r.write("a", "x")
	commit := r.commit("The subject\n\nand a body")
	r.git("tag", "v1.0.0")
	r.git("-c", "user.name=Tess", "tag", "-a", "-m", "Release 1.1\n\nwith notes", "v1.1.0")
	r.git("tag", "-a", "-m", "nested", "nested", "v1.1.0")
	r.git("tag", "a-tree", "HEAD^{tree}")
	r.git("tag", "-a", "-m", "blob", "a-blob", "HEAD:a")
	opened := r.open()
	author := Signature{"Ann", "ann@example.org", time.Unix(1700000000, 0)}
	tagger := Signature{"Carl", "carl@example.org", time.Unix(1700000100, 0)}
	object := func(name string) string { return r.git("rev-parse", name) }
	want := []Tag{
		{Name: "v1.1.0", Object: object("v1.1.0"), Commit: commit, Annotated: true, Tagger: tagger, Subject: "The subject", Message: "Release 1.1\n\nwith notes\n"},
		{Name: "v1.0.0", Object: commit, Commit: commit, Tagger: author, Subject: "The subject"},
		{Name: "nested", Object: object("nested"), Commit: commit, Annotated: true, Tagger: tagger, Subject: "The subject", Message: "nested\n"},
		{Name: "a-tree", Object: object("a-tree")},
		{Name: "a-blob", Object: object("a-blob"), Annotated: true, Tagger: tagger, Message: "blob\n"},
	}
	times := cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })
	for _, packed := range []bool{false, true} {
		if packed {
			r.git("gc", "-q")
		}
		names := must(opened.TagNames(ctx))(t)
		got := must(opened.Tags(ctx, append(names, "gone-meanwhile")))(t)
		if diff := cmp.Diff(want, got, times); diff != "" {
			t.Errorf("packed %v: %s", packed, diff)
		}
		if diff := cmp.Diff(want[0], must(opened.Tag(ctx, "v1.1.0"))(t), times); diff != "" {
			t.Error(diff)
		}
	}
	for _, name := range []string{"absent", "", "../heads/main", "v1.0.0/", "v1"} {
		_, err := opened.Tag(ctx, name)
		wantKind(t, err, fault.NotFound)
	}
	_, offset := must(opened.Tag(ctx, "v1.0.0"))(t).Tagger.When.Zone()
	if offset != 2*60*60 {
		t.Errorf("the author's zone is lost: %d", offset)
	}
}

// TestTagOfTags follows no endless line of tags.
func TestTagOfTags(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	r.commit("first")
	target := "HEAD"
	for i := range maxTags + 1 {
		name := fmt.Sprintf("t%d", i)
		r.git("tag", "-a", "-m", "x", name, target)
		target = name
	}
	tag := must(r.open().Tag(context.Background(), target))(t)
	if tag.Commit != "" || !tag.Annotated {
		t.Errorf("got %+v", tag)
	}
}

func TestHostileSignatures(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	r := newRepo(t)
	tree := r.git("write-tree")
	for _, line := range []string{
		"A <a> 99999999999999 +0000", "A <a> 1 +9999", "A <a> -5 +0000", "A <a> 99999999999999999999 +0000", "A <a>", "A", "\xff\xfe <\xc3> 5 x",
		"A <a> 253402300799 -9900", "",
	} {
		raw := fmt.Sprintf("tree %s\nauthor %s\ncommitter %s\n\n\xffx\x00y\n", tree, line, line)
		h := r.input(raw, "hash-object", "-t", "commit", "-w", "--literally", "--stdin")
		c, err := r.open().Commit(ctx, h)
		if err != nil {
			t.Errorf("%q: %v", line, err)
			continue
		}
		if _, err := c.Author.When.MarshalJSON(); err != nil {
			t.Errorf("%q: %v", line, err)
		}
		if c.Message != "\uFFFDx\uFFFDy\n" {
			t.Errorf("message %q", c.Message)
		}
		if !utf8.ValidString(c.Author.Name + c.Author.Email) {
			t.Errorf("%q: %q <%q>", line, c.Author.Name, c.Author.Email)
		}
	}
}

func TestNewestFirst(t *testing.T) {
	t.Parallel()
	want := []string{
		"10.0", "v2.0.1", "2.0.0-p1", "v2.0.0", "v2.0.0-RC10", "v2.0.0-rc2", "v2.0.0-beta", "v2.0.0-alpha2", "v2.0.0-alpha", "v2.0.0-dev",
		"1.10.0", "1.9.0", "v1.0", "1.0", "1", "release-2", "release-1", "nightly",
	}
	got := slices.Clone(want)
	slices.Reverse(got)
	newestFirst(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLog(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	r := newRepo(t)
	r.commit("one")
	r.commit("two")
	r.git("checkout", "-q", "-b", "side", "HEAD~1")
	r.commit("side")
	r.git("checkout", "-q", "main")
	r.git("merge", "-q", "--no-ff", "-m", "merge", "side")
	opened := r.open()
	log := must(opened.Log(ctx, "main", 10))(t)
	var subjects []string
	for _, c := range log {
		subjects = append(subjects, c.Subject)
	}
	slices.Sort(subjects[1:]) // all dates are the same
	if diff := cmp.Diff([]string{"merge", "one", "side", "two"}, subjects); diff != "" {
		t.Error(diff)
	}
	if len(log[0].Parents) != 2 || log[0].Committer.Name != "Carl" || log[0].Author.Name != "Ann" {
		t.Errorf("merge: %+v", log[0])
	}
	if short := must(opened.Log(ctx, "main", 2))(t); len(short) != 2 {
		t.Errorf("limit: %d commits", len(short))
	}
}

func TestRefsAndDiff(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	one := r.commit("one")
	r.git("tag", "stays")
	r.git("tag", "moves")
	r.git("tag", "goes")
	before := must(Refs(r.bare()))(t)
	r.git("pack-refs", "--all")
	if diff := cmp.Diff(before, must(Refs(r.bare()))(t)); diff != "" {
		t.Errorf("packing changed the tags: %s", diff)
	}
	two := r.commit("two")
	r.git("tag", "-f", "moves")
	r.git("tag", "-d", "goes")
	r.git("tag", "comes/here")
	// What a push leaves for a moment, and what a crash leaves for good.
	r.write(".git/refs/tags/pushed.lock", "")
	r.write(".git/refs/tags/broken", "")
	after := must(Refs(r.bare()))(t)
	if diff := cmp.Diff(map[string]string{"stays": one, "moves": two, "comes/here": two}, after); diff != "" {
		t.Error(diff)
	}
	added, moved, deleted := Diff(before, after)
	if diff := cmp.Diff([][]string{{"comes/here"}, {"moves"}, {"goes"}}, [][]string{added, moved, deleted}); diff != "" {
		t.Error(diff)
	}
}

func TestManyTags(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	r := manyTags(t, 10_000)
	opened := r.open()
	names := must(opened.TagNames(ctx))(t)
	if len(names) != 10_000 || names[0] != "v9.99.9" || names[9999] != "v0.0.0" {
		t.Fatalf("%d names from %s to %s", len(names), names[0], names[len(names)-1])
	}
	page := must(opened.Tags(ctx, names[5000:5050]))(t)
	if len(page) != 50 || page[0].Name != names[5000] || page[0].Subject != "first" {
		t.Errorf("page: %d, %+v", len(page), page[0])
	}
}

// manyTags makes a repository with n packed tags v0.0.0, v0.0.1 and so on.
func manyTags(t testing.TB, n int) repo {
	t.Helper()
	r := newRepo(t)
	commit := r.commit("first")
	var lines strings.Builder
	lines.WriteString("# pack-refs with: peeled fully-peeled sorted \n")
	for i := range n {
		fmt.Fprintf(&lines, "%s refs/tags/v%d.%d.%d\n", commit, i/1000, i/10%100, i%10)
	}
	r.write(".git/packed-refs", lines.String())
	return r
}

func TestImport(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	r := newRepo(t)
	r.write("a", "x")
	r.commit("first")
	r.git("tag", "-a", "-m", "x", "v1")
	r.git("checkout", "-q", "-b", "dev")
	r.write("b", "y")
	r.commit("second")
	r.git("update-ref", "refs/pull/1/head", "HEAD")
	r.write(".git/hooks/post-checkout", "#!/bin/sh\nexit 1\n")
	if err := os.Chmod(filepath.Join(r.bare(), "hooks/post-checkout"), 0o755); err != nil {
		t.Fatal(err)
	}
	bare := repo{t, filepath.Join(t.TempDir(), "bare.git")}
	r.git("clone", "-q", "--bare", r.dir, bare.dir)
	bare.git("symbolic-ref", "HEAD", "refs/heads/dev")

	for _, src := range []string{r.dir, r.bare(), bare.dir} {
		parent := t.TempDir()
		dst := repo{t, filepath.Join(parent, "new.git")}
		if err := Import(ctx, dst.dir, src); err != nil {
			t.Fatal(err)
		}
		wantKind(t, Import(ctx, dst.dir, src), fault.Conflict)
		want := r.git("for-each-ref", "refs/heads", "refs/tags")
		if got := dst.git("for-each-ref"); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", src, got, want)
		}
		dst.git("fsck", "--strict")
		opened := must(Open(dst.dir))(t)
		if head := must(opened.Head(ctx))(t); head.Name != "dev" || head.Commit == "" {
			t.Errorf("head: %+v", head)
		}
		opened.Close()
		if left := must(os.ReadDir(parent))(t); len(left) != 1 {
			t.Errorf("left behind: %v", left)
		}
	}

	dst := filepath.Join(t.TempDir(), "x.git")
	wantKind(t, Import(ctx, dst, t.TempDir()), fault.Invalid)
	wantKind(t, Import(ctx, dst, filepath.Join(r.dir, "absent")), fault.Invalid)
	if err := Import(ctx, dst, newRepo(t).dir); err != nil {
		t.Errorf("an empty repository: %v", err)
	}
}
