package cran

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/modules/format/formattest"
	"ingot.dev/modules/formats/cran/crantest"
)

func TestPublish(t *testing.T) {
	t.Parallel()
	s := newShelf()
	one := sourceOfPackage("acmeMoney", "1.0-1", "Depends: R (>=3.5), Rcpp\n")
	s.put(t, "src", one)
	windows := builtPackage(zipped, "acmeMoney", "1.0-1", "x86_64-w64-mingw32")
	mac := builtPackage(tarred, "acmeMoney", "1.0-1", "")
	arm := builtPackage(tarred, "acmeMoney", "1.0-1", "aarch64-apple-darwin20")
	for _, c := range []struct {
		path string
		body []byte
		code int
		says string
	}{
		{"src", one, 200, ""},
		{"src/acmeMoney_1.0-1.tar.gz", one, 200, ""},
		{"src/acmeMoney_1.0.1.tar.gz", one, 400, "has to be called acmeMoney_1.0-1.tar.gz"},
		{"src/other_1.0-1.tar.gz", one, 400, "has to be called"},
		{"src", sourceOfPackage("acmeMoney", "1.0-1"), 409, "already exists, with other content"},
		{"src", sourceOfPackage("acmeMoney", "1.0.1"), 409, "acmeMoney 1.0-1 already exists, and acmeMoney 1.0.1 is another spelling"},
		{"src", sourceOfPackage("acmemoney", "1.0.1"), 409, "another spelling"},
		{"bin?platform=windows&rversion=4.2", one, 400, "upload it below src"},
		{"src", windows, 400, "upload it below bin"},
		{"src", mac, 400, "upload it below bin"},
		{"bin?platform=windows&rversion=4.3", windows, 400, "built for R 4.2, not for R 4.3"},
		{"bin?platform=macosx&rversion=4.2", windows, 400, "built for Windows"},
		{"bin?platform=windows&rversion=4.2", mac, 400, "built for macOS"},
		{"bin?platform=windows&rversion=four", windows, 400, "give it like 4.2"},
		{"bin/linux/4.2/acmeMoney_1.0-1.tgz", mac, 400, "the platform"},
		{"bin?platform=big-sur-x86_64", arm, 400, "does not run"},
		{"bin?platform=macosx", builtPackage(tarred, "acmeMoney", "1.0-1", "x86_64-pc-linux-gnu"), 400, "no built packages for that system"},
		{"bin?platform=windows&rversion=4.2", windows, 201, ""},
		{"bin/acmeMoney_1.0-1.zip?platform=windows", windows, 200, ""},
		{"bin", windows, 200, ""},
		{"bin/windows/4.2.1/acmeMoney_1.0-1.zip", windows, 200, ""},
		{"bin/windows/4.2/acmeMoney_1.0.zip", windows, 400, "has to be called acmeMoney_1.0-1.zip"},
		{"bin?rversion=4.2", mac, 201, ""},
		{"bin?platform=macosx&rversion=4.2.2", mac, 200, ""},
		{"bin/big-sur-arm64/4.2/acmeMoney_1.0-1.tgz", arm, 201, ""},
		{"bin/big-sur-arm64/4.2/acmeMoney_1.0-1.tgz", mac, 409, "with other content"},
		{"src", []byte("x"), 400, "no R package"},
	} {
		code, text := s.ask(t, http.MethodPut, c.path, c.body)
		if code != c.code || !strings.Contains(text, c.says) {
			t.Errorf("PUT %s: %d %s, not %d", c.path, code, text, c.code)
		}
	}
	v, err := s.Version(t.Context(), "acmeMoney", "1.0.1")
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, f := range v.Files {
		files = append(files, f.Name)
	}
	if diff := cmp.Diff([]string{
		"acmeMoney_1.0-1.tar.gz", "bin/windows/contrib/4.2/acmeMoney_1.0-1.zip",
		"bin/macosx/contrib/4.2/acmeMoney_1.0-1.tgz", "bin/macosx/big-sur-arm64/contrib/4.2/acmeMoney_1.0-1.tgz",
	}, files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	var d description
	if err := json.Unmarshal(v.Metadata, &d); err != nil {
		t.Fatal(err)
	}
	// The source says what the version is, and what was built joins it.
	if d["Depends"] != "R (>= 3.5), Rcpp" || d["Title"] != "Amounts" || d["Built"] != "" || v.Language != "" {
		t.Errorf("the version says %v, for R %q", d, v.Language)
	}
}

// What was built may come first, and the source tells more when it comes.
func TestSourceAfterBuilt(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.put(t, "bin", builtPackage(zipped, "acmeMoney", "1.0", ""))
	v, _ := s.Version(t.Context(), "acmeMoney", "1.0")
	if v.Language != "4.2" || !strings.Contains(string(v.Metadata), "Built") {
		t.Errorf("%s, for R %q", v.Metadata, v.Language)
	}
	s.put(t, "src", sourceOfPackage("acmeMoney", "1.0", "Imports: Rcpp\n"))
	if !strings.Contains(string(v.Metadata), "Rcpp") || strings.Contains(string(v.Metadata), "Built") {
		t.Errorf("%s", v.Metadata)
	}
}

func (s *shelf) receive(t *testing.T, body []byte, params ...format.Param) (*format.Version, error) {
	t.Helper()
	q := &format.Request{R: httptest.NewRequest(http.MethodPut, "/?platform=", nil), Reg: s, Server: desk{s}, Params: params}
	return New().Upload().Receive(q, format.Incoming{Name: "anything (1).tar.gz", Body: blob.FromBytes(body)})
}

func (s *shelf) locate(t *testing.T, file, query string) (int, string) {
	t.Helper()
	q := &format.Request{R: httptest.NewRequest(http.MethodGet, "/"+query, nil), Reg: s, Params: format.Params{{Name: "file", Value: file}}}
	f, err := New().Upload().Locate(q)
	code, text := status(t, httptest.NewRecorder(), err)
	if f != nil {
		text = f.Name
	}
	return code, text
}

func TestREST(t *testing.T) {
	t.Parallel()
	s := newShelf()
	param := func(name, value string) format.Param { return format.Param{Name: name, Value: value} }
	one, mac := sourceOfPackage("acmeMoney", "1.0"), builtPackage(tarred, "acmeMoney", "1.0", "")
	if v, err := s.receive(t, one, param("languageVersion", "4.2.1"), param("file", "acmeMoney_1.0.tar.gz")); err != nil || v.Language != "4.2.1" {
		t.Fatalf("%v", err)
	}
	if _, err := s.receive(t, one, param("languageVersion", "4.2.1"), param("file", "acmeMoney_1.0.tar.gz")); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "already exists") {
		t.Errorf("once more: %v", err)
	}
	for _, wrong := range [][]format.Param{
		{param("languageVersion", "four"), param("file", "acmeMoney_1.0.tar.gz")},
		{param("languageVersion", "4.2"), param("file", "acmeMoney_1.1.tar.gz")},
	} {
		if _, err := s.receive(t, one, wrong...); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v: %v", wrong, err)
		}
	}
	if _, err := s.receive(t, mac, param("languageVersion", "4.3"), param("platform", "macosx")); !fault.Is(err, fault.Invalid) {
		t.Errorf("for another R: %v", err)
	}
	if _, err := s.receive(t, mac, param("languageVersion", ""), param("platform", "big-sur-arm64")); err != nil {
		t.Errorf("by the form: %v", err)
	}
	s.put(t, "bin", builtPackage(zipped, "acmeMoney", "1.0", ""))
	for _, c := range []struct {
		file, query string
		code        int
		text        string
	}{
		{"acmeMoney_1.0.tar.gz", "", 200, "acmeMoney_1.0.tar.gz"},
		{"acmeMoney_1.0.tar.gz", "?languageVersion=4.2&platform=windows", 200, "acmeMoney_1.0.tar.gz"},
		{"acmeMoney_1.0.zip", "?languageVersion=4.2", 400, "platform=windows"},
		{"acmeMoney_1.0.zip", "?platform=windows", 400, "give it like 4.2"},
		{"acmeMoney_1.0.zip", "?languageVersion=4.2&platform=windows", 200, "bin/windows/contrib/4.2/acmeMoney_1.0.zip"},
		{"acmeMoney_1.0.zip", "?languageVersion=4.3&platform=windows", 404, ""},
		{"acmeMoney_1.0.zip", "?languageVersion=4.2&platform=macosx", 404, ""},
		{"acmeMoney_1.0.tgz", "?languageVersion=4.2&platform=macosx", 200, "bin/macosx/big-sur-arm64/contrib/4.2/acmeMoney_1.0.tgz"},
		{"acmeMoney_1.0.tgz", "?languageVersion=4.3&platform=macosx", 404, ""},
		{"acmeMoney_1.0.tgz", "?languageVersion=4.2&platform=big-sur-x86_64", 404, ""},
		{"acmeMoney_2.0.tar.gz", "", 404, ""},
		{"PACKAGES", "", 404, ""},
	} {
		if code, text := s.locate(t, c.file, c.query); code != c.code || !strings.Contains(text, c.text) {
			t.Errorf("%s%s: %d %s", c.file, c.query, code, text)
		}
	}
}

func readAll(t *testing.T, body []byte) (*pack, error) {
	t.Helper()
	b := blob.FromBytes(body)
	return readPackage(t.Context(), b, b.Size())
}

// Incidents 22 (npm CVE-2019-16776, links out of a package) and 23
// (CVE-2025-54368, zip files that two readers read differently), and 7 (GitLab
// CVE-2024-6595): the archive alone says what it is.
func TestHostileArchives(t *testing.T) {
	t.Parallel()
	hostile := map[string][]byte{}
	for what, body := range formattest.HostileTarballs("acmeMoney/DESCRIPTION", crantest.Description("acmeMoney", "1.0")) {
		hostile["tar: "+what] = body
	}
	built := "Built: R 4.2.2; ; 2026-01-02 12:00:00 UTC; windows\n"
	for what, body := range formattest.HostileZips("acmeMoney/DESCRIPTION", crantest.Description("acmeMoney", "1.0", built)) {
		hostile["zip: "+what] = body
	}
	for what, more := range map[string]string{
		"built of two words": "Built: R 4.2.2\n", "built by S": "Built: S 4.2.2; ; 2026; windows\n", "built for BeOS": "Built: R 4.2.2; ; 2026; beos\n",
		"built by R four": "Built: R four; ; 2026; windows\n", "not built": "", "built for unix": "Built: R 4.2.2; ; 2026; unix\n",
	} {
		hostile["zip: "+what] = formattest.Zip(formattest.Entry{Name: "acmeMoney/DESCRIPTION", Text: crantest.Description("acmeMoney", "1.0", more)})
	}
	hostile["tar: built for Windows"] = sourceOfPackage("acmeMoney", "1.0", built)
	hostile["zip: another folder"] = formattest.Zip(formattest.Entry{Name: "other/DESCRIPTION", Text: crantest.Description("acmeMoney", "1.0", built)})
	hostile["tar: a large DESCRIPTION"] = sourceOfPackage("acmeMoney", "1.0", "Note: "+strings.Repeat("x", maxDescription))
	for _, twin := range []string{"description", "DESCRIPTION.", "Description ."} {
		entry := formattest.Entry{Name: "acmeMoney/" + twin, Text: crantest.Description("acmeMoney", "2.0")}
		hostile["tar: "+twin] = crantest.Source("acmeMoney", crantest.Description("acmeMoney", "1.0"), entry)
		hostile["zip: "+twin] = formattest.Zip(formattest.Entry{Name: "acmeMoney/DESCRIPTION", Text: crantest.Description("acmeMoney", "1.0", built)}, entry)
	}
	for what, body := range hostile {
		if p, err := readAll(t, body); !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.TooLarge) {
			t.Errorf("%s: %v, %v", what, p, err)
		}
	}
}

func TestReadPackage(t *testing.T) {
	t.Parallel()
	plain := "Package: acmeMoney\nVersion: 1.0\n"
	p, err := readAll(t, crantest.Source("acmeMoney", plain, formattest.Entry{Name: "acmeMoney/README.md", Text: "# Mon\x00ey\xff"}, formattest.Entry{Name: "acmeMoney/src/a.c", Text: ""}))
	if err != nil || p.readme != (format.Readme{Name: "README.md", Text: "# Money\uFFFD"}) || p.description["NeedsCompilation"] != "yes" || p.fileName() != "acmeMoney_1.0.tar.gz" {
		t.Errorf("%+v, %v", p, err)
	}
	p, err = readAll(t, crantest.Source("acmeMoney", plain+"Description: Of\n  money.\n", formattest.Entry{Name: "acmeMoney/README.md", Text: strings.Repeat("x", maxReadme+1)}))
	if err != nil || p.readme != (format.Readme{Name: "DESCRIPTION.txt", Text: "Of money."}) || p.description["NeedsCompilation"] != "no" {
		t.Errorf("%+v, %v", p, err)
	}
	p, err = readAll(t, builtPackage(zipped, "acmeMoney", "1.0", "x86_64-w64-mingw32"))
	if err != nil || p.built != (builtFor{"4.2", "x86_64-w64-mingw32", "windows"}) || p.fileName() != "acmeMoney_1.0.zip" || p.mediaType() != "application/zip" {
		t.Errorf("%+v, %v", p, err)
	}
	p, err = readAll(t, builtPackage(tarred, "acmeMoney", "1.0", ""))
	if err != nil || p.built != (builtFor{"4.2", "", "unix"}) || p.fileName() != "acmeMoney_1.0.tgz" || p.mediaType() != "application/gzip" {
		t.Errorf("%+v, %v", p, err)
	}
}

// failing is a storage that breaks.
type failing struct{ blob.Staged }

func (failing) ReadAt([]byte, int64) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestBrokenStorage(t *testing.T) {
	t.Parallel()
	if _, err := readPackage(t.Context(), failing{}, 100); err == nil || fault.KindOf(err) != fault.Internal {
		t.Errorf("%v", err)
	}
}
