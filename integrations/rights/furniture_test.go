package rights

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"strings"
	"testing"

	"ingot.dev"
	"ingot.dev/modules/blob"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/formats/all"
	"ingot.dev/modules/formats/all/alltest"
	"ingot.dev/modules/scope"
)

// samples are those of all formats.
var samples = alltest.Samples()

// piece is what is in a place of a format: packages with one version, which
// has one file.
type piece struct {
	names                 []string
	version, folder, file string
	known                 map[string]string // parameters that addresses find it by
}

// pieceOf gives that of a format; text is in its file. It is false where the
// format has no sample.
func pieceOf(id, text string) (piece, bool) {
	sample, ok := samples[id]
	if !ok {
		return piece{}, false
	}
	digest := fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(text)))
	stored := sample.Stored
	in := func(s string) string { return strings.ReplaceAll(s, "{digest}", digest) }
	p := piece{names: stored.Names, version: in(stored.Version), folder: in(stored.Folder), file: in(stored.File)}
	if len(p.names) == 0 {
		p.names = []string{sample.Name}
	}
	if p.version == "" {
		p.version = "1.0.0"
	}
	p.known = map[string]string{"package": p.names[0], "version": p.version, "file": p.file}
	if stored.Known != nil {
		maps.Copy(p.known, stored.Known(digest))
	}
	return p, true
}

// known gives what a route's parameters stand for where there is something to
// read in a place.
func (w *world) known(r ingot.Route, at int) map[string]string {
	p, ok := pieceOf(r.Format, mark(at))
	if !ok { // it is of no format
		p, _ = pieceOf(chosen, mark(at))
	}
	known := map[string]string{
		"packageVersion": p.version, "packageUuid": w.uuids[at], "uuid": w.uuids[at], "fileUuid": w.files[at],
		"format": chosen, "path": "README.md", "account": "stan", "member": "gus",
	}
	maps.Copy(known, p.known)
	return known
}

// TestSamples: nothing of a format can be found in a place unless something of
// it is put there.
func TestSamples(t *testing.T) {
	for _, f := range all.All() {
		if _, ok := samples[f.Info().ID]; !ok {
			t.Errorf("the format %s has no line in modules/formats/all/alltest: say there how a package of it lies in a registry", f.Info().ID)
		}
	}
}

// chosen is the format whose package is asked for where any would do.
const chosen = "composer"

// furnish publishes packages of each format in a place.
func (w *world) furnish(t *testing.T, sc scope.Scope, mark string) {
	t.Helper()
	root := forge.Actor{ID: w.people["root"].ID}
	for _, k := range w.Registry.Kinds() {
		p, ok := pieceOf(k.Info.ID, mark)
		if !ok {
			continue // TestSamples says so
		}
		reg := w.Registry.Bind(k, sc, root, forge.PublishPackages, format.API)
		for _, name := range p.names {
			v, err := reg.Publish(t.Context(), format.Release{
				Package: name, Version: p.version, Description: mark, Readme: format.Readme{Name: "README.md", Text: mark},
				Metadata: fmt.Appendf(nil, `{"name":%q,"version":%q,"description":%q}`, name, p.version, mark),
				Files:    []format.NewFile{{Folder: p.folder, Name: p.file, Metadata: []byte("{}"), Body: blob.FromBytes([]byte(mark))}},
			})
			if err != nil {
				t.Fatalf("%s: %v", k.Info.ID, err)
			}
			if k.Info.ID != chosen {
				continue
			}
			p, err := reg.Package(t.Context(), name)
			if err != nil {
				t.Fatal(err)
			}
			w.uuids, w.files = append(w.uuids, p.UUID), append(w.files, v.Files[0].UUID)
		}
	}
}
