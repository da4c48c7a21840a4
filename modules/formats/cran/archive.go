package cran

import (
	"context"
	"io"
	"slices"
	"strings"

	"ingot.dev/modules/archive"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// kind is what a file is: a source package, or one that was built.
type kind int

const (
	source kind = iota
	tarred      // built for macOS
	zipped      // built for Windows
)

// extensions are those of file names, by kind.
var extensions = [...]string{source: ".tar.gz", tarred: ".tgz", zipped: ".zip"}

// maxReadme bounds a readme in bytes; a longer one is passed over.
const maxReadme = 512 << 10

// contents is what is read of an archive.
type contents struct {
	kind        kind
	folder      string // the one at its top
	description []byte
	readme      string
	compiled    bool // has sources to compile
}

// readArchive reads a package through to its end. Whether a tar archive is a
// source package is for its DESCRIPTION to say. Its faults are Invalid and
// TooLarge.
func readArchive(ctx context.Context, r io.ReaderAt, size int64) (*contents, error) {
	magic := make([]byte, 2)
	if _, err := r.ReadAt(magic, 0); err != nil && err != io.EOF {
		return nil, err
	}
	c := &contents{}
	var err error
	switch string(magic) {
	case "PK":
		c.kind = zipped
		err = c.readZip(ctx, r, size)
	case "\x1f\x8b":
		err = archive.ReadTarGz(io.NewSectionReader(archive.While(ctx, r), 0, size), archive.DefaultLimits(), func(e archive.TarEntry) error {
			return c.visit(e.Name, e.Type == archive.TarDirectory, e.ReadAll)
		})
	default:
		err = fault.New(fault.Invalid, "this is no R package: neither a tar archive packed by gzip, as R CMD build makes it, nor a zip file of a built package")
	}
	if err == nil && c.description == nil {
		err = fault.New(fault.Invalid, "the archive has no file DESCRIPTION in a folder at its top: make it by R CMD build")
	}
	return c, err
}

func (c *contents) readZip(ctx context.Context, r io.ReaderAt, size int64) error {
	z, err := archive.OpenZip(r, size, archive.DefaultLimits())
	if err != nil {
		return err
	}
	for _, f := range z.Files() {
		if err := c.visit(f.Name, false, func(limit int64) ([]byte, error) { return z.ReadFile(f.Name, limit) }); err != nil {
			return err
		}
	}
	return z.Verify(ctx)
}

// visit looks at an entry. An R package is one folder and what is in it.
func (c *contents) visit(name string, folder bool, read func(limit int64) ([]byte, error)) (err error) {
	top, path, below := strings.Cut(name, "/")
	if !below && !folder {
		return fault.New(fault.Invalid, "the archive has the file %.110q at its top; an R package is one folder", name)
	}
	if c.folder == "" {
		c.folder = top
	}
	if top != c.folder {
		return fault.New(fault.Invalid, "the archive has %.110q and %.110q at its top; an R package is one folder", c.folder, top)
	}
	switch {
	case path != "DESCRIPTION" && archive.SameFile(path, "DESCRIPTION"):
		return fault.New(fault.Invalid, "the archive has a file %.110q, which some systems take for DESCRIPTION; remove it", name)
	case path == "DESCRIPTION":
		c.description, err = read(maxDescription)
	case path == "README.md":
		var text []byte
		if text, err = read(maxReadme); err == nil {
			c.readme = archive.Text(text)
		} else if fault.Is(err, fault.TooLarge) {
			err = nil
		}
	case strings.HasPrefix(path, "src/"):
		c.compiled = true
	}
	return err
}

// builtFor is the field Built, which R writes when it builds a package: "R
// 4.2.2; x86_64-w64-mingw32; 2026-01-02 12:00:00 UTC; windows".
type builtFor struct{ r, platform, system string }

func parseBuilt(s string) (b builtFor, ok bool) {
	parts := strings.Split(s, ";")
	if len(parts) != 4 {
		return b, false
	}
	version, ok := strings.CutPrefix(strings.TrimSpace(parts[0]), "R ")
	b = builtFor{minor(strings.TrimSpace(version)), strings.TrimSpace(parts[1]), strings.TrimSpace(parts[3])}
	return b, ok && b.r != "" && (b.system == "unix" || b.system == windows)
}

// pack is a package that was read.
type pack struct {
	description
	kind   kind
	built  builtFor // of a built one
	readme format.Readme
}

// readPackage reads a package and checks it against itself.
func readPackage(ctx context.Context, r io.ReaderAt, size int64) (*pack, error) {
	c, err := readArchive(ctx, r, size)
	if err != nil {
		return nil, err
	}
	d, err := parseDescription(c.description)
	if err != nil {
		return nil, err
	}
	p := &pack{description: d, kind: c.kind, readme: d.readme()}
	if c.readme != "" {
		p.readme = format.Readme{Name: "README.md", Text: c.readme}
	}
	if d["Package"] != c.folder {
		return nil, fault.New(fault.Invalid, "the folder in the archive is called %.110q, and its DESCRIPTION says %.110q", c.folder, d["Package"])
	}
	if d["Built"] != "" {
		return p, p.checkBuilt()
	}
	if c.kind == zipped {
		return nil, fault.New(fault.Invalid, "the zip file has no Built in its DESCRIPTION: make it by R CMD INSTALL --build, or send the .tar.gz of R CMD build")
	}
	if d["NeedsCompilation"] == "" {
		d["NeedsCompilation"] = map[bool]string{true: "yes", false: "no"}[c.compiled]
	}
	return p, nil
}

// checkBuilt reads for what a package was built.
func (p *pack) checkBuilt() error {
	var ok bool
	p.built, ok = parseBuilt(p.description["Built"])
	if !ok {
		return fault.New(fault.Invalid, "the DESCRIPTION says %.100q of how the package was built, and has to say it as R does: Built: R 4.2.2; platform; date; windows or unix", p.description["Built"])
	}
	if p.kind == source {
		p.kind = tarred
	}
	if want := map[kind]string{tarred: "unix", zipped: windows}[p.kind]; p.built.system != want {
		return fault.New(fault.Invalid, "the package was built for %s, and packed as for %s: Windows has .zip files and macOS .tgz files", p.built.system, want)
	}
	if slices.Contains(strings.Split(p.built.platform, "-"), "linux") {
		return fault.New(fault.Invalid, "the package was built for %s, and R looks for no built packages for that system: send the .tar.gz of R CMD build", p.built.platform)
	}
	return nil
}

// fileName gives the name under which R looks for the package.
func (p *pack) fileName() string {
	return fileName(p.description["Package"], p.description["Version"], p.kind)
}
