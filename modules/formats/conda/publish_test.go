package conda

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ingot.dev/modules/forge"
	"ingot.dev/modules/formats/conda/condatest"
)

func TestPublish(t *testing.T) {
	t.Parallel()
	s, b := newShelf(), simple("round", "1.0")
	for _, step := range []struct{ path, want string }{
		{b.File(), "published"},
		{b.File(), "the registry has this file already"},
		{"noarch/" + b.File(), "the registry has this file already"},
		{b.File() + "?channel=main", "published"},
		{"main/noarch/" + b.File(), "the registry has this file already"},
		{"label/dev/" + b.File(), "published"},
		{"linux-64/" + b.File(), "invalid: the package is for noarch"},
		{"main/" + b.File() + "?channel=other", "invalid: the address names the channel"},
		{b.File() + "?channel=..%2Fup", "invalid: the channel"},
		{"other-1.0-0.conda", "invalid: other-1.0-0.conda has the file"},
		{"round.conda", `invalid: "round.conda" is no file of a conda package`},
		{"noarch/repodata.json", "invalid: "},
	} {
		if got := s.put(t, step.path, b.Conda()); !strings.HasPrefix(got, step.want) {
			t.Errorf("%s: %s", step.path, got)
		}
	}
	b.Files = append(b.Files, b.Info...)
	b.Index += " "
	if got := s.put(t, b.File(), b.Conda()); !strings.HasPrefix(got, "conflict: noarch/round-1.0-0.conda already exists, with other content") {
		t.Error(got)
	}
	if n := len(s.packages["round"][0].Files); n != 3 {
		t.Errorf("there are %d files", n)
	}
}

// form makes a form with files.
func form(t *testing.T, path, field string, builds ...condatest.Build) *http.Request {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, build := range builds {
		part, err := w.CreateFormFile(field, build.File())
		if err == nil {
			_, err = part.Write(build.Conda())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.WriteField("attestation", "{}"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/"+path, &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return r
}

func TestForms(t *testing.T) {
	t.Parallel()
	s := newShelf()
	a, b, bad := simple("a", "1"), simple("b", "1"), simple("bad", "1")
	bad.Index = "[]"
	post := func(r *http.Request) string { return s.do(t, r).Body.String() }
	for _, step := range []struct {
		r    *http.Request
		want string
	}{
		{form(t, "api/v1/upload/main", "file", a), "published"},
		{form(t, "api/v1/upload/main", "file", a), "the registry has this file already"},
		{form(t, "api/v1/upload/main", "wrong", a), "invalid: the form has no file"},
		{form(t, "api/channels/label/dev/files/", "files", a, b), "published"},
		{form(t, "api/channels/label/dev/files/", "files", a, b), "the registry has this file already"},
		{form(t, "api/channels/third/files/", "files", a, bad), "invalid: info/index.json"},
		{form(t, "api/channels/Third/files/", "files", a), "invalid: the channel"},
	} {
		if got := post(step.r); !strings.HasPrefix(got, step.want) {
			t.Errorf("%s: %s", step.r.URL, got)
		}
	}
	if got := s.get(t, "third/noarch/repodata.json"); !strings.HasPrefix(got, "not found") {
		t.Errorf("a form with a broken file left %s", got)
	}
	stream := func(sum string) string {
		return post(httptest.NewRequest(http.MethodPost, "/api/channels/main/upload/"+b.File()+"?force=false&sha256="+sum, bytes.NewReader(b.Conda())))
	}
	if got := stream("00"); !strings.HasPrefix(got, "invalid: the file has the sha256") {
		t.Error(got)
	}
	if got := stream(fmt.Sprintf("%X", sha256.Sum256(b.Conda()))); got != "published\n" {
		t.Error(got)
	}
}

func TestCredential(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	if c, ok := New().Credential(r); ok {
		t.Errorf("%+v", c)
	}
	r.Header.Set("X-API-Key", "igt_secret")
	if c, ok := New().Credential(r); !ok || c.Secret != "igt_secret" || c.Scheme != forge.Raw {
		t.Errorf("%+v", c)
	}
	r.Header.Set("Authorization", "Bearer igt_other")
	if c, ok := New().Credential(r); ok {
		t.Errorf("beside Authorization it is %+v", c)
	}
}
