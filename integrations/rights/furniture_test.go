package rights

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"testing"

	"ingot.dev"
	"ingot.dev/modules/blob"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
)

// names are those of the packages that are in each place, by format.
var names = map[string][]string{
	"composer":  {"acme/money"},
	"npm":       {"@acme/money", "money"},
	"pypi":      {"money"},
	"maven":     {"org.acme:money"},
	"container": {"money"},
	"generic":   {"money"},
}

// piece is the one version of a package in a place.
type piece struct {
	version, file string
	known         map[string]string // more parameters that addresses find it by
}

const version = "1.0.0"

// pieceOf gives the version of a format's package; text is in its file.
func pieceOf(id, text string) piece {
	switch id {
	case "container":
		digest := fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(text)))
		return piece{digest, "manifest.json", map[string]string{"name": "money", "reference": digest, "digest": digest}}
	case "npm":
		return piece{version, "money-1.0.0.tgz", map[string]string{"scope": "acme", "name": "money"}}
	case "pypi":
		return piece{version, "money-1.0.0-py3-none-any.whl", nil}
	case "maven":
		return piece{version, "money-1.0.0.pom", map[string]string{"path": "org/acme/money/1.0.0/money-1.0.0.pom"}}
	default:
		return piece{version, "acme-money-1.0.0.zip", nil}
	}
}

// known gives what a route's parameters stand for where there is something to
// read in a place.
func (w *world) known(r ingot.Route, at int) map[string]string {
	p := pieceOf(r.Format, mark(at))
	known := map[string]string{
		"vendor": "acme", "group": "acme", "package": "money", "artifact": "money", "version": p.version, "packageVersion": p.version,
		"file": p.file, "packageUuid": w.uuids[at], "uuid": w.uuids[at], "fileUuid": w.files[at],
		"format": "composer", "path": "README.md", "account": "stan", "member": "gus",
	}
	maps.Copy(known, p.known)
	return known
}

// furnish publishes packages of each format in a place.
func (w *world) furnish(t *testing.T, sc scope.Scope, mark string) {
	t.Helper()
	root := forge.Actor{ID: w.people["root"].ID}
	for _, k := range w.Registry.Kinds() {
		reg, p := w.Registry.Bind(k, sc, root, forge.PublishPackages, format.API), pieceOf(k.Info.ID, mark)
		if len(names[k.Info.ID]) == 0 {
			t.Fatalf("say how a package of %s is called", k.Info.Title)
		}
		for _, name := range names[k.Info.ID] {
			v, err := reg.Publish(t.Context(), format.Release{
				Package: name, Version: p.version, Description: mark, Readme: format.Readme{Name: "README.md", Text: mark},
				Metadata: fmt.Appendf(nil, `{"name":%q,"version":%q,"description":%q}`, name, version, mark),
				Files:    []format.NewFile{{Name: p.file, Metadata: []byte("{}"), Body: blob.FromBytes([]byte(mark))}},
			})
			if err != nil {
				t.Fatalf("%s: %v", k.Info.ID, err)
			}
			if k.Info.ID != "composer" {
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
