package rubygem

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"weak"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/formats/rubygem/rubygemtest"
	"ingot.dev/modules/golden"
)

func TestPush(t *testing.T) {
	t.Parallel()
	s := newShelf()
	for _, step := range []struct{ name, version, more, want string }{
		{"money", "1.0", "", "Successfully registered gem: money (1.0)\n"},
		{"money", "1.0", "", "conflict: Repushing of gem versions is not allowed. money (1.0) already exists; push a new version"},
		{"money", "1.0.0", "homepage: other\n", "conflict: Repushing of gem versions is not allowed. money (1.0.0) already exists; push a new version"},
		{"here", "1.0", "metadata:\n  allowed_push_host: http://INGOT.example:99/x\n", "Successfully registered gem: here (1.0)\n"},
		{"there", "1.0", "metadata:\n  allowed_push_host: https://ingot.example\n", `denied: http://ingot.example is not allowed by the gemspec, which only allows "https://ingot.example" as allowed_push_host`},
		{"there", "1.0", "metadata:\n  allowed_push_host: '::'\n", `denied: http://ingot.example is not allowed by the gemspec, which only allows "::" as allowed_push_host`},
	} {
		if got := s.push(t, step.name, step.version, step.more); got != step.want {
			t.Errorf("%s %s: %s", step.name, step.version, got)
		}
	}
	if v := s.versions[0]; v.Files[0].Name != "money-1.0.gem" || string(v.Files[0].Metadata) != `{"ruby":["\u003e= 0"],"rubygems":["\u003e= 0"]}` {
		t.Errorf("%s %s", v.Files[0].Name, v.Files[0].Metadata)
	}
}

// Only a refused push asks for what is there.
func TestPushAsksAfterConflict(t *testing.T) {
	t.Parallel()
	s := newShelf()
	for _, want := range []int{0, 1} {
		s.push(t, "money", "1.0")
		if s.asked != want {
			t.Errorf("asked %d times, not %d", s.asked, want)
		}
	}
}

// Incident 18 (CVE-2022-29176): of two gems whose files would be called the
// same, the first one has the name.
func TestPushOfAnothersFile(t *testing.T) {
	t.Parallel()
	s := newShelf()
	if got := s.push(t, "a-1-java", "2"); !strings.HasPrefix(got, "Success") {
		t.Fatal(got)
	}
	spec := strings.Replace(rubygemtest.Spec("a", "1"), "platform: ruby", "platform: java-2", 1)
	r := httptest.NewRequest(http.MethodPost, "/api/v1/gems", bytes.NewReader(rubygemtest.Gem(spec)))
	if got := s.do(t, r).Body.String(); got != "conflict: there is a file called a-1-java-2.gem already" {
		t.Error(got)
	}
	// Were both there all the same, the older one would be meant.
	s.put(t, "a", "1-java-2", "")
	v, err := find(t.Context(), s, "a-1-java-2")
	if err != nil || v.Package != "a-1-java" {
		t.Errorf("%+v, %v", v, err)
	}
}

// form is a push as a client sends it that brings attestations.
func form(t *testing.T, gem []byte, attestations string) *http.Request {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if gem != nil {
		part, err := w.CreateFormFile("gem", "x.gem")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write(gem)
	}
	if attestations != "" {
		_ = w.WriteField("attestations", attestations)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/api/v1/gems", &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return r
}

const bundleHead = `{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{},`

func statement(name, sum string) string {
	text := fmt.Sprintf(`{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":%q,"digest":{"sha256":%q}}],"predicateType":"p"}`, name, sum)
	return bundleHead + `"dsseEnvelope":{"payload":"` + base64.StdEncoding.EncodeToString([]byte(text)) + `"}}`
}

func signatureOf(sum string) string {
	raw, _ := hex.DecodeString(sum)
	return bundleHead + `"messageSignature":{"messageDigest":{"algorithm":"SHA2_256","digest":"` + base64.StdEncoding.EncodeToString(raw) + `"}}}`
}

func TestAttestations(t *testing.T) {
	t.Parallel()
	gem := rubygemtest.Gem(rubygemtest.Spec("money", "1.0"))
	digest := sha256.Sum256(gem)
	sum := hex.EncodeToString(digest[:])
	for what, c := range map[string]struct{ bundles, says string }{
		"no JSON":          {"[", "no JSON"},
		"an object":        {"{}", "list of 1 to 8"},
		"none":             {"[]", "list of 1 to 8"},
		"too many":         {"[" + strings.Repeat("{},", 8) + "{}]", "list of 1 to 8"},
		"no bundle":        {"[{}]", "attestation 1 is no sigstore bundle"},
		"neither":          {"[" + bundleHead + `"x":1}]`, "either"},
		"another file":     {"[" + statement("other-1.0.gem", sum) + "]", "about another file"},
		"another digest":   {"[" + statement("money-1.0.gem", strings.Repeat("0", 64)) + "]", "about another file"},
		"no statement":     {"[" + bundleHead + `"dsseEnvelope":{"payload":"e30="}}]`, "no in-toto statement"},
		"no base64":        {"[" + bundleHead + `"dsseEnvelope":{"payload":"?"}}]`, "no base64"},
		"another signed":   {"[" + statement("money-1.0.gem", sum) + "," + signatureOf(strings.Repeat("0", 64)) + "]", "attestation 2 is no signature"},
		"a key twice over": {"[" + strings.Replace(signatureOf(sum), `"mediaType"`, `"mediaType":"x","mediaType"`, 1) + "]", "no JSON"},
	} {
		s := newShelf()
		if got := s.do(t, form(t, gem, c.bundles)).Body.String(); !strings.HasPrefix(got, "unprocessable") || !strings.Contains(got, c.says) || len(s.versions) > 0 {
			t.Errorf("%s: %s", what, got)
		}
	}
	s := newShelf()
	bundles := "[" + statement("money-1.0.gem", sum) + "," + signatureOf(sum) + "]"
	if got := s.do(t, form(t, gem, bundles)); got.Code != http.StatusOK {
		t.Fatal(got.Body)
	}
	if got := s.get(t, "/api/v1/attestations/money-1.0.json"); got != bundles {
		t.Error(got)
	}
	if got := s.get(t, "/gems/money-1.0.gem"); got != string(gem) {
		t.Errorf("%q", got)
	}
	if got := s.do(t, form(t, nil, bundles)).Body.String(); !strings.Contains(got, "no gem") {
		t.Error(got)
	}
}

func TestYank(t *testing.T) {
	t.Parallel()
	s := stocked(t)
	for _, step := range [][2]string{
		{"", "invalid: say which gem and which version: gem yank NAME --version VERSION"},
		{"gem_name=money", "invalid: say which gem and which version: gem yank NAME --version VERSION"},
		{"gem_name=%zz", "invalid: the body is no form of names and values"},
		{"gem_name=nothing&version=1.0", "not found: The version 1.0 of nothing does not exist."},
		{"gem_name=money&version=../x", "not found: The version ../x of money does not exist."},
		{"gem_name=money&version=1.2", "conflict: The version 1.2 of money has already been yanked."},
		{"gem_name=money&version=1.1&platform=java", "Successfully deleted gem: money (1.1-java)\n"},
		{"gem_name=money&version=1.1&platform=ruby", "Successfully deleted gem: money (1.1)\n"},
		{"x=" + strings.Repeat("x", maxForm), fmt.Sprintf("too large: the form has more than %d bytes", maxForm)},
	} {
		if got := s.yank(t, step[0]); got != step[1] {
			t.Errorf("%.60s: %s", step[0], got)
		}
	}
	if got := s.get(t, "/api/v1/versions/money/latest.json"); got != `{"version":"1.0"}` {
		t.Error(got)
	}
	if got := s.yank(t, "gem_name=Empty&version=0.1.pre"); !strings.HasPrefix(got, "Success") {
		t.Error(got)
	}
	if got := s.get(t, "/api/v1/gems/Empty.json"); !strings.HasPrefix(got, "not found") {
		t.Error(got)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	both := forge.GrantPackagesRead | forge.GrantPackagesPublish
	for form, want := range map[string]forge.NewToken{
		"name=ci&push_rubygem=true":                      {Name: "ci", Grants: both},
		"name=ci&index_rubygems=true&yank_rubygem=true":  {Name: "ci", Grants: both},
		"name=ci&index_rubygems=true&show_dashboard=yes": {Name: "ci", Grants: forge.GrantPackagesRead},
		"name=ci": {Name: "ci", Grants: both},
	} {
		s := newShelf()
		r := httptest.NewRequest(http.MethodPost, "/api/v1/api_key", strings.NewReader(form))
		r.SetBasicAuth("ann", "secret")
		if got := s.do(t, r).Body.String(); got != "the key" || len(s.issued) != 1 || s.issued[0] != want {
			t.Errorf("%s: %s, %+v", form, got, s.issued)
		}
	}
	s := newShelf()
	// A browser's session makes no key, and to look makes none.
	if got := s.get(t, "/api/v1/api_key"); !strings.HasPrefix(got, "invalid: send the name") {
		t.Error(got)
	}
	head := httptest.NewRequest(http.MethodHead, "/api/v1/api_key", nil)
	head.SetBasicAuth("ann", "secret")
	s.do(t, head)
	if got := s.do(t, httptest.NewRequest(http.MethodPut, "/api/v1/api_key", nil)).Body.String(); !strings.HasPrefix(got, "unprocessable") {
		t.Error(got)
	}
	if len(s.issued) > 0 {
		t.Errorf("%+v", s.issued)
	}
}

func TestOwners(t *testing.T) {
	t.Parallel()
	s := stocked(t)
	for _, method := range []string{http.MethodPost, http.MethodDelete} {
		got := s.do(t, httptest.NewRequest(method, "/api/v1/gems/money/owners", strings.NewReader("email=bob"))).Body.String()
		if !strings.HasPrefix(got, "denied: money has no owners of its own here") {
			t.Error(got)
		}
	}
	if got := s.do(t, httptest.NewRequest(http.MethodPost, "/api/v1/gems/nothing/owners", nil)).Body.String(); !strings.HasPrefix(got, "not found") {
		t.Error(got)
	}
}

func TestTooManyGems(t *testing.T) {
	t.Parallel()
	s := newShelf()
	if got := s.get(t, "/api/v1/dependencies?gems="+strings.Repeat("a,", maxAsked+1)); !strings.HasPrefix(got, "unprocessable: Too many gems!") {
		t.Error(got)
	}
	if got := s.get(t, "/api/v1/dependencies?gems="); got != "\x04\x08[\x00" {
		t.Errorf("%q", got)
	}
}

// passing is a registry that gives versions nobody else holds.
type passing struct {
	format.Registry
	held func(*format.Version)
}

func (p passing) Each(context.Context, format.Filter) iter.Seq2[[]*format.Version, error] {
	return func(yield func([]*format.Version, error) bool) {
		for i := range 5 {
			v := &format.Version{Package: "money", Name: fmt.Sprintf("1.%d-java", i), Metadata: make([]byte, 1<<10)}
			v.Files = []*format.File{{Name: "money-" + v.Name + extension, Metadata: []byte(`{"needs":[{"name":"x","requirement":["> 1","< 3"]}]}`)}}
			p.held(v)
			if !yield([]*format.Version{v}, nil) {
				return
			}
		}
	}
}

// What is told of dependencies keeps no version.
func TestAnswersHoldLittle(t *testing.T) {
	t.Parallel()
	var versions []weak.Pointer[format.Version]
	w := httptest.NewRecorder()
	q := &format.Request{W: w, R: httptest.NewRequest(http.MethodGet, "/?gems=money", nil), Reg: passing{held: func(v *format.Version) {
		runtime.GC()
		for i, before := range versions[:max(len(versions)-1, 0)] { // the last one may still be in a register
			if before.Value() != nil {
				t.Errorf("version %d is still there after %d", i, len(versions))
			}
		}
		versions = append(versions, weak.Make(v))
	}}}
	if err := New().dependencies(q); err != nil {
		t.Fatal(err)
	}
	if len(versions) != 5 || strings.Count(w.Body.String(), "> 1, < 3") != 5 {
		t.Errorf("%d, %q", len(versions), w.Body)
	}
}

func TestUploadLocates(t *testing.T) {
	t.Parallel()
	s := stocked(t)
	q := &format.Request{R: httptest.NewRequest(http.MethodGet, "/", nil), Reg: s, Params: format.Params{{Name: "package", Value: "money"}, {Name: "version", Value: "1.1.0-java"}}}
	f, err := New().Upload().Locate(q)
	if err != nil || f.Name != "money-1.1-java.gem" {
		t.Errorf("%+v, %v", f, err)
	}
	q.Params[1].Value = "9"
	if _, err := New().Upload().Locate(q); !fault.Is(err, fault.NotFound) {
		t.Error(err)
	}
}

func TestPresent(t *testing.T) {
	t.Parallel()
	s := stocked(t)
	v, err := s.Version(t.Context(), "money", "1.0")
	if err != nil {
		t.Fatal(err)
	}
	java, err := s.Version(t.Context(), "money", "1.1-java")
	if err != nil {
		t.Fatal(err)
	}
	p := &format.Package{Name: "money"}
	view := format.View{Base: "http://ingot.example/project/ann/shop/package/-/rubygem", User: "ann"}
	views := []format.View{view}
	view.Package, view.Version = p, v
	views = append(views, view)
	view.Version, view.Private, view.User = java, true, "it's me"
	views = append(views, view)
	var all []format.Presentation
	for _, v := range views {
		all = append(all, New().Present(v))
	}
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	if err := out.Encode(all); err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, "present.json", b.String())
	taken := *v
	taken.Yanked = true
	view.Version = &taken
	if code := New().Present(view).Tasks[0].Steps[0].Code; strings.Contains(code, "--version") {
		t.Errorf("of a version that was taken back: %s", code)
	}
}
