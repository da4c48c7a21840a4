package incidents

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"ingot.dev/integrations/house"
	"ingot.dev/modules/forge"
)

// Incident 25 again: what is taken away while a large body comes in does not
// publish it any more.
func TestIncident25DuringAnUpload(t *testing.T) {
	h := house.Serve(t)
	ann := h.User(t, "ann")
	secret := h.Token(t, ann, forge.AllGrants, nil)
	body, feed := io.Pipe()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, h.Root+"/user/ann/package/-/generic/tool/1/tool.bin", body)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth("ann", secret)
	status := make(chan int, 1)
	go func() {
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Error(err)
			status <- 0
			return
		}
		resp.Body.Close()
		status <- resp.StatusCode
	}()
	if _, err := io.WriteString(feed, strings.Repeat("a", 1<<20)); err != nil {
		t.Fatal(err)
	}
	list, err := h.Forge.Tokens(t.Context(), ann.ID)
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	if err := h.Forge.RevokeToken(t.Context(), ann.ID, list[0].ID); err != nil {
		t.Fatal(err)
	}
	feed.Close()
	if got := <-status; got != http.StatusUnauthorized {
		t.Errorf("a revoked token published what it had begun: %d", got)
	}
	h.Want(t, http.StatusNotFound, house.Call{Path: "/user/ann/package/-/generic/tool/1/tool.bin"})
}
