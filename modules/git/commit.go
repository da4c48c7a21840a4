package git

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
)

// Signature says who did something and when. It is what the author's own
// machine claimed, made valid UTF-8; nothing proves it.
type Signature struct {
	Name, Email string
	When        time.Time // zero where the repository has no sensible time
}

// Commit is one commit.
type Commit struct {
	Hash      string // 40 hex digits
	Parents   []string
	Author    Signature
	Committer Signature
	Subject   string // the message's first line
	Message   string

	tree plumbing.Hash
}

// Commit gives the commit that rev means; see Resolve.
func (r *Repository) Commit(ctx context.Context, rev string) (Commit, error) {
	hex, err := r.Resolve(ctx, rev)
	if err != nil {
		return Commit{}, err
	}
	return r.commit(plumbing.NewHash(hex))
}

// commit reads and decodes the commit h.
func (r *Repository) commit(h plumbing.Hash) (Commit, error) {
	encoded, err := r.objects.encoded(h, plumbing.CommitObject, maxText)
	if err != nil {
		return Commit{}, err
	}
	var c object.Commit
	if err := c.Decode(encoded); err != nil {
		return Commit{}, fmt.Errorf("git: commit %s: %w", h, err)
	}
	out := Commit{
		Hash:      h.String(),
		Author:    signature(c.Author),
		Committer: signature(c.Committer),
		Message:   clean(c.Message),
		tree:      c.TreeHash,
	}
	out.Subject = firstLine(out.Message)
	for _, p := range c.ParentHashes {
		out.Parents = append(out.Parents, p.String())
	}
	return out, nil
}

// Log gives the newest commits reachable from rev, at most limit, newest
// first by the committer's date as git log does.
func (r *Repository) Log(ctx context.Context, rev string, limit int) ([]Commit, error) {
	start, err := r.Commit(ctx, rev)
	if err != nil {
		return nil, err
	}
	var out []Commit
	seen := map[string]bool{start.Hash: true}
	queue := &byDate{start}
	for queue.Len() > 0 && len(out) < limit {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c := heap.Pop(queue).(Commit)
		out = append(out, c)
		for _, parent := range c.Parents {
			if seen[parent] {
				continue
			}
			seen[parent] = true
			p, err := r.commit(plumbing.NewHash(parent))
			if errors.Is(err, errMissing) {
				continue // a shallow push ends here
			}
			if err != nil {
				return nil, err
			}
			heap.Push(queue, p)
		}
	}
	return out, nil
}

// byDate is a heap with the newest commit on top.
type byDate []Commit

func (q byDate) Len() int           { return len(q) }
func (q byDate) Less(i, j int) bool { return q[i].Committer.When.After(q[j].Committer.When) }
func (q byDate) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *byDate) Push(c any)        { *q = append(*q, c.(Commit)) }
func (q *byDate) Pop() any {
	last := len(*q) - 1
	c := (*q)[last]
	*q = (*q)[:last]
	return c
}

// maxTime is the last second that RFC 3339 can write.
const maxTime = 253402300799

// signature makes a signature safe to store and to write as JSON: git takes
// any number for a time and any four digits for a zone.
func signature(s object.Signature) Signature {
	out := Signature{Name: clean(s.Name), Email: clean(s.Email), When: s.When}
	if unix := out.When.Unix(); unix <= 0 || unix > maxTime {
		out.When = time.Time{}
	}
	const day = 24 * 60 * 60
	if _, offset := out.When.Zone(); offset <= -day || offset >= day {
		out.When = out.When.UTC()
	}
	return out
}

// clean replaces what text may not hold: bytes that are no UTF-8, and NUL,
// which databases refuse.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return strings.TrimSpace(line)
}
