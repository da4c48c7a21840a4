// Package i18n speaks the reader's language: texts with plural forms, numbers,
// sizes, dates and relative times. A language is one INI file; nothing in the
// code knows which languages there are.
package i18n

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// fallback is the language of readers whose own is not among the files.
const fallback = "en"

// Catalogue holds every language. It is read-only after Load and safe for
// concurrent use.
type Catalogue struct {
	locales []*Locale
	matcher language.Matcher
}

// Load reads every locale/locale_<code>.ini of fsys. There must be an English
// one: it comes first and is what unknown languages get.
func Load(fsys fs.FS) (*Catalogue, error) {
	names, err := fs.Glob(fsys, "locale/locale_*.ini")
	if err != nil {
		return nil, fmt.Errorf("i18n: %w", err)
	}
	c := &Catalogue{}
	for _, name := range names {
		src, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("i18n: %w", err)
		}
		code := strings.TrimSuffix(strings.TrimPrefix(path.Base(name), "locale_"), ".ini")
		l, err := parse(code, src)
		if err != nil {
			return nil, fmt.Errorf("i18n: %s: %w", name, err)
		}
		c.locales = append(c.locales, l)
	}
	i := slices.IndexFunc(c.locales, func(l *Locale) bool { return l.code == fallback })
	if i < 0 {
		return nil, fmt.Errorf("i18n: locale_%s.ini is missing", fallback)
	}
	first := c.locales[i]
	c.locales = slices.Insert(slices.Delete(c.locales, i, i+1), 0, first)

	tags := make([]language.Tag, len(c.locales))
	for i, l := range c.locales {
		tags[i] = l.tag
	}
	c.matcher = language.NewMatcher(tags)
	return c, nil
}

// Locales lists the languages, English first, the rest by code.
func (c *Catalogue) Locales() []*Locale { return slices.Clone(c.locales) }

// Match picks the language of a reader: the one set by hand where setting is
// the code of a language we have, else the best for the Accept-Language
// header (RFC 9110, 12.5.4), else English. Both may be empty or nonsense.
func (c *Catalogue) Match(acceptLanguage, setting string) *Locale {
	for _, l := range c.locales {
		if l.code == setting {
			return l
		}
	}
	wanted, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil {
		return c.locales[0]
	}
	_, i, _ := c.matcher.Match(wanted...)
	return c.locales[i]
}
