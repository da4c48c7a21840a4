package container

import (
	"strings"

	"ingot.dev/modules/format"
)

// Present implements format.Presented.
func (c *Container) Present(v format.View) format.Presentation {
	s := steps{view: v, reference: "my-image:1.0.0", private: v.Private}
	r := record{Kind: kindImage}
	if v.Version != nil {
		r = readRecord(v.Version.Metadata)
	}
	if v.Package != nil {
		s.reference = v.Package.Name + suffix(v.Version)
	}
	if v.Package == nil {
		return format.Presentation{Tasks: append(s.pulling(), append(s.helm(record{}), s.publishing()...)...)}
	}
	p := format.Presentation{}
	switch r.Kind {
	case kindImage, kindIndex:
		p.Tasks = append(s.pulling(), s.publishing()...)
	case kindChart:
		p.Tasks = append(s.helm(r), s.charts()...)
	default:
		p.Tasks = s.artifacts()
	}
	if v.Version == nil {
		return p
	}
	r.tell(&p)
	p.Facts = facts(v.Version, &r)
	p.Sections = []format.Section{
		platforms(&r), layers(&r), table("labels", format.Text{En: "Labels", Ru: "Метки"}, r.Labels),
		table("annotations", format.Text{En: "Annotations", Ru: "Аннотации"}, r.Annotations),
	}
	return p
}

// suffix gives what follows the name in a reference. The tag that clients take
// where none is written is left out.
func suffix(v *format.Version) string {
	switch {
	case v == nil || v.Name == "latest":
		return ""
	case isDigest(v.Name):
		return "@" + v.Name
	}
	return ":" + v.Name
}

// steps writes what to type.
type steps struct {
	view      format.View
	reference string // of the image, without host and scope
	private   bool
}

// place gives the host and scope that a reference begins with.
func (s *steps) place() string {
	return s.view.Host + "/" + subjectOf(s.view.Path, "")
}

// insecure gives a flag where the server has no TLS.
func (s *steps) insecure(flag string) string {
	if strings.HasPrefix(s.view.Base, "http://") {
		return " " + flag
	}
	return ""
}

// login is the step that reading needs in a private scope, and writing always.
func (s *steps) login(name, client, flags string, needed bool) []format.Step {
	if !needed {
		return nil
	}
	return []format.Step{{
		Name: name, Title: format.Text{En: "Sign in with a transport token", Ru: "Войдите с транспортным токеном"},
		Code: client + " login" + flags + " --username " + s.view.User + " --password TOKEN " + s.view.Host,
	}}
}

func do(name string, title format.Text, code string) format.Step {
	return format.Step{Name: name, Title: title, Code: code}
}

// pulling gives a task for each client that fetches images.
func (s *steps) pulling() []format.Task {
	pull := format.Text{En: "Pull the image", Ru: "Скачайте образ"}
	podman, skopeo := s.insecure("--tls-verify=false"), s.insecure("--src-tls-verify=false")
	from := s.place() + s.reference
	return []format.Task{
		{
			Name: "docker", Title: format.Text{En: "Docker"},
			Steps: append(s.login("docker-login", "docker", "", s.private), do("docker-pull", pull, "docker pull "+from)),
		},
		{
			Name: "podman", Title: format.Text{En: "Podman"},
			Steps: append(s.login("podman-login", "podman", podman, s.private), do("podman-pull", pull, "podman pull"+podman+" "+from)),
		},
		{
			Name: "skopeo", Title: format.Text{En: "Skopeo"},
			Steps: append(s.login("skopeo-login", "skopeo", podman, s.private),
				do("skopeo-copy", format.Text{En: "Copy the image into a folder", Ru: "Скопируйте образ в папку"},
					"skopeo copy"+skopeo+" docker://"+from+" dir:image")),
		},
	}
}

// publishing tells how to push an image.
func (s *steps) publishing() []format.Task {
	to := s.place() + name(s.reference)
	podman := s.insecure("--tls-verify=false")
	push := format.Text{En: "Push the image", Ru: "Загрузите образ"}
	tag := format.Text{En: "Give it its name here", Ru: "Дайте ему здешнее имя"}
	local := name(s.reference)[strings.LastIndexByte(name(s.reference), '/')+1:]
	docker := s.login("publish-login", "docker", "", true)
	docker = append(docker, do("docker-tag", tag, "docker tag "+local+" "+to+":1.0.0"), do("docker-push", push, "docker push "+to+":1.0.0"))
	other := s.login("publish-podman-login", "podman", podman, true)
	other = append(other, do("podman-push", push, "podman push"+podman+" "+local+" "+to+":1.0.0"))
	return []format.Task{
		{Name: "publish", Title: format.Text{En: "Publish", Ru: "Опубликовать"}, Steps: docker},
		{Name: "publish-podman", Title: format.Text{En: "Publish with Podman", Ru: "Опубликовать через Podman"}, Steps: other},
	}
}

// name gives a reference without its tag or digest.
func name(reference string) string {
	reference, _, _ = strings.Cut(reference, "@")
	reference, _, _ = strings.Cut(reference, ":")
	return reference
}

// helm tells how to fetch a chart and install it. The tag of a chart is its
// version, in which a + is written _.
func (s *steps) helm(r record) []format.Task {
	address, version := s.chartPlace()+"my-chart", "1.0.0"
	if s.view.Package != nil {
		address, version = s.chartPlace()+s.view.Package.Name, ""
		if r.Chart != nil {
			version = r.Chart.Version
		}
	}
	flags := s.insecure("--plain-http")
	if version != "" {
		flags += " --version " + quote(version)
	}
	release := address[strings.LastIndexByte(address, '/')+1:]
	return []format.Task{{
		Name: "helm", Title: format.Text{En: "Helm"},
		Steps: append(s.signIn("helm-login", s.private),
			do("helm-pull", format.Text{En: "Fetch the chart", Ru: "Скачайте чарт"}, "helm pull "+address+flags),
			do("helm-install", format.Text{En: "Or install it into a cluster", Ru: "Или установите его в кластер"}, "helm install "+release+" "+address+flags)),
	}}
}

// chartPlace is place as references to charts are written.
func (s *steps) chartPlace() string {
	return "oci://" + s.view.Host + "/helm/" + subjectOf(s.view.Path, "")
}

func (s *steps) signIn(name string, needed bool) []format.Step {
	return s.login(name, "helm registry", s.insecure("--plain-http"), needed)
}

// charts tells how to push a chart.
func (s *steps) charts() []format.Task {
	folder := s.chartPlace() + s.view.Package.Name
	folder = folder[:strings.LastIndexByte(folder, '/')]
	return []format.Task{{
		Name: "publish", Title: format.Text{En: "Publish", Ru: "Опубликовать"},
		Steps: append(s.signIn("publish-login", true),
			do("helm-package", format.Text{En: "Pack the chart", Ru: "Упакуйте чарт"}, "helm package ."),
			do("helm-push", format.Text{En: "Push it", Ru: "Загрузите его"}, "helm push CHART.tgz "+folder+s.insecure("--plain-http"))),
	}}
}

// artifacts gives the tasks for what is no image and no chart.
func (s *steps) artifacts() []format.Task {
	flags := s.insecure("--plain-http")
	pull := s.login("oras-login", "oras", flags, s.private)
	push := s.login("publish-login", "oras", flags, true)
	return []format.Task{
		{
			Name: "oras", Title: format.Text{En: "ORAS"},
			Steps: append(pull, do("oras-pull", format.Text{En: "Fetch the files", Ru: "Скачайте файлы"}, "oras pull"+flags+" "+s.place()+s.reference)),
		},
		{
			Name: "publish", Title: format.Text{En: "Publish", Ru: "Опубликовать"},
			Steps: append(push, do("oras-push", format.Text{En: "Push files", Ru: "Загрузите файлы"}, "oras push"+flags+" "+s.place()+name(s.reference)+":1.0.0 FILE")),
		},
	}
}

// quote makes s one word of a shell where it is not one already.
func quote(s string) string {
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune(".-_+", r):
		default:
			return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
		}
	}
	return s
}
