package npm

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/format"
)

// What the page shows is what the scripts of integrations run: here is that it
// is whole and that its names are told apart.
func TestPresent(t *testing.T) {
	t.Parallel()
	s := newShelf("@acme/money", "1.0.0")
	v := format.View{Base: "http://h:8080/project/a/b/package/-/npm", Host: "h:8080", Private: true, User: "ann"}
	connect := codes(New().Present(v))
	for name, want := range map[string]string{
		"registry":     "npm config set --location=project registry=http://h:8080/project/a/b/package/-/npm/",
		"credential":   "npm config set //h:8080/project/a/b/package/-/npm/:_authToken=TOKEN",
		"yarnHttp":     `yarn config set unsafeHttpWhitelist --json '["h"]'`,
		"yarnRegistry": "yarn config set npmRegistryServer http://h:8080/project/a/b/package/-/npm",
		"yarnToken":    `yarn config set --home 'npmRegistries["//h:8080/project/a/b/package/-/npm"].npmAuthToken' TOKEN`,
		"publish":      "npm publish",
		"login":        "npm login --registry=http://h:8080/project/a/b/package/-/npm/",
	} {
		if diff := cmp.Diff(want, connect[name]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	v.Package, v.Version = &s.pkg, s.versions[0]
	s.versions[0].Properties[deprecatedKey] = "old"
	p := New().Present(v)
	steps := codes(p)
	for name, want := range map[string]string{
		"registry":     "npm config set --location=project @acme:registry=http://h:8080/project/a/b/package/-/npm/",
		"yarnRegistry": "yarn config set npmScopes.acme.npmRegistryServer http://h:8080/project/a/b/package/-/npm",
		"install":      "npm install @acme/money@1.0.0", "pnpmAdd": "pnpm add @acme/money@1.0.0", "yarnAdd": "yarn add @acme/money@1.0.0",
		"yarn1Add": "yarn add @acme/money@1.0.0", "bunAdd": "bun add @acme/money@1.0.0", "denoAdd": "deno add npm:@acme/money@1.0.0",
	} {
		if diff := cmp.Diff(want, steps[name]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if p.Licence != "MIT" || !strings.Contains(p.Notice.En, "old") || len(p.Dependencies) != 1 || p.Dependencies[0].Items[0].Package != "x" {
		t.Errorf("%+v", p)
	}
}

func codes(p format.Presentation) map[string]string {
	out := map[string]string{}
	for _, task := range p.Tasks {
		for _, s := range task.Steps {
			out[s.Name] = s.Code
		}
	}
	return out
}

func TestDependenciesPointAtPackages(t *testing.T) {
	t.Parallel()
	d := describe([]byte(`{"dependencies":{"a":"^1","b":"npm:@acme/real@2","c":"github:x/y","d":"file:../d","E":"1"}}`))
	got := map[string]string{}
	for _, item := range dependencies(d.root)[0].Items {
		got[item.Name] = item.Package
	}
	if diff := cmp.Diff(map[string]string{"a": "a", "b": "@acme/real", "c": "", "d": "", "E": "E"}, got); diff != "" {
		t.Error(diff)
	}
}
