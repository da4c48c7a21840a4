package bench

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"ingot.dev/modules/format"
	"ingot.dev/services/forge"
)

// download holds a file of 256 MiB against http.ServeFile.
func download(b *testing.B, t *table) {
	content := random(int(smaller(256<<20)), 5)
	h := build(b, func(h *house) {
		h.publish("generic", h.user, 1, func(int) format.Release {
			return format.Release{Package: "large", Version: "1.0.0", Files: []format.NewFile{{Name: "large.bin", Body: staged(content)}}}
		})
	})
	ingot := h.get("/user/ann/package/-/generic/large/1.0.0/large.bin", http.StatusOK)
	reference := get(bareServer(b, map[string][]byte{"large.bin": content}), "/file/large.bin", http.StatusOK)
	if !bytes.Equal(ingot.once(b), content) || !bytes.Equal(reference.once(b), content) {
		b.Fatal("the two sides write different bytes")
	}
	a, r, ratio := versus(b, 1, ingot, reference).rates()
	speed := func(rate float64) string { return fmt.Sprintf("%.0f MB/s", rate*float64(len(content))/1e6) }
	t.ratio(b, fmt.Sprintf("download of %d MiB", len(content)>>20), speed(a), "http.ServeFile "+speed(r), ratio, atLeast(0.8))
}

// uploadMemory tells by how much the memory of a server grows at the most
// while it receives 1 GiB.
func uploadMemory(b *testing.B, t *table) {
	h := build(b, nil)
	size := smaller(1 << 30)
	before := memory(b, h.pid, "VmRSS")
	// 5 resets the high-water mark, see proc(5).
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", h.pid), []byte("5"), 0); err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	<-h.upload(size, "large/1.0.0/large.bin")
	took := time.Since(start)
	grown := memory(b, h.pid, "VmHWM") - before
	t.plain(fmt.Sprintf("upload of %d MiB, growth of memory", size>>20),
		fmt.Sprintf("%.0f MB/s", float64(size)/1e6/took.Seconds()),
		fmt.Sprintf("%d MiB on %d", grown>>20, before>>20), "< 64 MiB", grown < 64<<20)
}

// tagBuild holds the package made from a tag of 5,000 files against git
// archive.
func tagBuild(b *testing.B, t *table) {
	files, turns := 5000, rounds()
	var dir string
	h := build(b, func(h *house) {
		k := h.app.Registry.Kind("composer")
		if k == nil || k.Tagged == nil {
			b.Skip("no format makes packages from tags")
		}
		p, err := h.app.Forge.CreateProject(b.Context(), forge.NewProject{
			Owner: h.user.Ref(), Alias: "lib", Import: repository(b, files, turns+1),
		})
		if err != nil {
			b.Fatal(err)
		}
		sc, err := h.app.Forge.Resolve(b.Context(), p.Path())
		if err != nil {
			b.Fatal(err)
		}
		if dir, err = h.app.Forge.Repository(b.Context(), sc); err != nil {
			b.Fatal(err)
		}
	})
	out := filepath.Join(b.TempDir(), "archive.zip")
	var ingot, reference, ratio []float64
	for i := range turns + 1 {
		tag := fmt.Sprintf("v1.%d.0", i)
		start := time.Now()
		if status, err := h.build(tag); err != nil || status != http.StatusOK {
			b.Fatal(tag, status, err)
		}
		one := time.Since(start).Seconds()
		start = time.Now()
		if text, err := exec.Command("git", "-C", dir, "archive", "--format=zip", "--output="+out, tag).CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, text)
		}
		other := time.Since(start).Seconds()
		if i > 0 { // the first turn warms both
			ingot, reference, ratio = append(ingot, one), append(reference, other), append(ratio, one/other)
		}
	}
	t.ratio(b, fmt.Sprintf("package from a tag of %d files", files), fmt.Sprintf("%.0f ms", 1000*median(ingot)),
		fmt.Sprintf("git archive %.0f ms", 1000*median(reference)), median(ratio), atMost(3))
}

// build asks for the package of a tag.
func (h *house) build(tag string) (status int, err error) {
	r, err := http.NewRequest(http.MethodPost, "http://"+h.addr+"/project/ann/lib/package/-/composer?tag="+tag, nil)
	if err != nil {
		return 0, err
	}
	r.Header.Set("Authorization", "token "+h.token)
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	return reply.StatusCode, reply.Body.Close()
}

// repository makes a git repository of a PHP library with some files and
// tags v1.0.0, v1.1.0 and so on, a commit each.
func repository(b *testing.B, files, tags int) string {
	b.Helper()
	var in bytes.Buffer
	data := func(content string) { fmt.Fprintf(&in, "data %d\n%s\n", len(content), content) }
	for i := range tags {
		fmt.Fprintf(&in, "commit refs/heads/main\nmark :%d\ncommitter Ann <ann@example.com> %d +0000\n", i+1, 1700000000+i)
		data("Next")
		if i > 0 {
			fmt.Fprintf(&in, "from :%d\n", i)
			fmt.Fprintf(&in, "M 100644 inline src/Changed.php\n")
			data(class(-i))
		} else {
			fmt.Fprintf(&in, "M 100644 inline composer.json\n")
			data(`{"name":"ann/lib","description":"A large library","type":"library","autoload":{"psr-4":{"Ann\\":"src/"}}}`)
			for f := range files - 2 {
				fmt.Fprintf(&in, "M 100644 inline src/Part%d/Class%d.php\n", f/50, f)
				data(class(f))
			}
		}
		fmt.Fprintf(&in, "tag v1.%d.0\nfrom :%d\ntagger Ann <ann@example.com> %d +0000\n", i, i+1, 1700000000+i)
		data("Release")
	}
	folder := b.TempDir()
	for _, args := range [][]string{
		{"init", "--quiet", "--bare", "--initial-branch=main", folder},
		{"-C", folder, "fast-import", "--quiet"},
	} {
		cmd := exec.Command("git", args...)
		cmd.Stdin = &in
		if args[0] == "init" {
			cmd.Stdin = nil
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("git %s: %v: %s", args[0], err, out)
		}
	}
	return folder
}

// class is a source file of one to six KiB that no other is like.
func class(n int) string {
	var out bytes.Buffer
	fmt.Fprintf(&out, "<?php\n\ndeclare(strict_types=1);\n\nnamespace Ann;\n\nfinal class Class%d\n{\n", max(n, -n))
	noise := random(512, uint64(int64(n)))
	for i := range 8 + int(noise[0])%40 {
		fmt.Fprintf(&out, "    /** Gives the value for case %d. */\n    public function value%x(int $x): int\n    {\n        return $x * %d + %d;\n    }\n\n",
			i, noise[i*4:i*4+4], noise[i*4+5], int(noise[i*4+6])<<8)
	}
	out.WriteString("}\n")
	return out.String()
}
