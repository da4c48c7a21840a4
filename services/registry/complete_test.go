package registry_test

import (
	"bytes"
	"testing"

	"ingot.dev/modules/blob"
	"ingot.dev/modules/format"
	"ingot.dev/services/registry"
)

// Large uploads get their other digests later, and whoever needs one at once
// has it taken.
func TestDigestsAreCompleted(t *testing.T) {
	h := newHouse(t, registry.Config{})
	ctx := t.Context()
	content := bytes.Repeat([]byte("layer "), 500_000) // more than the spool holds in memory
	all, err := blob.Sum(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	push := func(pkg, digest string) *format.File {
		t.Helper()
		s, err := h.reg.Begin(ctx, pkg)
		if err == nil {
			s, err = h.reg.Append(ctx, s, 0, bytes.NewReader(content))
		}
		if err != nil {
			t.Fatal(err)
		}
		f, err := h.reg.Finish(ctx, s, digest)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	if f := push("app", "sha256:"+all.SHA256); f.Digests.MD5 != "" || f.Digests.SHA256 != all.SHA256 {
		t.Errorf("at first: %+v", f.Digests)
	}
	if err := h.Complete(ctx); err != nil {
		t.Fatal(err)
	}
	if f, err := h.reg.Blob(ctx, "app", "sha512:"+all.SHA512); err != nil || f.Digests != all {
		t.Errorf("in the end: %+v, %v", f, err)
	}

	content = append(content, '!')
	if all, err = blob.Sum(bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	if f := push("app", "sha512:"+all.SHA512); f.Digests != all {
		t.Errorf("by its sha512: %+v", f.Digests)
	}

	content = append(content, '!')
	if all, err = blob.Sum(bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	push("app", "sha256:"+all.SHA256)
	h.publish(t, "lamp", "1.0.0", "lamp.bin="+string(content)) // by a way that needs them all
	f, err := h.reg.File(ctx, format.FileRef{Package: "lamp", Version: "1.0.0", File: "lamp.bin"})
	if err != nil || f.Digests != all {
		t.Errorf("published: %+v, %v", f, err)
	}
	h.whole(t)
}
