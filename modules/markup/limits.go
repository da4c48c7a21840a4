package markup

import (
	"bytes"
	"errors"
	"strings"

	"github.com/yuin/goldmark/ast"
)

// A Markdown parser is linear on what people write and quadratic, or worse, on
// what they do not. These bounds lie far above the first and well below a
// second of work; a text over them is shown as plain text.
const (
	maxDepth = 40          // quotes and lists inside each other, on one line
	maxShift = 120         // columns an item is indented by, each two of which may be a list in a list
	maxWork  = 100_000_000 // sum over paragraphs of the square of their marks
	maxCells = 200_000     // of tables: rows are padded to the widest
	maxLinks = 1 << 20     // bytes of link targets: one definition serves many links
	maxHTML  = 8 * Limit   // bytes of HTML
)

// marks are the characters that make the inline parser look back.
const marks = "[]*_(<~`"

// tame tells whether a Markdown text may be parsed.
func tame(src []byte) bool {
	var marked, work, lines, widest, cells int
	for line := range bytes.Lines(src) {
		if depth(line) > maxDepth {
			return false
		}
		// A blank line ends any paragraph and any table; an item or a heading
		// ends a paragraph.
		blank := len(bytes.TrimSpace(line)) == 0
		if blank {
			cells += lines * widest
			lines, widest = 0, 0
		}
		if blank || interrupts(line) {
			work += marked * marked
			marked = 0
		}
		marked += count(line, marks)
		lines++
		widest = max(widest, bytes.Count(line, []byte("|")))
		if work+marked*marked > maxWork || cells+lines*widest > maxCells {
			return false
		}
	}
	return true
}

// depth counts the quotes and list items that the line opens at most; an item
// that is indented too far is too deep by that.
func depth(line []byte) int {
	n, shift := 0, 0
	for i, c := range line {
		switch {
		case c == '>':
			n++
		case c == ' ':
			shift++
		case c == '\t':
			shift += 4
		case '0' <= c && c <= '9':
		case strings.IndexByte("-+*.)", c) >= 0 && i+1 < len(line) && (line[i+1] == ' ' || line[i+1] == '\t'):
			n++
			if shift > maxShift {
				return maxDepth + 1
			}
		default:
			return n
		}
	}
	return n
}

// interrupts tells whether the line surely ends the paragraph before it: an
// item or a heading that is indented by less than a code block (CommonMark
// 0.31, 4.8 and 5.2).
func interrupts(line []byte) bool {
	text := bytes.TrimLeft(line, " ")
	if len(line)-len(text) > 3 {
		return false
	}
	head, rest, ok := bytes.Cut(text, []byte(" "))
	if !ok || len(bytes.TrimSpace(rest)) == 0 {
		return false
	}
	switch string(head) {
	case "-", "*", "+", "#", "##", "###", "####", "#####", "######":
		return true
	}
	return false
}

func count(line []byte, set string) int {
	n := 0
	for _, c := range line {
		if strings.IndexByte(set, c) >= 0 {
			n++
		}
	}
	return n
}

// modest tells whether the targets of the links come to little enough.
func modest(doc ast.Node) bool {
	left := maxLinks
	// The walker below makes no errors.
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Link:
			left -= len(n.Destination) + len(n.Title)
		case *ast.Image:
			left -= len(n.Destination) + len(n.Title)
		}
		if left < 0 {
			return ast.WalkStop, nil
		}
		return ast.WalkContinue, nil
	})
	return left >= 0
}

// bounded takes up to maxHTML bytes. It has no other way in than Write, which
// is what makes the bound hold.
type bounded struct{ buf []byte }

var errTooMuch = errors.New("markup: too much HTML")

func (b *bounded) Write(p []byte) (int, error) {
	if len(b.buf)+len(p) > maxHTML {
		return 0, errTooMuch
	}
	b.buf = append(b.buf, p...)
	return len(p), nil
}
