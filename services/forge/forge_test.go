package forge_test

import (
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"ingot.dev/models/db"
	"ingot.dev/models/dbtest"
	"ingot.dev/modules/fault"
	host "ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
	"ingot.dev/services/forge"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const password = "correct horse battery"

// world is a forge with a clock, and short ways to fill it.
type world struct {
	*forge.Forge
	t   testing.TB
	d   *db.DB
	cfg forge.Config

	mu    sync.Mutex
	clock time.Time
}

func newWorld(t testing.TB, with ...func(*forge.Config)) *world {
	t.Helper()
	w := &world{t: t, d: dbtest.New(t), clock: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)}
	w.cfg = forge.Config{
		Repositories: filepath.Join(t.TempDir(), "repositories"),
		RootURL:      func() string { return "https://ingot.example/forge/" },
		Now: func() time.Time {
			w.mu.Lock()
			defer w.mu.Unlock()
			return w.clock
		},
	}
	for _, set := range with {
		set(&w.cfg)
	}
	w.Forge = w.process()
	return w
}

// process starts another forge on the same database, as another process would.
func (w *world) process() *forge.Forge {
	w.t.Helper()
	return must(forge.New(w.d, w.cfg))(w.t)
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

func (w *world) user(alias string, with ...func(*forge.NewUser)) forge.User {
	w.t.Helper()
	n := forge.NewUser{Alias: alias, Email: alias + "@example.org", Password: password}
	for _, set := range with {
		set(&n)
	}
	return must(w.CreateUser(w.t.Context(), n))(w.t)
}

func admin(n *forge.NewUser) { n.Admin = true }

func (w *world) company(alias string, owner forge.User, private bool) forge.Company {
	w.t.Helper()
	return must(w.CreateCompany(w.t.Context(),
		forge.NewCompany{Alias: alias, Owner: owner.ID, Face: forge.Face{Private: private}}))(w.t)
}

func (w *world) project(alias string, owner scope.Ref, private bool) forge.Project {
	w.t.Helper()
	return must(w.CreateProject(w.t.Context(),
		forge.NewProject{Alias: alias, Owner: owner, Face: forge.Face{Private: private}}))(w.t)
}

func (w *world) member(s scope.Ref, u forge.User, role host.Role) {
	w.t.Helper()
	if err := w.SetMember(w.t.Context(), host.Owner, s, u.ID, role); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) token(u forge.User, with ...func(*forge.NewToken)) string {
	w.t.Helper()
	n := forge.NewToken{Name: "pipeline", Grants: host.Transport}
	for _, set := range with {
		set(&n)
	}
	return must(w.CreateToken(w.t.Context(), u.ID, n))(w.t)
}

// role is an account's role in one scope.
func (w *world) role(f *forge.Forge, account int64, s scope.Ref) host.Role {
	w.t.Helper()
	return must(f.Roles(w.t.Context(), host.Actor{ID: account}, scope.Scope{Ref: s}))(w.t)[0]
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// refused checks that err is a fault of the kind, whose text is for a reader.
func refused(t testing.TB, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Fatalf("got %v, want a fault of kind %s", err, kind)
	}
	if fault.From(err).Message == "" {
		t.Fatalf("a fault of kind %s says nothing", kind)
	}
}

func basic(name, secret string) host.Credential {
	return host.Credential{Scheme: host.Basic, Name: name, Secret: secret, Addr: "192.0.2.1"}
}

func bearer(secret string) host.Credential {
	return host.Credential{Scheme: host.Bearer, Secret: secret, Addr: "192.0.2.1"}
}

func TestNewNeedsItsParts(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	for name, cfg := range map[string]forge.Config{
		"no folder":  {RootURL: func() string { return "" }},
		"no address": {Repositories: t.TempDir()},
	} {
		if _, err := forge.New(d, cfg); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
