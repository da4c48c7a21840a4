package cargo

import (
	"encoding/json"
	"io"
	"regexp"
	"slices"
	"strings"

	"ingot.dev/modules/archive"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

const (
	manifestFile = "Cargo.toml"
	commitFile   = ".cargo_vcs_info.json"

	maxReadme = 512 << 10 // bytes; a longer one is passed over
	maxCommit = 64 << 10  // bytes of a commitFile
)

// readmeNames are those that cargo looks for by itself.
var readmeNames = []string{"README.md", "README.txt", "README"}

// contents is what the package of a version holds.
type contents struct {
	*manifest
	Readme format.Readme
	Commit string // that it was packed from, empty where nobody says so
}

// openCrate reads a package, size bytes long: a gzipped tar archive with one
// folder in it, called after the crate and its version. A body that is none or
// breaks the bounds of archives is Invalid or TooLarge, a wrong Cargo.toml
// Unprocessable.
func openCrate(r io.ReaderAt, size int64) (*contents, error) {
	c := &crateReader{}
	read := func() error {
		c.top = ""
		return archive.ReadTarGz(io.NewSectionReader(r, 0, size), archive.DefaultLimits(), c.entry)
	}
	if err := read(); err != nil {
		return nil, err
	}
	if c.manifest == nil {
		return nil, fault.New(fault.Invalid, "the crate has no Cargo.toml in its folder; cargo package makes one that has")
	}
	if want := c.Name + "-" + c.Version; c.top != want {
		return nil, fault.New(fault.Unprocessable, "the folder in the crate is called %q, and its Cargo.toml is of %s %s: it has to be %q", c.top, c.Name, c.Version, want)
	}
	// cargo sorts the files, so that the README comes behind its name. Where it
	// has come before, it is there now.
	if c.Readme.Name == "" && c.ReadmeFile != "" {
		if err := read(); err != nil {
			return nil, err
		}
	}
	return &c.contents, nil
}

type crateReader struct {
	contents
	top string // the folder that all is in
}

func (c *crateReader) entry(e archive.TarEntry) error {
	top, path, below := strings.Cut(e.Name, "/")
	if c.top == "" {
		c.top = top
	}
	switch {
	case top != c.top:
		return fault.New(fault.Invalid, "the crate has two folders at its top, %q and %q; cargo package makes one", c.top, top)
	case !below && e.Type != archive.TarDirectory:
		return fault.New(fault.Invalid, "the crate has %q at its top, where cargo looks for a folder", e.Name)
	case e.Type != archive.TarFile && e.Type != archive.TarDirectory:
		return fault.New(fault.Invalid, "%q in the crate is a %s; cargo package makes plain files of all", e.Name, e.Type)
	case e.Type == archive.TarDirectory:
		return nil
	case path != manifestFile && archive.SameFile(path, manifestFile):
		return fault.New(fault.Invalid, "the crate has a file %.220q, which some systems take for Cargo.toml; remove it", path)
	case archive.SameFile(path, ".cargo-ok"):
		return fault.New(fault.Invalid, "the crate has a file %.220q, by which cargo marks what it has unpacked; remove it", path)
	case path == manifestFile && c.manifest == nil:
		return c.readManifest(e)
	case path == commitFile && e.Size <= maxCommit:
		return c.readCommit(e)
	case c.introduces(path) && e.Size <= maxReadme:
		text, err := e.ReadAll(maxReadme)
		c.Readme = format.Readme{Name: path, Text: archive.Text(text)}
		return err
	}
	return nil
}

func (c *crateReader) readManifest(e archive.TarEntry) error {
	text, err := e.ReadAll(maxManifest)
	if fault.Is(err, fault.TooLarge) {
		return fault.New(fault.Unprocessable, "Cargo.toml has more than %d bytes, the most that is taken: the index repeats it for each version", maxManifest)
	}
	if err != nil {
		return err
	}
	c.manifest, err = parseManifest(text)
	return err
}

var commitForm = regexp.MustCompile(`^[0-9a-f]{40}([0-9a-f]{24})?$`)

// readCommit reads which commit cargo packed. It is passed over where files
// were changed since, or where it is none.
func (c *crateReader) readCommit(e archive.TarEntry) error {
	text, err := e.ReadAll(maxCommit)
	if err != nil {
		return err
	}
	var said struct {
		Git struct {
			SHA1  string `json:"sha1"`
			Dirty bool   `json:"dirty"`
		} `json:"git"`
	}
	if json.Unmarshal(text, &said) == nil && !said.Git.Dirty && commitForm.MatchString(said.Git.SHA1) {
		c.Commit = said.Git.SHA1
	}
	return nil
}

// introduces tells whether a file is the README, as far as is known so far.
func (c *crateReader) introduces(path string) bool {
	if c.manifest == nil || c.NoReadme {
		return false
	}
	if c.ReadmeFile != "" {
		return path == c.ReadmeFile
	}
	best := slices.Index(readmeNames, c.Readme.Name)
	this := slices.Index(readmeNames, path)
	return this >= 0 && (best < 0 || this < best)
}
