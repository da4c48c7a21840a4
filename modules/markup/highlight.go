package markup

import (
	"bytes"
	"fmt"
	"html/template"
	"iter"
	"path"
	"strings"
	"time"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
)

const (
	patience = 300 * time.Millisecond // for all the code of one page; the rest stays plain
	maxLine  = 2000                   // bytes; code with longer lines was made by a machine
	maxLines = 20_000
)

// Highlight makes numbered lines of a text file, coloured where the name tells
// the language. Line 12 has the id L12. False for what cannot be shown so: no
// text, over Limit, or too many lines.
func Highlight(name string, src []byte) (template.HTML, bool) {
	if len(src) > Limit || bytes.IndexByte(src, 0) >= 0 || bytes.Count(src, []byte("\n")) > maxLines {
		return "", false
	}
	text := strings.TrimSuffix(newlines(string(clean(src))), "\n")

	var b strings.Builder
	line := 0
	begin := func() {
		line++
		fmt.Fprintf(&b, `<span id="L%d"><a href="#L%d" data-n="%d" tabindex="-1" aria-label="%d"></a>`, line, line, line, line)
	}
	begin()
	for class, part := range paint(known(lexers.Match(path.Base(name))), text, time.Now().Add(patience)) {
		for i, piece := range strings.Split(part, "\n") {
			if i > 0 {
				b.WriteString("\n</span>")
				begin()
			}
			switch {
			case piece == "":
			case class == "":
				template.HTMLEscape(&b, []byte(piece))
			default:
				fmt.Fprintf(&b, `<span class="%s">%s</span>`, class, template.HTMLEscapeString(piece))
			}
		}
	}
	b.WriteString("\n</span>")
	return template.HTML(b.String()), true
}

// newlines are one character, here as in the lexers.
func newlines(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// called gives the lexer of a language by its name, nil where there is none.
func called(language string) *chroma.RegexLexer {
	if len(language) > 40 {
		return nil
	}
	return known(lexers.Get(language))
}

// known lets through the lexers that work step by step, so that they can be
// stopped. The few others read everything first.
func known(l chroma.Lexer) *chroma.RegexLexer {
	lexer, _ := l.(*chroma.RegexLexer)
	return lexer
}

// paint cuts a text into parts with their classes, "" for plain. The parts
// together are the text, whatever the lexer makes of it: what it does not get
// to in time, or gets wrong, is the last part.
func paint(lexer *chroma.RegexLexer, text string, until time.Time) iter.Seq2[string, string] {
	return func(yield func(class, part string) bool) {
		if lexer != nil && !broad(text) {
			tokens, err := lexer.Tokenise(nil, text)
			if err != nil {
				tokens = chroma.Literator()
			}
			for t := range tokens.Stdlib() {
				rest, ok := strings.CutPrefix(text, t.Value)
				if !ok || time.Now().After(until) {
					break
				}
				text = rest
				if t.Value != "" && !yield(class(t.Type), t.Value) {
					return
				}
			}
		}
		if text != "" {
			yield("", text)
		}
	}
}

// broad tells whether a line is too long for lexers that backtrack.
func broad(text string) bool {
	for line := range strings.Lines(text) {
		if len(line) > maxLine {
			return true
		}
	}
	return false
}

// class gives one of the few classes that the style sheet has a colour for.
func class(t chroma.TokenType) string {
	switch {
	case t == chroma.KeywordConstant, t.InSubCategory(chroma.LiteralNumber):
		return "hl-m"
	case t.InCategory(chroma.Keyword), t == chroma.OperatorWord, t == chroma.GenericHeading, t == chroma.GenericSubheading,
		t == chroma.CommentPreproc, t == chroma.CommentPreprocFile:
		return "hl-k"
	case t.InSubCategory(chroma.LiteralString):
		return "hl-s"
	case t.InCategory(chroma.Comment):
		return "hl-c"
	case t.InSubCategory(chroma.NameFunction), t.InSubCategory(chroma.NameBuiltin),
		t == chroma.NameClass, t == chroma.NameTag, t == chroma.NameAttribute, t == chroma.NameDecorator:
		return "hl-n"
	case t == chroma.GenericInserted:
		return "hl-i"
	case t == chroma.GenericDeleted:
		return "hl-d"
	default:
		return ""
	}
}
