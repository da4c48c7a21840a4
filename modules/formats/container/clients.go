package container

import (
	"regexp"
	"strings"

	"ingot.dev/modules/format"
)

// client is a program that reads and writes registries, and what to type for
// it. Words in braces stand for what words gives; what is in brackets is for
// servers without TLS. Docker takes that from the settings of its daemon.
type client struct {
	name  string // stable: its steps are called by it
	title string

	login, pull, install, push string
}

// family is what the clients of one kind of packages have in common.
type family struct {
	example    string // name of a package that is not there yet
	pull, push format.Text
	clients    []client
}

func images() family {
	return family{
		example: "my-image",
		pull:    format.Text{En: "Pull the image", Ru: "Скачайте образ"},
		push:    format.Text{En: "Push an image", Ru: "Загрузите образ"},
		clients: []client{
			{
				name: "docker", title: "Docker",
				login: "docker login --username {user} --password TOKEN {host}",
				pull:  "docker pull {image}",
				push:  "docker tag {local} {new} && docker push {new}",
			},
			{
				name: "podman", title: "Podman",
				login: "podman login [--tls-verify=false ]--username {user} --password TOKEN {host}",
				pull:  "podman pull [--tls-verify=false ]{image}",
				push:  "podman push [--tls-verify=false ]{local} {new}",
			},
			{
				name: "buildah", title: "Buildah",
				login: "buildah login [--tls-verify=false ]--username {user} --password TOKEN {host}",
				pull:  "buildah pull [--tls-verify=false ]{image}",
				push:  "buildah push [--tls-verify=false ]{local} {new}",
			},
			{
				name: "skopeo", title: "Skopeo",
				login: "skopeo login [--tls-verify=false ]--username {user} --password TOKEN {host}",
				pull:  "skopeo copy --all [--src-tls-verify=false ]docker://{image} oci:{local}:{tag}",
				push:  "skopeo copy --all [--dest-tls-verify=false ]oci:{local}:{tag} docker://{new}",
			},
			{
				name: "crane", title: "crane",
				login: "crane auth login --username {user} --password TOKEN {host}",
				pull:  "crane pull [--insecure ]{image} {local}.tar",
				push:  "crane push [--insecure ]{local}.tar {new}",
			},
			{
				name: "regctl", title: "regctl",
				login: "[regctl registry set --tls disabled {host} && ]regctl registry login --user {user} --pass TOKEN {host}",
				pull:  "[regctl registry set --tls disabled {host} && ]regctl image copy {image} ocidir://{local}:{tag}",
				push:  "regctl image copy ocidir://{local}:{tag} {new}",
			},
			{
				name: "oras", title: "ORAS",
				login: "oras login [--plain-http ]--username {user} --password TOKEN {host}",
				pull:  "oras copy [--from-plain-http ]{image} --to-oci-layout {local}:{tag}",
				push:  "oras copy [--to-plain-http ]--from-oci-layout {local}:{tag} {new}",
			},
		},
	}
}

func charts() family {
	return family{
		example: "my-chart",
		pull:    format.Text{En: "Fetch the chart", Ru: "Скачайте чарт"},
		push:    format.Text{En: "Pack a chart and push it", Ru: "Упакуйте чарт и загрузите его"},
		clients: []client{{
			name: "helm", title: "Helm",
			login:   "helm registry login [--plain-http ]--username {user} --password TOKEN {host}",
			pull:    "helm pull [--plain-http ]{charts}/{local} --version {version}",
			install: "helm install {local} [--plain-http ]{charts}/{local} --version {version}",
			push:    "helm package {local} && helm push [--plain-http ]{local}-{version}.tgz {charts}",
		}},
	}
}

// artifacts is for files that are no image and no chart.
func artifacts() family {
	return family{
		pull: format.Text{En: "Fetch the files", Ru: "Скачайте файлы"},
		push: format.Text{En: "Push files", Ru: "Загрузите файлы"},
		clients: []client{{
			name: "oras", title: "ORAS",
			login: "oras login [--plain-http ]--username {user} --password TOKEN {host}",
			pull:  "oras pull [--plain-http ]{image}",
			push:  "oras push [--plain-http ]{new} FILE",
		}},
	}
}

// tasks tells how to read what v shows with each client, and how to write its
// like.
func tasks(v format.View, r *record) []format.Task {
	switch {
	case v.Package == nil:
		return append(images().tasks(v, r), charts().tasks(v, r)...)
	case v.Version == nil, r.Kind == kindImage, r.Kind == kindIndex:
		return images().tasks(v, r)
	case r.Kind == kindChart:
		return charts().tasks(v, r)
	}
	return artifacts().tasks(v, r)
}

// tasks begins with signing in where nobody may read without.
func (f family) tasks(v format.View, r *record) []format.Task {
	fill := f.words(v, r)
	var list []format.Task
	for _, c := range f.clients {
		step := func(name string, title format.Text, code string) format.Step {
			return format.Step{Name: c.name + "-" + name, Title: title, Code: fill.Replace(insecure(v, code))}
		}
		login := step("login", format.Text{En: "Sign in with a transport token", Ru: "Войдите с транспортным токеном"}, c.login)
		steps := []format.Step{step("pull", f.pull, c.pull)}
		if c.install != "" {
			steps = append(steps, step("install", format.Text{En: "Or install it into a cluster", Ru: "Или установите его в кластер"}, c.install))
		}
		if v.Private {
			steps = append([]format.Step{login}, steps...)
		} else {
			steps = append(steps, login)
		}
		steps = append(steps, step("push", f.push, c.push))
		list = append(list, format.Task{Name: c.name, Title: format.Text{En: c.title}, Steps: steps})
	}
	return list
}

// words gives what the names in braces stand for. References to charts begin
// with helm/, and their tag is the chart's version, in which a + is written _.
// The tag that clients take where none is written is left out.
func (f family) words(v format.View, r *record) *strings.Replacer {
	image, tag, version := f.example, "1.0.0", "1.0.0"
	if v.Package != nil {
		image = v.Package.Name
	}
	reference := ":" + tag
	switch {
	case v.Version == nil:
	case isDigest(v.Version.Name):
		reference = "@" + v.Version.Name
	default:
		tag = v.Version.Name
		if reference = ":" + tag; tag == "latest" {
			reference = ""
		}
	}
	if r.Chart != nil {
		version = format.ShellWord(r.Chart.Version)
	}
	full := subjectOf(v.Path, image)
	slash := strings.LastIndexByte("/"+full, '/')
	return strings.NewReplacer(
		"{host}", v.Host, "{user}", format.ShellWord(v.User), "{image}", v.Host+"/"+full+reference, "{new}", v.Host+"/"+full+":"+tag,
		"{local}", full[slash:], "{tag}", tag, "{version}", version,
		"{charts}", strings.TrimSuffix("oci://"+v.Host+"/helm/"+full[:slash], "/"),
	)
}

var bracketed = regexp.MustCompile(`\[([^\]]*)\]`)

// insecure gives code with what is in brackets, or without it where the server
// has TLS.
func insecure(v format.View, code string) string {
	kept := ""
	if strings.HasPrefix(v.Base, "http://") {
		kept = "$1"
	}
	return bracketed.ReplaceAllString(code, kept)
}
