package forge_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/models/db"
	"ingot.dev/modules/fault"
	host "ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
	"ingot.dev/services/forge"
)

func TestCreateUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	got := must(w.CreateUser(ctx, forge.NewUser{
		Alias: "Ann.A", Email: " ann@Example.org ", Title: " Ann  Ж. ", Password: password, Admin: true,
	}))(t)
	want := forge.User{
		ID: got.ID, UUID: got.UUID, Alias: "Ann.A", Email: "ann@Example.org", Title: "Ann  Ж.", Admin: true, Created: w.cfg.Now(),
	}
	if diff := cmp.Diff(want, got); diff != "" || got.ID == 0 || len(got.UUID) != 36 {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, name := range []string{"ann.a", "ANN@EXAMPLE.ORG"} {
		if diff := cmp.Diff(want, must(w.UserByName(ctx, name))(t)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if diff := cmp.Diff(want, must(w.UserByID(ctx, got.ID))(t)); diff != "" {
		t.Errorf("by id (-want +got):\n%s", diff)
	}
	_, err := w.UserByName(ctx, "nobody")
	refused(t, err, fault.NotFound)
	_, err = w.UserByID(ctx, 99)
	refused(t, err, fault.NotFound)

	w.company("acme", got, false)
	for name, c := range map[string]struct {
		alias, email, password string
		want                   fault.Kind
	}{
		"empty":               {"", "x@example.org", password, fault.Invalid},
		"slash":               {"a/b", "x@example.org", password, fault.Invalid},
		"dot first":           {".a", "x@example.org", password, fault.Invalid},
		"dash last":           {"a-", "x@example.org", password, fault.Invalid},
		"not ASCII":           {"аnn", "x@example.org", password, fault.Invalid},
		"two lines":           {"ann\n", "x@example.org", password, fault.Invalid},
		"41 letters":          {strings.Repeat("a", 41), "x@example.org", password, fault.Invalid},
		"reserved":            {"API", "x@example.org", password, fault.Invalid},
		"a nameless name":     {"oauth2", "x@example.org", password, fault.Invalid},
		"taken":               {"ann.A", "x@example.org", password, fault.Conflict},
		"taken by a company":  {"Acme", "x@example.org", password, fault.Conflict},
		"e-mail taken":        {"ann2", "ANN@example.org", password, fault.Conflict},
		"no e-mail":           {"ann2", "", password, fault.Invalid},
		"no e-mail address":   {"ann2", "ann", password, fault.Invalid},
		"e-mail with a name":  {"ann2", "Ann <x@example.org>", password, fault.Invalid},
		"e-mail of two lines": {"ann2", "x@example.org\nBcc: y@example.org", password, fault.Invalid},
		"short password":      {"ann2", "x@example.org", "ninechars", fault.Invalid},
		"nine wide letters":   {"ann2", "x@example.org", strings.Repeat("ж", 9), fault.Invalid},
		"long password":       {"ann2", "x@example.org", strings.Repeat("x", 1025), fault.Invalid},
		"like a token":        {"ann2", "x@example.org", "igt_0123456789", fault.Invalid},
		"like the e-mail":     {"ann2", "x@example.org", "X@example.org", fault.Invalid},
	} {
		_, err := w.CreateUser(ctx, forge.NewUser{Alias: c.alias, Email: c.email, Password: c.password})
		if !fault.Is(err, c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	for _, alias := range []string{"a", "7", strings.Repeat("a", 40), "a..b", "A_b-c.9"} {
		w.user(alias, func(n *forge.NewUser) { n.Email = fmt.Sprintf("%x@example.org", alias) })
	}
}

// Of those who want one name at the same time one gets it, and the others read
// that it is taken.
func TestOneNameForMany(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	ann := w.user("ann")
	other := w.process()
	for name, make := range map[string]func(f *forge.Forge, i int) error{
		"users and companies": func(f *forge.Forge, i int) error {
			var err error
			if i%4 < 2 {
				_, err = f.CreateUser(ctx, forge.NewUser{Alias: "Acme", Email: fmt.Sprintf("a%d@example.org", i), Password: password})
			} else {
				_, err = f.CreateCompany(ctx, forge.NewCompany{Alias: "acme", Owner: ann.ID})
			}
			return err
		},
		"e-mail address": func(f *forge.Forge, i int) error {
			_, err := f.CreateUser(ctx, forge.NewUser{Alias: fmt.Sprintf("u%d", i), Email: "one@example.org", Password: password})
			return err
		},
		"projects": func(f *forge.Forge, i int) error {
			_, err := f.CreateProject(ctx, forge.NewProject{Alias: "Lib", Owner: ann.Ref()})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			var won atomic.Int32
			var wg sync.WaitGroup
			for i := range 12 {
				f := []*forge.Forge{w.Forge, other}[i%2]
				wg.Go(func() {
					switch err := make(f, i); {
					case err == nil:
						won.Add(1)
					case !fault.Is(err, fault.Conflict):
						t.Errorf("%d: %v", i, err)
					}
				})
			}
			wg.Wait()
			if won.Load() != 1 {
				t.Errorf("%d got it, want 1", won.Load())
			}
		})
	}
	if dirs := repositories(t, w); len(dirs) != 1 {
		t.Errorf("those who came too late leave repositories: %v", dirs)
	}
}

func TestUsers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	for _, alias := range []string{"bob", "Ann", "carl"} {
		w.user(alias, func(n *forge.NewUser) { n.Title = "Ж " + alias })
	}
	for name, c := range map[string]struct {
		page  forge.Page
		total int
		want  string
	}{
		"all":              {forge.Page{}, 3, "Ann bob carl"},
		"second page":      {forge.Page{Limit: 2, Offset: 2}, 3, "carl"},
		"beyond":           {forge.Page{Offset: 9}, 3, ""},
		"odd":              {forge.Page{Limit: -1, Offset: -5}, 3, "Ann bob carl"},
		"by alias":         {forge.Page{Search: "AR"}, 1, "carl"},
		"by full name":     {forge.Page{Search: "ж a"}, 1, "Ann"},
		"by e-mail":        {forge.Page{Search: "bob@EX"}, 1, "bob"},
		"no wildcards":     {forge.Page{Search: "%"}, 0, ""},
		"no escape either": {forge.Page{Search: "!"}, 0, ""},
		"no text":          {forge.Page{Search: "\x00bob\xff"}, 1, "bob"},
	} {
		users, total, err := w.Users(ctx, c.page)
		if err != nil {
			t.Fatal(name, err)
		}
		var got []string
		for _, u := range users {
			got = append(got, u.Alias)
		}
		if total != c.total || strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v of %d, want %s of %d", name, got, total, c.want, c.total)
		}
	}
}

func TestUpdateUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	ann := w.user("ann")
	w.user("bob")
	if err := w.UpdateUser(ctx, ann.ID, forge.Profile{Title: "Ann", Email: "new@example.org", Locale: "pt-BR", Theme: "dark"}); err != nil {
		t.Fatal(err)
	}
	want := ann
	want.Title, want.Email, want.Locale, want.Theme = "Ann", "new@example.org", "pt-BR", "dark"
	if diff := cmp.Diff(want, must(w.process().UserByID(ctx, ann.ID))(t)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	must(w.Authenticate(ctx, basic("new@example.org", password)))(t)
	_, err := w.Authenticate(ctx, basic("ann@example.org", password))
	refused(t, err, fault.Unauthenticated)
	if _, n, _ := w.Users(ctx, forge.Page{Search: "new@"}); n != 1 {
		t.Errorf("%d users are found by the new e-mail address", n)
	}
	for name, c := range map[string]struct {
		profile forge.Profile
		want    fault.Kind
	}{
		"e-mail taken": {forge.Profile{Email: "BOB@example.org"}, fault.Conflict},
		"no e-mail":    {forge.Profile{Email: ""}, fault.Invalid},
		"locale":       {forge.Profile{Email: ann.Email, Locale: "../en"}, fault.Invalid},
		"theme":        {forge.Profile{Email: ann.Email, Theme: "pink"}, fault.Invalid},
		"full name":    {forge.Profile{Email: ann.Email, Title: "a\u202eb"}, fault.Invalid},
	} {
		if err := w.UpdateUser(ctx, ann.ID, c.profile); !fault.Is(err, c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if err := w.UpdateUser(ctx, ann.ID, forge.Profile{Email: "NEW@example.org"}); err != nil {
		t.Errorf("one's own e-mail address in other letters: %v", err)
	}
	refused(t, w.UpdateUser(ctx, 99, forge.Profile{Email: "x@example.org"}), fault.NotFound)
}

func TestSetPassword(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	ann := w.user("ann")
	refused(t, w.SetPassword(ctx, ann.ID, "short"), fault.Invalid)
	refused(t, w.SetPassword(ctx, ann.ID, "Ann@example.org"), fault.Invalid)
	refused(t, w.SetPassword(ctx, 99, password), fault.NotFound)
	must(w.SignIn(ctx, "ann", password, ""))(t)
}

func TestLastAdministrator(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	root, ann := w.user("root", admin), w.user("ann")
	if err := w.SetBlocked(ctx, ann.ID, true); err != nil {
		t.Fatal(err)
	}
	refused(t, w.SetAdmin(ctx, root.ID, false), fault.Conflict)
	refused(t, w.SetBlocked(ctx, root.ID, true), fault.Conflict)
	refused(t, w.DeleteUser(ctx, root.ID), fault.Conflict)
	if err := w.SetAdmin(ctx, ann.ID, true); err != nil {
		t.Fatal(err)
	}
	refused(t, w.SetAdmin(ctx, root.ID, false), fault.Conflict) // ann is blocked
	if err := w.SetBlocked(ctx, ann.ID, false); err != nil {
		t.Fatal(err)
	}
	if err := w.DeleteUser(ctx, root.ID); err != nil {
		t.Fatal(err)
	}
	refused(t, w.SetAdmin(ctx, 99, true), fault.NotFound)
	refused(t, w.SetBlocked(ctx, 99, true), fault.NotFound)
}

func TestDeleteUser(t *testing.T) {
	t.Parallel()
	var packages atomic.Bool
	w := newWorld(t, func(c *forge.Config) {
		c.Vacate = func(_ context.Context, _ *db.Tx, s scope.Ref) error {
			if packages.Load() && s.Kind == scope.User {
				return fault.New(fault.Conflict, "there are packages")
			}
			return nil
		}
	})
	ctx := t.Context()
	ann, bob := w.user("ann"), w.user("bob")
	acme := w.company("acme", ann, false)
	lib := w.project("lib", ann.Ref(), false)
	within := ann.Ref()
	limited := w.token(bob, func(n *forge.NewToken) { n.Within = &within })

	refused(t, w.DeleteUser(ctx, ann.ID), fault.Conflict) // the company's only owner
	w.member(acme.Ref(), bob, host.Owner)
	refused(t, w.DeleteUser(ctx, ann.ID), fault.Conflict) // owns a project
	if err := w.DeleteProject(ctx, lib.ID); err != nil {
		t.Fatal(err)
	}
	packages.Store(true)
	refused(t, w.DeleteUser(ctx, ann.ID), fault.Conflict) // has packages
	packages.Store(false)
	if err := w.DeleteUser(ctx, ann.ID); err != nil {
		t.Fatal(err)
	}
	refused(t, w.DeleteUser(ctx, ann.ID), fault.NotFound)
	_, err := w.Authenticate(ctx, bearer(limited)) // limited to what is gone
	refused(t, err, fault.Unauthenticated)
	if members, n, _ := w.Members(ctx, acme.Ref(), forge.Page{}); n != 1 || members[0].ID != bob.ID {
		t.Errorf("acme's members are %+v", members)
	}
	w.pass(time.Hour)
	if again := w.user("ann"); again.ID == ann.ID || again.UUID == ann.UUID {
		t.Error("the next ann is the one before")
	}
}
