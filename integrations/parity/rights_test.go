package parity

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"ingot.dev/integrations/house"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/scope"
)

// allowed is what somebody is answered who reads, publishes and deletes.
type allowed struct{ read, publish, remove int }

// rights: in a private project and in a private company who has no role finds
// nothing; Guests and Reporters read, Developers publish, Administrators delete.
func (k *kind) rights(t *testing.T) {
	for _, p := range []place{k.project(t, k.ann.Ref(), true), k.company(t, true)} {
		ref, _ := k.ref(t, p)
		k.publish(t, p, k.Name, v1)
		k.publish(t, p, k.Name, v2)
		k.holds(t, p, k.stranger, "a stranger", allowed{404, 404, 404}, 3)
		for i, m := range k.roles {
			k.Member(t, ref, m.User, m.role)
			want := map[forge.Role]allowed{
				forge.Guest: {200, 403, 403}, forge.Reporter: {200, 403, 403},
				forge.Developer: {200, 200, 403}, forge.Administrator: {200, 200, 200},
			}[m.role]
			k.holds(t, p, m.proof, m.Alias, want, i+4)
		}
	}
}

// strangers: the API asks everybody who they are, even for what is public, and
// a wrong answer is 403 too.
func (k *kind) strangers(t *testing.T) {
	p := k.project(t, k.ann.Ref(), false)
	k.publish(t, p, k.Name, v1)
	k.publish(t, p, k.Name, v2)
	reading := house.Token(k.Token(t, k.ann, forge.GrantPackagesRead, nil))
	for who, proof := range map[string]house.Proof{
		"nobody": nil, "a wrong token": house.Token("igt_wrong"), "an unknown scheme": scheme("Digest username=ann"),
		"the owner's session": house.Cookie(k.Session(t, k.ann)),
	} {
		k.holds(t, p, proof, who, allowed{403, 403, 403}, 3)
	}
	k.holds(t, p, k.stranger, "a stranger", allowed{200, 403, 403}, 3)
	k.holds(t, p, reading, "a token that may read", allowed{200, 403, 403}, 3)
	k.holds(t, p, house.Token(k.Token(t, k.ann, forge.Transport, nil)), "a token that may publish", allowed{200, 200, 403}, 3)
	k.holds(t, p, k.owner, "the owner", allowed{200, 200, 200}, 4)
	absent := place{scope.Path{Kind: scope.Project, Owner: "ann", Name: "absent"}, k.owner}
	call := house.Call{Path: absent.rest(""), As: k.owner}
	failed(t, call, k.Want(t, http.StatusNotFound, call))
}

// service: what is the whole service's, everybody with an account reads and its
// administrators publish and delete.
func (k *kind) service(t *testing.T) {
	p := place{scope.Path{Kind: scope.Service}, k.admin}
	k.publish(t, p, k.Name, v1)
	k.publish(t, p, k.Name, v2)
	k.holds(t, p, nil, "nobody", allowed{403, 403, 403}, 3)
	k.holds(t, p, k.stranger, "a stranger", allowed{200, 403, 403}, 3)
	k.holds(t, p, k.owner, "an owner of projects", allowed{200, 403, 403}, 3)
	k.holds(t, p, k.admin, "an administrator", allowed{200, 200, 200}, 3)
	k.clear(t, p, k.Name)
}

func scheme(value string) house.Proof {
	return func(r *http.Request) { r.Header.Set("Authorization", value) }
}

// holds asks every method of the API as somebody, where there are versions 1
// and 2; what may be published is version n, and what may be deleted is that.
func (k *kind) holds(t *testing.T, p place, as house.Proof, who string, want allowed, n int) {
	t.Helper()
	id, versions := k.one(t, p, k.Name)
	file := versions[len(versions)-1].PackageFiles[0].ID
	ask := func(status int, call house.Call) {
		t.Helper()
		call.As = as
		reply := k.Do(t, call)
		if reply.Status != status {
			t.Errorf("%s asks %s %s: %s, want %d", who, call.Method, call.Path, reply, status)
		}
		if reply.Status >= 400 {
			failed(t, call, reply)
		}
	}
	reads := []string{p.rest(""), p.rest(id.ID), p.rest(id.ID + "/version-list"), p.rest(id.ID + "/package-file"), p.rest(id.ID + "/" + v1)}
	if k.RestFile != nil {
		reads = append(reads, k.address(t, p, k.Name, v1))
	}
	for _, path := range reads {
		ask(want.read, house.Call{Path: path})
		ask(want.read, house.Call{Path: "/rest-api" + path})
	}
	fresh := fmt.Sprintf("%d.0.0", n)
	put := k.publication(p, k.Name, fresh)
	if k.Rest != nil {
		ask(want.publish, put)
	} else {
		put.As = as
		reply := k.Do(t, put)
		unknown := want.publish == http.StatusForbidden && reply.Status == http.StatusUnauthorized // the registry host asks who it is
		if !unknown && reply.Status != want.publish && (want.publish != http.StatusOK || reply.Status/100 != 2) {
			t.Errorf("%s asks %s %s: %s, want %d", who, put.Method, put.Path, reply, want.publish)
		}
	}
	if want.remove == http.StatusOK {
		ask(want.remove, house.Call{Method: http.MethodPost, Path: p.rest(id.ID + "/" + fresh + "/delete")})
		return
	}
	for _, tail := range []string{"/delete", "/" + v1 + "/delete", "/" + v1 + "/" + file + "/delete"} {
		ask(want.remove, house.Call{Method: http.MethodPost, Path: p.rest(id.ID + tail)})
	}
}

// failed holds the body of an error against the documented one.
func failed(t *testing.T, call house.Call, reply house.Reply) {
	t.Helper()
	var got struct {
		Timestamp, Error, Message, Path string
		Status                          int
	}
	if err := json.Unmarshal(reply.Body, &got); err != nil {
		t.Errorf("%s %s: %s, %v", call.Method, call.Path, reply, err)
		return
	}
	u, err := url.Parse(call.Path)
	if err != nil {
		t.Fatal(err)
	}
	if at, err := time.Parse(time.RFC3339, got.Timestamp); err != nil || time.Since(at) > time.Minute || len(got.Message) < 5 {
		t.Errorf("%s %s: %s", call.Method, call.Path, reply)
	}
	got.Status, got.Error, got.Path = reply.Status, http.StatusText(reply.Status), u.EscapedPath()
	shaped(t, "failure", got, reply)
	if reply.Header.Get("WWW-Authenticate") != "" {
		t.Errorf("%s %s: a browser would ask for a password", call.Method, call.Path)
	}
}
