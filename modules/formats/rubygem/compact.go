package rubygem

import (
	"bufio"
	"cmp"
	"context"
	"crypto/md5"
	"encoding/hex"
	"hash"
	"io"
	"slices"
	"strings"
	"time"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// The compact index ("Compact Index API", RubyGems guides): texts that clients
// keep, and of which they fetch the end when they have grown.

// Kinds of its documents.
const (
	versionsKind = "versions"
	namesKind    = "names"
	infoKind     = "info"
)

const textType = "text/plain; charset=utf-8"

// line is the line of a version in the information about its gem.
type line struct {
	version *format.Version
	text    string
}

// newLine writes the line of a version: what it needs, and between commas the
// digest of its file and what of Ruby and RubyGems it needs.
func newLine(v *format.Version) (line, error) {
	f, err := gemOf(v)
	if err != nil {
		return line{}, err
	}
	r, err := recordOf(f)
	if err != nil {
		return line{}, err
	}
	var b strings.Builder
	b.WriteString(v.Name + " ")
	for i, n := range r.Needs {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(n.Name + ":" + strings.Join(n.Requirement, "&"))
	}
	b.WriteString("|checksum:" + f.Digests.SHA256)
	if !r.Ruby.free() {
		b.WriteString(",ruby:" + strings.Join(r.Ruby, "&"))
	}
	if !r.RubyGems.free() {
		b.WriteString(",rubygems:" + strings.Join(r.RubyGems, "&"))
	}
	b.WriteByte('\n')
	return line{v, b.String()}, nil
}

// lines gives those of all versions of a gem that have a file, in the order in
// which they were pushed.
func lines(versions []*format.Version) ([]line, error) {
	list := make([]line, 0, len(versions))
	for _, v := range versions {
		l, err := newLine(v)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, l)
	}
	slices.SortFunc(list, func(a, b line) int {
		return cmp.Or(a.version.Created.Compare(b.version.Created), compare(a.version.Canon, b.version.Canon))
	})
	return list, nil
}

// infoHead is what information about a gem begins with.
const infoHead = "---\n"

func (g *RubyGems) info(q *format.Request) error {
	if _, err := CanonicalName(q.Param("package")); err != nil {
		return fault.Wrap(fault.NotFound, err, "This gem could not be found")
	}
	return q.Document(infoKind, q.Param("package"))
}

// buildInfo writes the information about a gem: a line for each version that is
// not yanked. A push adds a line at the end.
func buildInfo(ctx context.Context, b format.Build, w io.Writer) error {
	versions, err := b.Reg.Versions(ctx, b.Key)
	if err != nil {
		return err
	}
	if len(versions) > 0 && versions[0].Package != b.Key {
		// A client that is told of Rails by the name rails asks for files of rails
		// next, of which there are none.
		return fault.New(fault.NotFound, "This gem could not be found; there is %s, in other letters", versions[0].Package)
	}
	list, err := lines(versions)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	writeInfo(out, list)
	return out.Flush()
}

// writeInfo writes to what never fails, or keeps its error for later.
func writeInfo(w io.Writer, list []line) {
	_, _ = io.WriteString(w, infoHead)
	for _, l := range list {
		if !l.version.Yanked {
			_, _ = io.WriteString(w, l.text)
		}
	}
}

// event is a line of the list of versions: a push or a yank, or several, and the
// MD5 of the information about the gem after it.
type event struct {
	when          time.Time
	name, changes string // "1.0", "-1.0", or several with commas between them
	sum           [md5.Size]byte
}

// step is a push or a yank.
type step struct {
	when time.Time
	line
	yank bool
}

func (s step) change() string {
	if s.yank {
		return "-" + s.version.Name
	}
	return s.version.Name
}

// steps gives what happened to a gem, in order.
func steps(list []line) []step {
	all := make([]step, 0, len(list))
	for _, l := range list {
		all = append(all, step{when: l.version.Created, line: l})
	}
	for _, l := range list {
		if !l.version.Yanked {
			continue
		}
		when := l.version.YankedAt
		if when.Before(l.version.Created) {
			when = l.version.Created // the clock went back
		}
		all = append(all, step{when, l, true})
	}
	slices.SortStableFunc(all, func(a, b step) int { return a.when.Compare(b.when) })
	return all
}

// maxRehashed bounds how many lines are hashed once more for the yanks of one gem.
const maxRehashed = 20_000

// events replays what happened to a gem. They hold nothing of its versions but
// their names, for a registry has many.
//
// Each push and each yank is an event of its own, until the yanks have become more
// work than maxRehashed, as those of hundreds of old versions do. All that came
// later is one event then, for only the last sum of a gem means anything to
// clients. So what happens to such a gem from there on changes its last line, and
// does not add another one behind it.
func events(list []line) []event {
	replay := steps(list)
	all := make([]event, 0, len(replay))
	about := newGrowing()
	for i, s := range replay {
		if s.yank {
			about.remove(s.version.Name)
		} else {
			about.add(s.version.Name, s.text)
		}
		if about.rehashed > maxRehashed {
			return append(all, together(replay[i:], list))
		}
		e := event{when: s.when, name: s.version.Package, changes: s.change()}
		about.last().Sum(e.sum[:0])
		all = append(all, e)
	}
	return all
}

// together makes one event of the last steps of a gem.
func together(replay []step, list []line) event {
	changes := make([]string, len(replay))
	for i, s := range replay {
		changes[i] = s.change()
	}
	last := replay[len(replay)-1]
	e := event{when: last.when, name: last.version.Package, changes: strings.Join(changes, ",")}
	h := md5.New()
	writeInfo(h, list)
	h.Sum(e.sum[:0])
	return e
}

// growing is the information about a gem at some time. It keeps the state of
// the MD5 before each line: what a yank takes away is near the end as a rule.
type growing struct {
	versions, texts []string
	states          []hash.Hash // before each line, and behind the last one
	rehashed        int         // lines, and those that were removed
}

func newGrowing() *growing {
	h := md5.New()
	_, _ = io.WriteString(h, infoHead) // a hash never fails
	return &growing{states: []hash.Hash{h}}
}

func (g *growing) last() hash.Hash { return g.states[len(g.states)-1] }

func (g *growing) add(version, text string) {
	h := clone(g.last())
	_, _ = io.WriteString(h, text)
	g.versions, g.texts, g.states = append(g.versions, version), append(g.texts, text), append(g.states, h)
}

// remove takes out a version that was added. It looks for it from the end, so that
// it looks at no more lines than it hashes.
func (g *growing) remove(version string) {
	at := len(g.versions) - 1
	for g.versions[at] != version {
		at--
	}
	g.rehashed += len(g.versions) - at
	versions, texts := slices.Clone(g.versions[at+1:]), slices.Clone(g.texts[at+1:])
	g.versions, g.texts, g.states = g.versions[:at], g.texts[:at], g.states[:at+1]
	for i := range versions {
		g.add(versions[i], texts[i])
	}
}

// clone copies an MD5 as it is.
func clone(h hash.Hash) hash.Hash {
	c, err := h.(hash.Cloner).Clone()
	if err != nil {
		panic(err) // the standard library's can be cloned
	}
	return c
}

// versionsHead begins the list of versions. When the list was made means
// nothing here, and clients pass over it; that it never changes lets a list
// grow from the first push on.
const versionsHead = "created_at: 1970-01-01T00:00:00Z\n---\n"

// buildVersions writes the list of all versions of all gems: a line for each
// push and each yank in the order of time, with the MD5 of the information about
// the gem after it. The last one of a gem counts. So whatever is pushed or yanked
// adds to the end, but for gems with very many yanks (see events); where something
// was deleted or restored the list is another one. Clients see that by its digest.
func buildVersions(ctx context.Context, b format.Build, w io.Writer) error {
	var all []event
	for versions, err := range b.Reg.Each(ctx, format.Filter{}) {
		if err != nil {
			return err
		}
		list, err := lines(versions)
		if err != nil {
			return err
		}
		all = append(all, events(list)...)
	}
	slices.SortStableFunc(all, func(a, b event) int { return a.when.Compare(b.when) })
	out := bufio.NewWriter(w)
	put := func(texts ...string) {
		for _, t := range texts {
			_, _ = out.WriteString(t) // Flush gives the error
		}
	}
	put(versionsHead)
	for i := range all {
		e := &all[i]
		put(e.name, " ", e.changes, " ", hex.EncodeToString(e.sum[:]), "\n")
	}
	return out.Flush()
}

// buildNames writes the names of all gems.
func buildNames(ctx context.Context, b format.Build, w io.Writer) error {
	names, err := b.Reg.Names(ctx)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	_, _ = out.WriteString(infoHead)
	for _, name := range names {
		_, _ = out.WriteString(name + "\n") // Flush gives the error
	}
	return out.Flush()
}
