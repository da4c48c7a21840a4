package pypi

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/blake2b"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/format"
)

func TestUpload(t *testing.T) {
	t.Parallel()
	s := newShelf()
	content := zipped(t, wheelEntries("Acme.Money", "1.0.0", "Summary: Amounts\nRequires-Python: >=3.8\nDescription-Content-Type: text/markdown\n")...)
	sum, blake := md5.Sum(content), blake2b.Sum256(content)
	s.put(t, "acme_money", "1.0", "acme_money-1.0.0-py3-none-any.whl", content,
		"filetype", "bdist_wheel", "pyversion", "py3", "md5_digest", hex.EncodeToString(sum[:]), "blake2_256_digest", hex.EncodeToString(blake[:]))
	s.put(t, "Acme.Money", "1.0.0", "acme_money-1.0.0.tar.gz", tarred(t, entry{"acme_money-1.0.0/PKG-INFO", metadataText("Acme.Money", "1.0.0", "Summary: Other\n")}),
		"filetype", "sdist", "pyversion", "source")
	if len(s.versions) != 1 || len(s.versions[0].Files) != 2 || s.pkg.Name != "Acme.Money" {
		t.Fatalf("%+v", s.versions)
	}
	v := s.versions[0]
	var m Metadata
	if err := json.Unmarshal(v.Metadata, &m); err != nil || v.Name != "1.0.0" || v.Canon != "1" || m.Summary != "Amounts" {
		t.Errorf("%+v, %v", v, err)
	}
	r, err := factsOf(v.Files[0])
	if err != nil {
		t.Fatal(err)
	}
	path := "Acme.Money-1.0.0.dist-info/METADATA"
	want := facts{Filetype: wheel, Pyversion: "py3", RequiresPython: ">=3.8", Blake2: hex.EncodeToString(blake[:]), Metadata: &core{path, r.Metadata.SHA256}}
	if diff := cmp.Diff(want, r); diff != "" {
		t.Error(diff)
	}
	// An sdist of before 2.2 does not tell what its wheels will need.
	if r, err = factsOf(v.Files[1]); err != nil || r.Metadata != nil || r.Pyversion != "source" {
		t.Errorf("%+v, %v", r, err)
	}
	for _, b := range s.staged {
		if _, err := b.ReadAt(make([]byte, 1), 0); err == nil {
			t.Error("a body is kept")
		}
	}
	// All spellings of the digest that are in use.
	for _, md5Digest := range []string{base64.RawURLEncoding.EncodeToString(sum[:]), strings.ToUpper(hex.EncodeToString(sum[:]))} {
		s.put(t, "acme_money", "1.0", "acme_money-1.0.0-py3-none-any.whl", content, "md5_digest", md5Digest)
	}
}

// Incident 7 (GitLab CVE-2024-6595): what the form says of a file is never
// stored in place of what the file says.
func TestUploadRefuses(t *testing.T) {
	t.Parallel()
	content := zipped(t, wheelEntries("money", "1.0")...)
	for what, c := range map[string]struct {
		fields []string
		says   string
	}{
		"another name":        {[]string{"name", "other"}, `"other", and money-1.0-py3-none-any.whl says "money"`},
		"a hostile name":      {[]string{"name", "../x"}, "../x"},
		"no name":             {[]string{"name", ""}, `no field "name"`},
		"another version":     {[]string{"version", "2.0"}, `"2.0", and money-1.0-py3-none-any.whl says "1.0"`},
		"no version":          {[]string{"version", ""}, `no field "version"`},
		"another type":        {[]string{"filetype", "sdist"}, "is a bdist_wheel"},
		"another sha256":      {[]string{"sha256_digest", strings.Repeat("0", 64)}, "send it again"},
		"another md5":         {[]string{"md5_digest", strings.Repeat("0", 32)}, "send it again"},
		"another md5, base64": {[]string{"md5_digest", strings.Repeat("A", 22)}, "send it again"},
		"no md5":              {[]string{"md5_digest", "x"}, "send it again"},
		"another blake2":      {[]string{"blake2_256_digest", strings.Repeat("0", 64)}, "send it again"},
		"another action":      {[]string{":action", "submit"}, "submit"},
		"another protocol":    {[]string{"protocol_version", "2"}, "protocol_version"},
		"no attestations":     {[]string{"attestations", "[]"}, "attestations"},
	} {
		s := newShelf()
		w := s.do(t, upload(t, "money", "1.0", "money-1.0-py3-none-any.whl", content, c.fields...))
		if !strings.HasPrefix(w.Body.String(), "invalid: ") || !strings.Contains(w.Body.String(), c.says) || s.pkg != nil {
			t.Errorf("%s: %s", what, w.Body)
		}
		for _, b := range s.staged {
			if _, err := b.ReadAt(make([]byte, 1), 0); err == nil {
				t.Errorf("%s: a body is kept", what)
			}
		}
	}
	s := newShelf()
	for what, r := range map[string]*http.Request{
		"no file":            upload(t, "money", "1.0", "", nil),
		"another file name":  upload(t, "money", "1.0", "other-1.0-py3-none-any.whl", content),
		"another extension":  upload(t, "money", "1.0", "money-1.0.egg", content),
		"a body of no form":  {Method: http.MethodPost, URL: upload(t, "", "", "", nil).URL, Header: http.Header{}, Body: http.NoBody},
		"a climb, for a zip": upload(t, "money", "1.0", "..", content),
	} {
		if w := s.do(t, r); !strings.HasPrefix(w.Body.String(), "invalid: ") {
			t.Errorf("%s: %s", what, w.Body)
		}
	}
}

func TestRepetition(t *testing.T) {
	t.Parallel()
	s := newShelf()
	file := wheelOf("money", "1.0")
	content := zipped(t, wheelEntries("money", "1.0")...)
	s.put(t, "money", "1.0", file, content)
	s.put(t, "money", "1.0", file, content) // the same bytes: its answer was lost
	other := zipped(t, wheelEntries("money", "1.0", "Summary: other\n")...)
	w := s.do(t, upload(t, "money", "1.0", file, other))
	if !strings.HasPrefix(w.Body.String(), "conflict: File already exists: "+file+", with other content") {
		t.Errorf("other bytes: %s", w.Body)
	}
	// The same file to installers, under another spelling of its name.
	respelled := zipped(t, wheelEntries("Money", "1.0.0")...)
	w = s.do(t, upload(t, "money", "1.0", "Money-1.0.0-py3-none-any.whl", respelled))
	if !strings.HasPrefix(w.Body.String(), "conflict: File already exists: ") {
		t.Errorf("another spelling: %s", w.Body)
	}
	s.put(t, "money", "1.0", "money-1.0-1-py3-none-any.whl", zipped(t, wheelEntries("money", "1.0")...)) // another build
	if len(s.versions[0].Files) != 2 {
		t.Errorf("%+v", s.versions[0].Files)
	}
}

func TestREST(t *testing.T) {
	t.Parallel()
	content := zipped(t, wheelEntries("money", "1.0")...)
	put := func(s *shelf, pkg, version, file string) error {
		q := &format.Request{R: upload(t, "", "", "", nil), Reg: s, Server: desk{s}, Params: format.Params{{Name: "package", Value: pkg}, {Name: "version", Value: version}, {Name: "file", Value: file}}}
		_, err := New().Upload().Receive(q, format.Incoming{Name: "money-1.0-py3-none-any.whl", Body: blob.FromBytes(content)})
		return err
	}
	s := newShelf()
	if err := put(s, "Money", "1.0.0", "money-1.0-py3-none-any.whl"); err != nil {
		t.Error(err)
	}
	if err := put(s, "money", "1.0", ""); err == nil || !strings.HasPrefix(err.Error(), "File already exists") { // by the form of the page
		t.Errorf("once more: %v", err)
	}
	for _, path := range [][3]string{{"other", "1.0", "money-1.0-py3-none-any.whl"}, {"money", "2.0", "money-1.0-py3-none-any.whl"}, {"money", "1.0", "other-1.0-py3-none-any.whl"}, {"money", "1.0", "x"}} {
		if err := put(newShelf(), path[0], path[1], path[2]); err == nil {
			t.Errorf("%q is taken", path)
		}
	}
	q := &format.Request{R: upload(t, "", "", "", nil), Reg: s, Params: format.Params{{Name: "package", Value: "money"}, {Name: "version", Value: "1.0"}, {Name: "file", Value: "money-1.0-py3-none-any.whl"}}}
	if f, err := New().Upload().Locate(q); err != nil || f.Size != int64(len(content)) {
		t.Errorf("%+v, %v", f, err)
	}
}
