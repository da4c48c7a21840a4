package npm

import (
	"strconv"
	"strings"

	"ingot.dev/modules/format"
	"ingot.dev/modules/ordered"
)

// Present implements format.Presented.
func (*NPM) Present(v format.View) format.Presentation {
	p := format.Presentation{Tasks: tasks(v)}
	if v.Version == nil {
		return p
	}
	d := describe(v.Version.Metadata)
	p.Licence, p.Keywords = d.Licence, d.Keywords
	p.Dependencies = dependencies(d.root)
	for _, l := range []struct {
		title format.Text
		url   string
	}{
		{format.Text{En: "Home page", Ru: "Сайт"}, d.Homepage},
		{format.Text{En: "Source code", Ru: "Исходный код"}, d.Repository},
		{format.Text{En: "Issues", Ru: "Задачи"}, d.Bugs},
	} {
		if l.url != "" {
			p.Links = append(p.Links, format.Link{Title: l.title, URL: l.url})
		}
	}
	p.Facts = facts(v.Version, d)
	if reason := v.Version.Properties[deprecatedKey]; reason != "" {
		p.Notice = format.Text{En: "This version is deprecated: " + reason, Ru: "Эта версия устарела: " + reason}
	}
	return p
}

func dependencies(m ordered.Value) []format.Dependencies {
	titles := map[string]format.Text{
		"dependencies":         {En: "Requires", Ru: "Требует"},
		"optionalDependencies": {En: "Optional", Ru: "Необязательные"},
		"peerDependencies":     {En: "Expects beside it", Ru: "Ожидает рядом"},
		"devDependencies":      {En: "For development", Ru: "Для разработки"},
	}
	var groups []format.Dependencies
	for _, key := range dependencyKeys {
		list, _ := m.Lookup(key)
		group := format.Dependencies{Title: titles[key]}
		for _, d := range list.Members {
			item := format.Dependency{Name: d.Key, Constraint: d.Value.Text}
			name := d.Key
			if alias, ok := strings.CutPrefix(d.Value.Text, "npm:"); ok { // another package under this name
				name = alias
				if at := strings.LastIndexByte(alias, '@'); at > 0 {
					name = alias[:at]
				}
			}
			if _, err := CanonicalName(name); err == nil && !strings.Contains(item.Constraint, "/") || name != d.Key {
				item.Package = name // what has a slash is an address
			}
			group.Items = append(group.Items, item)
		}
		if group.Items != nil {
			groups = append(groups, group)
		}
	}
	return groups
}

func facts(v *format.Version, d description) []format.Fact {
	var list []format.Fact
	add := func(en, ru, value string) {
		if value != "" {
			list = append(list, format.Fact{Title: format.Text{En: en, Ru: ru}, Value: value})
		}
	}
	engines, _ := d.root.Lookup("engines")
	add("Node.js", "Node.js", textOf(engines, "node"))
	if textOf(d.root, "type") == "module" {
		add("Modules", "Модули", "ESM")
	}
	bin, _ := d.root.Lookup("bin")
	var commands []string
	for _, m := range bin.Members {
		commands = append(commands, m.Key)
	}
	add("Commands", "Команды", strings.Join(commands, ", "))
	for _, key := range []struct{ key, en, ru string }{{"os", "Systems", "Системы"}, {"cpu", "Processors", "Процессоры"}} {
		values, _ := d.root.Lookup(key.key)
		var words []string
		for _, item := range values.Items {
			words = append(words, item.Text)
		}
		add(key.en, key.ru, strings.Join(words, ", "))
	}
	add("Author", "Автор", d.Author)
	if t, ok, err := distOf("", v); ok && err == nil {
		if t.Files > 0 {
			add("Unpacked", "Распакован", size(t.Unpacked)+", "+strconv.Itoa(t.Files)+" files")
		}
		if t.Attestations != nil {
			add("Provenance", "Происхождение", t.Attestations.Provenance.PredicateType)
		}
	}
	return list
}

// size writes a number of bytes for people.
func size(n int64) string {
	switch {
	case n >= 1<<20:
		return strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64) + " MiB"
	case n >= 1<<10:
		return strconv.FormatFloat(float64(n)/(1<<10), 'f', 1, 64) + " KiB"
	}
	return strconv.FormatInt(n, 10) + " B"
}

// tasks tells what to type. All clients but yarn 4 read the .npmrc that npm
// writes.
func tasks(v format.View) []format.Task {
	base, spec := v.Base+"/", ""
	if v.Package != nil {
		spec = v.Package.Name
		if v.Version != nil {
			spec += "@" + v.Version.Name
		}
	}
	scope := ""
	if strings.HasPrefix(spec, "@") {
		scope, _, _ = strings.Cut(spec, "/")
	}
	registry := format.NewStep("registry", "Let this project ask the registry", "Направьте проект в реестр", "npm config set --location=project registry="+base)
	if scope != "" {
		registry = format.NewStep("registry", "Let this project ask the registry for "+scope, "Направьте проект в реестр за "+scope, "npm config set --location=project "+scope+":registry="+base)
	}
	credential := format.NewStep("credential", "Sign in with a transport token", "Войдите с транспортным токеном", "npm config set "+tokenSetting(v.Base)+"=TOKEN")
	connect := []format.Step{registry}
	if v.Private {
		connect = append(connect, credential)
	}
	install := func(name string, title format.Text, stepName, command string, more ...format.Step) format.Task {
		steps := append(append([]format.Step{}, connect...), more...)
		if spec != "" {
			steps = append(steps, format.NewStep(stepName, "Install the package", "Установите пакет", command+spec))
		}
		return format.Task{Name: name, Title: title, Steps: steps}
	}
	same := func(s string) format.Text { return format.Text{En: s, Ru: s} }
	berry := berrySteps(v, scope)
	if spec != "" {
		berry = append(berry, format.NewStep("yarnAdd", "Install the package", "Установите пакет", "yarn add "+spec))
	}
	return []format.Task{
		install("npm", same("npm"), "install", "npm install "),
		install("pnpm", same("pnpm"), "pnpmAdd", "pnpm add "),
		{Name: "yarn", Title: same("Yarn"), Steps: berry},
		install("yarn1", same("Yarn 1"), "yarn1Add", "yarn add "),
		install("bun", same("Bun"), "bunAdd", "bun add "),
		install("deno", same("Deno"), "denoAdd", "deno add npm:"),
		{
			Name: "publish", Title: format.Text{En: "Publish", Ru: "Опубликовать"},
			Steps: []format.Step{
				registry, credential,
				format.NewStep("publish", "Publish the package in this folder", "Опубликуйте пакет из этой папки", "npm publish"),
			},
		},
		{
			Name: "login", Title: format.Text{En: "Sign in", Ru: "Войти"},
			Steps: []format.Step{format.NewStep("login", "Sign in with the browser instead of a token", "Войдите через браузер вместо токена", "npm login --registry="+base)},
		},
	}
}

// berrySteps connect yarn 2 and later, which has settings of its own.
func berrySteps(v format.View, scope string) []format.Step {
	var steps []format.Step
	if host, ok := strings.CutPrefix(v.Base, "http://"); ok {
		host, _, _ = strings.Cut(host, "/")
		host, _, _ = strings.Cut(host, ":")
		steps = append(steps, format.NewStep("yarnHttp", "This registry has no TLS: allow it in this project", "У этого реестра нет TLS: разрешите это для проекта",
			"yarn config set unsafeHttpWhitelist --json '[\""+host+"\"]'"))
	}
	set := "yarn config set "
	if scope != "" {
		set += "npmScopes." + strings.TrimPrefix(scope, "@") + "."
	}
	steps = append(steps, format.NewStep("yarnRegistry", "Let this project ask the registry", "Направьте проект в реестр", set+"npmRegistryServer "+v.Base))
	if v.Private {
		steps = append(steps, format.NewStep("yarnToken", "Sign in with a transport token", "Войдите с транспортным токеном", "yarn config set --home 'npmRegistries[\""+strings.TrimPrefix(strings.TrimPrefix(v.Base, "https:"), "http:")+"\"].npmAuthToken' TOKEN"))
	}
	return steps
}

// tokenSetting is the name under which npm keeps the token of a registry.
func tokenSetting(base string) string {
	return strings.TrimPrefix(strings.TrimPrefix(base, "https:"), "http:") + "/:_authToken"
}
