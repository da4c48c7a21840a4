package maven

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"slices"
	"strings"

	"ingot.dev/modules/format"
)

// archetypePackaging is the packaging of a template of projects.
const archetypePackaging = "maven-archetype"

// catalog is the list of archetypes (Archetype Catalog, version 1.0.0).
type catalog struct {
	XMLName    xml.Name    `xml:"http://maven.apache.org/plugins/maven-archetype-plugin/archetype-catalog/1.0.0 archetype-catalog"`
	Archetypes []archetype `xml:"archetypes>archetype"`
}

type archetype struct {
	Group       string `xml:"groupId"`
	Artifact    string `xml:"artifactId"`
	Version     string `xml:"version"`
	Description string `xml:"description,omitempty"`
}

// buildCatalog lists each archetype by its newest version.
func buildCatalog(ctx context.Context, b format.Build) (any, error) {
	c := &catalog{Archetypes: []archetype{}}
	err := each(func(q format.Query) (int, int, error) {
		page, total, err := b.Reg.Newest(ctx, q)
		for _, v := range page {
			var pom Pom
			if json.Unmarshal(v.Metadata, &pom) == nil && pom.Packaging == archetypePackaging {
				group, artifact, _ := strings.Cut(v.Package, ":")
				c.Archetypes = append(c.Archetypes, archetype{group, artifact, v.Name, pom.title()})
			}
		}
		return min(total-q.Offset, q.Limit), total, err // packages that have a newest version may be fewer
	})
	slices.SortFunc(c.Archetypes, func(x, y archetype) int {
		return strings.Compare(x.Group+":"+x.Artifact, y.Group+":"+y.Artifact)
	})
	return c, err
}
