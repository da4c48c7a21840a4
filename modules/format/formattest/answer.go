package formattest

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
)

// Handle has the route of f that fits answer q, as the router does. The path is
// below the address of the format, escaped. The test ends where it leads nowhere.
func Handle(t testing.TB, f format.Format, path string, q *format.Request) error {
	t.Helper()
	var table format.Table[format.Route]
	for _, r := range f.Routes() {
		table.Add(r.Method, r.Pattern, r)
	}
	segments, ok := format.Segments(path)
	if !ok {
		t.Fatalf("%s is no path", path)
	}
	route, params, _, ok := table.Match(q.R.Method, segments)
	if !ok {
		t.Fatalf("%s %s leads nowhere", q.R.Method, path)
	}
	q.Params = params
	return route.Handle(q)
}

// Answer is Handle into a record. A fault is answered without a status, by its
// kind's name and message; an internal one is a failure.
func Answer(t testing.TB, f format.Format, path string, q *format.Request) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	q.W = w
	if err := Handle(t, f, path, q); err != nil {
		w.Code = 0
		fmt.Fprintf(w.Body, "%s: %s", fault.KindOf(err), fault.From(err).Message)
		if fault.KindOf(err) == fault.Internal {
			t.Errorf("%s %s: %v", q.R.Method, path, err)
		}
	}
	return w
}
