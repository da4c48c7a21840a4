package helm

import (
	"encoding/json"
	"strings"

	"ingot.dev/modules/format"
)

// Present implements format.Presented.
func (*Helm) Present(v format.View) format.Presentation {
	var c Chart
	known := v.Version != nil && json.Unmarshal(v.Version.Metadata, &c) == nil
	out := format.Presentation{Tasks: tasks(v, c.Type)}
	if !known {
		return out
	}
	out.Licence = c.Annotations["artifacthub.io/license"]
	out.Keywords = c.Keywords
	out.Dependencies = []format.Dependencies{{Title: format.Text{En: "Requires", Ru: "Требует"}, Items: dependencies(v.Base, c.Dependencies)}}
	if c.Home != "" {
		out.Links = append(out.Links, format.Link{Title: format.Text{En: "Home page", Ru: "Сайт"}, URL: c.Home})
	}
	for _, source := range c.Sources {
		out.Links = append(out.Links, format.Link{Title: format.Text{En: "Source code", Ru: "Исходный код"}, URL: source})
	}
	out.Facts = facts(v.Version, &c)
	if c.Deprecated {
		out.Notice = format.Text{En: "This chart is deprecated.", Ru: "Этот чарт устарел."}
	}
	return out
}

func facts(v *format.Version, c *Chart) []format.Fact {
	var list []format.Fact
	fact := func(en, ru, value string) {
		if value != "" {
			list = append(list, format.Fact{Title: format.Text{En: en, Ru: ru}, Value: value})
		}
	}
	fact("Application", "Приложение", c.AppVersion)
	fact("Type", "Тип", c.Type)
	fact("Kubernetes", "Kubernetes", c.KubeVersion)
	fact("Chart API", "API чарта", c.APIVersion)
	for _, m := range c.Maintainers {
		fact("Maintainer", "Сопровождающий", m.Name)
	}
	for _, f := range v.Files {
		if strings.HasSuffix(f.Name, proofSuffix) {
			fact("Provenance", "Происхождение", f.Name)
		}
	}
	return list
}

// dependencies lists what a chart needs. What is of this registry, or of one
// that is named by the label it has at the user's, is linked to.
func dependencies(base string, list []*Dependency) []format.Dependency {
	var out []format.Dependency
	for _, d := range list {
		item := format.Dependency{Name: d.Name, Constraint: d.Version}
		switch r := d.Repository; {
		case r == "", strings.HasPrefix(r, "@"), strings.HasPrefix(r, "alias:"), strings.TrimSuffix(r, "/") == base:
			item.Package = d.Name
		}
		out = append(out, item)
	}
	return out
}
