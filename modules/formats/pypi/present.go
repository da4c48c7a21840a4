package pypi

import (
	"encoding/json"
	"net/url"
	"strings"

	"ingot.dev/modules/ascii"
	"ingot.dev/modules/format"
)

// Present implements format.Presented.
func (p *PyPI) Present(v format.View) format.Presentation {
	out := format.Presentation{Tasks: tasks(v)}
	if v.Package != nil {
		out.Notice = notice(statusOf(v.Package))
	}
	var m Metadata
	if v.Version == nil || json.Unmarshal(v.Version.Metadata, &m) != nil {
		return out
	}
	out.Licence = m.licence()
	out.Keywords = m.keywords()
	out.Dependencies = m.dependencies()
	for _, a := range m.addresses() {
		out.Links = append(out.Links, format.Link{Title: a.title(), URL: a.url})
	}
	fact := func(en, ru, value string) {
		if value != "" {
			out.Facts = append(out.Facts, format.Fact{Title: format.Text{En: en, Ru: ru}, Value: value})
		}
	}
	fact("Python", "Python", m.RequiresPython)
	fact("Author", "Автор", person(m.Author, m.AuthorEmail))
	fact("Maintainer", "Сопровождающий", person(m.Maintainer, m.MaintainerEmail))
	fact("Extras", "Дополнения", strings.Join(m.ProvidesExtra, ", "))
	return out
}

func notice(s status) format.Text {
	var t format.Text
	switch s.Status {
	case archived:
		t = format.Text{En: "This project is archived: no new versions are to be expected", Ru: "Проект в архиве: новых версий не будет"}
	case deprecated:
		t = format.Text{En: "This project is deprecated: do not use it any more", Ru: "Проект устарел: больше не используйте его"}
	case quarantined:
		t = format.Text{En: "This project is in quarantine: its files are not given out", Ru: "Проект на карантине: его файлы не выдаются"}
	default:
		return t
	}
	end := "."
	if s.Reason != "" {
		end = ": " + s.Reason
	}
	return format.Text{En: t.En + end, Ru: t.Ru + end}
}

func tasks(v format.View) []format.Task {
	index := v.WithCredential(v.Base + "/simple/")
	install := "pip install --index-url " + format.ShellWord(index) + trusted(v.Base)
	name := "PACKAGE"
	if v.Package != nil {
		name = v.Package.Name
	}
	if v.Version != nil {
		name += "==" + v.Version.Name
	}
	return []format.Task{
		{
			Name: "pip", Title: format.Text{En: "pip", Ru: "pip"},
			Steps: []format.Step{{
				Name: "install", Title: format.Text{En: "Install the package", Ru: "Установите пакет"},
				Code: install + " " + format.ShellWord(name),
			}},
		},
		{
			Name: "requirements", Title: format.Text{En: "requirements.txt", Ru: "requirements.txt"},
			Steps: []format.Step{
				{
					Name: "index", Title: format.Text{En: "Name the registry at the top of the file", Ru: "Назовите реестр в начале файла"},
					File: "requirements.txt", Code: "--index-url " + index + trusted(v.Base) + "\n" + name,
				},
				{
					Name: "requirements", Title: format.Text{En: "Install what the file lists", Ru: "Установите то, что в нём перечислено"},
					Code: "pip install --requirement requirements.txt",
				},
			},
		},
		{
			Name: "publish", Title: format.Text{En: "Publish", Ru: "Опубликовать"},
			Steps: []format.Step{
				{
					Name: "build", Title: format.Text{En: "Build a wheel and a source distribution", Ru: "Соберите wheel и исходный дистрибутив"},
					Code: "python3 -m build",
				},
				{
					Name: "upload", Title: format.Text{En: "Upload them with a transport token", Ru: "Загрузите их с транспортным токеном"},
					Code: "twine upload --repository-url " + format.ShellWord(v.Base+"/") + " --username " + format.ShellWord(v.User) + " --password TOKEN dist/*",
				},
			},
		},
	}
}

// trusted lets pip use an address without TLS. It asks for no leave on the same
// machine.
func trusted(base string) string {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" || loopback(u.Hostname()) {
		return ""
	}
	return " --trusted-host " + u.Host
}

func person(name, email string) string {
	if name != "" {
		return name
	}
	name, _, _ = strings.Cut(email, "<")
	return strings.TrimSpace(name)
}

// licence gives the licence's name, where the field has no whole text.
func (m *Metadata) licence() string {
	if m.LicenseExpression != "" {
		return m.LicenseExpression
	}
	if l := m.License; l != "" && l != "UNKNOWN" && len(l) < 100 && !strings.Contains(l, "\n") {
		return l
	}
	for _, c := range m.Classifiers {
		if rest, ok := strings.CutPrefix(c, "License :: "); ok {
			return strings.TrimPrefix(rest, "OSI Approved :: ")
		}
	}
	return ""
}

// keywords are separated by commas, or by blanks in older metadata.
func (m *Metadata) keywords() []string {
	by := func(r rune) bool { return r == ' ' || r == '\n' || r == '\t' }
	if strings.Contains(m.Keywords, ",") {
		by = func(r rune) bool { return r == ',' }
	}
	var out []string
	for word := range strings.FieldsFuncSeq(m.Keywords, by) {
		if word = strings.TrimSpace(word); word != "" && word != "UNKNOWN" {
			out = append(out, word)
		}
	}
	return out
}

// dependencies groups what is required: always, and with an extra.
func (m *Metadata) dependencies() []format.Dependencies {
	always := format.Dependencies{Title: format.Text{En: "Requires", Ru: "Требует"}}
	extras := format.Dependencies{Title: format.Text{En: "Requires with extras", Ru: "Требует с дополнениями"}}
	for _, text := range m.RequiresDist {
		d, marker := requirement(text)
		if strings.Contains(marker, "extra") {
			extras.Items = append(extras.Items, d)
		} else {
			always.Items = append(always.Items, d)
		}
	}
	return []format.Dependencies{always, extras}
}

// requirement splits "name[extra]>=1; marker" ("Dependency specifiers").
func requirement(text string) (d format.Dependency, marker string) {
	text, marker, _ = strings.Cut(text, ";")
	text, marker = strings.TrimSpace(text), strings.TrimSpace(marker)
	end := 0
	for end < len(text) && (ascii.IsAlphanumeric(text[end]) || separator(text[end])) {
		end++
	}
	d.Package = text[:end]
	rest := strings.TrimSpace(text[end:])
	d.Name = d.Package
	if strings.HasPrefix(rest, "[") {
		if extras, after, ok := strings.Cut(rest, "]"); ok {
			d.Name, rest = d.Name+extras+"]", strings.TrimSpace(after)
		}
	}
	if strings.HasPrefix(rest, "@") {
		d.Package = "" // from an address, and no registry
	}
	d.Constraint = strings.TrimSuffix(strings.TrimPrefix(rest, "("), ")")
	if marker != "" {
		d.Constraint = strings.TrimSpace(d.Constraint + "; " + marker)
	}
	return d, marker
}

// address is a link with the word that its author chose.
type address struct{ label, url string }

// addresses lists the links of a version.
func (m *Metadata) addresses() []address {
	var out []address
	for _, text := range m.ProjectURLs {
		label, url, ok := strings.Cut(text, ",")
		if label, url = strings.TrimSpace(label), strings.TrimSpace(url); ok && label != "" && url != "" {
			out = append(out, address{label, url})
		}
	}
	if m.HomePage != "" && m.HomePage != "UNKNOWN" {
		out = append(out, address{"Homepage", m.HomePage})
	}
	if m.DownloadURL != "" && m.DownloadURL != "UNKNOWN" {
		out = append(out, address{"Download", m.DownloadURL})
	}
	return out
}

// title gives the words for well-known labels ("Well-known Project URLs").
func (a address) title() format.Text {
	plain := strings.Map(func(r rune) rune {
		if ascii.IsAlphanumeric(r) {
			return rune(lower(byte(r)))
		}
		return -1
	}, a.label)
	switch plain {
	case "homepage":
		return format.Text{En: "Home page", Ru: "Сайт"}
	case "source", "repository", "sourcecode", "github":
		return format.Text{En: "Source code", Ru: "Исходный код"}
	case "documentation", "docs":
		return format.Text{En: "Documentation", Ru: "Документация"}
	case "changelog", "changes", "releasenotes", "whatsnew", "history":
		return format.Text{En: "Changes", Ru: "Изменения"}
	case "issues", "bugs", "issue", "tracker", "issuetracker", "bugtracker":
		return format.Text{En: "Issues", Ru: "Задачи"}
	case "funding", "sponsor", "donate", "donation":
		return format.Text{En: "Funding", Ru: "Поддержать"}
	case "download":
		return format.Text{En: "Download", Ru: "Скачать"}
	}
	return format.Text{En: a.label, Ru: a.label}
}
