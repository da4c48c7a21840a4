package registry_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	kin "github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/formats/all"
	"ingot.dev/services/registry"
)

// contract is the OpenAPI document that a server serves.
type contract struct {
	*openapi3.T
	router kin.Router
}

func newContract(t testing.TB, h http.Handler) *contract {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/registry/openapi.yaml", nil))
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/yaml" {
		t.Fatalf("the document: %d %v", w.Code, w.Header())
	}
	doc, err := openapi3.NewLoader().LoadFromData(w.Body.Bytes())
	if err != nil {
		t.Fatalf("%v\n%s", err, w.Body)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatalf("%v\n%s", err, w.Body)
	}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	return &contract{doc, router}
}

// check fails where a request or its reply is outside the document.
func (d *contract) check(t testing.TB, c call, r *http.Request, w *httptest.ResponseRecorder) {
	t.Helper()
	found := r
	if r.Method == http.MethodHead { // "Every GET answers HEAD too"
		found = r.Clone(r.Context())
		found.Method = http.MethodGet
		if w.Body.Len() != 0 {
			t.Errorf("HEAD %s has a body: %s", c.path, w.Body)
		}
	}
	route, params, err := d.router.FindRoute(found)
	if err != nil {
		if !c.odd && w.Code != http.StatusNotFound && w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s %s is not in the document (%v), but answered %d", c.method, c.path, err, w.Code)
		}
		return
	}
	request := &openapi3filter.RequestValidationInput{
		Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true},
	}
	if !c.odd {
		if err := openapi3filter.ValidateRequest(t.Context(), request); err != nil {
			t.Errorf("request %s %s: %v", c.method, c.path, err)
		}
	}
	if err := openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: request, Status: w.Code, Header: w.Header(),
		Body: io.NopCloser(bytes.NewReader(w.Body.Bytes())), Options: request.Options,
	}); err != nil {
		t.Errorf("reply to %s %s: %v\n%s", c.method, c.path, err, w.Body)
	}
}

// addresses lists what the document describes, in the words of Routes.
func (d *contract) addresses() []string {
	var list []string
	for path, item := range d.Paths.Map() {
		servers := d.Servers
		if item.Servers != nil {
			servers = item.Servers
		}
		for method := range item.Operations() {
			for _, s := range servers {
				list = append(list, method+" "+s.URL+path)
			}
		}
	}
	slices.Sort(list)
	return list
}

// Every address is in the document, and the document describes nothing else.
func TestDocumentHasEveryRoute(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*server{
		"test formats": newServer(t, registry.Config{}),
		"all formats":  serve(t, registry.Config{}, all.All()...),
	} {
		var routes []string
		for _, r := range s.api.Routes() {
			routes = append(routes, r.Method+" "+strings.ReplaceAll(r.Pattern, "...}", "}"))
		}
		slices.Sort(routes)
		if diff := cmp.Diff(routes, s.doc.addresses()); diff != "" {
			t.Errorf("%s: routes (-) and document (+) differ:\n%s", name, diff)
		}
	}
}

// A client in any language is made from the document: its operations have
// names of their own, and its errors one body.
func TestDocumentFitsGenerators(t *testing.T) {
	t.Parallel()
	s := newServer(t, registry.Config{})
	seen := map[string]string{}
	name := regexp.MustCompile(`^[a-z][A-Za-z0-9]*$`)
	for path, item := range s.doc.Paths.Map() {
		for method, op := range item.Operations() {
			at := method + " " + path
			if !name.MatchString(op.OperationID) || seen[op.OperationID] != "" {
				t.Errorf("%s is called %q, as %s", at, op.OperationID, seen[op.OperationID])
			}
			seen[op.OperationID] = at
			if op.Summary == "" || len(op.Tags) != 1 {
				t.Errorf("%s says too little", at)
			}
			if path == "/openapi.yaml" {
				continue
			}
			for _, status := range []int{403, 404, 429, 500} {
				reply := op.Responses.Status(status)
				if reply == nil || reply.Value.Content.Get("application/json").Schema.Ref != "#/components/schemas/Error" {
					t.Errorf("%s does not say what a %d is", at, status)
				}
			}
		}
	}
	if op := s.doc.Paths.Value("/package/jar/{groupId}/{artifactId}/{version}/{fileName}"); op == nil {
		t.Error("the test's own format is not described")
	} else if p := op.Parameters.GetByInAndName("path", "groupId"); p == nil || p.Description != "Group" {
		t.Errorf("the parameter is described as %+v", p)
	}
}

// The checks of this suite would notice.
func TestDocumentIsStrict(t *testing.T) {
	t.Parallel()
	s := newServer(t, registry.Config{})
	good := s.put(t, "/registry/package/generic/lamp/1/a", "light")
	c := call{method: "PUT", path: "/registry/package/generic/lamp/1/a"}
	r := httptest.NewRequest(c.method, c.path, nil)
	reply := func(status int, body string) error {
		route, params, err := s.doc.router.FindRoute(r)
		if err != nil {
			t.Fatal(err)
		}
		in := &openapi3filter.RequestValidationInput{
			Request: r, PathParams: params, Route: route, Options: &openapi3filter.Options{IncludeResponseStatus: true},
		}
		return openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
			RequestValidationInput: in, Status: status, Header: http.Header{"Content-Type": {"application/json"}},
			Body: io.NopCloser(strings.NewReader(body)), Options: in.Options,
		})
	}
	if err := reply(200, string(good)); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"more":        strings.Replace(string(good), `"internal":null`, `"internal":null,"more":1`, 1),
		"less":        strings.Replace(string(good), `,"internal":null`, "", 1),
		"not null":    strings.Replace(string(good), `"internal":null`, `"internal":false`, 1),
		"enumeration": strings.Replace(string(good), `"API"`, `"REST"`, 1),
		"pattern":     regexp.MustCompile(`\.\d{6}"`).ReplaceAllString(string(good), `Z"`),
	} {
		if bad == string(good) {
			t.Fatalf("%s changes nothing in %s", name, good)
		}
		if reply(200, bad) == nil {
			t.Errorf("%s passes: %s", name, bad)
		}
	}
	if reply(201, string(good)) == nil {
		t.Error("a status that is not in the document passes")
	}
}
