package web_test

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"ingot.dev/modules/format"
	"ingot.dev/templates"
)

// Versions that go by tags are shown by them, and by their digest.
func TestPagesOfTags(t *testing.T) {
	t.Parallel()
	w := newShelf(t)
	one, two, three := digest("one"), digest("two"), digest("three")
	w.push(t, "app", "one", "1.0", "stable")
	w.push(t, "app", "three")
	pkg := w.push(t, "app", "two", "1.1")
	w.edit(t, "crate", "app", format.Tag{Name: "latest", Version: two})
	brief := templates.Brief(one)
	if len(brief) > 25 {
		t.Fatalf("%s is not brief", brief)
	}
	has(t, "the list", w.page(t, "nobody", "/project/acme/money/package"), "<code>latest</code>")

	page := w.page(t, "nobody", pkg)
	has(t, "the package", page, "<h1>app <span>latest</span>", "newest", "Tags <span class=\"count\">4</span>", "<title>app latest",
		`<code><span class="brief" title="`+one+`">`+brief+`</span></code>`, pkg+"/"+one, `<a class="badge" href="`+pkg+`/1.1">1.1</a>`, "All tags")
	lacks(t, "the package", page, three, "Newest:", "An empty table")
	if n := strings.Count(page, `aria-current="page">latest`); n != 1 || strings.Contains(page, `aria-current="page">1.1`) {
		t.Errorf("the page is marked %d times among the tags", n)
	}
	has(t, "the tables", page, "Layers", "<code><b>RUN</b></code>", `<a href="`+pkg+"/"+digest("base")+`">`, "2\u00a0KiB", `<th scope="col" class="num">Size`)
	lacks(t, "the tables' source", strings.ReplaceAll(page, "&lt;", "["), "<b>RUN")

	page = w.page(t, "nobody", pkg+"/"+one)
	has(t, "a version by its digest", page, `<h1>app <span><span class="brief" title="`+one+`">`+brief, `href="`+pkg+`/1.0">1.0</a>`, `href="`+pkg+`/stable">stable</a>`, "Newest: latest",
		"manifest.json", "application/x-layer")
	lacks(t, "a version by its digest", page, "Delete this file", `aria-current="page">1.0`)
	has(t, "one that no tag points at", w.page(t, "nobody", pkg+"/"+three), templates.Brief(three), "Newest: latest")
	page = w.page(t, "nobody", pkg+"/1.0")
	has(t, "an older tag", page, "<h1>app <span>1.0</span>", `href="`+pkg+`/stable">stable</a>`, "Newest: latest")
	lacks(t, "an older tag", page, `class="badge" href="`+pkg+`/1.0"`)
	lacks(t, "another tag of the newest", w.page(t, "nobody", pkg+"/1.1"), "Newest:")
	has(t, "the tags", w.page(t, "nobody", pkg+"/versions"), "all tags", "1–4 of 4", "stable", templates.Brief(two))
	lacks(t, "choosing a format to upload", w.page(t, "adm", "/project/acme/money/package/upload"), "Crates")
	if r := w.get(t, "adm", "/project/acme/money/package/upload/crate"); r.Status != http.StatusNotFound {
		t.Errorf("the form to upload one answers %d", r.Status)
	}

	var feed struct {
		Entries []struct {
			ID string `xml:"id"`
		} `xml:"entry"`
	}
	if err := xml.Unmarshal(w.get(t, "nobody", pkg+"/feed").Body, &feed); err != nil || len(feed.Entries) != 4 {
		t.Fatalf("the feed has %d entries, %v", len(feed.Entries), err)
	}
	ids := map[string]bool{}
	for _, e := range feed.Entries {
		ids[e.ID] = true
	}
	if len(ids) != 4 {
		t.Errorf("the entries of the feed have the ids %v", ids)
	}
}

// A package of which nothing has a tag is shown by what was published.
func TestPageWithoutTags(t *testing.T) {
	t.Parallel()
	w := newShelf(t)
	w.push(t, "app", "one")
	pkg := w.push(t, "app", "two")
	page := w.page(t, "nobody", pkg)
	has(t, "the page", page, `<h1>app <span><span class="brief" title="`+digest("two"), "Versions <span class=\"count\">2</span>", pkg+"/"+digest("one"))
	has(t, "the list", w.page(t, "nobody", "/project/acme/money/package"), pkg)
	has(t, "the versions", w.page(t, "nobody", pkg+"/versions"), "1–2 of 2", "all versions")
}

func TestDeletingTags(t *testing.T) {
	t.Parallel()
	w := newShelf(t)
	one := digest("one")
	pkg := w.push(t, "app", "one", "1.0", "stable", "edge")
	w.push(t, "app", "two", "1.1")
	page := w.page(t, "adm", pkg+"/1.0")
	has(t, "the page of a tag", page, "Delete tag…")
	has(t, "the page of a version", w.page(t, "adm", pkg+"/"+one), "Delete version…")
	goes := func(version string) string { return w.page(t, "adm", pkg+"/delete?version="+url.QueryEscape(version)) }

	page = goes("1.0")
	has(t, "the question about a tag", page, "Delete the tag 1.0 of app?", "Only the tag goes", "stays: "+one, "other tags: edge, stable")
	lacks(t, "the question about a tag", page, "no tag any more", "2 files")
	if to := led(t, w.send(t, "adm", pkg+"/delete", url.Values{"version": {"1.0"}})); to != pkg {
		t.Errorf("deleting a tag leads to %s", to)
	}
	w.page(t, "nobody", pkg+"/"+one)
	if r := w.get(t, "nobody", pkg+"/1.0"); r.Status != http.StatusNotFound {
		t.Errorf("the deleted tag: %d", r.Status)
	}
	led(t, w.send(t, "adm", pkg+"/delete", url.Values{"version": {"edge"}}))
	has(t, "the question about the last tag", goes("stable"), "stays: "+one, "it then has no tag any more")

	page = goes(one)
	has(t, "the question about a version", page, "Delete app "+templates.Brief(one)+"?", "2 files", "the tag stable", "0 downloads")
	lacks(t, "the question about a version", page, "the tag 1.1", "whose only version")
	has(t, "the question about the package", w.page(t, "adm", pkg+"/delete"), "2 versions", "2 tags", "4 files")

	led(t, w.send(t, "adm", pkg+"/delete", url.Values{"version": {"1.1"}}))
	led(t, w.send(t, "adm", pkg+"/delete", url.Values{"version": {"stable"}}))
	has(t, "the package without tags", w.page(t, "adm", pkg), "Versions <span class=\"count\">2</span>")
	led(t, w.send(t, "adm", pkg+"/delete", url.Values{"version": {one}}))
	w.edit(t, "crate", "app", format.Tag{Name: "again", Version: digest("two")})
	lacks(t, "the question about the only version's tag", goes("again"), "whose only version")
	has(t, "the question about the only version", goes(digest("two")), "whose only version", "the tag again")
	if to := led(t, w.send(t, "adm", pkg+"/delete", url.Values{"version": {"again"}})); to != pkg {
		t.Errorf("deleting the tag of the only version leads to %s", to)
	}
	if to := led(t, w.send(t, "adm", pkg+"/delete", url.Values{"version": {digest("two")}})); to != "/project/acme/money/package" {
		t.Errorf("deleting the only version leads to %s", to)
	}

	pkg = w.push(t, "app", "one", "1.0")
	for _, a := range anchors(t, w.page(t, "adm", pkg)) {
		if _, id, ok := strings.Cut(a, "/files/"); ok {
			if r := w.get(t, "adm", pkg+"/delete?file="+id); r.Status != http.StatusMethodNotAllowed {
				t.Errorf("the question about a file: %d", r.Status)
			}
		}
	}
}

// The tags of a version stand beside its name, always in one order.
func TestTagsOfVersions(t *testing.T) {
	t.Parallel()
	w := newShelf(t)
	old := simple("lamp", "1.9.0")
	old.Tags = []string{"latest"}
	w.publish(t, w.open, "jar", old)
	rel := simple("lamp", "2.0.0")
	for _, c := range "qwertyuiopasd" {
		rel.Tags = append(rel.Tags, "tag-"+string(c))
	}
	pkg := w.publish(t, w.open, "jar", rel)
	page := w.page(t, "nobody", pkg)
	_, head, _ := strings.Cut(page, "<h1>")
	head, _, _ = strings.Cut(head, "</div>")
	var words []string
	for _, part := range strings.Split(head, `<span class="badge`)[1:] {
		_, word, _ := strings.Cut(part, ">")
		word, _, _ = strings.Cut(word, "<")
		words = append(words, word)
	}
	if len(words) != 14 || words[0] != "newest" || words[13] != "&#43;1" || !slices.IsSorted(words[1:13]) {
		t.Errorf("beside the name stands %q", words)
	}
	page = w.page(t, "nobody", pkg+"/1.9.0")
	has(t, "what clients take", page, `<span class="badge good">latest</span>`, "Newest: 2.0.0")
	for _, path := range []string{pkg, pkg + "/versions"} {
		if n := strings.Count(w.page(t, "nobody", path), ">latest<"); n != 1 {
			t.Errorf("%s: %d versions are the latest", path, n)
		}
	}
	w.edit(t, "jar", "lamp", format.Tag{Name: "latest"})
	has(t, "without that tag", w.page(t, "nobody", pkg), `<span class="badge good">latest</span>`)
}
