package nuget

import (
	"strings"

	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
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
	s := steps{View: v, spec: spec, name: label(v.Path), url: v.Base + "/index.json", insecure: strings.HasPrefix(v.Base, "http://"), version: "1.0.0"}
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
			step("dotnetPush", "Publish the package with a transport token", "Опубликуйте пакет с транспортным токеном",
				"dotnet nuget push "+quote(s.file)+" --source "+quote(s.name)+" --api-key TOKEN"+s.leave()),
		}},
		{Name: "publish-nuget", Title: format.Text{En: "Publish with NuGet", Ru: "Опубликовать из NuGet"}, Steps: []format.Step{
			s.source(true),
			step("push", "Publish the package with a transport token", "Опубликуйте пакет с транспортным токеном",
				"nuget push "+quote(s.file)+" -Source "+quote(s.name)+" -ApiKey TOKEN"),
		}},
	}
}

// label names the source after the owner. It is the name of an XML element too,
// which begins with no digit.
func label(p scope.Path) string {
	name := p.Owner
	if p.Name != "" {
		name += "-" + p.Name
	}
	if name == "" {
		return "ingot"
	}
	if c := name[0]; c < 'A' {
		return "ingot-" + name
	}
	return name
}

// leave lets later clients use an address without TLS.
func (s steps) leave() string {
	if s.insecure {
		return " --allow-insecure-connections"
	}
	return ""
}

func (s steps) source(publishes bool) format.Step {
	code := "nuget sources add -Name " + quote(s.name) + " -Source " + quote(s.url)
	if s.Private {
		code += " -UserName " + quote(s.User) + " -Password TOKEN -StorePasswordInClearText"
	}
	return step(sourceName("source", publishes), "Name the registry to NuGet", "Назовите реестр NuGet", code)
}

func (s steps) dotnetSource(publishes bool) format.Step {
	code := "dotnet nuget add source " + quote(s.url) + " --name " + quote(s.name)
	if s.Private {
		code += " --username " + quote(s.User) + " --password TOKEN --store-password-in-clear-text"
	}
	return step(sourceName("dotnetSource", publishes), "Name the registry to .NET", "Назовите реестр .NET", code+s.leave())
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
		out = append(out, step("install", "Install the package", "Установите пакет",
			"nuget install "+quote(s.id)+" -Version "+quote(s.version)+" -Source "+quote(s.name)))
	}
	return out
}

func (s steps) dotnet() []format.Step {
	out := []format.Step{s.dotnetSource(false)}
	switch {
	case s.id == "":
	case s.spec.Is("DotnetTool"):
		out = append(out, step("dotnetTool", "Install the tool", "Установите инструмент",
			"dotnet tool install "+quote(s.id)+" --version "+quote(s.version)))
	case s.spec.Is("Template"):
		out = append(out, step("dotnetTemplate", "Install the templates", "Установите шаблоны",
			"dotnet new install "+quote(s.id+"::"+s.version)))
	default:
		reference := step("reference", "Or write it into the project", "Или впишите его в проект",
			`<PackageReference Include="`+s.id+`" Version="`+s.version+`" />`)
		if s.spec.Development {
			reference.Code = strings.Replace(reference.Code, " />", ` PrivateAssets="all" />`, 1)
		}
		reference.File = "App.csproj"
		out = append(out, step("dotnetAdd", "Add the package to the project", "Добавьте пакет в проект",
			"dotnet add package "+quote(s.id)+" --version "+quote(s.version)), reference)
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
	file := step("config", "Let this folder's projects ask the registry", "Направьте проекты этой папки в реестр", strings.Join(append(lines, `</configuration>`), "\n"))
	file.File = "nuget.config"
	return []format.Step{file}
}

func step(name, en, ru, code string) format.Step {
	return format.Step{Name: name, Title: format.Text{En: en, Ru: ru}, Code: code}
}

// quote makes s one word of a shell where it is not one already.
func quote(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return !alphanumeric(r) && !strings.ContainsRune("._-/:+@=", r) }) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
