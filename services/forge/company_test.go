package forge_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/fault"
	host "ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
	"ingot.dev/services/forge"
)

func TestCompany(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	ann := w.user("ann")
	got := must(w.CreateCompany(ctx, forge.NewCompany{
		Alias: "Acme", Owner: ann.ID, Face: forge.Face{Title: " Acme Inc ", Description: "Tools", Private: true},
	}))(t)
	want := forge.Company{
		ID: got.ID, UUID: got.UUID, Alias: "Acme", Title: "Acme Inc", Description: "Tools", Private: true, Created: w.cfg.Now(),
	}
	if diff := cmp.Diff(want, got); diff != "" || got.ID == 0 || len(got.UUID) != 36 {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := w.UpdateCompany(ctx, got.ID, forge.Face{Title: "ACME"}); err != nil {
		t.Fatal(err)
	}
	want.Title, want.Description, want.Private = "ACME", "", false
	if diff := cmp.Diff(want, must(w.CompanyByID(ctx, got.ID))(t)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for name, c := range map[string]struct {
		n    forge.NewCompany
		want fault.Kind
	}{
		"reserved":       {forge.NewCompany{Alias: "v2", Owner: ann.ID}, fault.Invalid},
		"grammar":        {forge.NewCompany{Alias: "a b", Owner: ann.ID}, fault.Invalid},
		"title":          {forge.NewCompany{Alias: "b", Owner: ann.ID, Face: forge.Face{Title: "\x1b[31m"}}, fault.Invalid},
		"a user's name":  {forge.NewCompany{Alias: "ANN", Owner: ann.ID}, fault.Conflict},
		"no owner":       {forge.NewCompany{Alias: "b", Owner: 99}, fault.NotFound},
		"no owner given": {forge.NewCompany{Alias: "b"}, fault.NotFound},
	} {
		if _, err := w.CreateCompany(ctx, c.n); !fault.Is(err, c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	refused(t, w.UpdateCompany(ctx, 99, forge.Face{}), fault.NotFound)
	_, err := w.CompanyByID(ctx, 99)
	refused(t, err, fault.NotFound)

	lib := w.project("lib", got.Ref(), false)
	refused(t, w.DeleteCompany(ctx, got.ID), fault.Conflict)
	if err := w.DeleteProject(ctx, lib.ID); err != nil {
		t.Fatal(err)
	}
	if err := w.DeleteCompany(ctx, got.ID); err != nil {
		t.Fatal(err)
	}
	refused(t, w.DeleteCompany(ctx, got.ID), fault.NotFound)
	w.company("acme", ann, false)
}

func TestMembers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	ann, bob, carl := w.user("ann"), w.user("bob"), w.user("carl")
	acme := w.company("acme", ann, false).Ref()
	lib := w.project("lib", ann.Ref(), false).Ref()

	for step, c := range []struct {
		do   func() error
		want fault.Kind // Internal: no fault
	}{
		{func() error { return w.SetMember(ctx, host.Administrator, acme, bob.ID, host.Owner) }, fault.Denied},
		{func() error { return w.SetMember(ctx, host.Administrator, acme, bob.ID, host.Administrator) }, 0},
		{func() error { return w.SetMember(ctx, host.Administrator, acme, ann.ID, host.Guest) }, fault.Denied},
		{func() error { return w.RemoveMember(ctx, host.Administrator, acme, ann.ID) }, fault.Denied},
		{func() error { return w.SetMember(ctx, host.Nobody, acme, carl.ID, host.Guest) }, fault.Denied},
		{func() error { return w.RemoveMember(ctx, host.Owner, acme, ann.ID) }, fault.Conflict},
		{func() error { return w.SetMember(ctx, host.Owner, acme, ann.ID, host.Developer) }, fault.Conflict},
		{func() error { return w.SetMember(ctx, host.Owner, acme, ann.ID, host.Owner) }, 0},
		{func() error { return w.SetMember(ctx, host.Owner, acme, bob.ID, host.Owner) }, 0},
		{func() error { return w.RemoveMember(ctx, host.Owner, acme, ann.ID) }, 0},
		{func() error { return w.RemoveMember(ctx, host.Owner, acme, ann.ID) }, fault.NotFound},
		{func() error { return w.RemoveMember(ctx, host.Owner, acme, bob.ID) }, fault.Conflict},
		{func() error { return w.SetMember(ctx, host.Owner, acme, 99, host.Guest) }, fault.NotFound},
		{func() error { return w.SetMember(ctx, host.Owner, acme, carl.ID, host.Nobody) }, fault.Invalid},
		{func() error { return w.SetMember(ctx, 99, acme, carl.ID, 99) }, fault.Invalid},
		{func() error {
			return w.SetMember(ctx, host.Owner, scope.Ref{Kind: scope.Company, ID: 99}, carl.ID, host.Guest)
		}, fault.NotFound},
		{func() error {
			return w.SetMember(ctx, host.Owner, scope.Ref{Kind: scope.Project, ID: 99}, carl.ID, host.Guest)
		}, fault.NotFound},
		{func() error { return w.SetMember(ctx, host.Owner, ann.Ref(), carl.ID, host.Guest) }, fault.Invalid},
		{func() error { return w.SetMember(ctx, host.Owner, scope.Ref{Kind: scope.Service}, carl.ID, host.Guest) }, fault.Invalid},
		// A project may be without members: its owner is somebody else.
		{func() error { return w.SetMember(ctx, host.Owner, lib, bob.ID, host.Owner) }, 0},
		{func() error { return w.RemoveMember(ctx, host.Owner, lib, bob.ID) }, 0},
	} {
		err := c.do()
		if c.want == fault.Internal && err != nil || c.want != fault.Internal && !fault.Is(err, c.want) {
			t.Errorf("step %d: %v, want %s", step, err, c.want)
		}
	}

	w.member(acme, carl, host.Reporter)
	w.member(acme, ann, host.Reporter)
	w.pass(1)
	w.member(acme, carl, host.Developer)
	got, total, err := w.Members(ctx, acme, forge.Page{})
	want := []forge.Member{
		{ID: bob.ID, UUID: bob.UUID, Alias: "bob", Role: host.Owner, Since: bob.Created},
		{ID: carl.ID, UUID: carl.UUID, Alias: "carl", Role: host.Developer, Since: bob.Created},
		{ID: ann.ID, UUID: ann.UUID, Alias: "ann", Role: host.Reporter, Since: bob.Created},
	}
	if diff := cmp.Diff(want, got); diff != "" || total != 3 || err != nil {
		t.Errorf("%d, %v (-want +got):\n%s", total, err, diff)
	}
	if got, total, _ := w.Members(ctx, acme, forge.Page{Search: "CAR", Limit: 1}); total != 1 || got[0].Alias != "carl" {
		t.Errorf("members with car: %d, %+v", total, got)
	}
}

// Two owners who leave at the same time do not leave a company without one.
func TestOwnersLeaveTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	owners := []forge.User{w.user("ann"), w.user("bob"), w.user("carl")}
	acme := w.company("acme", owners[0], false).Ref()
	for _, u := range owners {
		w.member(acme, u, host.Owner)
	}
	var left atomic.Int32
	var wg sync.WaitGroup
	for _, u := range owners {
		wg.Go(func() {
			switch err := w.RemoveMember(t.Context(), host.Owner, acme, u.ID); {
			case err == nil:
				left.Add(1)
			case !fault.Is(err, fault.Conflict):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if left.Load() != 2 {
		t.Errorf("%d of 3 owners left, want 2", left.Load())
	}
}
