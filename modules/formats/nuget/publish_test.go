package nuget

import (
	"bytes"
	"encoding/hex"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/format/formattest"
	"ingot.dev/modules/formats/nuget/nugettest"
)

func TestPush(t *testing.T) {
	t.Parallel()
	s := newShelf()
	content := nugettest.Package("Acme.Money", "1.0-Beta+7", `<tags>Money exact</tags><packageTypes><packageType name="DotnetTool"/></packageTypes>`,
		formattest.Entry{Name: "readme.MD", Text: "\ufeff# Money\x00\n"})
	for _, path := range []string{"", "api/v2/package/"} {
		if w := s.send(t, http.MethodPut, path, content); path == "" && w.Code != http.StatusCreated || path != "" && !strings.HasPrefix(w.Body.String(), "conflict: ") {
			t.Errorf("to %q: %d %s", path, w.Code, w.Body)
		}
	}
	p := s.packages["acme.money"]
	v := p.versions[0]
	if v.Name != "1.0.0-Beta" || !v.Prerelease || v.Files[0].Name != "Acme.Money.1.0.0-Beta.nupkg" {
		t.Errorf("it is kept as %+v with %+v", v, v.Files[0])
	}
	if got := slices.Sorted(maps.Keys(p.Properties)); !slices.Equal(got, []string{"tag:exact", "tag:money", "type:dotnettool"}) {
		t.Errorf("the package has the properties %q", got)
	}
	if got := s.get(t, "v3/flatcontainer/acme.money/1.0.0-beta/readme"); got != "# Money\n" {
		t.Errorf("the README is %q", got)
	}
	if got := s.get(t, "v3/flatcontainer/acme.money/1.0.0-beta/acme.money.1.0.0-beta.nupkg"); got != string(content) {
		t.Error("what was pushed does not come back")
	}
	for _, body := range s.staged {
		if !body.(*watched).gone {
			t.Error("a body was not discarded")
		}
	}
}

// A form has one part, whatever it is called; a body without a form is the
// package itself.
func TestPushForms(t *testing.T) {
	t.Parallel()
	content := nugettest.Package("Acme.Money", "1.0.0", "")
	form := func(parts ...string) (string, []byte) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for i, name := range parts {
			part, err := w.CreateFormField(name)
			formattest.Must(err)
			_, err = part.Write(content[:len(content)-i])
			formattest.Must(err)
		}
		formattest.Must(w.Close())
		return w.FormDataContentType(), b.Bytes()
	}
	one, oneBody := form("nobody's name")
	two, twoBody := form("package", "package")
	for what, c := range map[string]struct {
		kind string
		body []byte
		want string
	}{
		"a part without a file name": {one, oneBody, ""},
		"bytes":                      {"application/octet-stream", content, ""},
		"bytes called a form":        {"application/x-www-form-urlencoded", content, ""},
		"no type":                    {"", content, ""},
		"two parts":                  {two, twoBody, "invalid: the form has more parts"},
		"half a form":                {one, oneBody[:len(oneBody)-10], "invalid: "},
		"no boundary":                {"multipart/form-data", oneBody, "invalid: send a form"},
		"an empty form":              {one, nil, "invalid: the form is malformed"},
	} {
		s := newShelf()
		r := httptest.NewRequest(http.MethodPut, base+"/", bytes.NewReader(c.body))
		r.Header.Set("Content-Type", c.kind)
		if w := s.do(t, r); c.want == "" && w.Code != http.StatusCreated || !strings.HasPrefix(w.Body.String(), c.want) {
			t.Errorf("%s: %d %s", what, w.Code, w.Body)
		}
		for _, body := range s.staged {
			if !body.(*watched).gone {
				t.Errorf("%s: a body was not discarded", what)
			}
		}
	}
}

// Incidents 22 and 23: what two readers read differently is refused, as is what
// names a file twice for some of them.
func TestPushRefuses(t *testing.T) {
	t.Parallel()
	s := newShelf()
	for what, content := range nugettest.Sample().Bodies("Acme.Money") {
		if strings.Contains(what, "form") {
			continue
		}
		got := s.send(t, http.MethodPut, "", content).Body.String()
		if !strings.HasPrefix(got, "invalid: ") && !strings.HasPrefix(got, "too large: ") || len(got) < 20 {
			t.Errorf("%s: %s", what, got)
		}
	}
	if len(s.packages) > 0 {
		t.Error("something was published")
	}
}

var guid = [16]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}

const signature = "0403020106050807090a0b0c0d0e0f10ffffffff"

func symbolsOf(id, version string, files ...formattest.Entry) []byte {
	return nugettest.Package(id, version, `<packageTypes><packageType name="SymbolsPackage"/></packageTypes>`, files...)
}

func TestSymbols(t *testing.T) {
	t.Parallel()
	s := newShelf()
	pdb := nugettest.PDB(guid)
	content := symbolsOf("Acme.Money", "1.0.0", formattest.Entry{Name: "lib/net45/Money.pdb", Text: pdb}, formattest.Entry{Name: "lib/net6.0/Money.pdb", Text: pdb})
	const path = "v3/symbolpackage/"
	if got := s.send(t, http.MethodPut, path, content).Body.String(); !strings.HasPrefix(got, "not found: Acme.Money 1.0.0 is not here: push") {
		t.Errorf("symbols of nothing: %s", got)
	}
	s.put(t, "Acme.Money", "", "1.0.0")
	for what, files := range map[string][]formattest.Entry{
		"no files":            {{Name: "lib/readme.txt"}},
		"a file that is none": {{Name: "a.pdb", Text: "Microsoft C/C++ MSF 7.00"}},
		"two of one signature": {
			{Name: "a/Money.pdb", Text: pdb},
			{Name: "b/Money.pdb", Text: pdb + "\x00"},
		},
	} {
		if got := s.send(t, http.MethodPut, path, symbolsOf("Acme.Money", "1.0.0", files...)).Body.String(); !strings.HasPrefix(got, "invalid: ") {
			t.Errorf("%s: %s", what, got)
		}
	}
	if got := s.send(t, http.MethodPut, path, nugettest.Package("Acme.Money", "2.0.0", "")).Body.String(); !strings.HasPrefix(got, "invalid: Acme.Money 2.0.0 is no package of symbols") {
		t.Errorf("a package where symbols go: %s", got)
	}
	if w := s.send(t, http.MethodPut, path, content); w.Code != http.StatusCreated {
		t.Fatal(w.Body)
	}
	if got := s.send(t, http.MethodPut, "", content).Body.String(); !strings.HasPrefix(got, "conflict: the symbols of Acme.Money 1.0.0 already exist") {
		t.Errorf("once more, where packages go: %s", got)
	}
	for path, want := range map[string]string{
		"v3/symbols/Money.pdb/" + strings.ToUpper(signature) + "/Money.pdb":          pdb,
		"v3/symbols/money.pdb/" + signature + "/money.pdb":                           pdb,
		"v3/symbols/money.pdb/" + signature + "/other.pdb":                           "not found",
		"v3/symbols/mone/" + signature + "/mone":                                     "not found",
		"v3/symbols/money.pdb/" + hex.EncodeToString(guid[:]) + "ffffffff/money.pdb": "not found",
		"v3/symbols/money.pdb/%25/money.pdb":                                         "not found",
		"v3/flatcontainer/acme.money/1.0.0/acme.money.1.0.0.snupkg":                  string(content),
		"v3/flatcontainer/acme.money/1.0.0/money.pdb":                                "not found",
	} {
		if got := s.get(t, path); got != want && !strings.HasPrefix(got, want+": ") {
			t.Errorf("%s: %.100q", path, got)
		}
	}
	// Another package that has the signature, too, takes nobody's place.
	s.put(t, "Aaa", "", "1.0.0")
	if w := s.send(t, http.MethodPut, path, symbolsOf("Aaa", "1.0.0", formattest.Entry{Name: "lib/Money.pdb", Text: pdb + "\x00"})); w.Code != http.StatusCreated {
		t.Fatal(w.Body)
	}
	if got := s.get(t, "v3/symbols/money.pdb/"+signature+"/money.pdb"); got != pdb {
		t.Error("the symbols of another package are given")
	}
	for _, body := range s.staged {
		if !body.(*watched).gone {
			t.Error("a body was not discarded")
		}
	}
}

func TestUnlist(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.put(t, "Acme.Money", "", "1.0.0", "1.1.0")
	v := s.packages["acme.money"].versions[0]
	for _, prefix := range []string{"", "api/v2/package/"} {
		if w := s.send(t, http.MethodDelete, prefix+"acme.money/1.1.0.0", nil); w.Code != http.StatusNoContent || !v.Yanked {
			t.Errorf("unlisting: %d %s", w.Code, w.Body)
		}
		if w := s.send(t, http.MethodPost, prefix+"Acme.Money/1.1", nil); w.Code != http.StatusOK || v.Yanked {
			t.Errorf("listing again: %d %s", w.Code, w.Body)
		}
	}
	for _, path := range []string{"Acme.Money/9.9", "Acme.Other/1.0", "Acme.Money/x"} {
		if got := s.send(t, http.MethodDelete, path, nil).Body.String(); !strings.HasPrefix(got, "not found: ") {
			t.Errorf("%s: %s", path, got)
		}
	}
	s.settings[deleteSetting] = deletes
	if got := s.send(t, http.MethodDelete, "Acme.Money/1.1.0", nil).Body.String(); !strings.HasPrefix(got, "denied: ") {
		t.Errorf("to delete without the right to: %s", got)
	}
	s.mayDelete = true
	if w := s.send(t, http.MethodDelete, "Acme.Money/1.1.0", nil); w.Code != http.StatusNoContent || len(s.packages["acme.money"].versions) != 1 {
		t.Errorf("to delete: %d %s", w.Code, w.Body)
	}
}

func TestCredential(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodPut, base, nil)
	if _, ok := New().Credential(r); ok {
		t.Error("there is none")
	}
	r.Header.Set("X-NuGet-ApiKey", "igt_key")
	if c, ok := New().Credential(r); !ok || c != (forge.Credential{Scheme: forge.Raw, Secret: "igt_key"}) {
		t.Errorf("it is %+v, %t", c, ok)
	}
	r.SetBasicAuth("ann", "igt_token")
	if c, ok := New().Credential(r); ok {
		t.Errorf("the key of a client with a source's credential is %+v", c)
	}
}

func TestComplain(t *testing.T) {
	t.Parallel()
	f := fault.New(fault.Conflict, "é\nalready exists")
	for method, warning := range map[string]string{http.MethodPut: "? already exists", http.MethodDelete: "? already exists", http.MethodGet: "", http.MethodHead: ""} {
		w := httptest.NewRecorder()
		New().Complain(&format.Request{W: w, R: httptest.NewRequest(method, base, nil)}, http.StatusConflict, f)
		if w.Code != http.StatusConflict || w.Header().Get("X-NuGet-Warning") != warning || method != http.MethodHead && w.Body.String() != f.Message+"\n" {
			t.Errorf("%s: %d %q %q", method, w.Code, w.Header(), w.Body)
		}
	}
}
