package options_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template/parse"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"ingot.dev/modules/i18n"
	"ingot.dev/options"
)

const root = ".."

func catalogue(t *testing.T) []*i18n.Locale {
	t.Helper()
	c, err := i18n.Load(options.Files)
	if err != nil {
		t.Fatal(err)
	}
	return c.Locales()
}

// base is a key without the suffix of a plural form.
func base(key string) string {
	for _, form := range []string{".zero", ".one", ".two", ".few", ".many", ".other"} {
		if stem, ok := strings.CutSuffix(key, form); ok {
			return stem
		}
	}
	return key
}

var place = regexp.MustCompile(`\{[0-9n]+\}`)

// places are the arguments of a text. The forms of a plural that stand for one
// number alone may leave it out, so they are looked at as one.
func places(l *i18n.Locale, key string) string {
	var found []string
	for _, k := range l.Keys() {
		if base(k) == key {
			found = append(found, place.FindAllString(l.Tr(k), -1)...)
		}
	}
	slices.Sort(found)
	return strings.Join(slices.Compact(found), " ")
}

func bases(l *i18n.Locale) []string {
	var out []string
	for _, k := range l.Keys() {
		out = append(out, base(k))
	}
	return slices.Compact(out)
}

// All languages say the same: the same keys with the same arguments.
func TestLanguagesAgree(t *testing.T) {
	t.Parallel()
	locales := catalogue(t)
	if len(locales) < 2 {
		t.Fatal("there is one language only")
	}
	english := locales[0]
	for _, l := range locales[1:] {
		for _, key := range bases(english) {
			if !l.Has(key) {
				t.Errorf("%s lacks %s", l.Code(), key)
			} else if got, want := places(l, key), places(english, key); got != want {
				t.Errorf("%s %s has the arguments %q, English has %q", l.Code(), key, got, want)
			}
		}
		for _, key := range bases(l) {
			if !english.Has(key) {
				t.Errorf("English lacks %s, which %s has", key, l.Code())
			}
		}
	}
}

// Each language has the plural forms that its numbers ask for, by CLDR.
func TestPluralForms(t *testing.T) {
	t.Parallel()
	suffix := map[plural.Form]string{
		plural.Zero: ".zero", plural.One: ".one", plural.Two: ".two",
		plural.Few: ".few", plural.Many: ".many", plural.Other: ".other",
	}
	for _, l := range catalogue(t) {
		for _, key := range bases(l) {
			if slices.Contains(l.Keys(), key) {
				continue // it has no forms
			}
			for n := range 200 {
				form := plural.Cardinal.MatchPlural(language.Make(l.Code()), n, 0, 0, 0, 0)
				if want := key + suffix[form]; !slices.Contains(l.Keys(), want) {
					t.Errorf("%s lacks %s, which %d takes", l.Code(), want, n)
					break
				}
			}
		}
	}
}

// uses is what the program asks for: whole keys, and beginnings of keys that
// are put together while it runs.
type uses struct {
	asked    map[string]string // by Tr and its kin: key to place
	literals map[string]bool   // every string there is
	prefixes map[string]bool
}

func TestKeysAndUsesMatch(t *testing.T) {
	t.Parallel()
	english := catalogue(t)[0]
	u := uses{map[string]string{}, map[string]bool{}, map[string]bool{}}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules" || d.Name() == "testdata" || d.Name() == "data"):
			return filepath.SkipDir
		case strings.HasSuffix(path, "_test.go"):
			return nil
		case strings.HasSuffix(path, ".go"):
			return u.code(path)
		case strings.HasSuffix(path, ".tmpl"):
			return u.template(path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(u.asked) < 20 {
		t.Fatalf("only %d uses were found", len(u.asked))
	}
	for key, where := range u.asked {
		if !english.Has(key) {
			t.Errorf("%s asks for %q, which no language has", where, key)
		}
	}
	for _, key := range bases(english) {
		used := u.literals[key] || slices.ContainsFunc(prefixesOf(key), func(p string) bool { return u.prefixes[p] })
		if !used {
			t.Errorf("nobody uses %s", key)
		}
	}
}

// prefixesOf "a.b.c" are "a." and "a.b.".
func prefixesOf(key string) []string {
	var out []string
	for i, c := range key {
		if c == '.' {
			out = append(out, key[:i+1])
		}
	}
	return out
}

// code reads a Go file.
func (u uses) code(path string) error {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			if s, ok := literal(n); ok {
				u.literals[s] = true
			}
		case *ast.BinaryExpr:
			if s, ok := literal(n.X); ok && n.Op == token.ADD && strings.HasSuffix(s, ".") {
				u.prefixes[s] = true
			}
		case *ast.CallExpr:
			method, ok := n.Fun.(*ast.SelectorExpr)
			at := map[string]int{"Tr": 0, "HTML": 0, "TrN": 1}
			if !ok {
				return true
			}
			i, ok := at[method.Sel.Name]
			if !ok || i >= len(n.Args) {
				return true
			}
			// gin has an HTML method too, whose first argument is a status.
			if s, ok := literal(n.Args[i]); ok {
				u.asked[s] = files.Position(n.Pos()).String()
			}
		}
		return true
	})
	return nil
}

func literal(n ast.Node) (string, bool) {
	l, ok := n.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(l.Value)
	return s, err == nil
}

// template reads a template.
func (u uses) template(path string) error {
	src, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	tree := parse.New(path)
	tree.Mode = parse.SkipFuncCheck
	trees := map[string]*parse.Tree{}
	if _, err := tree.Parse(string(src), "", "", trees); err != nil {
		return err
	}
	for _, t := range trees {
		u.node(path, t.Root)
	}
	return nil
}

func (u uses) node(path string, n parse.Node) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, c := range n.Nodes {
				u.node(path, c)
			}
		}
	case *parse.ActionNode:
		u.node(path, n.Pipe)
	case *parse.IfNode:
		u.branch(path, &n.BranchNode)
	case *parse.RangeNode:
		u.branch(path, &n.BranchNode)
	case *parse.WithNode:
		u.branch(path, &n.BranchNode)
	case *parse.TemplateNode:
		u.node(path, n.Pipe)
	case *parse.PipeNode:
		if n != nil {
			for _, c := range n.Cmds {
				u.command(path, c)
			}
		}
	}
}

func (u uses) branch(path string, n *parse.BranchNode) {
	u.node(path, n.Pipe)
	u.node(path, n.List)
	u.node(path, n.ElseList)
}

// command looks at one call: tr "key", trn 5 "key", tr (print "prefix." .Word).
func (u uses) command(path string, n *parse.CommandNode) {
	for _, arg := range n.Args {
		u.node(path, arg)
	}
	name, ok := n.Args[0].(*parse.IdentifierNode)
	if !ok {
		return
	}
	for i, arg := range n.Args[1:] {
		s, ok := arg.(*parse.StringNode)
		if !ok {
			continue
		}
		switch name.Ident {
		case "tr", "trh", "trn":
			if i == map[string]int{"trn": 1}[name.Ident] {
				u.asked[s.Text] = path
				u.literals[s.Text] = true
			}
		case "print":
			if i == 0 && strings.HasSuffix(s.Text, ".") {
				u.prefixes[s.Text] = true
			}
		}
	}
}
