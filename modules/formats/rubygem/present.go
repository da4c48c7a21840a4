package rubygem

import (
	"strings"

	"ingot.dev/modules/format"
)

// Present implements format.Presented.
func (g *RubyGems) Present(v format.View) format.Presentation {
	out := format.Presentation{Tasks: tasks(v)}
	if v.Version == nil {
		return out
	}
	s, err := specOf(v.Version)
	if err != nil {
		return out
	}
	out.Licence = strings.Join(s.Licences, ", ")
	out.Dependencies = s.dependencies()
	out.Links = s.links()
	fact := func(en, ru, value string) {
		if value != "" {
			out.Facts = append(out.Facts, format.Fact{Title: format.Text{En: en, Ru: ru}, Value: value})
		}
	}
	if s.Platform != ruby {
		fact("Platform", "Платформа", s.Platform)
	}
	if !s.Ruby.free() {
		fact("Ruby", "Ruby", strings.Join(s.Ruby, ", "))
	}
	if !s.RubyGems.free() {
		fact("RubyGems", "RubyGems", strings.Join(s.RubyGems, ", "))
	}
	fact("Authors", "Авторы", strings.Join(s.Authors, ", "))
	fact("Commands", "Команды", strings.Join(s.Executables, ", "))
	fact("Also needs", "Также требует", strings.Join(s.Requirements, ", "))
	return out
}

// tasks are what a reader types. A key is given in the environment, so that it
// need not be in a file before the first push.
func tasks(v format.View) []format.Task {
	name, number, platform := "PACKAGE", "", ruby
	if v.Package != nil {
		name = v.Package.Name
	}
	if v.Version != nil {
		number, platform = split(v.Version.Name)
	}
	install := "gem install --clear-sources --source " + format.ShellWord(v.WithCredential(v.Base+"/")) + " " + format.ShellWord(name)
	// In a block the gem comes from here and from nowhere else, whatever other
	// sources the Gemfile has.
	gemfile := "source " + literal(v.Base+"/") + " do\n  gem " + literal(name)
	if number != "" && !v.Version.Yanked { // nobody can choose it anew
		install += " --version " + format.ShellWord(number)
		gemfile += ", " + literal(number)
	}
	gemfile += "\nend"
	if platform != ruby {
		install += " --platform " + format.ShellWord(platform)
	}
	bundle := []format.Step{{
		Name: "gemfile", Title: format.Text{En: "Write the gem and where it comes from into the Gemfile", Ru: "Впишите gem и его источник в Gemfile"},
		File: "Gemfile", Code: gemfile,
	}}
	if v.Private {
		bundle = append(bundle, format.Step{
			Name: "credential", Title: format.Text{En: "Keep a transport token for it", Ru: "Сохраните транспортный токен для него"},
			Code: "bundle config set " + format.ShellWord(v.Base+"/") + " " + format.ShellWord(v.User+":TOKEN"),
		})
	}
	host := format.ShellWord(v.Base)
	return []format.Task{
		{
			Name: "gem", Title: format.Text{En: "gem", Ru: "gem"},
			Steps: []format.Step{{
				Name: "install", Title: format.Text{En: "Install the gem, with what it needs from here", Ru: "Установите gem и то, что ему нужно, отсюда"}, Code: install,
			}},
		},
		{
			Name: "bundler", Title: format.Text{En: "Bundler", Ru: "Bundler"},
			Steps: append(bundle, format.Step{
				Name: "bundle", Title: format.Text{En: "Install what the Gemfile lists", Ru: "Установите то, что перечислено в Gemfile"},
				Code: "bundle install",
			}),
		},
		{
			Name: "publish", Title: format.Text{En: "Publish", Ru: "Опубликовать"},
			Steps: []format.Step{
				{
					Name: "build", Title: format.Text{En: "Build the gem", Ru: "Соберите gem"},
					Code: "gem build *.gemspec",
				},
				{
					Name: "push", Title: format.Text{En: "Push it with a transport token", Ru: "Отправьте его с транспортным токеном"},
					Code: "GEM_HOST_API_KEY=TOKEN gem push --host " + host + " *.gem",
				},
			},
		},
		{
			Name: "signin", Title: format.Text{En: "Sign in", Ru: "Войти"},
			Steps: []format.Step{
				{
					Name: "signin", Title: format.Text{En: "Sign in with name and password; gem keeps a key for this registry", Ru: "Войдите с именем и паролем; gem сохранит ключ для этого реестра"},
					// With --host gem 3.3 shows the password to RubyGems.org as well.
					Code: "RUBYGEMS_HOST=" + host + " gem signin",
				},
				{
					Name: "push-signed-in", Title: format.Text{En: "Push a gem", Ru: "Отправьте gem"},
					Code: "gem push --host " + host + " *.gem",
				},
			},
		},
	}
}

// literal writes a string of Ruby, in which nothing is replaced.
func literal(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s) + "'"
}

// dependencies groups what is needed: to run, and to work on the gem.
func (s *spec) dependencies() []format.Dependencies {
	run := format.Dependencies{Title: format.Text{En: "Requires", Ru: "Требует"}}
	develop := format.Dependencies{Title: format.Text{En: "For development", Ru: "Для разработки"}}
	for _, d := range s.Dependencies {
		item := format.Dependency{Name: d.Name, Constraint: strings.Join(d.Requirement, ", "), Package: d.Name}
		if d.Development {
			develop.Items = append(develop.Items, item)
		} else {
			run.Items = append(run.Items, item)
		}
	}
	return []format.Dependencies{run, develop}
}

// linkTitles are the words for the addresses that a specification may name
// ("Specification Reference", metadata).
var linkTitles = []struct {
	key   string
	title format.Text
}{
	{"homepage_uri", format.Text{En: "Home page", Ru: "Сайт"}},
	{"source_code_uri", format.Text{En: "Source code", Ru: "Исходный код"}},
	{"documentation_uri", format.Text{En: "Documentation", Ru: "Документация"}},
	{"changelog_uri", format.Text{En: "Changes", Ru: "Изменения"}},
	{"bug_tracker_uri", format.Text{En: "Issues", Ru: "Задачи"}},
	{"wiki_uri", format.Text{En: "Wiki", Ru: "Вики"}},
	{"mailing_list_uri", format.Text{En: "Mailing list", Ru: "Список рассылки"}},
	{"funding_uri", format.Text{En: "Funding", Ru: "Поддержать"}},
	{"download_uri", format.Text{En: "Download", Ru: "Скачать"}},
}

func (s *spec) links() []format.Link {
	var list []format.Link
	for _, l := range linkTitles {
		if address := s.link(l.key); address != nil {
			list = append(list, format.Link{Title: l.title, URL: *address})
		}
	}
	return list
}
