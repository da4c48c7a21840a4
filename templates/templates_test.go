package templates

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/net/html"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/format"
	"ingot.dev/modules/i18n"
	"ingot.dev/options"
)

func catalogue(t *testing.T) *i18n.Catalogue {
	t.Helper()
	c, err := i18n.Load(options.Files)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func noon() time.Time { return time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC) }

// with gives the shared templates and one page "test/page".
func with(t *testing.T, page string) fs.FS {
	t.Helper()
	fsys := fstest.MapFS{"test/page.tmpl": {Data: []byte(page)}}
	shared, err := fs.Glob(sources, "base/*.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range shared {
		src, err := fs.ReadFile(sources, name)
		if err != nil {
			t.Fatal(err)
		}
		fsys[name] = &fstest.MapFile{Data: src}
	}
	return fsys
}

// show renders a page of that content.
func show(t *testing.T, lang, page string, data any) (string, error) {
	t.Helper()
	c := catalogue(t)
	set, err := parse(c, noon, with(t, page))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	err = set.Render(&b, c.Match("", lang), "test/page", data)
	return b.String(), err
}

func TestParse(t *testing.T) {
	t.Parallel()
	if _, err := Parse(catalogue(t), noon); err != nil {
		t.Fatal(err)
	}
	for want, page := range map[string]string{
		`does not define "content"`: `{{define "contents"}}{{end}}`,
		"unexpected EOF":            `{{define "content"}}{{if .Title}}`,
		"not defined":               `{{define "content"}}{{unheard .Title}}{{end}}`,
	} {
		if _, err := parse(catalogue(t), noon, with(t, page)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", page, err, want)
		}
	}
}

// A page is whole or not there at all.
func TestRenderIsStrict(t *testing.T) {
	t.Parallel()
	for _, page := range []string{
		`{{define "content"}}{{.Unheard}}{{end}}`,
		`{{define "content"}}{{.Extra.unheard}}{{end}}`,
		`{{define "content"}}{{icon "unheard"}}{{end}}`,
		`{{define "content"}}{{asset "unheard.css"}}{{end}}`,
		`{{define "content"}}{{num "12"}}{{end}}`,
		`{{define "content"}}{{template "unheard"}}{{end}}`,
	} {
		data := struct {
			Page
			Extra map[string]string
		}{Extra: map[string]string{}}
		out, err := show(t, "en", page, data)
		if err == nil || out != "" {
			t.Errorf("%s: got %q and %v, want nothing and an error", page, out, err)
		}
	}
	c := catalogue(t)
	set, err := Parse(c, noon)
	if err != nil {
		t.Fatal(err)
	}
	if err := set.Render(new(strings.Builder), c.Match("", ""), "no/page", Page{}); err == nil {
		t.Error("a page that is not there was rendered")
	}
}

// full is a page with everything in the frame, all of it hostile.
func full() any {
	const evil = `"><script>alert(1)</script>`
	return struct {
		Page
		Pager   Pager
		Menu    Menu
		Switch  Switch
		Digests blob.Digests
		At      time.Time
	}{
		Page: Page{
			Title: evil, Site: "Ingot", Release: evil, Theme: "dark", Here: "/x?q=" + evil, Nav: "explore", Query: evil,
			Account: &Account{Name: evil, Title: evil, Admin: true},
			Place:   &Place{Crumbs: []Crumb{{evil, "javascript:alert(1)"}, {Text: evil}}, Word: evil, Tabs: []Tab{{evil, "/a", 10426, true}, {Text: "b", URL: "/b"}}},
			Flashes: []Flash{{"good", evil}, {"bad", evil}, {"", evil}},
		},
		Pager:   Pager{From: 1, To: 20, Total: 10426, Prev: "javascript:alert(1)", Next: "/n", ByTime: true},
		Menu:    Menu{evil, []Choice{{evil, "/a", true}}},
		Switch:  Switch{evil, evil, []format.Task{{Name: "a", Title: format.Text{En: evil}, Steps: []format.Step{{Name: evil, Title: format.Text{En: evil}, Code: evil, File: evil}}}}},
		Digests: blob.Digests{SHA256: strings.Repeat("ab", 32), MD5: evil},
		At:      noon().Add(-72 * time.Hour),
	}
}

const everything = `{{define "content"}}<h1>{{.Title}}</h1>{{template "pager" .Pager}}{{template "menu" .Menu}}{{template "switch" .Switch}}
{{template "code" .Title}}{{template "digests" .Digests}}{{ago .At}}{{date .At}}{{trh "frame.signed_in_as" (link "/user/x" .Title)}}{{end}}`

func TestFrame(t *testing.T) {
	t.Parallel()
	for lang, words := range map[string][]string{
		"en": {`<html lang="en" data-theme="dark">`, "Skip to the content", "1–20 of 10,426", "Newer", "3 days ago", "18 Nov 2026, 12:00 UTC"},
		"ru": {`<html lang="ru" data-theme="dark">`, "Перейти к содержанию", "1–20 из 10\u202f426", "Новее", "3 дня назад", "18 нояб. 2026, 12:00 UTC"},
	} {
		out, err := show(t, lang, everything, full())
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range words {
			if !strings.Contains(out, want) {
				t.Errorf("%s: no %q", lang, want)
			}
		}
		doc, err := html.Parse(strings.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		inert(t, lang, doc)
	}
}

// inert is what the content security policy asks of a page: no script and no
// style but by address, no handler.
func inert(t *testing.T, name string, doc *html.Node) {
	t.Helper()
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "style" || n.Data == "script" && n.FirstChild != nil {
			t.Errorf("%s: <%s> inside the page", name, n.Data)
		}
		for _, a := range n.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(strings.ToLower(a.Val), "javascript:") {
				t.Errorf("%s: %s=%q on <%s>", name, a.Key, a.Val, n.Data)
			}
		}
	}
}

// Nobody signed in, no place, no theme: the frame has no empty pieces.
func TestBareFrame(t *testing.T) {
	t.Parallel()
	out, err := show(t, "en", `{{define "content"}}{{end}}`, Page{Site: "Ingot", Here: "/a?b=c&d"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<title>Ingot</title>", `<html lang="en">`, `href="/sign-in?back=%2fa%3fb%3dc%26d"`, `<meta name="color-scheme" content="light dark">`} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q", want)
		}
	}
	for _, unwanted := range []string{"avatar", "crumbs", `class="tabs"`, "data-theme", "sign-out"} {
		if strings.Contains(out, unwanted) {
			t.Errorf("there is %q", unwanted)
		}
	}
}

// The sources name no style and no handler, and only icons and assets that
// there are: a page that is seldom shown would tell too late.
func TestSources(t *testing.T) {
	t.Parallel()
	d, err := newDress(assets)
	if err != nil {
		t.Fatal(err)
	}
	bad := regexp.MustCompile(`(?i)\sstyle=|<style|\son[a-z]+=|<script(?:\s[^>]*)?>[^<]`)
	named := regexp.MustCompile(`\b(icon|asset) "([^"]+)"`)
	files, err := fs.Glob(sources, "*/*.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		src, err := fs.ReadFile(sources, file)
		if err != nil {
			t.Fatal(err)
		}
		if found := bad.Find(src); found != nil {
			t.Errorf("%s: %q does not pass the content security policy", file, found)
		}
		for _, m := range named.FindAllStringSubmatch(string(src), -1) {
			if m[1] == "icon" && d.icons[m[2]] == "" || m[1] == "asset" && d.manifest[m[2]] == "" {
				t.Errorf("%s: there is no %s", file, m[0])
			}
		}
	}
}

// Style sheet and script together stay under 60 KB, and every name in the
// manifest is a file.
func TestAssets(t *testing.T) {
	t.Parallel()
	d, err := newDress(assets)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for name, file := range d.manifest {
		content, err := fs.ReadFile(Assets(), file)
		if err != nil || len(content) == 0 {
			t.Errorf("%s: %d bytes, %v", file, len(content), err)
		}
		if strings.HasSuffix(name, ".css") || strings.HasSuffix(name, ".js") {
			sum += len(content)
		}
	}
	if sum == 0 || sum > 60_000 {
		t.Errorf("style sheet and script have %d bytes together", sum)
	}
}

func TestFuncs(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		join():                                                       "",
		join("project", "acme", "a b/c?"):                            "/project/acme/a%20b%2Fc%3F",
		join(""):                                                     "/",
		string(link("/a?b&c", "<d>")):                                `<a href="/a?b&amp;c">&lt;d&gt;</a>`,
		string(link("https://a.example", "d")):                       `<a href="https://a.example">d</a>`,
		string(link("//a.example", "d")):                             "d",
		string(link("javascript:alert(1)", "d")):                     "d",
		short(strings.Repeat("ab", 32)):                              "abababab…abab",
		short(strings.Repeat("ab", 20)):                              "abababa",
		short("9f2c1ab"):                                             "9f2c1ab",
		Brief("sha256:" + strings.Repeat("ab", 32)):                  "sha256:abababab…abab",
		Brief("feature:" + strings.Repeat("xy", 32)):                 "feature:" + strings.Repeat("xy", 32),
		Brief("sha256:abc"):                                          "sha256:abc",
		Brief(":" + strings.Repeat("ab", 32)):                        ":" + strings.Repeat("ab", 32),
		Brief("2.4.1"):                                               "2.4.1",
		initials(&Account{Name: "alice", Title: "Alice P. Liddell"}): "AP",
		initials(&Account{Name: "alice", Title: "Alice"}):            "AL",
		initials(&Account{Name: "я"}):                                "Я",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
