package git

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"

	"ingot.dev/modules/fault"
)

// Tag is a tag with what it names.
type Tag struct {
	Name      string
	Object    string // what the reference holds, in hex: a tag object or a commit
	Commit    string // the commit in hex; empty for a tag of a tree or a blob, which nothing can be built from
	Annotated bool
	Tagger    Signature // who tagged; for a lightweight tag the commit's author
	Subject   string    // first line of the commit's message
	Message   string    // of an annotated tag, without its signature
}

// maxTags is the longest line of tags of tags that is followed.
const maxTags = 16

// TagNames lists all tags, the newest version first: numbers in names count
// as numbers, and 2.0-beta comes after 2.0. Ordering by name needs no objects,
// so ten thousand tags are listed at the cost of reading one file; read the
// details of those on a page with Tags.
func (r *Repository) TagNames(ctx context.Context) ([]string, error) {
	refs, err := readRefs(r.dir, tagPrefix)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(refs))
	for name := range refs {
		names = append(names, name)
	}
	newestFirst(names)
	return names, ctx.Err()
}

// Tags gives the details of the named tags in the order of names. Names that
// are no tag, because they were deleted since, are left out.
func (r *Repository) Tags(ctx context.Context, names []string) ([]Tag, error) {
	refs, err := readRefs(r.dir, tagPrefix)
	if err != nil {
		return nil, err
	}
	out := make([]Tag, 0, len(names))
	for _, name := range names {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		h, ok := refs[name]
		if !ok {
			continue
		}
		t, err := r.tag(name, h)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return slices.Clip(out), nil
}

// Tag gives one tag. fault.NotFound where there is none of that name.
func (r *Repository) Tag(ctx context.Context, name string) (Tag, error) {
	h, ok, err := readRef(r.dir, tagPrefix+name)
	if err != nil {
		return Tag{}, err
	}
	if !ok {
		return Tag{}, fault.New(fault.NotFound, "there is no tag %q", name)
	}
	if err := ctx.Err(); err != nil {
		return Tag{}, err
	}
	return r.tag(name, h)
}

func (r *Repository) tag(name string, h plumbing.Hash) (Tag, error) {
	out := Tag{Name: name, Object: h.String()}
	p, err := r.peel(h)
	if err != nil {
		return Tag{}, fmt.Errorf("git: tag %s: %w", name, err)
	}
	if p.tag != nil {
		out.Annotated = true
		out.Tagger = signature(p.tag.Tagger)
		out.Message = clean(p.tag.Message)
	}
	if p.commit.IsZero() {
		return out, nil
	}
	c, err := r.commit(p.commit)
	if err != nil {
		return Tag{}, err
	}
	out.Commit, out.Subject = c.Hash, c.Subject
	if !out.Annotated {
		out.Tagger = c.Author
	}
	return out, nil
}

// peeled is what an object leads to.
type peeled struct {
	tag    *object.Tag   // the outermost tag object, if any
	commit plumbing.Hash // zero for a tree, a blob or too many tags
}

// peel follows tag objects to the commit they name in the end.
func (r *Repository) peel(h plumbing.Hash) (peeled, error) {
	var p peeled
	for range maxTags {
		o, err := r.objects.stat(h)
		if err != nil {
			return peeled{}, err
		}
		switch o.kind {
		case plumbing.CommitObject:
			p.commit = h
			return p, nil
		case plumbing.TagObject:
			encoded, err := r.objects.encoded(h, plumbing.TagObject, maxText)
			if err != nil {
				return peeled{}, err
			}
			t := new(object.Tag)
			if err := t.Decode(encoded); err != nil {
				return peeled{}, errors.Join(fmt.Errorf("git: tag object %s", h), err)
			}
			if p.tag == nil {
				p.tag = t
			}
			h = t.Target
		default:
			return p, nil
		}
	}
	return p, nil
}
