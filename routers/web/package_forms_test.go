package web_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ingot.dev/integrations/house"
	"ingot.dev/modules/blob"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
)

// part is a field of an upload, or its file where Name is "file".
type part struct{ name, value string }

func (w *world) upload(t *testing.T, who, path string, parts ...part) house.Reply {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for _, p := range parts {
		var err error
		if p.name == "file" {
			name, content, _ := strings.Cut(p.value, "=")
			f, e := form.CreateFormFile("file", name)
			if e == nil {
				_, e = f.Write([]byte(content))
			}
			err = e
		} else {
			err = form.WriteField(p.name, p.value)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	return w.Do(t, house.Call{
		Method: http.MethodPost, Path: path, As: w.as[who], Body: b.Bytes(),
		Header: http.Header{"Accept": {"text/html"}, "Content-Type": {form.FormDataContentType()}},
	})
}

func TestUploadForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const path = "/project/acme/vault/package/upload/generic"
	name, version, file := part{"package", "tool"}, part{"version", "1.0.0"}, part{"file", "tool.bin=bytes"}
	to := led(t, w.upload(t, "dev", path, name, version, file))
	page := w.page(t, "guest", to)
	has(t, to, page, "<h1>tool <span>1.0.0", "tool.bin", "Manually", `href="/user/dev"`)

	for what, c := range map[string]struct {
		status int
		parts  []part
		says   []string
	}{
		"again":               {http.StatusConflict, []part{name, version, file}, []string{"already exists", `value="tool"`, `value="1.0.0"`}},
		"no file":             {http.StatusBadRequest, []part{name, version}, []string{"Choose a file.", `value="tool"`, `aria-invalid="true"`}},
		"no file chosen":      {http.StatusBadRequest, []part{name, version, {"file", "="}}, []string{"Choose a file."}},
		"no version":          {http.StatusBadRequest, []part{name, file}, []string{"This is needed.", `value="tool"`}},
		"file first":          {http.StatusBadRequest, []part{file, name, version}, []string{"This is needed."}},
		"a name with a slash": {http.StatusBadRequest, []part{{"package", `a/"><b>`}, version, file}, []string{"not allowed", `value="a/"><b>"`}},
		"a long field":        {http.StatusRequestEntityTooLarge, []part{{"package", strings.Repeat("x", 5000)}, version, file}, []string{"4096"}},
	} {
		r := w.upload(t, "dev", path, c.parts...)
		if r.Status != c.status {
			t.Errorf("%s: %d, want %d\n%s", what, r.Status, c.status, r.Body)
		}
		has(t, what, string(r.Body), append(c.says, `enctype="multipart/form-data"`)...)
	}
	var many []part
	for i := range 100 {
		many = append(many, part{fmt.Sprint("f", i), "x"})
	}
	if r := w.upload(t, "dev", path, many...); r.Status != http.StatusBadRequest {
		t.Errorf("a form of 100 fields: %d", r.Status)
	}
	if r := w.send(t, "dev", path, url.Values{"package": {"tool"}}); r.Status != http.StatusBadRequest {
		t.Errorf("a form without a file part: %d", r.Status)
	}
	if r := w.upload(t, "guest", path, name, version, file); r.Status != http.StatusForbidden {
		t.Errorf("a guest uploads: %d", r.Status)
	}
	if r := w.upload(t, "out", path, name, version, file); r.Status != http.StatusNotFound {
		t.Errorf("somebody from outside uploads: %d", r.Status)
	}
	if r := w.upload(t, "dev", "/project/acme/vault/package/upload/nothing", name, version, file); r.Status != http.StatusNotFound {
		t.Errorf("an unknown format: %d", r.Status)
	}
	if files := w.Files(t, "spool"); len(files) > 0 {
		t.Errorf("the spool still has %v", files)
	}
}

// Incident 30 (left-pad): a deletion asks first, and says what goes.
func TestDeletePages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rel := simple("tool", "1.0.0")
	rel.Files = append(rel.Files, format.NewFile{Name: "more.bin", Body: blob.FromBytes([]byte("more"))})
	pkg := w.publish(t, w.open, "generic", rel)
	w.publish(t, w.open, "generic", simple("tool", "2.0.0"))

	page := w.page(t, "adm", pkg+"/delete")
	has(t, "the question about a package", page, "Delete tool?", "2 versions", "3 files, 22\u00a0B", "0 downloads", "Type tool to confirm")
	r := w.send(t, "adm", pkg+"/delete", url.Values{"typed": {"tools"}})
	if r.Status != http.StatusBadRequest {
		t.Errorf("another name is answered with %d", r.Status)
	}
	has(t, "the refusal", string(r.Body), "Delete tool?", `aria-invalid="true"`)

	var file string
	for _, a := range anchors(t, w.page(t, "adm", pkg+"/1.0.0")) {
		if strings.Contains(a, "/delete?file=") {
			file = a // the last: more.bin
		}
	}
	has(t, "the question about a file", w.page(t, "adm", file), "Delete the file more.bin?", "more.bin, 4\u00a0B")
	_, id, _ := strings.Cut(file, "=")
	to := led(t, w.send(t, "adm", pkg+"/delete", url.Values{"file": {id}}))
	if to != pkg+"/1.0.0" {
		t.Errorf("deleting one of two files leads to %s", to)
	}
	lacks(t, "the version", w.page(t, "adm", to), "more.bin</a>")

	has(t, "the question about a version", w.page(t, "adm", pkg+"/delete?version=1.0.0"), "Delete tool 1.0.0?", "1 file, 9\u00a0B")
	if to := led(t, w.send(t, "adm", pkg+"/delete", url.Values{"version": {"1.0.0"}})); to != pkg {
		t.Errorf("deleting one of two versions leads to %s", to)
	}
	if r := w.get(t, "adm", pkg+"/1.0.0"); r.Status != http.StatusNotFound {
		t.Errorf("the deleted version is answered with %d", r.Status)
	}
	has(t, "the question about the last version", w.page(t, "adm", pkg+"/delete?version=2.0.0"), "the package tool, whose only version it is")
	if to := led(t, w.send(t, "adm", pkg+"/delete", url.Values{"typed": {"tool"}})); to != "/project/acme/money/package" {
		t.Errorf("deleting a package leads to %s", to)
	}
	if r := w.get(t, "adm", pkg); r.Status != http.StatusNotFound {
		t.Errorf("the deleted package is answered with %d", r.Status)
	}
	has(t, "the empty list", w.page(t, "adm", "/project/acme/money/package"), "No packages yet", "git tag v1.0.0")
}

// Incident 21: names of private packages in a public feed. Search, lists and
// the counts beside them know only what the reader may see.
func TestExploreHidesWhatIsPrivate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 30 { // more than a page of what is hidden lies before what is not
		w.publish(t, w.vault, "generic", simple(fmt.Sprint("secret-", i), "1.0.0"))
	}
	shown := w.publish(t, w.open, "generic", simple("plain", "1.0.0"))
	for i := range 30 {
		w.publish(t, w.vault, "generic", simple(fmt.Sprint("hidden-", i), "1.0.0"))
	}
	for _, who := range []string{"nobody", "out"} {
		for _, path := range []string{"/explore", "/explore?q=secret", "/explore?q=1.0.0", "/explore?in=projects", "/explore?format=generic", "/company/acme/package", "/company/acme/package?q=secret"} {
			lacks(t, path+" as "+who, w.page(t, who, path), "secret-", "hidden-", "vault", "from=")
		}
		has(t, "/explore as "+who, w.page(t, who, "/explore"), shown)
		lacks(t, "/explore as "+who, w.page(t, who, "/explore"), `rel="next"`)
	}
	// Nor do the addresses of further pages count it.
	for i := range 26 {
		w.publish(t, w.open, "generic", simple(fmt.Sprint("many-", i), "1.0.0"))
	}
	onward := func() string {
		for _, a := range anchors(t, w.page(t, "out", "/explore?q=many-")) {
			if strings.Contains(a, "from=") {
				return a
			}
		}
		t.Fatal("there is no second page")
		return ""
	}
	second := onward()
	rest := w.page(t, "out", second)
	for i := range 3 {
		w.publish(t, w.vault, "generic", simple(fmt.Sprint("many-hidden-", i), "1.0.0"))
	}
	if again := onward(); again != second || w.page(t, "out", second) != rest {
		t.Errorf("what is hidden moves the second page from %s to %s", second, again)
	}
	first := w.page(t, "guest", "/explore")
	has(t, "/explore as guest", first, "many-hidden-2", "private")
	var seen []string
	for path := "/explore"; path != ""; {
		page := w.page(t, "guest", path)
		path = ""
		for _, a := range anchors(t, page) {
			if strings.Contains(a, "/package/generic/") {
				seen = append(seen, a)
			}
			if strings.Contains(a, "from=") && strings.Count(a, "-") > len(seen)/25-2 && len(seen)%25 == 0 {
				path = a
			}
		}
	}
	if len(seen) != 90 {
		t.Errorf("turning the pages showed %d packages, not 90", len(seen))
	}
	has(t, "the projects", w.page(t, "guest", "/explore?in=projects&q=vault"), "acme/vault")
	if to := led(t, w.get(t, "nobody", "/packages")); to != "/explore" {
		t.Errorf("/packages leads nobody to %s", to)
	}
	has(t, "/packages", w.page(t, "dev", "/packages"), "many-hidden-2", `project <a href="/project/acme/vault">`)
	lacks(t, "/packages", w.page(t, "out", "/packages"), "hidden-", "plain")

	vault := w.publish(t, w.vault, "generic", simple("quiet", "1.0.0"))
	lacks(t, "a private package", w.page(t, "guest", vault), "/feed")
	if r := w.get(t, "nobody", vault+"/feed"); r.Status != http.StatusNotFound {
		t.Errorf("the feed of a private package: %d", r.Status)
	}
	feed := w.get(t, "nobody", shown+"/feed")
	has(t, "the feed", string(feed.Body), "<feed xmlns=\"http://www.w3.org/2005/Atom\">", "plain 1.0.0", w.Root+shown+"/1.0.0", "<name>root</name>")
}

func TestTagsPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const path = "/project/acme/money/tags"
	has(t, "the page", w.page(t, "dev", path), "acme/money 1.0.0", "ready to publish", "Publish Composer package", "lightweight", "Publish on push is off")
	lacks(t, "the page of a guest", w.page(t, "guest", path), "Publish Composer package", "/money/settings")
	has(t, "the page of an administrator", w.page(t, "adm", path), `href="/project/acme/money/settings"`)

	publish := url.Values{"tag": {"v1.0.0"}, "format": {"composer"}, "back": {path + "?q=v1"}}
	if to := led(t, w.send(t, "dev", path+"/publish", publish)); to != path+"?q=v1" {
		t.Errorf("publishing leads to %s", to)
	}
	page := w.page(t, "nobody", path)
	has(t, "the page", page, "published, 0 downloads", "View package", `">acme/money 1.0.0</a>`)
	lacks(t, "the page", page, "ready to publish")
	for what, form := range map[string]url.Values{
		"already exists": publish,
		"no tag":         {"tag": {"v9"}, "format": {"composer"}},
	} {
		r := w.send(t, "dev", path+"/publish", form)
		led(t, r)
		cookie := r.Header.Get("Set-Cookie")
		flash := w.Do(t, house.Call{Path: path, As: w.as["dev"], Header: http.Header{"Cookie": {strings.SplitN(cookie, ";", 2)[0]}}})
		has(t, "the answer", string(flash.Body), what, `role="alert"`)
	}
	for _, format := range []string{"generic", "nothing", ""} {
		if r := w.send(t, "dev", path+"/publish", url.Values{"tag": {"v1.0.0"}, "format": {format}}); r.Status != http.StatusNotFound {
			t.Errorf("publishing a tag as %q: %d", format, r.Status)
		}
	}
	has(t, "a filter", w.page(t, "nobody", path+"?q=zzz"), "No tag fits")

	company := w.resolve(t, scope.Path{Kind: scope.Company, Owner: "acme"})
	w.Project(t, company.Ref, "empty", false, "")
	has(t, "an empty project", w.page(t, "nobody", "/project/acme/empty/tags"), "No tags yet", "git tag v1.0.0\ngit push origin v1.0.0")
	w.Project(t, company.Ref, "broken", false, house.Repository(t, "v2.0.0", map[string]string{"composer.json": "{\n\"name\": \"a/b\"\n\"x\": 1}"}))
	has(t, "a broken project", w.page(t, "dev", "/project/acme/broken/tags"), "not publishable", "composer.json, line 2",
		"/project/acme/broken/tree/composer.json?ref=v2.0.0#L2")
	w.Project(t, company.Ref, "docs", false, house.Repository(t, "docs-2026", map[string]string{"README.md": "x"}))
	has(t, "a project without packages", w.page(t, "nobody", "/project/acme/docs/tags"), "The tag is no version")
}

func TestRegistryList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 30 {
		w.publish(t, w.open, "generic", simple(fmt.Sprintf("tool-%02d", i), "1.0.0"))
	}
	w.publish(t, w.open, "composer", format.Release{Package: "acme/money", Version: "1.0.0", Description: "Amounts 100%"})
	w.publish(t, w.open, "composer", format.Release{Package: "acme/money", Version: "2.0.0-beta1", Prerelease: true})
	w.publish(t, w.open, "composer", format.Release{Package: "acme/early", Version: "0.1.0-beta1", Prerelease: true})
	const path = "/project/acme/money/package"
	page := w.page(t, "nobody", path)
	has(t, "the list", page, "1–25 of 32", "acme/early", "tool-29", "Older", "next 2.0.0-beta1", "pre-release")
	lacks(t, "the list", page, "tool-01", "Upload a package")
	has(t, "the second page", w.page(t, "nobody", path+"?from=25"), "26–32 of 32", "tool-00", "Newer")
	has(t, "a search", w.page(t, "nobody", path+"?q=100%25"), "1–1 of 1", "acme/money")
	has(t, "a format", w.page(t, "nobody", path+"?format=composer"), "1–2 of 2")
	has(t, "by name", w.page(t, "nobody", path+"?order=name"), "acme/early", "tool-20", "Next")
	has(t, "nothing", w.page(t, "nobody", path+"?q=zzz"), "Nothing fits", `<a href="`+path+`">`)
	for _, odd := range []string{"?from=-1", "?from=x", "?order=x", "?format=x", "?from=99999999999"} {
		has(t, odd, w.page(t, "nobody", path+odd), "1–25 of 32")
	}
	has(t, "steps for the whole registry", w.page(t, "guest", "/project/acme/vault/package/connect/composer"),
		`data-step="repository"`, `data-step="credential"`, "guest TOKEN", "/settings/tokens")
	lacks(t, "steps of a public registry", w.page(t, "nobody", path+"/connect/composer"), `data-step="credential"`)
}

// Where everybody has to sign in, the lists say nothing before.
func TestExploreAsksToSignIn(t *testing.T) {
	t.Parallel()
	h := house.New(t, "SECURITY__REQUIRE_SIGN_IN=true")
	for _, path := range []string{"/explore", "/explore?in=projects"} {
		if to := led(t, h.Do(t, house.Call{Path: path})); !strings.HasPrefix(to, "/sign-in") {
			t.Errorf("%s leads to %s", path, to)
		}
	}
}
