package registry_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"ingot.dev/services/registry"
)

const lampFiles = "/registry/project/acme/app/package/generic"

// part is a part of a form; a field where it has no file name.
type part struct{ name, file, content string }

func form(t testing.TB, parts ...part) (body string, header http.Header) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		write, err := w.CreateFormField(p.name)
		if p.file != "" {
			write, err = w.CreateFormFile(p.name, p.file)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := write.Write([]byte(p.content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String(), http.Header{"Content-Type": {w.FormDataContentType()}}
}

// Whatever a client says a raw body is, its bytes are the file.
func TestRawBodies(t *testing.T) {
	t.Parallel()
	s := newServer(t, registry.Config{})
	body := "a=1&b=%zz; \x00\r\n--x--"
	for i, media := range []string{
		"", "application/octet-stream", "application/x-www-form-urlencoded", "application/json", "text/html", "multipart/mixed; boundary=x",
		"application/zip", "nonsense", "multipart/form-data-not; boundary=x", "image/png; q=", "*/*",
	} {
		path := fmt.Sprintf("%s/lamp/1/file-%d", lampFiles, i)
		header := http.Header{}
		if media != "" {
			header.Set("Content-Type", media)
		}
		w := s.do(t, call{method: "PUT", path: path, token: "ann-token", body: body, header: header, odd: true})
		if w.Code != 200 {
			t.Errorf("%q: %d %s", media, w.Code, w.Body)
			continue
		}
		if got := s.get(t, path); string(got) != body {
			t.Errorf("%q: got back %q", media, got)
		}
	}
	if w := s.do(t, call{method: "PUT", path: lampFiles + "/lamp/1/empty", token: "ann-token", odd: true}); w.Code != 200 {
		t.Errorf("an empty file: %d %s", w.Code, w.Body)
	}
	if got := s.get(t, lampFiles+"/lamp/1/empty"); len(got) != 0 {
		t.Errorf("got back %q", got)
	}
}

func TestForms(t *testing.T) {
	t.Parallel()
	s := newServer(t, registry.Config{})
	large := strings.Repeat("large ", 40_000) // beyond the spool's memory

	body, header := form(t, part{"note", "", "passed over"}, part{"any", "their-name.bin", large}, part{"", "", ""})
	w := s.do(t, call{method: "PUT", path: lampFiles + "/lamp/1/ours.bin", token: "ann-token", body: body, header: header, odd: true})
	if w.Code != 200 || decode[version](t, w.Body.Bytes()).PackageFiles[0].Name != "ours.bin" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if got := s.get(t, lampFiles+"/lamp/1/ours.bin"); string(got) != large {
		t.Errorf("got back %d bytes, want %d", len(got), len(large))
	}

	// A format whose address names nothing reads the name of the form's file.
	body, header = form(t, part{"file", "org.example_lib_1.0_lib.jar", "jar"})
	w = s.do(t, call{method: "PUT", path: "/registry/project/acme/app/package/jar", token: "ann-token", body: body, header: header})
	if w.Code != 200 || decode[version](t, w.Body.Bytes()).Version != "1.0" {
		t.Errorf("%d %s", w.Code, w.Body)
	}

	many := make([]part, 70)
	for i := range many {
		many[i] = part{"note", "", "x"}
	}
	for _, test := range []struct {
		name, words string
		status      int
		parts       []part
	}{
		{"none", "no file", 400, nil},
		{"a field alone", "no file", 400, []part{{"file", "", "content"}}},
		{"two", "more than one file", 400, []part{{"a", "a", "1"}, {"b", "b", large}}},
		{"many fields", "parts", 400, many},
		{"a huge field", `"note"`, 413, []part{{"note", "", large}, {"a", "a", "1"}}},
		{"a huge field behind", `"note"`, 413, []part{{"a", "a", "1"}, {"note", "", large}}},
	} {
		body, header := form(t, test.parts...)
		w := s.do(t, call{method: "PUT", path: lampFiles + "/lamp/2/a", token: "ann-token", body: body, header: header, odd: true})
		if w.Code != test.status {
			t.Errorf("%s: %d %s", test.name, w.Code, w.Body)
			continue
		}
		want(t, w, test.status, test.words)
	}

	body, header = form(t, part{"a", "a", large})
	for name, broken := range map[string]struct {
		body  string
		media string
	}{
		"no boundary":         {body, "multipart/form-data"},
		"other boundary":      {body, "multipart/form-data; boundary=other"},
		"broken in the file":  {body[:1000], header.Get("Content-Type")},
		"broken at the end":   {body[:len(body)-20], header.Get("Content-Type")},
		"nothing":             {"", header.Get("Content-Type")},
		"no form whatsoever":  {"light", header.Get("Content-Type")},
		"broken before parts": {body[:20], header.Get("Content-Type")},
	} {
		w := s.do(t, call{
			method: "PUT", path: lampFiles + "/lamp/2/a", token: "ann-token", body: broken.body,
			header: http.Header{"Content-Type": {broken.media}}, odd: true,
		})
		if w.Code != 400 {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	want(t, s.do(t, call{method: "GET", path: lampFiles + "/lamp/2/a", token: "ann-token"}), 404)
}

func TestRefusedFiles(t *testing.T) {
	t.Parallel()
	s := newServer(t, registry.Config{MaxFileSize: 100})
	put := func(path, body string) *httptest.ResponseRecorder {
		t.Helper()
		return s.do(t, call{method: "PUT", path: path, token: "ann-token", body: body})
	}
	s.put(t, lampFiles+"/lamp/1/a", "light")
	want(t, put(lampFiles+"/lamp/1/a", "light"), 409, "already exists")
	want(t, put(lampFiles+"/LAMP/1/A", "other"), 409, "already exists")
	want(t, put(lampFiles+"/lamp/1/b", strings.Repeat("x", 101)), 413, "100 bytes")
	want(t, put(lampFiles+"/la%20mp/1/b", "x"), 400, `"la mp"`)
	want(t, put("/registry/project/acme/app/package/jar/g/a/1/f.jar", "no jar"), 422, "no jar")
	body, header := form(t, part{"file", "f", strings.Repeat("x", 101)})
	want(t, s.do(t, call{method: "PUT", path: lampFiles + "/lamp/1/b", token: "ann-token", body: body, header: header}), 413, "100 bytes")
	if v := decode[page[file]](t, s.get(t, "/registry/project/acme/app/package/"+s.only(t, "/registry/project/acme/app/package").ID+"/package-file")); v.Page.TotalElements != 1 {
		t.Errorf("something of the refused is there: %+v", v)
	}
}

// Of those who publish one file at once, one does.
func TestOneWins(t *testing.T) {
	t.Parallel()
	s := newServer(t, registry.Config{})
	var wg sync.WaitGroup
	status := make([]int, 8)
	for i := range status {
		wg.Go(func() {
			w := s.do(t, call{method: "PUT", path: lampFiles + "/lamp/1/a", token: "ann-token", body: fmt.Sprint(i)})
			status[i] = w.Code
		})
	}
	wg.Wait()
	count := map[int]int{}
	for _, code := range status {
		count[code]++
	}
	if count[200] != 1 || count[409] != 7 {
		t.Errorf("statuses %v", count)
	}
}
