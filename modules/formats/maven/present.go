package maven

import (
	"encoding/json"
	"strings"

	"ingot.dev/modules/format"
)

// Present implements format.Presented.
func (Maven) Present(v format.View) format.Presentation {
	var pom Pom
	if v.Version != nil {
		_ = json.Unmarshal(v.Version.Metadata, &pom) // a version whose pom did not come yet has none
	}
	p := format.Presentation{Tasks: tasks(v, &pom)}
	if v.Version == nil {
		return p
	}
	var licences []string
	for _, l := range pom.Licences {
		if l.Name == "" {
			l.Name = l.URL
		}
		licences = append(licences, l.Name)
	}
	p.Licence = strings.Join(licences, ", ")
	p.Dependencies = dependencies(&pom)
	for _, l := range []format.Link{
		{Title: format.Text{En: "Home page", Ru: "Сайт"}, URL: pom.URL},
		{Title: format.Text{En: "Source code", Ru: "Исходный код"}, URL: pom.Source},
		{Title: format.Text{En: "Issues", Ru: "Задачи"}, URL: pom.Issues},
	} {
		if l.URL != "" {
			p.Links = append(p.Links, l)
		}
	}
	for _, f := range []format.Fact{
		{Title: format.Text{En: "Name", Ru: "Название"}, Value: pom.Name},
		{Title: format.Text{En: "Packaging", Ru: "Вид"}, Value: pom.packaging()},
		{Title: format.Text{En: "Parent", Ru: "Родитель"}, Value: pom.Parent},
		{Title: format.Text{En: "Organisation", Ru: "Организация"}, Value: pom.Organisation},
		{Title: format.Text{En: "Developers", Ru: "Разработчики"}, Value: strings.Join(pom.Developers, ", ")},
	} {
		if f.Value != "" {
			p.Facts = append(p.Facts, f)
		}
	}
	if pom.Moved != "" {
		p.Notice = format.Text{
			En: strings.TrimSpace("This artifact moved to " + pom.Moved + ". " + pom.Why),
			Ru: strings.TrimSpace("Этот артефакт переехал: " + pom.Moved + ". " + pom.Why),
		}
	}
	return p
}

func (p *Pom) packaging() string {
	if p.Packaging == "" {
		return "jar"
	}
	return p.Packaging
}

// kind gives the type that has to be named where the version is no jar.
func (p *Pom) kind() string {
	switch p.Packaging {
	case "pom", "war", "ear", "aar":
		return p.Packaging
	}
	return ""
}

// scopes are the groups that dependencies are shown in.
var scopes = [...]struct {
	name  string
	title format.Text
}{
	{"compile", format.Text{En: "Requires", Ru: "Требует"}},
	{"runtime", format.Text{En: "Requires to run", Ru: "Требует для запуска"}},
	{"provided", format.Text{En: "Expects to be there", Ru: "Ожидает от среды"}},
	{"test", format.Text{En: "Requires for tests", Ru: "Требует для тестов"}},
}

func dependencies(p *Pom) []format.Dependencies {
	var out []format.Dependencies
	for _, s := range scopes {
		var items []format.Dependency
		for _, d := range p.Dependencies {
			if d.Scope == "" {
				d.Scope = "compile"
			}
			if d.Scope != s.name {
				continue
			}
			item := format.Dependency{Name: d.Group + ":" + d.Artifact, Constraint: d.Version}
			if !strings.Contains(item.Name, "${") {
				item.Package = item.Name
			}
			items = append(items, item)
		}
		if items != nil {
			out = append(out, format.Dependencies{Title: s.title, Items: items})
		}
	}
	return out
}

// page is what the steps are made of.
type page struct {
	format.View
	id                       string // of the repository in Maven's files
	group, artifact, version string
	pom                      *Pom
}

func tasks(v format.View, pom *Pom) []format.Task {
	p := page{View: v, id: v.Label(), group: "org.example", artifact: "library", version: "1.0", pom: pom}
	if v.Package != nil {
		p.group, p.artifact, _ = strings.Cut(v.Package.Name, ":")
	}
	if v.Version != nil {
		p.version = v.Version.Name
	} else if v.Package != nil {
		p.version = v.Package.Latest
	}
	return []format.Task{
		{Name: "maven", Title: format.Text{En: "Maven", Ru: "Maven"}, Steps: p.maven()},
		{Name: "gradle", Title: format.Text{En: "Gradle", Ru: "Gradle"}, Steps: p.gradle(groovy)},
		{Name: "kotlin", Title: format.Text{En: "Gradle (Kotlin)", Ru: "Gradle (Kotlin)"}, Steps: p.gradle(kotlin)},
		{Name: "publish", Title: format.Text{En: "Publish with Maven", Ru: "Опубликовать из Maven"}, Steps: p.deploy()},
		{Name: "publish-gradle", Title: format.Text{En: "Publish with Gradle", Ru: "Опубликовать из Gradle"}, Steps: p.publish()},
	}
}

// coordinates writes an artifact in one line.
func (p page) coordinates() string { return p.group + ":" + p.artifact + ":" + p.version }

func (p page) maven() []format.Step {
	plugin := p.pom.Packaging == pluginPackaging
	repository, element := "repository", "dependency"
	if plugin {
		repository, element = "pluginRepository", "plugin"
	}
	steps := []format.Step{{
		Name: "repository", File: "pom.xml",
		Title: format.Text{En: "Add the registry to the project", Ru: "Добавьте реестр в проект"},
		Code: lines(
			"<"+plural(repository)+">",
			"  <"+repository+">",
			"    <id>"+p.id+"</id>",
			"    <url>"+p.Base+"</url>",
			"  </"+repository+">",
			"</"+plural(repository)+">",
		),
	}}
	if p.Private {
		steps = append(steps, p.server("credential"))
	}
	if p.Package == nil {
		return steps
	}
	code := []string{
		"<" + element + ">",
		"  <groupId>" + p.group + "</groupId>",
		"  <artifactId>" + p.artifact + "</artifactId>",
		"  <version>" + p.version + "</version>",
	}
	kind := p.pom.kind()
	if kind != "" {
		code = append(code, "  <type>"+kind+"</type>")
		kind = ":" + kind
	}
	steps = append(steps, format.Step{
		Name: element, File: "pom.xml",
		Title: format.Text{En: "Add the artifact", Ru: "Добавьте артефакт"},
		Code:  lines(append(code, "</"+element+">")...),
	})
	if p.pom.Packaging == archetypePackaging {
		return append(steps, format.Step{
			Name: "generate", Title: format.Text{En: "Or make a project of it", Ru: "Или создайте из него проект"},
			Code: "mvn archetype:generate -DarchetypeGroupId=" + p.group + " -DarchetypeArtifactId=" + p.artifact + " -DarchetypeVersion=" + p.version,
		})
	}
	return append(steps, format.Step{
		Name: "get", Title: format.Text{En: "Or fetch it into the local repository", Ru: "Или загрузите его в локальный репозиторий"},
		Code: "mvn dependency:get -DremoteRepositories=" + p.id + "::default::" + p.Base + " -Dartifact=" + p.coordinates() + kind,
	})
}

func plural(element string) string { return strings.TrimSuffix(element, "y") + "ies" }

func lines(s ...string) string { return strings.Join(s, "\n") }

// server names the account in Maven's own file, whole.
func (p page) server(name string) format.Step {
	return format.Step{
		Name: name, File: "~/.m2/settings.xml",
		Title: format.Text{En: "Sign in with a transport token", Ru: "Войдите с транспортным токеном"},
		Code: lines(
			"<settings>",
			"  <servers>",
			"    <server>",
			"      <id>"+p.id+"</id>",
			"      <username>"+p.User+"</username>",
			"      <password>TOKEN</password>",
			"    </server>",
			"  </servers>",
			"</settings>",
		),
	}
}

func (p page) deploy() []format.Step {
	repository := func(element string) []string {
		return []string{"  <" + element + ">", "    <id>" + p.id + "</id>", "    <url>" + p.Base + "</url>", "  </" + element + ">"}
	}
	code := []string{"<distributionManagement>"}
	code = append(append(code, repository("repository")...), repository("snapshotRepository")...)
	return []format.Step{
		{
			Name: "distribution", File: "pom.xml",
			Title: format.Text{En: "Say where the project goes", Ru: "Укажите, куда публиковать проект"},
			Code:  lines(append(code, "</distributionManagement>")...),
		},
		p.server("server"),
		{
			Name:  "deploy",
			Title: format.Text{En: "Build and publish", Ru: "Соберите и опубликуйте"},
			Code:  "mvn deploy",
		},
		{
			Name:  "deploy-file",
			Title: format.Text{En: "Or publish a file that is there", Ru: "Или опубликуйте готовый файл"},
			Code: "mvn deploy:deploy-file -DrepositoryId=" + p.id + " -Durl=" + p.Base +
				" -DgroupId=" + p.group + " -DartifactId=" + p.artifact + " -Dversion=" + p.version + " -Dfile=" + p.artifact + ".jar",
		},
	}
}
