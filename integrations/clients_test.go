package integrations

import (
	"cmp"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// needs is the line of a script that lists the programs it runs. A second one,
// "# debian: ...", lists the packages they come in; .ci/deps installs those.
var needs = regexp.MustCompile(`(?m)^# needs: (.+)$`)

// TestClients runs the scripts of clients/: the real client of each format
// against a real server. A script may use, beside what testscript brings:
//
//	serve               start the server; $ROOT and $HOST are its addresses
//	restart             stop it as an administrator does and start it again
//	ingot ARGS...       a command beside the server
//	capture VAR CMD...  run a command; $VAR is what it printed
//	step URL NAME...    run the named steps that the page at URL shows, with $USER
//	                    and $TOKEN in their places; ! step expects failure
//	paste URL FILE NAME...  put what the named steps of that page show into FILE: in
//	                    the place of its line with @NAME@, or at its end
//	page URL TEXT       wait until the page at URL, as $USER sees it, has the text; ! page without
//	press URL TEXT [FIELD=VALUE...]  send the form of that page that has the text in it, as $USER
//	status CODE ARGS... curl with these arguments answers with this status
func TestClients(t *testing.T) {
	files, err := filepath.Glob("clients/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			wanted := needs.FindSubmatch(script)
			if wanted == nil {
				t.Fatalf("%s does not say which programs it needs: # needs: ...", file)
			}
			need(t, strings.Fields(string(wanted[1]))...)
			testscript.Run(t, testscript.Params{
				Files: []string{file}, Setup: setup, RequireExplicitExec: true,
				Cmds: map[string]func(*testscript.TestScript, bool, []string){
					"serve": serve, "restart": restart, "ingot": ingot, "capture": capture,
					"step": step, "paste": paste, "page": page, "press": press, "status": status,
				},
			})
		})
	}
}

type serverKey struct{}

// setup gives each script an empty home, private caches and a server that
// does not run yet.
func setup(env *testscript.Env) error {
	s, err := newServer(filepath.Join(env.WorkDir, "data"))
	if err != nil {
		return err
	}
	home := filepath.Join(env.WorkDir, "home")
	if err := os.MkdirAll(home, 0o700); err != nil {
		return err
	}
	env.Values[serverKey{}] = s
	env.Defer(func() {
		if err := s.stop(); err != nil {
			env.T().Log(err)
		}
	})
	env.Vars = append(env.Vars, s.env...)
	env.Setenv("PATH", filepath.Dir(program)+string(os.PathListSeparator)+os.Getenv("PATH"))
	for name, value := range map[string]string{
		"ROOT": s.root, "HOST": strings.TrimPrefix(s.root, "http://"), "HOME": home, "CI": "true",
		"GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0",
		"GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "ann@example.com",
		"GIT_COMMITTER_NAME": "Ann", "GIT_COMMITTER_EMAIL": "ann@example.com",
		"COMPOSER_HOME": filepath.Join(home, "composer"), "COMPOSER_ALLOW_SUPERUSER": "1",
		"COMPOSER_NO_INTERACTION": "1", "COMPOSER_DISABLE_XDEBUG_WARN": "1",
	} {
		env.Setenv(name, value)
	}
	// A cargo that rustup brought looks for itself in the home.
	if own, err := os.UserHomeDir(); err == nil {
		env.Setenv("RUSTUP_HOME", cmp.Or(os.Getenv("RUSTUP_HOME"), filepath.Join(own, ".rustup")))
	}
	return nil
}

func theServer(ts *testscript.TestScript) *server { return ts.Value(serverKey{}).(*server) }

func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: serve")
	}
	ts.Check(theServer(ts).start())
}

func restart(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: restart")
	}
	ts.Check(theServer(ts).stop())
	ts.Check(theServer(ts).start())
}

func ingot(ts *testscript.TestScript, neg bool, args []string) {
	out, err := theServer(ts).ingot(args...)
	ts.Logf("%s", out)
	if (err != nil) != neg {
		ts.Fatalf("unexpected end: %v", err)
	}
}

func capture(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: capture VAR COMMAND...")
	}
	ts.Check(ts.Exec(args[1], args[2:]...))
	ts.Setenv(args[0], strings.TrimSpace(ts.ReadFile("stdout")))
}

// shell runs a line as a user would who pasted it.
func shell(ts *testscript.TestScript, line string) error { return ts.Exec("sh", "-c", line) }

var codeBlock = regexp.MustCompile(`(?s)data-step="([^"]+)".*?<pre><code>(.*?)</code>`)

// step runs what a page tells its reader to type.
func step(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: step URL NAME...")
	}
	for i, code := range shown(ts, args[0], args[1:]) {
		ts.Logf("$ %s", code)
		err := shell(ts, code)
		if (err != nil) != neg {
			ts.Fatalf("step %s: %v", args[1+i], err)
		}
	}
}

// shown gives the code of some steps of a page, with the reader's token in it.
func shown(ts *testscript.TestScript, address string, names []string) []string {
	steps := map[string]string{}
	for _, m := range codeBlock.FindAllStringSubmatch(fetch(ts, address), -1) {
		steps[m[1]] = html.UnescapeString(m[2])
	}
	var out []string
	for _, name := range names {
		code, ok := steps[name]
		if !ok {
			ts.Fatalf("the page %s has no step %q; it has %v", address, name, steps)
		}
		out = append(out, strings.ReplaceAll(code, "TOKEN", ts.Getenv("TOKEN")))
	}
	return out
}

// paste writes what a page tells its reader to write into a file.
func paste(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: paste URL FILE NAME...")
	}
	file := ts.MkAbs(args[1])
	ts.Check(os.MkdirAll(filepath.Dir(file), 0o700))
	text, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		ts.Fatalf("%v", err)
	}
	for i, code := range shown(ts, args[0], args[2:]) {
		place := regexp.MustCompile("(?m)^.*@" + regexp.QuoteMeta(args[2+i]) + "@.*$")
		if place.Match(text) {
			text = place.ReplaceAllLiteral(text, []byte(code))
		} else {
			text = append(text, code+"\n"...)
		}
	}
	ts.Check(os.WriteFile(file, text, 0o600))
}

// fetch reads a page as $USER, who signs in with $PASSWORD; as nobody where it is empty.
func fetch(ts *testscript.TestScript, address string) string {
	body, err := pageAs(ts.Getenv("ROOT"), address, ts.Getenv("USER"), ts.Getenv("PASSWORD"))
	ts.Check(err)
	return body
}

func page(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: page URL TEXT")
	}
	for range 100 {
		if strings.Contains(fetch(ts, args[0]), args[1]) != neg {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	ts.Fatalf("the page %s is not as expected about %q:\n%s", args[0], args[1], fetch(ts, args[0]))
}

var (
	formBlock  = regexp.MustCompile(`(?s)<form[^>]*method="post"[^>]*>.*?</form>`)
	formAction = regexp.MustCompile(`action="([^"]*)"`)
	hidden     = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)
)

// press sends a form as a browser without script does.
func press(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: press URL TEXT [FIELD=VALUE...]")
	}
	body := fetch(ts, args[0])
	for _, form := range formBlock.FindAllString(body, -1) {
		if !strings.Contains(html.UnescapeString(form), args[1]) {
			continue
		}
		values := url.Values{}
		for _, m := range hidden.FindAllStringSubmatch(form, -1) {
			values.Add(html.UnescapeString(m[1]), html.UnescapeString(m[2]))
		}
		for _, field := range args[2:] {
			name, value, _ := strings.Cut(field, "=")
			values.Set(name, value)
		}
		action := html.UnescapeString(formAction.FindStringSubmatch(form)[1])
		ts.Check(send(ts.Getenv("ROOT"), action, ts.Getenv("USER"), ts.Getenv("PASSWORD"), values))
		return
	}
	ts.Fatalf("the page %s has no form with %q:\n%s", args[0], args[1], body)
}

// send posts a form with a browser's session.
func send(root, action, user, password string, values url.Values) error {
	cookie, err := signIn(root, user, password)
	if err != nil {
		return err
	}
	r, err := http.NewRequest(http.MethodPost, root+action, strings.NewReader(values.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", root)
	r.AddCookie(cookie)
	client := &http.Client{
		Timeout:       20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusSeeOther {
		body, _ := io.ReadAll(resp.Body)
		return fmt.Errorf("%s answered %s:\n%s", action, resp.Status, body)
	}
	return nil
}

func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status CODE CURL-ARGUMENTS...")
	}
	out := filepath.Join(ts.Getenv("WORK"), "answer")
	ts.Check(ts.Exec("curl", append([]string{"--silent", "--show-error", "--output", out, "--write-out", "%{http_code}"}, args[1:]...)...))
	if got := strings.TrimSpace(ts.ReadFile("stdout")); got != args[0] {
		answer, _ := os.ReadFile(out)
		ts.Fatalf("status %s, not %s:\n%s", got, args[0], answer)
	}
}

// pageAs reads a page in a browser's way: with a cookie.
func pageAs(root, address, user, password string) (string, error) {
	client := &http.Client{Timeout: 20 * time.Second}
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	r.Header.Set("Accept", "text/html")
	if password != "" {
		cookie, err := signIn(root, user, password)
		if err != nil {
			return "", err
		}
		r.AddCookie(cookie)
	}
	resp, err := client.Do(r)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return string(body), err
}

// signIn signs in by the form and gives the session's cookie.
func signIn(root, user, password string) (*http.Cookie, error) {
	client := &http.Client{
		Timeout:       20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	form := strings.NewReader(url.Values{"name": {user}, "password": {password}}.Encode())
	resp, err := client.Post(root+"/sign-in", "application/x-www-form-urlencoded", form)
	if err != nil {
		return nil, err
	}
	resp.Body.Close()
	for _, c := range resp.Cookies() {
		if strings.HasSuffix(c.Name, "ingot_session") {
			return c, nil
		}
	}
	return nil, fmt.Errorf("signing in as %s gave no session: %s", user, resp.Status)
}
