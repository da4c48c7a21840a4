package rubygem

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"io"
	"maps"
	"slices"
	"strings"

	"ingot.dev/modules/archive"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// The entries of a gem ("Gem::Package"). Each may have a signature behind it,
// .sig, which is kept with the file and not looked at.
const (
	specEntry = "metadata.gz"
	dataEntry = "data.tar.gz"
	sumsEntry = "checksums.yaml.gz"
	signature = ".sig"
)

const (
	maxEntries = 6
	maxPacked  = 4 << 20 // bytes of the packed specification or checksums
	maxSums    = 16 << 10
	maxReadme  = 512 << 10 // bytes; a longer one is passed over
)

// limits suit gems with compiled libraries in them.
func limits() archive.Limits {
	l := archive.DefaultLimits()
	l.Size = 8 << 30
	return l
}

// contents is what the file of a gem holds.
type contents struct {
	*spec
	readme format.Readme
}

// readGem reads the file of a gem through, size bytes long. Its faults are
// Invalid, Unprocessable and TooLarge. The specification is parsed, what the
// gem would install is looked at, and both are held to the checksums, where it
// has some, as all gems of RubyGems 2 and later have. Nothing of it is kept but
// the specification and the README.
func readGem(ctx context.Context, r io.ReaderAt, size int64) (*contents, error) {
	g := &gemReader{ctx: ctx, sums: map[string]map[string]string{}}
	outer := archive.Limits{Files: maxEntries, Size: size, Name: 100}
	if err := archive.ReadTar(io.NewSectionReader(r, 0, size), outer, g.entry); err != nil {
		return nil, err
	}
	if g.spec == nil || !g.data {
		return nil, fault.New(fault.Invalid, "the file is no gem: it lacks %s or %s; gem build makes one", specEntry, dataEntry)
	}
	if g.wanted == nil && !marked(r, size) {
		return nil, fault.New(fault.Invalid, "the gem is cut off before its %s: send it again", sumsEntry)
	}
	if err := g.checkSums(); err != nil {
		return nil, err
	}
	s, err := parseSpec(g.spec)
	if err != nil {
		return nil, err
	}
	return &contents{s, g.readme}, nil
}

// marked tells whether an archive has the blocks of zeros that mark its end. One
// that was cut off between two entries is an archive to most readers.
func marked(r io.ReaderAt, size int64) bool {
	var end [1024]byte
	n, err := r.ReadAt(end[:], max(size-int64(len(end)), 0))
	return n == len(end) && (err == nil || err == io.EOF) && end == [1024]byte{}
}

// gemReader takes the entries of a gem as they come.
type gemReader struct {
	ctx    context.Context
	spec   []byte                       // YAML
	data   bool                         // it was there
	sums   map[string]map[string]string // by algorithm and entry, in hex: what they have
	wanted []byte                       // YAML of the checksums, nil without
	readme format.Readme
	rank   int // of the README
}

func (g *gemReader) entry(e archive.TarEntry) (err error) {
	if err := g.ctx.Err(); err != nil {
		return err
	}
	if e.Type != archive.TarFile {
		return fault.New(fault.Invalid, "the gem has %.100q, a %s, beside its files", e.Name, e.Type)
	}
	switch name := strings.TrimSuffix(e.Name, signature); {
	case name != specEntry && name != dataEntry && name != sumsEntry:
		// Clients take a plain "metadata" for the specification as well, and the
		// last one of the two counts.
		return fault.New(fault.Invalid, "the gem has a file %.120q; it has %s, %s, %s and their signatures only", e.Name, specEntry, dataEntry, sumsEntry)
	case name != e.Name:
		return nil
	case name == sumsEntry:
		g.wanted, err = unpack(e, e.Reader, maxSums)
		return err
	}
	hashes := map[string]hash.Hash{"SHA1": sha1.New(), "SHA256": sha256.New(), "SHA512": sha512.New()}
	read := io.TeeReader(e.Reader, io.MultiWriter(hashes["SHA1"], hashes["SHA256"], hashes["SHA512"]))
	if e.Name == specEntry {
		g.spec, err = unpack(e, read, maxYAML)
	} else {
		g.data = true
		err = archive.ReadTarGz(read, limits(), g.file)
	}
	if err != nil {
		return err
	}
	for algorithm, h := range hashes {
		if g.sums[algorithm] == nil {
			g.sums[algorithm] = map[string]string{}
		}
		g.sums[algorithm][e.Name] = hex.EncodeToString(h.Sum(nil))
	}
	return nil
}

// unpack gives what a small entry holds.
func unpack(e archive.TarEntry, read io.Reader, limit int64) ([]byte, error) {
	if e.Size > maxPacked {
		return nil, fault.New(fault.TooLarge, "the %s of the gem has more than %d bytes", e.Name, maxPacked)
	}
	text, err := archive.Gunzip(read, limit)
	switch {
	case fault.Is(err, fault.TooLarge):
		return nil, fault.Wrap(fault.TooLarge, err, "the %s of the gem unpacks to more than %d bytes", e.Name, limit)
	case fault.Is(err, fault.Invalid):
		return nil, fault.Wrap(fault.Invalid, err, "the %s of the gem is damaged, or no gzip file", e.Name)
	}
	return text, err
}

// readmeNames are the usual names in lower case, the preferred first.
var readmeNames = []string{"readme.md", "readme.markdown", "readme.rdoc", "readme.txt", "readme"}

// file takes a file that the gem would install.
func (g *gemReader) file(e archive.TarEntry) error {
	if err := g.ctx.Err(); err != nil {
		return err
	}
	rank := len(readmeNames) - slices.Index(readmeNames, strings.ToLower(e.Name))
	if rank > len(readmeNames) || rank <= g.rank || e.Type != archive.TarFile || e.Size > maxReadme {
		return nil
	}
	b, err := e.ReadAll(maxReadme)
	if err != nil {
		return err
	}
	g.rank, g.readme = rank, format.Readme{Name: e.Name, Text: archive.Text(b)}
	return nil
}

// checkSums compares what the gem says of its entries with what they have, in the
// order of their names.
func (g *gemReader) checkSums() error {
	if g.wanted == nil {
		return nil
	}
	root, err := parseYAML(g.wanted)
	if err != nil {
		return err
	}
	r := &reader{left: maxSums}
	known := false
	algorithms := r.fields("list of checksums", root)
	for _, algorithm := range slices.Sorted(maps.Keys(algorithms)) {
		have, ok := g.sums[algorithm]
		if !ok {
			continue
		}
		entries := r.fields("list of checksums", algorithms[algorithm])
		for _, entry := range slices.Sorted(maps.Keys(entries)) {
			known = true
			if sum := r.text("checksum", entries[entry]); r.err == nil && sum != have[entry] {
				return fault.New(fault.Unprocessable, "the %s of %q is %s, and the gem says %.130q in its %s: build it anew", algorithm, entry, have[entry], sum, sumsEntry)
			}
		}
	}
	if r.err == nil && !known {
		return fault.New(fault.Unprocessable, "the %s of the gem has no checksum by SHA256 or SHA512", sumsEntry)
	}
	return r.err
}
