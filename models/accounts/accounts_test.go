package accounts_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/models/accounts"
	"ingot.dev/models/db"
	"ingot.dev/models/dbtest"
	"ingot.dev/modules/scope"
)

// write runs fn in a transaction.
func write(t *testing.T, d *db.DB, fn func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	if err := d.Write(t.Context(), func(tx *db.Tx) error { return fn(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

// add inserts accounts with these names.
func add(t *testing.T, d *db.DB, aliases ...string) []*accounts.Account {
	t.Helper()
	var out []*accounts.Account
	write(t, d, func(ctx context.Context, tx *db.Tx) error {
		for i, alias := range aliases {
			a := &accounts.Account{
				UUID: "uuid of " + alias, Alias: alias, Title: "Title " + alias, Email: alias + "@Example.org",
				Password: "hash", Admin: i == 0, Locale: "en", Theme: "dark", Created: int64(1000 + i),
			}
			if ok, err := accounts.InsertAccount(ctx, tx, a); err != nil || !ok || a.ID == 0 {
				t.Errorf("add %s: %t, %v", alias, ok, err)
			}
			if ok, err := accounts.ClaimAlias(ctx, tx, alias, scope.Ref{Kind: scope.User, ID: a.ID}); err != nil || !ok {
				t.Errorf("claim %s: %t, %v", alias, ok, err)
			}
			out = append(out, a)
		}
		return nil
	})
	return out
}

func TestEpoch(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	before, err := accounts.Epoch(t.Context(), d)
	if err != nil || before == 0 {
		t.Fatal(before, err)
	}
	write(t, d, accounts.Bump)
	if after, err := accounts.Epoch(t.Context(), d); err != nil || after != before+1 {
		t.Errorf("from %d to %d, %v", before, after, err)
	}
}

func TestAccount(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	ctx := t.Context()
	ann := add(t, d, "Ann", "bob")[0]
	for name, find := range map[string]func() (*accounts.Account, bool, error){
		"by id":     func() (*accounts.Account, bool, error) { return accounts.AccountByID(ctx, d, ann.ID) },
		"by e-mail": func() (*accounts.Account, bool, error) { return accounts.AccountByEmail(ctx, d, "aNN@example.ORG") },
	} {
		got, ok, err := find()
		if diff := cmp.Diff(ann, got); diff != "" || !ok || err != nil {
			t.Errorf("%s: %t, %v (-want +got):\n%s", name, ok, err, diff)
		}
	}
	if _, ok, err := accounts.AccountByID(ctx, d, 99); ok || err != nil {
		t.Errorf("an unknown id: %t, %v", ok, err)
	}
	if rows, err := accounts.AccountsByID(ctx, d, nil); len(rows) != 0 || err != nil {
		t.Errorf("no ids: %v, %v", rows, err)
	}
	write(t, d, func(ctx context.Context, tx *db.Tx) error {
		twin := *ann
		twin.UUID = "another"
		if ok, err := accounts.InsertAccount(ctx, tx, &twin); ok || err != nil {
			t.Errorf("a taken e-mail address is added: %t, %v", ok, err)
		}
		changed := *ann
		changed.Email = "BOB@example.org"
		if ok, err := accounts.UpdateAccount(ctx, tx, &changed); ok || err != nil {
			t.Errorf("a taken e-mail address is stored: %t, %v", ok, err)
		}
		if n, err := accounts.CountAdmins(ctx, tx); n != 1 || err != nil {
			t.Errorf("%d administrators, %v", n, err)
		}
		if err := accounts.SetBlocked(ctx, tx, ann.ID, true); err != nil {
			return err
		}
		if n, err := accounts.CountAdmins(ctx, tx); n != 0 || err != nil {
			t.Errorf("%d administrators who are not blocked, %v", n, err)
		}
		return nil
	})
}

func TestAlias(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	ctx := t.Context()
	user := scope.Ref{Kind: scope.User, ID: add(t, d, "Ann")[0].ID}
	company := scope.Ref{Kind: scope.Company, ID: user.ID} // the same number, another thing
	if got, ok, err := accounts.ByAlias(ctx, d, "ANN"); got != user || !ok || err != nil {
		t.Errorf("ANN is %v, %t, %v", got, ok, err)
	}
	write(t, d, func(ctx context.Context, tx *db.Tx) error {
		if ok, err := accounts.ClaimAlias(ctx, tx, "aNN", company); ok || err != nil {
			t.Errorf("a name has two owners: %t, %v", ok, err)
		}
		if ok, err := accounts.ClaimAlias(ctx, tx, "second", user); ok || err != nil {
			t.Errorf("an owner has two names: %t, %v", ok, err)
		}
		if ok, err := accounts.ClaimAlias(ctx, tx, "acme", company); !ok || err != nil {
			t.Errorf("a free name: %t, %v", ok, err)
		}
		return accounts.ReleaseAlias(ctx, tx, user)
	})
	if _, ok, _ := accounts.ByAlias(ctx, d, "ann"); ok {
		t.Error("a name that was released is still somebody's")
	}
	if got, ok, _ := accounts.ByAlias(ctx, d, "acme"); got != company || !ok {
		t.Errorf("acme is %v, %t", got, ok)
	}
}

func TestMembers(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	ctx := t.Context()
	people := add(t, d, "ann", "bob")
	one, two := scope.Ref{Kind: scope.Company, ID: 1}, scope.Ref{Kind: scope.Project, ID: 1}
	write(t, d, func(ctx context.Context, tx *db.Tx) error {
		for _, m := range []struct {
			s       scope.Ref
			account int64
			role    uint8
		}{{one, people[0].ID, 2}, {one, people[0].ID, 5}, {one, people[1].ID, 5}, {two, people[0].ID, 1}} {
			if err := accounts.SetMember(ctx, tx, m.s, m.account, m.role, 7); err != nil {
				return err
			}
		}
		if n, err := accounts.CountOnly(ctx, tx, people[0].ID, 5); n != 0 || err != nil {
			t.Errorf("ann is the only owner of %d companies, %v", n, err)
		}
		if err := accounts.RemoveMember(ctx, tx, one, people[1].ID); err != nil {
			return err
		}
		if n, err := accounts.CountOnly(ctx, tx, people[0].ID, 5); n != 1 || err != nil {
			t.Errorf("ann is the only owner of %d companies, %v", n, err)
		}
		return nil
	})
	got, err := accounts.Memberships(ctx, d, people[0].ID)
	if diff := cmp.Diff(map[scope.Ref]uint8{one: 5, two: 1}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	write(t, d, func(ctx context.Context, tx *db.Tx) error { return accounts.DeleteAccount(ctx, tx, people[0].ID) })
	if got, err := accounts.Memberships(ctx, d, people[0].ID); len(got) != 0 || err != nil {
		t.Errorf("who is gone is still a member: %v, %v", got, err)
	}
}

func TestTokenAndSession(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	ctx := t.Context()
	people := add(t, d, "ann", "bob")
	token := accounts.Token{
		UUID: "t", AccountID: people[0].ID, Name: "n", Hash: "h", Hint: "i", Grants: 63,
		WithinKind: scope.Project, WithinID: 4, Created: 1, Expires: 2,
	}
	session := accounts.Session{Hash: "s", AccountID: people[0].ID, Created: 1, Expires: 10, Agent: "a", Addr: "b"}
	write(t, d, func(ctx context.Context, tx *db.Tx) error {
		if err := accounts.InsertToken(ctx, tx, &token); err != nil {
			return err
		}
		for _, used := range []int64{5, 9, 7} { // processes report in any order
			if err := accounts.TouchToken(ctx, tx, token.ID, used); err != nil {
				return err
			}
		}
		if ok, err := accounts.DeleteToken(ctx, tx, people[1].ID, token.ID); ok || err != nil {
			t.Errorf("bob removes ann's token: %t, %v", ok, err)
		}
		if err := accounts.InsertSession(ctx, tx, &session); err != nil {
			return err
		}
		if ok, err := accounts.DeleteSession(ctx, tx, people[1].ID, session.ID); ok || err != nil {
			t.Errorf("bob ends ann's session: %t, %v", ok, err)
		}
		return accounts.DeleteExpiredSessions(ctx, tx, 9)
	})
	token.Used = 9
	gotToken, ok, err := accounts.TokenByHash(ctx, d, "h")
	if diff := cmp.Diff(&token, gotToken); diff != "" || !ok || err != nil {
		t.Errorf("%t, %v (-want +got):\n%s", ok, err, diff)
	}
	gotSession, ok, err := accounts.SessionByHash(ctx, d, "s")
	if diff := cmp.Diff(&session, gotSession); diff != "" || !ok || err != nil {
		t.Errorf("%t, %v (-want +got):\n%s", ok, err, diff)
	}
	write(t, d, func(ctx context.Context, tx *db.Tx) error {
		if err := accounts.DeleteExpiredSessions(ctx, tx, 10); err != nil {
			return err
		}
		return accounts.DeleteTokensWithin(ctx, tx, scope.Ref{Kind: scope.Project, ID: 4})
	})
	if _, ok, _ := accounts.TokenByHash(ctx, d, "h"); ok {
		t.Error("the token outlives what it was limited to")
	}
	if _, ok, _ := accounts.SessionByHash(ctx, d, "s"); ok {
		t.Error("the session outlives its time")
	}
}
