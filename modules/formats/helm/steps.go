package helm

import (
	"strings"

	"ingot.dev/modules/format"
	"ingot.dev/modules/scope"
)

// words are what stands in the steps.
type words struct {
	base, user    string
	label         string // of the repository, at the user's
	private       bool
	name, version string // of the chart; examples where the page is of none
}

// tasks tells what to type. A library is no release; it is depended upon.
func tasks(v format.View, kind string) []format.Task {
	w := words{base: v.Base, user: quote(v.User), label: label(v.Path), private: v.Private, name: "my-chart", version: "1.0.0"}
	if v.Package == nil {
		search := step("search", "See what there is", "Посмотрите, что в нём есть", "helm search repo "+w.label+"/")
		return append([]format.Task{task("helm", "Helm", "Helm", w.connected(search))}, w.publishing()...)
	}
	w.name = v.Package.Name
	if v.Version != nil {
		w.version = v.Version.Name
	}
	chart := w.label + "/" + w.name + " --version " + quote(w.version)
	install := step("install", "Install the chart into your cluster", "Установите чарт в кластер", "helm install my-release "+chart)
	pull := step("pull", "Download the chart", "Скачайте чарт", "helm pull "+chart)
	depend := step("dependency", "Name it in the Chart.yaml of your chart", "Укажите его в Chart.yaml вашего чарта",
		"dependencies:\n  - name: "+w.name+"\n    version: \""+w.version+"\"\n    repository: "+w.base)
	depend.File = "Chart.yaml"
	fetch := step("dependencyUpdate", "Fetch it, in the folder of your chart", "Скачайте его, находясь в папке вашего чарта", "helm dependency update")
	list := []format.Task{
		task("helm", "Helm", "Helm", w.connected(install)),
		task("pull", "Download", "Скачать", w.connected(pull)),
		task("dependency", "Depend on it", "Зависеть от него", w.connected(depend, fetch)),
	}
	if kind == "library" {
		list = list[1:]
	}
	return append(list, w.publishing()...)
}

// connected puts the steps in front that every use of a registry begins with.
func (w words) connected(more ...format.Step) []format.Step {
	add := "helm repo add " + w.label + " " + w.base
	if w.private {
		add += " --username " + w.user + " --password TOKEN"
	}
	return append([]format.Step{
		step("repo", "Add the registry", "Добавьте реестр", add),
		step("update", "Fetch the list of its charts", "Получите список его чартов", "helm repo update "+w.label),
	}, more...)
}

func (w words) publishing() []format.Task {
	file, folder := quote(fileName(w.name, w.version)), quote(w.name)
	curl := "curl --fail --user " + w.user + ":TOKEN "
	address := " " + w.base + "/api/charts"
	return []format.Task{
		task("publish", "Publish", "Опубликовать", []format.Step{
			step("package", "Pack the chart that is in the folder "+w.name, "Упакуйте чарт из папки "+w.name, "helm package "+folder),
			step("upload", "Upload it with a transport token", "Загрузите его с транспортным токеном", curl+"--data-binary @"+file+address),
		}),
		task("sign", "Publish signed", "Опубликовать с подписью", []format.Step{
			step("sign", "Pack the chart and sign it with your OpenPGP key", "Упакуйте чарт и подпишите его вашим ключом OpenPGP",
				"helm package --sign --key KEY --keyring ~/.gnupg/secring.gpg "+folder),
			step("uploadSigned", "Upload both files with a transport token", "Загрузите оба файла с транспортным токеном",
				curl+"--form chart=@"+file+" --form prov=@"+file+".prov"+address),
		}),
	}
}

func task(name, en, ru string, steps []format.Step) format.Task {
	return format.Task{Name: name, Title: format.Text{En: en, Ru: ru}, Steps: steps}
}

func step(name, en, ru, code string) format.Step {
	return format.Step{Name: name, Title: format.Text{En: en, Ru: ru}, Code: code}
}

// label makes a name for the repository: its owner's.
func label(p scope.Path) string {
	switch {
	case p.Name != "":
		return p.Owner + "-" + p.Name
	case p.Owner != "":
		return p.Owner
	}
	return "ingot"
}

// quote makes s one word of a shell where it is not one already.
func quote(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-/:+@=", r)
	}
	if s != "" && strings.TrimFunc(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
