package git

import (
	"bufio"
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"ingot.dev/modules/fault"
)

const (
	headPrefix = "refs/heads/"
	tagPrefix  = "refs/tags/"
)

// Branch is a branch and the commit at its tip.
type Branch struct {
	Name   string
	Commit string // 40 hex digits; empty where the branch has no commit yet
}

// Refs gives the tags of the repository in dir: name to the object that the
// tag names, in hex. It reads no objects. fault.NotFound where there is no
// repository.
func Refs(dir string) (map[string]string, error) {
	if !isRepository(dir) {
		return nil, fault.New(fault.NotFound, "there is no repository")
	}
	tags, err := readRefs(dir, tagPrefix)
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(tags))
	for name, h := range tags {
		out[name] = h.String()
	}
	return out, nil
}

// Diff compares two answers of Refs. Each list of names is sorted.
func Diff(before, after map[string]string) (added, moved, deleted []string) {
	for name, object := range after {
		switch was, ok := before[name]; {
		case !ok:
			added = append(added, name)
		case was != object:
			moved = append(moved, name)
		}
	}
	for name := range before {
		if _, ok := after[name]; !ok {
			deleted = append(deleted, name)
		}
	}
	slices.Sort(added)
	slices.Sort(moved)
	slices.Sort(deleted)
	return added, moved, deleted
}

// readRefs lists the references below prefix, without the prefix.
//
// go-git lists the lock files of a push as references and fails on those that
// are still empty, so the listing is our own. Loose references are read
// before the packed ones: git pack-refs writes the pack before it removes
// them, so in this order none is missed.
func readRefs(dir, prefix string) (map[string]plumbing.Hash, error) {
	refs := make(map[string]plumbing.Hash)
	root := filepath.Join(dir, filepath.FromSlash(prefix))
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // removed meanwhile
		}
		if err != nil || !e.Type().IsRegular() || strings.HasSuffix(path, ".lock") {
			return err
		}
		line, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		// git passes over a broken reference too.
		if h, ok := parseHash(strings.TrimSpace(string(line))); ok {
			refs[filepath.ToSlash(path[len(root)+1:])] = h
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return refs, readPackedRefs(dir, prefix, func(name string, h plumbing.Hash) {
		if _, loose := refs[name[len(prefix):]]; !loose {
			refs[name[len(prefix):]] = h
		}
	})
}

// readPackedRefs calls fn with every reference in the file packed-refs that
// begins with prefix.
func readPackedRefs(dir, prefix string, fn func(name string, h plumbing.Hash)) error {
	f, err := os.Open(filepath.Join(dir, "packed-refs"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		// Lines with # are comments, those with ^ give the peeled object of
		// the line before.
		hash, name, ok := strings.Cut(lines.Text(), " ")
		if ok && strings.HasPrefix(name, prefix) {
			if h, ok := parseHash(hash); ok {
				fn(name, h)
			}
		}
	}
	return lines.Err()
}

// readRef looks one reference up by its full name.
func readRef(dir, name string) (plumbing.Hash, bool, error) {
	if !validRef(name) {
		return plumbing.ZeroHash, false, nil
	}
	line, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if h, ok := parseHash(strings.TrimSpace(string(line))); ok && err == nil {
		return h, true, nil
	}
	var found plumbing.Hash
	err = readPackedRefs(dir, name, func(n string, h plumbing.Hash) {
		if n == name {
			found = h
		}
	})
	return found, !found.IsZero(), err
}

// validRef keeps a name that somebody asks for inside the folder refs.
func validRef(name string) bool {
	return strings.HasPrefix(name, "refs/") && plumbing.ReferenceName(name).Validate() == nil
}

// parseHash reads 40 hex digits.
func parseHash(s string) (h plumbing.Hash, ok bool) {
	if len(s) != hex.EncodedLen(len(h)) {
		return h, false
	}
	_, err := hex.Decode(h[:], []byte(s))
	return h, err == nil
}

// Branches lists the branches by name.
func (r *Repository) Branches(ctx context.Context) ([]Branch, error) {
	refs, err := readRefs(r.dir, headPrefix)
	if err != nil {
		return nil, err
	}
	out := make([]Branch, 0, len(refs))
	for name, h := range refs {
		out = append(out, Branch{Name: name, Commit: h.String()})
	}
	slices.SortFunc(out, func(a, b Branch) int { return cmp.Compare(a.Name, b.Name) })
	return out, ctx.Err()
}

// Head gives the default branch. Its Commit is empty while nobody has pushed
// to it, as in an empty repository; other branches may exist all the same.
func (r *Repository) Head(ctx context.Context) (Branch, error) {
	raw, err := os.ReadFile(filepath.Join(r.dir, "HEAD"))
	if err != nil {
		return Branch{}, err
	}
	line := strings.TrimSpace(string(raw))
	target, symbolic := strings.CutPrefix(line, "ref:")
	if !symbolic {
		return Branch{Commit: line}, ctx.Err() // detached
	}
	target = strings.TrimSpace(target)
	head := Branch{Name: strings.TrimPrefix(target, headPrefix)}
	if h, ok, err := readRef(r.dir, target); err != nil {
		return Branch{}, err
	} else if ok {
		head.Commit = h.String()
	}
	return head, ctx.Err()
}

// SetHead makes a branch the default one, whether it exists yet or not.
// fault.Invalid where git would refuse the name.
func (r *Repository) SetHead(ctx context.Context, branch string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !validRef(headPrefix + branch) {
		return fault.New(fault.Invalid, "%q is no name for a branch", branch)
	}
	// git takes HEAD.lock the same way, so that two writers cannot mix.
	lock := filepath.Join(r.dir, "HEAD.lock")
	f, err := os.OpenFile(lock, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString("ref: " + headPrefix + branch + "\n")
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(lock, filepath.Join(r.dir, "HEAD"))
	}
	if err != nil {
		os.Remove(lock)
	}
	return err
}

// Resolve finds the commit that rev means, in hex: 40 hex digits, "HEAD", a
// full name as refs/heads/main, a tag, or a branch, tried in this order as
// gitrevisions(7) does. fault.NotFound where rev means nothing, or something
// that is no commit.
func (r *Repository) Resolve(ctx context.Context, rev string) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	h, ok, err := r.named(ctx, rev)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", noCommit(rev)
	}
	p, err := r.peel(h)
	if errors.Is(err, errMissing) || err == nil && p.commit.IsZero() {
		return "", noCommit(rev)
	}
	if err != nil {
		return "", err
	}
	return p.commit.String(), nil
}

func noCommit(rev string) error {
	return fault.New(fault.NotFound, "there is no branch, tag or commit %q", rev)
}

// named gives the object that rev names, if any.
func (r *Repository) named(ctx context.Context, rev string) (plumbing.Hash, bool, error) {
	if h, ok := parseHash(rev); ok {
		return h, true, nil
	}
	if rev == "HEAD" {
		head, err := r.Head(ctx)
		h, ok := parseHash(head.Commit)
		return h, ok, err
	}
	for _, prefix := range []string{"", tagPrefix, headPrefix} {
		if h, ok, err := readRef(r.dir, prefix+rev); ok || err != nil {
			return h, ok, err
		}
	}
	return plumbing.ZeroHash, false, nil
}
