package git

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"

	"ingot.dev/modules/fault"
)

// Tree is the files of one commit.
type Tree struct {
	Commit  Commit
	objects *store
}

// Kind is what an entry of a directory is.
type Kind uint8

// The kinds of entry.
const (
	Dir Kind = iota + 1
	Regular
	Symlink
	Submodule // another repository's commit, whose files are not here
)

// Entry is one name in a directory.
type Entry struct {
	Name string
	Path string // from the root of the tree
	Kind Kind
	Mode fs.FileMode // 0644 or 0755 for files, with the type bits of fs.FileMode
	Size int64       // bytes of a file, or of a symbolic link's target

	hash   plumbing.Hash
	stored stored
}

// Tree gives the files of the commit that rev means; see Resolve.
func (r *Repository) Tree(ctx context.Context, rev string) (*Tree, error) {
	c, err := r.Commit(ctx, rev)
	if err != nil {
		return nil, err
	}
	return &Tree{Commit: c, objects: r.objects}, nil
}

// List gives the entries of the directory at path in git's order; the root is
// the empty path. fault.NotFound where there is no such directory.
func (t *Tree) List(ctx context.Context, path string) ([]Entry, error) {
	h := t.Commit.tree
	if path != "" {
		e, err := t.find(ctx, path)
		if err != nil {
			return nil, err
		}
		if e.Kind != Dir {
			return nil, fault.New(fault.NotFound, "%q is no directory", path)
		}
		h = e.hash
	}
	entries, err := t.entries(path, h)
	if err != nil {
		return nil, err
	}
	for i := range entries {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := t.measure(&entries[i]); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// Stat gives the entry at path. fault.NotFound where there is none.
func (t *Tree) Stat(ctx context.Context, path string) (Entry, error) {
	e, err := t.find(ctx, path)
	if err != nil {
		return Entry{}, err
	}
	return e, t.measure(&e)
}

// Open reads the file at path, or the target of the symbolic link at path.
// fault.NotFound where there is neither.
func (t *Tree) Open(ctx context.Context, path string) (Entry, io.ReadCloser, error) {
	e, err := t.Stat(ctx, path)
	if err != nil {
		return Entry{}, nil, err
	}
	if e.Kind != Regular && e.Kind != Symlink {
		return Entry{}, nil, fault.New(fault.NotFound, "%q is no file", path)
	}
	r, err := t.objects.reader(e.stored)
	return e, r, err
}

// ReadFile gives the content of the file at path. fault.NotFound where there
// is none, fault.TooLarge where it has more than limit bytes, and
// fault.Unprocessable for a symbolic link, which is not followed.
func (t *Tree) ReadFile(ctx context.Context, path string, limit int64) ([]byte, error) {
	e, err := t.Stat(ctx, path)
	if err != nil {
		return nil, err
	}
	switch e.Kind {
	case Symlink:
		return nil, fault.New(fault.Unprocessable, "%q is a symbolic link; it has to be a file", path)
	case Regular:
	default:
		return nil, fault.New(fault.NotFound, "%q is no file", path)
	}
	content, err := t.objects.read(e.stored, limit, fmt.Sprintf("%q", path))
	return append([]byte(nil), content...), err
}

// find walks down to path.
func (t *Tree) find(ctx context.Context, path string) (Entry, error) {
	at, name, rest := "", "", path
	h := t.Commit.tree
	for more := true; more; {
		if err := ctx.Err(); err != nil {
			return Entry{}, err
		}
		name, rest, more = strings.Cut(rest, "/")
		entries, err := t.entries(at, h)
		if err != nil {
			return Entry{}, err
		}
		e, ok := entryNamed(entries, name)
		if !ok || more && e.Kind != Dir {
			break
		}
		if !more {
			return e, nil
		}
		at, h = e.Path, e.hash
	}
	return Entry{}, fault.New(fault.NotFound, "there is no file %q", path)
}

func entryNamed(entries []Entry, name string) (Entry, bool) {
	for _, e := range entries {
		if e.Name == name {
			return e, true
		}
	}
	return Entry{}, false
}

// measure finds the object of a file or link, and with it the size.
func (t *Tree) measure(e *Entry) error {
	if e.Kind != Regular && e.Kind != Symlink {
		return nil
	}
	o, err := t.objects.stat(e.hash)
	if err != nil {
		return fmt.Errorf("git: %s: %w", e.Path, err)
	}
	if o.kind != plumbing.BlobObject {
		return hostile(e.Path, "is a %s under the name of a file", o.kind)
	}
	e.Size, e.stored = o.size, o
	return nil
}

// entries decodes the directory h that is at path. A directory that git would
// never have written is refused as a whole.
func (t *Tree) entries(path string, h plumbing.Hash) ([]Entry, error) {
	encoded, err := t.objects.encoded(h, plumbing.TreeObject, maxTree)
	if errors.Is(err, errMissing) && h == emptyTree {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("git: directory %q: %w", path, err)
	}
	var decoded object.Tree
	if err := decoded.Decode(encoded); err != nil {
		return nil, fault.Wrap(fault.Unprocessable, err, "the directory %q is damaged in the repository", path)
	}
	out := make([]Entry, len(decoded.Entries))
	seen := make(map[string]bool, len(out))
	previous := ""
	for i, d := range decoded.Entries {
		e := Entry{Name: d.Name, Path: join(path, d.Name), hash: d.Hash}
		e.Kind, e.Mode = kindOf(d.Mode)
		if hostileName(e.Name) {
			return nil, hostile(path, "holds the name %q, which git never writes", e.Name)
		}
		if seen[e.Name] {
			return nil, hostile(path, "holds %q twice", e.Name)
		}
		seen[e.Name] = true
		key := e.Name
		if e.Kind == Dir {
			key += "/" // this makes the order that of the full paths of files
		}
		if key < previous {
			return nil, hostile(path, "is not sorted at %q", e.Name)
		}
		previous = key
		out[i] = e
	}
	return out, nil
}

// emptyTree is the name of the empty directory, which git knows without it
// being stored.
var emptyTree = plumbing.NewHash("4b825dc642cb6eb9a060e54bf8d69288fbee4904")

func kindOf(mode filemode.FileMode) (Kind, fs.FileMode) {
	switch mode {
	case filemode.Dir:
		return Dir, fs.ModeDir | 0o755
	case filemode.Symlink:
		return Symlink, fs.ModeSymlink | 0o777
	case filemode.Submodule:
		return Submodule, fs.ModeDir | 0o755
	case filemode.Executable:
		return Regular, 0o755
	default:
		return Regular, 0o644
	}
}

func join(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

func hostile(path, format string, args ...any) error {
	what := "the root of the tree "
	if path != "" {
		what = fmt.Sprintf("%q ", path)
	}
	return fault.New(fault.Unprocessable, "%s", what+fmt.Sprintf(format, args...))
}

// hostileName tells names that lead out of their directory or into a
// repository's own folder, on any system that unpacks them: git refuses to
// check them out (git-fsck(1): hasDot, hasDotdot, hasDotgit, fullPathname).
func hostileName(name string) bool {
	if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\x00") {
		return true
	}
	// What HFS+ leaves out of names and what NTFS cuts off at their end.
	s := strings.ToLower(strings.Map(func(r rune) rune {
		if r >= 0x200c && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x206a && r <= 0x206f || r == 0xfeff {
			return -1
		}
		return r
	}, name))
	s, _, _ = strings.Cut(s, ":")
	s, _, _ = strings.Cut(s, `\`)
	s = strings.TrimRight(s, " .")
	return s == ".git" || s == "git~1"
}
