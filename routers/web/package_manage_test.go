package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
)

// Who may say more of a package, and of a registry.
func TestManagingKeepsRights(t *testing.T) {
	t.Parallel()
	w := newShelf(t)
	const ok, sign, denied, hidden = http.StatusOK, http.StatusSeeOther, http.StatusForbidden, http.StatusNotFound
	manage := map[string][2]int{"nobody": {sign, hidden}, "out": {denied, hidden}, "guest": {denied, denied}, "dev": {ok, ok}, "adm": {ok, ok}}
	administer := map[string][2]int{"nobody": {sign, hidden}, "out": {denied, hidden}, "guest": {denied, denied}, "dev": {denied, denied}, "adm": {ok, ok}}
	for i, sc := range []scope.Scope{w.open, w.vault} {
		at := "/" + sc.Path.String() + "/package"
		pkg := w.publish(t, sc, "jar", simple("lamp", "1.0.0"))
		for path, table := range map[string]map[string][2]int{
			pkg + "/manage": manage, pkg + "/manage?version=1.0.0": manage,
			at + "/settings": administer, at + "/settings/jar/cleaning": administer,
		} {
			for who, want := range table {
				if r := w.get(t, who, path); r.Status != want[i] {
					t.Errorf("%s as %s: %d, want %d", path, who, r.Status, want[i])
				}
			}
		}
		for path, adm := range map[string]map[string]int{
			pkg + "/manage/yank":    {"dev": sign, "adm": sign},
			pkg + "/manage/package": {"dev": sign, "adm": sign},
			at + "/settings/jar":    {"dev": denied, "adm": sign}, at + "/settings/jar/cleaning": {"dev": denied, "adm": sign},
		} {
			for who, want := range map[string][2]int{"nobody": {401, 404}, "out": {403, 404}, "guest": {403, 403}, "dev": {adm["dev"], adm["dev"]}, "adm": {adm["adm"], adm["adm"]}} {
				if r := w.send(t, who, path, url.Values{"version": {"1.0.0"}}); r.Status != want[i] {
					t.Errorf("sending %s as %s: %d, want %d", path, who, r.Status, want[i])
				}
			}
		}
	}
	// What one may not do is not offered either.
	pkg := w.publish(t, w.open, "jar", simple("lamp", "2.0.0"))
	for who, may := range map[string][2]bool{"nobody": {}, "guest": {}, "dev": {true, false}, "adm": {true, true}} {
		if got := slices.Contains(anchors(t, w.page(t, who, pkg)), pkg+"/manage?version=2.0.0"); got != may[0] {
			t.Errorf("managing is offered to %s: %v", who, got)
		}
		if got := slices.Contains(anchors(t, w.page(t, who, "/project/acme/money/package")), "/project/acme/money/package/settings"); got != may[1] {
			t.Errorf("the settings are offered to %s: %v", who, got)
		}
	}
	lacks(t, "a format without anything to say", w.page(t, "adm", w.publish(t, w.open, "generic", simple("tool", "1.0.0"))), "/manage")
}

func TestYankByThePage(t *testing.T) {
	t.Parallel()
	w := newShelf(t)
	w.publish(t, w.open, "jar", simple("lamp", "1.0.0"))
	pkg := w.publish(t, w.open, "jar", simple("lamp", "2.0.0"))
	form := pkg + "/manage?version=2.0.0"
	has(t, "the page", w.page(t, "dev", form), "Manage lamp 2.0.0", "Take this version back", "Nothing is deleted", `action="`+pkg+`/manage/yank"`)

	const reason = `it <b>burns</b> & "glows"`
	to := led(t, w.send(t, "dev", pkg+"/manage/yank", url.Values{"version": {"2.0.0"}, "reason": {"  " + reason + " "}}))
	if to != pkg+"/2.0.0" {
		t.Errorf("it leads to %s", to)
	}
	page := w.page(t, "nobody", to)
	has(t, "the version", page, "yanked", "taken back: "+reason, "Newest: 1.0.0")
	lacks(t, "the version's source", strings.ReplaceAll(page, "&lt;", "["), "<b>burns")
	has(t, "the list", w.page(t, "nobody", "/project/acme/money/package"), "2.0.0 yanked")
	has(t, "the page", w.page(t, "dev", form), "This version was taken back", reason, "Restore it")

	led(t, w.send(t, "dev", pkg+"/manage/unyank", url.Values{"version": {"2.0.0"}}))
	lacks(t, "the restored version", w.page(t, "nobody", pkg+"/2.0.0"), "taken back", "Newest: 1.0.0")
	has(t, "the page", w.page(t, "dev", form), "Take this version back")
	led(t, w.send(t, "dev", pkg+"/manage/yank", url.Values{"version": {"2.0.0"}}))
	lacks(t, "what was taken back without a reason", w.page(t, "nobody", pkg+"/2.0.0"), "taken back")
}

func TestSettingsOfPackages(t *testing.T) {
	t.Parallel()
	w := newShelf(t)
	pkg := w.publish(t, w.open, "jar", simple("lamp", "1.0.0"))
	w.publish(t, w.open, "jar", simple("lamp", "2.0.0"))
	form := pkg + "/manage?version=1.0.0"
	has(t, "the page of a version", w.page(t, "dev", form), "Version 1.0.0", "Deprecated because", "The package", `<option value="" selected>(none)</option>`)
	lacks(t, "the page of a package", w.page(t, "dev", pkg+"/manage"), "Deprecated because", "Take this version back")

	to := led(t, w.send(t, "dev", pkg+"/manage/version", url.Values{"version": {"1.0.0"}, "deprecated": {"too <dim>"}}))
	if to != pkg+"/1.0.0" {
		t.Errorf("it leads to %s", to)
	}
	if to := led(t, w.send(t, "dev", pkg+"/manage/package", url.Values{"status": {"archived"}})); to != pkg {
		t.Errorf("it leads to %s", to)
	}
	has(t, "the version", w.page(t, "nobody", pkg+"/1.0.0"), "The notice: archived/too <dim>")
	has(t, "another version", w.page(t, "nobody", pkg+"/2.0.0"), "The notice: archived/")
	lacks(t, "another version", w.page(t, "nobody", pkg+"/2.0.0"), "dim")
	has(t, "the forms", w.page(t, "dev", form), `value="too <dim>"`, `<option value="archived" selected>Put away</option>`)
	led(t, w.send(t, "dev", pkg+"/manage/package", url.Values{}))
	led(t, w.send(t, "dev", pkg+"/manage/version", url.Values{"version": {"1.0.0"}, "deprecated": {" "}}))
	has(t, "what was taken back", w.page(t, "nobody", pkg+"/1.0.0"), "The notice: /<")
}

func TestSettingsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := newShelf(t)
	pkg := w.publish(t, w.open, "jar", simple("lamp", "1.0.0"))
	plain := w.publish(t, w.open, "generic", simple("tool", "1.0.0"))
	crate := w.push(t, "app", "one", "latest")
	const settings = "/project/acme/money/package/settings"
	long := strings.Repeat("x", 5000)
	for _, c := range []struct {
		path   string
		form   url.Values
		status int
		says   []string
	}{
		{pkg + "/manage/package", url.Values{"status": {"gone"}}, 400, []string{`id="package-status-error"`, "there is no choice gone"}},
		{pkg + "/manage/version", url.Values{"version": {"1.0.0"}, "deprecated": {long}}, 400, []string{`id="version-deprecated-error"`, "at most 4,096 bytes", long, "Version 1.0.0"}},
		{pkg + "/manage/version", url.Values{"version": {"1.0.0"}, "deprecated": {"a\x00b"}}, 400, []string{`id="version-deprecated-error"`, "one line"}},
		{pkg + "/manage/version", url.Values{"version": {"1.0.0"}, "deprecated": {"a\xffb"}}, 400, []string{`id="version-deprecated-error"`, "one line"}},
		{pkg + "/manage/yank", url.Values{"version": {"1.0.0"}, "reason": {long}}, 400, []string{`id="yank-reason-error"`, "at most 4,096 bytes"}},
		{pkg + "/manage/yank", url.Values{"version": {"1.0.0"}, "reason": {"a\nb"}}, 400, []string{`id="yank-reason-error"`, "one line"}},
		{pkg + "/manage/yank", url.Values{"version": {"9.9.9"}}, 404, nil},
		{pkg + "/manage/yank", url.Values{}, 404, nil},
		{pkg + "/manage/version", url.Values{}, 404, nil},
		{pkg + "/manage/nothing", url.Values{"version": {"1.0.0"}}, 404, nil},
		{plain + "/manage/yank", url.Values{"version": {"1.0.0"}}, 404, nil},
		{crate + "/manage/yank", url.Values{"version": {"latest"}}, 404, nil},
		{settings + "/jar", url.Values{"keep": {"many"}}, 400, []string{`id="jar-keep-error"`, "many is no number", `value="many"`}},
		{settings + "/jar", url.Values{"mirror": {long}}, 400, []string{`id="jar-mirror-error"`}},
		{settings + "/generic", url.Values{"keep": {"1"}}, 404, nil},
		{settings + "/nothing", url.Values{"keep": {"1"}}, 404, nil},
		{settings + "/generic/cleaning", nil, 404, nil},
		{settings + "/nothing/cleaning", nil, 404, nil},
	} {
		r := w.send(t, "adm", c.path, c.form)
		what := fmt.Sprintf("%s %.60q", c.path, c.form)
		if r.Status != c.status {
			t.Errorf("%s: %d, want %d\n%s", what, r.Status, c.status, r.Body)
		}
		has(t, what, string(r.Body), c.says...)
	}
	for _, path := range []string{plain + "/manage", pkg + "/manage?version=9.9.9", settings + "/generic/cleaning", settings + "/nothing/cleaning"} {
		if r := w.get(t, "adm", path); r.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, r.Status)
		}
	}
	has(t, "what was refused", w.page(t, "nobody", pkg), "The notice: /<")
	lacks(t, "what was refused", w.page(t, "nobody", pkg), "yanked")
	has(t, "the settings", w.page(t, "adm", settings), `id="jar-keep" name="keep" type="text" value=""`)
}

func TestRegistrySettings(t *testing.T) {
	t.Parallel()
	w := newShelf(t)
	const path = "/project/acme/money/package/settings"
	has(t, "the page", w.page(t, "adm", path), "Registry settings", "<h2 id=\"of-jar\">Jars", "How many to keep", "The older ones go", path+"/jar/cleaning", `action="`+path+`/crate"`)
	lacks(t, "the page", w.page(t, "adm", path), "Status", "Deprecated because", "Generic")
	if to := led(t, w.send(t, "adm", path+"/jar", url.Values{"keep": {" 3 "}, "mirror": {"<there>"}})); to != path {
		t.Errorf("it leads to %s", to)
	}
	page := w.page(t, "adm", path)
	has(t, "the page", page, `id="jar-keep" name="keep" type="text" value="3"`, `value="<there>"`, `id="crate-keep" name="keep" type="text" value=""`)
	if n := strings.Count(page, `value="3"`); n != 1 {
		t.Errorf("the setting is shown %d times", n)
	}
	lacks(t, "another registry", w.page(t, "adm", "/project/acme/vault/package/settings"), `value="3"`)
	led(t, w.send(t, "adm", path+"/jar", url.Values{"mirror": {"<there>"}}))
	page = w.page(t, "adm", path)
	lacks(t, "what was taken back", page, `value="3"`)
	has(t, "what stays", page, `value="<there>"`)
}

func TestCleaningByThePage(t *testing.T) {
	t.Parallel()
	w := newShelf(t)
	const settings = "/project/acme/money/package/settings"
	const path = settings + "/jar/cleaning"
	var pkg string
	for i := range 5 {
		pkg = w.publish(t, w.open, "jar", simple("lamp", fmt.Sprintf("1.%d.0", i)))
		w.publish(t, w.vault, "jar", simple("safe", fmt.Sprintf("1.%d.0", i)))
	}
	for i := range 250 {
		w.push(t, "app", fmt.Sprint(i))
	}
	w.edit(t, "jar", "lamp", format.Tag{Name: "keep", Version: "1.0.0"})
	has(t, "cleaning without a rule", w.page(t, "adm", path), "Nothing to remove", settings)
	for _, kind := range []string{"jar", "crate"} {
		led(t, w.send(t, "adm", settings+"/"+kind, url.Values{"keep": {"2"}}))
	}
	for range 2 { // looking changes nothing
		page := w.page(t, "adm", path)
		has(t, "the dry run", page, "Jars: what cleaning would remove", "2 versions, 18\u00a0B", "lamp", "1.1.0", "1.2.0", pkg+"/1.1.0", "Remove them now")
		lacks(t, "the dry run", page, "1.0.0", "1.3.0", "safe", "app<", "more<")
	}
	has(t, "a long dry run", w.page(t, "adm", settings+"/crate/cleaning"), "248 versions", "and 48 more<")
	has(t, "what is there", w.page(t, "nobody", pkg+"/versions"), "1.1.0", "1.2.0")

	if to := led(t, w.send(t, "adm", path, nil)); to != settings {
		t.Errorf("it leads to %s", to)
	}
	page := w.page(t, "nobody", pkg+"/versions")
	has(t, "what is left", page, "1.0.0", "1.3.0", "1.4.0")
	lacks(t, "what is left", page, "1.1.0", "1.2.0")
	has(t, "cleaning again", w.page(t, "adm", path), "Nothing to remove")
	has(t, "another format", w.page(t, "adm", settings+"/crate/cleaning"), "248 versions")
}
