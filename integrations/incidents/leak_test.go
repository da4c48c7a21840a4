package incidents

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"ingot.dev/integrations/house"
	"ingot.dev/modules/forge"
)

// Incident 4 (gitea#37643): Composer's metadata told the address of a private
// repository to readers who may read the packages but not the repository. What
// is kept for one class of readers must not reach another, by the copy of the
// server or by that of the client.
func TestIncident04(t *testing.T) {
	w := newWorld(t)
	w.Want(t, 200, house.Call{Method: http.MethodPost, Path: w.native("vault", "composer?tag=v1.0.0"), As: w.ann})
	full := house.Token(w.Token(t, w.annUser, forge.GrantPackagesRead|forge.GrantRepositoryRead, nil))
	packagesOnly := house.Token(w.Token(t, w.annUser, forge.GrantPackagesRead, nil))
	clone := w.Root + "/project/ann/vault.git"
	for _, path := range []string{"composer/p2/acme/money.json", "composer/search.json?q=money"} {
		path = w.native("vault", path)
		for i, who := range []house.Proof{packagesOnly, full, packagesOnly, full} {
			reply := w.Want(t, 200, house.Call{Path: path, As: who})
			told := strings.Contains(strings.ReplaceAll(string(reply.Body), `\/`, "/"), clone)
			if may := i%2 == 1; told != may {
				t.Errorf("%s, asked %d times before: the repository is told: %v, want %v", path, i, told, may)
			}
			tag := reply.Header.Get("ETag")
			if tag == "" {
				continue // it is not kept
			}
			other := packagesOnly
			if i%2 == 0 {
				other = full
			}
			w.Want(t, 200, house.Call{Path: path, As: other, Header: http.Header{"If-None-Match": {tag}}})
			w.Want(t, 304, house.Call{Path: path, As: who, Header: http.Header{"If-None-Match": {tag}}})
			if vary := reply.Header.Get("Vary"); !strings.Contains(vary, "Authorization") || !strings.Contains(reply.Header.Get("Cache-Control"), "private") {
				t.Errorf("%s may be kept by others: %v", path, reply.Header)
			}
		}
	}
}

// Incident 21 (npm 2021): private names where everybody reads them. An address
// whose owner is a company or a user must not tell that a hidden one is there.
func TestIncident21Owner(t *testing.T) {
	w := newWorld(t)
	w.Company(t, "hidden", w.annUser, true)
	for _, path := range []string{"/api/packages/%s/composer/packages.json", "/company/%s/package/-/composer/packages.json", "/registry/company/%s/package", "/company/%s"} {
		for _, who := range []house.Proof{nil, w.ben} {
			ask := func(owner string) string {
				reply := w.Do(t, house.Call{Path: fmt.Sprintf(path, owner), As: who})
				_, body, _ := strings.Cut(string(reply.Body), `"status"`) // before it is the time
				if body == "" {
					body = string(reply.Body)
				}
				return fmt.Sprint(reply.Status, strings.ReplaceAll(body, owner, "OWNER"))
			}
			if hidden, absent := ask("hidden"), ask("absent"); hidden != absent {
				t.Errorf("%s: a hidden company answers %s, an absent one %s", path, hidden, absent)
			}
		}
	}
}

// world is an Ingot with some people and places.
type world struct {
	*house.House
	annUser, benUser hostUser
	ann, ben         house.Proof // each owns a project and no other's
}

func newWorld(t *testing.T, settings ...string) *world {
	t.Helper()
	w := &world{House: house.Serve(t, settings...)}
	w.annUser, w.benUser = w.User(t, "ann"), w.User(t, "ben")
	w.ann = house.Token(w.Token(t, w.annUser, forge.AllGrants, nil))
	w.ben = house.Token(w.Token(t, w.benUser, forge.AllGrants, nil))
	source := house.Repository(t, "v1.0.0", map[string]string{"composer.json": `{"name": "acme/money"}`, "a.txt": "a"})
	w.Project(t, w.annUser.Ref(), "open", false, source)
	w.Project(t, w.annUser.Ref(), "vault", true, source)
	w.Project(t, w.benUser.Ref(), "own", false, source)
	return w
}

var owners = map[string]string{"open": "ann", "vault": "ann", "own": "ben"}

func (w *world) native(project, path string) string {
	return fmt.Sprintf("/project/%s/%s/package/-/%s", owners[project], project, path)
}

func (w *world) rest(project, path string) string {
	return strings.TrimSuffix(fmt.Sprintf("/registry/project/%s/%s/package/%s", owners[project], project, path), "/")
}
