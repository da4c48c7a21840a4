package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"ingot.dev/integrations/house"
	"ingot.dev/modules/blob"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
	embedded "ingot.dev/services/forge"
)

// world is an Ingot with a public and a private project of one company and
// somebody of each kind.
type world struct {
	*house.House
	open, vault scope.Scope
	as          map[string]house.Proof // nobody, out, guest, dev, adm
	root        embedded.User
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return peopled(t, house.New(t))
}

// peopled makes a world of an empty house.
func peopled(t *testing.T, h *house.House) *world {
	t.Helper()
	w := &world{House: h, as: map[string]house.Proof{"nobody": nil}}
	w.root = w.Admin(t, "root")
	company := w.Company(t, "acme", w.root, false)
	source := house.Repository(t, "v1.0.0", map[string]string{
		"composer.json": `{"name": "acme/money", "description": "Amounts"}`, "README.md": "# Money\n\n[Licence](LICENSE)\n", "LICENSE": "MIT",
	})
	open := w.Project(t, company.Ref(), "money", false, source)
	vault := w.Project(t, company.Ref(), "vault", true, source)
	for name, role := range map[string]forge.Role{"out": 0, "guest": forge.Guest, "dev": forge.Developer, "adm": forge.Administrator} {
		u := w.User(t, name)
		if role != 0 {
			w.Member(t, open.Ref(), u, role)
			w.Member(t, vault.Ref(), u, role)
		}
		w.as[name] = house.Cookie(w.Session(t, u))
	}
	w.open, w.vault = w.resolve(t, open.Path()), w.resolve(t, vault.Path())
	return w
}

func (w *world) resolve(t *testing.T, path scope.Path) scope.Scope {
	t.Helper()
	sc, err := w.Forge.Resolve(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return sc
}

// publish brings a package and gives the address of its page.
func (w *world) publish(t *testing.T, sc scope.Scope, kind string, rel format.Release) string {
	t.Helper()
	reg := w.Registry.Bind(w.Registry.Kind(kind), sc, forge.Actor{ID: w.root.ID}, forge.PublishPackages, format.API)
	v, err := reg.Publish(t.Context(), rel)
	if err != nil {
		t.Fatal(err)
	}
	p, err := reg.Package(t.Context(), v.Package)
	if err != nil {
		t.Fatal(err)
	}
	return "/" + strings.TrimPrefix(sc.Path.String()+"/package/"+kind+"/"+p.UUID, "/")
}

func simple(name, version string) format.Release {
	return format.Release{Package: name, Version: version, Description: "of " + version, Files: []format.NewFile{
		{Name: name + ".bin", Body: blob.FromBytes([]byte(name + version))},
	}}
}

func (w *world) get(t *testing.T, who, path string) house.Reply {
	t.Helper()
	return w.Do(t, house.Call{Path: path, As: w.as[who], Header: http.Header{"Accept": {"text/html"}}})
}

// page is get of a page that is there.
func (w *world) page(t *testing.T, who, path string) string {
	t.Helper()
	r := w.get(t, who, path)
	if r.Status != http.StatusOK {
		t.Fatalf("%s as %s: %d\n%s", path, who, r.Status, r.Body)
	}
	return string(r.Body)
}

// send posts a form.
func (w *world) send(t *testing.T, who, path string, form url.Values) house.Reply {
	t.Helper()
	return w.Do(t, house.Call{
		Method: http.MethodPost, Path: path, As: w.as[who], Body: []byte(form.Encode()),
		Header: http.Header{"Accept": {"text/html"}, "Content-Type": {"application/x-www-form-urlencoded"}},
	})
}

// led fails unless a form led to another page, and gives its address.
func led(t *testing.T, r house.Reply) string {
	t.Helper()
	if r.Status != http.StatusSeeOther {
		t.Fatalf("the form was answered with %d\n%s", r.Status, r.Body)
	}
	return r.Header.Get("Location")
}

func has(t *testing.T, what, page string, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(html.UnescapeString(page), word) {
			t.Errorf("%s does not say %q", what, word)
		}
	}
}

func lacks(t *testing.T, what, page string, words ...string) {
	t.Helper()
	for _, word := range words {
		if strings.Contains(html.UnescapeString(page), word) {
			t.Errorf("%s says %q", what, word)
		}
	}
}

// Who sees and may do what. A private project is one that is not there.
func TestPackagePagesKeepRights(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const ok, sign, denied, hidden = http.StatusOK, http.StatusSeeOther, http.StatusForbidden, http.StatusNotFound
	read := map[string][2]int{"nobody": {ok, hidden}, "out": {ok, hidden}, "guest": {ok, ok}, "dev": {ok, ok}, "adm": {ok, ok}}
	publish := map[string][2]int{"nobody": {sign, hidden}, "out": {denied, hidden}, "guest": {denied, denied}, "dev": {ok, ok}, "adm": {ok, ok}}
	remove := map[string][2]int{"nobody": {sign, hidden}, "out": {denied, hidden}, "guest": {denied, denied}, "dev": {denied, denied}, "adm": {ok, ok}}
	for i, sc := range []scope.Scope{w.open, w.vault} {
		at := "/" + sc.Path.String()
		pkg := w.publish(t, sc, "generic", simple("tool", "1.0.0"))
		for path, table := range map[string]map[string][2]int{
			at + "/tags": read, at + "/package": read, at + "/package/connect": read, at + "/package/connect/composer": read,
			pkg: read, pkg + "/1.0.0": read, pkg + "/versions": read, pkg + "/feed": read,
			at + "/package/upload": publish, at + "/package/upload/generic": publish,
			pkg + "/delete": remove, pkg + "/delete?version=1.0.0": remove,
		} {
			for who, want := range table {
				if r := w.get(t, who, path); r.Status != want[i] {
					t.Errorf("%s as %s: %d, want %d", path, who, r.Status, want[i])
				}
			}
		}
		for who, want := range map[string][2]int{"nobody": {401, 404}, "out": {403, 404}, "guest": {403, 403}, "dev": {303, 303}} {
			if r := w.send(t, who, at+"/tags/publish", url.Values{"tag": {"v1.0.0"}, "format": {"composer"}}); r.Status != want[i] {
				t.Errorf("publishing a tag of %s as %s: %d, want %d", at, who, r.Status, want[i])
			}
		}
		for who, want := range map[string][2]int{"nobody": {401, 404}, "out": {403, 404}, "guest": {403, 403}, "dev": {403, 403}, "adm": {303, 303}} {
			if r := w.send(t, who, pkg+"/delete", url.Values{"typed": {"tool"}}); r.Status != want[i] {
				t.Errorf("deleting %s as %s: %d, want %d", pkg, who, r.Status, want[i])
			}
		}
	}
	// What one may not do is not offered either.
	pkg := w.publish(t, w.open, "generic", simple("tool", "1.0.0"))
	for who, may := range map[string][2]bool{"nobody": {}, "guest": {}, "dev": {true, false}, "adm": {true, true}} {
		list, page := w.page(t, who, "/project/acme/money/package"), w.page(t, who, pkg)
		if got := strings.Contains(list, "/package/upload"); got != may[0] {
			t.Errorf("upload is offered to %s: %v", who, got)
		}
		if got := strings.Contains(page, pkg+"/delete"); got != may[1] {
			t.Errorf("deletion is offered to %s: %v", who, got)
		}
	}
}

func TestAddressesOfPackages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pkg := w.publish(t, w.open, "generic", simple("tool", "1.0.0"))
	for _, version := range []string{"versions", "delete", "feed", "files", "a?b #c", "1.0.0+x", "é"} {
		w.publish(t, w.open, "generic", simple("tool", version))
	}
	links := 0
	for _, a := range anchors(t, w.page(t, "nobody", pkg+"/versions")) {
		if strings.HasPrefix(a, pkg+"/") || strings.HasPrefix(a, pkg+"?") {
			links++
			has(t, a, w.page(t, "nobody", a), "<h1>tool <span>", "data-step=\"download\"")
		}
	}
	if links != 8 {
		t.Errorf("there are links to %d versions, not to 8", links)
	}
	uuid := pkg[strings.LastIndex(pkg, "/")+1:]
	for _, path := range []string{
		pkg + "/9.9.9", pkg + "?version=9", pkg + "/files/" + uuid, pkg + "/a/b",
		"/project/acme/money/package/composer/" + uuid, "/project/acme/money/package/nothing/" + uuid,
		"/project/acme/vault/package/generic/" + uuid, "/company/acme/package/generic/" + uuid, "/package/generic/" + uuid,
		"/project/acme/money/package/generic/x", "/project/acme/money/package/connect/nothing",
	} {
		if r := w.get(t, "adm", path); r.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, r.Status)
		}
	}
}

func anchors(t *testing.T, page string) []string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			if n.Type == html.ElementNode && n.Data == "a" && a.Key == "href" {
				out = append(out, a.Val)
			}
		}
	}
	return out
}

// The page of a version shows all there is, in both languages.
func TestVersionPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := w.publish(t, w.open, "composer", format.Release{Package: "acme/decimal", Version: "1.0.0"})
	old := simple("acme/money", "2.3.0")
	old.Files = nil
	w.publish(t, w.open, "composer", old)
	rel := simple("acme/money", "2.4.1")
	rel.Files[0].Name = "money.zip"
	rel.Metadata = []byte(`{"name":"acme/money","license":"MIT","keywords":["amounts"],"require":{"php":">=8.1","acme/decimal":"^1.2","psr/log":"^3.0"},
		"homepage":"javascript:alert(1)","support":{"issues":"https://bugs.example"},"abandoned":"acme/cash"}`)
	rel.Readme = format.Readme{Name: "README.md", Text: "# Money\n\nNever *rounds*."}
	rel.Origin = format.Origin{Tag: "v2.4.1", Commit: strings.Repeat("9f2c1ab", 6)[:40]}
	pkg := w.publish(t, w.open, "composer", rel)
	page := w.page(t, "nobody", pkg)
	digests := rel.Files[0].Body.Digests()
	has(t, "the page", page, "<h1>acme/money <span>2.4.1", "latest", "of 2.4.1", `data-step="require"`, "composer require acme/money:^2.4",
		"<em>rounds</em>", `<a href="`+other+`">acme/decimal</a>`, "in this registry", "psr/log", "abandoned; use acme/cash",
		digests.SHA256, digests.SHA512, digests.SHA1, digests.MD5, "2.3.0", "tag v2.4.1", "9f2c1ab", "MIT", "amounts",
		`href="https://bugs.example"`, `href="`+pkg+`/feed"`, "Downloads, last 30 days", "API", `href="/user/root"`, "acme/money</a>")
	for _, a := range anchors(t, page) {
		if strings.HasPrefix(a, "javascript:") {
			t.Errorf("the page leads to %s", a)
		}
	}
	has(t, "the page of an old version", w.page(t, "nobody", pkg+"/2.3.0"), "<span>2.3.0", "Newest: 2.4.1")
	russian := w.Do(t, house.Call{Path: pkg, Header: http.Header{"Accept-Language": {"ru"}}})
	has(t, "the Russian page", string(russian.Body), "последняя", "Зависимости", "Загрузки за 30 дней", "Опубликовано")

	reg := w.Registry.Bind(w.Registry.Kind("composer"), w.open, forge.Actor{ID: w.root.ID}, forge.PublishPackages, format.API)
	if err := reg.Edit(t.Context(), "acme/money", format.Yank{Version: "2.4.1", On: true, Reason: "it <rounds>"}); err != nil {
		t.Fatal(err)
	}
	has(t, "the page of a yanked version", w.page(t, "nobody", pkg+"/2.4.1"), "yanked", "it <rounds>")
	has(t, "the list", w.page(t, "nobody", "/project/acme/money/package"), "acme/money", "2.3.0", "2.4.1 yanked")
	has(t, "the company's list", w.page(t, "nobody", "/company/acme/package"), `project <a href="/project/acme/money">acme/money</a>`)
}

// The style sheet knows of so many tasks of a switch.
func TestTasksFitTheirSwitch(t *testing.T) {
	t.Parallel()
	const most = 12
	w := newWorld(t)
	for _, k := range w.Registry.Kinds() {
		if k.Presented == nil {
			continue
		}
		if n := strings.Count(w.page(t, "adm", "/project/acme/vault/package/connect/"+k.Info.ID), `class="switch-body"`); n == 0 || n > most {
			t.Errorf("the page to connect %s has %d tasks", k.Info.Title, n)
		}
	}
}

// A click on a file downloads it, as an attachment, and is counted.
func TestFileOfThePage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	pkg := w.publish(t, w.vault, "generic", simple("tool", "1.0.0"))
	var link string
	for _, a := range anchors(t, w.page(t, "guest", pkg)) {
		if strings.Contains(a, "/files/") {
			link = a
		}
	}
	r := w.get(t, "guest", link)
	if r.Status != http.StatusOK || string(r.Body) != "tool1.0.0" || !strings.HasPrefix(r.Header.Get("Content-Disposition"), "attachment") ||
		!strings.Contains(r.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("the file was answered with %d %v\n%s", r.Status, r.Header, r.Body)
	}
	for _, who := range []string{"nobody", "out"} {
		if r := w.get(t, who, link); r.Status != http.StatusNotFound {
			t.Errorf("%s gets the file with %d", who, r.Status)
		}
	}
	if err := w.Registry.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	has(t, "the page", w.page(t, "guest", pkg+"/1.0.0"), "1 since the beginning", "1 download in the last 30 days")
}

// Incident 33: whatever publishers write, pages show it as text.
func TestPackagePagesAreInert(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const evil = `"><img src=x onerror=alert(1)><script>alert(2)<` + "\u2044script>'"
	rel := simple("tool", `"><img src=x onerror=alert(1)>`)
	rel.Description, rel.Files[0].Name, rel.Tags = evil, evil, []string{evil}
	rel.Readme = format.Readme{Name: "README.md", Text: "<script>alert(1)</script> <img src=x onerror=alert(1)> [a](javascript:alert(1)) <form action=/sign-out><button>x</button></form>"}
	rel.Origin = format.Origin{Tag: evil, Commit: evil, Tagger: evil}
	rel.Metadata = []byte(`{"a":"</code><script>alert(1)</script>"}`)
	pkg := w.publish(t, w.open, "generic", rel)
	money := simple("acme/money", "1.0.0")
	money.Files = nil
	money.Metadata = []byte(`{"name":"acme/money","license":"<script>x</script>","keywords":["<img src=x onerror=alert(1)>"],"type":"library",
		"authors":[{"name":"<svg onload=alert(1)>"}],"suggest":{"<b>":"<script>alert(1)</script>"},"support":{"source":"javascript:alert(1)","docs":"data:text/html,x"}}`)
	composer := w.publish(t, w.open, "composer", money)
	for _, path := range []string{
		pkg, pkg + "/versions", composer, pkg + "/delete", pkg + "/delete?version=" + url.QueryEscape(rel.Version),
		"/project/acme/money/package?q=" + url.QueryEscape(evil), "/project/acme/money/package", "/company/acme/package",
		"/explore", "/explore?q=" + url.QueryEscape(evil), "/project/acme/money/tags?q=" + url.QueryEscape(evil),
	} {
		doc, err := html.Parse(strings.NewReader(w.page(t, "adm", path)))
		if err != nil {
			t.Fatal(err)
		}
		for n := range doc.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			if n.Data == "img" || n.Data == "b" || n.Data == "script" && n.FirstChild != nil {
				t.Errorf("%s: there is <%s>", path, n.Data)
			}
			for _, a := range n.Attr {
				value := strings.ToLower(a.Val)
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" || strings.HasPrefix(value, "javascript:") || strings.HasPrefix(value, "data:") {
					t.Errorf("%s: <%s %s=%q>", path, n.Data, a.Key, a.Val)
				}
				if n.Data == "form" && a.Key == "action" && a.Val == "/sign-out" && n.Parent.Data != "div" {
					t.Errorf("%s: a form of the README", path)
				}
			}
		}
	}
}
