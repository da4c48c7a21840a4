package composer

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/golden"
)

// shelf is a registry that knows the names of its packages and nothing else.
type shelf struct {
	format.Registry
	names []string
}

func (s shelf) Names(context.Context) ([]string, error) { return s.names, nil }

// desk knows two weaknesses of every package that it is asked about.
type desk struct {
	format.Server
	asked *[]string
}

func (d desk) Advisories(_ *format.Request, packages []string) ([]format.Advisory, error) {
	*d.asked = append(*d.asked, packages...)
	var out []format.Advisory
	for _, p := range packages {
		out = append(out, format.Advisory{
			ID: "GHSA-1", Aliases: []string{"PYSEC-1", "CVE-2026-1"}, Package: p, Summary: "Rounding <loses> cents",
			URL: "https://example.com/1", Severity: "moderate", Affected: []format.Affected{{Fixed: "1.2"}},
			Created: time.Date(2026, 3, 1, 2, 3, 4, 5, time.UTC),
		}, format.Advisory{ID: "X-2", Package: p, Affected: []format.Affected{{Introduced: "dev-main"}}},
			format.Advisory{ID: "X-3", Package: p, Affected: []format.Affected{{}}, Created: time.Unix(0, 0)})
	}
	return out, nil
}

func ask(method, query, body string) (answer string, asked []string, err error) {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(method, "/security-advisories?"+query, strings.NewReader(body))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	q := &format.Request{W: w, R: r, Reg: shelf{names: []string{"acme/money", "acme/coins"}}, Server: desk{asked: &asked}}
	err = New().advisories(q)
	slices.Sort(asked)
	return w.Body.String(), asked, err
}

func TestAdvisories(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method, query, body string
		asked               []string
	}{
		{http.MethodPost, "", "packages%5B0%5D=acme%2Fmoney&packages%5B1%5D=symfony%2Fyaml", []string{"acme/money"}},
		{http.MethodPost, "packages[]=Acme/Coins", "packages[]=acme/money", []string{"Acme/Coins", "acme/money"}},
		{http.MethodGet, "packages[]=acme/money&packages[]=php", "", []string{"acme/money"}},
		{http.MethodGet, "packages[]=symfony/yaml", "", nil},
		{http.MethodGet, "packages=acme/money&package[]=acme/money&updatedSince=0", "", nil},
		{http.MethodPost, "", "", nil},
	} {
		answer, asked, err := ask(c.method, c.query, c.body)
		if err != nil || !slices.Equal(asked, c.asked) {
			t.Errorf("%+v: asked about %v, %v", c, asked, err)
		}
		if c.asked == nil && answer != `{"advisories":{}}` {
			t.Errorf("%+v: %s", c, answer)
		}
	}
	answer, _, err := ask(http.MethodGet, "packages[]=acme/money", "")
	if err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, "advisories.golden.json", []byte(answer))
}

func TestAdvisoriesRefuse(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		body string
		kind fault.Kind
	}{
		"no form":  {"packages[]=%zz", fault.Invalid},
		"too long": {strings.Repeat("packages[]=acme/money&", 60_000), fault.TooLarge},
		"too many": {strings.Repeat("packages[]=a&", maxAsked+1), fault.TooLarge},
	} {
		if answer, asked, err := ask(http.MethodPost, "", c.body); !fault.Is(err, c.kind) || len(asked) > 0 || answer != "" {
			t.Errorf("%s: %s, %v", what, answer, err)
		}
	}
}

func TestConstraint(t *testing.T) {
	t.Parallel()
	for want, affected := range map[string][]format.Affected{
		"":                      nil,
		"*":                     {{Introduced: "1.0"}, {}},
		"<1.2.3":                {{Fixed: "1.2.3"}},
		"<=v1.2":                {{Last: "v1.2"}},
		">=2.0":                 {{Introduced: "2.0"}},
		"=1.0.0-beta1":          {{Introduced: "1.0.0-beta1", Last: "1.0.0-beta1"}},
		"<1.2|>=2.0,<2.3|>=3.0": {{Fixed: "1.2"}, {Introduced: "2.0", Fixed: "2.3"}, {Introduced: "dev-main", Fixed: "2.9"}, {Introduced: "3.0"}},
		">=1.0,<=1.5":           {{Introduced: "1.0", Last: "1.5"}, {Introduced: "1.0 || >0", Fixed: "9"}, {Last: "one"}, {Fixed: "1,*"}},
	} {
		if diff := cmp.Diff(want, constraint(affected)); diff != "" {
			t.Error(diff)
		}
	}
}

// What the root says of advisories is an address that the routes have.
func TestRootAdvisories(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := buildRoot(t.Context(), format.Build{Reg: shelf{}, Base: "https://example.com/c"}, &b); err != nil {
		t.Fatal(err)
	}
	want := `"security-advisories":{"metadata":false,"api-url":"https://example.com/c/security-advisories"}`
	if !strings.Contains(b.String(), want) {
		t.Errorf("%s", b.String())
	}
	var methods []string
	for _, r := range New().Routes() {
		if r.Pattern == "security-advisories" {
			methods = append(methods, r.Method)
		}
	}
	if fmt.Sprint(methods) != "[GET POST]" {
		t.Errorf("%v", methods)
	}
}
