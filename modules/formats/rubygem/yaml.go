package rubygem

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"

	"ingot.dev/modules/archive"
	"ingot.dev/modules/fault"
)

// Bounds of the YAML of a gem.
const (
	maxYAML  = 4 << 20 // bytes
	maxMarks = 250_000 // characters that can begin a value
	maxTexts = 256 << 10
	maxItems = 2000 // of a list or map that is read
	maxDepth = 40
)

// classes are the tags that a specification may have: those that clients build
// objects of, under all the names they ever had, and Ruby's words for symbols
// and strings. Nothing is built of them here.
var classes = map[string]bool{
	"Gem::Specification": true, "Gem::Version": true, "Gem::Version::Requirement": true, "Gem::Requirement": true,
	"Gem::Dependency": true, "Gem::Platform": true, "Time": true, "Date": true, "YAML::Syck::DefaultKey": true,
}

// badYAML is the refusal of what a specification says.
func badYAML(format string, args ...any) error {
	return fault.New(fault.Unprocessable, "the specification in the gem's metadata.gz "+format, args...)
}

// parseYAML reads the one document of a text. Its aliases are not followed.
func parseYAML(text []byte) (*yaml.Node, error) {
	// The parser makes a node of some 200 bytes of whatever one of these begins.
	marks := 0
	for _, c := range text {
		if strings.IndexByte("\n,-?:[{", c) >= 0 {
			marks++
		}
	}
	if marks > maxMarks {
		return nil, fault.New(fault.TooLarge, "the metadata of the gem has more than %d lines and signs; has it too many files?", maxMarks)
	}
	var document yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&document); err != nil {
		return nil, fault.Wrap(fault.Unprocessable, err, "the metadata of the gem is no YAML: %.200v", err)
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, badYAML("is followed by something else")
	}
	root := &document
	if root.Kind == yaml.DocumentNode && len(root.Content) == 1 {
		root = root.Content[0]
	}
	return root, checkNodes(root, breaks.Split(strings.TrimPrefix(string(text), "\uFEFF"), -1), 0)
}

// checkNodes refuses tags that no gem needs: some make a client build objects
// that run what they are given. Incident 19 (CVE-2019-8324 and its kin). And it
// refuses what clients read in another way. lines are those of the text.
func checkNodes(n *yaml.Node, lines []string, depth int) error {
	if depth > maxDepth {
		return badYAML("is nested deeper than %d levels", maxDepth)
	}
	if !allowed(n.Tag) {
		return badYAML("has the tag %.60q in line %d, which no gem needs", n.Tag, n.Line)
	}
	if what := misread(n, lines); what != "" {
		return badYAML("has, in line %d, %s", n.Line, what)
	}
	for _, child := range n.Content {
		if err := checkNodes(child, lines, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// allowed tells whether a value may have a tag: YAML's own, written out or
// not, or one of Ruby's.
func allowed(tag string) bool {
	if own, ok := strings.CutPrefix(tag, "!ruby/"); ok {
		class, ok := strings.CutPrefix(own, "object:")
		return ok && classes[class] || own == "sym" || own == "symbol" || own == "string"
	}
	switch strings.TrimPrefix(tag, "!!") {
	case "", "!", "str", "int", "float", "bool", "null", "seq", "map", "timestamp", "merge":
		return true
	}
	return false
}

// reader takes values out of nodes. The first thing that is wrong is kept, and
// from then on everything is empty.
type reader struct {
	err  error
	left int // bytes of text that may still be taken: aliases can repeat it
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = badYAML(format, args...)
	}
}

// follow gives what an alias stands for.
func follow(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias // an anchor, never an alias itself
	}
	return n
}

// absent tells whether there is no value.
func absent(n *yaml.Node) bool {
	return n == nil || n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// fields gives the members of a map by their keys; nil where there is none.
func (r *reader) fields(what string, n *yaml.Node) map[string]*yaml.Node {
	if n = follow(n); absent(n) {
		return nil
	}
	if n.Kind != yaml.MappingNode || len(n.Content) > 2*maxItems {
		r.fail("has a %s that is no map, or too long a one", what)
		return nil
	}
	m := make(map[string]*yaml.Node, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := follow(n.Content[i])
		if _, twice := m[key.Value]; twice {
			r.fail("has %.60q twice in its %s", key.Value, what)
			return nil
		}
		m[key.Value] = n.Content[i+1]
	}
	return m
}

// items gives the values of a list; nil where there is none.
func (r *reader) items(what string, n *yaml.Node) []*yaml.Node {
	if n = follow(n); absent(n) {
		return nil
	}
	if n.Kind != yaml.SequenceNode || len(n.Content) > maxItems {
		r.fail("has a %s that is no list, or too long a one", what)
		return nil
	}
	return n.Content
}

// raw gives a single value as it is written, empty where there is none.
func (r *reader) raw(what string, n *yaml.Node) string {
	if n = follow(n); absent(n) {
		return ""
	}
	if n.Kind != yaml.ScalarNode {
		r.fail("has a %s that is no text", what)
		return ""
	}
	if r.left -= len(n.Value) + 1; r.left < 0 {
		r.fail("has more than %d bytes of text", maxTexts)
	}
	if r.err != nil {
		return ""
	}
	return n.Value
}

// text is raw in a form that every database and page takes.
func (r *reader) text(what string, n *yaml.Node) string {
	return archive.Text(r.raw(what, n))
}

// texts gives a list of texts. One text alone is taken for a list of it.
func (r *reader) texts(what string, n *yaml.Node) []string {
	if n = follow(n); n != nil && n.Kind == yaml.ScalarNode {
		if s := r.text(what, n); s != "" {
			return []string{s}
		}
		return nil
	}
	var list []string
	for _, item := range r.items(what, n) {
		if s := r.text(what, item); s != "" {
			list = append(list, s)
		}
	}
	return list
}
