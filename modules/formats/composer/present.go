package composer

import (
	"net/url"
	"slices"
	"strings"

	"ingot.dev/modules/format"
)

// Present implements format.Presented.
func (Composer) Present(v format.View) format.Presentation {
	p := format.Presentation{Tasks: tasks(v)}
	if v.Version == nil {
		return p
	}
	m, err := ParseManifest(v.Version.Metadata)
	if err != nil {
		return p // it was parsed when it was published; the page shows the rest
	}
	p.Licence = strings.Join(m.License, ", ")
	p.Keywords = m.Keywords
	p.Dependencies = []format.Dependencies{
		{Title: format.Text{En: "Requires", Ru: "Требует"}, Items: links(m.Require)},
		{Title: format.Text{En: "Requires for development", Ru: "Требует для разработки"}, Items: links(m.RequireDev)},
		{Title: format.Text{En: "Suggests", Ru: "Предлагает"}, Items: links(m.Suggest)},
	}
	p.Links = addresses(m)
	p.Facts = []format.Fact{{Title: format.Text{En: "Type", Ru: "Тип"}, Value: m.Type}}
	for _, a := range m.Authors {
		if a.Name != "" {
			p.Facts = append(p.Facts, format.Fact{Title: format.Text{En: "Author", Ru: "Автор"}, Value: a.Name})
		}
	}
	if m.Abandoned.Yes {
		p.Notice = format.Text{En: "This package is abandoned.", Ru: "Этот пакет заброшен."}
		if m.Abandoned.Replacement != "" {
			p.Notice = format.Text{
				En: "This package is abandoned; use " + m.Abandoned.Replacement + " instead.",
				Ru: "Этот пакет заброшен; используйте вместо него " + m.Abandoned.Replacement + ".",
			}
		}
	}
	return p
}

func tasks(v format.View) []format.Task {
	var connect []format.Step
	if strings.HasPrefix(v.Base, "http://") {
		connect = append(connect, format.Step{
			Name:  "insecure",
			Title: format.Text{En: "This registry has no TLS: allow it in this project", Ru: "У этого реестра нет TLS: разрешите это для проекта"},
			Code:  "composer config secure-http false",
		})
	}
	connect = append(connect, format.Step{
		Name:  "repository",
		Title: format.Text{En: "Add the registry to composer.json", Ru: "Добавьте реестр в composer.json"},
		Code:  "composer config repositories." + v.Label() + " composer " + v.Base,
	})
	if v.Private {
		connect = append(connect, format.Step{
			Name:  "credential",
			Title: format.Text{En: "Sign in with a transport token", Ru: "Войдите с транспортным токеном"},
			Code:  "composer config --auth http-basic." + v.Host + " " + v.User + " TOKEN",
		})
	}
	install := connect
	if v.Package != nil {
		constraint := ""
		if v.Version != nil {
			constraint = ":" + caret(v.Version)
		}
		install = append(slices.Clip(connect), format.Step{
			Name:  "require",
			Title: format.Text{En: "Require the package", Ru: "Подключите пакет"},
			Code:  "composer require " + v.Package.Name + constraint,
		})
	}
	lock := []format.Step{{
		Name:  "install",
		Title: format.Text{En: "Install what composer.lock says", Ru: "Установите то, что записано в composer.lock"},
		Code:  "composer install",
	}}
	if v.Private {
		lock = append([]format.Step{connect[len(connect)-1]}, lock...)
	}
	tasks := []format.Task{
		{Name: "composer", Title: format.Text{En: "Composer", Ru: "Composer"}, Steps: install},
		{Name: "lock", Title: format.Text{En: "From a lock file", Ru: "По lock-файлу"}, Steps: lock},
	}
	return append(tasks, format.Task{Name: "publish", Title: format.Text{En: "Publish", Ru: "Опубликовать"}, Steps: publishing(v)})
}

// publishing tells how to bring a new version. Only a project has tags.
func publishing(v format.View) []format.Step {
	upload := format.Step{
		Name:  "upload",
		Title: format.Text{En: "Upload a zip with a composer.json", Ru: "Загрузите zip с файлом composer.json"},
		Code:  "curl --fail --user " + v.User + ":TOKEN --upload-file package.zip '" + v.Base + "?version=1.0.0'",
	}
	if u, err := url.Parse(v.Base); err != nil || !strings.HasPrefix(u.Path, "/project/") {
		return []format.Step{upload}
	}
	return []format.Step{
		{
			Name:  "tag",
			Title: format.Text{En: "Tag a version and push the tag", Ru: "Поставьте тег версии и отправьте его"},
			Code:  "git tag v1.0.0 && git push origin v1.0.0",
		},
		{
			Name:  "fromTag",
			Title: format.Text{En: "Build the package from the tag", Ru: "Соберите пакет из тега"},
			Code:  "curl --fail --user " + v.User + ":TOKEN --request POST '" + v.Base + "?tag=v1.0.0'",
		},
		upload,
	}
}

// caret gives the constraint that takes this version and compatible newer
// ones: ^2.4 of 2.4.1, the version itself of a pre-release or branch.
func caret(v *format.Version) string {
	if Stability(v.Canon) != "stable" {
		return v.Name
	}
	numbers, _, _ := strings.Cut(v.Canon, "-")
	parts := strings.SplitN(numbers, ".", 3)
	if len(parts) < 3 || parts[0] == "0" {
		return "^" + v.Name
	}
	return "^" + parts[0] + "." + parts[1]
}

func links(in []Link) []format.Dependency {
	var out []format.Dependency
	for _, l := range in {
		d := format.Dependency{Name: l.Name, Constraint: l.Constraint}
		if strings.Contains(l.Name, "/") {
			d.Package = l.Name
		}
		out = append(out, d)
	}
	return out
}

func addresses(m *Manifest) []format.Link {
	var out []format.Link
	for _, l := range []struct {
		title format.Text
		url   string
	}{
		{format.Text{En: "Home page", Ru: "Сайт"}, m.Homepage},
		{format.Text{En: "Source code", Ru: "Исходный код"}, m.Support["source"]},
		{format.Text{En: "Documentation", Ru: "Документация"}, m.Support["docs"]},
		{format.Text{En: "Issues", Ru: "Задачи"}, m.Support["issues"]},
	} {
		if l.url != "" {
			out = append(out, format.Link{Title: l.title, URL: l.url})
		}
	}
	return out
}
