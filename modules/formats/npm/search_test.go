package npm

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/format"
)

func TestReadTerms(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]searchTerms{
		"":                                    {},
		"exact  money":                        {Text: "exact money"},
		"scope:Acme money keywords:A,b":       {Text: "money", Scope: "@acme", Keywords: []string{"a", "b"}},
		"author:Ann maintainer:bob is:stable": {Author: "ann", Owner: "bob"},
		"https://x not:insecure a: :b":        {Text: "https://x a: :b"},
	} {
		if diff := cmp.Diff(want, readTerms(text)); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

func TestFits(t *testing.T) {
	t.Parallel()
	f := newFound(&format.Version{Package: "@acme/money", Name: "1.0.0", Metadata: json.RawMessage(
		`{"keywords":["Amounts"],"author":"Ann Other <a@example.com>","homepage":"javascript:alert(1)","repository":"git+https://example.com/x.git","_npmUser":{"name":"ann"}}`)})
	if f.Scope != "acme" || f.Author.Name != "Ann Other" || len(f.Links) != 1 || f.Links["repository"] != "https://example.com/x" {
		t.Errorf("%+v", f)
	}
	for text, want := range map[string]bool{
		"keywords:amounts": true, "keywords:x,amounts": true, "keywords:x": false, "author:other": true, "author:bob": false,
		"maintainer:ANN": true, "maintainer:bob": false, "keywords:amounts maintainer:bob": false,
	} {
		if got := readTerms(text).fits(f); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

// A search answers with up to 250 packages, each of which may have a
// package.json of 256 KiB.
func TestFoundIsShort(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 200_000)
	raw, err := json.Marshal(map[string]any{
		"description": long, "author": long, "homepage": "https://example.com/" + long, "repository": "https://example.com/" + long,
		"bugs": map[string]string{"url": "https://example.com/" + long}, "keywords": slices.Repeat([]string{long}, 60),
	})
	if err != nil {
		t.Fatal(err)
	}
	raw, err = json.Marshal(newFound(&format.Version{Package: "a", Name: "1.0.0", Metadata: raw}))
	if err != nil || len(raw) > (maxKeywords+4)*maxText || !utf8.Valid(raw) {
		t.Errorf("%d bytes, %v", len(raw), err)
	}
}

// crowd is a registry of very many packages, of as many bytes each.
type crowd struct {
	format.Registry
	each int // bytes of metadata
	read int // packages
}

func (c *crowd) Newest(_ context.Context, q format.Query) ([]*format.Version, int, error) {
	list := make([]*format.Version, q.Limit)
	for i := range list {
		text := `{"keywords":["k"],"x":"` + strings.Repeat("x", c.each) + `"}`
		list[i] = &format.Version{Package: "p" + strconv.Itoa(c.read+i), Name: "1.0.0", Metadata: json.RawMessage(text)}
	}
	c.read += len(list)
	return list, 1_000_000, nil
}

func TestFilterEnds(t *testing.T) {
	t.Parallel()
	for each, want := range map[int]int{0: maxSearched, maxPackageFile: 100} {
		c := &crowd{each: each}
		q := &format.Request{R: httptest.NewRequest(http.MethodGet, "/", nil), Reg: c}
		list, total, err := filter(q, format.Query{Limit: 5, Offset: 10}, readTerms("keywords:k"))
		if err != nil || len(list) != 5 || list[0].Name != "p10" || total != want || c.read != want {
			t.Errorf("packages of %d bytes: read %d, %d of %d found, %v", each, c.read, len(list), total, err)
		}
		if list, total, err := filter(q, format.Query{Limit: 5}, readTerms("keywords:none")); err != nil || list != nil || total != 0 {
			t.Errorf("nothing to find: %d of %d, %v", len(list), total, err)
		}
	}
}

func TestReadBundle(t *testing.T) {
	t.Parallel()
	m := &manifest{Name: "@acme/money", Version: "1.0.0"}
	bundle := func(statement string) string {
		raw, err := json.Marshal(map[string]any{"mediaType": bundleType, "dsseEnvelope": map[string]any{"payload": []byte(statement)}})
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	const right = `{"predicateType":"p","subject":[{"name":"pkg:npm/%40acme/money@1.0.0","digest":{"sha512":"00ff"}}]}`
	if media, predicate, err := readBundle(bundle(right), m, "00ff"); err != nil || media != bundleType || predicate != "p" {
		t.Errorf("%s, %s, %v", media, predicate, err)
	}
	for said, want := range map[string]string{
		"application/vnd.dev.sigstore.bundle+json;version=0.1": "application/vnd.dev.sigstore.bundle+json;version=0.1",
		"application/vnd.dev.sigstore.bundle\\r\\nX-Evil: 1":   bundleType,
		"text/html": bundleType,
	} {
		text := strings.Replace(bundle(right), bundleType, said, 1)
		if media, _, err := readBundle(text, m, "00ff"); err != nil || media != want {
			t.Errorf("%s: %s, %v", said, media, err)
		}
	}
	for what, text := range map[string]string{
		"no JSON":          "{",
		"no statement":     bundle("x"),
		"no subject":       bundle(`{"predicateType":"p"}`),
		"another tarball":  bundle(`{"predicateType":"p","subject":[{"name":"pkg:npm/%40acme/money@1.0.0","digest":{"sha512":"0000"}}]}`),
		"another version":  bundle(`{"predicateType":"p","subject":[{"name":"pkg:npm/%40acme/money@1.0.1","digest":{"sha512":"00ff"}}]}`),
		"another subject":  bundle(`{"predicateType":"p","subject":[{"name":"x","digest":{}},{"name":"pkg:npm/%40acme/money@1.0.0","digest":{"sha512":"00ff"}}]}`),
		"no predicate":     bundle(`{"subject":[{"name":"pkg:npm/%40acme/money@1.0.0","digest":{"sha512":"00ff"}}]}`),
		"two subjects":     bundle(`{"predicateType":"p","subject":[{"name":"evil","digest":{}}],"subject":[{"name":"pkg:npm/%40acme/money@1.0.0","digest":{"sha512":"00ff"}}]}`),
		"another key":      bundle(`{"predicateType":"p","Subject":[{"name":"pkg:npm/%40acme/money@1.0.0","digest":{"sha512":"00ff"}}]}`),
		"another case":     bundle(`{"predicateType":"p","subject":[{"name":"evil","Name":"pkg:npm/%40acme/money@1.0.0","digest":{"sha512":"00ff"}}]}`),
		"two payloads":     strings.Replace(bundle(right), `"payload"`, `"payload":"e30=","payload"`, 1),
		"payload no text":  `{"dsseEnvelope":{"payload":1}}`,
		"an empty bundle":  `{}`,
		"no such envelope": `{"dsseEnvelope":[]}`,
	} {
		if _, _, err := readBundle(text, m, "00ff"); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
}

func FuzzReadBundle(f *testing.F) {
	f.Add(`{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","dsseEnvelope":{"payload":"e30="}}`)
	f.Fuzz(func(t *testing.T, text string) {
		media, predicate, err := readBundle(text, &manifest{Name: "a", Version: "1.0.0"}, "00")
		if err == nil && (predicate == "" || !strings.HasPrefix(media, "application/vnd.dev.sigstore.bundle")) {
			t.Fatalf("%q is of type %q and says %q", text, media, predicate)
		}
	})
}
