package git

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"ingot.dev/modules/archive"
)

// bigTree is a packed repository of 5,000 files of 1 to 20 KiB that read like
// source code.
func bigTree(b *testing.B) repo {
	b.Helper()
	r := newRepo(b)
	random := rand.New(rand.NewPCG(5, 6))
	words := strings.Fields("function return public private static final class interface string int array foreach if else throw new Exception use namespace const null true false $this $value $key $result => -> :: ( ) { } ; = . ,")
	for range 2000 {
		words = append(words, fmt.Sprintf("name%x", random.Uint32()))
	}
	for i := range 5000 {
		var text strings.Builder
		for size := 1024 + random.IntN(19*1024); text.Len() < size; {
			text.WriteString(words[random.IntN(len(words))])
			text.WriteByte(" \n"[random.IntN(8)/7])
		}
		r.write(fmt.Sprintf("src/%d/file%d.php", i%70, i), text.String())
	}
	r.commit("all")
	r.git("gc", "-q")
	return r
}

func buildZip(b testing.TB, dir string, w io.Writer) {
	b.Helper()
	ctx := context.Background()
	r := must(Open(dir))(b)
	defer r.Close()
	tree := must(r.Tree(ctx, "main"))(b)
	z := archive.NewWriter(w, tree.Commit.Committer.When)
	err := tree.Export(ctx, DefaultLimits(), func(f File) error {
		return z.Add(f.Path, f.Mode, f.Size, f.Open)
	})
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		b.Fatal(err)
	}
}

// TestZip packs a tag twice, with workers that read beside the walk.
func TestZip(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	for i := range 200 {
		r.write(fmt.Sprintf("d%d/f%d", i%7, i), strings.Repeat(fmt.Sprintf("%d\n", i), 10*i))
	}
	r.commit("all")
	r.git("gc", "-q")
	var first, second bytes.Buffer
	buildZip(t, r.bare(), &first)
	buildZip(t, r.bare(), &second)
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("the same commit made other bytes")
	}
	z := must(archive.OpenZip(bytes.NewReader(first.Bytes()), int64(first.Len()), archive.DefaultLimits()))(t)
	if err := z.Verify(context.Background()); err != nil || len(z.Files()) != 200 {
		t.Errorf("%d files, %v", len(z.Files()), err)
	}
	if content := must(z.ReadFile("d1/f8", 1000))(t); string(content) != strings.Repeat("8\n", 80) {
		t.Errorf("%q", content)
	}
}

// BenchmarkZip makes a zip of a commit here and with git archive.
func BenchmarkZip(b *testing.B) {
	r := bigTree(b)
	var size counter
	buildZip(b, r.bare(), &size)
	b.Run("ingot", func(b *testing.B) {
		for b.Loop() {
			buildZip(b, r.bare(), io.Discard)
		}
		b.ReportMetric(float64(size), "zip-bytes")
	})
	size = 0
	b.Run("git", func(b *testing.B) {
		for b.Loop() {
			size = 0
			cmd := exec.Command("git", "archive", "--format=zip", "main")
			cmd.Dir = r.dir
			cmd.Stdout = &size
			if err := cmd.Run(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(size), "zip-bytes")
	})
}

type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// BenchmarkTags lists 10,000 tags and reads a page of 50.
func BenchmarkTags(b *testing.B) {
	ctx := context.Background()
	r := manyTags(b, 10_000)
	for b.Loop() {
		opened := must(Open(r.bare()))(b)
		names := must(opened.TagNames(ctx))(b)
		if page := must(opened.Tags(ctx, names[100:150]))(b); len(page) != 50 {
			b.Fatal(len(page))
		}
		opened.Close()
	}
}
