package cargo

import (
	"maps"
	"slices"
	"strings"

	"ingot.dev/modules/format"
)

// Present implements format.Presented.
func (*Cargo) Present(v format.View) format.Presentation {
	p := format.Presentation{Tasks: tasks(v)}
	if v.Version == nil {
		return p
	}
	a := aboutOf(v.Version)
	p.Licence, p.Keywords = a.Licence, a.Keywords
	for _, l := range []struct {
		title format.Text
		url   string
	}{
		{format.Text{En: "Home page", Ru: "Сайт"}, a.Homepage},
		{format.Text{En: "Documentation", Ru: "Документация"}, a.Documentation},
		{format.Text{En: "Source code", Ru: "Исходный код"}, a.Repository},
	} {
		if l.url != "" {
			p.Links = append(p.Links, format.Link{Title: l.title, URL: l.url})
		}
	}
	var l line
	if f := crateOf(v.Version); f != nil {
		l = lineOf(f)
	}
	p.Dependencies = groups(l.Deps)
	p.Facts = facts(a, l)
	return p
}

// groups sorts dependencies by what they are for.
func groups(deps []dependency) []format.Dependencies {
	all := []format.Dependencies{
		{Title: format.Text{En: "Requires", Ru: "Требует"}},
		{Title: format.Text{En: "Optional", Ru: "Необязательные"}},
		{Title: format.Text{En: "To build", Ru: "Для сборки"}},
		{Title: format.Text{En: "For development", Ru: "Для разработки"}},
	}
	for _, d := range deps {
		item := format.Dependency{Name: d.crate(), Constraint: d.Req}
		if d.Registry == nil {
			item.Package = item.Name
		}
		if d.Target != nil {
			item.Constraint += "; " + *d.Target
		}
		at := 0
		switch {
		case d.Kind == "dev":
			at = 3
		case d.Kind == "build":
			at = 2
		case d.Optional:
			at = 1
		}
		all[at].Items = append(all[at].Items, item)
	}
	return all
}

func facts(a about, l line) []format.Fact {
	var list []format.Fact
	add := func(en, ru, value string) {
		if value != "" {
			list = append(list, format.Fact{Title: format.Text{En: en, Ru: ru}, Value: value})
		}
	}
	add("Rust", "Rust", l.RustVersion)
	add("Edition", "Редакция", a.Edition)
	if a.Macros {
		add("Kind", "Вид", "proc-macro")
	}
	add("Programs", "Программы", strings.Join(a.Programs, ", "))
	features := maps.Clone(l.Features)
	maps.Copy(features, l.Features2)
	add("Features", "Возможности", strings.Join(slices.Sorted(maps.Keys(features)), ", "))
	add("Native library", "Системная библиотека", l.Links)
	add("Authors", "Авторы", strings.Join(a.Authors, ", "))
	return list
}

// tasks tells what to type. The registry goes by one name on all pages, which
// cargo keeps its settings and token under.
func tasks(v format.View) []format.Task {
	name := v.Label()
	connect := []format.Step{{
		Name: "registry", Title: format.Text{En: "Tell cargo of the registry", Ru: "Назовите реестр для cargo"}, File: "~/.cargo/config.toml",
		Code: "[registries." + name + "]\nindex = \"sparse+" + v.Base + "/\"\ncredential-provider = \"cargo:token\"",
	}}
	login := format.NewStep("login", "Sign in with a transport token", "Войдите с транспортным токеном", "echo TOKEN | cargo login --registry "+name)
	use := connect
	if v.Private {
		use = append(use[:1:1], login)
	}
	spec := "CRATE"
	if v.Package != nil {
		spec = v.Package.Name
		wanted := spec // a version that was taken back cannot be chosen anew
		if v.Version != nil {
			spec += "@" + v.Version.Name
			if !v.Version.Yanked {
				wanted = spec
			}
		}
		if v.Version != nil && len(aboutOf(v.Version).Programs) > 0 {
			use = append(use[:len(use):len(use)], format.NewStep("install", "Install its programs", "Установите его программы", "cargo install "+wanted+" --registry "+name))
		}
		if v.Version == nil || offersLibrary(v.Version) {
			use = append(use[:len(use):len(use)], format.NewStep("add", "Add the crate to Cargo.toml", "Добавьте крейт в Cargo.toml", "cargo add "+wanted+" --registry "+name))
		}
	}
	return []format.Task{
		{Name: "cargo", Title: format.Text{En: "cargo", Ru: "cargo"}, Steps: use},
		{
			Name: "publish", Title: format.Text{En: "Publish", Ru: "Опубликовать"},
			Steps: append(connect[:1:1], login, format.NewStep("publish", "Publish the crate in this folder", "Опубликуйте крейт из этой папки", "cargo publish --registry "+name)),
		},
		{
			Name: "yank", Title: format.Text{En: "Take back", Ru: "Отозвать"},
			Steps: append(connect[:1:1], login,
				format.NewStep("yank", "Let nobody choose a version any more", "Пусть версию больше никто не выбирает", "cargo yank "+versioned(spec)+" --registry "+name),
				format.NewStep("undo", "Undo it", "Отмените это", "cargo yank --undo "+versioned(spec)+" --registry "+name)),
		},
	}
}

// offersLibrary tells whether other crates can use a version: it has a library,
// or its Cargo.toml, of an older cargo, says of neither library nor programs.
func offersLibrary(v *format.Version) bool {
	a := aboutOf(v)
	return a.Library || len(a.Programs) == 0
}

// versioned names a version where none is named.
func versioned(spec string) string {
	if strings.Contains(spec, "@") {
		return spec
	}
	return spec + "@1.0.0"
}
