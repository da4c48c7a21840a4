package registry_test

import (
	"testing"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
	"ingot.dev/services/registry"
)

func TestWords(t *testing.T) {
	h := newHouse(t, registry.Config{})
	for _, v := range []struct{ name, version string }{
		{"plain", "1.0.0"},
		{"early", "0.1.0-rc1"},
		{"ahead", "1.0.0"},
		{"ahead", "2.0.0-rc1"},
		{"behind", "1.0.0-rc1"},
		{"behind", "1.0.0"},
		{"regretted", "1.0.0"},
		{"regretted", "1.0.1"},
	} {
		h.publish(t, v.name, v.version)
	}
	if err := h.reg.Edit(t.Context(), "regretted", format.Yank{Version: "1.0.1", On: true}); err != nil {
		t.Fatal(err)
	}
	list, _, err := h.List(t.Context(), registry.List{Scopes: []scope.Ref{h.scope.Ref}, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	words, err := h.Words(t.Context(), list)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		want := map[string]registry.Words{
			"early": {Prerelease: true}, "ahead": {Next: "2.0.0-rc1"}, "regretted": {Yanked: "1.0.1"},
		}[p.Name]
		if got, ok := words[p.UUID]; !ok || got != want {
			t.Errorf("%s has %+v, want %+v", p.Name, got, want)
		}
	}
	if words, err := h.Words(t.Context(), nil); err != nil || len(words) != 0 {
		t.Errorf("no packages have %v, %v", words, err)
	}
}

func TestKnown(t *testing.T) {
	h := newHouse(t, registry.Config{})
	h.publish(t, "Lamp", "1.0.0")
	lamp, err := h.reg.Package(t.Context(), "lamp")
	if err != nil {
		t.Fatal(err)
	}
	known, err := h.Known(t.Context(), h.scope.Ref, h.Kind("toy"), []string{"Lamp", "LAMP", "Chair"})
	if err != nil || len(known) != 2 || known["Lamp"] != lamp.UUID || known["LAMP"] != lamp.UUID {
		t.Errorf("known are %v, %v", known, err)
	}
	known, err = h.Known(t.Context(), scope.Ref{Kind: scope.Project, ID: 8}, h.Kind("toy"), []string{"Lamp"})
	if err != nil || len(known) != 0 {
		t.Errorf("another scope knows %v, %v", known, err)
	}
}

func TestFileOf(t *testing.T) {
	h := newHouse(t, registry.Config{})
	h.publish(t, "Lamp", "1.0.0", "lamp.bin=light")
	h.publish(t, "Chair", "1.0.0", "chair.bin=wood")
	lamp, err := h.reg.Package(t.Context(), "Lamp")
	if err != nil {
		t.Fatal(err)
	}
	file := func(name string) *format.File {
		f, err := h.reg.File(t.Context(), format.FileRef{Package: name, Version: "1.0.0", File: name + ".bin"})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	f, err := h.FileOf(t.Context(), h.scope.Ref, lamp.UUID, file("Lamp").UUID)
	if err != nil || f.Name != "lamp.bin" || f.Version != "1.0.0" || f.Package != "Lamp" || f.VersionID == 0 {
		t.Errorf("found %+v, %v", f, err)
	}
	_, err = h.FileOf(t.Context(), h.scope.Ref, lamp.UUID, file("Chair").UUID)
	want(t, err, fault.NotFound)
	_, err = h.FileOf(t.Context(), scope.Ref{Kind: scope.Project, ID: 8}, lamp.UUID, f.UUID)
	want(t, err, fault.NotFound)
	r, err := h.bind(forge.ReadPackages).Open(t.Context(), f)
	if err != nil {
		t.Fatalf("it cannot be read: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}
