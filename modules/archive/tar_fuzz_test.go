package archive

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"

	"ingot.dev/modules/fault"
)

// stdlib is listing by the standard library.
func stdlib(raw []byte) ([]string, error) {
	types := map[byte]TarType{tar.TypeReg: TarFile, tar.TypeDir: TarDirectory, tar.TypeSymlink: TarSymlink, tar.TypeLink: TarHardLink}
	lines := []string{}
	r := tar.NewReader(bytes.NewReader(raw))
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if err != nil {
			return lines, err
		}
		kind, ok := types[h.Typeflag]
		name := strings.TrimSuffix(strings.TrimPrefix(h.Name, "./"), "/")
		if !ok || name == "" || name == "." {
			continue
		}
		content, err := io.ReadAll(r)
		if err != nil {
			return lines, err
		}
		switch kind {
		case TarSymlink:
			content = []byte("-> " + h.Linkname)
		case TarHardLink:
			content = []byte("-> " + strings.TrimPrefix(h.Linkname, "./"))
		}
		lines = append(lines, fmt.Sprintf("%s %o %s %.20s", kind, h.Mode&0o777, name, content))
	}
}

// TestTarGzBomb has ten gigabytes of zeros in various places. Reading has to
// end long before them.
func TestTarGzBomb(t *testing.T) {
	t.Parallel()
	const size = 10 << 30
	bomb := func(head string) io.Reader {
		r, w := io.Pipe()
		t.Cleanup(func() { r.Close() })
		go func() {
			z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed)
			_, err := io.WriteString(z, head)
			zeros := make([]byte, 1<<20)
			for i := 0; i < size/len(zeros) && err == nil; i++ {
				_, err = z.Write(zeros)
			}
			w.CloseWithError(errors.Join(err, z.Close()))
		}()
		return r
	}
	large := DefaultLimits()
	large.Size = 1 << 40
	for name, head := range map[string]string{
		"file":   entryOf('0', "a", "", at{124, "\x80\x00\x00\x00\x00\x00\x00\x02\x80\x00\x00\x00"}),
		"octal":  entryOf('0', "a", "", at{124, "77777777777"}),
		"pax":    entryOf('x', "a", "", at{124, "77777777777"}),
		"behind": fileOf("a"),
		"only":   "",
	} {
		for _, limits := range []Limits{DefaultLimits(), large} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				begun := time.Now()
				counted := &storage{r: bomb(head)}
				err := ReadTarGz(counted, limits, func(TarEntry) error { return nil })
				if !fault.Is(err, fault.TooLarge) || counted.got > 1<<20 {
					t.Errorf("%v after %d bytes and %v", err, counted.got, time.Since(begun))
				}
			})
		}
	}
}

// TestTarManyNames bounds what is kept of an archive.
func TestTarManyNames(t *testing.T) {
	t.Parallel()
	limits := DefaultLimits()
	limits.Name = 1 << 20
	var entries []io.Reader
	for i := range maxDirectory/(maxSaid-1) + 1 {
		name := fmt.Sprintf("%0*d\x00", maxSaid-1, i)
		entries = append(entries, strings.NewReader(entryOf('L', "l", name)+entryOf('0', "a", "")))
	}
	if err := ReadTar(io.MultiReader(entries...), limits, func(TarEntry) error { return nil }); err == nil {
		t.Errorf("%d names of %d bytes are kept", len(entries), maxSaid)
	} else if !fault.Is(err, fault.TooLarge) {
		t.Error(err)
	}
}

// FuzzReadTar takes any bytes, as they are and compressed. What is let through
// reads the same with the standard library, as far as that reads it.
func FuzzReadTar(f *testing.F) {
	sample := tarOf(f, tar.Header{Typeflag: tar.TypeDir, Name: "d/"}, tar.Header{Name: strings.Repeat("d/", 8) + strings.Repeat("n", 99)}, tar.Header{Name: "ü"})
	f.Add(sample)
	f.Add(gzipOf(f, sample))
	f.Add([]byte(fileOf("a") + linkOf('1', "b", "a") + linkOf('2', "c", "a") + end))
	f.Add([]byte(entryOf('L', "l", "d/e\x00") + entryOf('K', "l", "f\x00") + linkOf('2', "a", "b") + end))
	f.Add([]byte(paxOf('g', "comment", "x") + paxOf('x', "path", "a", "size", "7", "mtime", "1.5") + fileOf("b") + end))
	f.Add([]byte(entryOf('0', "a", "x", at{345, "b"}) + entryOf(0, "b/", "", at{257, "\x00\x00\x00\x00\x00\x00\x00\x00"})))
	f.Add([]byte(paxOf('x', "size", "512") + fileOf("a") + fileOf("../b")))
	f.Add([]byte(entryOf('0', "a", "x", at{257, "ustar  \x00"}, at{124, "\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01"})))
	f.Add([]byte(entryOf('S', "a", "", at{257, "ustar  \x00"}) + paxOf('x', "GNU.sparse.major", "1")))
	f.Fuzz(func(t *testing.T, raw []byte) {
		limits := Limits{Files: 20, Size: 1 << 20, Ratio: 1000, Small: 1 << 16, Name: 200, Depth: 10}
		check := func(err error) {
			if kind := fault.KindOf(err); err != nil && kind != fault.Invalid && kind != fault.TooLarge {
				t.Errorf("%v", err)
			}
		}
		_, err := listing(ReadTarGz, bytes.NewReader(raw), limits)
		check(err)
		for _, raw := range [][]byte{raw, summed(raw)} {
			ours, err := listing(ReadTar, bytes.NewReader(raw), limits)
			check(err)
			if err != nil {
				continue
			}
			packed, err := listing(ReadTarGz, bytes.NewReader(gzipOf(t, raw)), limits)
			if check(err); err == nil && !slices.Equal(packed, ours) {
				t.Errorf("plain %q, compressed %q", ours, packed)
			}
			// It also reads times and owners, and fails where they are no numbers.
			theirs, err := stdlib(raw)
			if err != nil && len(theirs) < len(ours) {
				ours = ours[:len(theirs)]
			}
			if diff := cmp.Diff(theirs, ours); diff != "" {
				t.Error(diff)
			}
		}
	})
}

// summed corrects the checksums of what may be headers, for the fuzzer cannot.
func summed(raw []byte) []byte {
	raw = bytes.Clone(raw)
	for i := 0; i+blockLen <= len(raw); i += blockLen {
		b := (*block)(raw[i:])
		if b[155] != ' ' || b[154] != 0 {
			continue
		}
		sum, _ := b.sums()
		copy(b[148:], fmt.Sprintf("%06o\x00 ", sum))
	}
	return raw
}
