// Package templates holds the pages' templates with the functions they call,
// and the built style sheet, script and icons.
package templates

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"

	"ingot.dev/modules/i18n"
)

//go:embed */*.tmpl
var sources embed.FS

//go:embed assets/dist assets/icons
var assets embed.FS

// Assets gives the files to be served below /assets/. Their names change with
// their content, so that they may be cached for ever.
func Assets() fs.FS {
	dist, err := fs.Sub(assets, "assets/dist")
	if err != nil {
		panic(err) // the name is a constant
	}
	return dist
}

// Set holds every page in every language. It is safe for concurrent use.
type Set struct {
	pages map[string]map[string]*template.Template // by language, by name
}

// Parse reads all templates. The folder base holds what pages share, every
// other file is a page that defines "content" and is called by its folder and
// name: "package/version". Since each language has its own copy, no template
// has to hand the reader's language on. Relative times relate to now.
func Parse(c *i18n.Catalogue, now func() time.Time) (*Set, error) {
	return parse(c, now, sources)
}

func parse(c *i18n.Catalogue, now func() time.Time, fsys fs.FS) (*Set, error) {
	shared, err := fs.Glob(fsys, "base/*.tmpl")
	if err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	files, err := fs.Glob(fsys, "*/*.tmpl")
	if err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	dress, err := newDress(assets)
	if err != nil {
		return nil, fmt.Errorf("templates: %w", err)
	}
	s := &Set{pages: map[string]map[string]*template.Template{}}
	for _, l := range c.Locales() {
		frame, err := template.New("").Option("missingkey=error").Funcs(funcs(c, l, now, dress)).ParseFS(fsys, shared...)
		if err != nil {
			return nil, fmt.Errorf("templates: %w", err)
		}
		pages := map[string]*template.Template{}
		for _, file := range files {
			if path.Dir(file) == "base" {
				continue
			}
			page, err := template.Must(frame.Clone()).ParseFS(fsys, file)
			if err != nil {
				return nil, fmt.Errorf("templates: %w", err)
			}
			if page.Lookup("content") == nil {
				return nil, fmt.Errorf("templates: %s does not define \"content\"", file)
			}
			pages[strings.TrimSuffix(file, ".tmpl")] = page
		}
		s.pages[l.Code()] = pages
	}
	return s, nil
}

// Render writes a page in language l. Data is a struct that embeds Page.
// Nothing is written unless the whole page could be made.
func (s *Set) Render(w io.Writer, l *i18n.Locale, page string, data any) error {
	t, ok := s.pages[l.Code()][page]
	if !ok {
		return fmt.Errorf("templates: there is no page %q in %q", page, l.Code())
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, "layout", data); err != nil {
		return fmt.Errorf("templates: %s: %w", page, err)
	}
	_, err := b.WriteTo(w)
	return err
}
