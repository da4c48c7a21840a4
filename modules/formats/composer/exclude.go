package composer

import (
	"slices"
	"strings"
)

// Exclude is the list archive.exclude of a composer.json, ready to match.
// The zero Exclude leaves every decision as it is.
type Exclude []rule

// CompileExclude reads patterns as Composer's archive command does, which
// mostly is as .gitignore does: a leading slash binds a pattern to the root,
// one without a slash inside matches at any depth, a pattern that matches a
// folder matches all below it, * and ? stop at slashes and do not take a
// leading dot, /** takes any number of folders, {a,b} is one of both, [a-z] a
// range, a leading ! takes back. A text that is no pattern matches nothing.
func CompileExclude(patterns []string) Exclude {
	var e Exclude
	for _, p := range patterns {
		if r, ok := compileRule(p); ok {
			e = append(e, r)
		}
	}
	return e
}

// Filter decides about the file at path, which is relative to the package's
// root with slashes between and none in front: true leaves it out of the
// archive. excluded is what others have decided so far, such as export-ignore
// in .gitattributes; the last rule that matches overrides it.
func (e Exclude) Filter(path string, excluded bool) bool {
	path = "/" + path
	var m machine
	for _, r := range e {
		if excluded == r.negate && m.match(r, path) {
			excluded = !r.negate
		}
	}
	return excluded
}

// rule is one pattern as the program of a machine that follows all ways
// through the pattern at once, so that no pattern takes more than
// len(path) * len(program) steps.
type rule struct {
	program  []step
	negate   bool
	anchored bool // matches from the path's start only
}

// step is one instruction. take* consume a byte that fits and go on with the
// next step; the others consume none.
type step struct {
	do  action
	b   byte       // takeByte
	set *[4]uint64 // takeSet
	x   int        // fork, jump: next
	y   int        // fork: next as well; 0 is no way
}

type action uint8

const (
	takeByte action = iota
	takeName        // any byte but a slash
	takeSet
	notDot // go on if a byte follows that is no dot
	fork
	jump
	accept // the pattern is through; at a slash or the path's end it has matched
)

func compileRule(pattern string) (rule, bool) {
	var c compiler
	text := strings.TrimLeft(pattern, "!")
	negate := len(text) < len(pattern)
	slash := strings.IndexByte(text, '/')
	if slash <= 0 || slash == len(text)-1 {
		// A pattern with a slash in its middle alone starts anywhere, even
		// within a name; Composer has it so.
		c.emit(step{do: takeByte, b: '/'})
	}
	ok := c.compile(strings.Trim(text, "/"))
	c.emit(step{do: accept})
	return rule{program: c.program, negate: negate, anchored: slash == 0}, ok
}

type compiler struct {
	program []step
	groups  []group
}

// group is an open {a,b}: where its last alternative forked off, and the
// jumps from the ends of the earlier ones to the group's end.
type group struct {
	fork  int
	jumps []int
}

func (c *compiler) emit(s step) int {
	c.program = append(c.program, s)
	return len(c.program) - 1
}

// compile translates a pattern; false where it is none. The assertion notDot
// stands where a name begins, so that wildcards do not take hidden files.
func (c *compiler) compile(p string) bool {
	begins, escaped := true, false
	for i := 0; i < len(p); i++ {
		b := p[i]
		if begins && b != '.' {
			c.emit(step{do: notDot})
		}
		begins = b == '/'
		if tail := p[i+1:]; begins && (tail == "**" || strings.HasPrefix(tail, "**/")) {
			c.folders(tail == "**")
			i += min(len("**/"), len(tail))
			escaped = false
			continue
		}
		switch {
		case b == '\\' && !escaped:
			escaped = true
			continue
		case b == '}':
			if len(c.groups) == 0 || escaped {
				return false
			}
			c.closeGroup()
		case escaped:
			c.emit(step{do: takeByte, b: b})
		case b == '*':
			c.star()
		case b == '?':
			c.emit(step{do: takeName})
		case b == '{':
			c.groups = append(c.groups, group{fork: c.emit(step{do: fork, x: len(c.program) + 1})})
		case b == ',' && len(c.groups) > 0:
			c.nextAlternative()
		case b == '[':
			set, size := readSet(p[i:])
			if size == 0 {
				return false
			}
			c.emit(step{do: takeSet, set: set})
			i += size - 1
		default:
			c.emit(step{do: takeByte, b: b})
		}
		escaped = false
	}
	return len(c.groups) == 0
}

// star takes any number of bytes of one name.
func (c *compiler) star() {
	again := c.emit(step{do: fork})
	c.emit(step{do: takeName})
	c.emit(step{do: jump, x: again})
	c.program[again].x, c.program[again].y = again+1, len(c.program)
}

// folders takes a slash and any number of folders that are not hidden; last
// says that nothing follows, so that the last folder's slash may be missing.
func (c *compiler) folders(last bool) {
	c.emit(step{do: takeByte, b: '/'})
	again := c.emit(step{do: fork})
	c.emit(step{do: notDot})
	name := c.emit(step{do: takeName})
	c.emit(step{do: fork, x: name, y: len(c.program) + 1})
	if last {
		c.emit(step{do: fork, x: len(c.program) + 1, y: again})
	}
	c.emit(step{do: takeByte, b: '/'})
	c.emit(step{do: jump, x: again})
	c.program[again].x, c.program[again].y = again+1, len(c.program)
}

func (c *compiler) nextAlternative() {
	g := &c.groups[len(c.groups)-1]
	g.jumps = append(g.jumps, c.emit(step{do: jump}))
	c.program[g.fork].y = len(c.program)
	g.fork = c.emit(step{do: fork, x: len(c.program) + 1})
}

func (c *compiler) closeGroup() {
	g := c.groups[len(c.groups)-1]
	c.groups = c.groups[:len(c.groups)-1]
	for _, j := range g.jumps {
		c.program[j].x = len(c.program)
	}
}

// readSet reads a set such as [a-z_] at the start of p and gives its length,
// 0 where p begins with none.
func readSet(p string) (*[4]uint64, int) {
	end := strings.IndexByte(p, ']')
	if end < 2 || strings.ContainsAny(p[1:end], `[{}*?\/`) {
		return nil, 0
	}
	var set [4]uint64
	members := p[1:end]
	for i := 0; i < len(members); i++ {
		from, to := int(members[i]), int(members[i])
		if i+2 < len(members) && members[i+1] == '-' {
			to = int(members[i+2])
			i += 2
		}
		if from > to {
			return nil, 0
		}
		for b := from; b <= to; b++ {
			set[b/64] |= 1 << (b % 64)
		}
	}
	return &set, end + 1
}

// machine runs programs, one after the other.
type machine struct {
	now, next ways
}

func (m *machine) match(r rule, path string) bool {
	now, next := &m.now, &m.next
	now.load(r.program)
	next.load(r.program)
	for i := 0; i <= len(path); i++ {
		if i == 0 || !r.anchored {
			now.add(0, path[i:])
		}
		if now.accepted && (i == len(path) || path[i] == '/') {
			return true
		}
		if i == len(path) || r.anchored && len(now.steps) == 0 {
			return false
		}
		for _, n := range now.steps {
			if r.program[n].takes(path[i]) {
				next.add(n+1, path[i+1:])
			}
		}
		now, next = next, now
		next.clear()
	}
	return false
}

func (s step) takes(b byte) bool {
	switch s.do {
	case takeByte:
		return b == s.b
	case takeName:
		return b != '/'
	default:
		return s.set[b/64]&(1<<(b%64)) != 0
	}
}

// ways are the steps at which the machine waits for the next byte.
type ways struct {
	program  []step
	steps    []int
	seen     []bool
	accepted bool
}

func (w *ways) load(program []step) {
	w.program = program
	w.seen = slices.Grow(w.seen[:0], len(program))[:len(program)]
	w.clear()
}

func (w *ways) clear() {
	w.steps, w.accepted = w.steps[:0], false
	clear(w.seen)
}

// add follows the steps from n that consume nothing; rest is the path from
// here.
func (w *ways) add(n int, rest string) {
	if w.seen[n] {
		return
	}
	w.seen[n] = true
	switch s := w.program[n]; s.do {
	case notDot:
		if rest != "" && rest[0] != '.' {
			w.add(n+1, rest)
		}
	case fork:
		w.add(s.x, rest)
		if s.y != 0 {
			w.add(s.y, rest)
		}
	case jump:
		w.add(s.x, rest)
	case accept:
		w.accepted = true
	default:
		w.steps = append(w.steps, n)
	}
}
