package packages

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"ingot.dev/models/db"
	"ingot.dev/models/dbtest"
	"ingot.dev/modules/scope"
)

// What a page of a list costs follows the page, not the packages of the owner:
// nothing is sorted that an index has in order.
func TestListsAreNotSorted(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	if d.Dialect() != db.SQLite {
		t.Skip("SKIPPED: reads the plans of SQLite")
	}
	one := []scope.Ref{{Kind: scope.User, ID: 1}}
	for _, l := range []List{
		{Scopes: one, Order: Newest},
		{Scopes: one, Order: ByNameAscending},
		{Scopes: one, Order: MostDownloaded},
		{Scopes: one, Order: Newest, Format: "generic"},
		{Scopes: one, Order: ByNameAscending, Format: "generic"},
		{Scopes: one, Order: MostDownloaded, Format: "generic"},
		{Order: Newest},
	} {
		query, args := l.query()
		var plan []struct{ Detail string }
		if err := d.Find(t.Context(), &plan, "EXPLAIN QUERY PLAN "+query, args...); err != nil {
			t.Fatal(err)
		}
		if len(plan) == 0 {
			t.Fatalf("%+v has no plan", l)
		}
		for _, step := range plan {
			if strings.Contains(step.Detail, "TEMP B-TREE") || strings.HasPrefix(step.Detail, "SCAN") && !strings.Contains(step.Detail, "INDEX") {
				t.Errorf("%+v: %s", l, step.Detail)
			}
		}
	}
}

// A walk follows the indexes and sorts nothing, or a document of a whole
// registry would wait for a copy of it.
func TestWalksAreNotSorted(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	if d.Dialect() != db.SQLite {
		t.Skip("SKIPPED: reads the plans of SQLite")
	}
	for _, w := range []Walk{{Format: "generic"}, {Format: "generic", Files: "linux-64/"}, {Format: "generic", Packages: []string{"a", "b"}}} {
		query, args := w.query()
		var plan []struct{ Detail string }
		if err := d.Find(t.Context(), &plan, "EXPLAIN QUERY PLAN "+query, args...); err != nil {
			t.Fatal(err)
		}
		if len(plan) == 0 {
			t.Fatalf("%+v has no plan", w)
		}
		for _, step := range plan {
			if strings.Contains(step.Detail, "TEMP B-TREE") || strings.HasPrefix(step.Detail, "SCAN") && !strings.Contains(step.Detail, "CONSTANT") {
				t.Errorf("%+v: %s", w, step.Detail)
			}
		}
	}
}

// Whatever the way a list is read, its pages are the same.
func TestLists(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	ctx := t.Context()
	var owners []scope.Ref
	for id := int64(1); id <= few+5; id++ {
		owners = append(owners, scope.Ref{Kind: scope.User, ID: id})
	}
	err := d.Write(ctx, func(tx *db.Tx) error {
		for i := range 20 {
			for _, format := range []string{"generic", "composer"} {
				for owner := range 2 {
					if err := add(ctx, tx, owners[owner], format, i); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		list  List
		first string
		total int
	}{
		"newest":                {List{Order: Newest}, "name7 composer", 40},
		"by name":               {List{Order: ByNameAscending}, "name0 generic", 40},
		"downloads":             {List{Order: MostDownloaded}, "name3 composer", 40},
		"format":                {List{Order: Newest, Format: "composer"}, "name7 composer", 20},
		"format by name":        {List{Order: ByNameAscending, Format: "generic"}, "name0 generic", 20},
		"format by downloads":   {List{Order: MostDownloaded, Format: "composer"}, "name3 composer", 20},
		"text":                  {List{Order: ByNameAscending, Text: "ME19"}, "name19 generic", 2},
		"text, format, nothing": {List{Order: Newest, Text: "name", Format: "npm"}, "", 0},
		"prefix":                {List{Order: ByNameAscending, Prefix: "name1", Format: "generic"}, "name1 generic", 11},
	} {
		t.Run(name, func(t *testing.T) {
			// Of one owner, of two, of too many to ask one by one.
			for n, owners := range map[int][]scope.Ref{1: owners[:1], 2: owners[:2], 3: owners} {
				l := c.list
				l.Scopes, l.Limit = owners, 7
				total, err := l.Count(ctx, d)
				if err != nil {
					t.Fatal(err)
				}
				if want := c.total * min(n, 2); total != want {
					t.Errorf("%d owners: %d of %d", len(owners), total, want)
				}
				seen := map[int64]bool{}
				for ; l.Offset < total+7; l.Offset += 7 {
					page, err := l.Find(ctx, d)
					if err != nil {
						t.Fatal(err)
					}
					if l.Offset == 0 && total > 0 && page[0].Name+" "+page[0].Format != c.first {
						t.Errorf("%d owners: the first is %s %s, not %s", len(owners), page[0].Name, page[0].Format, c.first)
					}
					for _, p := range page {
						if seen[p.ID] {
							t.Errorf("%d owners: %s is listed twice", len(owners), p.Name)
						}
						seen[p.ID] = true
					}
				}
				if len(seen) != total {
					t.Errorf("%d owners: the pages have %d packages, not %d", len(owners), len(seen), total)
				}
			}
		})
	}
}

// add makes a package of which everything follows from i: the seventh is the
// newest, the third has most downloads.
func add(ctx context.Context, tx *db.Tx, owner scope.Ref, format string, i int) error {
	registry, err := TouchRegistry(ctx, tx, owner, format, 1)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("name%d", i)
	p, _, err := AddPackage(ctx, tx, Package{
		UUID: fmt.Sprint(owner, format, i), RegistryID: registry, ScopeKind: owner.Kind, ScopeID: owner.ID, Format: format,
		Name: name, Canon: name, Updated: int64(100 - (i-7)*(i-7)),
	})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "UPDATE package SET downloads = ? WHERE id = ?", 100-(i-3)*(i-3), p.ID)
	return err
}

// A file that is asked for by its name alone is found by it, and so is that
// there is none: nothing goes through the packages.
func TestFileIsFoundByName(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	if d.Dialect() != db.SQLite {
		t.Skip("SKIPPED: reads the plans of SQLite")
	}
	query, args := Walk{Format: "generic", File: "symbols/1/a.pdb"}.query()
	var plan []struct{ Detail string }
	if err := d.Find(t.Context(), &plan, "EXPLAIN QUERY PLAN "+query, args...); err != nil {
		t.Fatal(err)
	}
	if len(plan) == 0 || plan[0].Detail != "SEARCH f USING INDEX file_canon (canon=?)" {
		t.Errorf("it begins with %+v", plan)
	}
}
