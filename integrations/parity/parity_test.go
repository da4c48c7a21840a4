// Package parity holds the REST API against the documented one of GitFlic, which
// it is a copy of: method by method and field by field, for every format and in
// every kind of scope. What a format's packages are, its sample tells.
package parity

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"ingot.dev/integrations/house"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/format/formattest"
	"ingot.dev/modules/formats/all"
	"ingot.dev/modules/formats/all/alltest"
	"ingot.dev/modules/scope"
	host "ingot.dev/services/forge"
)

// TestParity runs every check for every format.
func TestParity(t *testing.T) {
	w, samples := newWorld(t), alltest.Samples()
	for _, f := range all.All() {
		id := f.Info().ID
		t.Run(id, func(t *testing.T) {
			s, ok := samples[id]
			if !ok {
				t.Fatalf("the format %s has no line in modules/formats/all/alltest: say there what its clients send", id)
			}
			k := &kind{world: w, format: f, id: id, Sample: s}
			for _, c := range checks {
				t.Run(c.name, func(t *testing.T) { c.check(k, t) })
			}
		})
	}
}

var checks = []struct {
	name  string
	check func(*kind, *testing.T)
}{
	{"a file comes back as it went in", (*kind).trip},
	{"replies have the documented fields in their order", (*kind).shapes},
	{"lists of packages come in pages", (*kind).packagePages},
	{"lists of versions and files come in pages", (*kind).versionPages},
	{"what is deleted is not found", (*kind).deletes},
	{"roles decide", (*kind).rights},
	{"nobody is told anything", (*kind).strangers},
	{"the service is its administrators'", (*kind).service},
	{"credentials of the registry host", (*kind).credentials},
}

// kind is a format under test.
type kind struct {
	*world
	format format.Format
	id     string
	formattest.Sample
}

// world is a house and who asks there.
type world struct {
	*house.House
	root, ann host.User
	admin     house.Proof // of the service
	owner     house.Proof // Ann, who owns the projects and companies
	stranger  house.Proof // has an account and nothing else
	roles     []member
	made      atomic.Int64
}

// member is somebody with a role in what is Ann's.
type member struct {
	host.User
	role  forge.Role
	proof house.Proof
}

func newWorld(t *testing.T) *world {
	w := &world{House: house.Serve(t, "SECURITY__SIGNIN_ATTEMPTS=1000000")} // more wrong credentials come than people send
	token := func(u host.User) house.Proof { return house.Token(w.Token(t, u, forge.AllGrants, nil)) }
	w.root, w.ann = w.Admin(t, "root"), w.User(t, "ann")
	w.admin, w.owner, w.stranger = token(w.root), token(w.ann), token(w.User(t, "eve"))
	for alias, role := range map[string]forge.Role{
		"gus": forge.Guest, "rita": forge.Reporter, "dan": forge.Developer, "adam": forge.Administrator,
	} {
		u := w.User(t, alias)
		w.roles = append(w.roles, member{u, role, token(u)})
	}
	slices.SortFunc(w.roles, func(a, b member) int { return int(a.role) - int(b.role) })
	return w
}

// place is an owner of packages, and who may do everything there.
type place struct {
	scope.Path
	as house.Proof
}

// places makes an empty owner of each kind. There is one service; who uses it
// leaves it empty.
func (w *world) places(t *testing.T) []place {
	t.Helper()
	alias := fmt.Sprintf("o%d", w.made.Add(1))
	u := w.User(t, alias)
	return []place{
		w.project(t, w.ann.Ref(), false),
		w.company(t, false),
		user(u, house.Token(w.Token(t, u, forge.AllGrants, nil))),
		{scope.Path{Kind: scope.Service}, w.admin},
	}
}

func user(u host.User, as house.Proof) place {
	return place{scope.Path{Kind: scope.User, Owner: u.Alias}, as}
}

func (w *world) project(t *testing.T, owner scope.Ref, private bool) place {
	t.Helper()
	return place{w.Project(t, owner, fmt.Sprintf("p%d", w.made.Add(1)), private, "").Path(), w.owner}
}

func (w *world) company(t *testing.T, private bool) place {
	t.Helper()
	c := w.Company(t, fmt.Sprintf("c%d", w.made.Add(1)), w.ann, private)
	return place{scope.Path{Kind: scope.Company, Owner: c.Alias}, w.owner}
}

// ref gives what a place is to the services, and its public id.
func (w *world) ref(t *testing.T, p place) (scope.Ref, string) {
	t.Helper()
	s, err := w.Forge.Resolve(t.Context(), p.Path)
	if err != nil {
		t.Fatal(err)
	}
	return s.Ref, s.UUID
}

// below gives a path below a prefix, or the prefix itself.
func below(prefix, path string) string {
	if path == "" || path[0] == '?' {
		return prefix + path
	}
	return prefix + "/" + path
}

// rest gives an address of the REST API.
func (p place) rest(path string) string {
	if p.Kind == scope.Service {
		return below("/registry/package", path)
	}
	return below("/registry/"+p.String()+"/package", path)
}

// native gives an address of a format's protocol.
func (p place) native(id, path string) string {
	if p.Kind == scope.Service {
		return below("/registry/package/-/"+id, path)
	}
	return below("/"+p.String()+"/package/-/"+id, path)
}

// publication is the call that publishes a version: by the REST API, or by the
// format's own protocol where that is the only way.
func (k *kind) publication(p place, name, version string) house.Call {
	if k.Rest == nil {
		return k.own(p, name, version)
	}
	r := k.Rest(name, version)
	return house.Call{Method: r.Method, Path: p.rest(r.Path), As: p.as, Body: r.Body, Header: header(r.Header)}
}

// own is the call that publishes a version by the format's own protocol.
func (k *kind) own(p place, name, version string) house.Call {
	r := k.Put(name, version)
	return house.Call{Method: r.Method, Path: p.native(k.id, r.Path), As: p.as, Body: r.Body, Header: header(r.Header)}
}

// publish makes the call, which has to succeed: with 200 by the REST API,
// whose only success that is.
func (k *kind) publish(t *testing.T, p place, name, version string) {
	t.Helper()
	call := k.publication(p, name, version)
	reply := k.Do(t, call)
	if k.Rest != nil && reply.Status != http.StatusOK || reply.Status/100 != 2 {
		t.Fatalf("%s %s: %s", call.Method, call.Path, reply)
	}
}

// header makes a header of names and values in turn.
func header(pairs []string) http.Header {
	h := http.Header{}
	for i := 0; i+1 < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

// pack, version and file are what lists are made of, list the answer.
type (
	pack struct{ ID, Name, Version, Type, OwnerUUID, OwnerType string }

	version struct {
		ID, Version   string
		DownloadCount int
		PackageFiles  []file
	}

	file struct {
		ID, Name, CreatedAt string
		Size                int
	}

	list[T any] struct {
		Embedded map[string][]T `json:"_embedded"`
		Page     struct{ Size, TotalElements, TotalPages, Number int }
	}
)

// The names of the lists.
const (
	packageList = "simplePackageInfoModelList"
	versionList = "simplePackageVersionModelList"
	fileList    = "simplePackageFileModelList"
)

// read decodes the answer to a GET, which has to be there.
func read[T any](t *testing.T, w *world, p place, path string) T {
	t.Helper()
	reply := w.Want(t, http.StatusOK, house.Call{Path: p.rest(path), As: p.as})
	var v T
	if err := json.Unmarshal(reply.Body, &v); err != nil || reply.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("%s of type %q: %s, %v", path, reply.Header.Get("Content-Type"), reply, err)
	}
	return v
}

// one gives a package and its versions, whose names a registry may have spelt
// in a way of its own.
func (k *kind) one(t *testing.T, p place, name string) (pack, []version) {
	t.Helper()
	for _, e := range read[list[pack]](t, k.world, p, "?size=100").Embedded[packageList] {
		if e.Type == k.id && strings.EqualFold(e.Name, name) {
			return e, read[list[version]](t, k.world, p, e.ID+"/version-list?size=100").Embedded[versionList]
		}
	}
	t.Fatalf("%s is not in the list of %s", name, p)
	return pack{}, nil
}

// address is that of a version's file: in the REST API, or in the format's own
// protocol where that is the only way.
func (k *kind) address(t *testing.T, p place, name, version string) string {
	t.Helper()
	if k.RestFile == nil {
		return p.native(k.id, k.File(name, version))
	}
	path := k.RestFile(name, version)
	if !strings.Contains(path, "{") {
		return p.rest(path)
	}
	found, versions := k.one(t, p, name)
	for _, v := range versions {
		if v.Version == version {
			return p.rest(strings.NewReplacer("{packageUuid}", found.ID, "{fileUuid}", v.PackageFiles[0].ID).Replace(path))
		}
	}
	t.Fatalf("%s has no version %s: %+v", name, version, versions)
	return ""
}

// clear deletes a package, in a place that others use too.
func (k *kind) clear(t *testing.T, p place, name string) {
	t.Helper()
	found, _ := k.one(t, p, name)
	k.Want(t, http.StatusOK, house.Call{Method: http.MethodPost, Path: p.rest(found.ID + "/delete"), As: p.as})
}

const v1, v2 = "1.0.0", "2.0.0"

// sampleOf gives the sample of a format that a test is about.
func sampleOf(t *testing.T, id string) formattest.Sample {
	t.Helper()
	s, ok := alltest.Samples()[id]
	if !ok {
		t.Fatalf("there is no sample of %s", id)
	}
	return s
}
