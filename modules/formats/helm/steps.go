package helm

import (
	"ingot.dev/modules/format"
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
	w := words{base: v.Base, user: format.ShellWord(v.User), label: v.Label(), private: v.Private, name: "my-chart", version: "1.0.0"}
	if v.Package == nil {
		search := format.NewStep("search", "See what there is", "Посмотрите, что в нём есть", "helm search repo "+w.label+"/")
		return append([]format.Task{format.NewTask("helm", "Helm", "Helm", w.connected(search)...)}, w.publishing()...)
	}
	w.name = v.Package.Name
	if v.Version != nil {
		w.version = v.Version.Name
	}
	chart := w.label + "/" + w.name + " --version " + format.ShellWord(w.version)
	install := format.NewStep("install", "Install the chart into your cluster", "Установите чарт в кластер", "helm install my-release "+chart)
	pull := format.NewStep("pull", "Download the chart", "Скачайте чарт", "helm pull "+chart)
	depend := format.NewStep("dependency", "Name it in the Chart.yaml of your chart", "Укажите его в Chart.yaml вашего чарта",
		"dependencies:\n  - name: "+w.name+"\n    version: \""+w.version+"\"\n    repository: "+w.base)
	depend.File = "Chart.yaml"
	fetch := format.NewStep("dependencyUpdate", "Fetch it, in the folder of your chart", "Скачайте его, находясь в папке вашего чарта", "helm dependency update")
	list := []format.Task{
		format.NewTask("helm", "Helm", "Helm", w.connected(install)...),
		format.NewTask("pull", "Download", "Скачать", w.connected(pull)...),
		format.NewTask("dependency", "Depend on it", "Зависеть от него", w.connected(depend, fetch)...),
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
		format.NewStep("repo", "Add the registry", "Добавьте реестр", add),
		format.NewStep("update", "Fetch the list of its charts", "Получите список его чартов", "helm repo update "+w.label),
	}, more...)
}

func (w words) publishing() []format.Task {
	file, folder := format.ShellWord(fileName(w.name, w.version)), format.ShellWord(w.name)
	curl := "curl --fail --user " + w.user + ":TOKEN "
	address := " " + w.base + "/api/charts"
	return []format.Task{
		format.NewTask("publish", "Publish", "Опубликовать",
			format.NewStep("package", "Pack the chart that is in the folder "+w.name, "Упакуйте чарт из папки "+w.name, "helm package "+folder),
			format.NewStep("upload", "Upload it with a transport token", "Загрузите его с транспортным токеном", curl+"--data-binary @"+file+address)),
		format.NewTask("sign", "Publish signed", "Опубликовать с подписью",
			format.NewStep("sign", "Pack the chart and sign it with your OpenPGP key", "Упакуйте чарт и подпишите его вашим ключом OpenPGP",
				"helm package --sign --key KEY --keyring ~/.gnupg/secring.gpg "+folder),
			format.NewStep("uploadSigned", "Upload both files with a transport token", "Загрузите оба файла с транспортным токеном",
				curl+"--form chart=@"+file+" --form prov=@"+file+".prov"+address)),
	}
}
