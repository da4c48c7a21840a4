package markup

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

func highlight(t testing.TB, name, src string) string {
	t.Helper()
	out, ok := Highlight(name, []byte(src))
	if !ok {
		t.Fatalf("%s cannot be shown", name)
	}
	return string(out)
}

func TestHighlight(t *testing.T) {
	t.Parallel()
	got := highlight(t, "src/Money.php", "<?php\r\n/* a\n<b> */\n$x = 'y';\n")
	want := `<span id="L1"><a href="#L1" data-n="1" tabindex="-1" aria-label="1"></a>&lt;?php
</span><span id="L2"><a href="#L2" data-n="2" tabindex="-1" aria-label="2"></a><span class="hl-c">/* a</span>
</span><span id="L3"><a href="#L3" data-n="3" tabindex="-1" aria-label="3"></a><span class="hl-c">&lt;b&gt; */</span>
</span><span id="L4"><a href="#L4" data-n="4" tabindex="-1" aria-label="4"></a>$x = <span class="hl-s">&#39;y&#39;</span>;
</span>`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestHighlightKinds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, src, want string }{
		{"composer.json", `{"name": "a/b", "n": 1, "t": true}`, `<span class="hl-n">&#34;name&#34;</span>`},
		{"composer.json", `{"n": 1}`, `<span class="hl-m">1</span>`},
		{"a.go", "package a // x", `<span class="hl-c">// x</span>`},
		{"a.diff", "+a\n-b\n", `<span class="hl-i">+a</span>`},
		{"LICENSE", "MIT <x>", `</a>MIT &lt;x&gt;`},
		{"a.unheard", "if <x>", `</a>if &lt;x&gt;`},
		{"a.md", "# <x>", `</a># &lt;x&gt;`},
		{"a.go", "", `aria-label="1"></a>` + "\n</span>"},
	} {
		if got := highlight(t, tt.name, tt.src); !strings.Contains(got, tt.want) {
			t.Errorf("%s: no %s in %s", tt.name, tt.want, got)
		}
	}
}

func TestNotShown(t *testing.T) {
	t.Parallel()
	for name, src := range map[string]string{
		"zip":        "PK\x03\x04\x00\x00",
		"large":      strings.Repeat("a", Limit+1),
		"many lines": strings.Repeat("\n", maxLines+1),
	} {
		if _, ok := Highlight("a.go", []byte(src)); ok {
			t.Errorf("%s is shown", name)
		}
	}
}

// A lexer that is too slow costs the colours, not the text and not the time.
func TestHighlightEndsInTime(t *testing.T) {
	t.Parallel()
	for _, src := range []string{
		strings.Repeat("/* 'a\n", Limit/6),
		strings.Repeat("\"${`a\n", Limit/6),
		strings.Repeat("<<<A\n", maxLines),
		strings.Repeat("a", Limit),
	} {
		src = src[:min(len(src), 6*maxLines)]
		for _, name := range []string{"a.php", "a.js", "a.html"} {
			begin := time.Now()
			out := highlight(t, name, src)
			took := time.Since(begin)
			t.Logf("%s %.8q: %v", name, src, took)
			if took > 10*time.Second {
				t.Errorf("%s %.8q took %v", name, src, took)
			}
			if got := shown(t, out); got != strings.TrimSuffix(src, "\n") {
				t.Errorf("%s %.8q: the text was changed", name, src)
			}
		}
	}
}

// shown gives the text that a reader sees, without the newline of the last line.
func shown(t testing.TB, out string) string {
	t.Helper()
	root, err := parse([]byte(out))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && n.Data != "span" && n.Data != "a" {
			t.Fatalf("<%s> in %.200s", n.Data, out)
		}
	}
	return strings.TrimSuffix(words(root), "\n")
}

func FuzzHighlight(f *testing.F) {
	for _, name := range []string{"a.php", "a.json", "a.go", "a.diff", "a.html", "a.sh", "Makefile", "a"} {
		f.Add(name, []byte("<?php /* 'a\r\n\"${b}\" */ function f() { return 1; }\n"))
	}
	f.Fuzz(func(t *testing.T, name string, src []byte) {
		out, ok := Highlight(name, src)
		if !ok {
			return
		}
		want := strings.TrimSuffix(newlines(string(clean(src))), "\n")
		if got := shown(t, string(out)); got != want {
			t.Errorf("the text was changed: %q, want %q", got, want)
		}
	})
}
