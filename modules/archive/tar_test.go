package archive

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"ingot.dev/modules/fault"
)

// listing reads a tar archive, and tells every entry in a line.
func listing(read func(io.Reader, Limits, func(TarEntry) error) error, r io.Reader, limits Limits) ([]string, error) {
	lines := []string{}
	err := read(r, limits, func(e TarEntry) error {
		content, err := io.ReadAll(e)
		if e.Type == TarSymlink || e.Type == TarHardLink {
			content = []byte("-> " + e.Link)
		}
		if e.Type == TarFile && err == nil && int64(len(content)) != e.Size {
			err = fmt.Errorf("%q: %d bytes instead of %d", e.Name, len(content), e.Size)
		}
		lines = append(lines, fmt.Sprintf("%s %o %s %.20s", e.Type, e.Mode, e.Name, content))
		return err
	})
	return lines, err
}

func readTar(raw []byte) ([]string, error) {
	return listing(ReadTar, bytes.NewReader(raw), DefaultLimits())
}

// tarOf writes an archive with the standard library. Files hold their name.
func tarOf(t testing.TB, headers ...tar.Header) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, h := range headers {
		content := ""
		if h.Typeflag == 0 {
			h.Typeflag, content = tar.TypeReg, "content of "+h.Name
			h.Size = int64(len(content))
		}
		if h.Mode == 0 && h.Typeflag != tar.TypeXGlobalHeader {
			h.Mode = 0o644
		}
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func gzipOf(t testing.TB, raw []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestTarOfGo(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long/", 30) + "name"
	target := strings.Repeat("t", 150)
	for _, form := range []tar.Format{tar.FormatPAX, tar.FormatGNU} {
		raw := tarOf(t,
			tar.Header{Typeflag: tar.TypeDir, Name: "d/", Mode: 0o755, Format: form},
			tar.Header{Name: "d/run", Mode: 0o4755, Format: form},
			tar.Header{Name: long, Format: form},
			tar.Header{Typeflag: tar.TypeSymlink, Name: "d/l", Linkname: "../" + target, Format: form},
			tar.Header{Typeflag: tar.TypeLink, Name: "d/h", Linkname: long, Format: form},
			tar.Header{Typeflag: tar.TypeDir, Name: "d/", Mode: 0o755, Format: form},
			tar.Header{Name: "ü", Format: form},
		)
		want := []string{
			"directory 755 d ",
			"file 755 d/run content of d/run",
			"file 644 " + long + " content of long/long",
			"symbolic link 644 d/l -> ../" + target[:14],
			"hard link 644 d/h -> " + long[:17],
			"directory 755 d ",
			"file 644 ü content of ü",
		}
		for name, read := range map[string]func() ([]string, error){
			"plain": func() ([]string, error) { return readTar(raw) },
			"by byte": func() ([]string, error) {
				return listing(ReadTar, iotest.OneByteReader(bytes.NewReader(raw)), DefaultLimits())
			},
			"gzip": func() ([]string, error) {
				return listing(ReadTarGz, iotest.DataErrReader(bytes.NewReader(gzipOf(t, raw))), DefaultLimits())
			},
		} {
			got, err := read()
			if err != nil {
				t.Error(form, name, err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(form, name, diff)
			}
		}
	}
}

// TestTarOfOthers reads what real programs write.
func TestTarOfOthers(t *testing.T) {
	t.Parallel()
	const python = `
import sys, tarfile
with tarfile.open("out", "w:gz", format=getattr(tarfile, sys.argv[1])) as z: z.add("dir")
`
	deep := "dir/" + strings.Repeat("d", 90) + "/" + strings.Repeat("f", 90)
	all := []string{
		"directory 755 dir ", "directory 755 " + filepath.Dir(deep) + " ", "file 644 dir/a.txt hello\n", "file 644 dir/ü umlaut",
		"file 644 " + deep + " deep", "file 755 dir/run ", "hard link 644 dir/b.txt -> dir/a.txt", "symbolic link 777 dir/link -> a.txt",
	}
	slices.Sort(all)
	for name, command := range map[string][]string{
		"GNU":            {"tar", "--sort=name", "-czf", "out", "dir"},
		"GNU dot":        {"sh", "-c", "tar --sort=name --exclude=out -cz . >out"},
		"GNU pax":        {"tar", "--sort=name", "--format=pax", "-czf", "out", "dir"},
		"GNU ustar":      {"tar", "--sort=name", "--format=ustar", "-czf", "out", "dir"},
		"GNU large":      {"tar", "--sort=name", "-b", "1024", "-czf", "out", "dir"},
		"Python pax":     {"python3", "-c", python, "PAX_FORMAT"},
		"Python GNU":     {"python3", "-c", python, "GNU_FORMAT"},
		"Python ustar":   {"python3", "-c", python, "USTAR_FORMAT"},
		"git":            {"sh", "-c", "git init -q . && git add dir && git -c user.name=a -c user.email=a commit -qm x && git -c tar.umask=022 archive -o out.tar.gz HEAD && mv out.tar.gz out"},
		"npm":            {"sh", "-c", "command -v npm || exit 0; rm dir/b.txt && npm pack --offline --cache .npm --ignore-scripts"},
		"bsdtar":         {"bsdtar", "-czf", "out", "dir"},
		"bsdtar gnutar":  {"bsdtar", "--format=gnutar", "-czf", "out", "dir"},
		"busybox":        {"busybox", "tar", "-czf", "out", "dir"},
		"Perl":           {"perl", "-MArchive::Tar", "-e", `Archive::Tar->create_archive("out", COMPRESS_GZIP, "dir/a.txt", "dir/run", "dir/link") or die`},
		"Ruby":           {"ruby", "-rzlib", "-rrubygems/package", "-e", `Zlib::GzipWriter.open("out") { |z| Gem::Package::TarWriter.new(z) { |w| w.add_file_simple("dir/a.txt", 0644, 6) { |f| f.write "hello\n" } } }`},
		"R":              {"R", "-s", "-e", `unlink("dir/link"); tar("out", "dir", compression = "gzip", tar = "internal")`},
		"PHP":            {"php", "-d", "phar.readonly=0", "-r", `$p = new PharData("x.tar"); $p->addFile("dir/a.txt"); $p->compress(Phar::GZ); rename("x.tar.gz", "out");`},
		"Python updates": {"python3", "-c", "import tarfile\nfor m in 'w', 'a':\n  with tarfile.open('t', m) as z: z.add('dir', recursive=m == 'w')\nimport gzip; gzip.open('out', 'w').write(open('t', 'rb').read())"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(command[0]); err != nil {
				t.Skipf("no %s here", command[0])
			}
			dir := t.TempDir()
			put := func(path, content string, mode os.FileMode) {
				t.Helper()
				path = filepath.Join(dir, path)
				if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), mode)); err != nil {
					t.Fatal(err)
				}
			}
			put("dir/a.txt", "hello\n", 0o644)
			put("dir/run", "", 0o755)
			put("dir/ü", "umlaut", 0o644)
			put(deep, "deep", 0o644)
			if err := errors.Join(os.Symlink("a.txt", filepath.Join(dir, "dir/link")), os.Link(filepath.Join(dir, "dir/a.txt"), filepath.Join(dir, "dir/b.txt"))); err != nil {
				t.Fatal(err)
			}
			out := "out"
			if name == "npm" {
				put("package.json", `{"name": "x", "version": "1.0.0", "files": ["dir"]}`, 0o644)
				out = "x-1.0.0.tgz"
			}
			cmd := exec.Command(command[0], command[1:]...)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "PYTHONUTF8=1")
			if said, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, said)
			}
			raw, err := os.ReadFile(filepath.Join(dir, out))
			if _, absent := exec.LookPath("npm"); name == "npm" && absent != nil {
				t.Skip("no npm here")
			}
			if err != nil {
				t.Fatal(err)
			}
			got, err := listing(ReadTarGz, bytes.NewReader(raw), DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(got)
			want := all
			switch name {
			case "npm": // fails on hard links, leaves out others, and puts everything in "package"
				want = []string{"file 644 package/dir/a.txt hello\n"}
			case "Perl", "Ruby", "R", "PHP", "busybox", "bsdtar", "bsdtar gnutar", "git": // know not all of it, call other files the link, or give a link a size (R)
				want = []string{"file 644 dir/a.txt hello\n"}
			case "Python updates":
				want = slices.Sorted(slices.Values(append([]string{"directory 755 dir "}, all...)))
			}
			if len(want) == 1 {
				if !slices.Contains(got, want[0]) {
					t.Errorf("%q", got)
				}
			} else if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTarEntryReadAll(t *testing.T) {
	t.Parallel()
	raw := tarOf(t, tar.Header{Name: "a"}, tar.Header{Typeflag: tar.TypeSymlink, Name: "l", Linkname: "a"}, tar.Header{Name: "b"})
	var kept TarEntry
	err := ReadTar(bytes.NewReader(raw), DefaultLimits(), func(e TarEntry) error {
		switch e.Name {
		case "a":
			kept = e
			if _, err := e.ReadAll(e.Size - 1); !fault.Is(err, fault.TooLarge) {
				t.Errorf("%v", err)
			}
			if content, err := e.ReadAll(e.Size); err != nil || string(content) != "content of a" {
				t.Errorf("%q %v", content, err)
			}
		case "l":
			if _, err := e.ReadAll(100); !fault.Is(err, fault.Invalid) {
				t.Errorf("%v", err)
			}
		case "b":
			if n, err := kept.Read(make([]byte, 9)); n != 0 || err != io.EOF {
				t.Errorf("the content of another entry: %d %v", n, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestTarErrors tells failures of others from faults of the archive.
func TestTarErrors(t *testing.T) {
	t.Parallel()
	raw := tarOf(t, tar.Header{Name: "a"}, tar.Header{Name: "b"})
	calls := 0
	stop := func(TarEntry) error { calls++; return io.ErrNoProgress }
	if err := ReadTar(bytes.NewReader(raw), DefaultLimits(), stop); err != io.ErrNoProgress || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
	// Nobody reads the content, so it is the skipping that fails.
	ignore := func(TarEntry) error { return nil }
	for n := range len(raw) {
		r := io.MultiReader(bytes.NewReader(raw[:n]), iotest.ErrReader(io.ErrUnexpectedEOF))
		if err := ReadTar(r, DefaultLimits(), ignore); err != io.ErrUnexpectedEOF {
			t.Fatalf("%d: %v", n, err)
		}
	}
	// Nor does a failure that fn passes over get lost.
	careless := func(e TarEntry) error { io.Copy(io.Discard, e); return nil }
	if err := ReadTar(bytes.NewReader(raw[:blockLen+1]), DefaultLimits(), careless); !fault.Is(err, fault.Invalid) {
		t.Errorf("%v", err)
	}
	packed := gzipOf(t, raw)
	for n := range len(packed) + 1 {
		r := io.MultiReader(bytes.NewReader(packed[:n]), iotest.ErrReader(io.ErrUnexpectedEOF))
		if err := ReadTarGz(r, DefaultLimits(), ignore); err != io.ErrUnexpectedEOF {
			t.Fatalf("%d: %v", n, err)
		}
	}
}

// TestTarMemory reads a gigabyte in a few hundred kilobytes.
func TestTarMemory(t *testing.T) {
	const size, files = 1 << 28, 4
	noise := make([]byte, 1<<16)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	r, w := io.Pipe()
	go func() {
		z, _ := gzip.NewWriterLevel(w, gzip.NoCompression)
		a := tar.NewWriter(z)
		for i := range files {
			a.WriteHeader(&tar.Header{Name: fmt.Sprint(i), Size: size})
			for range size / len(noise) {
				a.Write(noise)
			}
		}
		w.CloseWithError(errors.Join(a.Close(), z.Close()))
	}()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := int64(0)
	err := ReadTarGz(r, DefaultLimits(), func(e TarEntry) error {
		n, err := io.Copy(io.Discard, e)
		got += n
		return err
	})
	runtime.ReadMemStats(&after)
	// All that was ever allocated, by the writer too, garbage or not.
	if spent := after.TotalAlloc - before.TotalAlloc; err != nil || got != files*size || spent > 4<<20 {
		t.Errorf("%d bytes read in %d bytes: %v", got, spent, err)
	}
}
