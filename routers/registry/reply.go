package registry

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/routers/gate"
)

// encode writes v as it is: names with & or < in them stay readable.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return b.Bytes(), err
}

// reply answers with v.
func reply(q *format.Request, v any) error {
	b, err := encode(v)
	if err != nil {
		return err
	}
	return q.Bytes(http.StatusOK, "application/json", b)
}

// failure is the body of an error.
type failure struct {
	Timestamp string `json:"timestamp"`
	Status    int    `json:"status"`
	Error     string `json:"error"`
	Message   string `json:"message"`
	Path      string `json:"path"`
}

func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	f := a.gate.Explain(r, err)
	if f.Kind == fault.Unauthenticated { // clients of this API know no 401
		f = fault.Wrap(fault.Denied, f, "%s", f.Message)
	}
	gate.Headers(w.Header(), f)
	status := gate.Status(f.Kind)
	body, err := encode(failure{
		Timestamp: time.Now().UTC().Format("2006-01-02T15:04:05.000Z07:00"),
		Status:    status, Error: http.StatusText(status), Message: f.Message, Path: r.URL.EscapedPath(),
	})
	if err != nil {
		panic(err) // five plain fields
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body)
	}
}
