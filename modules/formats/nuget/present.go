package nuget

import (
	"strings"

	"ingot.dev/modules/format"
)

// Present implements format.Presented.
func (*NuGet) Present(v format.View) format.Presentation {
	spec := &Nuspec{}
	if v.Version != nil {
		if kept, err := nuspecOf(v.Version); err == nil {
			spec = kept
		}
	}
	p := format.Presentation{Tasks: tasks(v, spec)}
	if v.Version == nil {
		return p
	}
	p.Licence, p.Keywords, p.Dependencies = spec.Licence, spec.Tags, spec.dependencies()
	if p.Licence == "" {
		p.Licence = spec.LicenceFile
	}
	link := func(en, ru, url string) {
		if url != "" {
			p.Links = append(p.Links, format.Link{Title: format.Text{En: en, Ru: ru}, URL: url})
		}
	}
	link("Home page", "Сайт", spec.ProjectURL)
	link("Source code", "Исходный код", spec.Repository.URL)
	if spec.Licence == "" && spec.LicenceFile == "" {
		link("Licence", "Лицензия", spec.LicenceURL)
	}
	p.Facts = spec.facts()
	if d := deprecationOf(v.Version); d != nil {
		p.Notice = d.notice()
	}
	return p
}

func (n *Nuspec) facts() []format.Fact {
	var list []format.Fact
	fact := func(en, ru, value string) {
		if value != "" {
			list = append(list, format.Fact{Title: format.Text{En: en, Ru: ru}, Value: value})
		}
	}
	var types, frameworks []string
	for _, t := range n.Types {
		types = append(types, t.Name)
	}
	for _, g := range n.Groups {
		if g.Framework != "" {
			frameworks = append(frameworks, g.Framework)
		}
	}
	fact("Title", "Название", n.Title)
	fact("Authors", "Авторы", n.Authors)
	fact("Copyright", "Авторские права", n.Copyright)
	fact("Frameworks", "Платформы", strings.Join(frameworks, ", "))
	fact("Kind", "Вид", strings.Join(types, ", "))
	fact("Needs NuGet", "Требует NuGet", n.MinClientVersion)
	fact("Commit", "Коммит", n.Repository.Commit)
	return list
}

// dependencies are grouped by framework, then what the framework itself has to
// have.
func (n *Nuspec) dependencies() []format.Dependencies {
	var out []format.Dependencies
	for _, g := range n.Groups {
		group := format.Dependencies{Title: format.Text{En: "Requires", Ru: "Требует"}}
		if g.Framework != "" {
			group.Title = format.Text{En: "Requires with " + g.Framework, Ru: "Требует с " + g.Framework}
		}
		for _, d := range g.Dependencies {
			group.Items = append(group.Items, format.Dependency{Name: d.ID, Constraint: d.Range, Package: d.ID})
		}
		if group.Items != nil {
			out = append(out, group)
		}
	}
	parts := format.Dependencies{Title: format.Text{En: "Requires of the framework", Ru: "Требует от платформы"}}
	for _, g := range n.Frameworks {
		for _, d := range g.Dependencies {
			parts.Items = append(parts.Items, format.Dependency{Name: d.ID, Constraint: g.Framework})
		}
	}
	for _, a := range n.Assemblies {
		parts.Items = append(parts.Items, format.Dependency{Name: a.Name, Constraint: a.Framework})
	}
	if parts.Items != nil {
		out = append(out, parts)
	}
	return out
}

func (d *deprecation) notice() format.Text {
	words := map[string]format.Text{
		"Legacy":       {En: "This version is deprecated: it is no longer maintained.", Ru: "Эта версия устарела: она больше не поддерживается."},
		"CriticalBugs": {En: "This version is deprecated: it has critical bugs.", Ru: "Эта версия устарела: в ней критические ошибки."},
	}
	t, ok := words[d.Reasons[0]]
	if !ok {
		t = format.Text{En: "This version is deprecated.", Ru: "Эта версия устарела."}
	}
	if d.Message != "" {
		t.En, t.Ru = t.En+" "+d.Message, t.Ru+" "+d.Message
	}
	if d.Alternative != nil {
		t.En, t.Ru = t.En+" Use "+d.Alternative.ID+" instead.", t.Ru+" Взамен: "+d.Alternative.ID+"."
	}
	return t
}

// steps is what the steps are made of.
type steps struct {
	format.View
	spec              *Nuspec
	name              string // of the source in clients' configuration
	url               string
	insecure          bool // without TLS, of which later clients want to hear
	id, version, file string
}

func tasks(v format.View, spec *Nuspec) []format.Task {
	s := steps{View: v, spec: spec, name: v.Label(), url: v.Base + "/index.json", insecure: strings.HasPrefix(v.Base, "http://"), version: "1.0.0"}
	if v.Package != nil {
		s.id, s.version = v.Package.Name, v.Package.Latest
	}
	if v.Version != nil {
		s.version = v.Version.Name
	}
	s.file = "Acme.Money." + s.version + packageExtension
	if s.id != "" {
		s.file = s.id + "." + s.version + packageExtension
	}
	same := func(name string) format.Text { return format.Text{En: name, Ru: name} }
	return []format.Task{
		{Name: "dotnet", Title: same(".NET"), Steps: s.dotnet()},
		{Name: "nuget", Title: same("NuGet"), Steps: s.nuget()},
		{Name: "config", Title: same("nuget.config"), Steps: s.config()},
		{Name: "publish", Title: format.Text{En: "Publish with .NET", Ru: "Опубликовать из .NET"}, Steps: []format.Step{
			s.dotnetSource(true),
			format.NewStep("dotnetPush", "Publish the package with a transport token", "Опубликуйте пакет с транспортным токеном",
				"dotnet nuget push "+format.ShellWord(s.file)+" --source "+format.ShellWord(s.name)+" --api-key TOKEN"+s.leave()),
		}},
		{Name: "publish-nuget", Title: format.Text{En: "Publish with NuGet", Ru: "Опубликовать из NuGet"}, Steps: []format.Step{
			s.source(true),
			format.NewStep("push", "Publish the package with a transport token", "Опубликуйте пакет с транспортным токеном",
				"nuget push "+format.ShellWord(s.file)+" -Source "+format.ShellWord(s.name)+" -ApiKey TOKEN"),
		}},
	}
}

// leave lets later clients use an address without TLS.
func (s steps) leave() string {
	if s.insecure {
		return " --allow-insecure-connections"
	}
	return ""
}

func (s steps) source(publishes bool) format.Step {
	code := "nuget sources add -Name " + format.ShellWord(s.name) + " -Source " + format.ShellWord(s.url)
	if s.Private {
		code += " -UserName " + format.ShellWord(s.User) + " -Password TOKEN -StorePasswordInClearText"
	}
	return format.NewStep(sourceName("source", publishes), "Name the registry to NuGet", "Назовите реестр NuGet", code)
}

func (s steps) dotnetSource(publishes bool) format.Step {
	code := "dotnet nuget add source " + format.ShellWord(s.url) + " --name " + format.ShellWord(s.name)
	if s.Private {
		code += " --username " + format.ShellWord(s.User) + " --password TOKEN --store-password-in-clear-text"
	}
	return format.NewStep(sourceName("dotnetSource", publishes), "Name the registry to .NET", "Назовите реестр .NET", code+s.leave())
}

// sourceName tells the steps that install from those that publish.
func sourceName(name string, publishes bool) string {
	if publishes {
		return name + "ToPublish"
	}
	return name
}

func (s steps) nuget() []format.Step {
	out := []format.Step{s.source(false)}
	if s.id != "" {
		out = append(out, format.NewStep("install", "Install the package", "Установите пакет",
			"nuget install "+format.ShellWord(s.id)+" -Version "+format.ShellWord(s.version)+" -Source "+format.ShellWord(s.name)))
	}
	return out
}

func (s steps) dotnet() []format.Step {
	out := []format.Step{s.dotnetSource(false)}
	switch {
	case s.id == "":
	case s.spec.Is("DotnetTool"):
		out = append(out, format.NewStep("dotnetTool", "Install the tool", "Установите инструмент",
			"dotnet tool install "+format.ShellWord(s.id)+" --version "+format.ShellWord(s.version)))
	case s.spec.Is("Template"):
		out = append(out, format.NewStep("dotnetTemplate", "Install the templates", "Установите шаблоны",
			"dotnet new install "+format.ShellWord(s.id+"::"+s.version)))
	default:
		reference := format.NewStep("reference", "Or write it into the project", "Или впишите его в проект",
			`<PackageReference Include="`+s.id+`" Version="`+s.version+`" />`)
		if s.spec.Development {
			reference.Code = strings.Replace(reference.Code, " />", ` PrivateAssets="all" />`, 1)
		}
		reference.File = "App.csproj"
		out = append(out, format.NewStep("dotnetAdd", "Add the package to the project", "Добавьте пакет в проект",
			"dotnet add package "+format.ShellWord(s.id)+" --version "+format.ShellWord(s.version)), reference)
	}
	return out
}

func (s steps) config() []format.Step {
	insecure := ""
	if s.insecure {
		insecure = ` allowInsecureConnections="true"`
	}
	lines := []string{
		`<?xml version="1.0" encoding="utf-8"?>`,
		`<configuration>`,
		`  <packageSources>`,
		`    <add key="` + s.name + `" value="` + escaped(s.url) + `" protocolVersion="3"` + insecure + ` />`,
		`  </packageSources>`,
	}
	if s.Private {
		lines = append(lines,
			`  <packageSourceCredentials>`,
			`    <`+s.name+`>`,
			`      <add key="Username" value="`+escaped(s.User)+`" />`,
			`      <add key="ClearTextPassword" value="TOKEN" />`,
			`    </`+s.name+`>`,
			`  </packageSourceCredentials>`,
		)
	}
	file := format.NewStep("config", "Let this folder's projects ask the registry", "Направьте проекты этой папки в реестр", strings.Join(append(lines, `</configuration>`), "\n"))
	file.File = "nuget.config"
	return []format.Step{file}
}
