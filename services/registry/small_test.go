package registry_test

import (
	"testing"

	"ingot.dev/modules/fault"
	"ingot.dev/modules/format"
	"ingot.dev/services/registry"
)

// What is kept of a small file is that file's, and of no use without its row.
func TestSmall(t *testing.T) {
	h := newHouse(t, registry.Config{})
	ctx := t.Context()
	ref := format.FileRef{Package: "lamp", Version: "1.0.0", File: "lamp.bin"}
	for _, content := range []string{"light", "", "other light"} {
		h.publish(t, "lamp", "1.0.0", "lamp.bin="+content)
		f, err := h.reg.File(ctx, ref)
		if err != nil {
			t.Fatal(err)
		}
		for _, state := range []string{"cold", "warm"} {
			if b, err := h.Small(ctx, f); err != nil || string(b) != content {
				t.Errorf("%s: %q, %v, want %q", state, b, err, content)
			}
		}
		h.edit(t, "lamp", format.Remove{Version: "1.0.0"})
		if _, err := h.reg.File(ctx, ref); !fault.Is(err, fault.NotFound) {
			t.Errorf("deleted: %v", err)
		}
	}
	if _, err := h.Small(ctx, &format.File{Name: "gone", Key: format.File{}.Key}); err == nil {
		t.Error("a file without an object is given")
	}
}
