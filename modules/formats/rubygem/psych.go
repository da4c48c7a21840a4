package rubygem

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// What clients read is what Ruby makes of a specification, by its own reader of
// YAML, Psych. Where that reads something else than stands in the nodes the
// gem is refused: one that calls itself another to its clients is installed in
// the place of that. Incident 7.

// foreign are the plain scalars that Psych takes for something else than a text
// (psych/scalar_scanner.rb): nothing, truths, symbols, dates and numbers, those
// of base 60 too. What else the YAML of Go takes for one is none either.
var foreign = regexp.MustCompile(`(?is)^(` + strings.Join([]string{
	``, `~`, `null`, `yes`, `true`, `on`, `no`, `false`, `off`, `:.*`,
	`-?\d{4}-\d{1,2}-\d{1,2}([t\s].*)?`,
	`[-+]?\.(inf|nan)`,
	`[-+]?\d[\d_]*(:[0-5]?\d){1,2}(\.[\d_]*)?`,
	`[-+]?(\d[\d_,]*)?\.\d*(e[-+]\d+)?`,
	`[-+]?\d[\d_,]*`,
	`[-+]?0b[01_,]+`,
	`[-+]?0x[\da-f_,]+`,
}, "|") + `)$`)

// breaks are the ends of lines.
var breaks = regexp.MustCompile("\r\n|[\r\n\u0085\u2028\u2029]")

// maxColumn is where a plain null or symbol may begin. Further on it would be
// long to look for it.
const maxColumn = 1000

// plain tells whether a scalar has neither quotes nor a tag.
func plain(n *yaml.Node) bool { return n.Style == 0 }

// null tells whether a text is that of no value.
func null(text string) bool { return text == "" || text == "~" || strings.EqualFold(text, "null") }

// misread tells what Psych takes for something else than the nodes say,
// wherever it stands; empty where there is nothing.
func misread(n *yaml.Node, lines []string) string {
	switch {
	case n.Kind == yaml.MappingNode:
		for i := 0; i < len(n.Content); i += 2 {
			// Psych merges the value of a key << with quotes and tags too.
			if key := follow(n.Content[i]); key.Kind != yaml.ScalarNode || key.Value == "<<" {
				return `a key that is << or no text, which no gem needs`
			}
		}
	case n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" && !null(n.Value):
		return "a null that says something"
	case n.Kind == yaml.ScalarNode && plain(n) && (null(n.Value) || n.Value[0] == ':') && !bare(n, lines):
		return "a null or a symbol with an anchor or a tag, which no gem needs"
	}
	return ""
}

// bare tells whether a plain scalar stands alone. With a ! before it, which no
// node tells, it is a text to Psych.
func bare(n *yaml.Node, lines []string) bool {
	if n.Anchor != "" || n.Line < 1 || n.Line > len(lines) || n.Column > maxColumn {
		return false
	}
	rest, column := lines[n.Line-1], 1
	for at := range rest {
		if column == n.Column {
			rest = rest[at:]
			break
		}
		column++
	}
	return column == n.Column && strings.HasPrefix(rest, n.Value) && !strings.HasPrefix(rest, "!")
}

// word gives a text that Ruby takes for one too: 1.10 without quotes is 1.1 to
// it, and yes is true.
func (r *reader) word(what string, n *yaml.Node) string {
	if n = follow(n); absent(n) {
		return ""
	}
	if n.Kind == yaml.ScalarNode && (n.Tag != "!!str" && n.Tag != "!ruby/string" || plain(n) && foreign.MatchString(n.Value)) {
		r.fail("has a %s, %.60q, that is no text to Ruby but a number or the like; it needs quotes", what, n.Value)
	}
	return r.raw(what, n)
}

// symbol gives the name of a symbol.
func (r *reader) symbol(what string, n *yaml.Node) string {
	n = follow(n)
	text := r.raw(what, n)
	if name, ok := strings.CutPrefix(text, ":"); ok && plain(n) {
		return name
	}
	if n.Tag != "!ruby/sym" && n.Tag != "!ruby/symbol" {
		r.fail("has a %s, %.60q, that is no symbol", what, text)
	}
	return text
}

// object gives the members of a map that Ruby makes an object of one of some
// classes of.
func (r *reader) object(what string, n *yaml.Node, classes ...string) map[string]*yaml.Node {
	if n = follow(n); !absent(n) && !slices.Contains(classes, strings.TrimPrefix(n.Tag, "!ruby/object:")) {
		r.fail("has a %s that is no %s", what, classes[0])
		return nil
	}
	return r.fields(what, n)
}
