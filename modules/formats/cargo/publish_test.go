package cargo

import (
	"encoding/binary"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/format"
	"ingot.dev/modules/format/formattest"
)

// publication is what cargo publish sends.
func publication(said string, crate []byte) []byte {
	body := binary.LittleEndian.AppendUint32(nil, uint32(len(said)))
	body = append(body, said...)
	body = binary.LittleEndian.AppendUint32(body, uint32(len(crate)))
	return append(body, crate...)
}

func TestPublish(t *testing.T) {
	t.Parallel()
	crate := formattest.Tarball(
		formattest.Entry{Name: "Acme_money-1.2.0+linux/Cargo.toml", Text: string(fixture(t, "Cargo.toml"))},
		formattest.Entry{Name: "Acme_money-1.2.0+linux/README.md", Text: "# Money"},
	)
	body := publication(string(fixture(t, "published.json")), crate)
	s := newShelf(t, "other")
	status, answer := call(t, s, http.MethodPut, "api/v1/crates/new", body)
	if want := `{"warnings":{"invalid_categories":[],"invalid_badges":[],"other":[]}}`; status != 200 || answer != want || len(s.released) != 1 {
		t.Fatalf("%d %s", status, answer)
	}
	rel := s.released[0]
	if rel.Package != "Acme_money" || rel.Version != "1.2.0+linux" || rel.Prerelease || rel.Description != "Exact amounts" || rel.Existing != format.Refuse ||
		rel.Readme != (format.Readme{Name: "README.md", Text: "# Money"}) || len(rel.Files) != 1 || rel.Files[0].Name != "Acme_money-1.2.0+linux.crate" {
		t.Errorf("%+v", rel)
	}
	if by := aboutOf(&format.Version{Metadata: rel.Metadata}).Publisher; by != "ann" {
		t.Errorf("it was published by %q", by)
	}
	want := manifestOf(t, "Cargo.toml")
	want.settle(base)
	if diff := cmp.Diff(want.line, lineOf(&format.File{Metadata: rel.Files[0].Metadata})); diff != "" {
		t.Error(diff)
	}
}

func TestPublishWarns(t *testing.T) {
	t.Parallel()
	crate := crateOfFiles("Cargo.toml", manifestText(`readme = "ABOUT"`))
	status, answer := call(t, newShelf(t, "other"), http.MethodPut, "api/v1/crates/new", publication(`{"name":"money","vers":"1.0.0"}`, crate))
	if status != 200 || !strings.Contains(answer, `"other":["the README ABOUT is not shown`) {
		t.Errorf("%d %s", status, answer)
	}
}

func TestPublishRefuses(t *testing.T) {
	t.Parallel()
	crate := crateOfFiles("Cargo.toml", manifestText(""))
	whole := publication(`{"name":"money","vers":"1.0.0"}`, crate)
	if status, answer := call(t, newShelf(t, "other"), http.MethodPut, "api/v1/crates/new", whole); status != 200 {
		t.Fatalf("the right one: %d %s", status, answer)
	}
	for what, c := range map[string]struct {
		body   []byte
		status int
		says   string
	}{
		"nothing":               {nil, 400, "shorter than it says"},
		"half a length":         {whole[:2], 400, "shorter"},
		"half the metadata":     {whole[:20], 400, "shorter"},
		"no second length":      {whole[:4+31], 400, "shorter"},
		"half the crate":        {whole[:len(whole)-9], 400, "shorter"},
		"a byte more":           {append(whole[:len(whole):len(whole)], 0), 400, "something follows the crate"},
		"two of them":           {append(whole[:len(whole):len(whole)], whole...), 400, "something follows the crate"},
		"huge metadata":         {append([]byte{1, 0, 16, 0}, whole...), 413, "the limit is 1048576"},
		"no JSON":               {publication("x", crate), 400, "is not what cargo publish sends"},
		"no crate":              {publication(`{"name":"money","vers":"1.0.0"}`, nil), 400, ""},
		"another version":       {publication(`{"name":"money","vers":"6.6.6"}`, crate), 422, "is \\\"6.6.6\\\" by the request"},
		"a crate without frame": {crate, 400, "shorter"},
	} {
		s := newShelf(t, "other")
		status, answer := call(t, s, http.MethodPut, "api/v1/crates/new", c.body)
		if status != c.status || !strings.Contains(answer, c.says) || !strings.HasPrefix(answer, `{"errors":[{"detail":"`) || len(s.released) > 0 {
			t.Errorf("%s: %d %s", what, status, answer)
		}
	}
}
