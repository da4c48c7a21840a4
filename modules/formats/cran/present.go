package cran

import (
	"encoding/json"
	"slices"
	"strings"

	"ingot.dev/modules/format"
)

// Present implements format.Presented.
func (c *CRAN) Present(v format.View) format.Presentation {
	out := format.Presentation{Tasks: tasks(v)}
	d := description{}
	if v.Version == nil || json.Unmarshal(v.Version.Metadata, &d) != nil {
		return out
	}
	out.Licence = d["License"]
	out.Dependencies = d.dependencies()
	link := func(en, ru, field string) {
		for address := range strings.FieldsFuncSeq(d[field], func(r rune) bool { return r == ',' || r == ' ' }) {
			if strings.HasPrefix(address, "https://") || strings.HasPrefix(address, "http://") {
				out.Links = append(out.Links, format.Link{Title: format.Text{En: en, Ru: ru}, URL: address})
			}
		}
	}
	link("Home page", "Сайт", "URL")
	link("Issues", "Задачи", "BugReports")
	fact := func(en, ru, value string) {
		if value != "" {
			out.Facts = append(out.Facts, format.Fact{Title: format.Text{En: en, Ru: ru}, Value: value})
		}
	}
	maintainer, _, _ := strings.Cut(d["Maintainer"], "<")
	fact("R", "R", d.languages())
	fact("Maintainer", "Сопровождающий", strings.TrimSpace(maintainer))
	fact("Author", "Автор", d["Author"])
	fact("System requirements", "Требования к системе", d["SystemRequirements"])
	fact("Operating system", "Операционная система", d["OS_type"])
	fact("Compiled code", "Компилируемый код", d["NeedsCompilation"])
	if t, err := newTree(windows, v.Version.Language); err == nil {
		fact("Made for R", "Для версии R", t.r)
	}
	return out
}

// languages gives the versions of R that the package wants.
func (d description) languages() string {
	var out []string
	list, _ := parseRequirements("Depends", d["Depends"])
	for _, r := range list {
		if r.name == "R" && r.operator != "" {
			out = append(out, r.constraint())
		}
	}
	return strings.Join(out, ", ")
}

// withR are the packages that come with R, and from no registry.
var withR = []string{
	"base", "compiler", "datasets", "grDevices", "graphics", "grid", "methods", "parallel", "splines", "stats", "stats4",
	"tcltk", "tools", "utils",
}

// dependencies groups what is required by how.
func (d description) dependencies() []format.Dependencies {
	titles := map[string]format.Text{
		"Depends": {En: "Depends", Ru: "Зависит"}, "Imports": {En: "Imports", Ru: "Импортирует"},
		"LinkingTo": {En: "Links to", Ru: "Компонуется с"}, "Suggests": {En: "Suggests", Ru: "Предлагает"},
		"Enhances": {En: "Enhances", Ru: "Дополняет"},
	}
	var out []format.Dependencies
	for _, field := range requiring {
		group := format.Dependencies{Title: titles[field]}
		list, _ := parseRequirements(field, d[field]) // was checked when it came
		for _, r := range list {
			if r.name == "R" {
				continue // a fact
			}
			item := format.Dependency{Name: r.name, Constraint: r.constraint()}
			if !slices.Contains(withR, r.name) {
				item.Package = r.name
			}
			group.Items = append(group.Items, item)
		}
		out = append(out, group)
	}
	return out
}

func tasks(v format.View) []format.Task {
	name := "PACKAGE"
	if v.Package != nil {
		name = v.Package.Name
	}
	out := []format.Task{
		{
			Name: "install", Title: format.Text{En: "Install", Ru: "Установить"},
			Steps: []format.Step{{
				Name: "install", Title: format.Text{En: "Install the newest version, with what it needs from here", Ru: "Установите новейшую версию и то, что ей нужно отсюда"},
				Code: rscript("install.packages(" + literal(name) + ", repos = " + literal(v.WithCredential(v.Base)) + ")"),
			}},
		},
	}
	if file := sourceOf(v.Version); file != "" {
		out = append(out, format.Task{
			Name: "version", Title: format.Text{En: "This version", Ru: "Эту версию"},
			Steps: []format.Step{{
				Name: "version", Title: format.Text{En: "Install exactly this version, when what it needs is there", Ru: "Установите именно эту версию, когда то, что ей нужно, уже установлено"},
				Code: rscript("install.packages(" + literal(v.WithCredential(v.Base)+"/"+sources+"/Archive/"+name+"/"+file) + `, repos = NULL, type = "source")`),
			}},
		})
	}
	return append(out,
		format.Task{
			Name: "rprofile", Title: format.Text{En: ".Rprofile", Ru: ".Rprofile"},
			Steps: []format.Step{
				{
					Name: "repository", Title: format.Text{En: "Name the registry before the others", Ru: "Назовите реестр перед остальными"},
					File: ".Rprofile", Code: "options(repos = c(" + literal(v.Label()) + " = " + literal(v.WithCredential(v.Base)) + `, getOption("repos")))`,
				},
				{
					Name: "library", Title: format.Text{En: "Install from all of them", Ru: "Устанавливайте из всех"},
					Code: rscript("install.packages(" + literal(name) + ")"),
				},
				{
					Name: "update", Title: format.Text{En: "Update what is installed", Ru: "Обновите установленное"},
					Code: rscript("update.packages(ask = FALSE)"),
				},
			},
		},
		format.Task{
			Name: "publish", Title: format.Text{En: "Publish", Ru: "Опубликовать"},
			Steps: []format.Step{
				{
					Name: "build", Title: format.Text{En: "Build a source package in the folder of its DESCRIPTION", Ru: "Соберите пакет исходников в каталоге с DESCRIPTION"},
					Code: "R CMD build .",
				},
				{
					Name: "upload", Title: format.Text{En: "Upload it with a transport token", Ru: "Загрузите его с транспортным токеном"},
					Code: upload(v, "*.tar.gz", "src/"),
				},
				{
					Name: "upload-windows", Title: format.Text{En: "A package that was built for Windows and R 4.2", Ru: "Пакет, собранный для Windows и R 4.2"},
					Code: upload(v, "*.zip", "bin/windows/4.2/"),
				},
				{
					Name: "upload-macos", Title: format.Text{En: "A package that was built for macOS and R 4.2", Ru: "Пакет, собранный для macOS и R 4.2"},
					Code: upload(v, "*.tgz", "bin/big-sur-arm64/4.2/"),
				},
			},
		},
	)
}

// upload gives the command that sends the file of a pattern, of which curl adds
// the name to the folder.
func upload(v format.View, pattern, folder string) string {
	return "curl --fail --user " + format.ShellWord(v.User) + ":TOKEN --upload-file " + pattern + " " + format.ShellWord(v.Base+"/"+folder)
}

// sourceOf gives the name of the source package of a version, empty where it
// has none.
func sourceOf(v *format.Version) string {
	if v == nil {
		return ""
	}
	for _, f := range v.Files {
		if t, ok := treeOf(f); ok && t == (tree{}) {
			return f.Name
		}
	}
	return ""
}

// rscript gives the command that runs a line of R.
func rscript(line string) string { return "Rscript -e " + format.ShellWord(line) }

// literal writes a string of R.
func literal(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
