package maven

import (
	"strings"

	"ingot.dev/modules/format"
)

// dialect is a language of Gradle's build scripts. Steps keep to what both
// read, but for one word.
type dialect struct {
	prefix   string // of the names of steps
	file     string
	insecure string // the property that allows plain HTTP
}

var (
	groovy = dialect{"gradle-", "build.gradle", "allowInsecureProtocol"}
	kotlin = dialect{"kotlin-", "build.gradle.kts", "isAllowInsecureProtocol"}
)

// repository writes the block of a Maven repository.
func (p page) repository(d dialect, credential bool) []string {
	out := []string{"repositories {", "    maven {", `        url = uri("` + p.Base + `")`}
	if strings.HasPrefix(p.Base, "http://") { // older ones neither know the word nor need it
		out = append(out, `        if (GradleVersion.current() >= GradleVersion.version("6.2")) `+d.insecure+" = true")
	}
	if credential {
		out = append(out,
			"        credentials {",
			`            username = "`+p.User+`"`,
			`            password = "TOKEN"`,
			"        }",
		)
	}
	return append(out, "    }", "}")
}

func (p page) gradle(d dialect) []format.Step {
	steps := []format.Step{{
		Name: d.prefix + "repository", File: d.file,
		Title: format.Text{En: "Add the registry to the project", Ru: "Добавьте реестр в проект"},
		Code:  lines(p.repository(d, p.Private)...),
	}}
	if p.Package == nil {
		return steps
	}
	return append(steps, format.Step{
		Name: d.prefix + "dependency", File: d.file,
		Title: format.Text{En: "Add the artifact", Ru: "Добавьте артефакт"},
		Code:  lines("dependencies {", `    implementation("`+p.coordinates()+`")`, "}"),
	})
}

// publish is for the plugin maven-publish.
func (p page) publish() []format.Step {
	code := []string{
		"publishing {",
		"    publications {",
		"        maven(MavenPublication) {",
		"            from components.java",
		"        }",
		"    }",
	}
	for _, line := range p.repository(groovy, true) {
		code = append(code, "    "+line)
	}
	return []format.Step{
		{
			Name: "gradle-publishing", File: groovy.file,
			Title: format.Text{En: "Say what is published and where, with the plugins java and maven-publish", Ru: "Укажите, что и куда публиковать; нужны плагины java и maven-publish"},
			Code:  lines(append(code, "}")...),
		},
		{
			Name:  "gradle-publish",
			Title: format.Text{En: "Build and publish", Ru: "Соберите и опубликуйте"},
			Code:  "gradle publish",
		},
	}
}
