package crash

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ingot.dev"
	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
)

// layers is a package that has no versions, only bytes.
const layers = "layers"

// An upload of two parts.
var first, second = noise(20, large), noise(21, small)

// publisher is the registry that an upload goes into, as a handler has it.
func publisher(ctx context.Context, app *ingot.App, need forge.Permission) (format.Registry, error) {
	sc, err := app.Forge.Resolve(ctx, scope.Path{Kind: scope.User, Owner: user})
	if err != nil {
		return nil, err
	}
	return app.Registry.Bind(app.Registry.Kind("generic"), sc, forge.Actor{ID: sc.ID, Name: user}, need, format.Transport), nil
}

// uploading does one request of an upload: "append" the second part to the
// session of an id, "finish" it as what it has, or "hold" the second part by
// itself.
func uploading(ctx context.Context, app *ingot.App, order string) error {
	reg, err := publisher(ctx, app, forge.PublishPackages)
	if err != nil {
		return err
	}
	what, id, _ := strings.Cut(order, " ")
	if what == "hold" {
		_, err := reg.Hold(ctx, layers, blob.FromBytes(bytes.Clone(second)))
		return err
	}
	s, err := reg.Session(ctx, layers, id)
	if err != nil {
		return err
	}
	switch what {
	case "append":
		_, err = reg.Append(ctx, s, int64(len(first)), bytes.NewReader(second))
	case "finish":
		_, err = reg.Finish(ctx, s, "sha256:"+digest(slices.Concat(first, second)[:s.Size]))
	default:
		err = fmt.Errorf("an upload knows no %q", what)
	}
	return err
}

// read gives bytes of the package of uploads, nil where it has none of the digest.
func read(t *testing.T, reg format.Registry, digest string) []byte {
	t.Helper()
	f, err := reg.Blob(t.Context(), layers, digest)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	r, err := reg.Open(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// TestUploadKilledAtEachStep kills a server at each step of an upload in
// parts. What was begun goes on at the next server.
func TestUploadKilledAtEachStep(t *testing.T) {
	t.Parallel()
	both := slices.Concat(first, second)
	for _, w := range []struct {
		name, what string
		parts      [][]byte // that are there before
		steps      []step
		content    []byte // in the end
	}{
		{"append", "append", [][]byte{first}, slices.Concat(keeping, ending[:1]), both},
		{"finish one part", "finish", [][]byte{first}, ending[1:2], first},
		{"finish two parts", "finish", [][]byte{first, second}, slices.Concat(keeping, ending[1:2]), both},
		{"hold", "hold", nil, slices.Concat(keeping, ending[2:]), second},
	} {
		for _, s := range w.steps {
			t.Run(w.name+"/"+s.name, func(t *testing.T) {
				t.Parallel()
				ctx := t.Context()
				h, l := newHouse(t), newLedger()
				app, c := h.open(t)
				reg, err := publisher(ctx, app, forge.PublishPackages)
				if err := errors.Join(err, l.stage(c)); err != nil {
					t.Fatal(err)
				}
				u, err := reg.Begin(ctx, layers)
				for _, part := range w.parts {
					if err == nil {
						u, err = reg.Append(ctx, u, u.Size, bytes.NewReader(part))
					}
				}
				if err != nil {
					t.Fatal(err)
				}
				size := u.Size
				server := h.start(t, brief, 0)
				if err := server.order(arm + s.name); err != nil {
					t.Fatal(err)
				}
				act := w.what + " " + u.ID
				if err := server.order(upload + act); err == nil {
					t.Fatal("the work was answered, though the server had to die")
				}
				server.died(t)
				server.quiet(t)

				app, c = h.open(t)
				if reg, err = publisher(ctx, app, forge.PublishPackages); err != nil {
					t.Fatal(err)
				}
				whole := func() {
					t.Helper()
					if found, err := examine(ctx, app, false); err != nil || len(found) > 0 {
						t.Errorf("doctor: %+v, %v", found, err)
					}
				}
				collected := func(want []string) {
					t.Helper()
					time.Sleep(2 * brief)
					if _, err := app.Registry.Collect(ctx, false); err != nil {
						t.Error(err)
					}
					whole()
					slices.Sort(want)
					if diff := cmp.Diff(want, h.objects(t)); diff != "" {
						t.Errorf("objects that are stored (+) and should be (-):\n%s", diff)
					}
				}
				whole()
				sum := "sha256:" + digest(w.content)
				happened := read(t, reg, sum) != nil
				if w.what == "append" {
					if u, err = reg.Session(ctx, layers, u.ID); err != nil {
						t.Fatal(err)
					}
					happened = u.Size == size+int64(len(second))
					if !happened && u.Size != size {
						t.Errorf("%d bytes of a part were appended", u.Size-size)
					}
				}
				if happened != s.done {
					t.Errorf("happened: %v, want %v", happened, s.done)
				}
				if !happened {
					if err := uploading(ctx, app, act); err != nil {
						t.Errorf("again: %v", err)
					}
				}
				if w.what == "append" {
					if err := uploading(ctx, app, "finish "+u.ID); err != nil {
						t.Error(err)
					}
				}
				if w.what == "hold" { // the session of nothing is left over
					if err := reg.Cancel(ctx, u); err != nil {
						t.Error(err)
					}
				}
				collected(append(l.digests(), digest(w.content)))
				if !bytes.Equal(read(t, reg, sum), w.content) {
					t.Error("other bytes were uploaded")
				}
				if err := l.settle(c); err != nil {
					t.Error(err)
				}
				if reg, err = publisher(ctx, app, forge.DeletePackages); err != nil {
					t.Fatal(err)
				}
				if err := reg.Drop(ctx, layers, sum); err != nil {
					t.Error(err)
				}
				collected(l.digests())
				if left := append(h.files(t, "blobs/incoming"), h.files(t, "spool")...); len(left) > 0 {
					t.Errorf("left over: %q", left)
				}
			})
		}
	}
}
