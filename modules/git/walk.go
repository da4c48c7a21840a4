package git

import (
	"context"
	"io"
	"io/fs"
	"strings"

	"ingot.dev/modules/fault"
)

// Limits bound a walk over a tree. All are inclusive.
type Limits struct {
	Entries int   // files and directories together
	File    int64 // bytes of one file
	Total   int64 // bytes of all files
	Depth   int   // directories above a file
	Path    int   // bytes of a path
}

// DefaultLimits suit a package of source code.
func DefaultLimits() Limits {
	return Limits{Entries: 100_000, File: 256 << 20, Total: 1 << 30, Depth: 64, Path: 1024}
}

// File is one file, or symbolic link, of a tree.
type File struct {
	Path string      // from the root, with slashes
	Mode fs.FileMode // 0644, 0755, or fs.ModeSymlink|0777
	Size int64       // bytes of the content, or of the link's target

	entry   Entry
	objects *store
}

// Open reads the content, or the target of a symbolic link. It may be called
// after the walk and from other goroutines, until the repository is closed.
func (f File) Open() (io.ReadCloser, error) { return f.objects.reader(f.entry.stored) }

// Walk calls fn with every file and symbolic link in the byte order of their
// paths, and stops at the first error, which it returns. Submodules have no
// files here and are passed over. fault.TooLarge where the tree exceeds the
// limits, fault.Unprocessable where it was made to harm.
func (t *Tree) Walk(ctx context.Context, limits Limits, fn func(File) error) error {
	w := walker{tree: t, limits: limits, fn: fn}
	return w.dir(ctx, Entry{hash: t.Commit.tree}, 0, nil)
}

// Export is Walk without what the .gitattributes in the tree mark with
// export-ignore: the files that git archive would take. Their content is as
// stored; export-subst and line endings are left alone.
func (t *Tree) Export(ctx context.Context, limits Limits, fn func(File) error) error {
	w := walker{tree: t, limits: limits, fn: fn, export: true}
	return w.dir(ctx, Entry{hash: t.Commit.tree}, 0, nil)
}

type walker struct {
	tree   *Tree
	limits Limits
	fn     func(File) error
	export bool

	entries int
	total   int64
}

func (w *walker) dir(ctx context.Context, dir Entry, depth int, above *rules) error {
	if depth > w.limits.Depth {
		return fault.New(fault.TooLarge, "%q is more than %d directories deep", dir.Path, w.limits.Depth)
	}
	entries, err := w.tree.entries(dir.Path, dir.hash)
	if err != nil {
		return err
	}
	here := above
	if w.export {
		if here, err = w.rules(dir.Path, entries, above); err != nil {
			return err
		}
	}
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		if w.entries++; w.entries > w.limits.Entries {
			return fault.New(fault.TooLarge, "the tree has more than %d files and directories", w.limits.Entries)
		}
		if len(e.Path) > w.limits.Path {
			return fault.New(fault.TooLarge, "the path %q… is longer than %d bytes", strings.ToValidUTF8(e.Path[:w.limits.Path], ""), w.limits.Path)
		}
		if here.ignore(e.Path, e.Kind == Dir || e.Kind == Submodule) {
			continue
		}
		switch e.Kind {
		case Dir:
			err = w.dir(ctx, e, depth+1, here)
		case Regular, Symlink:
			err = w.file(e)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) file(e Entry) error {
	if err := w.tree.measure(&e); err != nil {
		return err
	}
	if e.Size > w.limits.File {
		return fault.New(fault.TooLarge, "%q has %d bytes, more than the %d that one file may have", e.Path, e.Size, w.limits.File)
	}
	if w.total += e.Size; w.total > w.limits.Total {
		return fault.New(fault.TooLarge, "the files of the tree have more than %d bytes together", w.limits.Total)
	}
	return w.fn(File{Path: e.Path, Mode: e.Mode, Size: e.Size, entry: e, objects: w.tree.objects})
}

// rules adds the directory's own .gitattributes to those from above.
func (w *walker) rules(path string, entries []Entry, above *rules) (*rules, error) {
	e, ok := entryNamed(entries, attributesFile)
	if !ok || e.Kind != Regular {
		return above, nil
	}
	if err := w.tree.measure(&e); err != nil {
		return nil, err
	}
	content, err := w.tree.objects.read(e.stored, maxAttributes, e.Path)
	if err != nil {
		return nil, err
	}
	folder := ""
	if path != "" {
		folder = path + "/"
	}
	return above.below(folder, content)
}
