package house

import (
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	host "ingot.dev/modules/forge"
	"ingot.dev/modules/format/formattest"
	"ingot.dev/modules/scope"
	"ingot.dev/services/forge"
)

// Proof puts what says who asks into a request.
type Proof func(*http.Request)

// Token is a token as most clients send it.
func Token(secret string) Proof {
	return func(r *http.Request) { r.Header.Set("Authorization", "token "+secret) }
}

// Bearer is a token as clients send it that were asked for one.
func Bearer(secret string) Proof {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+secret) }
}

// Basic is a name with a token or a password.
func Basic(name, secret string) Proof {
	return func(r *http.Request) { r.SetBasicAuth(name, secret) }
}

// Cookie is a browser's session.
func Cookie(c *http.Cookie) Proof {
	return func(r *http.Request) { r.AddCookie(c) }
}

// User adds an account.
func (h *House) User(tb testing.TB, alias string) forge.User { return h.account(tb, alias, false) }

// Admin adds an administrator of the service.
func (h *House) Admin(tb testing.TB, alias string) forge.User { return h.account(tb, alias, true) }

func (h *House) account(tb testing.TB, alias string, admin bool) forge.User {
	tb.Helper()
	password := forge.GeneratePassword()
	u, err := h.Forge.CreateUser(tb.Context(), forge.NewUser{
		Alias: alias, Email: alias + "@example.com", Password: password, Admin: admin,
	})
	if err != nil {
		tb.Fatal(err)
	}
	h.passwords.Store(alias, password)
	return u
}

// Password gives the password of an account.
func (h *House) Password(alias string) string {
	password, _ := h.passwords.Load(alias)
	return password.(string)
}

// Token makes a token of an account, good everywhere where within is nil.
func (h *House) Token(tb testing.TB, u forge.User, grants host.Grant, within *scope.Ref) string {
	tb.Helper()
	return h.NewToken(tb, u, forge.NewToken{Name: "test", Grants: grants, Within: within})
}

// NewToken makes a token of an account.
func (h *House) NewToken(tb testing.TB, u forge.User, n forge.NewToken) string {
	tb.Helper()
	secret, err := h.Forge.CreateToken(tb.Context(), u.ID, n)
	if err != nil {
		tb.Fatal(err)
	}
	return secret
}

// Session signs a browser in.
func (h *House) Session(tb testing.TB, u forge.User) *http.Cookie {
	tb.Helper()
	c, err := h.Forge.CreateSession(tb.Context(), u.ID, "test", "127.0.0.1")
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// Company adds a company.
func (h *House) Company(tb testing.TB, alias string, owner forge.User, private bool) forge.Company {
	tb.Helper()
	c, err := h.Forge.CreateCompany(tb.Context(), forge.NewCompany{
		Alias: alias, Owner: owner.ID, Face: forge.Face{Private: private},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// Project adds a project that begins with the repository in the folder source,
// an empty one where that is empty.
func (h *House) Project(tb testing.TB, owner scope.Ref, alias string, private bool, source string) forge.Project {
	tb.Helper()
	p, err := h.Forge.CreateProject(tb.Context(), forge.NewProject{
		Owner: owner, Alias: alias, Import: source, Face: forge.Face{Private: private},
	})
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// Member gives an account a role in a company or a project.
func (h *House) Member(tb testing.TB, s scope.Ref, u forge.User, role host.Role) {
	tb.Helper()
	if err := h.Forge.SetMember(tb.Context(), host.Owner, s, u.ID, role); err != nil {
		tb.Fatal(err)
	}
}

// Repository makes a repository whose tree holds files, by path, and whose
// only commit has a tag, and gives its folder. A content that begins with
// formattest.LinkTo makes a symbolic link.
func Repository(tb testing.TB, tag string, files map[string]string) string {
	tb.Helper()
	folder := tb.TempDir()
	git := func(args ...string) {
		cmd := exec.CommandContext(tb.Context(), "git", args...)
		cmd.Dir = folder
		cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull,
			"GIT_AUTHOR_NAME=Ann", "GIT_AUTHOR_EMAIL=ann@example.com", "GIT_AUTHOR_DATE=2026-01-02T03:04:05Z",
			"GIT_COMMITTER_NAME=Ann", "GIT_COMMITTER_EMAIL=ann@example.com", "GIT_COMMITTER_DATE=2026-01-02T03:04:05Z")
		if out, err := cmd.CombinedOutput(); err != nil {
			tb.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	for path, content := range files {
		file := filepath.Join(folder, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			tb.Fatal(err)
		}
		err := os.WriteFile(file, []byte(content), 0o644)
		if target, ok := strings.CutPrefix(content, formattest.LinkTo); ok {
			err = errors.Join(os.Remove(file), os.Symlink(target, file))
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	git("init", "--quiet", "--initial-branch=main")
	git("add", ".")
	git("commit", "--quiet", "--message", "First")
	git("tag", tag)
	return folder
}

// Until sleeps until a moment has passed.
func Until(t time.Time) { time.Sleep(time.Until(t) + time.Millisecond) }
