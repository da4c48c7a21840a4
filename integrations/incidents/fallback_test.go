package incidents

import (
	"net"
	"net/http"
	"strings"
	"testing"

	"ingot.dev/integrations/house"
	"ingot.dev/modules/formats/pypi/pypitest"
)

// elsewhere is an index that nobody may ask but clients.
type elsewhere struct {
	net.Listener
	asked chan string
}

func newElsewhere(t *testing.T) *elsewhere {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	e := &elsewhere{l, make(chan string, 1)}
	server := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case e.asked <- r.URL.String():
		default:
		}
	})}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return e
}

// index sets the address of the index for other projects, by the page.
func (w *world) index(t *testing.T, project, address string) house.Reply {
	t.Helper()
	session := house.Cookie(w.Session(t, w.annUser))
	return w.Do(t, form("/project/ann/"+project+"/package/settings/pypi", session, "fallback", address))
}

// Incident 26 (dependency confusion, 2021): a public package outranked the
// internal one of its name. Names that nobody has here lead to another index;
// one that is here is never looked for there, in whatever spelling, whichever
// of its versions is wanted, and whether or not its reader may see it. The
// server itself asks nobody.
func TestIncident26(t *testing.T) {
	w := newWorld(t)
	other := newElsewhere(t)
	address := "http://" + other.Addr().String() + "/simple/"
	for _, project := range []string{"open", "vault"} {
		if reply := w.index(t, project, address); reply.Status != http.StatusSeeOther {
			t.Fatal(reply)
		}
		wheel := pypitest.Wheel("acme_money", "1.0.0")
		if reply := w.twine(t, w.ann, project, "acme-money", "1.0.0", "acme_money-1.0.0-py3-none-any.whl", wheel); reply.Status != http.StatusOK {
			t.Fatal(reply)
		}
	}
	ask := func(project, path string, as house.Proof) (status int, location string) {
		reply := w.Do(t, house.Call{Path: w.native(project, "pypi/"+path), As: as})
		return reply.Status, reply.Header.Get("Location")
	}
	if status, to := ask("open", "simple/requests/", nil); status != http.StatusFound || to != address+"requests/" {
		t.Errorf("a name that nobody has: %d to %q", status, to)
	}
	for _, spelling := range []string{"acme-money", "Acme.Money", "ACME__MONEY", "acme_money"} {
		for _, path := range []string{
			"simple/" + spelling + "/", "simple/" + spelling, "pypi/" + spelling + "/json", "pypi/" + spelling + "/9.9.9/json",
			"files/" + spelling + "/9.9.9/acme_money-9.9.9-py3-none-any.whl",
		} {
			for project, readers := range map[string][]house.Proof{"open": {nil, w.ann, w.ben}, "vault": {nil, w.ann, w.ben}} {
				for _, as := range readers {
					if status, to := ask(project, path, as); strings.Contains(to, other.Addr().String()) {
						t.Errorf("%s of %s: %d to %q", path, project, status, to)
					}
				}
			}
		}
	}
	// Who may not see the registry is not led anywhere by it.
	for _, as := range []house.Proof{nil, w.ben} {
		if status, to := ask("vault", "simple/requests/", as); status != 401 && status != 404 || to != "" {
			t.Errorf("a stranger: %d to %q", status, to)
		}
	}
	if status, _ := ask("open", "simple/acme-money/", nil); status != http.StatusOK {
		t.Errorf("what is here: %d", status)
	}
	select {
	case path := <-other.asked:
		t.Errorf("the server itself asked for %s", path)
	default:
	}
}

// Incident 27: a name that was deleted fell through to the public registry. It
// stays reserved, when its versions went one by one too, and after everything
// was cleaned away.
func TestIncident27(t *testing.T) {
	w := newWorld(t)
	const address = "https://mirror.example/simple/"
	if reply := w.index(t, "open", address); reply.Status != http.StatusSeeOther {
		t.Fatal(reply)
	}
	for _, name := range []string{"whole", "parts"} {
		for _, version := range []string{"1.0.0", "2.0.0"} {
			if reply := w.twine(t, w.ann, "open", name, version, name+"-"+version+"-py3-none-any.whl", pypitest.Wheel(name, version)); reply.Status != http.StatusOK {
				t.Fatal(reply)
			}
		}
	}
	deleted := func(path string) {
		t.Helper()
		if reply := w.Do(t, house.Call{Method: http.MethodPost, Path: path, As: w.ann}); reply.Status/100 != 2 {
			t.Fatalf("%s: %s", path, reply)
		}
	}
	deleted(w.rest("open", w.ids(t, w.ann, "open", "whole").pkg+"/delete"))
	parts := w.ids(t, w.ann, "open", "parts").pkg
	deleted(w.rest("open", parts+"/1.0.0/delete"))
	deleted(w.rest("open", parts+"/2.0.0/delete"))
	for _, when := range []string{"at once", "after a collection"} {
		for _, name := range []string{"whole", "parts", "unknown"} {
			reply := w.Do(t, house.Call{Path: w.native("open", "pypi/simple/"+name+"/")})
			led := reply.Status == http.StatusFound && reply.Header.Get("Location") == address+name+"/"
			if led != (name == "unknown") || !led && reply.Status != http.StatusNotFound {
				t.Errorf("%s %s: %s to %q", name, when, reply, reply.Header.Get("Location"))
			}
		}
		if _, err := w.Registry.Collect(t.Context(), false); err != nil {
			t.Fatal(err)
		}
	}
}

// Incident 9 (GitLab MR 158593): the password for another registry stood in an
// address that readers were told. An address with one is not taken, nor one of
// a kind that no client should be led to.
func TestIncident09(t *testing.T) {
	w := newWorld(t)
	for _, address := range []string{
		"https://user:secret@mirror.example/simple/", "https://token@mirror.example/simple/", "https://mirror.example/simple/?token=secret",
		"http://mirror.example/simple/", "javascript:alert(1)", "//mirror.example/simple/", "file:///etc/passwd",
	} {
		if reply := w.index(t, "open", address); reply.Status < 400 || reply.Status > 499 {
			t.Errorf("%s: %d", address, reply.Status)
		}
		w.Want(t, http.StatusNotFound, house.Call{Path: w.native("open", "pypi/simple/unknown/")})
	}
}
