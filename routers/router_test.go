package routers_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"ingot.dev/modules/fault"
	"ingot.dev/routers"
	"ingot.dev/routers/gate"
	"ingot.dev/routers/middleware"
)

// A handler that writes no status means 200, as everywhere in net/http.
func TestStatusByDefault(t *testing.T) {
	t.Parallel()
	h, err := routers.New(routers.Options{
		Gate:       &gate.Gate{},
		Middleware: middleware.Options{Log: middleware.Logger(slog.DiscardHandler)},
		Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "up 1\n")
		}),
		Fail: func(w http.ResponseWriter, _ *http.Request, f *fault.Fault) {
			w.WriteHeader(gate.Status(f.Kind))
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/metrics": http.StatusOK, "/nothing": http.StatusNotFound} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != want {
			t.Errorf("%s answers %d, want %d", path, w.Code, want)
		}
	}
}
