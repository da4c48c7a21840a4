package helm

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/format"
	"ingot.dev/modules/format/formattest"
)

var moneyChart = formattest.Tarball(formattest.Entry{Name: "money/Chart.yaml", Text: plainChart})

func sumOf(content []byte) string { return blob.FromBytes(content).Digests().SHA256 }

func moneyProof(t testing.TB) []byte {
	return signed(t, proofText("money", "1.0.0", sumOf(moneyChart)))
}

// part is a file of a form.
type part struct {
	field   string
	content []byte
}

func form(t testing.TB, target string, parts ...part) *http.Request {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		f, err := w.CreateFormFile(p.field, "x")
		if err == nil {
			_, err = f.Write(p.content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, target, &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return r
}

func body(method, target, contentType string, content []byte) *http.Request {
	r := httptest.NewRequest(method, target, bytes.NewReader(content))
	r.Header.Set("Content-Type", contentType)
	return r
}

func TestPublish(t *testing.T) {
	t.Parallel()
	const curl = "application/x-www-form-urlencoded"
	proof := moneyProof(t)
	here := func() *shelf {
		s := &shelf{}
		s.add(t, plainChart)
		s.packages[0][0].Files[0].Digests.SHA256 = sumOf(moneyChart)
		return s
	}
	for _, c := range []struct {
		what     string
		r        *http.Request
		files    string
		existing format.Existing
	}{
		{"a body", body(http.MethodPost, "/api/charts", curl, moneyChart), "money-1.0.0.tgz", format.Refuse},
		{"a body that is called a form", body(http.MethodPost, "/api/charts", "multipart/form-data", moneyChart), "money-1.0.0.tgz", format.Refuse},
		{"a body of no type", body(http.MethodPost, "/api/charts", "", moneyChart), "money-1.0.0.tgz", format.Refuse},
		{"a form", form(t, "/api/charts", part{"chart", moneyChart}), "money-1.0.0.tgz", format.Refuse},
		{"a form with both", form(t, "/api/charts", part{"prov", proof}, part{"chart", moneyChart}), "money-1.0.0.tgz money-1.0.0.tgz.prov", format.Refuse},
		{"a form of a provenance", form(t, "/api/charts", part{"prov", proof}), "money-1.0.0.tgz.prov", format.Add},
		{"a provenance", body(http.MethodPost, "/api/prov", curl, proof), "money-1.0.0.tgz.prov", format.Add},
		{"a provenance in a form", form(t, "/api/prov", part{"prov", proof}), "money-1.0.0.tgz.prov", format.Add},
		{"PUT", body(http.MethodPut, "/money-1.0.0.tgz", "", moneyChart), "money-1.0.0.tgz", format.Refuse},
		{"PUT of a provenance", body(http.MethodPut, "/money-1.0.0.tgz.prov", "", proof), "money-1.0.0.tgz.prov", format.Add},
		{"by force", body(http.MethodPost, "/api/charts?force", curl, moneyChart), "money-1.0.0.tgz", format.Replace},
		{"a provenance by force", body(http.MethodPost, "/api/prov?force=true", curl, proof), "money-1.0.0.tgz.prov", format.Update},
	} {
		s := here()
		w := s.do(t, c.r)
		if w.Code != http.StatusCreated || w.Body.String() != `{"saved":true}` || len(s.released) != 1 {
			t.Errorf("%s: %d %s", c.what, w.Code, w.Body)
			continue
		}
		var files []string
		for _, f := range s.released[0].Files {
			files = append(files, f.Name)
		}
		if got := strings.Join(files, " "); got != c.files || s.released[0].Existing != c.existing || s.released[0].Package != "money" || s.released[0].Version != "1.0.0" {
			t.Errorf("%s: %+v", c.what, s.released[0])
		}
	}
}

func TestPublishRefuses(t *testing.T) {
	t.Parallel()
	proof := moneyProof(t)
	for _, c := range []struct {
		what string
		r    *http.Request
		why  string
	}{
		{"another file's name", body(http.MethodPut, "/money-1.0.1.tgz", "", moneyChart), "has to be called money-1.0.0.tgz"},
		{"no file's name", body(http.MethodPut, "/money", "", moneyChart), "has to be called money-1.0.0.tgz"},
		{"another provenance's name", body(http.MethodPut, "/money-1.0.1.tgz.prov", "", proof), "has to be called money-1.0.0.tgz.prov"},
		{"a chart for a provenance", body(http.MethodPost, "/api/prov", "", moneyChart), "no provenance"},
		{"a provenance for a chart", body(http.MethodPost, "/api/charts", "", proof), "invalid"},
		{"a provenance of nothing", body(http.MethodPost, "/api/prov", "", proof), "not found"},
		{"a provenance of another chart", form(t, "/api/charts", part{"chart", moneyChart}, part{"prov", signed(t, proofText("cash", "1.0.0", someSum))}), "is of cash"},
		{"a provenance of other bytes", form(t, "/api/charts", part{"chart", moneyChart}, part{"prov", signed(t, proofText("money", "1.0.0", someSum))}), "the chart here has sha256:"},
		{"a long provenance", body(http.MethodPost, "/api/prov", "", make([]byte, maxProof+1)), "too large"},
		{"no file", form(t, "/api/charts"), "has no file"},
		{"another field", form(t, "/api/charts", part{"file", moneyChart}), `the field "file"`},
		{"two charts", form(t, "/api/charts", part{"chart", moneyChart}, part{"chart", moneyChart}), "another file"},
		{"by force without the right", body(http.MethodPost, "/api/charts?force", "", moneyChart), "denied"},
	} {
		s := &shelf{mayOnly: true}
		if w := s.do(t, c.r); w.Code != 0 || !strings.Contains(w.Body.String(), c.why) || len(s.released) > 0 {
			t.Errorf("%s: %d %s", c.what, w.Code, w.Body)
		}
	}
}

func TestFetchRefuses(t *testing.T) {
	t.Parallel()
	s := &shelf{}
	s.add(t, plainChart)
	for _, path := range []string{
		"/charts/money.tgz", "/charts/money-1.0.1.tgz", "/charts/money-1.0.0.tgz.prov", "/money-2.0.0.tgz", "/api/charts/none/1.0.0", "/api/charts/a%20b",
	} {
		if w := s.do(t, httptest.NewRequest(http.MethodGet, path, nil)); !strings.HasPrefix(w.Body.String(), "not found:") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}
