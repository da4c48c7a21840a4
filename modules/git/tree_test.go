package git

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/storage/filesystem"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ingot.dev/modules/fault"
)

func TestTree(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	r := newRepo(t)
	r.write("composer.json", "{}")
	r.write("bin/run", "#!/bin/sh\n")
	r.write("src/A.php", "<?php")
	if err := os.Chmod(filepath.Join(r.dir, "bin/run"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("src/A.php", filepath.Join(r.dir, "link")); err != nil {
		t.Fatal(err)
	}
	r.git("add", "-A")
	r.git("update-index", "--add", "--cacheinfo", "160000,"+strings.Repeat("1", 40)+",vendored")
	r.git("commit", "-q", "-m", "x")
	tree := r.tree()

	root := must(tree.List(ctx, ""))(t)
	want := []Entry{
		{Name: "bin", Path: "bin", Kind: Dir, Mode: fs.ModeDir | 0o755},
		{Name: "composer.json", Path: "composer.json", Kind: Regular, Mode: 0o644, Size: 2},
		{Name: "link", Path: "link", Kind: Symlink, Mode: fs.ModeSymlink | 0o777, Size: 9},
		{Name: "src", Path: "src", Kind: Dir, Mode: fs.ModeDir | 0o755},
		{Name: "vendored", Path: "vendored", Kind: Submodule, Mode: fs.ModeDir | 0o755},
	}
	if diff := cmp.Diff(want, root, cmpopts.IgnoreUnexported(Entry{})); diff != "" {
		t.Error(diff)
	}
	if bin := must(tree.List(ctx, "bin"))(t); len(bin) != 1 || bin[0].Path != "bin/run" || bin[0].Mode != 0o755 {
		t.Errorf("bin: %+v", bin)
	}
	for _, path := range []string{"composer.json", "absent", "src/", "/src", "src//", "src/..", "vendored", "link", "bin/run/x"} {
		_, err := tree.List(ctx, path)
		wantKind(t, err, fault.NotFound)
	}

	if got := must(tree.ReadFile(ctx, "src/A.php", 5))(t); string(got) != "<?php" {
		t.Errorf("content %q", got)
	}
	_, err := tree.ReadFile(ctx, "src/A.php", 4)
	wantKind(t, err, fault.TooLarge)
	_, err = tree.ReadFile(ctx, "link", 100)
	wantKind(t, err, fault.Unprocessable)
	for _, path := range []string{"", "src", "absent", "src/absent", "vendored", "vendored/x", "composer.json/"} {
		_, err = tree.ReadFile(ctx, path, 100)
		wantKind(t, err, fault.NotFound)
		_, _, err = tree.Open(ctx, path)
		wantKind(t, err, fault.NotFound)
	}
	e, content, err := tree.Open(ctx, "link")
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	if target := must(io.ReadAll(content))(t); string(target) != "src/A.php" || e.Kind != Symlink {
		t.Errorf("link: %q %+v", target, e)
	}

	var paths []string
	if err := tree.Walk(ctx, DefaultLimits(), func(f File) error {
		paths = append(paths, f.Path)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"bin/run", "composer.json", "link", "src/A.php"}, paths); diff != "" {
		t.Error(diff)
	}
}

func TestEmptyTree(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	r.commit("nothing")
	r.git("gc", "-q", "--prune=now")
	if entries := must(r.tree().List(context.Background(), ""))(t); len(entries) != 0 {
		t.Errorf("%v", entries)
	}
}

func TestWalkLimits(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	r.write("a/b/c/file", "12345")
	r.write("z", "12345")
	r.commit("x")
	tree := r.tree()
	fits := Limits{Entries: 5, File: 5, Total: 10, Depth: 3, Path: 10}
	walk := func(l Limits) error {
		return tree.Walk(context.Background(), l, func(File) error { return nil })
	}
	if err := walk(fits); err != nil {
		t.Errorf("within the limits: %v", err)
	}
	for _, shrink := range []func(*Limits){
		func(l *Limits) { l.Entries-- },
		func(l *Limits) { l.File-- },
		func(l *Limits) { l.Total-- },
		func(l *Limits) { l.Depth-- },
		func(l *Limits) { l.Path-- },
	} {
		l := fits
		shrink(&l)
		wantKind(t, walk(l), fault.TooLarge)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := tree.Walk(ctx, fits, func(File) error { return nil }); err == nil {
		t.Error("a cancelled walk went on")
	}
}

// TestTreeBomb is a few objects that name each other ten times over.
func TestTreeBomb(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	kind, mode, h := "blob", "100644", r.input("boom", "hash-object", "-w", "--stdin")
	for range 12 {
		var lines strings.Builder
		for i := range 10 {
			fmt.Fprintf(&lines, "%s %s %s\td%d\n", mode, kind, h, i)
		}
		h = r.input(lines.String(), "mktree")
		kind, mode = "tree", "040000"
	}
	commit := r.git("commit-tree", "-m", "bomb", h)
	tree := must(r.open().Tree(context.Background(), commit))(t)
	wantKind(t, tree.Walk(context.Background(), DefaultLimits(), func(File) error { return nil }), fault.TooLarge)
}

// rawTree writes a directory without asking whether git would.
func rawTree(entries ...string) string {
	var b strings.Builder
	for _, e := range entries {
		mode, rest, _ := strings.Cut(e, " ")
		name, hash, _ := strings.Cut(rest, "\x00")
		raw, _ := hex.DecodeString(hash)
		b.WriteString(mode + " " + name + "\x00" + string(raw))
	}
	return b.String()
}

func TestHostileTrees(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	r := newRepo(t)
	blob := r.input("x", "hash-object", "-w", "--stdin")
	inner := r.input("100644 blob "+blob+"\tf\n", "mktree")
	file := func(name string) string { return "100644 " + name + "\x00" + blob }
	dir := func(name string) string { return "40000 " + name + "\x00" + inner }
	for name, entries := range map[string][]string{
		"dot dot": {dir("..")}, "dot": {dir(".")}, "empty": {file("")}, "slash": {file("a/b")}, "absolute": {file("/etc/passwd")},
		"git": {dir(".git")}, "GIT": {dir(".GiT")}, "short name": {dir("GIT~1")}, "git with dots": {dir(".git. .")}, "stream": {file(".git::$INDEX")},
		"joined": {dir(".g\u200dit")}, "backslash": {file(`.git\config`)},
		"twice": {file("a"), file("a")}, "file and directory": {file("a"), file("a.b"), dir("a")}, "unsorted": {file("b"), file("a")},
		"directory as a file": {"100644 a\x00" + inner}, "file as a directory": {"40000 a\x00" + blob},
		"missing file": {"100644 a\x00" + strings.Repeat("2", 40)}, "missing directory": {"40000 a\x00" + strings.Repeat("2", 40)},
		"no mode": {" a\x00" + blob}, "cut off": {"100644 a\x001234"},
	} {
		h := r.input(rawTree(entries...), "hash-object", "-t", "tree", "-w", "--literally", "--stdin")
		tree := must(r.open().Tree(ctx, r.git("commit-tree", "-m", "x", h)))(t)
		err := tree.Walk(ctx, DefaultLimits(), func(f File) error { return nil })
		if err == nil {
			t.Errorf("%s: no complaint", name)
			continue
		}
		if inside := fault.KindOf(err); inside != fault.Unprocessable && !strings.Contains(name, "missing") && name != "file as a directory" {
			t.Errorf("%s: %v (%v)", name, err, inside)
		}
	}
	// Strange, and git takes it all the same.
	h := r.input(rawTree(file("C:x"), file("a\\b"), file("con"), file("new\nline"), file("\xff")), "hash-object", "-t", "tree", "-w", "--stdin")
	tree := must(r.open().Tree(ctx, r.git("commit-tree", "-m", "x", h)))(t)
	if entries := must(tree.List(ctx, ""))(t); len(entries) != 5 {
		t.Errorf("%v", entries)
	}
}

// FuzzTree walks a tree whose root and one directory are arbitrary bytes.
func FuzzTree(f *testing.F) {
	blob := plumbing.ComputeHash(plumbing.BlobObject, []byte("*.x export-ignore\n")).String()
	file := func(name string) string { return "100644 " + name + "\x00" + blob }
	f.Add([]byte(rawTree(file(".gitattributes"), file("a"), file("b.x"))), []byte(rawTree(file("c"))))
	for _, name := range []string{"..", ".git", "a/b", "", "/", ".GIT ", `\`, "C:"} {
		f.Add([]byte(rawTree(file(name))), []byte(rawTree(file(name), file(name))))
	}
	f.Add([]byte("40000 a\x00"), []byte("120000 l\x00"))
	dir := filepath.Join(f.TempDir(), "r")
	if err := Init(dir); err != nil {
		f.Fatal(err)
	}
	storage := filesystem.NewStorage(osfs.New(dir), cache.NewObjectLRUDefault())
	put := func(t testing.TB, kind plumbing.ObjectType, content []byte) plumbing.Hash {
		o := &plumbing.MemoryObject{}
		o.SetType(kind)
		o.Write(content)
		return must(storage.SetEncodedObject(o))(t)
	}
	put(f, plumbing.BlobObject, []byte("*.x export-ignore\n"))
	r := must(Open(dir))(f)
	f.Cleanup(func() { r.Close() })
	f.Fuzz(func(t *testing.T, root, below []byte) {
		inner := put(t, plumbing.TreeObject, below)
		outer := put(t, plumbing.TreeObject, append(slices.Clip(root), rawTree("40000 zz\x00"+inner.String())...))
		tree := &Tree{Commit: Commit{tree: outer}, objects: r.objects}
		previous := ""
		tree.Export(context.Background(), DefaultLimits(), func(file File) error {
			// git has names that are not UTF-8; what makes archives refuses them.
			if !fs.ValidPath(strings.ToValidUTF8(file.Path, "x")) || slices.ContainsFunc(strings.Split(file.Path, "/"), hostileName) {
				t.Errorf("path %q", file.Path)
			}
			if file.Path <= previous {
				t.Errorf("%q after %q", file.Path, previous)
			}
			previous = file.Path
			readFile(t, file)
			return nil
		})
		tree.List(context.Background(), "zz")
	})
}
