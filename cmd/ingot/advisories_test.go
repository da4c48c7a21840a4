package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
)

// console runs commands on one data folder.
func console(t *testing.T) (ingot func(args ...string) (code int, out, err string), environ []string) {
	environ = []string{"INGOT__PATHS__DATA=" + filepath.Join(t.TempDir(), "data")}
	return func(args ...string) (int, string, string) {
		var out, err bytes.Buffer
		code := run(&program{ctx: t.Context(), in: strings.NewReader(""), out: &out, err: &err, environ: environ}, args)
		return code, out.String(), err.String()
	}, environ
}

func write(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAdvisories(t *testing.T) {
	t.Parallel()
	ingot, _ := console(t)
	record := func(id, ecosystem string) string {
		return fmt.Sprintf(`{"id": %q, "modified": "2026-03-02T10:11:12Z", "affected": [{"package": {"ecosystem": %q, "name": "money"}, "versions": ["1.0"]}]}`, id, ecosystem)
	}
	if code, _, err := ingot("advisories", "status"); code != 1 || !strings.Contains(err, "INGOT__PATHS__DATA") {
		t.Errorf("without data: %d, %s", code, err)
	}
	if code, _, err := ingot("user", "add", "ann", "--email", "ann@example.com"); code != 0 {
		t.Fatal(err)
	}
	if code, out, err := ingot("advisories", "status"); code != 0 || !strings.Contains(out, "advisories import") {
		t.Errorf("at first: %d, %s%s", code, out, err)
	}
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	for _, id := range []string{"A-1", "A-2"} {
		w, err := z.Create(id + ".json")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(w, record(id, "npm"))
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	all := write(t, "all.zip", packed.Bytes())
	lines := write(t, "lines.jsonl", []byte(record("A-3", "PyPI")+"\n{}\n"+record("A-4", "Debian")+"\n"))
	code, out, complaints := ingot("advisories", "import", all, lines)
	want := all + ": 2 stored, 0 removed, 0 known, 0 of other ecosystems, 0 unreadable\n" +
		lines + ": 1 stored, 0 removed, 0 known, 1 of other ecosystems, 1 unreadable\n"
	if code != 0 || out != want || !strings.Contains(complaints, "record 2: a record needs an id") {
		t.Errorf("%d, %s%s", code, out, complaints)
	}
	code, out, _ = ingot("advisories", "status")
	want = "ECOSYSTEM  ADVISORIES  PACKAGES  NEWEST\n" +
		"PyPI       1           1         2026-03-02T10:11:12Z\n" +
		"npm        2           1         2026-03-02T10:11:12Z\n"
	if code != 0 || out != want {
		t.Errorf("%d, %s", code, out)
	}
	for name, content := range map[string]string{"page.html": "<html>", "none.json": "[]", "bad.json": "{}"} {
		file := write(t, name, []byte(content))
		if code, _, err := ingot("advisories", "import", file); code != 1 || !strings.Contains(err, file) {
			t.Errorf("%s: %d, %s", name, code, err)
		}
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	ingot, environ := console(t)
	if code, _, err := ingot("user", "add", "ann", "--email", "ann@example.com"); code != 0 {
		t.Fatal(err)
	}
	name := format.KeyName{Purpose: "signatures", Algorithm: format.Ed25519}
	app, err := configured{}.open(&program{ctx: t.Context(), err: &bytes.Buffer{}, environ: environ})
	if err != nil {
		t.Fatal(err)
	}
	sc, err := app.Forge.Resolve(t.Context(), scope.Path{Kind: scope.User, Owner: "ann"})
	if err != nil {
		t.Fatal(err)
	}
	first, err := app.Keys.PublicKeys(t.Context(), sc.Ref, "npm", name)
	if err != nil {
		t.Fatal(err)
	}
	if err := app.Close(); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"user/ann", "npm", "other"}, {"user/ann", "hex", "signatures"}, {"service", "npm", "signatures"}, {"user/bob", "npm", "signatures"}, {"ann", "npm", "signatures"}} {
		if code, out, err := ingot(append([]string{"key", "rotate"}, args...)...); code != 1 || out != "" || err == "" {
			t.Errorf("rotate %v: %d, %s%s", args, code, out, err)
		}
	}
	code, made, complaint := ingot("key", "rotate", "user/ann", "npm", "signatures")
	id, ok := strings.CutPrefix(strings.TrimSpace(made), "ed25519 ")
	if code != 0 || !ok || id == first[0].ID {
		t.Errorf("%d, %s%s", code, made, complaint)
	}
	code, out, complaint := ingot("key", "list")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != 0 || len(lines) != 3 {
		t.Fatalf("%d, %s%s", code, out, complaint)
	}
	for i, want := range [][]string{{"user/ann", "npm", "signatures", "ed25519", "2", id}, {"user/ann", "npm", "signatures", "ed25519", "1", first[0].ID}} {
		if got := strings.Fields(lines[i+1]); strings.Join(got[:6], " ") != strings.Join(want, " ") {
			t.Errorf("%v, want %v", got, want)
		}
	}
}
