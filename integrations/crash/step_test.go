package crash

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// step is a named step of the program. done tells whether what is under way
// there has happened for good.
type step struct {
	name string
	done bool
}

// The steps of a publication, in order. Those of the store's Put are passed
// over where the bytes are stored already.
var (
	publishing = []step{
		{"publish:staged", false},
		{"publish:leased", false},
		{"put:written", false},
		{"put:synced", false},
		{"put:renamed", false},
		{"put:done", false},
		{"publish:stored", false},
		{"publish:committed", true},
	}
	deleting = []step{
		{"delete:begin", false},
		{"delete:committed", true},
	}
	// The steps that store a part of an upload, the whole of it, or bytes that
	// are held; and the last one of each.
	keeping = slices.Concat(
		[]step{{"session:staged", false}, {"session:leased", false}},
		publishing[2:6],
		[]step{{"session:stored", false}},
	)
	ending = []step{
		{"session:committed", true},
		{"session:finished", true},
		{"hold:committed", true},
	}
	// delete:done is the store's deletion of one object.
	collecting = []step{
		{"gc:expired", false},
		{"gc:found", false},
		{"gc:buried", false},
		{"delete:done", false},
		{"gc:deleted", false},
	}
)

// noise gives bytes that no compression or deduplication gets hold of.
func noise(seed uint64, n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8), byte(seed >> 16), byte(seed >> 24)}).Read(b)
	return b
}

const (
	small = 10 << 10  // staged in memory
	large = 700 << 10 // staged in a file
)

// stage is what all cases begin with: packages that were published and
// answered, and one that was deleted.
func (l *ledger) stage(c client) error {
	return errors.Join(
		l.publish(c, "keep/1.0.0/small.bin", noise(1, small)),
		l.publish(c, "keep/1.0.0/large.bin", noise(2, large)),
		l.publish(c, "keep/2.0.0/small.bin", noise(3, small)),
		l.publish(c, "lone/1.0.0/small.bin", noise(4, small)),
		l.publish(c, "gone/1.0.0/small.bin", noise(5, small)),
		l.publish(c, "gone/1.0.0/large.bin", noise(6, large)),
		l.publish(c, "gone/1.0.0/shared.bin", noise(1, small)),
		l.remove(c, "gone/1.0.0"),
	)
}

// TestKilledAtEachStep kills a server at each step of each kind of work.
func TestKilledAtEachStep(t *testing.T) {
	t.Parallel()
	for _, w := range []struct {
		name  string
		steps []step
		path  string
		body  []byte // nil: delete
	}{
		{"publish small", publishing, "new/1.0.0/new.bin", noise(7, small)},
		{"publish large", publishing, "new/1.0.0/new.bin", noise(8, large)},
		{"publish into a version", publishing, "keep/1.0.0/new.bin", noise(9, small)},
		{"publish stored bytes", stored(publishing), "new/1.0.0/new.bin", noise(2, large)},
		{"publish deleted bytes", stored(publishing), "new/1.0.0/new.bin", noise(5, small)},
		{"delete file", deleting, "keep/1.0.0/large.bin", nil},
		{"delete version", deleting, "keep/1.0.0", nil},
		{"delete last file of a version", deleting, "keep/2.0.0/small.bin", nil},
		{"delete last version", deleting, "lone/1.0.0", nil},
		{"collect", collecting, "", nil},
	} {
		for i, s := range w.steps {
			t.Run(w.name+"/"+s.name, func(t *testing.T) {
				t.Parallel()
				h, l := newHouse(t), newLedger()
				server := h.start(t, brief, 0)
				if err := errors.Join(l.stage(server.client), server.order(arm+s.name)); err != nil {
					t.Fatal(err)
				}
				act := func(c client) error { return l.publish(c, w.path, w.body) }
				switch {
				case w.path == "":
					act = func(client) error { return server.order(collect) }
				case w.body == nil:
					act = func(c client) error { return l.remove(c, w.path) }
				}
				if err := act(server.client); err == nil {
					t.Fatal("the work was answered, though the server had to die")
				}
				server.died(t)
				server.quiet(t)
				wanted := len(l.doubt)

				if i == 0 { // the command, once for each kind of work
					if out, err := h.ingot(t, "doctor"); err != nil || out != "The registry is whole." {
						t.Errorf("ingot doctor: %q, %v", out, err)
					}
				}
				app, c := h.open(t)
				whole := func() {
					t.Helper()
					if found, err := examine(t.Context(), app, false); err != nil || len(found) > 0 {
						t.Errorf("doctor: %+v, %v", found, err)
					}
				}
				whole()
				if (wanted > 0) != (w.path != "") {
					t.Fatalf("%d files are in doubt", wanted)
				}
				after := l.doubt
				if err := l.settle(c); err != nil {
					t.Fatal(err)
				}
				for path, content := range after {
					if happened := cmp.Equal(l.files[path], content); happened != s.done {
						t.Errorf("%s: happened: %v, want %v", path, happened, s.done)
					}
				}
				if w.path != "" { // the same again, as a client would: done now, or refused for what is there
					if err := act(c); err != nil {
						t.Errorf("again: %v", err)
					}
				}
				if err := l.settle(c); err != nil {
					t.Error(err)
				}
				time.Sleep(2 * brief)
				if _, err := app.Registry.Collect(t.Context(), false); err != nil {
					t.Error(err)
				}
				whole()
				if err := l.settle(c); err != nil {
					t.Error(err)
				}
				if diff := cmp.Diff(l.digests(), h.objects(t)); diff != "" {
					t.Errorf("objects that are stored (+) and should be (-):\n%s", diff)
				}
				if left := append(h.files(t, "blobs/incoming"), h.files(t, "spool")...); len(left) > 0 {
					t.Errorf("left over: %q", left)
				}
			})
		}
	}
}

// stored leaves the steps of the store out.
func stored(steps []step) []step {
	return slices.DeleteFunc(slices.Clone(steps), func(s step) bool { return strings.HasPrefix(s.name, "put:") })
}

// objects lists the digests of what is stored, in order.
func (h *house) objects(t *testing.T) []string {
	names := h.files(t, "blobs/objects")
	for i := range names {
		names[i], _, _ = strings.Cut(names[i], "-")
	}
	slices.Sort(names)
	return names
}

// TestStepsAreKnown finds the calls of step functions in the source: each name
// is in the tables above, so that no step can be added without its crash.
func TestStepsAreKnown(t *testing.T) {
	t.Parallel()
	var known []string
	for _, s := range slices.Concat(publishing, deleting, stored(keeping), ending, collecting) {
		known = append(known, s.name)
	}
	slices.Sort(known)
	var found []string
	for _, root := range []string{"../../services", "../../modules", "../../models", "../../routers"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if name, ok := stepCall(n); ok {
					found = append(found, name)
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(found)
	if diff := cmp.Diff(known, found); diff != "" {
		t.Errorf("steps of the program (+) and of the tables (-):\n%s", diff)
	}
}

// stepCall recognises x.Step("name") and x.step("name").
func stepCall(n ast.Node) (name string, ok bool) {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return "", false
	}
	fn, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !strings.EqualFold(fn.Sel.Name, "step") {
		return "", false
	}
	literal, ok := call.Args[0].(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return "", false
	}
	name, err := strconv.Unquote(literal.Value)
	return name, err == nil
}
