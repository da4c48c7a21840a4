package composer

import (
	"context"
	"io"
	"slices"
	"strings"

	"ingot.dev/modules/archive"
	"ingot.dev/modules/fault"
)

// maxReadme bounds a readme in bytes; a longer one is passed over.
const maxReadme = 512 << 10

// readmeNames are a readme's usual names in lower case, the preferred first.
var readmeNames = []string{"readme.md", "readme.markdown", "readme.txt", "readme", "readme.rst"}

// Package is what a package's zip says of itself.
type Package struct {
	Manifest   *Manifest
	Readme     string // UTF-8, at most 512 KiB; empty where there is none
	ReadmeName string // its path beside composer.json
}

// OpenPackage reads the zip of a package, size bytes long. composer.json
// stands at its top, or in the only folder there, which Composer takes off
// when it installs. A body that is no zip, breaks the bounds of archives or
// has no composer.json is Invalid or TooLarge, a wrong composer.json
// Unprocessable. Every file is held against its checksum, for a damaged one
// would fail on each user's machine.
func OpenPackage(ctx context.Context, r io.ReaderAt, size int64) (*Package, error) {
	z, err := archive.OpenZip(r, size, archive.DefaultLimits())
	if err != nil {
		return nil, err
	}
	root, err := packageRoot(z.Files())
	if err != nil {
		return nil, err
	}
	b, err := z.ReadFile(root+manifestFile, maxManifest)
	if fault.Is(err, fault.TooLarge) {
		return nil, errTooLarge()
	}
	if err != nil {
		return nil, err
	}
	m, err := ParseManifest(b)
	if err != nil {
		return nil, err
	}
	if err := z.Verify(ctx); err != nil {
		return nil, err
	}
	p := &Package{Manifest: m}
	if err := p.readReadme(z, root); err != nil {
		return nil, err
	}
	return p, nil
}

// packageRoot finds the folder of composer.json: "" or "folder/".
func packageRoot(files []archive.File) (string, error) {
	has := func(name string) bool {
		return slices.ContainsFunc(files, func(f archive.File) bool { return f.Name == name })
	}
	for _, f := range files {
		if strings.EqualFold(f.Name, manifestFile) && f.Name != manifestFile {
			// On macOS and Windows the two would be one file.
			return "", fault.New(fault.Invalid, "the zip has a file %q, which some systems take for composer.json; remove it", f.Name)
		}
	}
	if has(manifestFile) {
		return "", nil
	}
	root := ""
	for _, f := range files {
		folder, _, below := strings.Cut(f.Name, "/")
		if f.Name == ".DS_Store" { // Composer overlooks it too
			continue
		}
		if !below || root != "" && root != folder+"/" {
			root = ""
			break
		}
		root = folder + "/"
	}
	if root == "" || !has(root+manifestFile) {
		return "", fault.New(fault.Invalid, "the zip has no composer.json at its top, nor in the only folder there; pack the folder that holds composer.json")
	}
	return root, nil
}

// readReadme takes the readme that composer.json names, else one with a usual
// name.
func (p *Package) readReadme(z *archive.Zip, root string) error {
	files := z.Files()
	for _, want := range p.Manifest.readmes() {
		i := slices.IndexFunc(files, func(f archive.File) bool {
			path, inside := strings.CutPrefix(f.Name, root)
			return inside && f.Mode.IsRegular() && strings.EqualFold(path, want)
		})
		if i < 0 {
			continue
		}
		b, err := z.ReadFile(files[i].Name, maxReadme)
		if fault.Is(err, fault.TooLarge) {
			continue
		}
		if err != nil {
			return err
		}
		p.ReadmeName, p.Readme = files[i].Name[len(root):], archive.Text(b)
		return nil
	}
	return nil
}

// readmes lists the names a readme may have, the preferred first: the one that
// composer.json names, then the usual ones.
func (m *Manifest) readmes() []string {
	if m.Readme == "" {
		return readmeNames
	}
	return append([]string{m.Readme}, readmeNames...)
}
