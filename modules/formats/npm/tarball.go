package npm

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"ingot.dev/modules/archive"
	"ingot.dev/modules/fault"
)

const (
	manifestFile   = "package.json"
	maxPackageFile = 256 << 10 // bytes of a package.json, all of which documents repeat
	maxReadme      = 512 << 10 // bytes; a longer one is passed over
)

// readmeNames are the usual names in lower case, the preferred first.
var readmeNames = []string{"readme.md", "readme.markdown", "readme.txt", "readme", "readme.rst"}

// contents is what the tarball of a version holds.
type contents struct {
	Manifest   *manifest
	Readme     string // UTF-8
	ReadmeName string
	Files      int
	Unpacked   int64 // bytes of all files
	Shrinkwrap bool  // it pins its own dependencies
	Addon      bool  // node-gyp builds it when it is installed
}

// openTarball reads the tarball of a version, size bytes long. package.json
// stands in the only folder at its top, which clients take off whatever its
// name is. A body that is no tarball or breaks the bounds of archives is
// Invalid or TooLarge, a wrong package.json Unprocessable. No more of it than
// package.json and the README is kept.
func openTarball(r io.ReaderAt, size int64) (*contents, error) {
	c := &contents{}
	t := tarballReader{contents: c}
	err := archive.ReadTarGz(io.NewSectionReader(r, 0, size), archive.DefaultLimits(), t.entry)
	if err != nil {
		return nil, err
	}
	if t.manifest == nil {
		return nil, fault.New(fault.Invalid, "the tarball has no package.json in its top folder; npm pack makes one that has")
	}
	if c.Manifest, err = parseManifest(t.manifest); err != nil {
		return nil, err
	}
	c.Manifest.installs(c.Addon)
	return c, nil
}

type tarballReader struct {
	*contents
	top      string // the folder that all is in
	manifest []byte
	rank     int // of the README so far, from the end of readmeNames
}

func (t *tarballReader) entry(e archive.TarEntry) error {
	top, path, below := strings.Cut(e.Name, "/")
	if t.top == "" {
		t.top = top
	}
	switch {
	case top != t.top:
		return fault.New(fault.Invalid, "the tarball has two folders at its top, %q and %q: clients would mix them; npm pack puts everything into one", t.top, top)
	case !below && e.Type != archive.TarDirectory:
		return fault.New(fault.Invalid, "the tarball has %q at its top, where clients expect a folder; npm pack puts everything into one", e.Name)
	case e.Type == archive.TarDirectory:
		return nil
	}
	t.Files++
	t.Unpacked += e.Size
	switch low := strings.ToLower(path); {
	case path != manifestFile && archive.SameFile(path, manifestFile):
		return fault.New(fault.Invalid, "the tarball has a file %q, which some systems take for package.json; remove it", e.Name)
	case path == manifestFile:
		return t.readManifest(e)
	case path == "npm-shrinkwrap.json":
		t.Shrinkwrap = true
	case path == "binding.gyp":
		t.Addon = true
	case slices.Contains(readmeNames, low) && e.Type == archive.TarFile && e.Size <= maxReadme:
		return t.readReadme(e, path, len(readmeNames)-slices.Index(readmeNames, low))
	}
	return nil
}

func (t *tarballReader) readManifest(e archive.TarEntry) (err error) {
	t.manifest, err = e.ReadAll(maxPackageFile)
	if fault.Is(err, fault.TooLarge) {
		return fault.New(fault.Unprocessable, "package.json has more than %d bytes, the most that is taken: every document of the package repeats it", maxPackageFile)
	}
	t.manifest = bytes.TrimPrefix(t.manifest, []byte("\xef\xbb\xbf")) // as npm does
	return err
}

func (t *tarballReader) readReadme(e archive.TarEntry, path string, rank int) error {
	if rank <= t.rank {
		return nil
	}
	b, err := e.ReadAll(maxReadme)
	if err != nil {
		return err
	}
	t.rank, t.ReadmeName, t.Readme = rank, path, archive.Text(b)
	return nil
}
