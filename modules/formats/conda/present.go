package conda

import (
	"encoding/json"
	"net/url"
	"path"
	"slices"
	"strings"

	"ingot.dev/modules/format"
)

// Present implements format.Presented.
func (*Conda) Present(v format.View) format.Presentation {
	p := format.Presentation{Tasks: tasks(v)}
	if v.Version == nil {
		return p
	}
	var a about
	_ = json.Unmarshal(v.Version.Metadata, &a) // it was written here; the page shows the rest
	p.Licence, p.Keywords = a.Licence, a.Keywords
	for _, l := range []format.Link{
		{Title: format.Text{En: "Home page", Ru: "Сайт"}, URL: a.Home},
		{Title: format.Text{En: "Source code", Ru: "Исходный код"}, URL: a.Development},
		{Title: format.Text{En: "Documentation", Ru: "Документация"}, URL: a.Docs},
		{Title: format.Text{En: "Sources of the build", Ru: "Исходники сборки"}, URL: a.Source},
	} {
		if l.URL != "" {
			p.Links = append(p.Links, l)
		}
	}
	builds := buildsOf(v.Version)
	p.Dependencies = dependencies(builds)
	p.Facts = facts(builds)
	p.Sections = []format.Section{table(builds)}
	return p
}

// shown is a build as a page tells of it.
type shown struct {
	file    *format.File
	channel string
	subdir  string
	fileName
	Depends    []string `json:"depends"`
	Constrains []string `json:"constrains"`
	NoArch     any      `json:"noarch"`
}

// buildsOf lists the builds of a version, those of the root channel first.
func buildsOf(v *format.Version) []shown {
	var out []shown
	for _, f := range v.Files {
		dir, name := path.Split(f.Name)
		channel, subdir := path.Split(strings.TrimSuffix(dir, "/"))
		s := shown{file: f, channel: strings.TrimSuffix(channel, "/"), subdir: subdir}
		file, err := parseFileName(name)
		if err != nil {
			continue
		}
		kept, err := buildOf(f)
		if err != nil || len(kept.Record) == 0 || json.Unmarshal(kept.Record, &s) != nil {
			continue
		}
		s.fileName = file
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b shown) int { return strings.Compare(a.channel, b.channel) })
	return out
}

// dependencies are those of the first build; others may have more of their own.
func dependencies(builds []shown) []format.Dependencies {
	if len(builds) == 0 {
		return nil
	}
	items := func(specs []string) []format.Dependency {
		var out []format.Dependency
		for _, text := range specs {
			name, constraint, _ := strings.Cut(strings.TrimSpace(text), " ")
			d := format.Dependency{Name: name, Constraint: constraint}
			if s := parseSpec(text); s.name != "" && !strings.HasPrefix(s.name, "__") { // a virtual package has no file
				d.Name, d.Package = s.name, s.name
				d.Constraint = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(text), s.name))
			}
			out = append(out, d)
		}
		return out
	}
	b := builds[0]
	of := " (" + b.file.Name + ")"
	if len(builds) == 1 {
		of = ""
	}
	return []format.Dependencies{
		{Title: format.Text{En: "Depends" + of, Ru: "Зависит от" + of}, Items: items(b.Depends)},
		{Title: format.Text{En: "Constrains" + of, Ru: "Ограничивает" + of}, Items: items(b.Constrains)},
	}
}

func facts(builds []shown) []format.Fact {
	var subdirs, channels []string
	kind := ""
	for _, b := range builds {
		subdirs = append(subdirs, b.subdir)
		if b.channel != "" {
			channels = append(channels, b.channel)
		}
		switch k := b.NoArch.(type) {
		case string:
			kind = k
		case bool:
			kind = "generic" // as it was written once
		}
	}
	out := []format.Fact{{Title: format.Text{En: "Platforms", Ru: "Платформы"}, Value: unique(subdirs)}}
	if len(channels) > 0 {
		out = append(out, format.Fact{Title: format.Text{En: "Channels", Ru: "Каналы"}, Value: unique(channels)})
	}
	if kind != "" {
		out = append(out, format.Fact{Title: format.Text{En: "Without platform", Ru: "Без платформы"}, Value: kind})
	}
	return out
}

func unique(words []string) string {
	slices.Sort(words)
	return strings.Join(slices.Compact(words), ", ")
}

// maxRows bounds the table of builds.
const maxRows = 200

func table(builds []shown) format.Section {
	s := format.Section{
		Name: "builds", Title: format.Text{En: "Builds", Ru: "Сборки"},
		Columns: []format.Text{{En: "Channel", Ru: "Канал"}, {En: "Platform", Ru: "Платформа"}, {En: "Build", Ru: "Сборка"}, {En: "Form", Ru: "Вид"}, {En: "Size", Ru: "Размер"}},
	}
	for _, b := range builds[:min(len(builds), maxRows)] {
		s.Rows = append(s.Rows, []format.Cell{{Text: b.channel}, {Text: b.subdir}, {Text: b.build, Code: true}, {Text: b.extension, Code: true}, {Size: b.file.Size}})
	}
	return s
}

// tasks are what to type.
func tasks(v format.View) []format.Task {
	channel, name, file := v.Base+"/", "", "my-package-1.0.0-0.conda"
	if v.Package != nil {
		name = v.Package.Name
	}
	if v.Version != nil {
		name += "=" + v.Version.Name
		if builds := buildsOf(v.Version); len(builds) > 0 {
			file = builds[0].fileName.String()
			if builds[0].channel != "" {
				channel += builds[0].channel + "/"
			}
		}
	}
	upload := "curl --fail --user " + v.User + ":TOKEN --upload-file " + format.ShellWord(file) + " "
	return []format.Task{
		{Name: "install", Title: format.Text{En: "conda, mamba", Ru: "conda, mamba"}, Steps: withConda(v, channel, name)},
		{Name: "pixi", Title: format.Text{En: "pixi", Ru: "pixi"}, Steps: withPixi(v, channel, name)},
		{Name: "publish", Title: format.Text{En: "Publish", Ru: "Опубликовать"}, Steps: []format.Step{
			{
				Name:  "publish",
				Title: format.Text{En: "Upload a .conda or .tar.bz2 file with a transport token", Ru: "Загрузите файл .conda или .tar.bz2 с транспортным токеном"},
				Code:  upload + format.ShellWord(v.Base+"/"),
			},
			{
				Name:  "publishChannel",
				Title: format.Text{En: "Or into a channel of its own", Ru: "Или в отдельный канал"},
				Code:  upload + format.ShellWord(v.Base+"/main/"),
			},
		}},
	}
}

// withConda connects conda and mamba, which read a credential from the address.
func withConda(v format.View, channel, name string) []format.Step {
	channel = v.WithCredential(channel)
	steps := []format.Step{{
		Name:  "condarc",
		Title: format.Text{En: "Name the channel", Ru: "Укажите канал"},
		File:  "~/.condarc",
		Code:  "channels:\n  - " + channel + "\nchannel_priority: strict",
	}}
	if name == "" {
		return steps
	}
	return append(steps, format.Step{
		Name:  "install",
		Title: format.Text{En: "Install the package", Ru: "Установите пакет"},
		Code:  "conda install --channel " + format.ShellWord(channel) + " " + format.ShellWord(name),
	})
}

// withPixi connects pixi, which keeps credentials by itself.
func withPixi(v format.View, channel, name string) []format.Step {
	var steps []format.Step
	if v.Private {
		host := v.Host
		if u, err := url.Parse(v.Base); err == nil {
			host = u.Hostname() // it knows servers without their ports
		}
		steps = append(steps, format.Step{
			Name:  "pixiLogin",
			Title: format.Text{En: "Sign in with a transport token", Ru: "Войдите с транспортным токеном"},
			Code:  "pixi auth login --username " + v.User + " --password TOKEN " + host,
		})
	}
	steps = append(steps, format.Step{
		Name:  "pixi",
		Title: format.Text{En: "Name the channel in pixi.toml", Ru: "Укажите канал в pixi.toml"},
		File:  "pixi.toml",
		Code:  "[workspace]\nchannels = [\"" + channel + "\"]",
	})
	if name == "" {
		return steps
	}
	return append(steps, format.Step{
		Name:  "pixiAdd",
		Title: format.Text{En: "Add the package", Ru: "Добавьте пакет"},
		Code:  "pixi add " + format.ShellWord(name),
	})
}
