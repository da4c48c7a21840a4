package rubygem

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
)

// Secrets are not kept on the way: a key that is made, or the token that came
// for a password.
func TestKeysAreNotStored(t *testing.T) {
	t.Parallel()
	for want, actor := range map[string]forge.Actor{"the key": {ID: 1}, "secret": {ID: 1, Token: &forge.Token{}}} {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/api/v1/api_key", strings.NewReader("name=ci"))
		r.SetBasicAuth("ann", "secret")
		err := New().key(&format.Request{W: w, R: r, Server: desk{newShelf()}, Actor: actor})
		if err != nil || w.Body.String() != want || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%v, %s, %v", err, w.Body, w.Header())
		}
	}
}
