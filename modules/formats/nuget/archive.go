package nuget

import (
	"bytes"
	"context"
	"io"
	"net/url"
	"path"
	"strings"

	"ingot.dev/modules/archive"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

const (
	maxReadme = 512 << 10 // bytes; a longer one is passed over
	maxIcon   = 1 << 20   // bytes, as at nuget.org
)

// limits suit packages with native libraries for many systems.
func limits() archive.Limits {
	l := archive.DefaultLimits()
	l.Size = 8 << 30
	return l
}

// contents is what the archive of a package holds.
type contents struct {
	*Nuspec
	version Version
	zip     *archive.Zip
	nuspec  []byte // as it stands in the package
	icon    []byte // nil where none is served
	readme  format.Readme
}

// readPackage reads a package through. Its faults are Invalid and TooLarge.
func readPackage(ctx context.Context, r io.ReaderAt, size int64) (*contents, error) {
	z, err := archive.OpenZip(r, size, limits())
	if err != nil {
		return nil, err
	}
	name, err := manifestOf(z)
	if err != nil {
		return nil, err
	}
	body, err := z.ReadFile(name, maxNuspec)
	if err != nil {
		return nil, err
	}
	c := &contents{zip: z, nuspec: body}
	if c.Nuspec, err = ParseNuspec(body); err != nil {
		return nil, err
	}
	if c.version, err = ParseVersion(c.Version); err != nil {
		return nil, err
	}
	if err := c.readIcon(); err != nil {
		return nil, err
	}
	if err := c.readReadme(); err != nil {
		return nil, err
	}
	return c, z.Verify(ctx)
}

// manifestOf finds the one nuspec at the top, and refuses names that are one
// file where letter case does not count.
func manifestOf(z *archive.Zip) (string, error) {
	found := ""
	seen := make(map[string]bool, len(z.Files()))
	for _, f := range z.Files() {
		low := strings.ToLower(f.Name)
		if seen[low] {
			return "", fault.New(fault.Invalid, "the package has %q twice, in different letter case", f.Name)
		}
		seen[low] = true
		if strings.Contains(f.Name, "/") || path.Ext(low) != ".nuspec" {
			continue
		}
		if found != "" {
			return "", fault.New(fault.Invalid, "the package has two manifests, %q and %q", found, f.Name)
		}
		found = f.Name
	}
	if found == "" {
		return "", fault.New(fault.Invalid, "the package has no .nuspec at its top; make it with nuget pack or dotnet pack")
	}
	return found, nil
}

// find gives the name under which a file that the nuspec names is in the
// archive: packers escape it, and letter case does not count.
func (c *contents) find(name string) (archive.File, bool) {
	for _, f := range c.zip.Files() {
		plain, err := url.PathUnescape(f.Name)
		if err == nil && strings.EqualFold(plain, name) || strings.EqualFold(f.Name, name) {
			return f, true
		}
	}
	return archive.File{}, false
}

// iconTypes are the pictures that clients show, by how they begin.
var iconTypes = map[string]struct{ magic, media string }{
	"png":  {"\x89PNG\r\n\x1a\n", "image/png"},
	"jpeg": {"\xff\xd8\xff", "image/jpeg"},
}

// readIcon finds out whether there is a picture to serve. What is none, or too
// large, is passed over as clients do.
func (c *contents) readIcon() error {
	f, ok := c.find(c.Icon)
	if c.Icon == "" || !ok || f.Size > maxIcon || !f.Mode.IsRegular() {
		return nil
	}
	c.Icon = f.Name
	body, err := c.zip.ReadFile(f.Name, maxIcon)
	if err != nil {
		return err
	}
	for kind, t := range iconTypes {
		if bytes.HasPrefix(body, []byte(t.magic)) {
			c.IconKind, c.icon = kind, body
		}
	}
	return nil
}

// readReadme reads the README that the nuspec names, or one at the top by its
// usual name, for which older packers have no element.
func (c *contents) readReadme() error {
	name := c.Readme
	if name == "" {
		name = "README.md"
	}
	f, ok := c.find(name)
	if !ok || f.Size > maxReadme || !f.Mode.IsRegular() {
		return nil
	}
	body, err := c.zip.ReadFile(f.Name, maxReadme)
	if err != nil {
		return err
	}
	plain := archive.Text(bytes.TrimPrefix(body, []byte("\ufeff")))
	c.readme = format.Readme{Name: path.Base(name), Text: plain}
	return nil
}
