package pages

import (
	"context"
	"flag"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ingot.dev"
	"ingot.dev/modules/format"
	"ingot.dev/modules/formats/all/alltest"
	"ingot.dev/modules/setting"
)

var update = flag.Bool("update", false, "write the pictures of docs/images")

// shown is a page to look at.
type shown struct {
	path      string
	anonymous bool // as nobody; else as the demo's administrator
}

// all lists the pages. {money}, {tool} and others stand for the ids of packages,
// {digest} for what a tag points at, {login} for a sign-in that a client has begun.
func all() []shown {
	list := []shown{
		{"/sign-in", true},
		{"/sign-up", true},
		{"/", true},
		{"/explore", true},
		{"/explore?q=nothing-like-it", true},
		{"/project/acme/money", true},
		{"/project/acme/money/tags", true},
		{"/project/acme/money/package/composer/{money}", true},
	}
	for _, p := range []string{
		"/login/{login}",
		"/", "/explore?q=money", "/packages", "/companies", "/companies/new", "/projects/new",
		"/settings", "/settings/password", "/settings/sessions", "/settings/tokens", "/settings/tokens/1/revoke",
		"/user/alice", "/user/alice/package", "/company/acme", "/company/acme/package", "/company/acme/members",
		"/company/acme/members/bob/remove", "/company/acme/settings", "/company/acme/settings/delete",
		"/project/acme/money", "/project/acme/money/tree/src", "/project/acme/money/tree/src/Money.php",
		"/project/acme/money/commits", "/project/acme/money/tags", "/project/acme/money/settings",
		"/project/acme/money/settings/members/bob/remove", "/project/acme/money/settings/delete",
		"/project/acme/money/package", "/project/acme/money/package/connect", "/project/acme/money/package/connect/composer",
		"/project/acme/money/package/connect/generic", "/project/acme/money/package/upload",
		"/project/acme/money/package/upload/composer", "/project/acme/money/package/upload/generic",
		"/project/acme/money/package/composer/{money}", "/project/acme/money/package/composer/{money}/1.0.0",
		"/project/acme/money/package/composer/{money}/versions", "/project/acme/money/package/composer/{money}/delete",
		"/company/acme/package/connect", "/company/acme/package/connect/composer", "/company/acme/package/upload",
		"/company/acme/package/upload/generic", "/company/acme/package/generic/{tool}",
		"/company/acme/package/generic/{tool}/1.0.0", "/company/acme/package/generic/{tool}/versions",
		"/company/acme/package/generic/{tool}/delete",
		"/user/alice/package/connect", "/user/alice/package/connect/generic", "/user/alice/package/upload",
		"/user/alice/package/upload/generic", "/user/alice/package/generic/{mine}", "/user/alice/package/generic/{mine}/2.0.0",
		"/user/alice/package/generic/{mine}/versions", "/user/alice/package/generic/{mine}/delete",
		"/package", "/package/connect", "/package/connect/generic", "/package/upload", "/package/upload/generic",
		"/package/generic/{ours}", "/package/generic/{ours}/1.0.0", "/package/generic/{ours}/versions", "/package/generic/{ours}/delete",
		"/company/acme/package/npm/{forms}", "/company/acme/package/npm/{forms}/manage?version=7.0.0", "/company/acme/package/npm/{forms}/versions",
		"/company/acme/package/pypi/{ledger}", "/company/acme/package/pypi/{ledger}/0.19.2",
		"/company/acme/package/pypi/{ledger}/manage", "/company/acme/package/pypi/{ledger}/manage?version=0.19.3", "/company/acme/package/pypi/{ledger}/manage?version=0.19.2",
		"/company/acme/package/maven/{settlement}", "/company/acme/package/maven/{settlement}/3.1.0",
		"/company/acme/package/container/{gateway}", "/company/acme/package/container/{gateway}/1.4.0",
		"/company/acme/package/container/{gateway}/{digest}", "/company/acme/package/container/{gateway}/versions",
		"/company/acme/package/container/{gateway}/delete", "/company/acme/package/container/{gateway}/delete?version=1.4.0",
		"/company/acme/package/container/{gateway}/delete?version={digest}",
		"/company/acme/package/connect/container", "/company/acme/package/connect/npm", "/company/acme/package/connect/pypi", "/company/acme/package/connect/maven",
		"/company/acme/package/settings", "/company/acme/package/settings/container/cleaning",
		"/project/acme/money/package/settings", "/project/acme/money/package/settings/container/cleaning",
		"/project/acme/money/package/npm/{kit}/manage", "/project/acme/money/package/npm/{kit}/manage?version=1.0.0",
		"/user/alice/package/settings", "/user/alice/package/settings/container/cleaning", "/user/alice/package/pypi/{notes}/manage",
		"/package/settings", "/package/settings/container/cleaning", "/package/pypi/{shared}/manage",
		"/project/alice/empty", "/project/alice/empty/tags", "/project/alice/empty/package",
		"/admin", "/admin/users", "/admin/companies", "/admin/health", "/admin/health/collect",
		"/admin/users/bob", "/admin/users/bob/block", "/admin/users/bob/password", "/admin/users/bob/delete",
	} {
		list = append(list, shown{path: p})
	}
	// Of every format: its package, and what to type.
	for _, id := range formats() {
		shelf := "/project/alice/shelf/package"
		for _, p := range []string{shelf + "/" + id + "/{shelf-" + id + "}", shelf + "/connect/" + id} {
			list = append(list, shown{path: p})
		}
		if alltest.Samples()[id].Rest != nil {
			list = append(list, shown{path: shelf + "/upload/" + id})
		}
	}
	return list
}

// formats gives the ids of all formats, in order.
func formats() []string { return slices.Sorted(maps.Keys(alltest.Samples())) }

// unseen are GET routes that are no page to look at.
var unseen = []string{"asset", "project.raw", "file", "feed"}

// fill brings what the pages show.
func (h *house) fill(t *testing.T) map[string]string {
	t.Helper()
	h.send(t, http.MethodPost, "/project/acme/money/package/-/composer?tag=v1.0.0", "")
	h.send(t, http.MethodPost, "/project/acme/money/package/-/composer?tag=v1.1.0", "")
	h.send(t, http.MethodPut, "/company/acme/package/-/generic/tool/1.0.0/tool.bin", "a tool")
	h.send(t, http.MethodPut, "/company/acme/package/-/generic/tool/1.1.0-rc.1/a%20rather%20long%20name%20of%20a%20file%20for%20a%20narrow%20window.tar.gz", "a tool")
	h.send(t, http.MethodPut, "/user/alice/package/-/generic/mine/2.0.0/mine.bin", "mine")
	h.send(t, http.MethodPut, "/registry/package/-/generic/ours/1.0.0/ours.bin", "ours")
	h.run(t, "user", "add", "bob", "--email", "bob@example.com")
	h.run(t, "company", "member", "acme", "bob", "--role", "developer")
	h.run(t, "project", "add", "alice/empty")
	h.run(t, "project", "add", "alice/shelf")
	for _, id := range formats() {
		s := alltest.Samples()[id]
		h.ask(t, "/project/alice/shelf/package/-/"+id+"/", s.Put(s.Name, "1.0.0"))
	}
	for _, put := range [][2]string{
		{"/user/alice/package/pypi/notes/1.0.0/notes-1.0.0-py3-none-any.whl", wheel(t, "notes", "1.0.0")},
		{"/package/pypi/shared/1.0.0/shared-1.0.0-py3-none-any.whl", wheel(t, "shared", "1.0.0")},
		{"/project/acme/money/package/npm/kit/1.0.0/kit-1.0.0.tgz", tarball(t, "kit", "1.0.0")},
		{"/company/acme/package/maven/com.example.settlement/settlement-engine/3.1.0/settlement-engine-3.1.0.pom", pom},
		{"/company/acme/package/pypi/ledger/0.19.3/ledger-0.19.3-py3-none-any.whl", wheel(t, "ledger", "0.19.3")},
		{"/company/acme/package/pypi/ledger/0.19.2/ledger-0.19.2-py3-none-any.whl", wheel(t, "ledger", "0.19.2")},
		{"/company/acme/package/npm/forms/acme/7.0.0/forms-7.0.0.tgz", tarball(t, "@acme/forms", "7.0.0")},
		{"/company/acme/package/npm/forms/acme/8.0.0-beta.2/forms-8.0.0-beta.2.tgz", tarball(t, "@acme/forms", "8.0.0-beta.2")},
	} {
		h.send(t, http.MethodPut, "/registry"+put[0], put[1])
	}
	gateway := "/v2/company/acme/platform/gateway"
	h.push(t, gateway, "1.3.9", "1.3.9")
	h.push(t, gateway, "1.4.0", "1.4.0", "1.4", "latest")
	last := h.pushImage(t, gateway, "riscv64", "1.4.0")
	h.age(t)
	ids := map[string]string{
		"{forms}": h.uuid(t, "/company/acme", "@acme/forms"), "{ledger}": h.uuid(t, "/company/acme", "ledger"), "{notes}": h.uuid(t, "/user/alice", "notes"),
		"{shared}": h.uuid(t, "", "shared"), "{settlement}": h.uuid(t, "/company/acme", "com.example.settlement:settlement-engine"), "{kit}": h.uuid(t, "/project/acme/money", "kit"),
		"{gateway}": h.uuid(t, "/company/acme", "platform/gateway"), "{digest}": last.Digest,
		"{money}": h.uuid(t, "/project/acme/money", "acme/money"), "{tool}": h.uuid(t, "/company/acme", "tool"),
		"{mine}": h.uuid(t, "/user/alice", "mine"), "{ours}": h.uuid(t, "", "ours"),
		"{login}": h.login(t),
	}
	for _, p := range h.packages(t, "/project/alice/shelf") {
		ids["{shelf-"+p.Type+"}"] = p.ID
	}
	return ids
}

func TestPages(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short")
	}
	checker := axe(t)
	chromium := browser(t)
	h := open(t)
	ids := h.fill(t)
	address := func(path string) string {
		for name, id := range ids {
			path = strings.ReplaceAll(path, name, id)
		}
		return h.root + path
	}
	manager := tab(t, chromium, h.root, "en", "light", 1240)
	signIn(t, manager, h)
	for path, values := range map[string]map[string]string{
		"/company/acme/package/pypi/{ledger}/manage?version=0.19.2": {"yank-reason": "It loses the second entry of an amount above 2**31"},
		"/company/acme/package/pypi/{ledger}/manage":                {"package-status": "archived", "package-status-reason": "Ledger is part of the platform now"},
		"/company/acme/package/npm/{forms}/manage?version=7.0.0":    {"version-deprecated": "Use 8, which people with a screen reader can use too"},
		"/company/acme/package/settings":                            {"container-untagged": "30"},
	} {
		fill(t, manager, address(path), values)
	}
	// Every page in both languages; themes and widths take turns, so that each
	// page is seen light and wide and dark and narrow.
	for _, way := range []struct {
		language, theme string
		width           int64
	}{{"en", "light", 1240}, {"ru", "dark", 390}} {
		known := tab(t, chromium, h.root, way.language, way.theme, way.width)
		signIn(t, known, h)
		unknown := tab(t, chromium, h.root, way.language, way.theme, way.width)
		for _, p := range all() {
			ctx := known
			if p.anonymous {
				ctx = unknown
			}
			faults, err := look(ctx, checker, way.language, address(p.path))
			if err != nil {
				t.Fatalf("%s: %v", p.path, err)
			}
			for _, f := range faults {
				t.Errorf("%s (%s, %s, %d, anonymous %v): %s", p.path, way.language, way.theme, way.width, p.anonymous, f)
			}
		}
	}
	pictures(t, chromium, h, address)
}

// TestEveryPageIsSeen holds the list against the routes of the pages.
func TestEveryPageIsSeen(t *testing.T) {
	cfg, err := setting.Load("", []string{"INGOT__PATHS__DATA=" + t.TempDir(), "INGOT__SECURITY__REGISTRATION=true"})
	if err != nil {
		t.Fatal(err)
	}
	app, err := ingot.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer app.Close()
	var table format.Table[string]
	var want []string
	for _, r := range app.Routes() {
		if r.Area == "web" && r.Method == http.MethodGet && !slices.Contains(unseen, r.Name) {
			table.Add(http.MethodGet, r.Pattern, r.Name+" "+r.Pattern)
			want = append(want, r.Name+" "+r.Pattern)
		}
	}
	if len(want) == 0 {
		t.Fatal("there are no pages")
	}
	seen := map[string]bool{}
	for _, p := range all() {
		path, _, _ := strings.Cut(p.path, "?")
		segments, ok := format.Segments(strings.NewReplacer("{", "", "}", "").Replace(path))
		if !ok {
			t.Fatalf("%s is no path", p.path)
		}
		name, _, _, ok := table.Match(http.MethodGet, segments)
		if !ok {
			t.Errorf("%s is the address of no page", p.path)
		}
		seen[name] = true
	}
	for _, name := range want {
		if !seen[name] {
			t.Errorf("nobody looks at %s", name)
		}
	}
}

// pictures writes the screenshots of the documentation.
func pictures(t *testing.T, chromium context.Context, h *house, address func(string) string) {
	if !*update {
		return
	}
	for range 41 { // a chart with something in it
		h.send(t, http.MethodGet, "/project/acme/money/package/-/composer/dists/acme/money/1.1.0/acme-money-1.1.0.zip", "")
	}
	time.Sleep(4 * time.Second)
	dir := filepath.Join("..", "..", "docs", "images")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, theme := range []string{"light", "dark"} {
		ctx := tab(t, chromium, h.root, "en", theme, 1240)
		signIn(t, ctx, h)
		for name, path := range map[string]string{
			"package": "/project/acme/money/package/composer/{money}", "tags": "/project/acme/money/tags",
			"registry": "/company/acme/package", "project": "/project/acme/money", "tokens": "/settings/tokens",
			"container": "/company/acme/package/container/{gateway}",
		} {
			if err := visit(ctx, address(path)); err != nil {
				t.Fatal(err)
			}
			if err := picture(ctx, filepath.Join(dir, name+"-"+theme+".png")); err != nil {
				t.Fatal(err)
			}
		}
	}
}
