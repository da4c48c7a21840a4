package npm

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/format"
)

func TestRanges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		affected []format.Affected
		want     string
		in, out  []string
	}{
		{nil, "*", []string{"1.0.0", "no version"}, nil},
		{[]format.Affected{{Introduced: "0", Fixed: "1.2.0"}}, "<1.2.0", []string{"0.0.1", "1.2.0-rc.1"}, []string{"1.2.0", "2.0.0"}},
		{[]format.Affected{{Introduced: "1.0.0", Last: "1.4.0"}}, ">=1.0.0 <=1.4.0", []string{"1.0.0", "1.4.0"}, []string{"0.9.0", "1.4.1"}},
		{[]format.Affected{{Introduced: "3.0.0"}, {Fixed: "1.0.0"}}, ">=3.0.0 || <1.0.0", []string{"3.0.0", "0.1.0"}, []string{"2.0.0"}},
	} {
		if got := ranges(c.affected); got != c.want {
			t.Errorf("%v: %s, want %s", c.affected, got, c.want)
		}
		for _, v := range c.in {
			if !affects(c.affected, v) {
				t.Errorf("%s is not in %s", v, c.want)
			}
		}
		for _, v := range c.out {
			if affects(c.affected, v) {
				t.Errorf("%s is in %s", v, c.want)
			}
		}
	}
}

var weak = format.Advisory{
	ID: "GHSA-x", Aliases: []string{"CVE-2026-1", "OTHER"}, Package: "a", Summary: "Bad", URL: "https://example.com/x",
	CVSS: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Affected: []format.Affected{{Introduced: "0", Fixed: "1.0.1"}}, Created: epoch, Modified: epoch,
}

func TestAdvisories(t *testing.T) {
	t.Parallel()
	d := desk{shelf: newShelf("a", "1.0.0"), advisories: []format.Advisory{weak}}
	status, reply := call(t, d, "POST", "-/npm/v1/security/advisories/bulk", `{"a":["1.0.0","2.0.0"],"b":["1.0.0"]}`)
	want := `{"a":[{"id":` + string(quoted(findingID("GHSA-x"))) + `,"url":"https://example.com/x","title":"Bad","severity":"critical","vulnerable_versions":"\u003c1.0.1","cwe":[],"cvss":{"score":9.8,"vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}]}`
	if diff := cmp.Diff(want, reply); status != 200 || diff != "" {
		t.Error(status, diff)
	}
	if status, reply := call(t, d, "POST", "-/npm/v1/security/advisories/bulk", `{"a":["2.0.0"]}`); status != 200 || reply != "{}" {
		t.Errorf("of a mended version: %d %s", status, reply)
	}
	for _, body := range []string{"", "[]", "null x", `{"a":"1"}`} {
		if status, reply := call(t, d, "POST", "-/npm/v1/security/advisories/bulk", body); status != 400 {
			t.Errorf("%q: %d %s", body, status, reply)
		}
	}
}

func TestAudit(t *testing.T) {
	t.Parallel()
	d := desk{shelf: newShelf("a", "1.0.0"), advisories: []format.Advisory{weak}}
	status, reply := call(t, d, "POST", "-/npm/v1/security/audits/quick",
		`{"name":"app","dependencies":{"a":{"version":"2.0.0"},"b":{"version":"1.0.0","dependencies":{"a":{"version":"1.0.0"}}}}}`)
	var got struct {
		Advisories map[string]struct {
			Module   string        `json:"module_name"`
			Findings []lockFinding `json:"findings"`
			CVEs     []string      `json:"cves"`
			Patched  string        `json:"patched_versions"`
		}
		Metadata struct {
			Vulnerabilities map[string]int
			Total           int `json:"totalDependencies"`
		}
	}
	if err := json.Unmarshal([]byte(reply), &got); err != nil || status != 200 {
		t.Fatal(status, reply, err)
	}
	found := got.Advisories["GHSA-x"]
	if diff := cmp.Diff([]lockFinding{{"1.0.0", []string{"b>a"}}}, found.Findings); diff != "" || found.Patched != ">=1.0.1" || len(found.CVEs) != 1 {
		t.Error(reply)
	}
	if got.Metadata.Vulnerabilities["critical"] != 1 || got.Metadata.Total != 3 {
		t.Error(reply)
	}
}

// A small body that unpacks to a large one is no way to fill the memory.
func TestAuditBomb(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(bytes.Repeat([]byte(" "), maxAudit+2)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	plain, err := gzip.NewReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := readJSON(plain, maxAudit, &v, "x"); err == nil || v != nil {
		t.Errorf("it was taken: %v", v)
	}
}
