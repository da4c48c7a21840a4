package packages_test

import (
	"testing"

	"ingot.dev/models/dbtest"
	"ingot.dev/modules/blob/mem"
	"ingot.dev/modules/blob/spool"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/routers/gate"
	"ingot.dev/routers/packages"
	"ingot.dev/services/access"
	"ingot.dev/services/registry"
)

// open is a format with one route that needs something.
type open struct{ need forge.Permission }

func (open) Info() format.Info { return format.Info{ID: "open", Title: "Open"} }

func (o open) Routes() []format.Route {
	return []format.Route{{
		Name: "get", Method: "GET", Pattern: "{x}", Need: o.need, Handle: func(*format.Request) error { return nil },
	}}
}

func TestRefusesToStartWithAnUnknownPermission(t *testing.T) {
	t.Parallel()
	staging, err := spool.New(t.TempDir(), 1<<10)
	if err != nil {
		t.Fatal(err)
	}
	d := dbtest.New(t)
	for need, starts := range map[forge.Permission]bool{
		0: false, forge.Public: true, forge.ReadPackages: true, forge.Administer: true, forge.Administer + 1: false, 255: false,
	} {
		reg, err := registry.New(d, mem.New(), staging, []format.Format{open{need}}, registry.Config{})
		if err != nil {
			t.Fatal(err)
		}
		started := func() (ok bool) {
			defer func() { ok = recover() == nil }()
			packages.New(packages.Options{Gate: &gate.Gate{Access: access.New(nil, false)}, Registry: reg})
			return true
		}()
		if started != starts {
			t.Errorf("a route that needs permission %d: started %v", need, started)
		}
	}
}
