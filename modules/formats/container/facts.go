package container

import (
	"strings"

	"ingot.dev/modules/format"
)

// annotation is the prefix of the annotations that the Image Specification
// defines, which images carry as labels too.
const annotation = "org.opencontainers.image."

// said gives what a version says of itself by a defined annotation or label.
func (r *record) said(key string) string {
	if value := r.Annotations[annotation+key]; value != "" {
		return value
	}
	return r.Labels[annotation+key]
}

// tell fills what pages show of a version beside its tables.
func (r *record) tell(p *format.Presentation) {
	p.Licence = r.said("licenses")
	links := []format.Link{
		{Title: format.Text{En: "Home page", Ru: "Сайт"}, URL: r.said("url")},
		{Title: format.Text{En: "Source code", Ru: "Исходный код"}, URL: r.said("source")},
		{Title: format.Text{En: "Documentation", Ru: "Документация"}, URL: r.said("documentation")},
	}
	if c := r.Chart; c != nil {
		p.Keywords = c.Keywords
		links = append(links, format.Link{Title: links[0].Title, URL: c.Home})
		for _, source := range c.Sources {
			links = append(links, format.Link{Title: links[1].Title, URL: source})
		}
		group := format.Dependencies{Title: format.Text{En: "Charts", Ru: "Чарты"}}
		for _, d := range c.Dependencies {
			group.Items = append(group.Items, format.Dependency{Name: d.Name, Constraint: d.Version})
		}
		p.Dependencies = []format.Dependencies{group}
		if c.Deprecated {
			p.Notice = format.Text{En: "This chart is deprecated.", Ru: "Этот чарт устарел."}
		}
	}
	for _, l := range links {
		if l.URL != "" {
			p.Links = append(p.Links, l)
		}
	}
}

func facts(v *format.Version, r *record) []format.Fact {
	list := []format.Fact{
		{Title: format.Text{En: "Digest", Ru: "Отпечаток"}, Value: v.Canon},
		{Title: format.Text{En: "Image type", Ru: "Тип образа"}, Value: r.typeName()},
		{Title: format.Text{En: "Platform", Ru: "Платформа"}, Value: r.platformNames()},
		{Title: format.Text{En: "Built", Ru: "Собрано"}, Value: strings.Replace(before(r.Created, "."), "T", " ", 1)},
		{Title: format.Text{En: "Author", Ru: "Автор"}, Value: r.Author},
	}
	if r.Chart != nil {
		list = append(list,
			format.Fact{Title: format.Text{En: "Version of the application", Ru: "Версия приложения"}, Value: r.Chart.AppVersion},
			format.Fact{Title: format.Text{En: "Kubernetes"}, Value: r.Chart.KubeVersion})
	}
	if r.Subject != nil {
		list = append(list, format.Fact{Title: format.Text{En: "Is about", Ru: "Относится к"}, Value: r.Subject.Digest})
	}
	var out []format.Fact
	for _, f := range list {
		if f.Value != "" {
			out = append(out, f)
		}
	}
	return out
}

func before(s, mark string) string {
	s, _, _ = strings.Cut(s, mark)
	return strings.TrimSuffix(s, "Z")
}

// typeName says what a version is in the words of the forge's pages.
func (r *record) typeName() string {
	switch r.Kind {
	case kindChart:
		return "OCI / Helm"
	case kindImage, kindIndex:
		return "OCI / Docker"
	}
	if t := r.referrerType(); t != "" {
		return "OCI / " + r.Kind + " (" + t + ")"
	}
	return "OCI / " + r.Kind
}

func (r *record) platformNames() string {
	names := []string{r.Platform.String()}
	for i := range r.Manifests {
		if d := &r.Manifests[i]; d.Platform != nil && d.Platform.OS != "unknown" {
			names = append(names, d.Platform.String())
		}
	}
	return strings.Trim(strings.Join(names, ", "), ", ")
}

// platforms is the table of what an index lists.
func platforms(r *record) format.Section {
	s := format.Section{
		Name: "platforms", Title: format.Text{En: "Platforms", Ru: "Платформы"},
		Columns: []format.Text{{En: "Platform", Ru: "Платформа"}, {En: "Digest", Ru: "Отпечаток"}, {En: "Manifest", Ru: "Манифест"}},
	}
	for i := range r.Manifests {
		d := &r.Manifests[i]
		what := d.Platform.String()
		if kind := d.Annotations["vnd.docker.reference.type"]; kind != "" {
			what = kind
		} else if what == "" {
			what = d.ArtifactType
		}
		s.Rows = append(s.Rows, []format.Cell{{Text: what}, {Text: d.Digest, Code: true, Version: d.Digest}, {Size: d.Size}})
	}
	return s
}

// layers is the table of what an image was built from, or of an artifact's
// files.
func layers(r *record) format.Section {
	s := format.Section{
		Name: "layers", Title: format.Text{En: "Layers", Ru: "Слои"},
		Columns: []format.Text{{En: "Made by", Ru: "Создан командой"}, {En: "Digest", Ru: "Отпечаток"}, {En: "Size", Ru: "Размер"}},
	}
	if r.Kind != kindImage {
		s.Columns[0] = format.Text{En: "File or type", Ru: "Файл или тип"}
	}
	rest := r.Layers
	for _, h := range r.History {
		if h.Empty || len(rest) == 0 {
			s.Rows = append(s.Rows, []format.Cell{{Text: h.Command, Code: true}, {}, {}})
			continue
		}
		s.Rows = append(s.Rows, []format.Cell{{Text: h.Command, Code: true}, {Text: rest[0].Digest, Code: true}, {Size: rest[0].Size}})
		rest = rest[1:]
	}
	for _, l := range rest {
		what := l.Annotations[titleKey]
		if what == "" {
			what = l.MediaType
		}
		s.Rows = append(s.Rows, []format.Cell{{Text: what}, {Text: l.Digest, Code: true}, {Size: l.Size}})
	}
	return s
}

// table is a section of names and values.
func table(name string, title format.Text, m map[string]string) format.Section {
	s := format.Section{Name: name, Title: title, Columns: []format.Text{{En: "Name", Ru: "Имя"}, {En: "Value", Ru: "Значение"}}}
	for _, key := range sorted(m) {
		s.Rows = append(s.Rows, []format.Cell{{Text: key, Code: true}, {Text: m[key]}})
	}
	return s
}
