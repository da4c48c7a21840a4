package git

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"ingot.dev/modules/fault"
)

// TestObjectsAsGit reads every object of a repository, loose and packed in
// both sorts of delta, and compares with git cat-file.
func TestObjectsAsGit(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	random := rand.New(rand.NewPCG(1, 2))
	text := make([]string, 400)
	for i := range text {
		text[i] = fmt.Sprintf("line %d %d", i, random.Uint64())
	}
	for i := range 40 {
		text[random.IntN(len(text))] = fmt.Sprintf("changed %d", random.Uint64())
		r.write("a/long", strings.Join(text, "\n"))
		r.write(fmt.Sprintf("b/%d", i), strings.Join(text[i:], "\n"))
		r.commit("more")
	}
	big := make([]byte, 3<<20)
	for i := range big {
		big[i] = byte(random.Uint32())
	}
	r.write("big", string(big))
	r.write("empty", "")
	r.commit("big")
	for _, repack := range [][]string{
		nil,
		{"repack", "-q", "-a", "-d", "-f", "--depth=50", "--window=20"},
		{"-c", "repack.useDeltaBaseOffset=false", "repack", "-q", "-a", "-d", "-f", "--depth=50", "--window=20"},
	} {
		if repack != nil {
			r.git(repack...)
			r.longOffsets()
		}
		opened := r.open()
		deltas := 0
		for line := range strings.Lines(r.git("cat-file", "--batch-check", "--batch-all-objects")) {
			var name, kind string
			var size int64
			if _, err := fmt.Sscan(line, &name, &kind, &size); err != nil {
				t.Fatal(err)
			}
			h, _ := parseHash(name)
			o := must(opened.objects.stat(h))(t)
			if o.kind.String() != kind || o.size != size {
				t.Errorf("%s: got %s %d, git says %s %d", name, o.kind, o.size, kind, size)
			}
			if len(o.chain) > 1 {
				deltas++
			}
			content := must(opened.objects.read(o, 1<<30, "it"))(t)
			if got := plumbing.ComputeHash(o.kind, content); got != h {
				t.Errorf("%s: read content of %s", name, got)
			}
			s := must(opened.objects.reader(o))(t)
			if streamed := must(io.ReadAll(s))(t); !bytes.Equal(streamed, content) {
				t.Errorf("%s: the stream differs", name)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
		if repack != nil && deltas < 40 {
			t.Errorf("only %d deltas met", deltas)
		}
	}
}

// longOffsets writes the indexes of all packs again as if the packs were huge:
// offsets past the first bytes have 64 bits then.
func (r repo) longOffsets() {
	r.Helper()
	for _, name := range must(filepath.Glob(filepath.Join(r.bare(), "objects/pack/*.pack")))(r) {
		index := strings.TrimSuffix(name, "pack") + "idx"
		if err := os.Remove(index); err != nil {
			r.Fatal(err)
		}
		r.git("index-pack", "--index-version=2,0x40", "-o", index, name)
	}
}

// packOf writes a pack of entries as they come; each begins with its type and
// what belongs before its data.
type packOf struct {
	bytes.Buffer
	entries uint32
	zlib    *zlib.Writer
}

func (p *packOf) add(kind plumbing.ObjectType, size int, reference, data []byte) (at int) {
	if p.Len() == 0 {
		p.WriteString("PACK\x00\x00\x00\x02\x00\x00\x00\x00")
	}
	at = p.Len()
	c := byte(kind)<<4 | byte(size&15)
	for size >>= 4; size > 0; size >>= 7 {
		p.WriteByte(c | 0x80)
		c = byte(size & 127)
	}
	p.WriteByte(c)
	p.Write(reference)
	if p.zlib == nil {
		p.zlib, _ = zlib.NewWriterLevel(nil, zlib.NoCompression)
	}
	p.zlib.Reset(&p.Buffer)
	p.zlib.Write(data)
	p.zlib.Close()
	p.entries++
	return at
}

func (p *packOf) done() string {
	raw := p.Bytes()
	binary.BigEndian.PutUint32(raw[8:], p.entries)
	sum := sha1.Sum(raw)
	return string(raw) + string(sum[:])
}

// back writes how far before an entry its base begins.
func back(distance int) []byte {
	out := []byte{byte(distance & 127)}
	for distance >>= 7; distance > 0; distance >>= 7 {
		distance--
		out = append([]byte{byte(distance&127) | 0x80}, out...)
	}
	return out
}

// TestEndlessDeltas pushes what takes gigabytes to follow by recursion.
func TestEndlessDeltas(t *testing.T) {
	t.Parallel()
	for n, kind := range map[int]fault.Kind{maxChain - 1: fault.Internal, maxChain: fault.Unprocessable, 50_000: fault.Unprocessable} {
		var p packOf
		content := make([]byte, 8)
		last := p.add(plumbing.BlobObject, 8, nil, content)
		for i := range n {
			binary.BigEndian.PutUint64(content, uint64(i+1))
			delta := append([]byte{8, 8, 8}, content...)
			at := p.Len()
			last = p.add(plumbing.OFSDeltaObject, len(delta), back(at-last), delta)
		}
		r := newRepo(t)
		r.input(p.done(), "index-pack", "--stdin")
		s := r.open().objects
		o, err := s.stat(plumbing.ComputeHash(plumbing.BlobObject, content))
		if kind != fault.Internal {
			wantKind(t, err, kind)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := must(s.read(o, 8, "it"))(t); !bytes.Equal(got, content) {
			t.Errorf("got %x", got)
		}
	}
}

// TestDeltaBomb reads a small delta that copies its base many times over.
func TestDeltaBomb(t *testing.T) {
	t.Parallel()
	var p packOf
	base := make([]byte, 1<<16)
	last := p.add(plumbing.BlobObject, len(base), nil, base)
	delta := binary.AppendUvarint(binary.AppendUvarint(nil, uint64(len(base))), maxDelta+1<<16)
	for range maxDelta/len(base) + 1 {
		delta = append(delta, 0x80) // copy 65,536 bytes from 0
	}
	at := p.Len()
	p.add(plumbing.OFSDeltaObject, len(delta), back(at-last), delta)
	r := newRepo(t)
	r.input(p.done(), "index-pack", "--stdin")
	content := make([]byte, maxDelta+1<<16)
	s := r.open().objects
	o := must(s.stat(plumbing.ComputeHash(plumbing.BlobObject, content)))(t)
	if o.size != int64(len(content)) {
		t.Errorf("size %d", o.size)
	}
	_, err := s.reader(o)
	wantKind(t, err, fault.TooLarge)
}

// TestBesideGit reads while git commits, repacks and prunes.
func TestBesideGit(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	r := newRepo(t)
	grow := func(i int) {
		for j := range 10 {
			r.write(fmt.Sprintf("d%d/f%d", j, i), strings.Repeat(fmt.Sprintf("%d %d\n", i, j), 200))
		}
		r.commit(fmt.Sprint(i))
		r.git("tag", fmt.Sprintf("v%d", i))
	}
	grow(0)
	long := r.open() // met all packs that come and go
	ended := make(chan struct{})
	var readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-ended:
					return
				default:
				}
				fresh, err := Open(r.bare())
				if err != nil {
					t.Error(err)
					return
				}
				for _, opened := range []*Repository{fresh, long} {
					tree, err := opened.Tree(ctx, "main")
					if err == nil {
						err = tree.Walk(ctx, DefaultLimits(), func(f File) error {
							content, err := f.Open()
							if err != nil {
								return err
							}
							_, err = io.Copy(io.Discard, content)
							return errors.Join(err, content.Close())
						})
					}
					if err != nil {
						t.Error(err)
					}
					names, err := opened.TagNames(ctx)
					if err == nil {
						_, err = opened.Tags(ctx, names)
					}
					if err != nil {
						t.Error(err)
					}
				}
				fresh.Close()
			}
		})
	}
	for i := range 12 {
		grow(i + 1)
		switch i % 3 {
		case 0:
			r.git("gc", "-q", "--prune=now")
		case 1:
			r.git("repack", "-q", "-a", "-d", "-f")
		case 2:
			r.git("pack-refs", "--all")
		}
	}
	close(ended)
	readers.Wait()
}

func TestDamagedPack(t *testing.T) {
	t.Parallel()
	r := newRepo(t)
	r.write("a", strings.Repeat("abc", 1000))
	r.commit("x")
	r.git("gc", "-q")
	commit := r.git("rev-parse", "HEAD")
	packs := must(filepath.Glob(filepath.Join(r.bare(), "objects/pack/*.pack")))(t)
	raw := must(os.ReadFile(packs[0]))(t)
	index := must(os.ReadFile(strings.TrimSuffix(packs[0], "pack") + "idx"))(t)
	random := rand.New(rand.NewPCG(3, 4))
	whole := 0
	for i := range 300 {
		dir := filepath.Join(t.TempDir(), "r")
		if err := Init(dir); err != nil {
			t.Fatal(err)
		}
		at := filepath.Join(dir, "objects/pack", filepath.Base(packs[0]))
		data, table := bytes.Clone(raw), bytes.Clone(index)
		if i%2 == 0 {
			data[random.IntN(len(data))] ^= byte(1 + random.IntN(255))
			data = data[:len(data)-random.IntN(2)*random.IntN(len(data))]
		} else {
			table[random.IntN(len(table))] ^= byte(1 + random.IntN(255))
			table = table[:len(table)-random.IntN(2)*random.IntN(len(table))]
		}
		if err := errors.Join(os.WriteFile(at, data, 0o644), os.WriteFile(strings.TrimSuffix(at, "pack")+"idx", table, 0o644)); err != nil {
			t.Fatal(err)
		}
		opened := must(Open(dir))(t)
		if tree, err := opened.Tree(context.Background(), commit); err == nil { // and no panic where it fails
			if _, err := tree.ReadFile(context.Background(), "a", 1<<20); err == nil {
				whole++
			}
		}
		opened.Close()
	}
	if whole == 0 || whole == 300 {
		t.Errorf("%d of 300 were read all the same", whole)
	}
}
