package forge_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/fault"
	host "ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
	"ingot.dev/services/forge"
)

// town is a world with one of each scope and one of each sort of actor.
func town(t *testing.T, with ...func(*forge.Config)) (w *world, scopes map[string]scope.Ref, actors map[string]int64) {
	w = newWorld(t, with...)
	ann, root := w.user("ann"), w.user("root", admin)
	open, closed := w.company("open", ann, false), w.company("closed", ann, true)
	scopes = map[string]scope.Ref{
		"service":         {Kind: scope.Service},
		"ann":             ann.Ref(),
		"open company":    open.Ref(),
		"closed company":  closed.Ref(),
		"ann/public":      w.project("public", ann.Ref(), false).Ref(),
		"ann/private":     w.project("private", ann.Ref(), true).Ref(),
		"open/public":     w.project("public", open.Ref(), false).Ref(),
		"open/private":    w.project("private", open.Ref(), true).Ref(),
		"closed/public":   w.project("public", closed.Ref(), false).Ref(),
		"closed/private":  w.project("private", closed.Ref(), true).Ref(),
		"no such project": {Kind: scope.Project, ID: 4711},
	}
	actors = map[string]int64{"anonymous": 0, "stranger": w.user("stranger").ID, "ann": ann.ID, "root": root.ID, "gone": 4711}
	staff, helper, blocked := w.user("staff"), w.user("visitor"), w.user("blocked", admin)
	actors["staff"], actors["visitor"], actors["blocked"] = staff.ID, helper.ID, blocked.ID
	w.member(open.Ref(), staff, host.Developer)
	w.member(closed.Ref(), staff, host.Reporter)
	w.member(scopes["closed/private"], staff, host.Guest)         // less than the company gives
	w.member(scopes["open/private"], staff, host.Administrator)   // more than the company gives
	w.member(scopes["ann/private"], helper, host.Guest)           //
	w.member(scopes["ann/public"], helper, host.Developer)        //
	w.member(scopes["closed/public"], helper, host.Administrator) // without the company
	w.member(open.Ref(), blocked, host.Owner)                     //
	if err := w.SetBlocked(t.Context(), blocked.ID, true); err != nil {
		t.Fatal(err)
	}
	return w, scopes, actors
}

const (
	none   = host.Nobody
	guest  = host.Guest
	report = host.Reporter
	devel  = host.Developer
	manage = host.Administrator
	owner  = host.Owner
)

// rights is the table of doc.go for the town. Whoever is not named in a line
// has its first role.
var rights = map[string]struct {
	others host.Role
	named  map[string]host.Role
}{
	"service":         {guest, map[string]host.Role{"anonymous": none}},
	"ann":             {guest, map[string]host.Role{"ann": owner}},
	"open company":    {guest, map[string]host.Role{"ann": owner, "staff": devel}},
	"closed company":  {none, map[string]host.Role{"ann": owner, "staff": report}},
	"ann/public":      {guest, map[string]host.Role{"ann": owner, "visitor": devel}},
	"ann/private":     {none, map[string]host.Role{"ann": owner, "visitor": guest}},
	"open/public":     {guest, map[string]host.Role{"ann": owner, "staff": devel}},
	"open/private":    {none, map[string]host.Role{"ann": owner, "staff": manage}},
	"closed/public":   {none, map[string]host.Role{"ann": owner, "staff": report, "visitor": manage}},
	"closed/private":  {none, map[string]host.Role{"ann": owner, "staff": report}},
	"no such project": {none, nil},
}

func want(scopeName, actor string) host.Role {
	line := rights[scopeName]
	switch role, named := line.named[actor]; {
	case actor == "blocked" || actor == "gone":
		return none
	case actor == "root" && scopeName != "no such project":
		return owner
	case named:
		return role
	}
	return line.others
}

func TestRoles(t *testing.T) {
	t.Parallel()
	w, scopes, actors := town(t)
	ctx := w.Begin(t.Context())
	for who, id := range actors {
		var names []string
		var asked []scope.Scope
		for name, ref := range scopes {
			names = append(names, name)
			// What a caller claims of a scope is not believed.
			asked = append(asked, scope.Scope{Ref: ref, Private: false, Parent: scope.Ref{Kind: scope.User, ID: id}})
		}
		for _, state := range []string{"cold", "warm"} {
			// Nor what an actor was once.
			roles := must(w.Roles(ctx, host.Actor{ID: id, Admin: id == 0}, asked...))(t)
			for i, name := range names {
				if roles[i] != want(name, who) {
					t.Errorf("%s: %s in %s is %s, want %s", state, who, name, roles[i], want(name, who))
				}
			}
		}
		one := must(w.process().Roles(t.Context(), host.Actor{ID: id}, asked[0]))(t)
		if one[0] != want(names[0], who) {
			t.Errorf("alone: %s in %s is %s, want %s", who, names[0], one[0], want(names[0], who))
		}
	}
}

func TestServicePublic(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *forge.Config) { c.ServicePublic = true })
	if role := w.role(w.Forge, 0, scope.Ref{Kind: scope.Service}); role != guest {
		t.Errorf("anonymous is %s of a public service, want guest", role)
	}
}

// The lists in SQL show exactly what Roles lets the actor read.
func TestListsFollowRoles(t *testing.T) {
	t.Parallel()
	w, scopes, actors := town(t)
	ctx := t.Context()
	for who, id := range actors {
		a := host.Actor{ID: id}
		seen := make(map[scope.Ref]bool)
		companies, n, err := w.Companies(ctx, a, forge.Filter{})
		if err != nil || n != len(companies) {
			t.Fatalf("%s: %d companies of %d, %v", who, len(companies), n, err)
		}
		for _, c := range companies {
			seen[c.Ref()] = true
		}
		projects, n, err := w.Projects(ctx, a, forge.Filter{})
		if err != nil || n != len(projects) {
			t.Fatalf("%s: %d projects of %d, %v", who, len(projects), n, err)
		}
		for _, p := range projects {
			seen[p.Ref()] = true
			s := must(w.Resolve(ctx, p.Path()))(t)
			if s.Ref != p.Ref() || s.Private != p.Hidden || s.Parent != p.Owner || s.UUID != p.UUID {
				t.Errorf("%s is listed as %+v and resolved as %+v", p.Path(), p, s)
			}
		}
		for name, ref := range scopes {
			if ref.Kind != scope.Company && ref.Kind != scope.Project {
				continue
			}
			if may := want(name, who) >= guest; may != seen[ref] {
				t.Errorf("%s: %s is listed: %t, may be read: %t", who, name, seen[ref], may)
			}
		}
	}
}

func TestListFilters(t *testing.T) {
	t.Parallel()
	w, scopes, actors := town(t)
	ctx := t.Context()
	for _, c := range []struct {
		who    string
		filter forge.Filter
		want   []string
	}{
		{"anonymous", forge.Filter{Mine: true}, nil},
		{"root", forge.Filter{Mine: true}, nil},
		{"visitor", forge.Filter{Mine: true}, []string{"ann/private", "ann/public", "closed/public"}},
		{"staff", forge.Filter{Mine: true}, []string{"closed/private", "closed/public", "open/private", "open/public"}},
		{"stranger", forge.Filter{Owner: scopes["ann"]}, []string{"ann/public"}},
		{"ann", forge.Filter{Owner: scopes["ann"], Page: forge.Page{Search: "PRIV"}}, []string{"ann/private"}},
		{"ann", forge.Filter{Page: forge.Page{Search: "%"}}, nil},
		{"ann", forge.Filter{Page: forge.Page{Search: "p_blic"}}, nil},
		{"ann", forge.Filter{Page: forge.Page{Limit: 2, Offset: 5}}, []string{"closed/public"}},
	} {
		found, _, err := w.Projects(ctx, host.Actor{ID: actors[c.who]}, c.filter)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range found {
			got = append(got, p.OwnerAlias+"/"+p.Alias)
		}
		slices.Sort(got)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s, %+v (-want +got):\n%s", c.who, c.filter, diff)
		}
	}
	found, total, err := w.Companies(ctx, host.Actor{ID: actors["staff"]}, forge.Filter{Mine: true, Page: forge.Page{Search: "Clos"}})
	if err != nil || total != 1 || found[0].Alias != "closed" {
		t.Errorf("staff's companies with clos: %v, %d, %v", found, total, err)
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	ann := w.user("Ann")
	acme := w.company("Acme", ann, true)
	lib := w.project("Lib.php", acme.Ref(), false)
	if err := w.UpdateProject(ctx, lib.ID, forge.Face{Title: "The library"}); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]scope.Scope{
		"":             {Ref: scope.Ref{Kind: scope.Service}, UUID: "00000000-0000-0000-0000-000000000000", Path: scope.Path{Kind: scope.Service}},
		"user/aNN":     {Ref: ann.Ref(), UUID: ann.UUID, Path: scope.Path{Kind: scope.User, Owner: "Ann"}},
		"company/acme": {Ref: acme.Ref(), UUID: acme.UUID, Path: scope.Path{Kind: scope.Company, Owner: "Acme"}, Private: true},
		"project/ACME/lib.PHP": {
			Ref: lib.Ref(), UUID: lib.UUID, Path: scope.Path{Kind: scope.Project, Owner: "Acme", Name: "Lib.php"},
			Title: "The library", Private: true, Parent: acme.Ref(),
		},
	} {
		p := must(scope.ParsePath(path))(t)
		for _, state := range []string{"cold", "warm"} {
			if diff := cmp.Diff(want, must(w.Resolve(ctx, p))(t)); diff != "" {
				t.Errorf("%s %q (-want +got):\n%s", state, path, diff)
			}
		}
		found := must(w.process().Scopes(ctx, []scope.Ref{want.Ref, {Kind: scope.Company, ID: 99}}))(t)
		if diff := cmp.Diff(map[scope.Ref]scope.Scope{want.Ref: want}, found); diff != "" {
			t.Errorf("by identity %q (-want +got):\n%s", path, diff)
		}
	}
	for _, path := range []scope.Path{
		{Kind: scope.User, Owner: "acme"},
		{Kind: scope.Company, Owner: "ann"},
		{Kind: scope.Project, Owner: "ann", Name: "lib.php"},
		{Kind: scope.Project, Owner: "nobody", Name: "lib.php"},
		{Kind: scope.User, Owner: "a\x00\xff"},
		{Kind: scope.Project, Owner: "acme", Name: "../../etc"},
		{},
	} {
		_, err := w.Resolve(ctx, path)
		refused(t, err, fault.NotFound)
	}
}

func TestShown(t *testing.T) {
	t.Parallel()
	w, scopes, _ := town(t)
	for name, want := range map[string][]string{
		"open company": {"open/public"}, "closed company": {"closed/public"}, "ann": nil, "ann/public": nil, "service": nil,
	} {
		var refs []scope.Ref
		for _, p := range want {
			refs = append(refs, scopes[p])
		}
		got := must(w.Shown(t.Context(), scope.Scope{Ref: scopes[name]}))(t)
		if !slices.Equal(got, refs) {
			t.Errorf("%s shows %v, want %v", name, got, refs)
		}
	}
}

func TestActors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann := w.user("ann", admin, func(n *forge.NewUser) { n.Title = "Ann A." })
	want := map[int64]host.Actor{ann.ID: {ID: ann.ID, UUID: ann.UUID, Name: "ann", Title: "Ann A.", Admin: true}}
	for range 2 {
		got := must(w.Actors(t.Context(), []int64{ann.ID, 99}))(t)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// A change by another process counts from the next request on; a request that
// has begun keeps the rights it began with, unless it changes them itself.
func TestCurrency(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	ann, bob := w.user("ann"), w.user("bob")
	lib := w.project("lib", ann.Ref(), false)
	other := w.process()
	s := scope.Scope{Ref: lib.Ref()}
	asks := func(ctx context.Context) host.Role {
		t.Helper()
		return must(w.Roles(ctx, host.Actor{ID: bob.ID}, s))(t)[0]
	}
	begun := w.Begin(ctx)
	for step, c := range []struct {
		change func() error
		want   host.Role
	}{
		{func() error { return nil }, guest},
		{func() error { return other.UpdateProject(ctx, lib.ID, forge.Face{Private: true}) }, none},
		{func() error { return other.SetMember(ctx, owner, lib.Ref(), bob.ID, devel) }, devel},
		{func() error { return other.SetMember(ctx, owner, lib.Ref(), bob.ID, report) }, report},
		{func() error { return other.RemoveMember(ctx, owner, lib.Ref(), bob.ID) }, none},
		{func() error { return other.SetAdmin(ctx, bob.ID, true) }, owner},
		{func() error { return other.SetAdmin(ctx, ann.ID, true) }, owner},
		{func() error { return other.SetBlocked(ctx, bob.ID, true) }, none},
		{func() error { return other.SetBlocked(ctx, bob.ID, false) }, owner},
		{func() error { return other.DeleteProject(ctx, lib.ID) }, none},
	} {
		if err := c.change(); err != nil {
			t.Fatal(err)
		}
		if got := asks(ctx); got != c.want {
			t.Errorf("step %d: bob is %s, want %s", step, got, c.want)
		}
		if got := asks(w.Begin(ctx)); got != c.want {
			t.Errorf("step %d: bob is %s in a new request, want %s", step, got, c.want)
		}
		if got := asks(begun); got != guest {
			t.Errorf("step %d: bob is %s in the request that began before, want guest", step, got)
		}
	}
	if err := w.UpdateUser(begun, ann.ID, forge.Profile{Email: ann.Email, Title: "Ann"}); err != nil {
		t.Fatal(err)
	}
	if got := asks(begun); got != none {
		t.Errorf("after a change of its own a request still goes by old rights: %s", got)
	}
}
