package cran

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ingot.dev/modules/format"
	"ingot.dev/modules/golden"
	"ingot.dev/modules/scope"
)

func codes(p format.Presentation) string {
	var b strings.Builder
	for _, task := range p.Tasks {
		for _, s := range task.Steps {
			fmt.Fprintf(&b, "%s %s: %s%s\n", task.Name, s.Name, map[bool]string{true: s.File + ": "}[s.File != ""], s.Code)
		}
	}
	return b.String()
}

func TestTasks(t *testing.T) {
	t.Parallel()
	s := library(t)
	v, err := s.Version(t.Context(), "acmeMoney", "0.9")
	if err != nil {
		t.Fatal(err)
	}
	view := format.View{Base: "https://forge.example/project/acme/rlibs/package/-/cran", Path: scope.Path{Kind: scope.Project, Owner: "acme", Name: "rlibs"}, User: "ann"}
	text := codes(New().Present(view))
	view.Package, view.Version, view.Private = &format.Package{Name: "acmeMoney"}, v, true
	view.User = "o'brien"
	golden.Equal(t, "steps.txt", text+"\n"+codes(New().Present(view)))
}

func TestPresent(t *testing.T) {
	t.Parallel()
	s := newShelf()
	s.put(t, "src", sourceOfPackage("acmeMoney", "1.0", "Depends: R (>= 3.5.0), methods\nImports: Rcpp (>= 1.0)\nSystemRequirements: GNU make\n"+
		"URL: https://example.com/a, http://example.com/b javascript:alert(1)\nBugReports: https://example.com/issues\nOS_type: unix\n"))
	v, err := s.Version(t.Context(), "acmeMoney", "1.0")
	if err != nil {
		t.Fatal(err)
	}
	v.Language = "4.2.1"
	got := New().Present(format.View{Version: v})
	got.Tasks = nil
	want := format.Presentation{
		Licence: "MIT",
		Dependencies: []format.Dependencies{
			{Title: format.Text{En: "Depends", Ru: "Зависит"}, Items: []format.Dependency{{Name: "methods"}}},
			{Title: format.Text{En: "Imports", Ru: "Импортирует"}, Items: []format.Dependency{{Name: "Rcpp", Constraint: ">= 1.0", Package: "Rcpp"}}},
			{Title: format.Text{En: "Links to", Ru: "Компонуется с"}},
			{Title: format.Text{En: "Suggests", Ru: "Предлагает"}},
			{Title: format.Text{En: "Enhances", Ru: "Дополняет"}},
		},
		Links: []format.Link{
			{Title: format.Text{En: "Home page", Ru: "Сайт"}, URL: "https://example.com/a"},
			{Title: format.Text{En: "Home page", Ru: "Сайт"}, URL: "http://example.com/b"},
			{Title: format.Text{En: "Issues", Ru: "Задачи"}, URL: "https://example.com/issues"},
		},
		Facts: []format.Fact{
			{Title: format.Text{En: "R", Ru: "R"}, Value: ">= 3.5.0"},
			{Title: format.Text{En: "Maintainer", Ru: "Сопровождающий"}, Value: "Ann"},
			{Title: format.Text{En: "System requirements", Ru: "Требования к системе"}, Value: "GNU make"},
			{Title: format.Text{En: "Operating system", Ru: "Операционная система"}, Value: "unix"},
			{Title: format.Text{En: "Compiled code", Ru: "Компилируемый код"}, Value: "no"},
			{Title: format.Text{En: "Made for R", Ru: "Для версии R"}, Value: "4.2"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
