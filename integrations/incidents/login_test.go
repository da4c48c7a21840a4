package incidents

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"ingot.dev/integrations/house"
	"ingot.dev/modules/forge"
	host "ingot.dev/services/forge"
)

// Incident 28 (Shai-Hulud, 2025): stolen tokens that published on, and made
// themselves at home. A token of a client makes no others by any door, so that
// to revoke it ends all that was taken with it; one that expires makes none
// that lasts longer; and what a client signs in with is good once.
func TestIncident28(t *testing.T) {
	w := newWorld(t)
	stolen := w.Token(t, w.annUser, forge.Transport, nil)
	ends := time.Now().Add(time.Hour)
	short := w.NewToken(t, w.annUser, host.NewToken{Name: "short", Grants: forge.AllGrants, Expires: ends})
	count := func() int {
		list, err := w.Forge.Tokens(t.Context(), w.annUser.ID)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	before := count()
	post := func(path string, as house.Proof, body any) house.Reply {
		b, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		return w.Do(t, house.Call{Method: http.MethodPost, Path: w.native("open", path), As: as, Body: b})
	}
	begun := map[string]string{}
	if err := json.Unmarshal(post("npm/-/v1/login", nil, map[string]string{}).Body, &begun); err != nil {
		t.Fatal(err)
	}
	link, done := strings.TrimPrefix(begun["loginUrl"], w.Root), strings.TrimPrefix(begun["doneUrl"], w.Root)
	exchanged := w.pass(t, house.Basic("ann", stolen))
	for what, c := range map[string]struct {
		as     house.Proof
		secret string
	}{
		"a transport token":    {house.Bearer(stolen), stolen},
		"a token that expires": {house.Bearer(short), short},
		"a pass":               {exchanged, stolen},
	} {
		for _, password := range []string{c.secret, ""} {
			if reply := post("npm/-/npm/v1/tokens", c.as, map[string]any{"password": password, "name": "home"}); reply.Status < 400 {
				t.Errorf("%s makes a token: %s", what, reply)
			}
		}
		w.Do(t, form(link, c.as, "answer", "allow"))
		if reply := w.Do(t, house.Call{Path: done}); reply.Status != http.StatusAccepted {
			t.Errorf("%s agrees to a sign-in: %s", what, reply)
		}
		w.Do(t, form("/settings/tokens", c.as, "name", "home", "grants", "api"))
	}
	// Who signs in with a token for a password keeps that one.
	body := fmt.Appendf(nil, `{"name":"ann","password":%q}`, stolen)
	reply := w.Want(t, http.StatusCreated, house.Call{Method: http.MethodPut, Path: w.native("open", "npm/-/user/org.couchdb.user:ann"), Body: body})
	if !strings.Contains(string(reply.Body), stolen) {
		t.Errorf("a token for a password gives %s", reply)
	}
	if n := count(); n != before {
		t.Errorf("%d tokens were made", n-before)
	}

	// The consent of the account itself is good for one token, told once.
	w.Want(t, http.StatusOK, form(link, house.Cookie(w.Session(t, w.annUser)), "answer", "allow"))
	first := w.Want(t, http.StatusOK, house.Call{Path: done})
	w.Want(t, http.StatusNotFound, house.Call{Path: done})
	var made struct{ Token string }
	if err := json.Unmarshal(first.Body, &made); err != nil || made.Token == "" {
		t.Fatalf("%s, %v", first, err)
	}
	if n := count(); n != before+1 {
		t.Errorf("%d tokens were made", n-before)
	}
	w.Want(t, http.StatusForbidden, house.Call{
		Method: http.MethodDelete, Path: w.native("open", "npm/money/-rev/1"), As: house.Bearer(made.Token),
	})

	// To revoke it is the end.
	list, err := w.Forge.Tokens(t.Context(), w.annUser.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range list {
		if err := w.Forge.RevokeToken(t.Context(), w.annUser.ID, token.ID); err != nil {
			t.Fatal(err)
		}
	}
	for _, secret := range []string{stolen, made.Token, short} {
		w.Want(t, http.StatusUnauthorized, house.Call{
			Method: http.MethodPut, Path: w.native("open", "generic/worm/1.0.0/a"), As: house.Bearer(secret), Body: []byte("evil"),
		})
	}
	w.Want(t, http.StatusUnauthorized, house.Call{
		Method: http.MethodPost, Path: "/v2/project/ann/vault/a/blobs/uploads/", As: exchanged,
	})
}
