package incidents

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"ingot.dev/integrations/house"
	"ingot.dev/modules/forge"
	host "ingot.dev/services/forge"
)

// Incident 25 (Private Packagist 2026): a token that was replaced went on
// working for days. What is taken away does not work at the next request, at
// any address, though it did a moment before and whichever process took it.
func TestIncident25(t *testing.T) {
	w := newWorld(t)
	other := w.Beside(t) // as another process on the same data
	ctx := t.Context()
	last := func(t *testing.T) int64 {
		t.Helper()
		list, err := w.Forge.Tokens(ctx, w.benUser.ID)
		if err != nil || len(list) == 0 {
			t.Fatal(list, err)
		}
		return list[0].ID
	}
	vault, err := w.Forge.Resolve(ctx, w.path("vault"))
	if err != nil {
		t.Fatal(err)
	}
	for name, take := range map[string]func(t *testing.T, f *host.Forge) error{
		"the token": func(t *testing.T, f *host.Forge) error { return f.RevokeToken(ctx, w.benUser.ID, last(t)) },
		"the membership": func(_ *testing.T, f *host.Forge) error {
			return f.RemoveMember(ctx, forge.Owner, vault.Ref, w.benUser.ID)
		},
		"the account": func(_ *testing.T, f *host.Forge) error { return f.SetBlocked(ctx, w.benUser.ID, true) },
	} {
		for by, f := range map[string]*host.Forge{"this process": w.Forge, "another one": other.Forge} {
			t.Run(name+" by "+by, func(t *testing.T) {
				if err := w.Forge.SetBlocked(ctx, w.benUser.ID, false); err != nil {
					t.Fatal(err)
				}
				w.Member(t, vault.Ref, w.benUser, forge.Developer)
				token := house.Token(w.Token(t, w.benUser, forge.AllGrants, nil))
				push := house.Call{Method: http.MethodPost, Path: "/v2/project/ann/vault/a/blobs/uploads/", As: w.pass(t, token)}
				w.reach(t, token, true)
				w.Want(t, http.StatusAccepted, push)
				if err := take(t, f); err != nil {
					t.Fatal(err)
				}
				w.reach(t, token, false)
				if reply := w.Do(t, push); reply.Status != 401 && reply.Status != 404 {
					t.Errorf("what it was exchanged for: %s", reply)
				}
			})
		}
	}
	t.Run("by the clock", func(t *testing.T) {
		if err := w.Forge.SetBlocked(ctx, w.benUser.ID, false); err != nil {
			t.Fatal(err)
		}
		w.Member(t, vault.Ref, w.benUser, forge.Developer)
		ends := time.Now().Add(300 * time.Millisecond)
		token := house.Token(w.NewToken(t, w.benUser, host.NewToken{Name: "short", Grants: forge.AllGrants, Expires: ends}))
		w.Want(t, http.StatusOK, house.Call{Path: w.native("vault", "composer/packages.json"), As: token})
		house.Until(ends)
		w.reach(t, token, false)
	})
}

// pass exchanges a credential as container clients do, for an image of the vault.
func (w *world) pass(t *testing.T, as house.Proof) house.Proof {
	t.Helper()
	reply := w.Want(t, http.StatusOK, house.Call{Path: "/v2/token?service=service&scope=repository:project/ann/vault/a:pull,push", As: as})
	var got struct{ Token string }
	if err := json.Unmarshal(reply.Body, &got); err != nil {
		t.Fatal(err)
	}
	return house.Bearer(got.Token)
}

// reach asks at each kind of address of the vault and holds that it opens, or
// that it does not.
func (w *world) reach(t *testing.T, token house.Proof, opens bool) {
	t.Helper()
	for _, call := range []house.Call{
		{Path: w.native("vault", "composer/packages.json")},
		{Path: w.rest("vault", "")},
		{Path: "/project/ann/vault.git/info/refs?service=git-upload-pack"},
		{Method: http.MethodPost, Path: w.native("vault", "composer?tag=v9")},
		{Method: http.MethodPut, Path: w.native("vault", fmt.Sprintf("generic/tool/%d/a", time.Now().UnixNano()))},
	} {
		call.As = token
		reply := w.Do(t, call)
		refused := reply.Status == 401 || reply.Status == 403 || reply.Status == 404 && call.Path != w.native("vault", "composer?tag=v9")
		if call.Path == w.native("vault", "composer?tag=v9") { // there is no such tag, for those who may know
			refused = refused || string(reply.Body) == "there is no project/ann/vault, or you may not see it\n"
		}
		if refused == opens {
			t.Errorf("%s %s: %s", call.Method, call.Path, reply)
		}
	}
}

// Incident 32 (harbor#23750): a limit on signing in was told as absence, and
// clients went elsewhere. Whoever is limited is told so, wherever they ask.
func TestIncident32(t *testing.T) {
	w := newWorld(t, "SECURITY__SIGNIN_ATTEMPTS=1")
	wrong := house.Token("igt_wrong")
	for range 20 {
		w.Do(t, house.Call{Path: w.native("open", "composer/packages.json"), As: wrong})
	}
	for _, path := range []string{
		w.native("open", "composer/packages.json"), w.native("vault", "composer/p2/acme/none.json"), w.native("open", "generic/none"),
		w.rest("open", ""), "/project/ann/vault.git/info/refs?service=git-upload-pack",
	} {
		reply := w.Want(t, http.StatusTooManyRequests, house.Call{Path: path, As: wrong})
		if reply.Header.Get("Retry-After") == "" {
			t.Errorf("%s does not say for how long", path)
		}
		// A right token is no attempt at guessing.
		if reply := w.Do(t, house.Call{Path: path, As: w.ann}); reply.Status == http.StatusTooManyRequests {
			t.Errorf("%s with a right token: %s", path, reply)
		}
	}
}
