package osv

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/fault"
)

const sample = `{
	"schema_version": "1.7.4",
	"id": "GHSA-aaaa-bbbb-cccc",
	"modified": "2026-03-02T10:11:12.345Z",
	"published": "2026-03-01T00:00:00Z",
	"aliases": ["CVE-2026-1234"],
	"summary": "Rounding loses cents",
	"details": "Amounts are rounded **twice**.",
	"severity": [
		{"type": "CVSS_V4", "score": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"},
		{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}
	],
	"affected": [
		{
			"package": {"ecosystem": "Packagist", "name": "acme/money", "purl": "pkg:composer/acme/money"},
			"ranges": [
				{"type": "GIT", "repo": "https://example.com/money.git", "events": [{"introduced": "0"}, {"fixed": "abc"}]},
				{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.2.3"}, {"introduced": "2.0"}, {"last_affected": "2.4"}]}
			],
			"versions": ["1.0", "1.1"]
		},
		{
			"package": {"ecosystem": "npm", "name": "@acme/money"},
			"severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
			"versions": ["1.0.0", "1.0.1"]
		},
		{
			"package": {"ecosystem": "Packagist:https://packages.example.com/8", "name": "acme/money"},
			"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "3.0"}]}]
		},
		{"ranges": [{"type": "GIT", "repo": "https://example.com/money.git", "events": [{"introduced": "0"}]}]}
	],
	"references": [
		{"type": "WEB", "url": "https://example.com/blog"},
		{"type": "ADVISORY", "url": "javascript:alert(1)"},
		{"type": "ADVISORY", "url": "https://example.com/advisory"},
		{"type": "PACKAGE", "url": "https://example.com/money"}
	],
	"database_specific": {"severity": "MODERATE", "cwe_ids": ["CWE-682"], "github_reviewed": true}
}`

func TestParse(t *testing.T) {
	t.Parallel()
	got, err := Parse([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	want := Record{
		ID: "GHSA-aaaa-bbbb-cccc", Aliases: []string{"CVE-2026-1234"},
		Modified:  time.Date(2026, 3, 2, 10, 11, 12, 345_000_000, time.UTC),
		Published: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
		Summary:   "Rounding loses cents", Details: "Amounts are rounded **twice**.",
		URL: "https://example.com/advisory", CWE: []string{"CWE-682"},
		Packages: []Package{
			{
				Ecosystem: "Packagist", Name: "acme/money", Severity: "moderate",
				CVSS:     "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N",
				Affected: []Interval{{Fixed: "1.2.3"}, {Introduced: "2.0", Last: "2.4"}, {Introduced: "3.0"}},
			},
			{
				Ecosystem: "npm", Name: "@acme/money", Severity: "moderate",
				CVSS:     "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
				Affected: []Interval{{Introduced: "1.0.0", Last: "1.0.0"}, {Introduced: "1.0.1", Last: "1.0.1"}},
			},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What databases leave out or fill with things of their own.
func TestParseSparse(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		text string
		want Record
	}{
		"withdrawn": {
			`{"id": "X-1", "modified": "2026-01-01T00:00:00Z", "withdrawn": "2026-01-01T00:00:00Z"}`,
			Record{ID: "X-1", Withdrawn: true},
		},
		"severity from the vector": {
			`{"id": "X-1", "modified": "2026-01-01T00:00:00Z",
				"severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
				"affected": [{"package": {"ecosystem": "PyPI", "name": "x"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}]}]}`,
			Record{ID: "X-1", Packages: []Package{{
				Ecosystem: "PyPI", Name: "x", Severity: "critical",
				CVSS: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Affected: []Interval{{}},
			}}},
		},
		"a vector without a score": {
			`{"id": "X-1", "modified": "2026-01-01T00:00:00Z", "severity": [{"type": "Ubuntu", "score": "low"}, {"type": "CVSS_V4", "score": "CVSS:4.0/AV:N"}],
				"affected": [{"package": {"ecosystem": "PyPI", "name": "x"}, "versions": ["1"]}]}`,
			Record{ID: "X-1", Packages: []Package{{
				Ecosystem: "PyPI", Name: "x", CVSS: "CVSS:4.0/AV:N", Affected: []Interval{{Introduced: "1", Last: "1"}},
			}}},
		},
		"foreign shapes": {
			`{"id": "X-1", "modified": "2026-01-01T00:00:00Z", "aliases": null, "affected": null, "unknown": [1],
				"database_specific": {"severity": {"level": 3}, "cwe_ids": "CWE-1"}, "references": [{"url": "/relative"}]}`,
			Record{ID: "X-1"},
		},
		"nothing affected": {
			`{"id": "X-1", "modified": "2026-01-01T00:00:00Z", "database_specific": "x",
				"affected": [{"package": {"ecosystem": "PyPI", "name": "x"}, "ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]}]}`,
			Record{ID: "X-1"},
		},
	} {
		got, err := Parse([]byte(c.text))
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		c.want.Modified = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		c.want.Published = c.want.Modified
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	record := func(more string) string {
		return `{"id": "X-1", "modified": "2026-01-01T00:00:00Z"` + more + `}`
	}
	for text, want := range map[string]string{
		`[]`: "no OSV record", `{}`: "needs an id", `{"id": 1}`: "no OSV record",
		`{"id": "X 1", "modified": "2026-01-01T00:00:00Z"}`:     "needs an id",
		`{"id": "X\u0000", "modified": "2026-01-01T00:00:00Z"}`: "needs an id",
		`{"id": "X-1"}`:                                                                                 "modified is no time",
		`{"id": "X-1", "modified": "yesterday"}`:                                                        "X-1: modified is no time",
		record(`, "published": "2026"`):                                                                 "published is no time",
		record(`, "affected": [{"package": {"name": "x"}}]`):                                            "needs an ecosystem",
		record(`, "affected": [{"package": {"ecosystem": "x"}}]`):                                       "needs an ecosystem",
		record(`, "affected": [{"package": {"ecosystem": "x", "name": "a\nb"}}]`):                       "needs an ecosystem",
		record(`, "affected": [{"package": {"ecosystem": "x", "name": "y"}, "versions": ["1\u0000"]}]`): "is no version",
		record(`, "affected": [{"package": {"ecosystem": "x", "name": "y"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "` + strings.Repeat("1", 300) + `"}]}]}]`): "is no version",
		record(`, "affected": [` + strings.Repeat("{},", maxPackages) + `{}]`):                                                                                                 "at most 10000 packages",
		record(`, "affected": [{"package": {"ecosystem": "x", "name": "y"}, "versions": [` + strings.Repeat(`"1",`, maxAffected) + `"1"]}]`):                                   "at most 50000 ranges",
		record(`, "database_specific": ` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)):                                                                        "no OSV record",
	} {
		if _, err := Parse([]byte(text)); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", clip(text), err, want)
		}
	}
	if _, err := Parse([]byte(record(`, "details": "` + strings.Repeat("x", MaxRecord) + `"`))); !fault.Is(err, fault.TooLarge) {
		t.Errorf("a long record: %v", err)
	}
}

func TestJoin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		events []event
		want   []Interval
	}{
		{nil, nil},
		{[]event{{Introduced: "0"}}, []Interval{{}}},
		{[]event{{Introduced: "1.0"}, {Fixed: "1.2"}}, []Interval{{Introduced: "1.0", Fixed: "1.2"}}},
		{[]event{{Introduced: "1.0", Fixed: "1.2"}}, []Interval{{Introduced: "1.0", Fixed: "1.2"}}},
		{[]event{{Introduced: "0"}, {LastAffected: "1.2"}}, []Interval{{Last: "1.2"}}},
		{[]event{{Introduced: "0"}, {Limit: "*"}}, []Interval{{}}},
		{[]event{{Introduced: "0"}, {Limit: "2"}}, []Interval{{Fixed: "2"}}},
		{[]event{{Fixed: "1.2"}}, []Interval{{Fixed: "1.2"}}},
		// Out of order, and beginnings within a range that is open.
		{
			[]event{{Introduced: "2.0"}, {Introduced: "0"}, {Fixed: "2.9"}, {Fixed: "1.10"}, {Introduced: "1.9"}},
			[]Interval{{Fixed: "1.10"}, {Introduced: "2.0", Fixed: "2.9"}},
		},
		// An order that this package does not know is left alone.
		{
			[]event{{Introduced: "1!0.5"}, {Fixed: "1!0.7"}, {Introduced: "0.9"}, {Fixed: "1"}},
			[]Interval{{Introduced: "1!0.5", Fixed: "1!0.7"}, {Introduced: "0.9", Fixed: "1"}},
		},
		{
			[]event{{Fixed: "1.2"}, {Introduced: "1.2"}, {Introduced: "0"}},
			[]Interval{{Fixed: "1.2"}, {Introduced: "1.2"}},
		},
	} {
		points, err := pointsOf(c.events)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, join(points)); diff != "" {
			t.Errorf("%v: %s", c.events, diff)
		}
	}
}
