package opm

import (
	"context"
	"io"
	"slices"
	"strings"

	"golang.org/x/text/encoding/charmap"

	"ingot.dev/modules/archive"
	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
)

const (
	contentFile = "content.zip"

	maxReadme = 512 << 10 // bytes; a longer one is passed over
)

// readmeNames are the usual names in lower case, the preferred first.
var readmeNames = []string{"readme.md", "readme.txt", "readme"}

// limits are those of both archives.
func limits() archive.Limits {
	l := archive.DefaultLimits()
	l.Charset = charmap.CodePage866
	return l
}

// packed is what a package holds.
type packed struct {
	*Manifest
	readme, readmeName string // UTF-8
}

// openPackage reads a package, size bytes long: a zip with an opm-metadata.xml
// and a content.zip, which stage takes to where it can be read at any place.
// Every file is held against its checksum. fault.Invalid and fault.TooLarge for
// what is no package.
func openPackage(ctx context.Context, r io.ReaderAt, size int64, stage func(io.Reader) (blob.Staged, error)) (*packed, error) {
	z, err := archive.OpenZip(r, size, limits())
	if err != nil {
		return nil, err
	}
	for _, f := range z.Files() {
		for _, known := range []string{manifestFile, contentFile} {
			if f.Name != known && strings.EqualFold(f.Name, known) {
				return nil, fault.New(fault.Invalid, "the package has a file %q, which some systems take for %s; remove it", f.Name, known)
			}
		}
	}
	text, err := z.ReadFile(manifestFile, maxManifest)
	if err != nil {
		return nil, needed(manifestFile, err)
	}
	m, err := ParseManifest(text)
	if err != nil {
		return nil, err
	}
	if err := z.Verify(ctx); err != nil {
		return nil, err
	}
	p := &packed{Manifest: m}
	return p, p.readContent(ctx, z, stage)
}

// needed tells of a file that is not there what makes it.
func needed(file string, err error) error {
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.Invalid, "the package has no %s at its top; make it with opm build", file)
	}
	return err
}

// readContent reads what would be installed.
func (p *packed) readContent(ctx context.Context, z *archive.Zip, stage func(io.Reader) (blob.Staged, error)) error {
	in, err := z.Open(contentFile)
	if err != nil {
		return needed(contentFile, err)
	}
	defer in.Close()
	body, err := stage(in)
	if err != nil {
		return err
	}
	defer body.Discard()
	content, err := archive.OpenZip(body, body.Size(), limits())
	if err != nil {
		f := fault.From(err)
		return fault.Wrap(f.Kind, err, "%s: %s", contentFile, f.Message)
	}
	if err := content.Verify(ctx); err != nil {
		return err
	}
	return p.readReadme(content)
}

func (p *packed) readReadme(z *archive.Zip) error {
	for _, want := range readmeNames {
		i := slices.IndexFunc(z.Files(), func(f archive.File) bool { return f.Mode.IsRegular() && strings.EqualFold(f.Name, want) })
		if i < 0 || z.Files()[i].Size > maxReadme {
			continue
		}
		text, err := z.ReadFile(z.Files()[i].Name, maxReadme)
		p.readmeName = z.Files()[i].Name
		p.readme = archive.Text(text)
		return err
	}
	return nil
}
