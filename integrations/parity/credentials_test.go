package parity

import (
	"bytes"
	"fmt"
	"net/http"
	"testing"

	"ingot.dev/integrations/house"
	"ingot.dev/modules/forge"
)

// credentials: on the registry host, where clients speak the format's own
// protocol, an alias and an e-mail address are names, a transport token and the
// password are passwords, and a token goes by itself too.
func (k *kind) credentials(t *testing.T) {
	p := k.project(t, k.ann.Ref(), true)
	k.publish(t, p, k.Name, v1)
	token := k.Token(t, k.ann, forge.Transport, nil)
	version := 2
	for who, as := range map[string]house.Proof{
		"alias and token":     house.Basic("ann", token),
		"e-mail and token":    house.Basic("ann@example.com", token),
		"alias and password":  house.Basic("ann", k.Password("ann")),
		"e-mail and password": house.Basic("ann@example.com", k.Password("ann")),
		"token":               house.Token(token),
		"bearer":              house.Bearer(token),
	} {
		got := k.Do(t, house.Call{Path: p.native(k.id, k.File(k.Name, v1)), As: as})
		if got.Status != http.StatusOK || !bytes.Equal(got.Body, k.Bytes(k.Name, v1)) {
			t.Errorf("%s: %s", who, got)
		}
		put := k.own(p, k.Name, fmt.Sprintf("%d.0.0", version))
		put.As = as
		if got := k.Do(t, put); got.Status/100 != 2 {
			t.Errorf("%s publishes: %s", who, got)
		}
		version++
		if got := k.Do(t, house.Call{Path: p.rest(""), As: as}); got.Status != http.StatusOK { // more than the original takes there
			t.Errorf("%s at the API: %s", who, got)
		}
	}
	for who, as := range map[string]house.Proof{
		"nobody": nil, "a wrong token": house.Token("igt_wrong"), "another's name": house.Basic("root", token),
		"a wrong password": house.Basic("ann", k.Password("root")),
	} {
		k.Want(t, http.StatusUnauthorized, house.Call{Path: p.native(k.id, k.File(k.Name, v1)), As: as})
		put := k.own(p, k.Name, "99.0.0")
		put.As = as
		if got := k.Want(t, http.StatusUnauthorized, put); got.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s is not asked for another credential", who)
		}
	}
}

// The request that the documentation shows: an administrator's e-mail address
// and password make a Composer package of a tag.
func TestComposerFromTag(t *testing.T) {
	w := newWorld(t)
	u := w.Admin(t, "adminuser")
	source := house.Repository(t, "v1.2.3", map[string]string{"composer.json": `{"name": "acme/money"}`, "src/Money.php": "<?php\n"})
	p := place{w.Project(t, u.Ref(), "test_project", false, source).Path(), house.Token(w.Token(t, u, forge.AllGrants, nil))}
	make := func(path, tag string, as house.Proof) house.Call {
		return house.Call{Method: http.MethodPost, Path: path + "/package/-/composer?tag=" + tag, As: as}
	}
	const address = "/project/adminuser/test_project"
	basic := house.Basic("adminuser@example.com", w.Password("adminuser"))
	w.Want(t, http.StatusForbidden, make(address, "v1.2.3", w.stranger))
	w.Want(t, http.StatusNotFound, make(address, "v6.6.6", basic))
	w.Want(t, http.StatusNotFound, make("/project/adminuser/absent", "v1.2.3", basic))
	w.Want(t, http.StatusOK, make(address, "v1.2.3", basic))
	w.Want(t, http.StatusConflict, make(address, "v1.2.3", basic))
	k := &kind{world: w, id: "composer", Sample: sampleOf(t, "composer")}
	_, versions := k.one(t, p, "acme/money")
	if len(versions) != 1 || versions[0].Version != "1.2.3" {
		t.Errorf("there are %+v", versions)
	}
	shown := w.Want(t, http.StatusOK, house.Call{Path: p.rest("composer/acme/money/1.2.3"), As: p.as})
	if !bytes.HasPrefix(shown.Body, []byte("PK\x03\x04")) {
		t.Errorf("it is %s", shown)
	}
}
