// Package contract is what every format must pass, over HTTP on a whole
// Ingot. A format brings its sample, which is what its clients send to publish
// and where they look for it. One without a sample fails.
package contract

import (
	"fmt"
	"net/http"
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
	"ingot.dev/services/registry"
)

// limit is what a file may have, in bytes.
const limit = 1 << 20

// TestContract runs every clause for every format.
func TestContract(t *testing.T) {
	w, samples := newWorld(t), alltest.Samples()
	seen := map[string]bool{}
	for _, f := range all.All() {
		id := f.Info().ID
		seen[id] = true
		t.Run(id, func(t *testing.T) {
			s, ok := samples[id]
			if !ok {
				t.Fatalf("the format %s has no line in modules/formats/all/alltest: say there what its clients send", id)
			}
			if s.Documents == nil {
				s.Documents = nothing
			}
			if s.Lists == nil {
				s.Lists = nothing
			}
			c := &contract{world: w, format: f, id: id, Sample: s}
			for _, clause := range clauses {
				t.Run(clause.name, func(t *testing.T) { clause.check(c, t) })
			}
		})
	}
	for id := range samples {
		if !seen[id] {
			t.Errorf("there is a sample of %s, which is no format", id)
		}
	}
	// Whatever was done to it: the registry is whole.
	if err := w.Registry.Doctor(t.Context(), false, func(f registry.Finding) {
		t.Errorf("doctor finds %+v", f)
	}); err != nil {
		t.Error(err)
	}
}

// nothing stands for addresses that a format has none of.
func nothing(string, string) []string { return nil }

// clauses is the contract.
var clauses = []struct {
	name  string
	check func(*contract, *testing.T)
}{
	{"routes are told apart", (*contract).routes},
	{"other methods are refused with those there are", (*contract).methods},
	{"what is published is fetched, in every scope", (*contract).roundTrip},
	{"the form of the page publishes too", (*contract).page},
	{"HEAD is GET without a body", (*contract).head},
	{"a copy is revalidated", (*contract).validators},
	{"a change is seen at once", (*contract).change},
	{"ranges of a file", (*contract).ranges},
	{"a file is inert", (*contract).inert},
	{"documents are the same bytes in every encoding", (*contract).encodings},
	{"a version is never replaced", (*contract).republish},
	{"one of many at once", (*contract).atOnce},
	{"a private scope is hidden", (*contract).hidden},
	{"hostile addresses", (*contract).addresses},
	{"hostile names", (*contract).names},
	{"hostile bodies", (*contract).bodiesRefused},
	{"too large a body", (*contract).tooLarge},
	{"half a body", (*contract).half},
	{"what is deleted is gone", (*contract).remove},
	{"downloads are counted", (*contract).downloads},
	{"errors are told in the client's words", (*contract).complaints},
}

// contract is the suite for one format.
type contract struct {
	*world
	format format.Format
	id     string
	formattest.Sample
}

// world is the house that all formats share, and who asks there.
type world struct {
	*house.House
	ann    host.User
	owner  house.Proof // of everything below
	eve    house.Proof // has an account and nothing else
	places []place     // one of each kind
	made   atomic.Int64
}

func newWorld(t *testing.T) *world {
	w := &world{House: house.Serve(t, fmt.Sprintf("PACKAGES__MAX_FILE_SIZE=%d", limit), "PACKAGES__SERVICE_PUBLIC=true")}
	w.ann = w.Admin(t, "ann")
	w.owner = house.Token(w.Token(t, w.ann, forge.AllGrants, nil))
	w.eve = house.Token(w.Token(t, w.User(t, "eve"), forge.AllGrants, nil))
	w.Company(t, "acme", w.ann, false)
	w.places = []place{
		w.project(t, false),
		{scope.Path{Kind: scope.Company, Owner: "acme"}},
		{scope.Path{Kind: scope.User, Owner: "ann"}},
		{scope.Path{Kind: scope.Service}},
	}
	return w
}

// place is an owner of packages.
type place struct{ scope.Path }

// project makes an empty place.
func (w *world) project(t *testing.T, private bool) place {
	t.Helper()
	p := w.Project(t, w.ann.Ref(), fmt.Sprintf("p%d", w.made.Add(1)), private, "")
	return place{p.Path()}
}

// below gives a path below a prefix, or the prefix itself.
func below(prefix, path string) string {
	if path == "" || path[0] == '?' {
		return prefix + path
	}
	return prefix + "/" + path
}

// native gives an address of the format's protocol.
func (c *contract) native(p place, path string) string {
	return below(p.prefix("", "/package/-/")+c.id, path)
}

// rest gives an address of the REST API.
func (c *contract) rest(p place, path string) string {
	return below(p.prefix("/registry", "/package"), path)
}

func (p place) prefix(before, after string) string {
	if p.Kind == scope.Service {
		return before + after
	}
	return before + "/" + p.String() + after
}

// at makes a request of a sample into a call below a prefix, as the owner.
func (c *contract) at(prefix string, r formattest.Request) house.Call {
	return house.Call{Method: r.Method, Path: below(prefix, r.Path), As: c.owner, Body: r.Body, Header: header(r.Header)}
}

// publish publishes a version, by the native protocol.
func (c *contract) publish(t *testing.T, p place, version string) {
	t.Helper()
	call := c.at(c.native(p, ""), c.Put(c.Name, version))
	if reply := c.Do(t, call); reply.Status/100 != 2 {
		t.Fatalf("%s %s: %s", call.Method, call.Path, reply)
	}
}

// get fetches as the owner.
func (c *contract) get(t *testing.T, path string, headers ...string) house.Reply {
	t.Helper()
	return c.Do(t, house.Call{Path: path, As: c.owner, Header: header(headers)})
}

// header makes a header of names and values in turn.
func header(pairs []string) http.Header {
	h := http.Header{}
	for i := 0; i+1 < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}
