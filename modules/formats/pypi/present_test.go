package pypi

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/format"
)

func view(t *testing.T, metadata string) format.View {
	t.Helper()
	m, err := ParseMetadata([]byte(metadata))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return format.View{
		Base: "https://ingot.example/project/ann/shop/package/-/pypi", Host: "ingot.example", User: "ann",
		Package: &format.Package{Name: m.Name}, Version: &format.Version{Name: m.Version, Metadata: raw},
	}
}

func TestPresent(t *testing.T) {
	t.Parallel()
	v := view(t, "Metadata-Version: 2.4\nName: Acme.Money\nVersion: 1.0\nLicense-Expression: MIT\nKeywords: money,exact amounts\n"+
		"Author-Email: Ann <ann@example.com>\nRequires-Python: >=3.8\nProvides-Extra: web\nHome-page: https://example.com\n"+
		"Requires-Dist: acme-decimal[fast] (>=1.0) ; python_version < '3.9'\nRequires-Dist: flask; extra == 'web'\nRequires-Dist: here @ https://example.com/here.zip\n"+
		"Project-URL: Source Code, https://example.com/git\nProject-URL: Talk, https://example.com/talk\n")
	v.Package.Properties = map[string]string{"status": "archived", "status-reason": "done"}
	p := New().Present(v)
	p.Tasks = nil
	text := func(en, ru string) format.Text { return format.Text{En: en, Ru: ru} }
	want := format.Presentation{
		Licence: "MIT", Keywords: []string{"money", "exact amounts"},
		Dependencies: []format.Dependencies{
			{Title: text("Requires", "Требует"), Items: []format.Dependency{
				{Name: "acme-decimal[fast]", Constraint: ">=1.0; python_version < '3.9'", Package: "acme-decimal"},
				{Name: "here", Constraint: "@ https://example.com/here.zip"},
			}},
			{Title: text("Requires with extras", "Требует с дополнениями"), Items: []format.Dependency{{Name: "flask", Constraint: "; extra == 'web'", Package: "flask"}}},
		},
		Links: []format.Link{
			{Title: text("Source code", "Исходный код"), URL: "https://example.com/git"},
			{Title: text("Talk", "Talk"), URL: "https://example.com/talk"},
			{Title: text("Home page", "Сайт"), URL: "https://example.com"},
		},
		Facts: []format.Fact{
			{Title: text("Python", "Python"), Value: ">=3.8"},
			{Title: text("Author", "Автор"), Value: "Ann"},
			{Title: text("Extras", "Дополнения"), Value: "web"},
		},
		Notice: text("This project is archived: no new versions are to be expected: done", "Проект в архиве: новых версий не будет: done"),
	}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Error(diff)
	}
}

func TestSteps(t *testing.T) {
	t.Parallel()
	code := func(v format.View, step string) string {
		for _, task := range New().Present(v).Tasks {
			for _, s := range task.Steps {
				if s.Name == step {
					return s.Code
				}
			}
		}
		t.Fatalf("there is no step %s", step)
		return ""
	}
	v := view(t, "Metadata-Version: 2.1\nName: money\nVersion: 1.0\n")
	private := v
	private.Private = true
	plain := v
	plain.Base = "http://forge.internal:3000/company/acme/package/-/pypi"
	whole := format.View{Base: v.Base, User: "o'brien"}
	for _, c := range []struct {
		v          format.View
		step, want string
	}{
		{v, "install", "pip install --index-url https://ingot.example/project/ann/shop/package/-/pypi/simple/ money==1.0"},
		{private, "install", "pip install --index-url https://ann:TOKEN@ingot.example/project/ann/shop/package/-/pypi/simple/ money==1.0"},
		{plain, "install", "pip install --index-url http://forge.internal:3000/company/acme/package/-/pypi/simple/ --trusted-host forge.internal:3000 money==1.0"},
		{whole, "install", "pip install --index-url https://ingot.example/project/ann/shop/package/-/pypi/simple/ PACKAGE"},
		{v, "index", "--index-url https://ingot.example/project/ann/shop/package/-/pypi/simple/\nmoney==1.0"},
		{whole, "upload", `twine upload --repository-url https://ingot.example/project/ann/shop/package/-/pypi/ --username 'o'\''brien' --password TOKEN dist/*`},
	} {
		if got := code(c.v, c.step); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.step, got, c.want)
		}
	}
}

func TestLicence(t *testing.T) {
	t.Parallel()
	for want, m := range map[string]Metadata{
		"Apache-2.0":  {LicenseExpression: "Apache-2.0", License: "x"},
		"BSD":         {License: "BSD"},
		"MIT License": {License: "MIT\nwith its text", Classifiers: []string{"Topic :: X", "License :: OSI Approved :: MIT License"}},
		"":            {License: "UNKNOWN"},
	} {
		if got := m.licence(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
