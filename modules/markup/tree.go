package markup

import (
	"bytes"
	"io"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// prefix stands before every id in the text, so that none can clash with, or
// pose as, an id of the page around it.
const prefix = "md-"

// parse makes a tree of HTML. Parsing and writing again closes what is left
// open, so that the text cannot swallow or end the page's own elements. It
// fails on more than 512 elements inside each other.
func parse(src []byte) (*html.Node, error) {
	root := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	nodes, err := html.ParseFragment(bytes.NewReader(src), root)
	if err != nil {
		return nil, err
	}
	for _, n := range nodes {
		root.AppendChild(n)
	}
	return root, nil
}

// write writes what is inside the root.
func write(w io.Writer, root *html.Node) error {
	for n := range root.ChildNodes() {
		if err := html.Render(w, n); err != nil {
			return err
		}
	}
	return nil
}

// editor puts a tree right for the place it will stand at. It need not care
// for safety: the sanitiser runs after it.
type editor struct {
	Options
	ids   map[string]int // how often each heading's id was given
	until time.Time      // when to stop colouring code
}

// children edits what is inside a node. Linked tells whether that is part of a
// link.
func (e *editor) children(parent *html.Node, linked bool) {
	for n, next := parent.FirstChild, (*html.Node)(nil); n != nil; n = next {
		next = n.NextSibling
		switch {
		case n.Type == html.TextNode:
			continue
		case n.Type != html.ElementNode || n.Namespace != "" || mute(n.DataAtom):
			parent.RemoveChild(n)
			continue
		}
		// A heading is named by its own words, before pictures become words.
		identify(n)
		if level(n) > 0 {
			e.heading(n)
		}
		e.children(n, linked || n.DataAtom == atom.A)
		switch n.DataAtom {
		case atom.A:
			e.link(n)
		case atom.Img:
			e.image(n, linked)
		case atom.Input:
			replace(n, box(n))
		case atom.Pre:
			e.code(n)
		}
		align(n)
	}
}

// mute are the elements whose content is no text for a reader. They are gone
// before the tree is written: some have no end tag or one that hides others.
func mute(a atom.Atom) bool {
	switch a {
	case atom.Script, atom.Style, atom.Template, atom.Iframe, atom.Object, atom.Noscript,
		atom.Noembed, atom.Noframes, atom.Plaintext, atom.Xmp, atom.Title, atom.Textarea, atom.Select:
		return true
	}
	return false
}

// identify prefixes the ids that the author wrote; name is what anchors were
// before ids.
func identify(n *html.Node) {
	id := attr(n, "id")
	if id == "" && n.DataAtom == atom.A {
		id = attr(n, "name")
	}
	drop(n, "id", "name")
	if id != "" {
		set(n, "id", prefix+id)
	}
}

// heading moves a heading below the page's own and gives it an id made of its
// words, as GitHub does, so that tables of contents work.
func (e *editor) heading(n *html.Node) {
	n.Data = "h" + strconv.Itoa(min(6, level(n)+e.Below))
	n.DataAtom = atom.Lookup([]byte(n.Data))
	if attr(n, "id") != "" {
		return
	}
	id := slug(words(n))
	e.ids[id]++
	if times := e.ids[id]; times > 1 {
		id += "-" + strconv.Itoa(times-1)
	}
	set(n, "id", prefix+id)
}

// level gives the level of a heading, 0 for anything else.
func level(n *html.Node) int {
	switch n.DataAtom {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return int(n.Data[1] - '0')
	}
	return 0
}

// slug keeps letters, digits, dashes and underscores, and makes dashes of
// spaces.
func slug(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
			return unicode.ToLower(r)
		case unicode.IsSpace(r):
			return '-'
		default:
			return -1
		}
	}, strings.TrimSpace(s))
}

// link leads a link to where it means from here. Links to elsewhere tell that
// place nothing and lend it no weight.
func (e *editor) link(n *html.Node) {
	href := strings.TrimSpace(attr(n, "href"))
	drop(n, "href", "target", "rel")
	u, err := url.Parse(href)
	switch {
	case href == "" || err != nil:
	case u.Scheme != "" || u.Host != "":
		set(n, "href", href)
		set(n, "rel", "nofollow noopener noreferrer")
	case u.Path == "" && u.Fragment != "":
		set(n, "href", "#"+prefix+u.Fragment)
	case u.Path != "" && e.Link != nil:
		if to := e.Link(e.resolve(u.Path)); to != "" {
			set(n, "href", to+e.fragment(u))
		}
	}
}

// fragment gives the place inside another file: of Markdown a prefixed id, of
// anything else what it is, "#L12".
func (e *editor) fragment(u *url.URL) string {
	switch {
	case u.Fragment == "":
		return ""
	case markdown(u.Path):
		return "#" + prefix + u.EscapedFragment()
	default:
		return "#" + u.EscapedFragment()
	}
}

// resolve gives the path from the tree's root. Nothing leads out of the tree.
func (e *editor) resolve(to string) string {
	if !strings.HasPrefix(to, "/") {
		to = "/" + e.Dir + "/" + to
	}
	return strings.TrimPrefix(path.Clean(to), "/")
}

// image shows pictures of the tree. One from elsewhere would tell that place
// who reads this page and when, so it becomes a link with the picture's words;
// inside a link, where no other link may stand, the words alone.
func (e *editor) image(n *html.Node, linked bool) {
	src, alt := strings.TrimSpace(attr(n, "src")), attr(n, "alt")
	drop(n, "src", "srcset", "alt")
	u, err := url.Parse(src)
	local := err == nil && u.Scheme == "" && u.Host == "" && u.Path != ""
	if local && e.Image != nil {
		if at := e.Image(e.resolve(u.Path)); at != "" {
			set(n, "src", at)
			set(n, "alt", alt)
			set(n, "loading", "lazy")
			return
		}
	}
	if alt == "" && err == nil {
		alt = path.Base(u.Path)
	}
	plain := &html.Node{Type: html.TextNode, Data: alt}
	if linked || local || err != nil || u.Host == "" {
		replace(n, plain)
		return
	}
	a := &html.Node{Type: html.ElementNode, Data: "a", DataAtom: atom.A}
	a.AppendChild(plain)
	set(a, "href", src)
	e.link(a)
	replace(n, a)
}

// box shows a task's box as a character: there are no forms in texts.
func box(n *html.Node) *html.Node {
	mark := ""
	if attr(n, "type") == "checkbox" {
		mark = "☐"
		if has(n, "checked") {
			mark = "☑"
		}
	}
	return &html.Node{Type: html.TextNode, Data: mark}
}

// code makes a code block reachable by keyboard, since it may have to be
// scrolled, and colours it where its language is said and known.
func (e *editor) code(pre *html.Node) {
	set(pre, "tabindex", "0")
	c := pre.FirstChild
	if c == nil || c.NextSibling != nil || c.DataAtom != atom.Code || c.FirstChild == nil {
		return
	}
	name, ok := strings.CutPrefix(attr(c, "class"), "language-")
	if !ok {
		return
	}
	src := words(c)
	for c.FirstChild != nil {
		c.RemoveChild(c.FirstChild)
	}
	for class, part := range paint(called(name), src, e.until) {
		n := &html.Node{Type: html.TextNode, Data: part}
		if class != "" {
			span := &html.Node{Type: html.ElementNode, Data: "span", DataAtom: atom.Span}
			set(span, "class", class)
			span.AppendChild(n)
			n = span
		}
		c.AppendChild(n)
	}
}

// align turns the old attribute into the classes that the style sheet knows.
func align(n *html.Node) {
	side := strings.ToLower(attr(n, "align"))
	drop(n, "align")
	if side == "center" || side == "right" {
		set(n, "class", side)
	}
}

// words gives the text inside a node.
func words(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// replace puts another node where n is.
func replace(n, by *html.Node) {
	n.Parent.InsertBefore(by, n)
	n.Parent.RemoveChild(n)
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}

func set(n *html.Node, key, value string) {
	drop(n, key)
	n.Attr = append(n.Attr, html.Attribute{Key: key, Val: value})
}

func drop(n *html.Node, keys ...string) {
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return slices.Contains(keys, a.Key) })
}
