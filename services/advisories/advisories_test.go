package advisories_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/models/dbtest"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/services/advisories"
)

// record writes a record that affects packages, each "ecosystem/name", from 0
// to before a version.
func record(id string, day int, fixed string, packages ...string) string {
	var affected []string
	for _, p := range packages {
		ecosystem, name, _ := strings.Cut(p, "/")
		affected = append(affected, fmt.Sprintf(`{"package": {"ecosystem": %q, "name": %q}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": %q}]}]}`, ecosystem, name, fixed))
	}
	return fmt.Sprintf(`{"id": %q, "modified": "2026-01-%02dT00:00:00Z", "summary": "About %s", "affected": [%s]}`, id, day, id, strings.Join(affected, ","))
}

func withdrawn(id string, day int) string {
	return fmt.Sprintf(`{"id": %q, "modified": "2026-01-%02dT00:00:00Z", "withdrawn": "2026-01-%02dT00:00:00Z"}`, id, day, day)
}

func load(t *testing.T, s *advisories.Service, records ...string) advisories.Imported {
	t.Helper()
	dump := strings.Join(records, "\n")
	done, err := s.Import(t.Context(), strings.NewReader(dump), int64(len(dump)), nil)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// lower is a canonical form in which names with a blank are none.
func lower(name string) (string, error) {
	if strings.Contains(name, " ") {
		return "", fault.New(fault.Invalid, "a blank")
	}
	return strings.ToLower(name), nil
}

// found writes what For gives as "name id <fixed".
func found(t *testing.T, s *advisories.Service, formatID string, names ...string) []string {
	t.Helper()
	all, err := s.For(t.Context(), formatID, names, lower)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, a := range all {
		out = append(out, a.Package+" "+a.ID+" <"+a.Affected[0].Fixed)
	}
	return out
}

func TestFor(t *testing.T) {
	t.Parallel()
	s := advisories.New(dbtest.New(t))
	load(t, s,
		record("B-1", 1, "1.0", "npm/Money", "Debian:12/money"),
		record("A-1", 2, "2.0", "npm/money", "Packagist/acme/money"),
		record("C-1", 3, "3.0", "npm/mon.ey", "npm/mon-ey"),
		record("D-1", 4, "4.0", "npm/mon ey"),
	)
	for _, c := range []struct {
		format string
		names  []string
		want   []string
	}{
		{"npm", nil, nil},
		{"npm", []string{"other"}, nil},
		{"npm", []string{"MONEY", "other", "mon.ey"}, []string{"MONEY A-1 <2.0", "MONEY B-1 <1.0", "mon.ey C-1 <3.0"}},
		{"npm", []string{"mon_ey", "mon ey"}, nil},
		{"npm", []string{"money", "money", "Money"}, []string{"money A-1 <2.0", "money B-1 <1.0", "Money A-1 <2.0", "Money B-1 <1.0"}},
		{"composer", []string{"acme/money", "money"}, []string{"acme/money A-1 <2.0"}},
		{"generic", []string{"money"}, nil},
		{"debian", []string{"money"}, nil},
	} {
		if diff := cmp.Diff(c.want, found(t, s, c.format, c.names...)); diff != "" {
			t.Errorf("%s %v: %s", c.format, c.names, diff)
		}
	}
	many := make([]string, 1201)
	for i := range many {
		many[i] = fmt.Sprintf("p%d", i)
	}
	load(t, s, record("E-1", 1, "1.0", "npm/p0", "npm/p600", "npm/p1200"))
	if diff := cmp.Diff([]string{"p0 E-1 <1.0", "p600 E-1 <1.0", "p1200 E-1 <1.0"}, found(t, s, "npm", many...)); diff != "" {
		t.Error(diff)
	}
}

// Everything that a record says arrives.
func TestForWhole(t *testing.T) {
	t.Parallel()
	s := advisories.New(dbtest.New(t))
	load(t, s, `{"id": "GHSA-1", "modified": "2026-03-02T10:11:12.5Z", "published": "2026-03-01T00:00:00Z", "aliases": ["CVE-2026-1"],
		"summary": "Short", "details": "Long", "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}],
		"affected": [{"package": {"ecosystem": "PyPI", "name": "money"}, "ranges": [{"type": "ECOSYSTEM", "events": [
			{"introduced": "1.0"}, {"fixed": "1.5"}, {"introduced": "2.0"}, {"last_affected": "2.4"}]}]}],
		"references": [{"type": "ADVISORY", "url": "https://example.com/1"}], "database_specific": {"cwe_ids": ["CWE-682"]}}`)
	got, err := s.For(t.Context(), "pypi", []string{"Money"}, lower)
	if err != nil {
		t.Fatal(err)
	}
	want := []format.Advisory{{
		ID: "GHSA-1", Aliases: []string{"CVE-2026-1"}, Package: "Money", Summary: "Short", Details: "Long", URL: "https://example.com/1",
		Severity: "high", CVSS: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", CWE: []string{"CWE-682"},
		Affected: []format.Affected{{Introduced: "1.0", Fixed: "1.5"}, {Introduced: "2.0", Last: "2.4"}},
		Created:  time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Modified: time.Date(2026, 3, 2, 10, 11, 12, 500_000_000, time.UTC),
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The edition that was modified last counts, whatever comes first.
func TestImportOrder(t *testing.T) {
	t.Parallel()
	editions := []string{
		record("A-1", 1, "1.0", "npm/money", "npm/coins"),
		record("A-1", 2, "2.0", "npm/money"),
		withdrawn("A-1", 3),
		record("A-1", 4, "4.0", "npm/money"),
	}
	want := [][]string{nil, {"money A-1 <1.0", "coins A-1 <1.0"}, {"money A-1 <2.0"}, nil, {"money A-1 <4.0"}}
	for newest := 1; newest <= len(editions); newest++ {
		orders := [][]string{slices.Clone(editions[:newest]), slices.Clone(editions[:newest])}
		slices.Reverse(orders[1])
		for _, order := range orders {
			apart, together := advisories.New(dbtest.New(t)), advisories.New(dbtest.New(t))
			for _, e := range order {
				load(t, apart, e)
			}
			load(t, together, order...)
			for which, s := range map[string]*advisories.Service{"apart": apart, "together": together} {
				if diff := cmp.Diff(want[newest], found(t, s, "npm", "money", "coins")); diff != "" {
					t.Errorf("%s, up to day %d: %s", which, newest, diff)
				}
			}
		}
	}
}

func TestImportCounts(t *testing.T) {
	t.Parallel()
	s := advisories.New(dbtest.New(t))
	dump := []string{
		record("A-1", 1, "1.0", "npm/money"), record("A-2", 1, "1.0", "npm/money"), record("A-3", 1, "1.0", "Packagist:https://example.com/acme/money"),
		record("D-1", 1, "1.0", "Debian:12/money"), withdrawn("A-4", 1), `{"id": 4}`, `{"id": "A-5"}`,
	}
	want := advisories.Imported{Stored: 3, Foreign: 1, Removed: 1, Bad: 2}
	for range 2 {
		got := load(t, s, dump...)
		if len(got.Faults) != 2 || !strings.HasPrefix(got.Faults[0], "record 6: ") || got.Records() != len(dump) {
			t.Errorf("%+v", got)
		}
		got.Faults = nil
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		want = advisories.Imported{Unchanged: 4, Foreign: 1, Bad: 2} // the second time
	}
	// What is about none of our packages any more is gone.
	if got := load(t, s, record("A-2", 2, "1.0", "Debian:12/money")); got.Removed != 1 {
		t.Errorf("%+v", got)
	}
	status, err := s.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if diff := cmp.Diff([]advisories.Status{
		{Ecosystem: "Packagist", Advisories: 1, Packages: 1, Modified: day}, {Ecosystem: "npm", Advisories: 1, Packages: 1, Modified: day},
	}, status); diff != "" {
		t.Error(diff)
	}
}

// Several batches, told of as they go by, and two imports at once.
func TestImportMany(t *testing.T) {
	t.Parallel()
	s := advisories.New(dbtest.New(t))
	var dump bytes.Buffer
	const n = 1000
	for i := range n {
		dump.WriteString(record(fmt.Sprintf("A-%d", i), 1, "1.0", fmt.Sprintf("npm/p%d", i%10)) + "\n")
	}
	var told [2][]int
	var done [2]advisories.Imported
	var wg sync.WaitGroup
	for i := range done {
		wg.Go(func() {
			var err error
			done[i], err = s.Import(t.Context(), bytes.NewReader(dump.Bytes()), int64(dump.Len()), func(so advisories.Imported) {
				told[i] = append(told[i], so.Records())
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for i := range done {
		if done[i].Records() != n || !slices.Equal(told[i], []int{300, 600, 900}) {
			t.Errorf("%+v, told %v", done[i], told[i])
		}
	}
	if got := len(found(t, s, "npm", "p3")); got != n/10 {
		t.Errorf("%d advisories", got)
	}
}

func TestImportBroken(t *testing.T) {
	t.Parallel()
	s := advisories.New(dbtest.New(t))
	for _, dump := range []string{"", "<html>", record("A-1", 1, "1.0", "npm/money") + "\n{"} {
		if _, err := s.Import(t.Context(), strings.NewReader(dump), int64(len(dump)), nil); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", dump, err)
		}
	}
}
