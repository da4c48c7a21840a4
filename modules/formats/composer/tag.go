package composer

import (
	"context"
	"io"
	"io/fs"
	"slices"
	"strings"

	"ingot.dev/modules/archive"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// Inspect implements format.Tagged.
func (Composer) Inspect(ctx context.Context, src format.Source) (format.Coordinates, error) {
	m, version, _, err := inspect(ctx, src)
	if err != nil {
		return format.Coordinates{}, err
	}
	return format.Coordinates{Package: m.Name, Version: version}, nil
}

func inspect(ctx context.Context, src format.Source) (m *Manifest, version, normal string, err error) {
	version, ok := FromTag(src.Tag)
	if !ok {
		return nil, "", "", fault.New(fault.NotFound, "the tag %q is no version; write it for example v1.2.3", src.Tag)
	}
	b, err := src.Tree.ReadFile(ctx, manifestFile, maxManifest+1)
	if fault.Is(err, fault.NotFound) {
		return nil, "", "", fault.New(fault.NotFound, "there is no composer.json in the root of %s", src.Tag)
	}
	if err != nil {
		return nil, "", "", err
	}
	if m, err = ParseManifest(b); err != nil {
		return nil, "", "", err
	}
	if normal, err = Normalize(version); err != nil {
		return nil, "", "", err
	}
	if m.Version != "" {
		if own, err := Normalize(m.Version); err != nil || own != normal {
			return nil, "", "", fault.New(fault.Unprocessable,
				"composer.json says version %s, but the tag is %s; remove the key \"version\" from composer.json, or tag the version it says", m.Version, src.Tag)
		}
	}
	return m, version, normal, nil
}

// FromTag implements format.Tagged: the tree of the tag as a zip, without what
// export-ignore and archive.exclude leave out. Times are those of the commit,
// so the same commit makes the same bytes.
func (Composer) FromTag(ctx context.Context, src format.Source) (format.Release, error) {
	m, version, normal, err := inspect(ctx, src)
	if fault.Is(err, fault.NotFound) {
		// The tag exists; what it holds is not what was asked for.
		return format.Release{}, fault.New(fault.Unprocessable, "%s", fault.From(err).Message)
	}
	if err != nil {
		return format.Release{}, err
	}
	exclude := CompileExclude(m.ArchiveExclude)
	rel := release(m, version, normal)
	var readme string
	names := m.readmes()
	body, err := src.Stage(ctx, func(w io.Writer) error {
		zip := archive.NewWriter(w, src.When)
		err := src.Tree.Walk(ctx, func(f format.TreeFile) error {
			if at := place(names, f); at >= 0 && (readme == "" || at < place(names, format.TreeFile{Path: readme})) {
				readme = f.Path
			}
			if f.Path != manifestFile && exclude.Filter(f.Path, false) {
				return nil
			}
			return add(zip, f)
		})
		if err != nil {
			return err
		}
		return zip.Close()
	})
	if err != nil {
		return format.Release{}, err
	}
	rel.Files = []format.NewFile{{Name: fileName(m.Name, version), MediaType: "application/zip", Body: body}}
	if readme != "" {
		if b, err := src.Tree.ReadFile(ctx, readme, maxReadme); err == nil {
			rel.Readme = format.Readme{Name: readme, Text: archive.Text(b)}
		}
	}
	return rel, nil
}

func add(zip *archive.Writer, f format.TreeFile) error {
	if f.Mode&fs.ModeSymlink != 0 {
		r, err := f.Open()
		if err != nil {
			return err
		}
		defer r.Close()
		target, err := io.ReadAll(io.LimitReader(r, 4096))
		if err != nil {
			return err
		}
		return zip.Symlink(f.Path, string(target))
	}
	return zip.Add(f.Path, f.Mode, f.Size, f.Open)
}

// place gives f's place among the names of readmes, -1 where it has none.
func place(names []string, f format.TreeFile) int {
	if !f.Mode.IsRegular() {
		return -1
	}
	return slices.IndexFunc(names, func(name string) bool { return strings.EqualFold(name, f.Path) })
}
