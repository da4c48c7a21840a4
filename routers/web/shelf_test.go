package web_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ingot.dev/integrations/house"
	"ingot.dev/modules/blob"
	"ingot.dev/modules/fault"
	"ingot.dev/modules/forge"
	"ingot.dev/modules/format"
	"ingot.dev/modules/formats/composer"
	"ingot.dev/modules/formats/generic"
)

// The formats of these tests: jars take each role that pages have something
// for, crates are of versions that go by tags.
type (
	jar   struct{}
	crate struct{ jar }
)

var (
	_ format.Configured = jar{}
	_ format.Cleaning   = jar{}
	_ format.Presented  = crate{}
)

func (jar) Info() format.Info {
	return format.Info{ID: "jar", Title: "Jars", Short: "jar", Yanks: true}
}

func (crate) Info() format.Info {
	return format.Info{ID: "crate", Title: "Crates", Short: "box", ByTag: true}
}

func (jar) Routes() []format.Route { return nil }

func (jar) Settings() []format.Setting {
	text := func(s string) format.Text { return format.Text{En: s, Ru: s + " по-русски"} }
	return []format.Setting{
		{Name: "keep", Of: format.OfRegistry, Label: text("How many to keep"), Hint: text("The older ones go"), Check: func(value string) error {
			if strings.Trim(value, "0123456789") != "" {
				return fault.New(fault.Invalid, "%s is no number", value)
			}
			return nil
		}},
		{Name: "mirror", Of: format.OfRegistry, Label: text("Mirror")},
		{Name: "status", Of: format.OfPackage, Label: text("Status"), Choices: []format.Choice{
			{Value: "active", Label: text("In use")}, {Value: "archived", Label: text("Put away")},
		}},
		{Name: "deprecated", Of: format.OfVersion, Label: text("Deprecated because")},
	}
}

// Superfluous keeps as many versions as the setting says, and all tagged ones.
func (jar) Superfluous(versions []*format.Version, tags map[string]string, setting func(string) string, _ time.Time) []string {
	var keep int
	if _, err := fmt.Sscan(setting("keep"), &keep); err != nil {
		return nil
	}
	var out []string
	for _, v := range versions {
		pointed := false
		for _, name := range tags {
			pointed = pointed || name == v.Name
		}
		if keep--; keep < 0 && !pointed {
			out = append(out, v.Name)
		}
	}
	return out
}

func (jar) Present(v format.View) format.Presentation {
	if v.Version == nil {
		return format.Presentation{}
	}
	words := v.Package.Properties["status"] + "/" + v.Version.Properties["deprecated"]
	return format.Presentation{
		Notice: format.Text{En: "The notice: " + words},
		Sections: []format.Section{
			{Name: "layers", Title: format.Text{En: "Layers", Ru: "Слои"}, Columns: []format.Text{{En: "Made by"}, {En: "Digest"}, {En: "Size"}}, Rows: [][]format.Cell{
				{{Text: "<b>RUN</b>", Code: true}, {Text: digest("base"), Code: true, Version: digest("base")}, {Size: 2048}},
				{{Text: "plain"}, {}, {}},
			}},
			{Name: "nothing", Title: format.Text{En: "An empty table"}},
		},
	}
}

// digest makes the name of a version that goes by tags.
func digest(of string) string { return "sha256:" + blob.FromBytes([]byte(of)).Digests().SHA256 }

// newShelf is a world of these formats beside some of Ingot's.
func newShelf(t *testing.T) *world {
	t.Helper()
	return peopled(t, house.NewWith(t, []format.Format{composer.New(), generic.New(), jar{}, crate{}}))
}

// push publishes content as a version that goes by tags.
func (w *world) push(t *testing.T, name, content string, tags ...string) string {
	t.Helper()
	rel := simple(name, digest(content))
	rel.Tags = tags
	rel.Files = []format.NewFile{
		{Name: "manifest.json", MediaType: "application/json", Body: blob.FromBytes([]byte(content))},
		{Name: digest("base"), MediaType: "application/x-layer", Body: blob.FromBytes([]byte("base"))},
	}
	return w.publish(t, w.open, "crate", rel)
}

// edit changes a package of the public project.
func (w *world) edit(t *testing.T, kind, name string, changes ...format.Change) {
	t.Helper()
	reg := w.Registry.Bind(w.Registry.Kind(kind), w.open, forge.Actor{ID: w.root.ID}, forge.PublishPackages, format.API)
	if err := reg.Edit(t.Context(), name, changes...); err != nil {
		t.Fatal(err)
	}
}
