// Package markup makes HTML of the texts that users bring along: README files,
// descriptions, source code. Whatever comes in, what goes out has no script, no
// style, no form, loads nothing from elsewhere and leaves the page around it
// whole.
package markup

import (
	"bytes"
	"html/template"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"

	"ingot.dev/modules/fault"
)

// Limit is the largest text that is rendered, in bytes.
const Limit = 512 << 10

// Options say where the text stands.
type Options struct {
	// Link gives the address of another file of the tree, by its path from the
	// tree's root, without a slash before it. "" makes no link; so does nil.
	Link func(path string) string
	// Image does the same for pictures. The address has to be on this server.
	Image func(path string) string
	// Dir is the folder of the text in its tree, "" for the root.
	Dir string
	// Below is the level of the page's heading above the text: with 2 the
	// text's first level becomes an h3.
	Below int
}

// Render makes HTML of a text. The name decides how: Markdown (CommonMark with
// GitHub's tables, task lists, strikethrough and bare links) for .md and its
// like, plain text for all others. TooLarge for a text over Limit.
func Render(name string, src []byte, o Options) (template.HTML, error) {
	if len(src) > Limit {
		return "", fault.New(fault.TooLarge, "%s has more than %d KiB: too much to show as a page", path.Base(name), Limit>>10)
	}
	src = clean(src)
	if markdown(name) && tame(src) {
		if out, ok := convert(src, o); ok {
			return out, nil
		}
	}
	return plain(src), nil
}

// markdown tells whether a file of that name is Markdown.
func markdown(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".md", ".markdown", ".mdown", ".mkd":
		return true
	}
	return false
}

// plain shows the text as it is.
func plain(src []byte) template.HTML {
	return template.HTML(`<pre tabindex="0">` + template.HTMLEscapeString(string(src)) + "</pre>")
}

// clean makes valid UTF-8 without zero bytes and byte order mark.
func clean(src []byte) []byte {
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	if bytes.IndexByte(src, 0) >= 0 {
		src = bytes.ReplaceAll(src, []byte{0}, []byte("\ufffd"))
	}
	if !utf8.Valid(src) {
		src = bytes.ToValidUTF8(src, []byte("\ufffd"))
	}
	return src
}

// convert goes from Markdown to HTML, from that to a tree in which links,
// pictures, headings and code are put right, and last through the sanitiser,
// after which nothing is changed any more. It gives up, with false, on what
// would become too much.
func convert(src []byte, o Options) (template.HTML, bool) {
	md := goldmark.New(
		goldmark.WithExtensions(
			extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)),
			extension.Strikethrough, extension.Linkify, extension.TaskList,
		),
		// Raw HTML is common in README files. The sanitiser decides about it.
		goldmark.WithRendererOptions(html.WithUnsafe()),
	)
	doc := md.Parser().Parse(text.NewReader(src))
	if !modest(doc) {
		return "", false
	}
	var rendered bounded
	if err := md.Renderer().Render(&rendered, src, doc); err != nil {
		return "", false
	}
	tree, err := parse(rendered.buf)
	if err != nil {
		return "", false
	}
	edit := editor{Options: o, ids: map[string]int{}, until: time.Now().Add(patience)}
	edit.children(tree, false)
	var edited bounded
	if err := write(&edited, tree); err != nil {
		return "", false
	}
	return template.HTML(policy().SanitizeBytes(edited.buf)), true
}
