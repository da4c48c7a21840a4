package opm

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"

	"ingot.dev/modules/format"
)

// Present implements format.Presented.
func (*OPM) Present(v format.View) format.Presentation {
	out := format.Presentation{Tasks: tasks(v)}
	var m Manifest
	if v.Version == nil || json.Unmarshal(v.Version.Metadata, &m) != nil {
		return out
	}
	out.Dependencies = dependencies(m.Dependencies)
	if m.Repository != "" {
		out.Links = []format.Link{{Title: format.Text{En: "Source code", Ru: "Исходный код"}, URL: m.Repository}}
	}
	fact := func(en, ru, value string) {
		if value != "" {
			out.Facts = append(out.Facts, format.Fact{Title: format.Text{En: en, Ru: ru}, Value: value})
		}
	}
	fact("Author", "Автор", m.Author)
	fact("OneScript", "OneScript", m.EngineVersion)
	fact("Programs", "Приложения", strings.Join(m.Executables, ", "))
	fact("Modules", "Модули", strings.Join(m.Modules, ", "))
	fact("Classes", "Классы", strings.Join(m.Classes, ", "))
	if stable.file(v.Version) == nil && dev.file(v.Version) != nil {
		out.Notice = format.Text{
			En: "This version is in the channel dev only: opm has to be pointed there.",
			Ru: "Эта версия есть только в канале dev: opm нужно направить туда.",
		}
	}
	return out
}

func dependencies(list []Dependency) []format.Dependencies {
	use := format.Dependencies{Title: format.Text{En: "Requires", Ru: "Требует"}}
	work := format.Dependencies{Title: format.Text{En: "Requires for development", Ru: "Требует для разработки"}}
	for _, d := range list {
		item := format.Dependency{Name: d.Name, Package: d.Name, Constraint: strings.Trim(bound(">=", d.Min)+", "+bound("<=", d.Max), ", ")}
		if d.Dev {
			work.Items = append(work.Items, item)
		} else {
			use.Items = append(use.Items, item)
		}
	}
	return []format.Dependencies{use, work}
}

// bound writes a bound with its sign, where the author wrote none.
func bound(sign, version string) string {
	if version == "" || strings.ContainsAny(version[:1], "<>=") {
		return version
	}
	return sign + version
}

// tasks tells what to type.
func tasks(v format.View) []format.Task {
	name, version, example := "my-package", "1.0.0", true
	if v.Package != nil {
		name, example = v.Package.Name, false
	}
	ask := name
	if v.Version != nil {
		version = v.Version.Name
		ask += "@" + version
	}
	install := []format.Step{config(v, "config", stable, v.Private)}
	develop := []format.Step{config(v, "configDev", dev, v.Private)}
	if !example {
		install = append(install, format.NewStep("install", "Install the package", "Установите пакет", "opm install "+ask))
		develop = append(develop, format.NewStep("installDev", "Install its newest version of that channel", "Установите его новейшую версию из этого канала", "opm install "+name))
	}
	file := format.ShellWord(fileName(name, version))
	push := "opm push --mirror " + v.Label() + " --channel "
	return []format.Task{
		format.NewTask("opm", "opm", "opm", install...),
		format.NewTask("dev", "Channel dev", "Канал dev", develop...),
		format.NewTask("publish", "Publish", "Опубликовать",
			config(v, "configPublish", stable, true),
			format.NewStep("build", "Build the package in this folder", "Соберите пакет в этой папке", "opm build ."),
			format.NewStep("push", "Push it; --channel dev for one under development", "Отправьте его; для разрабатываемого — --channel dev", push+"stable "+file)),
		format.NewTask("curl", "Publish without opm", "Опубликовать без opm",
			format.NewStep("upload", "Upload the package with a transport token", "Загрузите пакет с транспортным токеном",
				"curl --fail --user "+format.ShellWord(v.User)+":TOKEN --header 'CHANNEL: stable' --data-binary @"+file+" "+v.Base+"/push")),
	}
}

// server is an entry of opm.cfg.
type server struct {
	Name     string `json:"Имя"`
	Host     string `json:"Сервер"`
	Port     int    `json:"Порт"`
	Path     string `json:"ПутьНаСервере"`
	Push     string `json:"РесурсПубликацииПакетов"`
	Priority int    `json:"Приоритет"`
	Auth     string `json:"Авторизация,omitempty"`
}

// config is the whole of an opm.cfg. The port stands twice: opm reads it of
// the address when it pushes, and of its own setting when it installs.
func config(v format.View, name string, c channel, signed bool) format.Step {
	s := server{Name: v.Label(), Port: 80}
	if u, err := url.Parse(v.Base); err == nil {
		s.Host = u.Scheme + "://" + u.Host
		s.Path, s.Push = u.EscapedPath()+"/", u.EscapedPath()+"/push"
		if u.Scheme == "https" {
			s.Port = 443
		}
		if n, err := strconv.Atoi(u.Port()); err == nil {
			s.Port = n
		}
	}
	if c == dev {
		s.Path += devFolder + "/"
	}
	if signed {
		s.Auth = "Bearer TOKEN"
	}
	text, err := json.MarshalIndent(struct {
		Servers []server `json:"СервераПакетов"`
	}{[]server{s}}, "", "  ")
	if err != nil {
		return format.Step{} // texts and numbers can always be written
	}
	out := format.NewStep(name, "Name the registry in opm.cfg, in your home folder (~/.opm.cfg) or beside your project", "Укажите реестр в opm.cfg: в домашней папке (~/.opm.cfg) или рядом с проектом", string(text))
	if signed {
		out.Title = format.Text{
			En: "Name the registry, with a transport token, in opm.cfg, in your home folder (~/.opm.cfg) or beside your project",
			Ru: "Укажите реестр с транспортным токеном в opm.cfg: в домашней папке (~/.opm.cfg) или рядом с проектом",
		}
	}
	out.File = "opm.cfg"
	return out
}
