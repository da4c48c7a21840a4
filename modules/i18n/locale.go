package i18n

import (
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"gopkg.in/ini.v1"
)

// forms are the suffixes of a key that has plural forms, as CLDR names them.
var forms = [...]string{
	plural.Other: "other", plural.Zero: "zero", plural.One: "one",
	plural.Two: "two", plural.Few: "few", plural.Many: "many",
}

// Locale is one language. It is read-only and safe for concurrent use.
//
// A text may hold places for arguments, {0} {1} and so on, and {n} for the
// number of a text with plural forms. What is put in is written as the
// language writes it: integers are grouped, a time.Time becomes a date,
// anything else is as fmt.Sprint has it.
type Locale struct {
	code   string
	tag    language.Tag
	texts  map[string]string
	months []string
}

// parse reads the file of one language. A key is the section's name, a dot
// and the name in the section.
func parse(code string, src []byte) (*Locale, error) {
	tag, err := language.Parse(code)
	if err != nil {
		return nil, fmt.Errorf("%q is no language: %w", code, err)
	}
	file, err := ini.LoadSources(ini.LoadOptions{
		AllowShadows:               true,
		AllowDuplicateShadowValues: true,
		IgnoreContinuation:         true,
		IgnoreInlineComment:        true,
		KeyValueDelimiters:         "=",
	}, src)
	if err != nil {
		return nil, err
	}
	l := &Locale{code: code, tag: tag, texts: map[string]string{}}
	for _, section := range file.Sections() {
		for _, key := range section.Keys() {
			name := section.Name() + "." + key.Name()
			if len(key.ValueWithShadows()) > 1 {
				return nil, fmt.Errorf("%s stands twice", name)
			}
			if l.texts[name] = key.Value(); l.texts[name] == "" {
				return nil, fmt.Errorf("%s is empty", name)
			}
		}
	}
	if l.months = strings.Fields(l.texts["format.months"]); len(l.months) != 12 {
		return nil, fmt.Errorf("format.months needs twelve words, there are %d", len(l.months))
	}
	return l, nil
}

// Code gives the language's BCP 47 code, as the html element's lang wants it.
func (l *Locale) Code() string { return l.code }

// Name gives the language's name in that language.
func (l *Locale) Name() string { return l.Tr("language.name") }

// Keys lists all keys in order. A text with plural forms counts once for each
// form: "packages.count.one", "packages.count.other".
func (l *Locale) Keys() []string { return slices.Sorted(maps.Keys(l.texts)) }

// Has tells whether key is a text, or a text with plural forms.
func (l *Locale) Has(key string) bool {
	_, plain := l.texts[key]
	_, counted := l.texts[key+".other"]
	return plain || counted
}

// Tr gives the text of key with the arguments put in. A key that is not in
// the file is given back itself: a page with one odd word is better than none.
func (l *Locale) Tr(key string, args ...any) string {
	text, ok := l.texts[key]
	if !ok {
		return key
	}
	return expand(text, func(place string) (string, bool) { return l.argument(place, args) })
}

// TrN gives the form of key's text that fits n things.
func (l *Locale) TrN(n int64, key string, args ...any) string {
	return expand(l.form(n, key), func(place string) (string, bool) {
		if place == "n" {
			return l.Number(n), true
		}
		return l.argument(place, args)
	})
}

// HTML is Tr for a sentence with markup in it: an argument that is a
// template.HTML is put in as it is, all the rest is escaped, the text too.
func (l *Locale) HTML(key string, args ...any) template.HTML {
	text, ok := l.texts[key]
	if !ok {
		text = key
	}
	return template.HTML(expand(template.HTMLEscapeString(text), func(place string) (string, bool) {
		if i, err := strconv.Atoi(place); err == nil && i >= 0 && i < len(args) {
			if raw, ok := args[i].(template.HTML); ok {
				return string(raw), true
			}
		}
		s, ok := l.argument(place, args)
		return template.HTMLEscapeString(s), ok
	}))
}

// form gives the text for n things, the key itself where there is none.
func (l *Locale) form(n int64, key string) string {
	// No language's rule looks further than the last six digits and whether
	// there are more, and that much fits an int everywhere.
	i := int(n % 1_000_000)
	if i = max(i, -i); n >= 1_000_000 || n <= -1_000_000 {
		i += 1_000_000
	}
	form := plural.Cardinal.MatchPlural(l.tag, i, 0, 0, 0, 0)
	for _, f := range []plural.Form{form, plural.Other} {
		if text, ok := l.texts[key+"."+forms[f]]; ok {
			return text
		}
	}
	return key
}

// argument writes the argument that a place asks for.
func (l *Locale) argument(place string, args []any) (string, bool) {
	i, err := strconv.Atoi(place)
	if err != nil || i < 0 || i >= len(args) {
		return "", false
	}
	switch v := args[i].(type) {
	case string:
		return v, true
	case int:
		return l.Number(int64(v)), true
	case int64:
		return l.Number(v), true
	case time.Time:
		return l.Date(v), true
	default:
		return fmt.Sprint(v), true
	}
}

// expand replaces each {place} that value knows and leaves the others alone.
// What is put in is not looked at again.
func expand(text string, value func(place string) (string, bool)) string {
	if !strings.Contains(text, "{") {
		return text
	}
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		place, after, closed := strings.Cut(rest, "}")
		if s, known := value(place); closed && known {
			b.WriteString(s)
			text = after
		} else {
			b.WriteByte('{')
			text = rest
		}
	}
}
