package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"

	"ingot.dev/integrations/house"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
	embedded "ingot.dev/services/forge"
)

const evil = `<script>alert(1)</script>"><img src=x onerror=alert(2)>`

// git runs git in a folder.
func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull,
		"GIT_AUTHOR_NAME="+evil, "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=Ann", "GIT_COMMITTER_EMAIL=a@example.com")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

const pixel = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"

// sample makes a project of root's whose repository has a bit of everything,
// and gives its address.
func (w *world) sample(t *testing.T) string {
	t.Helper()
	folder := house.Repository(t, "v1", map[string]string{
		"README.md": "# Hello\n\n![pixel](img/a.png) ![drawing](img/a.svg) [code](<src/a b.go#L1>) <script>alert(1)</script>\n",
		"img/a.png": pixel, "img/a.svg": `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`,
		"img/false.png": "<html><script>alert(1)</script>",
		"page.html":     "<script>alert(1)</script>",
		"src/a b.go":    "package a // <b>\n",
		"binary":        "\x00\x01\x02", "large.txt": strings.Repeat("a line\n", 100_000), "empty.txt": "",
		"<i>odd&": "odd",
	})
	if err := os.Symlink("README.md", folder+"/link"); err != nil {
		t.Fatal(err)
	}
	git(t, folder, "update-index", "--add", "--cacheinfo", "160000,"+strings.Repeat("a", 40)+",sub")
	git(t, folder, "add", "link")
	git(t, folder, "commit", "--quiet", "--message", evil)
	git(t, folder, "branch", "feature/one")
	for i := range 30 {
		git(t, folder, "commit", "--quiet", "--allow-empty", "--message", fmt.Sprint("Change ", i))
	}
	p := w.Project(t, w.root.Ref(), "sample", false, folder)
	return "/" + p.Path().String()
}

func TestCode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := w.sample(t)
	front := w.page(t, "nobody", at)
	has(t, "the front page", front, "Change 29", at+"/tree/src", at+"/tree/src/a%20b.go#L1", at+"/raw/img/a.png", at+".git",
		"feature/one", at+"?ref=feature%2Fone", "symbolic link", "submodule", "<i>odd&", "Hello")
	lacks(t, "the front page", front, "/raw/img/a.svg", "/tree/sub")
	if strings.Contains(front, "<i>odd") || strings.Contains(front, "<script>alert") {
		t.Error("a name of the repository is markup on the page")
	}
	branch := w.page(t, "nobody", at+"?ref=feature/one")
	has(t, "the branch", branch, evil, at+"/tree/src?ref=feature%2Fone", at+"/raw/img/a.png?ref=feature%2Fone")
	if strings.Contains(branch, "<script>alert") || strings.Contains(branch, "<img src=x") {
		t.Error("a commit's message or author is markup on the page")
	}
	for path, words := range map[string][]string{
		"/tree/src":                     {"a b.go"},
		"/tree/src/a%20b.go":            {`id="L1"`, "<b>", at + "/raw/src/a%20b.go"},
		"/tree/src/a%20b.go?ref=v1":     {at + "/raw/src/a%20b.go?ref=v1"},
		"/tree/README.md":               {"Hello", "view=source"},
		"/tree/README.md?view=source":   {"# Hello"},
		"/tree/README.md?ref=v1":        {"?ref=v1&view=source"},
		"/tree/img/a.png":               {`<img src="` + at + `/raw/img/a.png"`},
		"/tree/binary":                  {"cannot be shown as text"},
		"/tree/large.txt":               {"too large to be shown"},
		"/tree/empty.txt":               {"The file is empty"},
		"/tree/link":                    {"Symbolic link to", "README.md"},
		"/tree/sub":                     {"another repository"},
		"/tree/%3Ci%3Eodd&":             {"<i>odd&", `id="L1"`},
		"/tree/src%2Fa%20b.go":          nil,
		"/tree/page.html":               {"alert"},
		"/commits":                      {"Change 29", "Change 5", "from=25"},
		"/commits?from=25":              {"Change 4", "First", at + "/commits?"},
		"/commits?ref=feature/one":      {"First"},
		"/commits?from=5000":            {"no more commits"},
		"/commits?ref=v1":               {"First"},
		"/tree/img?ref=refs/heads/main": {"a.svg"},
	} {
		r := w.get(t, "nobody", at+path)
		if words == nil {
			if r.Status != http.StatusBadRequest { // an address of ours has no slash hidden in it
				t.Errorf("%s: %d", path, r.Status)
			}
			continue
		}
		if r.Status != http.StatusOK {
			t.Errorf("%s: %d\n%s", path, r.Status, r.Body)
		}
		has(t, path, string(r.Body), words...)
		if strings.Contains(string(r.Body), "<script>alert") {
			t.Errorf("%s has a script", path)
		}
	}
	for _, path := range []string{
		"/tree/none", "/tree/README.md/none", "?ref=none", "?ref=" + strings.Repeat("0", 40), "?ref=../../HEAD", "/raw/none", "/raw/src",
		"/raw/link", "/raw/sub", "/commits?ref=none", "/tree/src?ref=refs/../HEAD",
	} {
		if r := w.get(t, "nobody", at+path); r.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, r.Status)
		}
	}
}

// Incident 8 (GitLab MR 202213): whatever a file is, no browser runs it.
func TestRaw(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := w.sample(t)
	for path, want := range map[string][2]string{
		"img/a.png":     {"image/png", "inline; filename=a.png"},
		"img/a.svg":     {"application/octet-stream", "attachment; filename=a.svg"},
		"img/false.png": {"application/octet-stream", "attachment; filename=false.png"},
		"page.html":     {"application/octet-stream", "attachment; filename=page.html"},
		"src/a%20b.go":  {"application/octet-stream", `attachment; filename="a b.go"`},
		"empty.txt":     {"application/octet-stream", "attachment; filename=empty.txt"},
		"large.txt":     {"application/octet-stream", "attachment; filename=large.txt"},
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			r := w.Do(t, house.Call{Method: method, Path: at + "/raw/" + path})
			h := r.Header
			if r.Status != http.StatusOK || h.Get("Content-Type") != want[0] || h.Get("Content-Disposition") != want[1] ||
				h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") {
				t.Errorf("%s %s: %d %v", method, path, r.Status, h)
			}
			if length := h.Get("Content-Length"); method == http.MethodGet && length != fmt.Sprint(len(r.Body)) {
				t.Errorf("%s: %s bytes are announced, %d came", path, length, len(r.Body))
			}
		}
	}
	if r := w.get(t, "nobody", at+"/raw/img/a.png"); string(r.Body) != pixel {
		t.Errorf("the picture is %q", r.Body)
	}
}

func TestEmptyProject(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.Project(t, w.root.Ref(), "empty", false, "")
	at := "/" + p.Path().String()
	has(t, "the page", w.page(t, "nobody", at), "git remote add origin http://ingot.example"+at+".git", "git push --set-upstream origin main")
	for _, path := range []string{"/tree/a", "/raw/a", "/commits"} {
		if r := w.get(t, "nobody", at+path); r.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, r.Status)
		}
	}
}

// What people call things is text wherever it stands.
func TestNamesAreText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	face := embedded.Face{Title: evil, Description: evil}
	company, err := w.Forge.CreateCompany(ctx, embedded.NewCompany{Alias: "odd", Owner: w.root.ID, Face: face})
	if err != nil {
		t.Fatal(err)
	}
	project, err := w.Forge.CreateProject(ctx, embedded.NewProject{Owner: company.Ref(), Alias: "thing", Face: face})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Forge.UpdateUser(ctx, w.root.ID, embedded.Profile{Title: evil, Email: w.root.Email}); err != nil {
		t.Fatal(err)
	}
	w.Member(t, project.Ref(), w.root, forge.Owner)
	w.NewToken(t, w.root, embedded.NewToken{Name: evil, Grants: forge.Transport})
	session, err := w.Forge.CreateSession(ctx, w.root.ID, evil, evil)
	if err != nil {
		t.Fatal(err)
	}
	w.as["root"] = house.Cookie(session)
	for _, path := range []string{
		"/", "/companies", "/company/odd", "/company/odd/members", "/company/odd/settings", "/user/root", "/project/odd/thing",
		"/project/odd/thing/settings", "/settings", "/settings/sessions", "/settings/tokens", "/settings/tokens/1/revoke",
		"/admin/users", "/admin/users/root", "/admin/companies", "/projects/new?owner=" + url.QueryEscape(evil), "/companies?q=" + url.QueryEscape(evil),
		"/sign-in?back=" + url.QueryEscape(evil), "/none" + url.PathEscape("<script>alert(1)"),
	} {
		page := string(w.get(t, "root", path).Body)
		if strings.Contains(page, "<script>alert") || strings.Contains(page, "<img src=x") {
			t.Errorf("%s shows a name as markup", path)
		}
	}
	has(t, "the company", w.page(t, "root", "/company/odd"), evil)
}

func TestProjectSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const at = "/project/acme/money"
	page := w.page(t, "adm", at+"/settings")
	has(t, "the settings", page, `action="`+at+`/settings/publish-on-push"`, `value="v*"`)
	r := w.send(t, "adm", at+"/settings", url.Values{"title": {strings.Repeat("x", 200)}, "description": {"kept"}, "private": {"on"}})
	if r.Status != http.StatusBadRequest {
		t.Errorf("a long title: %d", r.Status)
	}
	has(t, "the form", string(r.Body), `id="settings-title-error"`, `value="kept"`, `name="private" checked`, `value="v*"`)
	led(t, w.send(t, "adm", at+"/settings", url.Values{"title": {"Money"}, "description": {"Amounts"}, "private": {"on"}}))
	if r := w.get(t, "nobody", at); r.Status != http.StatusNotFound {
		t.Errorf("the private project answers %d", r.Status)
	}
	r = w.send(t, "adm", at+"/settings/publish-on-push", url.Values{"enabled": {"on"}, "pattern": {"[v"}})
	if r.Status != http.StatusBadRequest {
		t.Errorf("a bad pattern: %d", r.Status)
	}
	has(t, "the form", string(r.Body), `id="publish-on-push-pattern-error"`, `value="[v"`, `value="Amounts"`)
	led(t, w.send(t, "adm", at+"/settings/publish-on-push", url.Values{"enabled": {"on"}, "pattern": {"release-*"}}))
	rule, err := w.Tags.Rule(t.Context(), w.open.Ref)
	if err != nil || !rule.Enabled || rule.Pattern != "release-*" {
		t.Errorf("the rule is %+v, %v", rule, err)
	}
	led(t, w.send(t, "adm", at+"/settings/publish-on-push", url.Values{"pattern": {"release-*"}}))
	if rule, _ := w.Tags.Rule(t.Context(), w.open.Ref); rule.Enabled {
		t.Error("the box without a tick left it on")
	}
}

func TestDeleteProject(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const at = "/project/acme/money/settings/delete"
	has(t, "the question", w.page(t, "adm", at), "Delete the project acme/money?", "the git repository", "Type acme/money to confirm")
	r := w.send(t, "adm", at, url.Values{"typed": {"money"}})
	if r.Status != http.StatusBadRequest {
		t.Errorf("without its name: %d", r.Status)
	}
	has(t, "the form", string(r.Body), `id="delete-typed-error"`, `value="money"`)
	w.publish(t, w.open, "generic", simple("tool", "1.0.0"))
	r = w.send(t, "adm", at, url.Values{"typed": {"acme/money"}})
	if r.Status != http.StatusConflict {
		t.Errorf("with packages: %d", r.Status)
	}
	has(t, "the reason", string(r.Body), "package", `role="alert"`)
	reg := w.Registry.Bind(w.Registry.Kind("generic"), w.open, forge.Actor{ID: w.root.ID}, forge.DeletePackages, format.API)
	if err := reg.Delete(t.Context(), format.FileRef{Package: "tool"}); err != nil {
		t.Fatal(err)
	}
	if to := led(t, w.send(t, "adm", at, url.Values{"typed": {"acme/money"}})); to != "/company/acme" {
		t.Errorf("it leads to %s", to)
	}
	if r := w.get(t, "adm", "/project/acme/money"); r.Status != http.StatusNotFound {
		t.Errorf("the deleted project answers %d", r.Status)
	}
}

func TestNewProject(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Member(t, scope.Ref{Kind: scope.Company, ID: w.open.Parent.ID}, w.user(t, "adm"), forge.Administrator)
	w.Member(t, scope.Ref{Kind: scope.Company, ID: w.open.Parent.ID}, w.user(t, "dev"), forge.Developer)
	has(t, "an administrator's form", w.page(t, "adm", "/projects/new?owner=ACME"), `<option value="acme" selected>`, `<option value="adm">`)
	lacks(t, "a developer's form", w.page(t, "dev", "/projects/new"), `value="acme"`)
	form := func(owner, alias string) url.Values {
		return url.Values{"owner": {owner}, "alias": {alias}, "title": {"Kept"}}
	}
	for who, c := range map[string]struct {
		form url.Values
		want int
	}{
		"dev":   {form("acme", "new1"), 403},
		"out":   {form("root", "new2"), 403},
		"guest": {form("nobody-at-all", "new3"), 400},
		"adm":   {form("acme", "settings"), 400},
	} {
		r := w.send(t, who, "/projects/new", c.form)
		if r.Status != c.want {
			t.Errorf("%s makes %v: %d, want %d", who, c.form, r.Status, c.want)
		}
		has(t, who+"'s form", string(r.Body), `value="Kept"`, `value="`+c.form.Get("alias")+`"`)
	}
	for who, f := range map[string]url.Values{"adm": form("acme", "Bells"), "dev": form("dev", "Whistles")} {
		to := led(t, w.send(t, who, "/projects/new", f))
		if to != "/project/"+f.Get("owner")+"/"+f.Get("alias") {
			t.Errorf("it leads to %s", to)
		}
		w.page(t, who, to)
	}
	if r := w.send(t, "adm", "/projects/new", form("acme", "bells")); r.Status != http.StatusConflict {
		t.Errorf("the same name again: %d", r.Status)
	}
}
