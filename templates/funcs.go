package templates

import (
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"net/url"
	"path"
	"reflect"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ingot.dev/modules/i18n"
)

// dress is what is read from the assets once for all languages.
type dress struct {
	manifest map[string]string        // name to fingerprinted name
	icons    map[string]template.HTML // name to drawing
}

func newDress(fsys fs.FS) (*dress, error) {
	d := &dress{icons: map[string]template.HTML{}}
	list, err := fs.ReadFile(fsys, "assets/dist/manifest.json")
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(list, &d.manifest); err != nil {
		return nil, fmt.Errorf("manifest.json: %w", err)
	}
	files, err := fs.Glob(fsys, "assets/icons/*.svg")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		drawing, err := fs.ReadFile(fsys, file)
		if err != nil {
			return nil, err
		}
		const plain, dressed = `<svg xmlns="http://www.w3.org/2000/svg" `, `<svg class="icon" aria-hidden="true" `
		d.icons[strings.TrimSuffix(path.Base(file), ".svg")] = template.HTML(strings.Replace(string(drawing), plain, dressed, 1))
	}
	return d, nil
}

// funcs are the functions of the templates, bound to one language.
func funcs(c *i18n.Catalogue, l *i18n.Locale, now func() time.Time, d *dress) template.FuncMap {
	return template.FuncMap{
		// Texts. trh takes HTML among its arguments, see i18n.Locale.HTML.
		"tr":  l.Tr,
		"trh": l.HTML,
		"trn": func(n any, key string, args ...any) (string, error) { return counted(l, n, key, args) },

		// Amounts and times.
		"num":     func(n any) (string, error) { i, err := integer(n); return l.Number(i), err },
		"size":    func(n any) (string, error) { i, err := integer(n); return l.Size(i), err },
		"percent": l.Percent,
		"ago":     func(t time.Time) template.HTML { return moment(l, t, l.Ago(t, now())) },
		"date":    func(t time.Time) template.HTML { return moment(l, t, l.Date(t)) },

		// Addresses.
		"url":   join,
		"link":  link,
		"asset": d.asset,

		// Small drawings and shortenings.
		"icon":     d.icon,
		"initials": initials,
		"short":    short,
		"brief":    Brief,

		// The reader's language and the choice of them.
		"lang":      l.Code,
		"languages": func() []language { return languages(c, l) },
	}
}

// language is one of the choices at the bottom of the page.
type language struct {
	Code, Name string
	Active     bool
}

func languages(c *i18n.Catalogue, active *i18n.Locale) []language {
	var out []language
	for _, l := range c.Locales() {
		out = append(out, language{l.Code(), l.Name(), l == active})
	}
	return out
}

// integer takes what templates have: int, int64 and their kin.
func integer(n any) (int64, error) {
	v := reflect.ValueOf(n)
	switch {
	case v.CanInt():
		return v.Int(), nil
	case v.CanUint():
		return int64(v.Uint()), nil
	default:
		return 0, fmt.Errorf("%T is no whole number", n)
	}
}

func counted(l *i18n.Locale, n any, key string, args []any) (string, error) {
	i, err := integer(n)
	return l.TrN(i, key, args...), err
}

// moment writes a time with the exact one in its title.
func moment(l *i18n.Locale, t time.Time, text string) template.HTML {
	return template.HTML(fmt.Sprintf(`<time datetime="%s" title="%s">%s</time>`,
		t.UTC().Format(time.RFC3339), template.HTMLEscapeString(l.Exact(t)), template.HTMLEscapeString(text)))
}

// join makes a path of segments, each of which is escaped as a whole.
func join(segments ...string) string {
	var b strings.Builder
	for _, s := range segments {
		b.WriteByte('/')
		b.WriteString(url.PathEscape(s))
	}
	return b.String()
}

// link makes a link to be put into a sentence with trh. An address that is
// neither a path nor http is left out: the text stands alone.
func link(href, text string) template.HTML {
	text = template.HTMLEscapeString(text)
	local := strings.HasPrefix(href, "/") && !strings.HasPrefix(href, "//")
	if !local && !strings.HasPrefix(href, "https://") && !strings.HasPrefix(href, "http://") {
		return template.HTML(text)
	}
	return template.HTML(`<a href="` + template.HTMLEscapeString(href) + `">` + text + `</a>`)
}

func (d *dress) asset(name string) (string, error) {
	file, ok := d.manifest[name]
	if !ok {
		return "", fmt.Errorf("there is no asset %q", name)
	}
	return "/assets/" + file, nil
}

func (d *dress) icon(name string) (template.HTML, error) {
	drawing, ok := d.icons[name]
	if !ok {
		return "", fmt.Errorf("there is no icon %q", name)
	}
	return drawing, nil
}

// initials gives the two letters that stand for an account: of the first two
// words of its full name, else the first two of its alias.
func initials(a *Account) string {
	words := strings.FieldsFunc(a.Title, func(r rune) bool { return !unicode.IsLetter(r) })
	if len(words) >= 2 {
		first, _ := utf8.DecodeRuneInString(words[0])
		second, _ := utf8.DecodeRuneInString(words[1])
		return strings.ToUpper(string([]rune{first, second}))
	}
	name := []rune(a.Name)
	return strings.ToUpper(string(name[:min(2, len(name))]))
}

// short shows a digest by its two ends, and a commit by its first seven digits.
func short(hex string) string {
	switch {
	case len(hex) <= 12:
		return hex
	case len(hex) == 40:
		return hex[:7]
	default:
		return hex[:8] + "…" + hex[len(hex)-4:]
	}
}

// Brief shows a digest that is written with its algorithm by its two ends, and
// any other name as it is.
func Brief(name string) string {
	algorithm, hex, ok := strings.Cut(name, ":")
	if !ok || algorithm == "" || len(hex) < 32 || strings.Trim(hex, "0123456789abcdef") != "" {
		return name
	}
	return algorithm + ":" + hex[:8] + "…" + hex[len(hex)-4:]
}
